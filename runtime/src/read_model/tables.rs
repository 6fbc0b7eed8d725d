//! What tables and changes of their documents look like.

use tenon_model::{PropertyType, Value};

use crate::bindings::exports::tenon::connector::read_model as wit;

/// A table of a read model: its first index is its unique key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    name: String,
    indexes: Vec<(String, IndexKind)>,
    fields: Vec<String>,
}

/// What an indexed field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IndexKind {
    /// Text.
    Text,
    /// Any number.
    Number,
}

impl Table {
    /// A table with its unique key.
    pub fn new(name: impl Into<String>, key: impl Into<String>, kind: IndexKind) -> Self {
        Self {
            name: name.into(),
            indexes: vec![(key.into(), kind)],
            fields: Vec::new(),
        }
    }

    /// The same table with one more index.
    #[must_use]
    pub fn index(mut self, field: impl Into<String>, kind: IndexKind) -> Self {
        self.indexes.push((field.into(), kind));
        self
    }

    /// The same table with one more field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.fields.push(field.into());
        self
    }

    pub(super) fn into_contract(self) -> wit::Table {
        let index = |(field, kind)| wit::TableIndex {
            field,
            kind: match kind {
                IndexKind::Text => PropertyType::Text,
                IndexKind::Number => PropertyType::Decimal,
            },
        };
        wit::Table {
            name: self.name,
            indexes: self.indexes.into_iter().map(index).collect(),
            fields: self.fields,
        }
    }
}

/// One change of a document, at a field or inside its value. A path's steps after the field are names of members,
/// or indexes of elements.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Sets the value there, making what is missing on the way.
    Set(Vec<String>, Value),
    /// Removes what is there; nothing to remove is no error.
    Unset(Vec<String>),
    /// Adds to a number, or appends to a text.
    Increment(Vec<String>, Value),
}

impl Edit {
    /// Sets the value at a path such as `address.city`.
    pub fn set(path: &str, value: impl Into<Value>) -> Self {
        Self::Set(steps(path), value.into())
    }

    /// Removes what is at a path.
    pub fn unset(path: &str) -> Self {
        Self::Unset(steps(path))
    }

    /// Adds to the number at a path, or appends to the text there.
    pub fn increment(path: &str, by: impl Into<Value>) -> Self {
        Self::Increment(steps(path), by.into())
    }

    pub(super) fn into_contract(self) -> wit::Edit {
        match self {
            Self::Set(path, value) => wit::Edit::Set((path, value)),
            Self::Unset(path) => wit::Edit::Unset(path),
            Self::Increment(path, by) => wit::Edit::Increment((path, by)),
        }
    }
}

fn steps(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}
