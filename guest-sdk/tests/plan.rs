//! Which key or index a query is answered by.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use tenon_model::{Comparison, Filter, Model, Property, PropertyType, Query};
use tenon_sdk::layout::Layout;
use tenon_sdk::plan::{Access, Plan};

/// Orders by their customer and number, with the indexes `state, at DESC` and `email` (unique).
fn layout() -> Layout {
    let mut model = Model::new("Order")
        .key("customer", PropertyType::Text)
        .key("number", PropertyType::Integer)
        .property(Property::new("state", PropertyType::Text))
        .property(Property::new("at", PropertyType::Timestamp))
        .property(Property::new("email", PropertyType::Text))
        .property(Property::new("note", PropertyType::Text))
        .index(&["state", "at"], false)
        .index(&["email"], true);
    model.indexes[0].properties[1].descending = true;
    Layout::new(&model.to_contract()).unwrap()
}

fn plan(query: impl Into<Query>) -> Plan {
    Plan::new(&layout(), &query.into())
}

fn compare(
    property: &str,
    comparison: Comparison,
    operand: impl Into<tenon_model::Value>,
) -> Filter {
    Filter::compare(property, comparison, operand)
}

#[test]
fn the_whole_key_is_one_point() {
    let plan = plan(Filter::equal("number", 7_i64).and(Filter::equal("customer", "a")));
    assert_eq!(
        (plan.access, plan.points, plan.ranges.len()),
        (Access::Key, true, 1)
    );
}

#[test]
fn a_single_point_is_in_any_order() {
    let query = Query::filter(Filter::equal("number", 7_i64).and(Filter::equal("customer", "a")))
        .descending("note");
    assert!(plan(query).ordered);
}

#[test]
fn the_first_part_of_the_key_is_a_range_in_the_keys_order() {
    let plan = plan(Query::filter(Filter::equal("customer", "a")).descending("number"));
    assert_eq!((plan.access, plan.points), (Access::Key, false));
    assert!(plan.ordered && plan.backwards);
}

#[test]
fn the_second_part_of_a_key_alone_is_no_use() {
    assert_eq!(
        plan(Filter::equal("number", 7_i64)).access,
        Access::Everything
    );
}

#[test]
fn an_index_is_used_as_far_as_conditions_go_and_orders_the_rest() {
    let busy = Query::filter(Filter::equal("state", "open"))
        .descending("at")
        .ascending("customer");
    let there = plan(busy.clone());
    assert_eq!(there.access, Access::Index(0));
    assert!(there.ordered && !there.backwards);
    let back = plan(Query::filter(Filter::equal("state", "open")).ascending("at"));
    assert!(back.ordered && back.backwards);
    let mixed = plan(
        Query::filter(Filter::equal("state", "open"))
            .ascending("at")
            .ascending("customer"),
    );
    assert_eq!(mixed.access, Access::Index(0));
    assert!(!mixed.ordered);
}

#[test]
fn a_unique_index_is_better_than_a_range() {
    let plan = plan(Filter::equal("customer", "a").and(Filter::equal("email", "a@b")));
    assert_eq!((plan.access, plan.points), (Access::Index(1), true));
}

#[test]
fn many_records_may_have_null_in_a_unique_index() {
    let query = Query::filter(Filter::equal("email", tenon_model::Value::Null)).ascending("note");
    assert!(!plan(query).ordered);
}

#[test]
fn a_list_is_a_range_for_each_of_its_values_once() {
    let one_of = Filter::Condition(tenon_model::Condition {
        property: "state".into(),
        path: Vec::new(),
        comparison: Comparison::OneOf,
        operands: vec!["b".into(), "a".into(), "b".into()],
    });
    let plan = plan(one_of);
    assert_eq!((plan.access, plan.ranges.len()), (Access::Index(0), 2));
    assert!(plan.ranges[0].start < plan.ranges[1].start);
}

#[test]
fn nothing_can_match_an_empty_list() {
    let none = Filter::Condition(tenon_model::Condition {
        property: "customer".into(),
        path: Vec::new(),
        comparison: Comparison::OneOf,
        operands: Vec::new(),
    });
    assert!(plan(none).ranges.is_empty());
}

#[test]
fn ends_that_contradict_each_other_leave_nothing() {
    let filter = compare("customer", Comparison::Greater, "m").and(compare(
        "customer",
        Comparison::Less,
        "c",
    ));
    assert!(plan(filter).ranges.is_empty());
}

#[test]
fn a_pattern_is_a_range_up_to_its_first_wildcard() {
    assert_eq!(
        plan(compare("customer", Comparison::Like, "ab%")).access,
        Access::Key
    );
    assert_eq!(
        plan(compare("customer", Comparison::Like, "%ab")).access,
        Access::Everything
    );
}

#[test]
fn what_need_not_hold_is_not_used() {
    let either = Filter::AnyOf(vec![
        Filter::equal("customer", "a"),
        Filter::equal("state", "open"),
    ]);
    assert_eq!(plan(either).access, Access::Everything);
    assert_eq!(
        plan(Filter::NoneOf(vec![Filter::equal("customer", "a")])).access,
        Access::Everything
    );
}

#[test]
fn an_order_alone_is_a_walk_along_the_key_or_index_that_has_it() {
    let by_key = plan(Query::new().ascending("customer").ascending("number"));
    assert_eq!((by_key.access, by_key.ordered), (Access::Key, true));
    let by_index = plan(Query::new().descending("email"));
    assert_eq!(
        (by_index.access, by_index.ordered, by_index.backwards),
        (Access::Index(1), true, true)
    );
    let by_nothing = plan(Query::new().ascending("note"));
    assert_eq!(
        (by_nothing.access, by_nothing.ordered),
        (Access::Everything, false)
    );
}

#[test]
fn a_model_without_a_key_or_with_an_index_into_a_value_is_refused() {
    let keyless = Model::new("Loose").property(Property::new("a", PropertyType::Text));
    assert!(
        Layout::new(&keyless.to_contract())
            .unwrap_err()
            .message
            .contains("primary key")
    );
    let mut nested = Model::new("Nested")
        .key("id", PropertyType::Integer)
        .index(&["id"], false);
    nested.indexes[0].properties[0].path = vec!["city".into()];
    assert!(
        Layout::new(&nested.to_contract())
            .unwrap_err()
            .message
            .contains("steps into")
    );
}
