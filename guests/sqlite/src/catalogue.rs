//! What the file says of its tables.
//!
//! SQLite keeps the text of `CREATE TABLE` and answers questions about it with pragmas, which are tables too.

use rusqlite::{Connection, Row};
use tenon_sdk::{Generation, Result};
use tenon_sql::{
    DescribedColumn, DescribedIndex, DescribedReference, Description, TableKind, TableName,
};

use crate::error::OrFail;

/// The schema of the file's own tables.
const MAIN: &str = "main";

/// The tables and views that a user would call their own, by their names.
pub(crate) fn tables(connection: &Connection) -> Result<Vec<(TableName, TableKind)>> {
    let text = "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') \
                AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    list(connection, text, &[], |row| {
        let name = TableName::new(row.get::<_, String>(0)?);
        Ok((name, kind(&row.get::<_, String>(1)?)))
    })
}

fn kind(text: &str) -> TableKind {
    if text == "view" {
        TableKind::View
    } else {
        TableKind::Table
    }
}

/// What there is to say of a table; none where there is no such table.
pub(crate) fn describe(connection: &Connection, name: &TableName) -> Result<Option<Description>> {
    if name.schema.as_deref().is_some_and(|schema| schema != MAIN) {
        return Ok(None);
    }
    // As the catalogue has its name: SQLite finds it in upper and lower case.
    let text = "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower(?1)";
    let found = list(connection, text, &[&name.name], |row| {
        Ok((
            row.get::<_, String>(0)?,
            kind(&row.get::<_, String>(1)?),
            row.get::<_, bool>(2)?,
        ))
    })?;
    let Some((table, kind, without_row_id)) = found.into_iter().next() else {
        return Ok(None);
    };
    let parts = parts(connection, &table)?;
    let indexes = index_list(connection, &table)?;
    let mut key: Vec<(i64, String)> = parts
        .iter()
        .filter(|part| part.key > 0)
        .map(|part| (part.key, part.name.clone()))
        .collect();
    key.sort_unstable();
    // Such a column is the row's own number: SQLite makes one where none is given.
    let is_row_id = |part: &Part| {
        key.len() == 1
            && part.key > 0
            && part.native_type.eq_ignore_ascii_case("INTEGER")
            && !without_row_id
            && !indexes.iter().any(|index| index.origin == "pk")
    };
    let mut columns = Vec::new();
    for part in &parts {
        let collation = collation(connection, kind, &table, &part.name)?;
        let generated = match part.hidden {
            2 | 3 => Generation::Always,
            _ if is_row_id(part) => Generation::WhenMissing,
            _ if part.default.as_deref().is_some_and(is_computed) => Generation::WhenMissing,
            _ => Generation::Never,
        };
        columns.push(DescribedColumn {
            name: part.name.clone(),
            native_type: part.native_type.clone(),
            labels: Vec::new(),
            collation,
            nullable: !part.not_null && part.key == 0,
            default: part.default.clone(),
            generated,
        });
    }
    let mut described = Vec::new();
    for index in indexes.iter().filter(|index| index.origin != "pk") {
        described.push(self::index(connection, index, &columns)?);
    }
    described.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Some(Description {
        atomic: true,
        references: references(connection, &table)?,
        name: TableName::new(table),
        kind,
        columns,
        key: key.into_iter().map(|(_, name)| name).collect(),
        key_name: None,
        indexes: described,
    }))
}

/// A column, as `table_xinfo` has it.
struct Part {
    name: String,
    native_type: String,
    not_null: bool,
    default: Option<String>,
    /// Its place in the primary key, from 1; or 0.
    key: i64,
    hidden: i64,
}

fn parts(connection: &Connection, table: &str) -> Result<Vec<Part>> {
    let text = "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1, 'main') \
                WHERE hidden <> 1 ORDER BY cid";
    list(connection, text, &[table], |row| {
        Ok(Part {
            name: row.get(0)?,
            native_type: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            key: row.get(4)?,
            hidden: row.get(5)?,
        })
    })
}

/// Whether a default is more than a value: an expression, or the time.
fn is_computed(default: &str) -> bool {
    let text = default.trim();
    text.starts_with('(') && text.trim_matches(['(', ')', ' ']).parse::<f64>().is_err()
        || ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word))
}

