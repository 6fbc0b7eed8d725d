//! Statements that write records.

use tenon_model::Filter;
use tenon_sdk::{Entity, Error, Generation, Key, Result, Value};

use crate::filter::where_clause;
use crate::fit::fit;
use crate::{Column, Equality, Fit, Part, Table, Writer};

/// A property's value on its way into a column.
#[derive(Clone, Debug)]
pub(crate) struct Written<'t> {
    /// Where it goes.
    pub column: &'t Column,
    /// What goes there.
    pub value: Value,
}

/// What is written of a record, in the order of the table's columns. What the backend makes for itself is left out.
pub(crate) fn written<'t>(table: &'t Table, data: &Entity) -> Result<Vec<Written<'t>>> {
    for (name, _) in data.iter() {
        if table.column(name).is_none() {
            return Err(Error::invalid(format!(
                "the model `{}` has no property `{name}`",
                table.model.name
            ))
            .detail("property", name));
        }
    }
    let mut written = Vec::with_capacity(data.len());
    for (place, column) in table.columns.iter().enumerate() {
        let Some(value) = data.get(&column.property) else {
            continue;
        };
        let is_made = match column.generated {
            Generation::Never => false,
            Generation::WhenMissing => {
                value.is_null() && (column.required || table.key.contains(&place))
            }
            Generation::Always => true,
        };
        if !is_made {
            written.push(Written {
                column,
                value: value.clone(),
            });
        }
    }
    Ok(written)
}

/// Appends `INSERT INTO … VALUES …` for records that all have these columns.
pub(crate) fn insert(
    table: &Table,
    rows: Vec<Vec<Written<'_>>>,
    sql: &mut Writer<'_>,
) -> Result<()> {
    let dialect = sql.dialect();
    sql.push("INSERT INTO ");
    sql.table(&table.name);
    let Some(first) = rows.first().filter(|first| !first.is_empty()) else {
        dialect.default_values(sql);
        return Ok(());
    };
    sql.push(" (");
    sql.list(first, ", ", |sql, written| sql.column(written.column));
    sql.push(") VALUES ");
    for (place, row) in rows.into_iter().enumerate() {
        sql.push(if place > 0 { ", (" } else { "(" });
        for (place, written) in row.into_iter().enumerate() {
            if place > 0 {
                sql.push(", ");
            }
            dialect.stored(written.column, written.value, sql)?;
        }
        sql.push(")");
    }
    Ok(())
}

/// Appends `UPDATE … SET …`.
pub(crate) fn update(table: &Table, data: Vec<Written<'_>>, sql: &mut Writer<'_>) -> Result<()> {
    sql.push("UPDATE ");
    sql.table(&table.name);
    sql.push(" SET ");
    for (place, written) in data.into_iter().enumerate() {
        if place > 0 {
            sql.push(", ");
        }
        sql.column(written.column);
        sql.push(" = ");
        sql.dialect().stored(written.column, written.value, sql)?;
    }
    Ok(())
}

/// Appends `DELETE FROM …`.
pub(crate) fn delete(table: &Table, sql: &mut Writer<'_>) {
    sql.push("DELETE FROM ");
    sql.table(&table.name);
}

/// Appends `RETURNING` with all columns.
pub(crate) fn returning(table: &Table, sql: &mut Writer<'_>) {
    let dialect = sql.dialect();
    sql.push(" RETURNING ");
    sql.list(&table.columns, ", ", |sql, column| {
        dialect.read(column, sql)
    });
}

/// Appends `WHERE` with a filter's conditions.
///
/// # Errors
/// `unsupported` where a part of it can't be exact.
pub(crate) fn where_whole(table: &Table, filter: &Filter, sql: &mut Writer<'_>) -> Result<()> {
    if where_clause(table, filter, sql) == Part::Whole {
        return Ok(());
    }
    Err(Error::unsupported(format!(
        "a part of the filter on `{}` can't be done exactly in the database's SQL",
        table.model.name
    )))
}

/// Appends `WHERE` with a record's key.
///
/// # Errors
/// `invalid` where it is no key of the model's.
pub(crate) fn where_key(table: &Table, key: &Key, sql: &mut Writer<'_>) -> Result<()> {
    let columns: Vec<&Column> = table.key_columns().collect();
    if columns.is_empty() {
        return Err(Error::unsupported(format!(
            "the model `{}` has no key to find a record by",
            table.model.name
        )));
    }
    let values = key.values();
    if columns.len() != values.len() {
        return Err(Error::invalid(format!(
            "the key of `{}` has {} values; {} are here",
            table.model.name,
            columns.len(),
            values.len()
        )));
    }
    sql.push(" WHERE ");
    let pairs = columns.into_iter().zip(values);
    for (place, (column, value)) in pairs.enumerate() {
        if place > 0 {
            sql.push(" AND ");
        }
        is_key(column, value, sql)?;
    }
    Ok(())
}

/// Appends that a column of a key has a value. A key is found in whatever type, by the backend's own equality where no
/// exact one is known.
pub(crate) fn is_key(column: &Column, value: &Value, sql: &mut Writer<'_>) -> Result<()> {
    let dialect = sql.dialect();
    if value.is_null() {
        sql.push("FALSE");
        return Ok(());
    }
    let known = dialect.fidelity(column).equal != Equality::Unknown;
    let fitted = match fit(column.kind, value) {
        Fit::Value(value) if known => dialect.fit(column, value),
        Fit::Value(_) => Fit::Unknown,
        other => other,
    };
    match fitted {
        Fit::Value(value) => dialect.equal(column, value, sql),
        Fit::Unknown => {
            sql.column(column);
            sql.push(" = ");
            dialect.stored(column, value.clone(), sql)?;
        }
        Fit::Below | Fit::Above | Fit::Apart | Fit::Unequal => sql.push("FALSE"),
    }
    Ok(())
}

/// The key that a record has; none where a part of it is missing.
pub(crate) fn key_of(table: &Table, record: &Entity) -> Option<Key> {
    let values = table.key_columns().map(|column| {
        let value = record.get(&column.property);
        value.filter(|value| !value.is_null()).cloned()
    });
    let values = values.collect::<Option<Vec<_>>>()?;
    (!values.is_empty()).then(|| Key::composite(values))
}

/// Refuses a change of a record's key.
pub(crate) fn refuse_key_change(table: &Table, data: &Entity) -> Result<()> {
    let mut columns = table.key_columns();
    match columns.find(|column| data.get(&column.property).is_some()) {
        None => Ok(()),
        Some(column) => Err(Error::invalid(format!(
            "`{}` is in the key of `{}`, and a record's key stays as it is",
            column.property, table.model.name
        ))
        .detail("property", &column.property)),
    }
}
