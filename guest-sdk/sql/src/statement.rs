//! A statement on its way to the backend: its text, and its parameters beside it.

use tenon_sdk::{PropertyType, Value};

/// A statement with placeholders, and what stands for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// The text, with a placeholder of the dialect's for each parameter.
    pub text: String,
    /// One for each placeholder, in their order.
    pub parameters: Vec<Parameter>,
}

impl Statement {
    /// A statement without parameters.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            parameters: Vec::new(),
        }
    }
}

/// What stands for a placeholder.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// One value, in the form that the column is stored in.
    Value(Value),
    /// An array, for a dialect that compares with one, so that the statement is the same however many there are.
    List(Vec<Value>),
}

impl From<Value> for Parameter {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

/// A column of a statement's result, and how its values are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultColumn {
    /// The property that it becomes.
    pub name: String,
    /// What the property holds. A value that can't be read so is an error of the backend's, or travels as
    /// [`Value::Other`] where the property is of kind `any`.
    pub kind: PropertyType,
    /// The backend's type, as [`Column::native_type`](crate::Column) has it.
    pub native_type: String,
}