/// What a column's text is compared by, where that isn't its bytes.
fn collation(
    connection: &Connection,
    kind: TableKind,
    table: &str,
    column: &str,
) -> Result<Option<String>> {
    if kind == TableKind::View {
        return Ok(None);
    }
    let (_, collation, ..) = connection
        .column_metadata(Some(MAIN), table, column)
        .or_fail()?;
    let collation = collation.map(|name| name.to_string_lossy().into_owned());
    Ok(collation.filter(|name| !name.eq_ignore_ascii_case("BINARY")))
}

/// An index, as `index_list` has it.
struct ListedIndex {
    name: String,
    unique: bool,
    /// `c` of CREATE INDEX, `u` of UNIQUE, `pk`.
    origin: String,
    partial: bool,
}

fn index_list(connection: &Connection, table: &str) -> Result<Vec<ListedIndex>> {
    let text = "SELECT name, \"unique\", origin, partial FROM pragma_index_list(?1, 'main')";
    list(connection, text, &[table], |row| {
        Ok(ListedIndex {
            name: row.get(0)?,
            unique: row.get(1)?,
            origin: row.get(2)?,
            partial: row.get(3)?,
        })
    })
}

fn index(
    connection: &Connection,
    listed: &ListedIndex,
    columns: &[DescribedColumn],
) -> Result<DescribedIndex> {
    let text = "SELECT name, \"desc\", coll FROM pragma_index_xinfo(?1, 'main') WHERE key = 1 ORDER BY seqno";
    let parts = list(connection, text, &[&listed.name], |row| {
        Ok((
            row.get::<_, Option<String>>(0)?,
            row.get::<_, bool>(1)?,
            row.get::<_, Option<String>>(2)?,
        ))
    })?;
    let mut special = listed.partial;
    let mut named = Vec::new();
    for (name, descending, collation) in parts {
        let Some(name) = name else {
            // An expression.
            special = true;
            continue;
        };
        let own = columns
            .iter()
            .find(|column| column.name == name)
            .and_then(|column| column.collation.as_deref())
            .unwrap_or("BINARY");
        special |= !collation
            .as_deref()
            .unwrap_or("BINARY")
            .eq_ignore_ascii_case(own);
        named.push((name, descending));
    }
    Ok(DescribedIndex {
        name: listed.name.clone(),
        columns: named,
        unique: listed.unique,
        constraint: listed.origin == "u",
        special,
    })
}

fn references(connection: &Connection, table: &str) -> Result<Vec<DescribedReference>> {
    let text = "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?1, 'main') \
                ORDER BY id, seq";
    let parts = list(connection, text, &[table], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, Option<String>>(3)?,
            row.get::<_, String>(4)?,
            row.get::<_, String>(5)?,
        ))
    })?;
    let mut references: Vec<(i64, DescribedReference)> = Vec::new();
    for (id, target, from, to, on_update, on_delete) in parts {
        if references.last().is_none_or(|(last, _)| *last != id) {
            let reference = DescribedReference {
                name: String::new(),
                columns: Vec::new(),
                table: TableName::new(target),
                targets: Vec::new(),
                on_delete: action(&on_delete),
                on_update: action(&on_update),
            };
            references.push((id, reference));
        }
        if let Some((_, reference)) = references.last_mut() {
            reference.columns.push(from);
            reference.targets.extend(to);
        }
    }
    let mut references: Vec<_> = references.into_iter().map(|(_, one)| one).collect();
    for reference in &mut references {
        // SQLite doesn't tell the names of constraints.
        reference.name = format!("{table}_{}_fkey", reference.columns.join("_"));
        if reference.targets.is_empty() {
            // Without columns it is the other table's primary key.
            let mut key: Vec<_> = parts_of_key(connection, &reference.table.name)?;
            key.sort_unstable();
            reference.targets = key.into_iter().map(|(_, name)| name).collect();
        }
    }
    references.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(references)
}

fn parts_of_key(connection: &Connection, table: &str) -> Result<Vec<(i64, String)>> {
    let parts = parts(connection, table)?;
    Ok(parts
        .into_iter()
        .filter(|part| part.key > 0)
        .map(|part| (part.key, part.name))
        .collect())
}

fn action(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    (text != "no action" && text != "none").then_some(text)
}

/// The rows of a question about the file.
fn list<R>(
    connection: &Connection,
    text: &str,
    parameters: &[&str],
    read: impl Fn(&Row<'_>) -> rusqlite::Result<R>,
) -> Result<Vec<R>> {
    let mut statement = connection.prepare_cached(text).or_fail()?;
    let mut rows = statement
        .query(rusqlite::params_from_iter(parameters))
        .or_fail()?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().or_fail()? {
        found.push(read(row).or_fail()?);
    }
    Ok(found)
}
