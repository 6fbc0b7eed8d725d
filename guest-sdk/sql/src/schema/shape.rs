//! A table as it is to be, or is: what both a model and a catalogue say of it, in one form that can be compared and
//! written down.

use tenon_sdk::{Error, Generation, Property, Result, Value};

use super::literal::{Literal, same};
use super::settings::ColumnSettings;
use crate::{DescribedColumn, SchemaDialect, TableName};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableShape {
    /// Its name.
    pub name: TableName,
    /// In their order.
    pub columns: Vec<ColumnShape>,
    /// The primary key's columns, in the key's order.
    pub key: Vec<String>,
    /// Unique constraints that stand in the table's definition and not beside it.
    pub unique: Vec<Vec<String>>,
    /// Foreign keys that stand in the table's definition.
    pub references: Vec<ReferenceShape>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// Its type.
    pub native_type: String,
    /// What its text is compared by, as the backend names it; none means nothing is said of it.
    pub collation: Option<String>,
    /// It may be null.
    pub nullable: bool,
    /// Where values come from that are not given.
    pub source: ColumnSource,
}

/// Where a column's values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnSource {
    /// From whoever writes, and null otherwise.
    Given,
    /// From this expression, where none is given.
    Default(String),
    /// Counted up by the backend, where none is given.
    Identity,
    /// Counted up by the backend, and never given.
    IdentityAlways,
    /// Computed from other columns by this expression, and never given.
    Computed(String),
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexShape {
    /// Its name in the backend.
    pub name: String,
    /// Its columns, and whether each is descending.
    pub columns: Vec<(String, bool)>,
    /// No two records have the same values.
    pub unique: bool,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceShape {
    /// Its name in the backend.
    pub name: String,
    /// This table's columns.
    pub columns: Vec<String>,
    /// The other table.
    pub table: TableName,
    /// The other table's columns.
    pub targets: Vec<String>,
    /// `cascade` and so on; none for `no action`.
    pub on_delete: Option<String>,
    /// As `on_delete`.
    pub on_update: Option<String>,
}

impl ColumnShape {
    /// A column as the catalogue describes it.
    pub fn described(column: &DescribedColumn) -> Self {
        let source = match (column.generated, &column.default) {
            (Generation::Always, Some(expression)) => ColumnSource::Computed(expression.clone()),
            (Generation::Always, None) => ColumnSource::IdentityAlways,
            (Generation::WhenMissing, None) => ColumnSource::Identity,
            (_, Some(expression)) => ColumnSource::Default(expression.clone()),
            (Generation::Never, None) => ColumnSource::Given,
        };
        Self {
            name: column.name.clone(),
            native_type: column.native_type.clone(),
            collation: column.collation.clone(),
            nullable: column.nullable,
            source,
        }
    }

    /// The column that a property asks for. What the one that is there has already, and the property says nothing
    /// against, stays as it is.
    ///
    /// # Errors
    /// `invalid` where the backend can have no such column.
    pub fn wanted(
        property: &Property,
        indexed: bool,
        there: Option<&Self>,
        dialect: &impl SchemaDialect,
    ) -> Result<Self> {
        let settings = ColumnSettings::of(property)?;
        let native_type = wanted_type(property, indexed, there, dialect)?;
        let same_type = there.is_some_and(|there| there.native_type == native_type);
        let collation = match (&settings.collation, there) {
            (Some(collation), _) => Some(collation.clone()),
            (None, Some(there)) if same_type => there.collation.clone(),
            _ => dialect.exact_collation(property.kind, &native_type),
        };
        let source = wanted_source(property, &settings, &native_type, there, dialect)?;
        let is_computed = matches!(source, ColumnSource::Computed(_));
        let nullable = match there {
            Some(there) if is_computed => there.nullable,
            _ => !property.required && property.key.is_none(),
        };
        Ok(Self {
            name: match there {
                Some(there) => there.name.clone(),
                None => column_name(property).to_owned(),
            },
            native_type,
            collation,
            nullable,
            source,
        })
    }
}

/// The name of a property's column.
pub fn column_name(property: &Property) -> &str {
    property.column.as_ref().unwrap_or(&property.name)
}

fn wanted_type(
    property: &Property,
    indexed: bool,
    there: Option<&ColumnShape>,
    dialect: &impl SchemaDialect,
) -> Result<String> {
    let wanted = if indexed {
        dialect.indexed_type(property)?
    } else {
        dialect.native_type(property)?
    };
    let Some(there) = there else {
        return Ok(wanted);
    };
    let is = dialect.canonical_type(&there.native_type);
    let suits = is == dialect.canonical_type(&wanted)
        || (property.native_type.is_none() && dialect.suits(property, indexed, &there.native_type));
    Ok(if suits {
        there.native_type.clone()
    } else {
        wanted
    })
}

fn wanted_source(
    property: &Property,
    settings: &ColumnSettings,
    native_type: &str,
    there: Option<&ColumnShape>,
    dialect: &impl SchemaDialect,
) -> Result<ColumnSource> {
    let is = there.map_or(&ColumnSource::Given, |there| &there.source);
    if let (Some(expression), None | Some(ColumnSource::Given)) =
        (&settings.expression, there.map(|there| &there.source))
    {
        return Ok(ColumnSource::Computed(expression.clone()));
    }
    if let (Some(expression), ColumnSource::Given) = (&settings.default, is) {
        return Ok(ColumnSource::Default(expression.clone()));
    }
    match property.generated {
        Generation::Never => match &property.default_value {
            None | Some(Value::Null) => Ok(is.clone()),
            Some(value) => {
                let there = match is {
                    ColumnSource::Given => None,
                    ColumnSource::Default(expression) => dialect
                        .literal_value(expression)
                        .and_then(|literal: Literal| literal.value(property.kind)),
                    // What the backend makes goes before.
                    _ => return Ok(is.clone()),
                };
                if there.is_some_and(|there| same(&there, value)) {
                    return Ok(is.clone());
                }
                let literal = dialect.literal(value, native_type).map_err(|error| {
                    error.context(format!("the default of `{}`", property.name))
                })?;
                // The runtime fills it in, and so the table needs not know.
                Ok(literal.map_or_else(|| is.clone(), ColumnSource::Default))
            }
        },
        _ if *is != ColumnSource::Given => Ok(is.clone()),
        generated => {
            let source = dialect.generator(property, native_type);
            match (source, generated, there) {
                (Some(ColumnSource::Identity), Generation::Always, _) => {
                    Ok(ColumnSource::IdentityAlways)
                }
                (Some(source), Generation::WhenMissing, _) => Ok(source),
                // A trigger may be behind it.
                (_, _, Some(_)) => Ok(is.clone()),
                (_, generated, None) => Err(Error::invalid(format!(
                    "`{}` is generated ({}), and {} makes no values of the type `{native_type}` by itself: say how in \
                     the property's settings, as an SQL expression under `{}`",
                    property.name,
                    generated.name(),
                    dialect.name(),
                    if generated == Generation::Always {
                        "expression"
                    } else {
                        "default"
                    }
                ))),
            }
        }
    }
}
