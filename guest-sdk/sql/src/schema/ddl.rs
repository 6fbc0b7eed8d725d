//! Statements on tables, as far as they are the same everywhere.

use tenon_sdk::Result;

use super::shape::{IndexShape, ReferenceShape, TableShape};
use crate::{Dialect, SchemaDialect, TableName};

/// A name, quoted.
pub fn name<D: Dialect + ?Sized>(dialect: &D, name: &str) -> String {
    let mut out = String::new();
    dialect.quote(name, &mut out);
    out
}

/// A table's name with its schema, quoted.
pub fn table_name<D: Dialect + ?Sized>(dialect: &D, table: &TableName) -> String {
    let mut out = String::new();
    if let Some(schema) = &table.schema {
        dialect.quote(schema, &mut out);
        out.push('.');
    }
    dialect.quote(&table.name, &mut out);
    out
}

/// Names in quotes and between commas.
pub fn names<D: Dialect + ?Sized>(dialect: &D, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|each| name(dialect, each)).collect();
    names.join(", ")
}

/// What makes a table: columns, key, unique constraints and references, each on a line.
pub(crate) fn create_table<D: SchemaDialect + ?Sized>(
    dialect: &D,
    table: &TableShape,
) -> Result<String> {
    let mut lines = Vec::new();
    for column in &table.columns {
        lines.push(dialect.column(column, table)?);
    }
    if !table.key.is_empty() {
        lines.push(format!("PRIMARY KEY ({})", names(dialect, &table.key)));
    }
    push_constraints(dialect, table, &mut lines);
    Ok(definition(dialect, table, &lines))
}

/// The constraints that follow columns and key.
pub(crate) fn push_constraints<D: Dialect + ?Sized>(
    dialect: &D,
    table: &TableShape,
    lines: &mut Vec<String>,
) {
    for columns in &table.unique {
        lines.push(format!("UNIQUE ({})", names(dialect, columns)));
    }
    let references = table.references.iter();
    lines.extend(references.map(|each| reference(dialect, each)));
}

/// A table's definition of these lines.
pub(crate) fn definition<D: Dialect + ?Sized>(
    dialect: &D,
    table: &TableShape,
    lines: &[String],
) -> String {
    format!(
        "CREATE TABLE {} (\n  {}\n)",
        table_name(dialect, &table.name),
        lines.join(",\n  ")
    )
}

/// A foreign key as it stands in a table's definition.
pub fn reference<D: Dialect + ?Sized>(dialect: &D, reference: &ReferenceShape) -> String {
    let mut out = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        name(dialect, &reference.name),
        names(dialect, &reference.columns),
        table_name(dialect, &reference.table),
        names(dialect, &reference.targets)
    );
    for (event, action) in [
        ("DELETE", &reference.on_delete),
        ("UPDATE", &reference.on_update),
    ] {
        if let Some(action) = action {
            out.push_str(&format!(" ON {event} {}", action.to_uppercase()));
        }
    }
    out
}

/// What makes an index.
pub(crate) fn create_index<D: Dialect + ?Sized>(
    dialect: &D,
    table: &TableName,
    index: &IndexShape,
) -> String {
    format!(
        "CREATE {}INDEX {} ON {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        name(dialect, &index.name),
        table_name(dialect, table),
        index_columns(dialect, index)
    )
}

/// An index's columns.
pub(crate) fn index_columns<D: Dialect + ?Sized>(dialect: &D, index: &IndexShape) -> String {
    let columns: Vec<String> = index
        .columns
        .iter()
        .map(|(column, descending)| {
            let order = if *descending { " DESC" } else { "" };
            name(dialect, column) + order
        })
        .collect();
    columns.join(", ")
}

/// `<table>_<name>_<ending>` in at most so many bytes: one that is longer is cut, and told apart by a number made of
/// the whole.
pub fn object_name(table: &str, name: &str, ending: &str, most: usize) -> String {
    let whole = if name.starts_with(&format!("{table}_")) {
        name.to_owned()
    } else {
        format!("{table}_{name}_{ending}")
    };
    if whole.len() <= most {
        return whole;
    }
    // FNV-1a: nobody gains anything by a collision, which the backend would refuse.
    let hash = whole.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = format!("_{hash:016x}");
    let mut end = most.saturating_sub(hash.len());
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{hash}", whole.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_indexes_are_cut_and_stay_different() {
        assert_eq!(
            object_name("orders", "place", "idx", 63),
            "orders_place_idx"
        );
        assert_eq!(
            object_name("orders", "orders_pkey", "idx", 63),
            "orders_pkey"
        );
        let long = "ä".repeat(60);
        let one = object_name(&long, "a", "idx", 63);
        let other = object_name(&long, "b", "idx", 63);
        assert!(one.len() <= 63, "{one}");
        assert_ne!(one, other);
    }
}
