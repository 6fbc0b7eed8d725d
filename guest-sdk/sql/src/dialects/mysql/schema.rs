//! Tables in MySQL and MariaDB.

use tenon_sdk::{Error, Property, PropertyType, Result, Value};

use super::{MySql, MySqlFlavour};
use crate::schema::{
    ColumnShape, ColumnSource, Literal, NativeType, TableShape, date_and_time, ddl, hexadecimal,
    quoted,
};
use crate::{DescribedIndex, SchemaDialect, TableName};

/// The longest name in characters.
const LONGEST_NAME: usize = 64;

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

    fn suits(&self, property: &Property, indexed: bool, native_type: &str) -> bool {
        let native = NativeType::parse(native_type);
        let indexed = indexed || property.key.is_some();
        let holds = |there: Option<u32>| match (there, property.length) {
            (Some(there), Some(most)) => most <= there,
            (Some(there), None) => indexed && there >= INDEXED_LENGTH,
            (None, _) => false,
        };
        match (property.kind, native.name.as_str()) {
            (PropertyType::Text, "varchar") | (PropertyType::Bytes, "varbinary") => {
                holds(native.length())
            }
            (PropertyType::Text, "longtext") | (PropertyType::Bytes, "longblob") => !indexed,
            (PropertyType::Boolean, "bit") => native.length().is_none_or(|bits| bits == 1),
            (PropertyType::Uuid, "uuid") => true,
            (PropertyType::Decimal, "decimal") => native.holds_decimals_of(property),
            _ => false,
        }
    }

    fn exact_collation(&self, kind: PropertyType, native_type: &str) -> Option<String> {
        let native = NativeType::parse(native_type);
        let says = |word| find_word(&native.suffix, word).is_some();
        if !is_text(&native) || says("collate") || says("character set") || says("charset") {
            return None;
        }
        let collation = match (kind, self.flavour) {
            (PropertyType::Uuid, _) => "ascii_bin",
            (_, MySqlFlavour::MySql) => "utf8mb4_0900_bin",
            (_, MySqlFlavour::MariaDb) => "utf8mb4_nopad_bin",
        };
        Some(collation.to_owned())
    }

    fn same_column(&self, one: &str, other: &str) -> bool {
        one == other || one.to_lowercase() == other.to_lowercase()
    }

    fn check_name(&self, name: &str) -> Result<()> {
        let reason = if name.is_empty() {
            "is empty"
        } else if name.chars().count() > LONGEST_NAME {
            "is longer than MySQL's 64 characters"
        } else if name.contains('\0') {
            "has a NUL character in it"
        } else if name.ends_with(' ') {
            "ends with a space, and no name in MySQL does"
        } else if name.chars().any(|char| u32::from(char) > 0xffff) {
            "has a character beyond U+FFFF in it, and no name in MySQL has"
        } else {
            return Ok(());
        };
        Err(Error::invalid(format!(
            "the name {name:?} {reason}: take another one"
        )))
    }

    fn object_name(&self, table: &str, name: &str, ending: &str) -> String {
        // An index is its table's own, a foreign key its database's.
        let is_free = name.len() <= LONGEST_NAME && !name.eq_ignore_ascii_case("primary");
        if ending != "fkey" && is_free {
            return name.to_owned();
        }
        ddl::object_name(table, name, ending, LONGEST_NAME)
    }

    fn literal(&self, value: &Value, native_type: &str) -> Result<Option<String>> {
        let native = NativeType::parse(native_type);
        let is_json = native.name == "json";
        // The types that are kept beside the record take an expression only.
        let is_large = is_json || native.name.ends_with("text") || native.name.ends_with("blob");
        let text = |value: &str| {
            let hexadecimal = hexadecimal(value.as_bytes());
            match Quoting::of(value) {
                Quoting::Possible => quoted(value),
                Quoting::Ambiguous if !is_large => format!("_utf8mb4 X'{hexadecimal}'"),
                // An expression is kept as a text of its own, which is read by whatever `sql_mode` there is then.
                _ => format!("(convert(X'{hexadecimal}' using utf8mb4))"),
            }
        };
        let literal = match value {
            Value::Json(json) => text(json),
            // What a text or a number is in a column of JSON is left to the runtime.
            _ if is_json => return Ok(None),
            Value::Boolean(value) if native.name == "bit" => format!("b'{}'", u8::from(*value)),
            Value::Boolean(value) => u8::from(*value).to_string(),
            Value::Integer(integer) => integer.to_string(),
            Value::Float(float) => format!("{float:?}"),
            Value::Decimal(decimal) => decimal.clone(),
            Value::Text(value) => text(value),
            Value::Bytes(bytes) => format!("X'{}'", hexadecimal(bytes)),
            Value::Timestamp(micros) => match date_and_time(*micros) {
                Some(moment) => format!("'{moment}'"),
                None => return Ok(None),
            },
            Value::Point(_) | Value::Null | Value::Other(_) => return Ok(None),
        };
        Ok(Some(if is_large && !literal.starts_with('(') {
            format!("({literal})")
        } else {
            literal
        }))
    }

    fn literal_value(&self, expression: &str) -> Option<Literal> {
        Literal::parse(expression, true)
    }

    fn generator(&self, property: &Property, native_type: &str) -> Option<ColumnSource> {
        let native = NativeType::parse(native_type);
        let made = |expression: &str| Some(ColumnSource::Default(expression.to_owned()));
        match (property.kind, native.name.as_str()) {
            (
                PropertyType::Integer,
                "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint",
            ) => Some(ColumnSource::Identity),
            (PropertyType::Uuid | PropertyType::Text, "char" | "varchar" | "uuid")
                if native.length().is_none_or(|length| length >= 36) =>
            {
                made("(uuid())")
            }
            // The date and time of all clients, whatever their time zones.
            (PropertyType::Timestamp, "datetime") => made("(utc_timestamp(6))"),
            (PropertyType::Timestamp, "timestamp") => made(&format!(
                "CURRENT_TIMESTAMP({})",
                native.length().unwrap_or(0)
            )),
            (PropertyType::Date, "date") => made("(utc_date())"),
            _ => None,
        }
    }

    fn column(&self, column: &ColumnShape, _table: &TableShape) -> Result<String> {
        let mut out = format!("{} {}", ddl::name(self, &column.name), column.native_type);
        let exact = || self.exact_collation(PropertyType::Text, &column.native_type);
        if let Some(collation) = column.collation.clone().or_else(exact) {
            let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
            if !collation.chars().all(is_part) {
                return Err(Error::invalid(format!(
                    "{collation:?} is no collation of MySQL's: its name has letters, digits and underscores"
                )));
            }
            // A collation's name begins with its character set's; those for every set begin with `uca`.
            let set = match collation.split_once('_') {
                Some((set, _)) if !set.starts_with("uca") => set,
                None if collation == "binary" => "binary",
                _ => "utf8mb4",
            };
            out.push_str(&format!(" CHARACTER SET {set} COLLATE {collation}"));
        }
        if let ColumnSource::Computed(expression) = &column.source {
            out.push_str(&format!(" GENERATED ALWAYS AS ({expression}) STORED"));
            return Ok(out);
        }
        out.push_str(if column.nullable {
            " NULL"
        } else {
            " NOT NULL"
        });
        match &column.source {
            ColumnSource::Default(expression) => {
                out.push_str(&format!(" DEFAULT {}", default(expression)));
            }
            ColumnSource::Identity | ColumnSource::IdentityAlways => {
                out.push_str(" AUTO_INCREMENT");
            }
            ColumnSource::Given | ColumnSource::Computed(_) => {}
        }
        Ok(out)
    }

    fn changes_are_transactional(&self) -> bool {
        false
    }

    fn references_need_indexes(&self) -> bool {
        true
    }

    fn alter_column(
        &self,
        table: &TableShape,
        from: &ColumnShape,
        to: &ColumnShape,
    ) -> Result<Option<Vec<String>>> {
        let table_name = ddl::table_name(self, &table.name);
        let same_otherwise = ColumnShape {
            source: to.source.clone(),
            ..from.clone()
        } == *to;
        if let (true, ColumnSource::Default(expression)) = (same_otherwise, &to.source) {
            // All else of the column stays as it is, also what no model says.
            return Ok(Some(vec![format!(
                "ALTER TABLE {table_name} ALTER COLUMN {} SET DEFAULT {}",
                ddl::name(self, &to.name),
                default(expression)
            )]));
        }
        let definition = self.column(to, table)?;
        Ok(Some(vec![format!(
            "ALTER TABLE {table_name} MODIFY COLUMN {definition}"
        )]))
    }

    fn alter_key(
        &self,
        table: &TableName,
        there: bool,
        _constraint: Option<&str>,
        key: &[String],
    ) -> Option<Vec<String>> {
        let mut changes = Vec::new();
        if there {
            changes.push("DROP PRIMARY KEY".to_owned());
        }
        if !key.is_empty() {
            changes.push(format!("ADD PRIMARY KEY ({})", ddl::names(self, key)));
        }
        let table = ddl::table_name(self, table);
        Some(vec![format!("ALTER TABLE {table} {}", changes.join(", "))])
    }

    fn drop_index(&self, table: &TableName, index: &DescribedIndex) -> Option<Vec<String>> {
        let table = ddl::table_name(self, table);
        let name = ddl::name(self, &index.name);
        Some(vec![format!("ALTER TABLE {table} DROP INDEX {name}")])
    }

    fn drop_reference(&self, table: &TableName, name: &str) -> Option<Vec<String>> {
        let table = ddl::table_name(self, table);
        let name = ddl::name(self, name);
        Some(vec![format!("ALTER TABLE {table} DROP FOREIGN KEY {name}")])
    }
}

