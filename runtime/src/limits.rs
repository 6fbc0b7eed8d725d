//! What a data source may use: memory, time, waiting callers, sessions, rows and bytes.
//!
//! Each limit has a default, and bounds beyond which a value is a mistake rather than a wish.

use std::fmt::Display;
use std::time::Duration;

use tenon_model::Problems;

use crate::config::{Fields, Node, Reader, Shape};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A limit's default, and the least and the most that it can be set to.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<T> {
    /// What holds where nothing is said.
    pub default: T,
    /// Less makes no sense.
    pub least: T,
    /// More makes no sense.
    pub most: T,
}

const fn bounds<T>(default: T, least: T, most: T) -> Bounds<T> {
    Bounds {
        default,
        least,
        most,
    }
}

/// A database's cache and a page of rows fit; a machine holds dozens of sessions. WebAssembly of 32 bits
/// can't address more than 4 GiB.
pub const MEMORY: Bounds<u64> = bounds(256 * MIB, MIB, 4 * GIB);

/// Longer than a slow query that somebody waits for. The engine's clock ticks every 10 ms.
pub const CALL_TIMEOUT: Bounds<Duration> =
    bounds(Duration::from_secs(30), Duration::from_millis(10), DAY);

/// Who waits longer for a session has most likely gone away.
pub const WAIT_TIMEOUT: Bounds<Duration> =
    bounds(Duration::from_secs(10), Duration::from_millis(1), HOUR);

/// A waiting caller is cheap, but a queue that is never empty only adds delay.
pub const QUEUE: Bounds<usize> = bounds(1024, 0, 1_000_000);

/// A fair share of a usual database server's 100 connections. One engine has room for 500 sessions.
pub const SESSIONS: Bounds<usize> = bounds(8, 1, 500);

/// Long enough to serve bursts from warm sessions, short enough to give a backend's connections back.
pub const IDLE_TIMEOUT: Bounds<Duration> =
    bounds(Duration::from_secs(5 * 60), Duration::from_millis(100), DAY);

/// Balancers and firewalls forget a connection about then, and a leak has grown small.
pub const MAX_AGE: Bounds<Duration> = bounds(
    HOUR,
    Duration::from_secs(1),
    Duration::from_secs(365 * 24 * 60 * 60),
);

/// Rare enough to cost nothing, and an end to a slow leak.
pub const MAX_CALLS: Bounds<u64> = bounds(1_000_000, 1, i64::MAX as u64);

/// Below the minute after which the impatient among balancers and servers drop a connection that nobody uses; whoever
/// has a session in steady use never pays for a ping.
pub const CHECK_AFTER: Bounds<Duration> =
    bounds(Duration::from_secs(30), Duration::from_millis(1), DAY);

/// Longer, and a backend that is back is found late; shorter, and one that is ill is kept busy with refusing.
pub const MAX_BACKOFF: Bounds<Duration> =
    bounds(Duration::from_secs(30), Duration::from_millis(1), HOUR);

/// Once for the session that was lost, once for one that was lost with it.
pub const RETRIES: Bounds<u32> = bounds(2, 0, 10);

/// Large enough that crossing the boundary is cheap for each row, small enough to stream.
pub const PAGE_SIZE: Bounds<u64> = bounds(MIB, 4 * KIB, 64 * MIB);

/// As many rows as a page of the usual size holds at a kilobyte each.
pub const PAGE_ROWS: Bounds<u32> = bounds(1024, 1, 1_000_000);

/// Rows that one query may read from the connector for the runtime to filter: some seconds of work.
pub const SCAN_ROWS: Bounds<u64> = bounds(10_000_000, 1, i64::MAX as u64);

/// Rows that the runtime may hold in memory to sort them, at about a kilobyte each.
pub const SORT_ROWS: Bounds<u64> = bounds(1_000_000, 1, 100_000_000);

/// Others may be waiting for what a transaction has, and give up after about as long.
pub const TRANSACTION_TIMEOUT: Bounds<Duration> =
    bounds(Duration::from_secs(10), Duration::from_millis(10), DAY);

/// Rows that a query inside a transaction, or of a read model, may have: it is read whole, so that one can write
/// while reading.
pub const TRANSACTION_ROWS: Bounds<u64> = bounds(100_000, 1, 100_000_000);

