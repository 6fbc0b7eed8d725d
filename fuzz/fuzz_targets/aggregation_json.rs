//! A request's JSON for aggregates: what is read and checked against a model prints as what reads the same, and
//! folds records without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tenon_model::{Aggregation, Aggregator, Entity, Model, Property, PropertyType, Value};

fuzz_target!(|text: &str| {
    let Ok(request) = Aggregation::parse(text) else {
        return;
    };
    let mut model = Model::new("Any").open();
    for (name, kind) in ["a", "b", "c", "d"].into_iter().zip([
        PropertyType::Text,
        PropertyType::Integer,
        PropertyType::Json,
        PropertyType::Decimal,
    ]) {
        model = model.property(Property::new(name, kind));
    }
    let Ok(checked) = request.check(&model) else {
        return;
    };
    assert_eq!(checked.clone().check(&model).as_ref(), Ok(&checked));
    assert_eq!(
        Aggregation::from_json(&checked.to_json()).as_ref(),
        Ok(&checked)
    );
    let Ok(mut aggregator) = Aggregator::new(&checked, 100) else {
        return;
    };
    for n in [i64::MIN, -1, 0, 7, i64::MAX] {
        let record = Entity::new()
            .with("a", n.to_string())
            .with("b", n)
            .with(
                "c",
                Value::Json(format!(r#"{{"a": [{n}, {{"b": {n}.5}}]}}"#)),
            )
            .with("d", Value::Decimal(format!("{n}.25")));
        if aggregator.add(&record).is_err() {
            return;
        }
    }
    let _ = aggregator.finish().map(|rows| checked.conclude(rows));
});
