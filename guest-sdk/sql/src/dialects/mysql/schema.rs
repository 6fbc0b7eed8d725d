//! Tables in MySQL and MariaDB.

use tenon_sdk::{Property, PropertyType, Result};

use super::{MySql, MySqlFlavour};
use crate::SchemaDialect;
use crate::schema::NativeType;

/// The longest `varchar` that a column gets: a row has 65,535 bytes, and a character up to four.
const LONGEST_TEXT: u32 = 16_000;

/// The longest `varbinary` that a column gets.
const LONGEST_BYTES: u32 = 64_000;

/// How long a text or bytes may be that is in a key or an index, and says nothing of it: an index has 3,072 bytes.
const INDEXED_LENGTH: u32 = 255;

/// The most digits of a `decimal`.
const MOST_DIGITS: u32 = 65;

/// The most digits of a `decimal` behind the point.
const MOST_DECIMALS: u8 = 30;

impl SchemaDialect for MySql {
    fn native_type(&self, property: &Property) -> Result<String> {
        if property.key.is_some() {
            return self.indexed_type(property);
        }
        Ok(column_type(property, property.length))
    }

    fn indexed_type(&self, property: &Property) -> Result<String> {
        let length = property.length.unwrap_or(INDEXED_LENGTH);
        Ok(match property.kind {
            PropertyType::Text | PropertyType::Bytes => column_type(property, Some(length)),
            _ => column_type(property, property.length),
        })
    }

    fn property_type(&self, native_type: &str) -> PropertyType {
        let native = NativeType::parse(native_type);
        match native.name.as_str() {
            "char" | "varchar" | "character" | "character varying" | "tinytext" | "text"
            | "mediumtext" | "longtext" | "enum" | "set" => PropertyType::Text,
            "tinyint" | "bit" if native.length() == Some(1) => PropertyType::Boolean,
            "bit" if native.arguments.is_empty() => PropertyType::Boolean,
            "bool" | "boolean" => PropertyType::Boolean,
            "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "year" => {
                PropertyType::Integer
            }
            "float" | "double" | "double precision" | "real" => PropertyType::Float,
            "decimal" | "numeric" | "dec" | "fixed" => PropertyType::Decimal,
            "datetime" | "timestamp" => PropertyType::Timestamp,
            "date" => PropertyType::Date,
            "time" => PropertyType::Time,
            "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" | "bit" => {
                PropertyType::Bytes
            }
            "point" => PropertyType::Point,
            "uuid" => PropertyType::Uuid,
            "json" => PropertyType::Json,
            _ => PropertyType::Any,
        }
    }

    fn canonical_type(&self, native_type: &str) -> String {
        let mut native = NativeType::parse(native_type);
        let name = match native.name.as_str() {
            "integer" => "int",
            "bool" | "boolean" => {
                native.arguments = vec!["1".to_owned()];
                "tinyint"
            }
            "numeric" | "dec" | "fixed" => "decimal",
            "double precision" | "real" => "double",
            "character" => "char",
            "character varying" => "varchar",
            // MariaDB's JSON is a text with a check.
            "json" if self.flavour == MySqlFlavour::MariaDb => "longtext",
            name => name,
        }
        .to_owned();
        native.name = name;
        match native.name.as_str() {
            // How many digits a client would show; only `tinyint(1)` still says something.
            "tinyint" if native.length() == Some(1) && native.suffix.is_empty() => {}
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => {
                native.arguments.clear();
            }
            "decimal" => {
                if native.arguments.is_empty() {
                    native.arguments.push("10".to_owned());
                }
                if native.arguments.len() == 1 {
                    native.arguments.push("0".to_owned());
                }
            }
            "char" | "binary" | "bit" if native.arguments.is_empty() => {
                native.arguments.push("1".to_owned());
            }
            "datetime" | "timestamp" | "time"
                if native.arguments.first().is_some_and(|digits| digits == "0") =>
            {
                native.arguments.clear();
            }
            _ => {}
        }
        // What text is compared by is no part of its type.
        for word in ["character set", "collate", "charset"] {
            for part in [&mut native.name, &mut native.suffix] {
                if let Some(at) = find_word(part, word) {
                    part.truncate(at);
                    part.truncate(part.trim_end().len());
                }
            }
        }
        native.text()
    }
}

/// Where a word begins that follows nothing or a space.
fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || text.get(..*at).is_some_and(|before| before.ends_with(' ')))
}

