//! Timestamps, dates and times of day.

use proptest::prelude::*;
use tenon_model::{format_timestamp, parse_timestamp, valid_date, valid_time};

proptest! {
    #[test]
    fn every_timestamp_reads_back_as_it_was_written(micros in any::<i64>()) {
        prop_assert_eq!(parse_timestamp(&format_timestamp(micros)), Ok(micros));
    }

    #[test]
    fn timestamps_of_our_centuries_read_back_and_sort_as_text(
        a in -60_000_000_000_000_000..60_000_000_000_000_000_i64,
        b in -60_000_000_000_000_000..60_000_000_000_000_000_i64,
    ) {
        // Whole seconds, so that the texts have one form.
        let (a, b) = (a - a.rem_euclid(1_000_000), b - b.rem_euclid(1_000_000));
        prop_assert_eq!(parse_timestamp(&format_timestamp(a)), Ok(a));
        prop_assert_eq!(format_timestamp(a).cmp(&format_timestamp(b)), a.cmp(&b));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9TZ:.+-]{0,30}") {
        if let Ok(micros) = parse_timestamp(&text) {
            prop_assert_eq!(parse_timestamp(&format_timestamp(micros)), Ok(micros));
        }
        let _ = (valid_date(&text), valid_time(&text));
    }

    #[test]
    fn any_text_at_all_is_read_or_refused(text in any::<String>()) {
        let _ = (parse_timestamp(&text), valid_date(&text), valid_time(&text));
    }
}

#[test]
fn known_moments_have_their_text() {
    for (micros, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_000_000_000_000_000, "2001-09-09T01:46:40Z"),
        (951_782_400_500_000, "2000-02-29T00:00:00.5Z"),
        (-62_167_219_200_000_000, "0000-01-01T00:00:00Z"),
        (-62_167_219_200_000_001, "-000001-12-31T23:59:59.999999Z"),
        (253_402_300_800_000_000, "+010000-01-01T00:00:00Z"),
        (i64::MAX, "+294247-01-10T04:00:54.775807Z"),
        (i64::MIN, "-290308-12-21T19:59:05.224192Z"),
    ] {
        assert_eq!(format_timestamp(micros), text);
        assert_eq!(parse_timestamp(text), Ok(micros));
    }
}

#[test]
fn a_moment_has_many_spellings() {
    let noon = parse_timestamp("2026-11-20T12:00:00Z").unwrap();
    for text in [
        "2026-11-20t12:00:00z",
        "2026-11-20 12:00:00",
        "2026-11-20T12:00",
        "2026-11-20T14:00:00+02:00",
        "2026-11-20T14:00:00+0200",
        "2026-11-20T14:00:00+02",
        "2026-11-20T06:30:00.000-05:30",
        "2026-11-20T11:59:60Z",
        "2026-11-20T12:00:00.0000009Z",
        "2026-11-20T12:00:00,0Z",
        "+002026-11-20T12:00:00Z",
    ] {
        assert_eq!(parse_timestamp(text), Ok(noon), "{text}");
    }
    assert_eq!(
        parse_timestamp("2026-11-20"),
        parse_timestamp("2026-11-20T00:00:00Z")
    );
    // Finer than a microsecond is rounded down, before 1970 too.
    assert_eq!(parse_timestamp("1969-12-31T23:59:59.9999999Z"), Ok(-1));
}

#[test]
fn what_is_no_moment_is_refused_with_a_reason() {
    for (text, reason) in [
        ("", "year"),
        ("20-11-2026", "year"),
        ("2026-13-01", "month"),
        ("2026-02-29", "day"),
        ("1900-02-29", "day"),
        ("2026/11/20", "`-` is missing"),
        ("2026-11-20T", "hour"),
        ("2026-11-20T24:00:00Z", "hour"),
        ("2026-11-20T12:60Z", "minute"),
        ("2026-11-20T12:00:61Z", "second"),
        ("2026-11-20T12:00:00.Z", "digits"),
        ("2026-11-20T12:00:00 CET", "zone"),
        ("2026-11-20T12:00:00+25:00", "zone"),
        ("2026-11-20T12:00:00Zjunk", "follows"),
        ("2026-11-20junk", "after the date"),
        ("-000000-01-01", "year"),
        ("+294247-01-11T00:00:00Z", "beyond"),
        ("-290308-12-21T00:00:00Z", "beyond"),
    ] {
        let error = parse_timestamp(text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn dates_and_times_are_checked_as_the_contract_writes_them() {
    for date in ["2026-11-20", "2000-02-29", "0000-01-01", "9999-12-31"] {
        assert!(valid_date(date), "{date}");
    }
    for date in [
        "2026-02-30",
        "2026-1-1",
        "2026-11-20T00:00:00Z",
        "+002026-11-20",
        "",
    ] {
        assert!(!valid_date(date), "{date}");
    }
    for time in ["00:00:00", "23:59:59", "23:59:59.5", "23:59:59.123456"] {
        assert!(valid_time(time), "{time}");
    }
    for time in [
        "24:00:00",
        "23:59",
        "23:59:60",
        "23:59:59.",
        "23:59:59.1234567",
        "23:59:59Z",
        "é:59:59",
        "",
    ] {
        assert!(!valid_time(time), "{time}");
    }
}
