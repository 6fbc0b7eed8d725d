//! A query's JSON: what is read and checked against a model prints as what reads the same.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use tenon_model::{Model, Property, PropertyType, Query, Relation};

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
    model = model.relation(Relation::has_many("r", "Any", &["a"]));
    let models = BTreeMap::from([("Any".to_owned(), model.clone())]);
    if let Ok(mut checked) = query.check_with(&model, &models) {
        let again = checked.clone().check_with(&model, &models);
        assert_eq!(again.as_ref(), Ok(&checked));
        assert!(Query::from_json(&checked.to_json()).is_ok());
        // What a connector never hears of.
        checked.include.clear();
        if !checked.filter.has_related() {
            let travelled = Query::from_contract(checked.to_contract());
            assert_eq!(travelled, Ok(checked));
        }
    }
});
