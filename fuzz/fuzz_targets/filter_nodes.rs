//! A filter as the contract has it: any nodes are a tree or refused, and any tree judges any record.
#![no_main]

use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use tenon_model::{Entity, Filter, Matcher};

fuzz_target!(|data: &[u8]| {
    let mut input = Unstructured::new(data);
    let (Ok(nodes), Ok(record)) = (
        tenon_fuzz::nodes(&mut input),
        tenon_fuzz::record(&mut input),
    ) else {
        return;
    };
    let Ok(filter) = Filter::from_nodes(&nodes) else {
        return;
    };
    filter.to_json();
    if let Ok(matcher) = Matcher::new(&filter) {
        let record = Entity::from(record);
        let complement = Filter::NoneOf(vec![filter]);
        // One level deeper, it may be too deep.
        if let Ok(complement) = Matcher::new(&complement) {
            assert_ne!(matcher.matches(&record), complement.matches(&record));
        }
    }
});
