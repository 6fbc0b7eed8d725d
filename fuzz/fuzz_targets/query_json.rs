//! A query's JSON: what is read and checked against a model prints as what reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tenon_model::{Model, Property, PropertyType, Query};

fuzz_target!(|text: &str| {
    let Ok(query) = Query::parse(text) else {
        return;
    };
    let mut model = Model::new("Any").open();
    for (name, kind) in ["a", "b", "c", "d", "a.b"].into_iter().zip([
        PropertyType::Text,
        PropertyType::Integer,
        PropertyType::Json,
        PropertyType::Point,
        PropertyType::Timestamp,
    ]) {
        model = model.property(Property::new(name, kind));
    }
    if let Ok(checked) = query.check(&model) {
        assert_eq!(checked.clone().check(&model).as_ref(), Ok(&checked));
        assert!(Query::from_json(&checked.to_json()).is_ok());
        let travelled = Query::from_contract(checked.to_contract());
        assert_eq!(travelled, Ok(checked));
    }
});
