//! Making values, and naming what they are.

use crate::contract::{GeoPoint, OtherValue, Value};

impl Value {
    /// Whether it is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The contract's name for its case.
    pub const fn case_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Float(_) => "float",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Timestamp(_) => "timestamp",
            Self::Point(_) => "point",
            Self::Json(_) => "json",
            Self::Other(_) => "other",
        }
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, where it is one of 64 bits.
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, where it is a float.
    pub const fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $case:ident),+ $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$case(value.into())
            }
        })+
    };
}

value_from! {
    bool => Boolean,
    i32 => Integer,
    u32 => Integer,
    i64 => Integer,
    &str => Text,
    String => Text,
    Vec<u8> => Bytes,
    GeoPoint => Point,
}

impl From<f64> for Value {
    /// What isn't finite travels as `other`, in the words of Rust and of most backends: `NaN`, `inf`, `-inf`.
    fn from(float: f64) -> Self {
        if float.is_finite() {
            Self::Float(float)
        } else {
            Self::Other(OtherValue {
                kind: "float".to_owned(),
                text: float.to_string(),
            })
        }
    }
}

impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
