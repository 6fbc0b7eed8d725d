//! What records have: the model's properties in their order, or those that were asked for.

use tenon_model::{Entity, Model, PropertyType, Value};

/// The most columns that an open model's records may add.
const MAX_ADDED: usize = 1_000;

/// The most names of left-out properties that are remembered, to be named to the user.
const MAX_LEFT_OUT: usize = 20;

/// One property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds; `any` where nothing declares it.
    pub kind: PropertyType,
}

/// The properties of records that are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    columns: Vec<Column>,
    /// Records may have others.
    open: bool,
}

impl Columns {
    /// A model's: all, or these fields of it in their order.
    pub fn of_model(model: &Model, fields: &[String]) -> Self {
        if fields.is_empty() {
            let columns = model.properties.iter();
            return Self {
                columns: columns
                    .map(|property| Column {
                        name: property.name.clone(),
                        kind: property.kind,
                    })
                    .collect(),
                open: !model.strict,
            };
        }
        let kind = |name: &String| {
            model
                .find_property(name)
                .map_or(PropertyType::Any, |property| property.kind)
        };
        Self {
            columns: fields
                .iter()
                .map(|name| Column {
                    name: name.clone(),
                    kind: kind(name),
                })
                .collect(),
            open: false,
        }
    }

    /// Columns of no model's, with their kinds.
    pub fn of<N: Into<String>>(columns: impl IntoIterator<Item = (N, PropertyType)>) -> Self {
        let columns = columns.into_iter().map(|(name, kind)| Column {
            name: name.into(),
            kind,
        });
        Self {
            columns: columns.collect(),
            open: false,
        }
    }

    /// A record's own properties, each of the kind that its value has.
    pub fn of_record(record: &Entity) -> Self {
        let columns = record.iter().map(|(name, value)| Column {
            name: name.to_owned(),
            kind: kind_of(value),
        });
        Self {
            columns: columns.collect(),
            open: false,
        }
    }

    /// The columns, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Column> {
        self.columns.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether records may have properties beside these.
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Takes a record's other properties as columns too.
    pub fn widen(&mut self, record: &Entity) {
        if !self.open {
            return;
        }
        for (name, _) in record.iter() {
            if !self.contains(name) && self.columns.len() < MAX_ADDED {
                self.columns.push(Column {
                    name: name.to_owned(),
                    kind: PropertyType::Any,
                });
            }
        }
    }

    /// The properties of a record that have no column.
    pub fn others<'a>(&'a self, record: &'a Entity) -> impl Iterator<Item = (&'a str, &'a Value)> {
        record.iter().filter(|(name, _)| !self.contains(name))
    }

    fn contains(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// Remembers the properties of a record that have no column.
    pub(super) fn note_left_out(&self, record: &Entity, left_out: &mut Vec<String>) {
        for (name, _) in self.others(record) {
            if left_out.len() < MAX_LEFT_OUT && !left_out.iter().any(|known| known == name) {
                left_out.push(name.to_owned());
            }
        }
    }
}

/// The kind that says what such a value is.
pub const fn kind_of(value: &Value) -> PropertyType {
    match value {
        Value::Boolean(_) => PropertyType::Boolean,
        Value::Integer(_) => PropertyType::Integer,
        Value::Float(_) => PropertyType::Float,
        Value::Text(_) => PropertyType::Text,
        Value::Timestamp(_) => PropertyType::Timestamp,
        Value::Json(_) => PropertyType::Json,
        _ => PropertyType::Any,
    }
}
