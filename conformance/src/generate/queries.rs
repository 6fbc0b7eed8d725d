//! Queries, as the runtime sends them: where it matters, the key is last in the order, and the fields have what is
//! needed to filter and order by.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::contract::{Filter, Model, PropertyType, Query, SortKey};

use super::filters;
use crate::facts::Facts;
use crate::reference::key_names;

/// A query of any shape.
pub fn query(model: &Model, facts: &Facts) -> BoxedStrategy<Query> {
    let filter = filters::filter(model, facts).prop_map(|filter| filter.to_nodes());
    shaped(model, filter.boxed())
}

/// Queries with such filters.
pub fn shaped(model: &Model, filter: BoxedStrategy<Filter>) -> BoxedStrategy<Query> {
    let model = model.clone();
    let names: Vec<String> = model
        .properties
        .iter()
        .map(|property| property.name.clone())
        .collect();
    let fields = prop_oneof![
        2 => Just(Vec::new()),
        1 => btree_set(select(names), 1..3).prop_map(|names| names.into_iter().collect())
    ];
    let part = (
        proptest::option::weighted(0.4, 0..8_u64),
        prop_oneof![2 => Just(0), 1 => 0..6_u64],
    );
    (filter, order(&model), any::<bool>(), fields, part)
        .prop_map(
            move |(filter, order, descending, fields, (limit, offset))| {
                as_sent(&model, filter, order, descending, fields, (limit, offset))
            },
        )
        .boxed()
}

/// Up to three sort keys.
fn order(model: &Model) -> BoxedStrategy<Vec<SortKey>> {
    let asked = filters::asked(model);
    let sort = (select(asked), any::<bool>(), any::<bool>()).prop_map(
        |((property, kind), descending, deep)| {
            let path = if kind == PropertyType::Json && deep {
                vec!["n".to_owned()]
            } else {
                Vec::new()
            };
            SortKey {
                property,
                path,
                descending,
            }
        },
    );
    vec(sort, 0..3).boxed()
}

/// A query as the runtime would send it.
pub fn as_sent(
    model: &Model,
    filter: Filter,
    mut order: Vec<SortKey>,
    descending: bool,
    mut fields: Vec<String>,
    (limit, offset): (Option<u64>, u64),
) -> Query {
    let keys: Vec<String> = key_names(model).into_iter().map(str::to_owned).collect();
    if !order.is_empty() || limit.is_some() || offset > 0 {
        let rest = keys.iter().filter(|name| {
            !order
                .iter()
                .any(|sort| sort.property == **name && sort.path.is_empty())
        });
        let rest: Vec<SortKey> = rest
            .map(|name| SortKey {
                property: name.clone(),
                path: Vec::new(),
                descending,
            })
            .collect();
        order.extend(rest);
    }
    if !fields.is_empty() {
        fields.extend(order.iter().map(|sort| sort.property.clone()));
        if let Ok(filter) = tenon_model::Filter::from_nodes(&filter) {
            fields.extend(filter.properties().into_iter().map(str::to_owned));
        }
        fields.extend(keys);
        fields.sort();
        fields.dedup();
    }
    Query {
        filter,
        order,
        fields,
        limit,
        offset,
        hints: Vec::new(),
    }
}
