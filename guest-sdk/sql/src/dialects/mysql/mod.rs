//! MySQL's SQL, and MariaDB's.
//!
//! Text compares without case there unless a collation says otherwise, and a number that meets a text becomes a float:
//! so text is compared in a binary collation, and decimals and times are cast.

mod schema;

use tenon_model::{Decimal, PropertyType, Value};
use tenon_sdk::Result;

use super::refuse_rounding;
use crate::schema::NativeType;
use crate::{
    Column, Coordinate, Dialect, Equality, Extreme, Fidelity, Fit, Guard, Part, Reach, Summing,
    Writer, Writing,
};

/// Which of the two it is: they have drifted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MySqlFlavour {
    /// MySQL, from version 8.0.
    MySql,
    /// MariaDB, from version 10.5.
    MariaDb,
}

/// MySQL or MariaDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MySql {
    /// Which of the two.
    pub flavour: MySqlFlavour,
}

/// 0001-01-01T00:00:00Z, the first that a `datetime` keeps: years before 1000 are not promised, and are there.
const LEAST_DATETIME: i64 = -62_135_596_800_000_000;

/// 9999-12-31T23:59:59.999999Z, the last one.
const GREATEST_DATETIME: i64 = 253_402_300_799_999_999;

/// The most digits of a `decimal`, and the most behind the point.
const DECIMAL_DIGITS: usize = 65;
const DECIMAL_PLACES: usize = 30;

