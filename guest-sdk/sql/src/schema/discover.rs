//! What the catalogue says of a table, as a model. Planned again, it changes nothing.

use std::collections::BTreeSet;

use tenon_sdk::{
    Error, Generation, Index, Model, Property, PropertyType, Reference, Result, SortKey, Value,
};

use super::native::NativeType;
use super::settings::{ColumnSettings, ReferenceSettings, TableSettings};
use crate::{DescribedColumn, DescribedReference, Description, SchemaDialect};

/// The model of a table or view: it has the collection's name, and a property its column's.
///
/// # Errors
/// `invalid` where the primary key has more columns than a model's can have.
pub(super) fn model(
    collection: &str,
    table: &Description,
    dialect: &impl SchemaDialect,
) -> Result<Model> {
    let key = key_of(table);
    let mut properties = Vec::new();
    for (place, column) in (1_usize..).zip(&table.columns) {
        let in_key = key.iter().position(|name| **name == column.name);
        let in_key = match in_key.map(|place| u8::try_from(place + 1)) {
            None => None,
            Some(Ok(place)) => Some(place),
            Some(Err(_)) => {
                return Err(Error::invalid(format!(
                    "the key of `{collection}` has more columns than a model's key can have"
                )));
            }
        };
        properties.push(property(column, place, in_key, dialect));
    }
    let names = Names {
        table,
        properties: &properties,
    };
    let mut taken = BTreeSet::new();
    let indexes = table
        .indexes
        .iter()
        .filter(|index| !index.special && !index.columns.is_empty())
        .map(|index| Index {
            name: free_name(&index.name, &mut taken),
            properties: index
                .columns
                .iter()
                .map(|(column, descending)| SortKey {
                    property: names.property(column),
                    path: Vec::new(),
                    descending: *descending,
                })
                .collect(),
            unique: index.unique,
            settings: None,
        })
        .collect();
    let mut taken = BTreeSet::new();
    let references = table.references.iter().map(|reference| Reference {
        name: free_name(&reference.name, &mut taken),
        ..names.reference(reference)
    });
    Ok(Model {
        name: collection.to_owned(),
        collection: Some(collection.to_owned()),
        indexes,
        references: references.collect(),
        properties,
        strict: true,
        settings: TableSettings {
            keyless: key.is_empty(),
        }
        .to_text(),
    })
}

/// The name, or where another has it, with a number behind it: some backends don't tell the names of all.
fn free_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name));
    let name = free.unwrap_or_else(|| name.to_owned());
    taken.insert(name.clone());
    name
}

/// The primary key's columns; for a table without one, those of the first unique index that is never null.
fn key_of(table: &Description) -> Vec<&String> {
    if !table.key.is_empty() {
        return table.key.iter().collect();
    }
    let never_null = |name: &String| {
        let mut columns = table.columns.iter();
        columns.any(|column| column.name == *name && !column.nullable)
    };
    let mut unique: Vec<_> = table
        .indexes
        .iter()
        .filter(|index| index.unique && !index.special && !index.columns.is_empty())
        .filter(|index| index.columns.iter().all(|(name, _)| never_null(name)))
        .collect();
    unique.sort_by_key(|index| index.columns.len());
    match unique.first() {
        Some(index) => index.columns.iter().map(|(name, _)| name).collect(),
        None => Vec::new(),
    }
}

fn property(
    column: &DescribedColumn,
    place: usize,
    key: Option<u8>,
    dialect: &impl SchemaDialect,
) -> Property {
    let mut kind = match column.labels.as_slice() {
        [] => dialect.property_type(&column.native_type),
        _ => PropertyType::Text,
    };
    // These have no order, and can be a key only as a value like any.
    if key.is_some() && matches!(kind, PropertyType::Json | PropertyType::Point) {
        kind = PropertyType::Any;
    }
    let mut settings = ColumnSettings {
        collation: column.collation.clone(),
        labels: column.labels.clone(),
        ..ColumnSettings::default()
    };
    let literal = match (column.generated, &column.default) {
        (Generation::Always, _) | (_, None) => None,
        (_, Some(expression)) => dialect.literal_value(expression),
    };
    let is_null = literal == Some(super::Literal::Null);
    let value: Option<Value> = literal.and_then(|literal| literal.value(kind));
    let generated = match (column.generated, &column.default) {
        (Generation::Always, _) => Generation::Always,
        (_, Some(_)) if value.is_some() || is_null => Generation::Never,
        (_, Some(_)) => Generation::WhenMissing,
        (generated, None) => generated,
    };
    if value.is_none() && !is_null {
        let expression = column.default.clone();
        match generated {
            Generation::Always => settings.expression = expression,
            _ => settings.default = expression,
        }
    }
    let native = NativeType::parse(&column.native_type);
    let (length, scale) = sizes(kind, &native);
    let name = match column.name.trim() {
        "" => format!("column {place}"),
        _ => column.name.clone(),
    };
    Property {
        name,
        kind,
        column: Some(column.name.clone()),
        native_type: Some(column.native_type.clone()),
        key,
        generated,
        required: !column.nullable || key.is_some(),
        length,
        scale,
        default_value: value,
        settings: settings.to_text(),
    }
}

/// The lengths that a type says, where they count what a property's length counts.
fn sizes(kind: PropertyType, native: &NativeType) -> (Option<u32>, Option<u8>) {
    match kind {
        PropertyType::Text if native.name.contains("char") && native.suffix.is_empty() => {
            (native.length().filter(|length| *length > 0), None)
        }
        PropertyType::Bytes if native.name.contains("binary") => {
            (native.length().filter(|length| *length > 0), None)
        }
        PropertyType::Decimal => match (native.length(), native.scale()) {
            (Some(digits), Some(scale)) if u32::from(scale) <= digits && digits > 0 => {
                (Some(digits), Some(scale))
            }
            _ => (None, None),
        },
        _ => (None, None),
    }
}

/// The names of a table's properties by its columns.
struct Names<'a> {
    table: &'a Description,
    properties: &'a [Property],
}

impl Names<'_> {
    fn property(&self, column: &str) -> String {
        let place = self
            .table
            .columns
            .iter()
            .position(|each| each.name == column);
        match place.and_then(|place| self.properties.get(place)) {
            Some(property) => property.name.clone(),
            None => column.to_owned(),
        }
    }

    fn reference(&self, reference: &DescribedReference) -> Reference {
        let settings = ReferenceSettings {
            on_delete: reference.on_delete.clone(),
            on_update: reference.on_update.clone(),
        };
        Reference {
            name: reference.name.clone(),
            properties: reference
                .columns
                .iter()
                .map(|column| self.property(column))
                .collect(),
            model: reference.table.to_string(),
            targets: reference.targets.clone(),
            settings: settings.to_text(),
        }
    }
}