/// The type of a property's column, with this length of texts and bytes.
fn column_type(property: &Property, length: Option<u32>) -> String {
    if let Some(native_type) = &property.native_type {
        return native_type.clone();
    }
    match property.kind {
        PropertyType::Text => match length {
            Some(length @ 1..=LONGEST_TEXT) => format!("varchar({length})"),
            _ => "longtext".to_owned(),
        },
        PropertyType::Boolean => "tinyint(1)".to_owned(),
        PropertyType::Integer => "bigint".to_owned(),
        PropertyType::Float => "double".to_owned(),
        PropertyType::Decimal => decimal(property.length, property.scale),
        PropertyType::Timestamp => "datetime(6)".to_owned(),
        PropertyType::Date => "date".to_owned(),
        PropertyType::Time => "time(6)".to_owned(),
        PropertyType::Bytes => match length {
            Some(length @ 1..=LONGEST_BYTES) => format!("varbinary({length})"),
            _ => "longblob".to_owned(),
        },
        PropertyType::Point => "point".to_owned(),
        PropertyType::Uuid => "char(36)".to_owned(),
        PropertyType::Json | PropertyType::Any => "json".to_owned(),
    }
}

/// A `decimal` that keeps every number of so many digits, as far as there is one.
fn decimal(digits: Option<u32>, scale: Option<u8>) -> String {
    let (digits, scale) = match (digits, scale) {
        (Some(digits), Some(scale)) => (digits, scale),
        (None, scale) => (MOST_DIGITS, scale.unwrap_or(MOST_DECIMALS)),
        // All of the digits may be on either side of the point.
        (Some(digits), None) => {
            let scale = u8::try_from(digits).unwrap_or(u8::MAX).min(MOST_DECIMALS);
            (digits.saturating_add(scale.into()), scale)
        }
    };
    let scale = scale.min(MOST_DECIMALS);
    let digits = digits.clamp(u32::from(scale).max(1), MOST_DIGITS);
    format!("decimal({digits},{scale})")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MYSQL: MySql = MySql {
        flavour: MySqlFlavour::MySql,
    };
    const MARIADB: MySql = MySql {
        flavour: MySqlFlavour::MariaDb,
    };

    #[test]
    fn spellings_of_one_type_are_one() {
        for (one, other) in [
            ("bigint(20)", "BIGINT"),
            ("bigint(20) unsigned", "bigint unsigned"),
            ("integer", "int(11)"),
            ("boolean", "tinyint(1)"),
            ("numeric(10,2)", "decimal(10, 2)"),
            ("decimal", "decimal(10,0)"),
            ("double precision", "double"),
            ("character varying(40)", "varchar(40)"),
            ("datetime(0)", "datetime"),
            ("char", "char(1)"),
            ("year(4)", "year"),
            (
                "varchar(40) character set ascii collate ascii_bin",
                "varchar(40)",
            ),
            ("longtext COLLATE utf8mb4_bin", "longtext"),
        ] {
            assert_eq!(
                MYSQL.canonical_type(one),
                MYSQL.canonical_type(other),
                "{one} and {other}"
            );
        }
        for (one, other) in [
            ("tinyint(1)", "tinyint"),
            ("bigint", "bigint unsigned"),
            ("enum('a','b')", "enum('a','B')"),
            ("datetime(6)", "datetime"),
            ("json", "longtext"),
        ] {
            assert_ne!(
                MYSQL.canonical_type(one),
                MYSQL.canonical_type(other),
                "{one} and {other}"
            );
        }
        assert_eq!(
            MARIADB.canonical_type("json"),
            MARIADB.canonical_type("longtext")
        );
    }

    #[test]
    fn a_type_has_the_kind_that_its_values_have() {
        use PropertyType as Kind;
        for (native, kind) in [
            ("varchar(40)", Kind::Text),
            ("enum('a','b')", Kind::Text),
            ("tinyint(1)", Kind::Boolean),
            ("bit(1)", Kind::Boolean),
            ("tinyint(4)", Kind::Integer),
            ("bit(12)", Kind::Bytes),
            ("bigint(20) unsigned", Kind::Integer),
            ("decimal(10,2)", Kind::Decimal),
            ("timestamp", Kind::Timestamp),
            ("time(6)", Kind::Time),
            ("longblob", Kind::Bytes),
            ("geometry", Kind::Any),
            ("inet6", Kind::Any),
        ] {
            assert_eq!(MYSQL.property_type(native), kind, "{native}");
        }
    }

    #[test]
    fn decimals_keep_what_a_property_allows() {
        assert_eq!(decimal(None, None), "decimal(65,30)");
        assert_eq!(decimal(Some(10), Some(2)), "decimal(10,2)");
        assert_eq!(decimal(Some(10), None), "decimal(20,10)");
        assert_eq!(decimal(None, Some(2)), "decimal(65,2)");
        assert_eq!(decimal(Some(99), Some(99)), "decimal(65,30)");
    }
}
