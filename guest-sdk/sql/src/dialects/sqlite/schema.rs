//! Tables in SQLite.
//!
//! SQLite keeps any value in any column, and a column's declared type as it was written: so the declared type says
//! what a column holds. It also decides the column's affinity (<https://sqlite.org/datatype3.html>, 3.1), which turns
//! texts that look like numbers into numbers: kinds that are stored as text, and can look so, have TEXT in their types.
//! Names that nobody else uses (`TIMESTAMP_MICROS`, `DECIMAL_TEXT`, `JSON_TEXT`) also tell that only values of that form
//! are in a column, so that they can be compared there; another program's `DATETIME` may hold anything.

use tenon_sdk::{Property, PropertyType, Result};

use super::Sqlite;
use crate::SchemaDialect;
use crate::schema::NativeType;

impl SchemaDialect for Sqlite {
    fn native_type(&self, property: &Property) -> Result<String> {
        if let Some(native_type) = &property.native_type {
            return Ok(native_type.clone());
        }
        Ok(match property.kind {
            PropertyType::Text => match property.length {
                Some(length) => format!("VARCHAR({length})"),
                None => "TEXT".to_owned(),
            },
            PropertyType::Boolean => "BOOLEAN".to_owned(),
            PropertyType::Integer => "INTEGER".to_owned(),
            PropertyType::Float => "REAL".to_owned(),
            PropertyType::Decimal => match (property.length, property.scale) {
                (Some(digits), Some(scale)) => format!("DECIMAL_TEXT({digits},{scale})"),
                _ => "DECIMAL_TEXT".to_owned(),
            },
            // A name of its own: columns that others call TIMESTAMP hold texts.
            PropertyType::Timestamp => "TIMESTAMP_MICROS".to_owned(),
            PropertyType::Date => "DATE".to_owned(),
            PropertyType::Time => "TIME".to_owned(),
            PropertyType::Bytes => "BLOB".to_owned(),
            PropertyType::Point => "POINT".to_owned(),
            PropertyType::Uuid => "UUID".to_owned(),
            PropertyType::Json => "JSON_TEXT".to_owned(),
            PropertyType::Any => "ANY_TEXT".to_owned(),
        })
    }

    fn property_type(&self, native_type: &str) -> PropertyType {
        let native = NativeType::parse(native_type);
        let name = native.name.as_str();
        match name {
            "boolean" | "bool" => PropertyType::Boolean,
            "decimal_text" | "decimal" | "numeric" => PropertyType::Decimal,
            "timestamp_micros" | "timestamp" | "datetime" | "timestamptz" => {
                PropertyType::Timestamp
            }
            "date" => PropertyType::Date,
            "time" => PropertyType::Time,
            "point" => PropertyType::Point,
            "uuid" => PropertyType::Uuid,
            "json_text" | "json" | "jsonb" => PropertyType::Json,
            "any_text" | "any" | "" => PropertyType::Any,
            // The rules of affinity, in their order.
            _ if name.contains("int") => PropertyType::Integer,
            _ if ["char", "clob", "text"]
                .iter()
                .any(|part| name.contains(part)) =>
            {
                PropertyType::Text
            }
            _ if name.contains("blob") || name == "binary" || name == "varbinary" => {
                PropertyType::Bytes
            }
            _ if ["real", "floa", "doub"]
                .iter()
                .any(|part| name.contains(part)) =>
            {
                PropertyType::Float
            }
            _ => PropertyType::Any,
        }
    }

    fn canonical_type(&self, native_type: &str) -> String {
        NativeType::parse(native_type).text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_type_are_one() {
        assert_eq!(
            Sqlite.canonical_type("varchar(40)"),
            Sqlite.canonical_type("VARCHAR ( 40 )")
        );
        assert_ne!(
            Sqlite.canonical_type("INT"),
            Sqlite.canonical_type("INTEGER")
        );
    }

    #[test]
    fn a_type_has_the_kind_that_its_values_have() {
        use PropertyType as Kind;
        for (native, kind) in [
            ("TEXT", Kind::Text),
            ("VARCHAR(40)", Kind::Text),
            ("NVARCHAR(160)", Kind::Text),
            ("INTEGER", Kind::Integer),
            ("UNSIGNED BIG INT", Kind::Integer),
            ("REAL", Kind::Float),
            ("DOUBLE PRECISION", Kind::Float),
            ("NUMERIC(10,2)", Kind::Decimal),
            ("DATETIME", Kind::Timestamp),
            ("BLOB", Kind::Bytes),
            ("POINT", Kind::Point),
            ("BOOLEAN", Kind::Boolean),
            ("ANY_TEXT", Kind::Any),
            ("", Kind::Any),
            ("SHAPE", Kind::Any),
        ] {
            assert_eq!(Sqlite.property_type(native), kind, "{native}");
        }
    }

    #[test]
    fn every_kind_has_a_type_that_is_of_that_kind() {
        for kind in PropertyType::ALL {
            let property = Property {
                name: "a".to_owned(),
                kind: *kind,
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
            let native = Sqlite.native_type(&property).unwrap();
            assert_eq!(Sqlite.property_type(&native), *kind, "{native}");
        }
    }
}
