//! Queries as statements.

use tenon_model::{Filter, SortKey};
use tenon_sdk::{Done, Error, Query, Result};

use crate::filter::where_clause;
use crate::{Column, Dialect, Part, ResultColumn, Statement, Table, Writer};

/// A query's statement, and what it does of the query.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The statement.
    pub statement: Statement,
    /// What its rows have in them.
    pub columns: Vec<ResultColumn>,
    /// What is done of the query by it.
    pub done: Done,
}

impl Selection {
    /// The statement of a query: as much of it as is exact.
    ///
    /// # Errors
    /// `invalid` where the filter is not well formed, or the model has no properties.
    pub fn new(table: &Table, dialect: &dyn Dialect, query: &Query) -> Result<Self> {
        let filter = Filter::from_nodes(&query.filter)?;
        let (columns, mut done) = wanted(table, &query.fields)?;
        let mut sql = Writer::new(dialect);
        read(table, &columns, &mut sql);
        let whole = where_clause(table, &filter, &mut sql) == Part::Whole;
        if whole {
            done |= Done::FILTER;
        }
        // Nearest first is the runtime's, which knows the key that breaks its ties.
        let ordered = if query.order.is_empty() {
            filter.near().is_none()
        } else {
            order_by(table, &query.order, &mut sql)
        };
        if ordered {
            done |= Done::ORDER;
        }
        if whole && ordered {
            dialect.page(query.limit, query.offset, &mut sql);
            done |= Done::PAGING;
        }
        Ok(Self {
            statement: sql.finish(),
            columns: columns.into_iter().map(Column::result).collect(),
            done,
        })
    }
}

/// Appends `SELECT … FROM …`.
pub(crate) fn read(table: &Table, columns: &[&Column], sql: &mut Writer<'_>) {
    let dialect = sql.dialect();
    sql.push("SELECT ");
    sql.list(columns, ", ", |sql, column| dialect.read(column, sql));
    sql.push(" FROM ");
    sql.table(&table.name);
}

/// The columns of the fields, and whether they are no others.
fn wanted<'a>(table: &'a Table, fields: &[String]) -> Result<(Vec<&'a Column>, Done)> {
    let columns: Vec<&Column> = table
        .columns
        .iter()
        .filter(|column| fields.is_empty() || fields.contains(&column.property))
        .collect();
    if !columns.is_empty() {
        return Ok((columns, Done::FIELDS));
    }
    if table.columns.is_empty() {
        return Err(Error::invalid(format!(
            "the model `{}` has no properties, and a table has columns; declare one",
            table.model.name
        )));
    }
    Ok((table.columns.iter().collect(), Done::default()))
}

/// Appends `ORDER BY`; nothing where a part of it can't be exact.
pub(crate) fn order_by(table: &Table, order: &[SortKey], sql: &mut Writer<'_>) -> bool {
    let dialect = sql.dialect();
    let mark = sql.mark();
    sql.push(" ORDER BY ");
    for (place, key) in order.iter().enumerate() {
        let column = table.column(&key.property);
        let Some(column) =
            column.filter(|column| key.path.is_empty() && dialect.fidelity(column).order)
        else {
            sql.reset(mark);
            return false;
        };
        if place > 0 {
            sql.push(", ");
        }
        dialect.exact(column, sql);
        direction(key.descending, column.required, sql);
    }
    true
}

/// Appends the direction of an order: nulls come first, and last where it is descending.
pub(crate) fn direction(descending: bool, never_null: bool, sql: &mut Writer<'_>) {
    if descending {
        sql.push(" DESC");
    }
    if !never_null && !sql.dialect().sorts_nulls_first() {
        sql.push(if descending {
            " NULLS LAST"
        } else {
            " NULLS FIRST"
        });
    }
}