/// Records that one query may hold for its relations, the related ones of all levels among them.
pub const INCLUDE_ROWS: Bounds<u64> = bounds(100_000, 1, 100_000_000);

/// What a data source may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of one session, in bytes.
    pub memory: u64,
    /// For one call to the connector.
    pub call_timeout: Duration,
    /// For a session to become free.
    pub wait_timeout: Duration,
    /// Callers that may wait for a session at once.
    pub queue: usize,
    /// Sessions of a pooled connector at once.
    pub sessions: usize,
    /// After which an unused session of a pooled connector is closed.
    pub idle_timeout: Duration,
    /// After which a pooled session is replaced.
    pub max_age: Duration,
    /// Calls after which a pooled session is replaced.
    pub max_calls: u64,
    /// After which an unused session of a pooled connector is asked whether it has its backend before it serves.
    pub check_after: Duration,
    /// The longest pause between two attempts to start a session while that fails.
    pub max_backoff: Duration,
    /// How often one call is made again where it came to nothing because the backend was gone.
    pub retries: u32,
    /// Bytes that a page of rows stays below.
    pub page_size: u64,
    /// Rows that are asked for in one page.
    pub page_rows: u32,
    /// Rows that one query may read where the runtime filters.
    pub scan_rows: u64,
    /// Rows that one query may hold where the runtime sorts.
    pub sort_rows: u64,
    /// For a transaction, from its beginning to its end.
    pub transaction_timeout: Duration,
    /// Rows that one query may have inside a transaction, or of a read model.
    pub transaction_rows: u64,
    /// Records that one query may hold for its relations.
    pub include_rows: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: MEMORY.default,
            call_timeout: CALL_TIMEOUT.default,
            wait_timeout: WAIT_TIMEOUT.default,
            queue: QUEUE.default,
            sessions: SESSIONS.default,
            idle_timeout: IDLE_TIMEOUT.default,
            max_age: MAX_AGE.default,
            max_calls: MAX_CALLS.default,
            check_after: CHECK_AFTER.default,
            max_backoff: MAX_BACKOFF.default,
            retries: RETRIES.default,
            page_size: PAGE_SIZE.default,
            page_rows: PAGE_ROWS.default,
            scan_rows: SCAN_ROWS.default,
            sort_rows: SORT_ROWS.default,
            transaction_timeout: TRANSACTION_TIMEOUT.default,
            transaction_rows: TRANSACTION_ROWS.default,
            include_rows: INCLUDE_ROWS.default,
        }
    }
}

/// Calls a macro with every limit: its key, its field, its bounds, how it is read, and how it is written.
macro_rules! for_each_limit {
    ($each:ident) => {
        $each!("memory", memory, MEMORY, size, format_size);
        $each!(
            "call-timeout",
            call_timeout,
            CALL_TIMEOUT,
            duration,
            format_duration
        );
        $each!(
            "wait-timeout",
            wait_timeout,
            WAIT_TIMEOUT,
            duration,
            format_duration
        );
        $each!("queue", queue, QUEUE, number, usize::to_string);
        $each!("sessions", sessions, SESSIONS, number, usize::to_string);
        $each!(
            "idle-timeout",
            idle_timeout,
            IDLE_TIMEOUT,
            duration,
            format_duration
        );
        $each!("max-age", max_age, MAX_AGE, duration, format_duration);
        $each!("max-calls", max_calls, MAX_CALLS, number, u64::to_string);
        $each!(
            "check-after",
            check_after,
            CHECK_AFTER,
            duration,
            format_duration
        );
        $each!(
            "max-backoff",
            max_backoff,
            MAX_BACKOFF,
            duration,
            format_duration
        );
        $each!("retries", retries, RETRIES, number, u32::to_string);
        $each!("page-size", page_size, PAGE_SIZE, size, format_size);
        $each!("page-rows", page_rows, PAGE_ROWS, number, u32::to_string);
        $each!("scan-rows", scan_rows, SCAN_ROWS, number, u64::to_string);
        $each!("sort-rows", sort_rows, SORT_ROWS, number, u64::to_string);
        $each!(
            "transaction-timeout",
            transaction_timeout,
            TRANSACTION_TIMEOUT,
            duration,
            format_duration
        );
        $each!(
            "transaction-rows",
            transaction_rows,
            TRANSACTION_ROWS,
            number,
            u64::to_string
        );
        $each!(
            "include-rows",
            include_rows,
            INCLUDE_ROWS,
            number,
            u64::to_string
        );
    };
}

