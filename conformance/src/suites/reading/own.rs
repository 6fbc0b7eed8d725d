//! The records that a connector has by itself: a model of them, and what to ask of it.

use crate::ask::Known;
use crate::bench::{Bench, everything};
use crate::finding::{Checked, Stop, must};
use crate::generate::filters::comparisons;
use crate::suites::filters::comparisons::filters;
use crate::suites::filters::rich::{Asked, neighbours};
use std::collections::BTreeSet;
use tenon_model::contract::{Model, PropertyType, Value};
use tenon_model::{Entity, Property, equal};

/// The most values of a property that filters are made of.
pub const OPERANDS: usize = 12;

/// A model of what is there, where nobody has given one: of the properties that the records have, with the kinds of
/// their values as far as the connector agrees.
pub fn its_own(bench: &mut Bench<'_>) -> Checked<Vec<Model>> {
    let anything = tenon_model::Model::new(bench.name()).open().to_contract();
    let strict = tenon_model::Model::new(bench.name()).to_contract();
    let session = bench.session()?;
    let mut refused = None;
    for draft in [anything, strict] {
        match session.define(&draft) {
            Ok(()) => {
                let records = everything(session, &draft.name)?;
                return Ok(vec![described(bench, draft, &records)?]);
            }
            Err(failure) => refused = Some(failure),
        }
    }
    let reason = refused
        .map(|failure| failure.to_string())
        .unwrap_or_default();
    Err(Stop::skipped(format!(
        "no model of its records was given, and it takes none without properties ({reason})"
    )))
}

pub fn described(bench: &mut Bench<'_>, draft: Model, records: &[Entity]) -> Checked<Model> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in records.iter().flat_map(Entity::iter) {
        if !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    let values = |name: &str| -> Vec<&Value> {
        records
            .iter()
            .filter_map(|record| record.get(name))
            .filter(|value| !value.is_null())
            .collect()
    };
    let key = names.iter().find(|name| {
        let values = values(name);
        let each = values.iter().enumerate();
        values.len() == records.len()
            && values
                .iter()
                .all(|value| matches!(value, Value::Text(_) | Value::Integer(_)))
            && each
                .clone()
                .all(|(place, one)| !values.iter().skip(place + 1).any(|other| equal(one, other)))
    });
    let model = |kinds: &dyn Fn(&str) -> PropertyType| {
        let mut model = tenon_model::Model::new(draft.name.as_str());
        model.strict = draft.strict;
        for name in &names {
            let kind = kinds(name);
            model = if Some(name) == key {
                model.key(name.as_str(), kind)
            } else {
                model.property(Property::new(name.as_str(), kind))
            };
        }
        model.to_contract()
    };
    let exact = model(&|name| kind(&values(name)));
    let vague = model(&|_| PropertyType::Any);
    let session = bench.session()?;
    for model in [exact, vague] {
        if session.define(&model).is_ok() {
            return Ok(model);
        }
    }
    must("define", session.define(&draft))?;
    Ok(draft)
}

/// The kind that all values have.
pub fn kind(values: &[&Value]) -> PropertyType {
    let of = |value: &Value| match value {
        Value::Text(_) => PropertyType::Text,
        Value::Boolean(_) => PropertyType::Boolean,
        Value::Integer(_) => PropertyType::Integer,
        Value::Float(_) => PropertyType::Float,
        Value::Decimal(_) => PropertyType::Decimal,
        Value::Timestamp(_) => PropertyType::Timestamp,
        Value::Bytes(_) => PropertyType::Bytes,
        Value::Point(_) => PropertyType::Point,
        Value::Json(_) => PropertyType::Json,
        Value::Null | Value::Other(_) => PropertyType::Any,
    };
    let mut kinds = values.iter().map(|value| of(value));
    match kinds.next() {
        Some(first) if kinds.all(|kind| kind == first) => first,
        _ => PropertyType::Any,
    }
}

/// The properties that the records have, with their kinds and what to compare them with.
pub fn asked(known: &Known) -> Vec<Asked> {
    let mut names: BTreeSet<String> = known
        .model()
        .properties
        .iter()
        .map(|it| it.name.clone())
        .collect();
    names.extend(
        known
            .records()
            .iter()
            .flat_map(Entity::iter)
            .map(|(name, _)| name.to_owned()),
    );
    names
        .into_iter()
        .map(|name| {
            let mut declared = known.model().properties.iter();
            let kind = declared
                .find(|it| it.name == name)
                .map_or(PropertyType::Any, |it| it.kind);
            let mut operands = vec![Value::Null];
            for value in known
                .records()
                .iter()
                .filter_map(|record| record.get(&name))
            {
                if operands.len() <= OPERANDS && !operands.contains(value) {
                    operands.push(value.clone());
                }
            }
            let beside: Vec<Value> = operands
                .iter()
                .flat_map(|value| neighbours(value, kind))
                .collect();
            operands.extend(beside.into_iter().take(2 * OPERANDS));
            Asked {
                name,
                kind,
                operands,
            }
        })
        .collect()
}

pub fn every_filter(known: &Known) -> Vec<tenon_model::contract::Filter> {
    let mut all = Vec::new();
    for asked in asked(known) {
        for comparison in comparisons(asked.kind) {
            all.extend(filters(&asked, comparison, 1));
        }
    }
    all
}
