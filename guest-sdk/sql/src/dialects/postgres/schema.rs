//! Tables in PostgreSQL.

use tenon_sdk::{Property, PropertyType, Result};

use super::Postgres;
use crate::SchemaDialect;
use crate::schema::NativeType;

/// The longest `character varying` that there is.
const LONGEST_TEXT: u32 = 10_485_760;

/// The most digits that a `numeric` can be declared with.
const MOST_DIGITS: u32 = 1_000;

impl SchemaDialect for Postgres {
    fn native_type(&self, property: &Property) -> Result<String> {
        if let Some(native_type) = &property.native_type {
            return Ok(native_type.clone());
        }
        Ok(match property.kind {
            PropertyType::Text => match property.length {
                Some(length @ 1..=LONGEST_TEXT) => format!("character varying({length})"),
                _ => "text".to_owned(),
            },
            PropertyType::Boolean => "boolean".to_owned(),
            PropertyType::Integer => "bigint".to_owned(),
            PropertyType::Float => "double precision".to_owned(),
            PropertyType::Decimal => match (property.length, property.scale) {
                (Some(digits @ 1..=MOST_DIGITS), Some(scale)) => {
                    format!("numeric({digits},{scale})")
                }
                (None, Some(scale)) => format!("numeric({MOST_DIGITS},{scale})"),
                // Without a scale, `numeric(10)` would round to whole numbers.
                _ => "numeric".to_owned(),
            },
            PropertyType::Timestamp => "timestamp with time zone".to_owned(),
            PropertyType::Date => "date".to_owned(),
            PropertyType::Time => "time without time zone".to_owned(),
            PropertyType::Bytes => "bytea".to_owned(),
            PropertyType::Point => "point".to_owned(),
            PropertyType::Uuid => "uuid".to_owned(),
            PropertyType::Json | PropertyType::Any => "jsonb".to_owned(),
        })
    }

    fn property_type(&self, native_type: &str) -> PropertyType {
        let native = canonical(native_type);
        if native.suffix.ends_with("[]") {
            return PropertyType::Json;
        }
        match native.name.as_str() {
            "text" | "character varying" | "character" | "bpchar" | "name" | "citext"
            | "\"char\"" => PropertyType::Text,
            "boolean" => PropertyType::Boolean,
            "smallint" | "integer" | "bigint" | "oid" => PropertyType::Integer,
            "real" | "double precision" => PropertyType::Float,
            "numeric" => PropertyType::Decimal,
            "timestamp" => PropertyType::Timestamp,
            "date" => PropertyType::Date,
            "time" if native.suffix == "without time zone" => PropertyType::Time,
            "bytea" => PropertyType::Bytes,
            "point" => PropertyType::Point,
            "uuid" => PropertyType::Uuid,
            "json" | "jsonb" => PropertyType::Json,
            _ => PropertyType::Any,
        }
    }

    fn canonical_type(&self, native_type: &str) -> String {
        canonical(native_type).text()
    }
}

