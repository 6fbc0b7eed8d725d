//! PostgreSQL's SQL, from version 12.
//!
//! Every operand is cast, so that a parameter's type is known before its value: an `integer` column is compared with
//! a `bigint`, and a number beyond the column's type is just greater than all of them.

mod inside;
mod schema;
mod types;

use tenon_model::{Condition, PropertyType, Value};
use tenon_sdk::Result;

use super::refuse_rounding;
use crate::{
    Column, Coordinate, Dialect, Equality, Extreme, Fidelity, Fit, Guard, Parameter, Part, Reach,
    Summing, Writer, Writing,
};
use schema::canonical;
use types::{Native, floor, is_deterministic};

/// PostgreSQL, from version 12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Postgres;

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn placeholder(&self, number: usize, out: &mut String) {
        out.push('$');
        out.push_str(&number.to_string());
    }

    fn fidelity(&self, column: &Column) -> Fidelity {
        use PropertyType as Kind;
        match (column.kind, Native::of(column)) {
            (Kind::Text, Native::Text) => match &column.collation {
                Some(collation) if !is_deterministic(collation) => Fidelity::COLLATED,
                _ => Fidelity::TEXT,
            },
            // Trailing spaces don't count for the type, and do for the contract.
            (Kind::Text, Native::Padded) => Fidelity::COLLATED,
            (Kind::Text, Native::Name) => Fidelity::TEXT,
            (Kind::Text, Native::Citext) => Fidelity {
                equal: Equality::Expression,
                ..Fidelity::TEXT
            },
            (Kind::Text, Native::Enumeration) => Fidelity {
                equal: Equality::Column,
                ..Fidelity::TEXT
            },
            (Kind::Uuid, Native::Uuid) => Fidelity::TEXT,
            (Kind::Boolean, Native::Boolean)
            | (Kind::Integer, Native::Integer)
            | (Kind::Float, Native::Float)
            | (Kind::Decimal, Native::Numeric)
            | (Kind::Timestamp, Native::Timestamp | Native::TimestampTz)
            | (Kind::Date, Native::Date)
            | (Kind::Time, Native::Time)
            | (Kind::Bytes, Native::Bytea) => Fidelity::NATURAL,
            _ => Fidelity::UNKNOWN,
        }
    }

    fn exact(&self, column: &Column, sql: &mut Writer<'_>) {
        match Native::of(column) {
            Native::Text | Native::Name => {
                sql.column(column);
                if column.collation.is_some() {
                    sql.push(" COLLATE \"C\"");
                }
            }
            Native::Padded => {
                // A cast to text would take the spaces away.
                sql.push("NULLIF(CONCAT(");
                sql.column(column);
                sql.push("), '') COLLATE \"C\"");
            }
            Native::Citext | Native::Enumeration => self.text(column, sql),
            _ => sql.column(column),
        }
    }

    fn text(&self, column: &Column, sql: &mut Writer<'_>) {
        match Native::of(column) {
            Native::Citext | Native::Enumeration | Native::Uuid => {
                sql.column(column);
                sql.push("::text COLLATE \"C\"");
            }
            _ => self.exact(column, sql),
        }
    }

    fn fit(&self, column: &Column, operand: Value) -> Fit {
        match (&operand, Native::of(column)) {
            // No text holds it.
            (Value::Text(text), _) if text.contains('\0') => Fit::Unequal,
            (Value::Text(text), Native::Enumeration) if !column.labels.contains(text) => {
                Fit::Unequal
            }
            (Value::Timestamp(micros), Native::Timestamp | Native::TimestampTz) => {
                match floor(*micros, &column.native_type) {
                    micros if micros < types::LEAST_TIMESTAMP => Fit::Below,
                    micros => Fit::Value(Value::Timestamp(micros)),
                }
            }
            // Its year 1 BC, which is read as no day of the contract's.
            (Value::Text(text), Native::Date) if text.starts_with("0000-") => Fit::Below,
            _ => Fit::Value(operand),
        }
    }

    fn typed(&self, kind: PropertyType, operand: Value, sql: &mut Writer<'_>) {
        sql.parameter(operand);
        sql.push(cast(kind));
    }

    fn operand(&self, column: &Column, operand: Value, sql: &mut Writer<'_>) {
        match Native::of(column) {
            Native::Timestamp => {
                sql.parameter(operand);
                sql.push("::timestamp");
            }
            _ => self.typed(column.kind, operand, sql),
        }
    }

    fn stored(&self, column: &Column, value: Value, sql: &mut Writer<'_>) -> Result<()> {
        let value = match (column.kind, Native::of(column), value) {
            // Of 1e16 it would keep the digits, and forget that it was a float.
            (PropertyType::Any, Native::Jsonb, Value::Float(float)) if float.is_finite() => {
                let digits = float.to_string();
                let has_point = digits.contains('.');
                Value::Json(if has_point { digits } else { digits + ".0" })
            }
            // What stands for itself inside JSON, as the column keeps it.
            (PropertyType::Any, Native::Json | Native::Jsonb, value)
                if !matches!(value, Value::Null | Value::Json(_)) =>
            {
                Value::Json(value.to_lossless_json().to_string())
            }
            (_, Native::Numeric, Value::Decimal(text)) => {
                if column.native_type.contains('(') {
                    let native = canonical(&column.native_type);
                    refuse_rounding(column, native.scale().unwrap_or(0).into(), &text)?;
                }
                Value::Decimal(text)
            }
            (_, Native::Timestamp | Native::TimestampTz, Value::Timestamp(micros)) => {
                Value::Timestamp(floor(micros, &column.native_type))
            }
            (_, _, value) => value,
        };
        sql.parameter(value);
        Ok(())
    }

    fn is_null(&self, column: &Column, sql: &mut Writer<'_>) -> Part {
        let kind_of = match Native::of(column) {
            Native::Jsonb => "jsonb_typeof(",
            Native::Json => "json_typeof(",
            _ => {
                sql.column(column);
                sql.push(" IS NULL");
                return Part::Whole;
            }
        };
        sql.push("COALESCE(");
        sql.push(kind_of);
        sql.column(column);
        sql.push("), 'null') = 'null'");
        Part::Whole
    }

    fn equal(&self, column: &Column, operand: Value, sql: &mut Writer<'_>) {
        match Native::of(column) {
            Native::Padded => {
                sql.push("(");
                sql.column(column);
                sql.push(" = ");
                sql.parameter(operand.clone());
                sql.push("::bpchar AND ");
                self.exact(column, sql);
                sql.push(" = ");
                self.operand(column, operand, sql);
                sql.push(")");
            }
            // Of the column's own type, which an index is on; it is one of the labels.
            Native::Enumeration => {
                sql.column(column);
                sql.push(" = ");
                sql.parameter(operand);
            }
            native => {
                let collated =
                    native == Native::Text && self.fidelity(column).equal == Equality::Narrowed;
                if collated {
                    sql.push("(");
                }
                if native == Native::Citext {
                    self.exact(column, sql);
                } else {
                    sql.column(column);
                }
                sql.push(" = ");
                self.operand(column, operand.clone(), sql);
                if collated {
                    sql.push(" AND ");
                    self.exact(column, sql);
                    sql.push(" = ");
                    self.operand(column, operand, sql);
                    sql.push(")");
                }
            }
        }
    }

    fn one_of(&self, column: &Column, operands: Vec<Value>, sql: &mut Writer<'_>) {
        let native = Native::of(column);
        let any_of = |operands: Vec<Value>, sql: &mut Writer<'_>| {
            sql.push(" = ANY(");
            sql.parameter(Parameter::List(operands));
            sql.push(match native {
                Native::Timestamp => "::timestamp",
                _ => cast(column.kind),
            });
            sql.push("[])");
        };
        if self.fidelity(column).equal == Equality::Narrowed && native == Native::Text {
            sql.push("(");
            sql.column(column);
            any_of(operands.clone(), sql);
            sql.push(" AND ");
            self.exact(column, sql);
            any_of(operands, sql);
            sql.push(")");
            return;
        }
        match native {
            Native::Padded | Native::Citext | Native::Enumeration => self.exact(column, sql),
            _ => sql.column(column),
        }
        any_of(operands, sql);
    }

    fn like(&self, column: &Column, pattern: &str, sql: &mut Writer<'_>) -> Part {
        if pattern.contains('\0') {
            return Part::Nothing;
        }
        self.text(column, sql);
        sql.push(" LIKE ");
        // The backslash escapes by default, and an index serves a pattern only without another character.
        self.typed(PropertyType::Text, Value::Text(pattern.to_owned()), sql);
        Part::Whole
    }

    fn contains(&self, column: &Column, operand: &Value, sql: &mut Writer<'_>) -> Part {
        inside::contains(column, operand, sql)
    }

    fn inside(&self, column: &Column, condition: &Condition, sql: &mut Writer<'_>) -> Part {
        inside::condition(column, condition, sql)
    }

    fn coordinate(&self, column: &Column, coordinate: Coordinate, sql: &mut Writer<'_>) -> bool {
        if Native::of(column) != Native::Point {
            return false;
        }
        sql.column(column);
        sql.push(match coordinate {
            Coordinate::Longitude => "[0]",
            Coordinate::Latitude => "[1]",
        });
        true
    }

    fn guards(&self, column: &Column, reach: Reach) -> &'static [Guard] {
        types::guards(column, reach)
    }

    fn returns(&self, _: Writing) -> bool {
        true
    }

    fn on_conflict(&self) -> Option<&'static str> {
        Some("(xmax = 0)")
    }

    fn spares_transaction(&self) -> Option<&'static str> {
        Some(" ON CONFLICT DO NOTHING")
    }

    fn sum(&self, column: &Column, _: bool) -> Summing {
        match (column.kind, Native::of(column)) {
            (PropertyType::Integer, Native::Integer) | (PropertyType::Decimal, Native::Numeric) => {
                Summing::Exact("::numeric")
            }
            _ => Summing::Unknown,
        }
    }

    fn extreme(&self, column: &Column) -> Extreme {
        match Native::of(column) {
            _ if !self.fidelity(column).order => Extreme::Unknown,
            Native::Boolean => Extreme::BoolAndOr,
            Native::Uuid => Extreme::TextMinMax,
            // Neither is there in every version.
            Native::Bytea => Extreme::Unknown,
            _ => Extreme::MinMax,
        }
    }
}

/// The cast of an operand of a kind.
fn cast(kind: PropertyType) -> &'static str {
    match kind {
        PropertyType::Text | PropertyType::Any => "::text",
        PropertyType::Boolean => "::bool",
        PropertyType::Integer => "::int8",
        PropertyType::Float => "::float8",
        PropertyType::Decimal => "::numeric",
        PropertyType::Timestamp => "::timestamptz",
        PropertyType::Date => "::date",
        PropertyType::Time => "::time",
        PropertyType::Bytes => "::bytea",
        PropertyType::Point => "::point",
        PropertyType::Uuid => "::uuid",
        PropertyType::Json => "::jsonb",
    }
}
