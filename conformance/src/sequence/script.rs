//! Sequences that are written down.

use tenon_model::Entity;
use tenon_model::contract::{Comparison, Condition, Filter, Key, Model, Value};

use super::{Pair, Step};
use crate::bench::Bench;
use crate::finding::{Checked, Stop};
use crate::show;

/// Does the steps with the connector and the reference, on an empty collection.
pub fn script(bench: &mut Bench<'_>, model: &Model, steps: &[Step]) -> Checked {
    script_of(bench, model, &[], steps)
}

/// As [`script`], about some functions: where each of them is `unsupported`, there is nothing to check.
pub fn script_of(bench: &mut Bench<'_>, model: &Model, about: &[&str], steps: &[Step]) -> Checked {
    bench.clear(model)?;
    let session = bench.session()?;
    let mut pair = Pair::new(session, model.clone());
    pair.take_all(steps)
        .map_err(|stop| stop.after(show::model(model)))?;
    if about.is_empty() || about.iter().any(|name| pair.supported.contains(name)) {
        return Ok(());
    }
    let names: Vec<String> = about.iter().map(|name| format!("`{name}`")).collect();
    let names = names.join(" and ");
    Err(Stop::skipped(format!(
        "the connector leaves this to the runtime: {names} is `unsupported`"
    )))
}

/// A record of integers.
pub fn integers(properties: &[(&str, i64)]) -> Entity {
    let properties = properties.iter();
    properties
        .map(|(name, value)| (*name, Value::Integer(*value)))
        .collect()
}

/// A key of one integer.
pub fn key(id: i64) -> Key {
    vec![Value::Integer(id)]
}

/// A filter of one condition.
pub fn compared(property: &str, comparison: Comparison, operands: Vec<Value>) -> Filter {
    tenon_model::Filter::Condition(Condition {
        property: property.to_owned(),
        path: Vec::new(),
        comparison,
        operands,
    })
    .to_nodes()
}

/// A filter on an integer.
pub fn equal(property: &str, value: i64) -> Filter {
    compared(property, Comparison::Equal, vec![Value::Integer(value)])
}
