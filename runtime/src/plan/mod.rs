//! A query, split into what the connector does and what is left.
//!
//! The connector gets the whole query and says what it has done of it. What is left is done here, on its
//! rows. Doing more than was left would be correct too, only slower; doing less never is.

mod explanation;
mod remainder;

use tenon_model::{Model, Query, contract};

pub use explanation::{Explanation, Place, RelatedRead};
pub(crate) use remainder::Remainder;

/// A checked query, and the form of it that the connector is given.
#[derive(Clone)]
pub(crate) struct Plan {
    /// What the caller asked for, with the order that makes pages repeatable.
    pub query: Query,
    /// What the connector is given.
    pub sent: contract::Query,
    /// Properties that are never handed out, where the query names no fields.
    pub hidden: Vec<String>,
    /// The key's properties, which break the ties of an order that the query doesn't spell out: nearness.
    pub ties: Vec<String>,
}

impl Plan {
    /// Plans a query that was checked against the model.
    pub(crate) fn new(model: &Model, query: Query, hidden: Vec<String>) -> Self {
        let query = query.with_total_order(model);
        let mut sent = query.to_contract();
        let ties: Vec<String> = if query.order.is_empty() && query.filter.near().is_some() {
            let key = model.key_properties().into_iter();
            key.map(|property| property.name.clone()).collect()
        } else {
            Vec::new()
        };
        if !sent.fields.is_empty() {
            let needed = query
                .filter
                .properties()
                .into_iter()
                .chain(query.order.iter().map(|key| key.property.as_str()))
                .chain(ties.iter().map(String::as_str));
            for name in needed {
                if !sent.fields.iter().any(|field| field == name) {
                    sent.fields.push(name.to_owned());
                }
            }
        }
        Self {
            query,
            sent,
            hidden,
            ties,
        }
    }
}

#[cfg(test)]
mod tests {
    use tenon_model::{Filter, PropertyType};

    use super::*;

    fn model() -> Model {
        Model::new("Route")
            .key("origin", PropertyType::Text)
            .key("destination", PropertyType::Text)
    }

    fn order_of(query: Query) -> Vec<String> {
        let plan = Plan::new(&model(), query, Vec::new());
        plan.sent
            .order
            .into_iter()
            .map(|key| key.property)
            .collect()
    }

    #[test]
    fn an_order_ends_with_the_whole_key() {
        assert_eq!(
            order_of(Query::new().descending("count")),
            ["count", "origin", "destination"]
        );
        assert_eq!(
            order_of(Query::new().ascending("destination")),
            ["destination", "origin"]
        );
    }

    #[test]
    fn a_part_is_ordered_and_a_whole_is_not() {
        assert_eq!(order_of(Query::new().limit(3)), ["origin", "destination"]);
        assert_eq!(order_of(Query::new().offset(3)), ["origin", "destination"]);
        assert!(order_of(Query::new()).is_empty());
    }

    #[test]
    fn fields_that_the_rest_needs_are_fetched_too() {
        let query = Query::filter(Filter::equal("count", 1)).fields(["origin"]);
        let plan = Plan::new(&model(), query, Vec::new());
        assert_eq!(plan.sent.fields, ["origin", "count"]);
        assert_eq!(plan.query.fields, ["origin"]);
    }

    #[test]
    fn the_key_settles_who_is_nearest_and_is_fetched_for_it() {
        let near = serde_json::json!({"where": {"place": {"near": "0,0"}}, "fields": ["count"]});
        let plan = Plan::new(&model(), Query::from_json(&near).unwrap(), Vec::new());
        assert!(plan.sent.order.is_empty());
        assert_eq!(plan.ties, ["origin", "destination"]);
        assert_eq!(
            plan.sent.fields,
            ["count", "place", "origin", "destination"]
        );
        let plain = Plan::new(&model(), Query::new(), Vec::new());
        assert!(plain.ties.is_empty());
    }
}