/// Whether a text can be written in quotes.
enum Quoting {
    Possible,
    /// What a backslash means in quotes depends on `sql_mode`.
    Ambiguous,
    /// MariaDB's catalogue doesn't have these characters.
    Lost,
}

impl Quoting {
    fn of(text: &str) -> Self {
        if text.chars().any(|char| u32::from(char) > 0xffff) {
            Self::Lost
        } else if text.contains(|char: char| char == '\\' || char.is_control()) {
            Self::Ambiguous
        } else {
            Self::Possible
        }
    }
}

/// A default as it stands in a definition: an expression in parentheses, unless it may stand there by itself.
fn default(expression: &str) -> String {
    let lower = expression.trim_start().to_ascii_lowercase();
    let stands_alone = lower.starts_with('(')
        || ["current_timestamp", "now(", "localtime"]
            .iter()
            .any(|start| lower.starts_with(start))
        || Literal::parse(expression, true).is_some();
    if stands_alone {
        expression.to_owned()
    } else {
        format!("({expression})")
    }
}

/// Whether values of this type have a character set and a collation.
fn is_text(native: &NativeType) -> bool {
    let name = native.name.as_str();
    matches!(
        name,
        "char" | "varchar" | "enum" | "set" | "character" | "character varying"
    ) || name.ends_with("text")
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
