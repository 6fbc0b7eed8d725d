//! A filter's JSON: what is read prints as what reads the same, travels, and is compiled.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tenon_model::{Entity, Filter, Matcher, MatcherError, Value};

fuzz_target!(|text: &str| {
    let Ok(filter) = Filter::parse(text) else {
        return;
    };
    assert_eq!(Filter::from_json(&filter.to_json()).as_ref(), Ok(&filter));
    let travelled = Filter::from_nodes(&filter.to_nodes());
    if filter.has_related() {
        // Nobody is asked such a condition, and who is asked all the same refuses it.
        assert_ne!(travelled.as_ref(), Ok(&filter));
    } else {
        assert_eq!(travelled.as_ref(), Ok(&filter));
    }
    match Matcher::new(&filter) {
        Ok(matcher) => {
            let record = Entity::new()
                .with("a", text)
                .with("b", Value::Json(text.to_owned()))
                .with("c", Value::Null);
            matcher.matches(&record);
        }
        Err(MatcherError::Unsupported(_)) => {}
        Err(MatcherError::Invalid(reason)) => {
            assert!(reason.is_empty(), "what is read has a meaning: {reason}")
        }
    }
});
