//! Tables in SQLite.
//!
//! SQLite keeps any value in any column, and a column's declared type as it was written: so the declared type says
//! what a column holds. It also decides the column's affinity (<https://sqlite.org/datatype3.html>, 3.1), which turns
//! texts that look like numbers into numbers: kinds that are stored as text, and can look so, have TEXT in their types.
//! Names that nobody else uses (`TIMESTAMP_MICROS`, `DECIMAL_TEXT`, `JSON_TEXT`) also tell that only values of that form
//! are in a column, so that they can be compared there; another program's `DATETIME` may hold anything.
//!
//! `ALTER TABLE` does little (<https://sqlite.org/lang_altertable.html>): a table that is to change otherwise is made
//! anew.

use tenon_sdk::{Error, Property, PropertyType, Result, Value};

use super::functions::DECIMAL_COLLATION;
use super::{Sqlite, rebuild};
use crate::schema::{
    ColumnShape, ColumnSource, IndexShape, Literal, NativeType, ReferenceShape, TableShape, ddl,
    hexadecimal, quoted,
};
use crate::{Around, Definition, DescribedIndex, SchemaDialect, Statement, TableName};

/// A UUID of the fourth version, of random bytes.
const MAKE_UUID: &str = "lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-4'||\
                         substr(hex(randomblob(2)),2)||'-'||substr('89ab',1+abs(random()%4),1)||\
                         substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6)))";

