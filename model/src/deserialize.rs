//! Records as serde's deserializer sees them, with the relations that were loaded, without a detour through JSON.

use serde::Deserializer;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Error as _, IntoDeserializer, Visitor};
use serde_json::{Error, Value as Json};

use crate::contract::Value;
use crate::decimal::Decimal;
use crate::entity::{Entity, Related};
use crate::time::format_timestamp;

/// A record as a map of its properties and loaded relations.
#[derive(Clone, Copy)]
pub(crate) struct RecordDeserializer<'de>(&'de Entity);

impl<'de> RecordDeserializer<'de> {
    pub(crate) const fn new(record: &'de Entity) -> Self {
        Self(record)
    }
}

impl<'de> Deserializer<'de> for RecordDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let properties = self
            .0
            .iter()
            .map(|(name, value)| (name, Member::Property(Named { name, value })));
        let related = self
            .0
            .relations()
            .map(|(name, related)| (name, Member::Related(RelatedDeserializer(related))));
        visitor.visit_map(MapDeserializer::new(properties.chain(related)))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for RecordDeserializer<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// What a relation leads to: nothing, a record, or a sequence of them.
#[derive(Clone, Copy)]
struct RelatedDeserializer<'de>(&'de Related);

impl<'de> Deserializer<'de> for RelatedDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Related::One(None) => visitor.visit_unit(),
            Related::One(Some(record)) => RecordDeserializer::new(record).deserialize_any(visitor),
            Related::Many(records) => {
                let records = records.iter().map(RecordDeserializer::new);
                visitor.visit_seq(SeqDeserializer::new(records))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Related::One(None) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A property or a loaded relation.
#[derive(Clone, Copy)]
enum Member<'de> {
    Property(Named<'de>),
    Related(RelatedDeserializer<'de>),
}

impl<'de> IntoDeserializer<'de, Error> for Member<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Hands a call on to whichever member it is.
macro_rules! hand_on {
    ($($method:ident($($argument:ident: $type:ty),*))+) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Error> {
            match self {
                Self::Property(property) => property.$method($($argument,)* visitor),
                Self::Related(related) => related.$method($($argument,)* visitor),
            }
        })+
    };
}

impl<'de> Deserializer<'de> for Member<'de> {
    type Error = Error;

    hand_on! {
        deserialize_any() deserialize_bool() deserialize_char() deserialize_str() deserialize_string()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_seq() deserialize_map()
        deserialize_identifier() deserialize_ignored_any()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }
}

/// A property's value, with its name for errors.
#[derive(Clone, Copy)]
struct Named<'de> {
    name: &'de str,
    value: &'de Value,
}

impl<'de> Named<'de> {
    fn error(&self, error: impl std::fmt::Display) -> Error {
        Error::custom(format!("{}: {error}", self.name))
    }

    /// The value in its own form.
    fn plain<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Boolean(boolean) => visitor.visit_bool(*boolean),
            Value::Integer(integer) => visitor.visit_i64(*integer),
            Value::Float(float) => visitor.visit_f64(*float),
            Value::Decimal(text) | Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::Timestamp(micros) => visitor.visit_string(format_timestamp(*micros)),
            Value::Other(other) => visitor.visit_borrowed_str(&other.text),
            Value::Point(_) => self.value.to_json().deserialize_any(visitor),
            Value::Json(text) => serde_json::from_str::<Json>(text)?.deserialize_any(visitor),
        }
    }

    /// The value for a field that wants a number.
    fn number<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Timestamp(micros) => visitor.visit_i64(*micros),
            Value::Decimal(text) => match Decimal::parse(text) {
                Some(decimal) => match decimal.to_integer() {
                    Some(integer) => visitor.visit_i64(integer),
                    None => visitor.visit_f64(decimal.to_float()),
                },
                None => visitor.visit_borrowed_str(text),
            },
            _ => self.plain(visitor),
        }
    }
}

impl<'de> IntoDeserializer<'de, Error> for Named<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! as_number {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.number(visitor).map_err(|error| self.error(error))
        })+
    };
}

impl<'de> Deserializer<'de> for Named<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.plain(visitor).map_err(|error| self.error(error))
    }

    as_number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            // What serde asks for to make a `Vec<u8>`.
            Value::Bytes(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.iter().copied())),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let json = match self.value {
            Value::Json(text) => serde_json::from_str(text).map_err(|error| self.error(error))?,
            value => value.to_json(),
        };
        json.deserialize_enum(name, variants, visitor)
            .map_err(|error| self.error(error))
    }

    serde::forward_to_deserialize_any! {
        bool char str string bytes byte_buf unit unit_struct tuple_struct map struct identifier ignored_any
    }
}