const KEYS: &[&str] = &[
    "memory",
    "call-timeout",
    "wait-timeout",
    "queue",
    "sessions",
    "idle-timeout",
    "max-age",
    "max-calls",
    "check-after",
    "max-backoff",
    "retries",
    "page-size",
    "page-rows",
    "scan-rows",
    "sort-rows",
    "transaction-timeout",
    "transaction-rows",
    "include-rows",
];

impl Limits {
    /// Whether each limit is within its bounds.
    ///
    /// # Errors
    /// Every limit that isn't, by its key.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::new();
        macro_rules! check {
            ($key:literal, $field:ident, $bounds:ident, $read:expr, $write:expr) => {
                if let Err(message) = within(&self.$field, &$bounds, $write) {
                    problems.push($key, message);
                }
            };
        }
        for_each_limit!(check);
        problems.none_or(())
    }

    /// The limits that differ from the usual ones: the key, the value and the usual value, as `tenon.toml` writes
    /// them.
    pub fn unusual(&self) -> Vec<(&'static str, String, String)> {
        let mut unusual = Vec::new();
        macro_rules! compare {
            ($key:literal, $field:ident, $bounds:ident, $read:expr, $write:expr) => {
                if self.$field != $bounds.default {
                    unusual.push(($key, $write(&self.$field), $write(&$bounds.default)));
                }
            };
        }
        for_each_limit!(compare);
        unusual
    }

    /// The limits that a `limits` table describes.
    pub(crate) fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = reader.table(node, KEYS)?;
        let mut limits = Self::default();
        macro_rules! read {
            ($key:literal, $field:ident, $bounds:ident, $read:expr, $write:expr) => {
                if let Some(value) = read_one(&fields, $key, &$bounds, reader, $read, $write) {
                    limits.$field = value;
                }
            };
        }
        for_each_limit!(read);
        Some(limits)
    }
}

fn read_one<T: PartialOrd>(
    fields: &Fields,
    key: &str,
    bounds: &Bounds<T>,
    reader: &mut Reader,
    read: impl Fn(&mut Reader, &Node) -> Option<T>,
    write: impl Fn(&T) -> String,
) -> Option<T> {
    let node = fields.get(key)?;
    let value = read(reader, node)?;
    if let Err(message) = within(&value, bounds, write) {
        reader.problem(node, message);
    }
    Some(value)
}

fn within<T: PartialOrd>(
    value: &T,
    bounds: &Bounds<T>,
    write: impl Fn(&T) -> String,
) -> Result<(), String> {
    if *value < bounds.least {
        return Err(format!(
            "{} is too little; the least is {}",
            write(value),
            write(&bounds.least)
        ));
    }
    if *value > bounds.most {
        return Err(format!(
            "{} is too much; the most is {}",
            write(value),
            write(&bounds.most)
        ));
    }
    Ok(())
}

fn number<N: TryFrom<i64>>(reader: &mut Reader, node: &Node) -> Option<N> {
    reader.number(node)
}

fn size(reader: &mut Reader, node: &Node) -> Option<u64> {
    let parsed = match &node.shape {
        Shape::Integer(bytes) => {
            u64::try_from(*bytes).map_err(|_| format!("{bytes} is no size; {SIZE_FORMS}"))
        }
        Shape::Text(text) => parse_size(text),
        _ => Err(format!("a size can't be {}; {SIZE_FORMS}", node.kind())),
    };
    parsed.map_err(|message| reader.problem(node, message)).ok()
}

fn duration(reader: &mut Reader, node: &Node) -> Option<Duration> {
    let parsed = match &node.shape {
        Shape::Integer(number) => Err(format!(
            "a time needs its unit: \"{number}s\", \"{number}m\" or \"{number}h\""
        )),
        Shape::Text(text) => parse_duration(text),
        _ => Err(format!("a time can't be {}; {DURATION_FORMS}", node.kind())),
    };
    parsed.map_err(|message| reader.problem(node, message)).ok()
}

const SIZE_FORMS: &str = "write it as \"256MiB\", with B, KiB, MiB or GiB";
const DURATION_FORMS: &str = "write it as \"30s\", with ms, s, m, h or d";