/// The type as `format_type` names it.
pub(super) fn canonical(text: &str) -> NativeType {
    let mut native = NativeType::parse(text);
    if let Some(name) = native.name.strip_prefix("pg_catalog.") {
        native.name = name.to_owned();
    }
    // Dimensions and their sizes are declared, and not kept to.
    let mut array = false;
    if let Some(at) = native.suffix.find('[') {
        native.suffix.truncate(at);
        native.suffix.truncate(native.suffix.trim_end().len());
        array = true;
    }
    if let Some(name) = native.name.strip_suffix(" array") {
        native.name = name.to_owned();
        array = true;
    }
    if native.suffix == "array" {
        native.suffix.clear();
        array = true;
    }
    // `timestamptz` is one word, and `timestamp with time zone` is cut where its precision stands.
    for zone in ["with time zone", "without time zone"] {
        if let Some(name) = native.name.strip_suffix(zone) {
            native.name = name.trim_end().to_owned();
            native.suffix = zone.to_owned();
        }
    }
    let name = match native.name.as_str() {
        "int" | "int4" | "serial" | "serial4" => "integer",
        "int8" | "bigserial" | "serial8" => "bigint",
        "int2" | "smallserial" | "serial2" => "smallint",
        "float8" => "double precision",
        "float4" => "real",
        "float" => match native.length() {
            Some(1..=24) => "real",
            _ => "double precision",
        },
        "bool" => "boolean",
        "varchar" | "char varying" => "character varying",
        "char" => "character",
        "decimal" | "dec" => "numeric",
        "varbit" => "bit varying",
        "timestamptz" => {
            native.suffix = "with time zone".to_owned();
            "timestamp"
        }
        "timetz" => {
            native.suffix = "with time zone".to_owned();
            "time"
        }
        name => name,
    }
    .to_owned();
    native.name = name;
    match native.name.as_str() {
        "real" | "double precision" => native.arguments.clear(),
        "character" | "bit" if native.arguments.is_empty() => native.arguments.push("1".to_owned()),
        "numeric" if native.arguments.len() == 1 => native.arguments.push("0".to_owned()),
        "timestamp" | "time" => {
            if native.suffix.is_empty() {
                native.suffix = "without time zone".to_owned();
            }
            // Six digits are what there is without a precision.
            if native.arguments.first().is_some_and(|digits| digits == "6") {
                native.arguments.clear();
            }
        }
        _ => {}
    }
    if array {
        native.suffix.push_str("[]");
    }
    native
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_type_are_one() {
        for (one, other) in [
            ("varchar(40)", "character varying(40)"),
            ("VARCHAR", "character varying"),
            ("int4", "integer"),
            ("serial", "integer"),
            ("bigserial", "int8"),
            ("decimal(10,2)", "numeric(10, 2)"),
            ("numeric(10)", "numeric(10,0)"),
            ("float", "double precision"),
            ("float(10)", "real"),
            ("char", "character(1)"),
            ("timestamptz", "timestamp with time zone"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("timestamp", "timestamp(6) without time zone"),
            ("time", "time without time zone"),
            ("int[]", "integer[]"),
            ("int4[3][3]", "integer[]"),
            ("integer array", "integer[]"),
            ("varchar(40)[]", "character varying(40)[]"),
            ("timestamptz[]", "timestamp with time zone[]"),
            ("pg_catalog.int4", "integer"),
            ("varbit(3)", "bit varying(3)"),
        ] {
            assert_eq!(
                Postgres.canonical_type(one),
                Postgres.canonical_type(other),
                "{one} and {other}"
            );
        }
        for (one, other) in [
            ("varchar(40)", "varchar(41)"),
            ("varchar", "text"),
            ("integer", "bigint"),
            ("integer", "integer[]"),
            ("timestamp", "timestamptz"),
            ("\"Mood\"", "mood"),
            ("json", "jsonb"),
        ] {
            assert_ne!(
                Postgres.canonical_type(one),
                Postgres.canonical_type(other),
                "{one} and {other}"
            );
        }
    }

    #[test]
    fn a_type_has_the_kind_that_its_values_have() {
        use PropertyType as Kind;
        for (native, kind) in [
            ("character varying(40)", Kind::Text),
            ("character(3)", Kind::Text),
            ("\"char\"", Kind::Text),
            ("int2", Kind::Integer),
            ("numeric(10,2)", Kind::Decimal),
            ("money", Kind::Any),
            ("timestamp without time zone", Kind::Timestamp),
            ("time(3) without time zone", Kind::Time),
            ("time with time zone", Kind::Any),
            ("integer[]", Kind::Json),
            ("interval", Kind::Any),
            ("sales.mood", Kind::Any),
            ("jsonb", Kind::Json),
        ] {
            assert_eq!(Postgres.property_type(native), kind, "{native}");
        }
    }
}
