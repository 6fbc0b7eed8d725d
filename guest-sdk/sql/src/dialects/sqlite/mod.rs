//! SQLite's SQL, from version 3.39, with what the connector adds to it.
//!
//! A column's affinity decides what becomes of an operand, so a column is compared only where its declared type keeps
//! the values of its kind as they are. Tables of Tenon's own have such types.

pub mod functions;
mod rebuild;
mod schema;

use tenon_model::{PropertyType, Value, format_timestamp};

use crate::schema::NativeType;
use crate::{Column, Dialect, Equality, Extreme, Fidelity, Part, Summing, Writer, Writing};

/// The declared type of timestamps that are integers; another program's are texts.
const MICROS: &str = "timestamp_micros";

/// SQLite, from version 3.39, with the functions that the connector adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sqlite;

impl Sqlite {
    /// Appends a call of a function of the connector's: a pattern, and a column's text.
    fn call(&self, function: &'static str, column: &Column, pattern: &str, sql: &mut Writer<'_>) {
        sql.push(function);
        sql.push("(");
        sql.parameter(Value::Text(pattern.to_owned()));
        sql.push(", ");
        sql.column(column);
        sql.push(")");
    }
}

/// Whether the declared type has text affinity, which keeps texts as they are; rules 1 and 2 of
/// <https://sqlite.org/datatype3.html#determination_of_column_affinity>.
fn has_text_affinity(name: &str) -> bool {
    !name.contains("int")
        && ["char", "clob", "text"]
            .iter()
            .any(|part| name.contains(part))
}

impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn max_parameters(&self) -> usize {
        32_766
    }

    fn max_nesting(&self) -> usize {
        // SQLITE_MAX_EXPR_DEPTH is 1000, and a condition takes a few of them.
        900
    }

    fn fidelity(&self, column: &Column) -> Fidelity {
        use PropertyType as Kind;
        let native = NativeType::parse(&column.native_type);
        let name = native.name.as_str();
        match column.kind {
            Kind::Text if !has_text_affinity(name) => Fidelity::UNKNOWN,
            Kind::Text if column.collation.is_some() => Fidelity::COLLATED,
            Kind::Text => Fidelity::TEXT,
            Kind::Boolean if matches!(name, "boolean" | "bool") => Fidelity::NATURAL,
            Kind::Integer if name.contains("int") => Fidelity::NATURAL,
            Kind::Float
                if ["real", "floa", "doub"]
                    .iter()
                    .any(|part| name.contains(part))
                    && !name.contains("int") =>
            {
                Fidelity::NATURAL
            }
            Kind::Decimal if name == "decimal_text" => Fidelity {
                equal: Equality::Expression,
                ..Fidelity::NATURAL
            },
            Kind::Timestamp if name == MICROS => Fidelity::NATURAL,
            Kind::Bytes if name == "blob" => Fidelity::NATURAL,
            Kind::Date if name == "date" => Fidelity::TEXT,
            Kind::Time if name == "time" => Fidelity::TEXT,
            Kind::Uuid if name == "uuid" => Fidelity::TEXT,
            _ => Fidelity::UNKNOWN,
        }
    }

    fn exact(&self, column: &Column, sql: &mut Writer<'_>) {
        if column.kind == PropertyType::Boolean {
            // Whatever isn't zero is read as true.
            sql.push("(");
            sql.column(column);
            sql.push(" <> 0)");
            return;
        }
        sql.column(column);
        match column.kind {
            // The collation of `functions::DECIMAL_COLLATION`.
            PropertyType::Decimal => sql.push(" COLLATE TENON_DECIMAL"),
            _ if column.collation.is_some() => sql.push(" COLLATE BINARY"),
            _ => {}
        }
    }

    fn text(&self, column: &Column, sql: &mut Writer<'_>) {
        sql.column(column);
    }

    fn is_null(&self, column: &Column, sql: &mut Writer<'_>) -> Part {
        // Another program's JSON may have a null of its own.
        let name = column.native_type.to_ascii_lowercase();
        let is_json = matches!(column.kind, PropertyType::Json | PropertyType::Any);
        if is_json && !matches!(name.as_str(), "json_text" | "any_text") {
            return Part::Nothing;
        }
        sql.column(column);
        sql.push(" IS NULL");
        Part::Whole
    }

    fn equal(&self, column: &Column, operand: Value, sql: &mut Writer<'_>) {
        if let Value::Boolean(truth) = operand {
            // Whatever isn't zero is read as true.
            sql.column(column);
            sql.push(if truth { " <> 0" } else { " = 0" });
            return;
        }
        match self.fidelity(column).equal {
            Equality::Narrowed => {
                sql.push("(");
                sql.column(column);
                sql.push(" = ");
                self.operand(column, operand.clone(), sql);
                sql.push(" AND ");
                self.exact(column, sql);
                sql.push(" = ");
                self.operand(column, operand, sql);
                sql.push(")");
            }
            Equality::Column => {
                sql.column(column);
                sql.push(" = ");
                self.operand(column, operand, sql);
            }
            Equality::Expression | Equality::Unknown => {
                self.exact(column, sql);
                sql.push(" = ");
                self.operand(column, operand, sql);
            }
        }
    }

    fn like(&self, column: &Column, pattern: &str, sql: &mut Writer<'_>) -> Part {
        self.call(functions::LIKE, column, pattern, sql);
        Part::Whole
    }

    fn ilike(&self, column: &Column, pattern: &str, sql: &mut Writer<'_>) -> Part {
        self.call(functions::ILIKE, column, pattern, sql);
        Part::Whole
    }

    fn matches(&self, column: &Column, pattern: &str, sql: &mut Writer<'_>) -> Part {
        if !cfg!(feature = "regex") {
            return Part::Nothing;
        }
        self.call(functions::MATCHES, column, pattern, sql);
        Part::Whole
    }

    fn stored(&self, column: &Column, value: Value, sql: &mut Writer<'_>) -> tenon_sdk::Result<()> {
        // A text or number that is a whole JSON value is written as JSON has it: `"5"` is a text, and `5` is none.
        let is_json = match column.kind {
            PropertyType::Json => true,
            PropertyType::Any => column.native_type.eq_ignore_ascii_case("any_text"),
            _ => false,
        };
        sql.parameter(match value {
            value if is_json && !matches!(value, Value::Null | Value::Json(_)) => {
                Value::Json(value.to_lossless_json().to_string())
            }
            // As SQLite's own functions write the time, which is what other programs expect in their columns.
            Value::Timestamp(micros) if !column.native_type.eq_ignore_ascii_case(MICROS) => {
                Value::Text(format_timestamp(micros).replace('T', " ").replace('Z', ""))
            }
            value => value,
        });
        Ok(())
    }

    fn sorts_nulls_first(&self) -> bool {
        true
    }

    fn page(&self, limit: Option<u64>, offset: u64, sql: &mut Writer<'_>) {
        if limit.is_none() && offset == 0 {
            return;
        }
        sql.push(" LIMIT ");
        // There is no offset without a limit; -1 is none.
        let limit = limit.map_or(Value::Integer(-1), crate::dialect::whole_number);
        sql.parameter(limit);
        if offset > 0 {
            sql.push(" OFFSET ");
            sql.parameter(crate::dialect::whole_number(offset));
        }
    }

    fn returns(&self, _: Writing) -> bool {
        true
    }

    fn sum(&self, column: &Column, distinct: bool) -> Summing {
        if self.fidelity(column).equal != Equality::Column {
            return Summing::Unknown;
        }
        match column.kind {
            PropertyType::Integer if !distinct => Summing::Halves,
            PropertyType::Float => Summing::Compensated,
            _ => Summing::Unknown,
        }
    }

    fn extreme(&self, column: &Column) -> Extreme {
        if self.fidelity(column).order {
            Extreme::MinMax
        } else {
            Extreme::Unknown
        }
    }
}