const SIZE_UNITS: &[(&str, u64)] = &[
    ("GiB", GIB),
    ("MiB", MIB),
    ("KiB", KIB),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1000),
    ("B", 1),
];

const DURATION_UNITS: &[(&str, Duration)] = &[
    ("d", DAY),
    ("h", HOUR),
    ("ms", Duration::from_millis(1)),
    ("m", MINUTE),
    ("s", Duration::from_secs(1)),
];

/// The bytes that a text such as `256MiB` means. `MiB` is 2²⁰ bytes, `MB` a million.
///
/// # Errors
/// Why it is no size, and how one is written.
pub fn parse_size(text: &str) -> Result<u64, String> {
    quantity(text, SIZE_UNITS, |number, unit| number.checked_mul(unit))
        .ok_or_else(|| format!("{text:?} is no size; {SIZE_FORMS}"))
}

/// The time that a text such as `30s`, `250ms` or `5m` means.
///
/// # Errors
/// Why it is no time, and how one is written.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    quantity(text, DURATION_UNITS, |number, unit| {
        unit.checked_mul(u32::try_from(number).ok()?)
    })
    .ok_or_else(|| format!("{text:?} is no time; {DURATION_FORMS}"))
}

fn quantity<T: Copy>(
    text: &str,
    units: &[(&str, T)],
    times: impl Fn(u64, T) -> Option<T>,
) -> Option<T> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    let (_, unit) = units.iter().find(|(name, _)| *name == unit)?;
    times(number.parse().ok()?, *unit)
}

/// A size as [`parse_size`] reads it, in the largest unit that keeps it whole.
pub fn format_size(bytes: &u64) -> String {
    match *bytes {
        0 => "0B".to_owned(),
        bytes if bytes.is_multiple_of(GIB) => whole(bytes / GIB, "GiB"),
        bytes if bytes.is_multiple_of(MIB) => whole(bytes / MIB, "MiB"),
        bytes if bytes.is_multiple_of(KIB) => whole(bytes / KIB, "KiB"),
        bytes => whole(bytes, "B"),
    }
}

/// A time as [`parse_duration`] reads it, in the largest unit that keeps it whole to the millisecond.
pub fn format_duration(duration: &Duration) -> String {
    let millis = duration.as_millis();
    let fits = |unit: Duration| millis > 0 && millis.is_multiple_of(unit.as_millis());
    match [
        ("d", DAY),
        ("h", HOUR),
        ("m", MINUTE),
        ("s", Duration::from_secs(1)),
    ]
    .into_iter()
    .find(|(_, unit)| fits(*unit))
    {
        Some((name, unit)) => whole(millis / unit.as_millis(), name),
        None => whole(millis, "ms"),
    }
}

fn whole(number: impl Display, unit: &str) -> String {
    format!("{number}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_read_with_their_units() {
        assert_eq!(parse_size("256MiB"), Ok(256 << 20));
        assert_eq!(parse_size("1 MB"), Ok(1_000_000));
        assert_eq!(parse_duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        for wrong in [
            "",
            "12",
            "MiB",
            "-1s",
            "1.5h",
            "1 h ",
            "99999999999999999999d",
            "30S",
        ] {
            assert!(parse_duration(wrong).is_err(), "{wrong:?}");
            assert!(parse_size(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        for bytes in [0, 1, 1024, 1 << 20, 3 << 30, 1_000_001] {
            assert_eq!(parse_size(&format_size(&bytes)), Ok(bytes));
        }
        for millis in [0, 1, 1000, 90_000, 3_600_000, 86_400_000] {
            let time = Duration::from_millis(millis);
            assert_eq!(parse_duration(&format_duration(&time)), Ok(time));
        }
    }

    #[test]
    fn the_defaults_are_within_their_bounds() {
        assert_eq!(Limits::default().check(), Ok(()));
    }

    #[test]
    fn every_limit_out_of_bounds_is_named() {
        let limits = Limits {
            memory: 1,
            sessions: 0,
            ..Limits::default()
        };
        assert_eq!(
            limits.check().unwrap_err().to_string(),
            "memory: 1B is too little; the least is 1MiB; sessions: 0 is too little; the least is 1"
        );
    }
}