impl Dialect for MySql {
    fn name(&self) -> &'static str {
        match self.flavour {
            MySqlFlavour::MySql => "mysql",
            MySqlFlavour::MariaDb => "mariadb",
        }
    }

    fn quote(&self, identifier: &str, out: &mut String) {
        out.push('`');
        out.push_str(&identifier.replace('`', "``"));
        out.push('`');
    }

    fn max_nesting(&self) -> usize {
        // The parser recurses on a stack of 256 KiB and more.
        1_000
    }

    fn fidelity(&self, column: &Column) -> Fidelity {
        use PropertyType as Kind;
        let native = NativeType::parse(&column.native_type);
        match (column.kind, native.name.as_str()) {
            // By label, not by number, which is their own order.
            (Kind::Text, "enum" | "set") => Fidelity::COLLATED,
            (
                Kind::Text,
                "char" | "varchar" | "character" | "character varying" | "tinytext" | "text"
                | "mediumtext" | "longtext",
            ) if column.collation.is_some() => Fidelity::COLLATED,
            (
                Kind::Text,
                "char" | "varchar" | "character" | "character varying" | "tinytext" | "text"
                | "mediumtext" | "longtext",
            ) => Fidelity::TEXT,
            (Kind::Uuid, "char" | "varchar") if column.collation.is_some() => Fidelity::COLLATED,
            (Kind::Uuid, "char" | "varchar") => Fidelity::TEXT,
            // MariaDB keeps them in another order.
            (Kind::Uuid, "uuid") => Fidelity {
                order: false,
                ..Fidelity::NATURAL
            },
            (Kind::Boolean, "tinyint" | "bit" | "bool" | "boolean")
            | (
                Kind::Integer,
                "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "year",
            )
            | (Kind::Float, "float" | "double" | "double precision" | "real")
            | (Kind::Decimal, "decimal" | "numeric" | "dec" | "fixed")
            | (Kind::Timestamp, "datetime" | "timestamp")
            | (Kind::Date, "date")
            | (Kind::Time, "time")
            | (
                Kind::Bytes,
                "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob",
            ) => Fidelity::NATURAL,
            _ => Fidelity::UNKNOWN,
        }
    }

    fn exact(&self, column: &Column, sql: &mut Writer<'_>) {
        let native = NativeType::parse(&column.native_type);
        let listed = matches!(native.name.as_str(), "enum" | "set");
        if column.kind == PropertyType::Boolean && !is_one_bit(&native) {
            // Whatever isn't zero is read as true.
            self.grouped(column, sql);
            return;
        }
        let text = matches!(column.kind, PropertyType::Text | PropertyType::Uuid);
        match &column.collation {
            _ if !text => sql.column(column),
            None if !listed => sql.column(column),
            Some(collation) if collation.starts_with("utf8mb4") && !listed => {
                sql.column(column);
                self.collate(sql);
            }
            _ => {
                sql.push("CONVERT(");
                sql.column(column);
                sql.push(" USING utf8mb4)");
                self.collate(sql);
            }
        }
    }

    fn grouped(&self, column: &Column, sql: &mut Writer<'_>) {
        if column.kind == PropertyType::Boolean {
            sql.push("(");
            sql.column(column);
            sql.push(" <> 0)");
        } else if has_zero_days(column) {
            sql.push("CASE WHEN MONTH(");
            sql.column(column);
            sql.push(") <> 0 AND DAY(");
            sql.column(column);
            sql.push(") <> 0 THEN ");
            sql.column(column);
            sql.push(" END");
        } else {
            self.exact(column, sql);
        }
    }

    fn fit(&self, column: &Column, operand: Value) -> Fit {
        let native = NativeType::parse(&column.native_type);
        match operand {
            Value::Timestamp(micros) => {
                let digits = native.length().unwrap_or(0).min(6);
                let step = 10_i64.pow(6 - digits);
                match micros.div_euclid(step).saturating_mul(step) {
                    micros if micros < LEAST_DATETIME => Fit::Below,
                    micros if micros > GREATEST_DATETIME => Fit::Above,
                    micros => Fit::Value(Value::Timestamp(micros)),
                }
            }
            Value::Decimal(text) => match decimal_places(&text) {
                Some(_) => Fit::Value(Value::Decimal(text)),
                None => Fit::Unequal,
            },
            operand => Fit::Value(operand),
        }
    }

    fn typed(&self, kind: PropertyType, operand: Value, sql: &mut Writer<'_>) {
        let places = match &operand {
            Value::Decimal(text) => decimal_places(text).unwrap_or(0),
            _ => 0,
        };
        let cast = match kind {
            PropertyType::Decimal => " AS DECIMAL(65,",
            PropertyType::Timestamp => " AS DATETIME(6))",
            PropertyType::Date => " AS DATE)",
            PropertyType::Time => " AS TIME(6))",
            _ => {
                sql.parameter(operand);
                return;
            }
        };
        sql.push("CAST(");
        sql.parameter(operand);
        sql.push(cast);
        if kind == PropertyType::Decimal {
            sql.number(u64::from(places));
            sql.push("))");
        }
    }

    fn stored(&self, column: &Column, value: Value, sql: &mut Writer<'_>) -> Result<()> {
        let native = NativeType::parse(&column.native_type);
        let keeps_json = native.name == "json"
            || (self.flavour == MySqlFlavour::MariaDb && native.name == "longtext");
        sql.parameter(match (column.kind, value) {
            (PropertyType::Any, value)
                if keeps_json && !matches!(value, Value::Null | Value::Json(_)) =>
            {
                Value::Json(value.to_lossless_json().to_string())
            }
            (PropertyType::Decimal, Value::Decimal(text)) => {
                if matches!(native.name.as_str(), "decimal" | "numeric") {
                    let kept = native.scale().unwrap_or(0).into();
                    refuse_rounding(column, kept, &text)?;
                }
                Value::Decimal(text)
            }
            (_, Value::Timestamp(micros)) => {
                // A time that is kept more coarsely is rounded down, and the backend would round it to the nearest.
                let digits = native.length().unwrap_or(0).min(6);
                let step = 10_i64.pow(6 - digits);
                Value::Timestamp(micros.div_euclid(step).saturating_mul(step))
            }
            (_, value) => value,
        });
        Ok(())
    }

    fn is_null(&self, column: &Column, sql: &mut Writer<'_>) -> Part {
        if matches!(column.kind, PropertyType::Json | PropertyType::Any) {
            let native = NativeType::parse(&column.native_type);
            let keeps_json = native.name == "json"
                || (self.flavour == MySqlFlavour::MariaDb && native.name == "longtext");
            if !keeps_json {
                return Part::Nothing;
            }
            sql.push("COALESCE(JSON_TYPE(");
            sql.column(column);
            sql.push("), 'NULL') = 'NULL'");
            return Part::Whole;
        }
        let zero = has_zero_days(column);
        if zero {
            sql.push("(");
        }
        sql.column(column);
        sql.push(" IS NULL");
        if zero {
            sql.push(" OR MONTH(");
            sql.column(column);
            sql.push(") = 0 OR DAY(");
            sql.column(column);
            sql.push(") = 0)");
        }
        Part::Whole
    }

    fn guards(&self, column: &Column, _: Reach) -> &'static [Guard] {
        // What is read as null is neither greater nor less.
        if has_zero_days(column) {
            &[Guard("MONTH(", ") <> 0"), Guard("DAY(", ") <> 0")]
        } else {
            &[]
        }
    }

    fn equal(&self, column: &Column, operand: Value, sql: &mut Writer<'_>) {
        if let Value::Boolean(truth) = operand {
            // Whatever isn't zero is read as true.
            sql.column(column);
            sql.push(if truth { " <> 0" } else { " = 0" });
            return;
        }
        let is_exact = self.fidelity(column).equal != Equality::Narrowed;
        let narrows = !is_exact && can_meet(column, &operand);
        if narrows {
            sql.push("(");
        }
        if is_exact || narrows {
            sql.column(column);
            sql.push(" = ");
            self.operand(column, operand.clone(), sql);
        }
        if narrows {
            sql.push(" AND ");
        }
        if !is_exact {
            self.exact(column, sql);
            sql.push(" = ");
            self.operand(column, operand, sql);
        }
        if narrows {
            sql.push(")");
        }
    }

    fn one_of(&self, column: &Column, operands: Vec<Value>, sql: &mut Writer<'_>) {
        if self.fidelity(column).equal != Equality::Narrowed {
            sql.column(column);
            self.operands(column, operands, sql);
            return;
        }
        let narrows = operands.iter().all(|operand| can_meet(column, operand));
        if narrows {
            sql.push("(");
            sql.column(column);
            self.operands(column, operands.clone(), sql);
            sql.push(" AND ");
        }
        self.exact(column, sql);
        self.operands(column, operands, sql);
        if narrows {
            sql.push(")");
        }
    }

    fn coordinate(&self, column: &Column, coordinate: Coordinate, sql: &mut Writer<'_>) -> bool {
        if NativeType::parse(&column.native_type).name != "point" {
            return false;
        }
        sql.push(match coordinate {
            Coordinate::Longitude => "ST_X(",
            Coordinate::Latitude => "ST_Y(",
        });
        sql.column(column);
        sql.push(")");
        true
    }

    fn has_strange_floats(&self) -> bool {
        false
    }

    fn sorts_nulls_first(&self) -> bool {
        true
    }

    fn page(&self, limit: Option<u64>, offset: u64, sql: &mut Writer<'_>) {
        if limit.is_none() && offset == 0 {
            return;
        }
        sql.push(" LIMIT ");
        // There is no offset without a limit.
        sql.parameter(crate::dialect::whole_number(limit.unwrap_or(u64::MAX)));
        if offset > 0 {
            sql.push(" OFFSET ");
            sql.parameter(crate::dialect::whole_number(offset));
        }
    }

    fn returns(&self, writing: Writing) -> bool {
        self.flavour == MySqlFlavour::MariaDb && writing == Writing::Insert
    }

    fn default_values(&self, sql: &mut Writer<'_>) {
        sql.push(" () VALUES ()");
    }

    fn key_step(&self) -> Option<&'static str> {
        Some("SELECT @@auto_increment_increment")
    }

    fn sum(&self, column: &Column, _: bool) -> Summing {
        if self.fidelity(column).equal != Equality::Column {
            return Summing::Unknown;
        }
        match column.kind {
            PropertyType::Integer | PropertyType::Decimal => Summing::Exact(""),
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

impl MySql {
    /// Appends the collation that compares by code point, trailing spaces too.
    fn collate(self, sql: &mut Writer<'_>) {
        sql.push(match self.flavour {
            MySqlFlavour::MySql => " COLLATE utf8mb4_0900_bin",
            MySqlFlavour::MariaDb => " COLLATE utf8mb4_nopad_bin",
        });
    }
}

/// Whether a column of booleans has 0 and 1 alone, which are in their order.
fn is_one_bit(native: &NativeType) -> bool {
    native.name == "bit" && native.length().unwrap_or(1) == 1
}

/// Whether a column can have days without a month or day, as `0000-00-00`, which are read as null. Sessions of Tenon's store
/// none, but another program's may.
fn has_zero_days(column: &Column) -> bool {
    let native = NativeType::parse(&column.native_type);
    matches!(column.kind, PropertyType::Timestamp | PropertyType::Date)
        && matches!(native.name.as_str(), "datetime" | "timestamp" | "date")
}

/// Whether a column and an operand can be compared as they are: a character that the column's set doesn't have is an
/// error there.
fn can_meet(column: &Column, operand: &Value) -> bool {
    let collation = column.collation.as_deref().unwrap_or_default();
    match operand {
        Value::Text(text) => collation.starts_with("utf8mb4") || text.is_ascii(),
        _ => true,
    }
}

/// How many digits behind the point a decimal needs; none where the type has too few for it.
fn decimal_places(text: &str) -> Option<u32> {
    let decimal = Decimal::parse(text)?;
    let places = decimal.fraction_digits();
    let fits = places <= DECIMAL_PLACES && decimal.integer_digits() + places <= DECIMAL_DIGITS;
    u32::try_from(places).ok().filter(|_| fits)
}
