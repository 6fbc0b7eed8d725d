//! Tables in PostgreSQL.

use tenon_sdk::{Error, Property, PropertyType, Result, Value};

use super::Postgres;
use crate::schema::{
    ColumnShape, ColumnSource, NativeType, TableShape, date_and_time, ddl, hexadecimal, quoted,
};
use crate::{DescribedIndex, SchemaDialect, TableName};

/// The longest name in bytes. PostgreSQL cuts a longer one without a word.
const LONGEST_NAME: usize = 63;

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

    fn suits(&self, property: &Property, _indexed: bool, native_type: &str) -> bool {
        let native = canonical(native_type);
        if !native.suffix.is_empty() && native.name != "timestamp" {
            return false;
        }
        match (property.kind, native.name.as_str()) {
            (PropertyType::Text, "text") | (PropertyType::Json | PropertyType::Any, "json") => true,
            (PropertyType::Text, "character varying") => native
                .length()
                .is_none_or(|there| property.length.is_some_and(|most| most <= there)),
            (PropertyType::Decimal, "numeric") => {
                native.arguments.is_empty() || native.holds_decimals_of(property)
            }
            (PropertyType::Timestamp, "timestamp") => native.arguments.is_empty(),
            _ => false,
        }
    }

    fn exact_collation(&self, kind: PropertyType, native_type: &str) -> Option<String> {
        let native = canonical(native_type);
        let is_text = matches!(
            native.name.as_str(),
            "text" | "character varying" | "character"
        );
        (kind == PropertyType::Text && is_text && native.suffix.is_empty()).then(|| "C".to_owned())
    }

    fn check_name(&self, name: &str) -> Result<()> {
        let reason = match name.len() {
            0 => "is empty",
            length if length > LONGEST_NAME => "is longer than PostgreSQL's 63 bytes",
            _ if name.contains('\0') => "has a NUL character in it",
            _ => return Ok(()),
        };
        Err(Error::invalid(format!(
            "the name {name:?} {reason}: take another one"
        )))
    }

    fn object_name(&self, table: &str, name: &str, ending: &str) -> String {
        ddl::object_name(table, name, ending, LONGEST_NAME)
    }

    fn literal(&self, value: &Value, native_type: &str) -> Result<Option<String>> {
        let is_json = canonical(native_type).name.starts_with("json");
        Ok(match value {
            Value::Json(json) => Some(text(json)?),
            // What a text or a number is in a column of JSON is left to the runtime.
            _ if is_json => None,
            Value::Boolean(true) => Some("TRUE".to_owned()),
            Value::Boolean(false) => Some("FALSE".to_owned()),
            Value::Integer(integer) => Some(integer.to_string()),
            Value::Float(float) => Some(format!("'{float:?}'")),
            Value::Decimal(decimal) => Some(decimal.clone()),
            Value::Text(value) => Some(text(value)?),
            Value::Bytes(bytes) => Some(format!("E'\\\\x{}'", hexadecimal(bytes))),
            Value::Timestamp(micros) => {
                date_and_time(*micros).map(|moment| format!("'{moment}+00'"))
            }
            Value::Point(_) | Value::Null | Value::Other(_) => None,
        })
    }

    fn generator(&self, property: &Property, native_type: &str) -> Option<ColumnSource> {
        let native = canonical(native_type);
        let made = |expression: &str| Some(ColumnSource::Default(expression.to_owned()));
        match (property.kind, native.name.as_str()) {
            (PropertyType::Integer, "smallint" | "integer" | "bigint") => {
                Some(ColumnSource::Identity)
            }
            (PropertyType::Uuid, "uuid") => made("gen_random_uuid()"),
            (PropertyType::Text, "text" | "character varying")
                if native.length().is_none_or(|length| length >= 36) =>
            {
                made("gen_random_uuid()::text")
            }
            (PropertyType::Timestamp, "timestamp") => made("CURRENT_TIMESTAMP"),
            (PropertyType::Date, "date") => made("CURRENT_DATE"),
            _ => None,
        }
    }

    fn column(&self, column: &ColumnShape, _table: &TableShape) -> Result<String> {
        let mut out = format!("{} {}", ddl::name(self, &column.name), column.native_type);
        if let Some(collation) = &column.collation {
            out.push_str(&format!(" COLLATE {}", ddl::name(self, collation)));
        }
        match &column.source {
            // A type that counts by itself.
            ColumnSource::Identity
                if NativeType::parse(&column.native_type)
                    .name
                    .contains("serial") => {}
            ColumnSource::Identity => out.push_str(" GENERATED BY DEFAULT AS IDENTITY"),
            ColumnSource::IdentityAlways => out.push_str(" GENERATED ALWAYS AS IDENTITY"),
            ColumnSource::Computed(expression) => {
                out.push_str(&format!(" GENERATED ALWAYS AS ({expression}) STORED"));
            }
            ColumnSource::Default(expression) => out.push_str(&format!(" DEFAULT {expression}")),
            ColumnSource::Given => {}
        }
        if !column.nullable {
            out.push_str(" NOT NULL");
        }
        Ok(out)
    }

    fn alter_column(
        &self,
        table: &TableShape,
        from: &ColumnShape,
        to: &ColumnShape,
    ) -> Result<Option<Vec<String>>> {
        let name = ddl::name(self, &to.name);
        let table_name = ddl::table_name(self, &table.name);
        let alter = |what: &str| format!("ALTER TABLE {table_name} ALTER COLUMN {name} {what}");
        let mut commands = Vec::new();
        let mut source = &from.source;
        if from.native_type != to.native_type || from.collation != to.collation {
            if let ColumnSource::Default(_) = source {
                commands.push(alter("DROP DEFAULT"));
                source = &ColumnSource::Given;
            }
            let native = canonical(&to.native_type).text();
            let collation = match &to.collation {
                Some(collation) => format!(" COLLATE {}", ddl::name(self, collation)),
                None => String::new(),
            };
            commands.push(alter(&format!(
                "TYPE {native}{collation} USING {name}::{native}"
            )));
        }
        if from.nullable != to.nullable {
            commands.push(alter(if to.nullable {
                "DROP NOT NULL"
            } else {
                "SET NOT NULL"
            }));
        }
        match (source, &to.source) {
            (from, to) if from == to => {}
            (ColumnSource::Given | ColumnSource::Default(_), ColumnSource::Default(expression)) => {
                commands.push(alter(&format!("SET DEFAULT {expression}")));
            }
            (ColumnSource::Default(_), ColumnSource::Given) => commands.push(alter("DROP DEFAULT")),
            (ColumnSource::Given, ColumnSource::Identity | ColumnSource::IdentityAlways) => {
                let when = match to.source {
                    ColumnSource::IdentityAlways => "ALWAYS",
                    _ => "BY DEFAULT",
                };
                if to.nullable {
                    commands.push(alter("SET NOT NULL"));
                }
                commands.push(alter(&format!("ADD GENERATED {when} AS IDENTITY")));
                // It goes on behind the numbers that are there.
                commands.push(format!(
                    "SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({name}), 0) + 1, false) FROM {table_name}",
                    text(&table_name)?,
                    text(&to.name)?
                ));
            }
            _ => {
                return Err(Error::unsupported(format!(
                    "PostgreSQL can't change where the values of `{}` come from: take the column out, and add it anew",
                    to.name
                )));
            }
        }
        Ok(Some(commands))
    }

    fn alter_key(
        &self,
        table: &TableName,
        _there: bool,
        constraint: Option<&str>,
        key: &[String],
    ) -> Option<Vec<String>> {
        let mut changes = Vec::new();
        if let Some(constraint) = constraint {
            changes.push(format!("DROP CONSTRAINT {}", ddl::name(self, constraint)));
        }
        if !key.is_empty() {
            changes.push(format!("ADD PRIMARY KEY ({})", ddl::names(self, key)));
        }
        let table = ddl::table_name(self, table);
        Some(vec![format!("ALTER TABLE {table} {}", changes.join(", "))])
    }

    fn drop_index(&self, table: &TableName, index: &DescribedIndex) -> Option<Vec<String>> {
        let name = TableName {
            schema: table.schema.clone(),
            name: index.name.clone(),
        };
        Some(vec![if index.constraint {
            let table = ddl::table_name(self, table);
            let name = ddl::name(self, &index.name);
            format!("ALTER TABLE {table} DROP CONSTRAINT {name}")
        } else {
            format!("DROP INDEX {}", ddl::table_name(self, &name))
        }])
    }
}

/// A text as a literal. One with a backslash stands in the form whose meaning doesn't depend on a setting.
fn text(text: &str) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::invalid(
            "PostgreSQL keeps no text with a NUL character in it",
        ));
    }
    Ok(if text.contains('\\') {
        format!("E{}", quoted(&text.replace('\\', "\\\\")))
    } else {
        quoted(text)
    })
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