/// Microseconds since 1970, of a clock of milliseconds.
const MAKE_TIMESTAMP: &str = "CAST(round((julianday('now')-2440587.5)*86400000.0) AS INTEGER)*1000";

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

    fn suits(&self, property: &Property, _indexed: bool, native_type: &str) -> bool {
        // Any value of a kind fits into any column of that kind; lengths are the runtime's matter.
        self.property_type(native_type) == property.kind
    }

    fn exact_collation(&self, kind: PropertyType, native_type: &str) -> Option<String> {
        // So that unique indexes and those that sort know that 1.0 is 1.00. `BINARY` is what every other column has.
        let is_decimal =
            kind == PropertyType::Decimal && NativeType::parse(native_type).name == "decimal_text";
        is_decimal.then(|| DECIMAL_COLLATION.to_owned())
    }

    fn same_column(&self, one: &str, other: &str) -> bool {
        one.eq_ignore_ascii_case(other)
    }

    fn check_name(&self, name: &str) -> Result<()> {
        let reason = match name {
            "" => "is empty",
            _ if name.contains('\0') => "has a NUL character in it",
            _ => return Ok(()),
        };
        Err(Error::invalid(format!(
            "the name {name:?} {reason}: take another one"
        )))
    }

    fn object_name(&self, table: &str, name: &str, ending: &str) -> String {
        ddl::object_name(table, name, ending, usize::MAX)
    }

    fn literal(&self, value: &Value, native_type: &str) -> Result<Option<String>> {
        if self.property_type(native_type) == PropertyType::Any {
            return Ok(None);
        }
        Ok(match value {
            Value::Boolean(value) => Some(u8::from(*value).to_string()),
            Value::Integer(integer) => Some(integer.to_string()),
            Value::Timestamp(micros) => Some(micros.to_string()),
            Value::Float(float) => Some(format!("{float:?}")),
            Value::Decimal(decimal) => Some(quoted(decimal)),
            Value::Text(text) | Value::Json(text) if text.contains('\0') => {
                return Err(Error::invalid(
                    "SQLite's definitions have no text with a NUL character in it",
                ));
            }
            Value::Text(text) | Value::Json(text) => Some(quoted(text)),
            Value::Bytes(bytes) => Some(format!("X'{}'", hexadecimal(bytes))),
            Value::Point(_) | Value::Null | Value::Other(_) => None,
        })
    }

    fn generator(&self, property: &Property, _native_type: &str) -> Option<ColumnSource> {
        let made = |expression: &str| Some(ColumnSource::Default(expression.to_owned()));
        match property.kind {
            PropertyType::Integer => Some(ColumnSource::Identity),
            PropertyType::Uuid | PropertyType::Text => made(MAKE_UUID),
            PropertyType::Timestamp => made(MAKE_TIMESTAMP),
            PropertyType::Date => made("CURRENT_DATE"),
            _ => None,
        }
    }

    fn column(&self, column: &ColumnShape, table: &TableShape) -> Result<String> {
        let mut out = ddl::name(self, &column.name);
        if !column.native_type.is_empty() {
            out.push_str(&format!(" {}", column.native_type));
        }
        if let Some(collation) = &column.collation {
            out.push_str(&format!(" COLLATE {}", ddl::name(self, collation)));
        }
        if !column.nullable {
            out.push_str(" NOT NULL");
        }
        match &column.source {
            ColumnSource::Given => {}
            ColumnSource::Default(expression) => {
                out.push_str(&format!(" DEFAULT {}", default(expression)));
            }
            ColumnSource::Computed(expression) => {
                out.push_str(&format!(" GENERATED ALWAYS AS ({expression}) STORED"));
            }
            ColumnSource::Identity | ColumnSource::IdentityAlways => {
                let is_counted = column.native_type.eq_ignore_ascii_case("integer")
                    && matches!(table.key.as_slice(), [only] if *only == column.name);
                if !is_counted {
                    return Err(Error::invalid(format!(
                        "SQLite counts up a primary key of one column of the type INTEGER alone, and `{}` is not that",
                        column.name
                    )));
                }
            }
        }
        Ok(out)
    }

    fn references_stand_in_tables(&self) -> bool {
        true
    }

    fn add_column(&self, table: &TableShape, column: &ColumnShape) -> Result<Option<Vec<String>>> {
        let definition = self.column(column, table)?;
        let in_place = match &column.source {
            ColumnSource::Given => column.nullable,
            ColumnSource::Default(expression) => {
                Literal::parse(expression, false).is_some_and(|literal| literal != Literal::Null)
            }
            _ => false,
        };
        let in_key = table.key.contains(&column.name);
        Ok((in_place && !in_key).then(|| {
            let table = ddl::table_name(self, &table.name);
            vec![format!("ALTER TABLE {table} ADD COLUMN {definition}")]
        }))
    }

    fn alter_column(
        &self,
        table: &TableShape,
        _from: &ColumnShape,
        to: &ColumnShape,
    ) -> Result<Option<Vec<String>>> {
        // For its errors.
        self.column(to, table)?;
        Ok(None)
    }

    fn alter_key(
        &self,
        _table: &TableName,
        _there: bool,
        _constraint: Option<&str>,
        _key: &[String],
    ) -> Option<Vec<String>> {
        None
    }

    fn create_index(&self, table: &TableName, index: &IndexShape) -> String {
        // An index is of its table's schema, which stands with the index's name.
        let unique = if index.unique { "UNIQUE " } else { "" };
        let name = TableName {
            schema: table.schema.clone(),
            name: index.name.clone(),
        };
        format!(
            "CREATE {unique}INDEX {} ON {} ({})",
            ddl::table_name(self, &name),
            ddl::name(self, &table.name),
            ddl::index_columns(self, index)
        )
    }

    fn drop_index(&self, table: &TableName, index: &DescribedIndex) -> Option<Vec<String>> {
        let name = TableName {
            schema: table.schema.clone(),
            name: index.name.clone(),
        };
        (!index.constraint).then(|| vec![format!("DROP INDEX {}", ddl::table_name(self, &name))])
    }

    fn add_reference(&self, _: &TableName, _: &ReferenceShape) -> Option<Vec<String>> {
        None
    }

    fn drop_reference(&self, _: &TableName, _: &str) -> Option<Vec<String>> {
        None
    }

    fn definitions(&self, table: &TableName) -> Option<Statement> {
        let schema = match &table.schema {
            Some(schema) => ddl::name(self, schema) + ".",
            None => String::new(),
        };
        Some(Statement {
            text: format!(
                "SELECT type, name, sql FROM {schema}sqlite_schema \
                 WHERE tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL ORDER BY type, name"
            ),
            parameters: vec![Value::Text(table.name.clone()).into()],
        })
    }

    fn rebuild_table(
        &self,
        table: &TableShape,
        copied: &[String],
        dropped_indexes: &[String],
        definitions: &[Definition],
    ) -> Result<Vec<String>> {
        rebuild::commands(self, table, copied, dropped_indexes, definitions)
    }

    fn around_rebuilds(&self) -> Around {
        rebuild::AROUND
    }
}

/// A default as it stands in a definition: an expression in parentheses, unless it may stand there by itself.
fn default(expression: &str) -> String {
    let upper = expression.to_ascii_uppercase();
    let is_word = matches!(
        upper.as_str(),
        "CURRENT_TIMESTAMP" | "CURRENT_DATE" | "CURRENT_TIME"
    );
    if is_word || Literal::parse(expression, false).is_some() {
        expression.to_owned()
    } else {
        format!("({expression})")
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
