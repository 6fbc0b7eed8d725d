//! Records out of a statement's rows.

use tenon_sdk::{Entity, Error, Property, PropertyType, Result, Value};

use crate::{Column, Driver, ResultColumn, SchemaDialect, Statement, Table};

/// How all of a table's columns are read.
pub(crate) fn result_columns(table: &Table) -> Vec<ResultColumn> {
    table.columns.iter().map(Column::result).collect()
}

/// A row of all of a table's columns as a record.
pub(crate) fn record(table: &Table, row: Vec<Value>) -> Entity {
    let names = table.columns.iter().map(|column| column.property.clone());
    names.zip(row).collect()
}

/// A column of the result that no property stands for.
///
/// # Errors
/// `invalid` where the backend has no type for it.
pub(crate) fn computed(
    dialect: &impl SchemaDialect,
    name: impl Into<String>,
    kind: PropertyType,
) -> Result<ResultColumn> {
    let property = Property {
        name: name.into(),
        kind,
        column: None,
        native_type: None,
        key: None,
        generated: tenon_sdk::Generation::Never,
        required: false,
        length: None,
        scale: None,
        default_value: None,
        settings: None,
    };
    Ok(ResultColumn {
        native_type: dialect.native_type(&property)?,
        name: property.name,
        kind,
    })
}

/// The one whole number that a statement answers with.
pub(crate) fn number<D: Driver>(driver: &mut D, statement: &Statement) -> Result<Option<i64>> {
    let column = computed(driver.dialect(), "", PropertyType::Integer)?;
    let rows = driver.fetch(statement, std::slice::from_ref(&column))?;
    match rows.into_iter().next().map(|row| row.into_iter().next()) {
        None => Ok(None),
        Some(Some(Value::Integer(number))) => Ok(Some(number)),
        Some(_) => Err(Error::backend(
            "a number was asked for, and something else came",
        )),
    }
}
