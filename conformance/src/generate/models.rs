//! Models: one of everything, and invented ones.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{PropertyType, SortKey};
use tenon_model::{Index, Model, Property};

use crate::facts::Facts;

/// The kinds of which a model has one property each, by the kind's own name; what isn't kept is left out.
pub fn wide(facts: &Facts) -> Model {
    let model = Model::new("Wide").key("id", PropertyType::Integer);
    facts.kinds.iter().fold(model, |model, kind| {
        model.property(Property::new(format!("{kind}"), *kind))
    })
}

/// A model of a key and these properties.
pub fn with(properties: &[(&str, PropertyType)]) -> Model {
    let model = Model::new("Thing").key("id", PropertyType::Integer);
    properties.iter().fold(model, |model, (name, kind)| {
        model.property(Property::new(*name, *kind))
    })
}

/// Models of one or two key properties, a property of each kind, and up to three indexes, as many of them unique as
/// `unique` says. Where undeclared properties are kept, some are open.
pub fn invented(facts: &Facts, unique: f64) -> BoxedStrategy<Model> {
    let mut key_kinds: Vec<PropertyType> = facts
        .key_kinds
        .iter()
        .copied()
        .filter(|kind| matches!(kind, PropertyType::Integer | PropertyType::Text))
        .collect();
    if key_kinds.is_empty() {
        key_kinds.push(PropertyType::Integer);
    }
    let kinds = facts.kinds.clone();
    let indexed = facts.index_kinds.clone();
    let may_be_open = facts.open;
    let indexes = if indexed.is_empty() {
        Just(Default::default()).boxed()
    } else {
        btree_map("[a-c]", index(indexed, unique), 0..=3).boxed()
    };
    (vec(select(key_kinds), 1..=2), indexes, any::<bool>())
        .prop_map(move |(key, indexes, open)| {
            let mut model = Model::new("Thing");
            if open && may_be_open {
                model = model.open();
            }
            for (place, kind) in key.into_iter().enumerate() {
                model = model.key(format!("key{place}"), kind);
            }
            for kind in &kinds {
                model = model.property(Property::new(format!("{kind}"), *kind));
            }
            model.indexes = indexes
                .into_iter()
                .map(|(name, index): (String, Index)| Index { name, ..index })
                .collect();
            model
        })
        .boxed()
}

/// An index on one or two properties of these kinds.
fn index(kinds: Vec<PropertyType>, unique: f64) -> impl Strategy<Value = Index> {
    let names: Vec<String> = kinds.iter().map(|kind| format!("{kind}")).collect();
    let most = names.len().min(2);
    let parts = btree_set(select(names), 1..=most).prop_flat_map(|names| {
        let names: Vec<String> = names.into_iter().collect();
        let descending = vec(any::<bool>(), names.len());
        (Just(names).prop_shuffle(), descending)
    });
    (parts, proptest::bool::weighted(unique)).prop_map(|((names, descending), unique)| {
        let sort = |(property, descending)| SortKey {
            property,
            path: Vec::new(),
            descending,
        };
        Index {
            name: String::new(),
            properties: names.into_iter().zip(descending).map(sort).collect(),
            unique,
            settings: None,
        }
    })
}
