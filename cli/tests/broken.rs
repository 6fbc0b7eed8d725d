//! Files with mistakes in them: each is reported by its line, and the rest is read.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // A failed test may panic.

mod common;

use std::io::{BufReader, Read};

use common::{options, read};
use tenon_cli::input::{Broken, Format, MAX_RECORD_BYTES, Reason, Record, Records};

fn lines(records: &[Record]) -> Vec<u64> {
    records.iter().map(Record::line).collect()
}

/// The items of an input: the lines of its records, and of what is broken with its reason.
fn items(text: impl Into<Vec<u8>>, format: Format) -> (Vec<u64>, Vec<(u64, Reason)>) {
    let (mut good, mut broken) = (Vec::new(), Vec::new());
    for item in common::open(text, format).unwrap() {
        match item {
            Ok(record) => good.push(record.line()),
            Err(Broken { line, reason }) => broken.push((line, reason)),
        }
    }
    (good, broken)
}

#[test]
fn ragged_rows_are_reported_with_their_count() {
    let (records, broken) = read("a,b\n1,2\n1\n1,2,3\n3,4\n", Format::Csv);
    assert_eq!(lines(&records), [2, 5]);
    assert_eq!(
        broken,
        [
            "line 3: 1 cells where the first line has 2 names",
            "line 4: 3 cells where the first line has 2 names"
        ]
    );
}

#[test]
fn a_quote_that_is_never_closed_costs_one_line_and_not_the_file() {
    let (good, broken) = items("a,b\n1,\"open\n2,x\n3,\"quoted\"\n4,y\n", Format::Csv);
    assert_eq!(good, [3, 4, 5]);
    assert!(
        matches!(broken[..], [(2, Reason::AfterQuote)]),
        "{broken:?}"
    );

    let (good, broken) = items("a,b\n1,2\n3,\"open\n4,5\n6,7", Format::Csv);
    assert_eq!(good, [2, 4, 5]);
    assert!(matches!(broken[..], [(3, Reason::OpenQuote)]), "{broken:?}");
}

#[test]
fn many_unclosed_quotes_are_one_broken_line_each() {
    let mut text = String::from("a,b\n");
    for number in 0..1000 {
        text.push_str(&format!("{number},plain\n{number},\"open {number}\n"));
    }
    let (good, broken) = items(text, Format::Csv);
    assert_eq!((good.len(), broken.len()), (1000, 1000));
}

#[test]
fn text_that_is_not_utf_8_is_reported_by_line() {
    let (good, broken) = items(b"a,b\n1,caf\xe9\n2,caf\xc3\xa9\n".to_vec(), Format::Csv);
    assert_eq!(good, [3]);
    assert!(matches!(broken[..], [(2, Reason::NotText)]));
    let (good, broken) = items(b"{\"a\":\"\xe9\"}\n{\"a\":1}\n".to_vec(), Format::Ndjson);
    assert_eq!(good, [2]);
    assert!(matches!(broken[..], [(1, Reason::NotText)]));
}

#[test]
fn broken_lines_of_ndjson_are_reported_with_line_and_column() {
    let text =
        "{\"a\":1}\n{\"a\":}\n[1]\n5\n{\"a\":1} x\n{\"a\":1,\"b\":2,\"a\":3}\n\n{\"a\":2}\n{\"a\":";
    let (records, broken) = read(text, Format::Ndjson);
    assert_eq!(lines(&records), [1, 8]);
    let starts: Vec<_> = broken
        .iter()
        .map(|text| text.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        starts,
        ["line 2", "line 3", "line 4", "line 5", "line 6", "line 9"]
    );
    assert!(broken[0].contains("(line 2, column 6)"), "{}", broken[0]);
    assert!(broken[1].contains("not an object"), "{}", broken[1]);
    assert!(
        broken[4].contains("`a` stands in it twice"),
        "{}",
        broken[4]
    );
}

