//! Queries as LoopBack's JSON.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tenon_model::{Filter, Include, MAX_INCLUDE_DEPTH, Query, SortKey};

use crate::strategies::any_filter_with_related;

fn problems(json: Json) -> Vec<String> {
    let problems = Query::from_json(&json).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

fn order(json: Json) -> Vec<(String, Vec<String>, bool)> {
    let query = Query::from_json(&json!({"order": json})).unwrap();
    query
        .order
        .into_iter()
        .map(|key| (key.property, key.path, key.descending))
        .collect()
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(r"[a-c.\\$]([a-c. ]{0,3}[a-c])?", 0..3)
        .prop_map(|names| names.into_iter().collect())
}

prop_compose! {
    fn sort_key()(property in names(), path in names(), descending in any::<bool>()) -> Option<SortKey> {
        Some(SortKey { property: property.into_iter().next()?, path, descending })
    }
}

prop_compose! {
    fn query()(
        filter in any_filter_with_related(),
        order in prop::collection::vec(sort_key(), 0..3),
        fields in names(),
        without in names(),
        limit in prop::option::of(0u64..9),
        offset in 0u64..9,
        hints in names(),
    ) -> Query {
        Query {
            filter,
            order: order.into_iter().flatten().collect(),
            without: if fields.is_empty() { without } else { Vec::new() },
            fields,
            limit,
            offset,
            include: Vec::new(),
            hints: hints.into_iter().map(|name| (name, "x".to_owned())).collect(),
        }
    }
}

fn query_with_include() -> impl Strategy<Value = Query> {
    query().prop_recursive(3, 6, 2, |inner| {
        let include = ("[a-c.]{1,2}|relation", inner)
            .prop_map(|(relation, scope)| Include::scoped(relation, scope));
        (query(), prop::collection::vec(include, 0..3))
            .prop_map(|(query, include)| Query { include, ..query })
    })
}

proptest! {
    #[test]
    fn a_printed_query_reads_back_as_it_was(query in query_with_include()) {
        let json = query.to_json();
        prop_assert_eq!(Query::parse(&json.to_string()), Ok(query), "{}", json);
    }
}

#[test]
fn every_member_is_optional() {
    assert_eq!(Query::parse("{}"), Ok(Query::new()));
    let query = Query::parse(
        r#"{"where": {"a": 1}, "order": "b DESC", "fields": ["a"], "limit": 5, "skip": 2}"#,
    );
    let expected = Query::filter(Filter::equal("a", 1))
        .descending("b")
        .fields(["a"])
        .limit(5)
        .offset(2);
    assert_eq!(query, Ok(expected));
    assert_eq!(
        Query::parse(r#"{"offset": 2}"#),
        Query::parse(r#"{"skip": 2}"#)
    );
}

#[test]
fn an_order_names_properties_paths_and_directions() {
    let key = |property: &str, path: &[&str], descending| {
        (
            property.to_owned(),
            path.iter().map(|step| (*step).to_owned()).collect(),
            descending,
        )
    };
    assert_eq!(order(json!("a")), [key("a", &[], false)]);
    assert_eq!(
        order(json!(["a desc", " b.c  ASC "])),
        [key("a", &[], true), key("b", &["c"], false)]
    );
    assert_eq!(
        order(json!("first name DESC")),
        [key("first name", &[], true)]
    );
    assert_eq!(order(json!([])), []);
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let found = problems(json!({
        "where": {"a": {}},
        "order": ["a DSC", 5],
        "fields": [1],
        "limit": -1,
        "offset": 1.5,
        "skip": "2",
        "include": ["", 5, {"relation": "orders", "scop": {}, "scope": {"limit": -1, "include": 1}}],
        "filter": {},
        "wehre": {},
        "hints": {"a": 1},
    }));
    for problem in [
        "where.a: no comparison",
        "order[0]: `DSC` is no direction; write `a ASC` or `a DESC`",
        "order[1]: an order is text",
        "fields[0]: a field is the name of a property",
        "limit: it takes a whole number from 0",
        "offset: it takes a whole number from 0",
        "skip: it takes a whole number from 0",
        "skip: `skip` and `offset` are the same",
        "include[0]: a relation's name is empty",
        "include[1]: a relation is written \"routes\"",
        "include[2].scop: beside `relation` there is only `scope`",
        "include[2].scope.limit: it takes a whole number from 0",
        "include[2].scope.include: a relation is written",
        "filter: unknown member of a query",
        "wehre: unknown member of a query; did you mean `where`?",
        "hints: hints are an object of texts",
    ] {
        assert!(
            found.iter().any(|line| line.starts_with(problem)),
            "{problem} in {found:#?}"
        );
    }
    assert_eq!(found.len(), 16, "{found:#?}");
}

#[test]
fn what_is_no_query_is_refused() {
    for text in [
        "",
        "[]",
        "5",
        "{",
        r#"{"limit": 1, "limit": 2}"#,
        r#"{"limit": null}"#,
    ] {
        assert!(Query::parse(text).is_err(), "{text}");
    }
}

#[test]
fn relations_are_included_in_every_form_that_loopback_has() {
    let read = |include: Json| {
        let query = Query::from_json(&json!({"include": include})).unwrap();
        query.include
    };
    let routes = || Include::new("routes");
    assert_eq!(read(json!("routes")), [routes()]);
    assert_eq!(
        read(json!(["routes", "city"])),
        [routes(), Include::new("city")]
    );
    assert_eq!(read(json!([{"relation": "routes"}])), [routes()]);
    let to = Include::scoped("routes", Query::new().include(Include::new("to")));
    for include in [
        json!({"routes": "to"}),
        json!([{"routes": ["to"]}]),
        json!({"relation": "routes", "scope": {"include": ["to"]}}),
    ] {
        assert_eq!(read(include), std::slice::from_ref(&to));
    }
    let few = Query::filter(Filter::equal("count", 5)).limit(2);
    assert_eq!(
        read(json!({"routes": {"relation": "to", "scope": {"where": {"count": 5}, "limit": 2}}})),
        [Include::scoped(
            "routes",
            Query::new().include(Include::scoped("to", few))
        )]
    );
}

#[test]
fn how_deep_relations_are_included_is_bounded() {
    let mut nested = json!("a");
    for _ in 1..MAX_INCLUDE_DEPTH {
        nested = json!({"a": nested});
    }
    assert!(Query::from_json(&json!({"include": nested.clone()})).is_ok());
    let deeper = json!({"include": {"a": nested}});
    assert!(problems(deeper)[0].contains("at most 8 levels"));
    let mut scoped = json!({});
    for _ in 0..=MAX_INCLUDE_DEPTH {
        scoped = json!({"include": {"relation": "a", "scope": scoped}});
    }
    assert!(problems(scoped)[0].contains("at most 8 levels"));
}
