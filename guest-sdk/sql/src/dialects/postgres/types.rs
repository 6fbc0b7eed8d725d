//! PostgreSQL's types, as far as comparing needs to know them.

use super::schema::canonical;
use crate::{Column, Guard, Reach};

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

/// What keeps a comparison from values that travel as the backend's own: the infinite, days and moments that the contract
/// has no form for, the end of a day as a time, and what is no number. Bounds are what an index can use.
pub(super) fn guards(column: &Column, reach: Reach) -> &'static [Guard] {
    const MOMENT: [Guard; 2] = [
        Guard("", " > '-infinity'"),
        // The last that 64 bits of microseconds since 1970 hold.
        Guard("", " <= '294247-01-10 04:00:54.775807'::timestamp"),
    ];
    const MOMENT_TZ: [Guard; 2] = [
        Guard("", " > '-infinity'"),
        Guard("", " <= '294247-01-10 04:00:54.775807+00'::timestamptz"),
    ];
    const DAY: [Guard; 2] = [
        Guard("", " >= '0001-01-01'::date"),
        Guard("", " <= '9999-12-31'::date"),
    ];
    const TIME: [Guard; 1] = [Guard("", " < '24:00:00'::time")];
    const NOT_NAN: [Guard; 1] = [Guard("", " <> 'NaN'::numeric")];
    // Before version 14 there is no infinite `numeric`, so it has a name only as a text.
    const NUMBER: [Guard; 3] = [
        Guard("", "::text <> '-Infinity'"),
        Guard("", " <> 'NaN'::numeric"),
        Guard("", "::text <> 'Infinity'"),
    ];
    let both: &'static [Guard] = match Native::of(column) {
        Native::Timestamp => &MOMENT,
        Native::TimestampTz => &MOMENT_TZ,
        Native::Date => &DAY,
        Native::Time if reach.greatest => return &TIME,
        Native::Numeric if column.native_type.contains('(') => {
            // One with a precision can't be infinite.
            return if reach.greatest { &NOT_NAN } else { &[] };
        }
        Native::Numeric => &NUMBER,
        _ => return &[],
    };
    match (reach.least, reach.greatest) {
        (true, true) => both,
        (true, false) => both.get(..1).unwrap_or_default(),
        (false, true) => both.get(1..).unwrap_or_default(),
        (false, false) => &[],
    }
}