#[test]
fn a_broken_record_in_an_array_costs_itself_alone() {
    let text = "[\n  {\"a\": 1},\n  {\"a\": oops},\n  7,\n  {\n    \"a\": 1,,\n    \"b\": 2\n  },\n  {\"a\": 2}\n]";
    let (records, broken) = read(text, Format::Json);
    assert_eq!(lines(&records), [2, 9]);
    assert_eq!(broken.len(), 3, "{broken:?}");
    assert!(
        broken[0].starts_with("line 3: not JSON") && broken[0].contains("(line 3, column 9)"),
        "{}",
        broken[0]
    );
    assert!(
        broken[1].starts_with("line 4: not an object"),
        "{}",
        broken[1]
    );
    assert!(
        broken[2].starts_with("line 5: not JSON") && broken[2].contains("(line 6, column 12)"),
        "{}",
        broken[2]
    );
}

#[test]
fn an_array_that_breaks_off_ends_the_input_with_an_error() {
    for text in [
        "[{\"a\": 1}",
        "[{\"a\": 1},",
        "[{\"a\": 1}, {\"a\"",
        "[{\"a\": 1}] x",
        "[{\"a\": 1} {\"a\": 2}]",
        "[{\"a\": 1},]",
        "[{\"a\":1},,{\"a\":2}]",
    ] {
        let mut items = common::open(text, Format::Json).unwrap();
        assert!(items.next().unwrap().is_ok(), "{text}");
        let broken = items.next().unwrap().unwrap_err();
        assert!(broken.ends_input(), "{text}: {broken}");
        assert!(items.next().is_none(), "{text}");
    }
}

#[test]
fn a_record_that_is_too_long_is_left_out_without_being_held() {
    let long = MAX_RECORD_BYTES as u64 * 4;
    for (format, before, after) in [
        (Format::Ndjson, "{\"a\":\"", "\"}\n{\"a\":1}\n"),
        (Format::Csv, "a\n", "\n1\n"),
        (Format::Json, "[{\"a\":\"", "\"},\n{\"a\":1}]"),
    ] {
        let text = before
            .as_bytes()
            .chain(std::io::repeat(b'x').take(long))
            .chain(after.as_bytes());
        let items: Vec<_> = Records::new(BufReader::new(text), options(format))
            .unwrap()
            .collect();
        assert!(
            matches!(
                items[0],
                Err(Broken {
                    reason: Reason::TooLong,
                    ..
                })
            ),
            "{format:?}"
        );
        assert!(items[1].is_ok(), "{format:?}");
        assert_eq!(items.len(), 2, "{format:?}");
    }
}

#[test]
fn a_quote_that_runs_past_the_longest_record_costs_one_line() {
    let line = "2,some more text in an ordinary line\n";
    let count = MAX_RECORD_BYTES / line.len() + 2;
    let (good, broken) = items(
        format!("a,b\n1,\"open\n{}", line.repeat(count)),
        Format::Csv,
    );
    assert_eq!(good.len(), count);
    assert!(matches!(broken[..], [(2, Reason::TooLong)]), "{broken:?}");
}

#[test]
fn a_failing_device_ends_the_input() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is on fire"))
        }
    }
    for (format, head) in [
        (Format::Csv, "a\n1\n"),
        (Format::Ndjson, "{\"a\":1}\n"),
        (Format::Json, "[{\"a\":1}"),
    ] {
        let source = BufReader::new(head.as_bytes().chain(Failing));
        let items: Vec<_> = Records::new(source, options(format)).unwrap().collect();
        assert_eq!(items.len(), 2, "{format:?}");
        let broken = items[1].as_ref().unwrap_err();
        assert!(
            broken.ends_input() && broken.to_string().contains("on fire"),
            "{broken}"
        );
    }
}

#[test]
fn messages_send_nothing_to_a_terminal_that_it_would_obey() {
    let (_, broken) = read("{\"\u{1b}[2J\":1,\"\u{1b}[2J\":2}", Format::Ndjson);
    assert!(!broken[0].contains('\u{1b}'), "{}", broken[0]);
    let (_, broken) = read("{\"\\u001b[2J\":1,\"\\u001b[2J\":2}", Format::Ndjson);
    assert!(
        broken[0].contains("twice") && !broken[0].contains('\u{1b}'),
        "{}",
        broken[0]
    );
}
