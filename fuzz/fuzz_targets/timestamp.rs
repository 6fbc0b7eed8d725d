//! Timestamps: what is read is written as what reads the same, and so is every number of microseconds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tenon_model::{format_timestamp, parse_timestamp};

fuzz_target!(|input: (i64, &str)| {
    let (micros, text) = input;
    for micros in std::iter::once(micros).chain(parse_timestamp(text)) {
        let written = format_timestamp(micros);
        // Years beyond four digits are written and not read.
        if written.starts_with(|first: char| first.is_ascii_digit()) {
            assert_eq!(parse_timestamp(&written), Ok(micros), "{written}");
        }
    }
});
