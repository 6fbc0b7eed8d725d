//! Pages: any page is records or refused, and records travel in columns and come back.
#![no_main]

use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use tenon_model::{into_entities, to_columns};

fuzz_target!(|data: &[u8]| {
    let Ok(page) = tenon_fuzz::page(&mut Unstructured::new(data)) else {
        return;
    };
    let Ok(records) = into_entities(page) else {
        return;
    };
    let travelled = into_entities(to_columns(records.clone()));
    assert_eq!(travelled.map(|records| records.len()), Ok(records.len()));
});
