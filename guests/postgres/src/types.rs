//! The server's types: what their values become, and how they travel.

use std::rc::Rc;

use tenon_sdk::PropertyType;

/// How a type's values are read and written. All others are texts in the server's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Boolean,
    SmallInteger,
    Integer,
    BigInteger,
    /// 32 bits without a sign.
    Oid,
    Real,
    Double,
    Numeric,
    /// Also enumerations, names and fixed lengths.
    Text,
    Json,
    Bytes,
    /// With or without a zone: the session's is UTC.
    Timestamp,
    Date,
    /// Without a zone.
    Time,
    Uuid,
    Point,
    /// Of any elements.
    Array,
    Other,
}

impl Codec {
    /// Whether values travel in binary; the others are text.
    pub(crate) const fn is_binary(self) -> bool {
        matches!(
            self,
            Self::Boolean
                | Self::SmallInteger
                | Self::Integer
                | Self::BigInteger
                | Self::Oid
                | Self::Real
                | Self::Double
                | Self::Bytes
                | Self::Timestamp
                | Self::Point
        )
    }

    /// The kind of property that the values are of.
    pub(crate) const fn kind(self) -> Option<PropertyType> {
        Some(match self {
            Self::Boolean => PropertyType::Boolean,
            Self::SmallInteger | Self::Integer | Self::BigInteger | Self::Oid => {
                PropertyType::Integer
            }
            Self::Real | Self::Double => PropertyType::Float,
            Self::Numeric => PropertyType::Decimal,
            Self::Text => PropertyType::Text,
            Self::Json | Self::Array => PropertyType::Json,
            Self::Bytes => PropertyType::Bytes,
            Self::Timestamp => PropertyType::Timestamp,
            Self::Date => PropertyType::Date,
            Self::Time => PropertyType::Time,
            Self::Uuid => PropertyType::Uuid,
            Self::Point => PropertyType::Point,
            Self::Other => return None,
        })
    }
}

/// A type of the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) codec: Codec,
    /// An array's elements'.
    pub(crate) element: Option<Codec>,
    /// As `format_type` has it.
    pub(crate) name: Rc<str>,
}

impl Type {
    /// A type that every server has under this number.
    pub(crate) fn built_in(oid: u32) -> Option<Self> {
        if let Some((codec, name)) = base(oid) {
            return Some(Self {
                codec,
                element: None,
                name: name.into(),
            });
        }
        let (element, name) = base(element(oid)?)?;
        Some(Self {
            codec: Codec::Array,
            element: Some(element),
            name: format!("{name}[]").into(),
        })
    }

    /// A type as the catalogue describes it: its name, category, sort, and its elements' codec where it is an array.
    pub(crate) fn described(
        name: &str,
        category: &str,
        sort: &str,
        element: Option<Codec>,
    ) -> Self {
        let codec = match (category, sort) {
            ("A", _) => Codec::Array,
            ("S", _) | (_, "e") => Codec::Text,
            _ => Codec::Other,
        };
        Self {
            codec,
            element,
            name: name.into(),
        }
    }
}

/// From `pg_type.dat`: numbers that never change.
fn base(oid: u32) -> Option<(Codec, &'static str)> {
    Some(match oid {
        16 => (Codec::Boolean, "boolean"),
        17 => (Codec::Bytes, "bytea"),
        18 => (Codec::Text, "\"char\""),
        19 => (Codec::Text, "name"),
        20 => (Codec::BigInteger, "bigint"),
        21 => (Codec::SmallInteger, "smallint"),
        23 => (Codec::Integer, "integer"),
        25 => (Codec::Text, "text"),
        26 => (Codec::Oid, "oid"),
        114 | 3802 => (Codec::Json, if oid == 114 { "json" } else { "jsonb" }),
        600 => (Codec::Point, "point"),
        700 => (Codec::Real, "real"),
        701 => (Codec::Double, "double precision"),
        705 => (Codec::Text, "unknown"),
        1042 => (Codec::Text, "character"),
        1043 => (Codec::Text, "character varying"),
        1082 => (Codec::Date, "date"),
        1083 => (Codec::Time, "time without time zone"),
        1114 => (Codec::Timestamp, "timestamp without time zone"),
        1184 => (Codec::Timestamp, "timestamp with time zone"),
        1700 => (Codec::Numeric, "numeric"),
        2950 => (Codec::Uuid, "uuid"),
        142 => (Codec::Other, "xml"),
        650 => (Codec::Other, "cidr"),
        790 => (Codec::Other, "money"),
        829 => (Codec::Other, "macaddr"),
        869 => (Codec::Other, "inet"),
        1186 => (Codec::Other, "interval"),
        1266 => (Codec::Other, "time with time zone"),
        1560 => (Codec::Other, "bit"),
        1562 => (Codec::Other, "bit varying"),
        2249 => (Codec::Other, "record"),
        2278 => (Codec::Other, "void"),
        3614 => (Codec::Other, "tsvector"),
        3904 => (Codec::Other, "int4range"),
        3906 => (Codec::Other, "numrange"),
        3908 => (Codec::Other, "tsrange"),
        3910 => (Codec::Other, "tstzrange"),
        3912 => (Codec::Other, "daterange"),
        3926 => (Codec::Other, "int8range"),
        _ => return None,
    })
}

/// What a built-in array has in it.
fn element(oid: u32) -> Option<u32> {
    Some(match oid {
        1000 => 16,
        1001 => 17,
        1002 => 18,
        1003 => 19,
        1016 => 20,
        1005 => 21,
        1007 => 23,
        1009 => 25,
        1028 => 26,
        199 => 114,
        3807 => 3802,
        1017 => 600,
        1021 => 700,
        1022 => 701,
        1014 => 1042,
        1015 => 1043,
        1182 => 1082,
        1183 => 1083,
        1115 => 1114,
        1185 => 1184,
        1231 => 1700,
        2951 => 2950,
        1187 => 1186,
        1041 => 869,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_arrays_know_their_elements() {
        let array = Type::built_in(1007).unwrap();
        assert_eq!(array.codec, Codec::Array);
        assert_eq!(array.element, Some(Codec::Integer));
        assert_eq!(&*array.name, "integer[]");
        assert_eq!(Type::built_in(99_999), None);
    }

    #[test]
    fn types_of_the_database_are_texts_where_they_are() {
        let codec = |category, sort| Type::described("t", category, sort, None).codec;
        assert_eq!(codec("E", "e"), Codec::Text);
        assert_eq!(codec("S", "b"), Codec::Text);
        assert_eq!(codec("A", "b"), Codec::Array);
        assert_eq!(codec("U", "b"), Codec::Other);
    }
}
