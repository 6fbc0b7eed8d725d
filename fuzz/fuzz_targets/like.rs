//! Patterns on texts: `not-like` is the complement of `like`, and what fits with case fits without.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tenon_model::{Comparison, Entity, Filter, Matcher};

fuzz_target!(|input: (&str, &str)| {
    let (pattern, text) = input;
    let record = Entity::new().with("a", text);
    let answer = |comparison| {
        let filter = Filter::compare("a", comparison, pattern);
        Matcher::new(&filter)
            .ok()
            .map(|matcher| matcher.matches(&record))
    };
    let Some(like) = answer(Comparison::Like) else {
        return;
    };
    assert_eq!(answer(Comparison::NotLike), Some(!like));
    if like {
        assert_eq!(answer(Comparison::Ilike), Some(true));
    }
});
