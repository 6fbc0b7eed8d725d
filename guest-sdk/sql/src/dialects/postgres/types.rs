//! PostgreSQL's types, as far as comparing needs to know them.

use super::schema::canonical;
use crate::Column;

/// The beginning of the year 4714 BC, the first that a `timestamp` can be in: 24 November -4713.
pub(super) const LEAST_TIMESTAMP: i64 = -210_866_803_200_000_000;

/// What a column's type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Native {
    Text,
    /// `character(n)`.
    Padded,
    Name,
    Citext,
    Enumeration,
    Boolean,
    Integer,
    Float,
    Numeric,
    Timestamp,
    TimestampTz,
    Date,
    Time,
    Bytea,
    Uuid,
    Json,
    Jsonb,
    Point,
    /// `text[]`, `character varying[]`.
    Texts,
    /// `smallint[]`, `integer[]`, `bigint[]`.
    Integers,
    Other,
}

impl Native {
    /// The type of a column.
    pub(super) fn of(column: &Column) -> Self {
        if !column.labels.is_empty() {
            return Self::Enumeration;
        }
        // The usual ones without taking them apart.
        match column.native_type.as_str() {
            "text" => return Self::Text,
            "bigint" | "integer" => return Self::Integer,
            "timestamp with time zone" => return Self::TimestampTz,
            _ => {}
        }
        let native = canonical(&column.native_type);
        if let Some(suffix) = native.suffix.strip_suffix("[]") {
            return match (native.name.as_str(), suffix) {
                ("text" | "character varying", "") => Self::Texts,
                ("smallint" | "integer" | "bigint", "") => Self::Integers,
                _ => Self::Other,
            };
        }
        match (native.name.as_str(), native.suffix.as_str()) {
            ("text" | "character varying", _) => Self::Text,
            ("character" | "bpchar", _) => Self::Padded,
            ("name", _) => Self::Name,
            ("citext", _) => Self::Citext,
            ("boolean", _) => Self::Boolean,
            ("smallint" | "integer" | "bigint", _) => Self::Integer,
            ("real" | "double precision", _) => Self::Float,
            ("numeric", _) => Self::Numeric,
            ("timestamp", "with time zone") => Self::TimestampTz,
            ("timestamp", _) => Self::Timestamp,
            ("date", _) => Self::Date,
            ("time", "without time zone") => Self::Time,
            ("bytea", _) => Self::Bytea,
            ("uuid", _) => Self::Uuid,
            ("json", _) => Self::Json,
            ("jsonb", _) => Self::Jsonb,
            ("point", _) => Self::Point,
            _ => Self::Other,
        }
    }
}

/// Whether texts that are equal in a collation are the same; a user's own may take others for equal.
pub(super) fn is_deterministic(collation: &str) -> bool {
    matches!(collation, "default" | "C" | "POSIX" | "ucs_basic")
        || collation.ends_with("-x-icu")
        || collation.to_ascii_lowercase().ends_with(".utf8")
        || collation.to_ascii_lowercase().ends_with(".utf-8")
}

/// A moment as coarse as the column keeps it, rounded down.
pub(super) fn floor(micros: i64, native_type: &str) -> i64 {
    if !native_type.contains('(') {
        return micros;
    }
    match canonical(native_type).length() {
        Some(digits @ 0..=5) => {
            let step = 10_i64.pow(6 - digits);
            micros.div_euclid(step).saturating_mul(step)
        }
        _ => micros,
    }
}
