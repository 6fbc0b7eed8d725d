//! Requests against a model.

use std::collections::BTreeMap;

use tenon_model::{
    Aggregation, Comparison, Condition, Filter, MAX_AGGREGATES, Model, Property, PropertyType,
    Relation, Value, resolve_relations,
};

fn model() -> Model {
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(Property::new("state", PropertyType::Text))
        .property(Property::new("size", PropertyType::Integer))
        .property(Property::new("fee", PropertyType::Decimal))
        .property(Property::new("opened", PropertyType::Timestamp))
        .property(Property::new("place", PropertyType::Point))
        .property(Property::new("notes", PropertyType::Json))
        .property(Property::new("a.b", PropertyType::Float))
}

fn refused(request: Aggregation) -> String {
    request
        .check(&model())
        .expect_err("it is refused")
        .to_string()
}

#[test]
fn a_declared_name_with_a_dot_comes_before_a_path() {
    let checked = Aggregation::new()
        .group_by("a.b")
        .sum("total", "a.b")
        .count_of("n", "notes.b")
        .check(&model())
        .unwrap();
    assert_eq!(checked.fields(), ["a.b", "notes"]);
    assert_eq!(checked.aggregates[0].path, [""; 0]);
    assert_eq!(checked.aggregates[1].path, ["b"]);
}

#[test]
fn operands_of_having_get_the_kinds_of_the_results() {
    let request = Aggregation::parse(
        r#"{
            "aggregates": {"n": {"count": "*"}, "total": {"sum": "size"}, "first": {"minimum": "opened"}},
            "having": {"n": "3", "total": {"gt": "10"}, "first": {"lt": "2024-01-01"}}
        }"#,
    );
    let checked = request.unwrap().check(&model()).unwrap();
    let operands: Vec<&Value> = checked
        .having
        .parts()
        .iter()
        .flat_map(|part| match part {
            Filter::Condition(Condition { operands, .. }) => operands,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        operands,
        [
            &Value::Timestamp(1_704_067_200_000_000),
            &Value::Integer(3),
            &Value::Decimal("10".to_owned()),
        ]
    );
}

#[test]
fn what_a_function_has_no_meaning_for_is_refused() {
    let empty = Aggregation::new;
    for (request, problem) in [
        (
            empty().sum("x", "state"),
            "aggregates.x.sum: `state` is of kind `text`",
        ),
        (empty().average("x", "opened"), "only numbers are added up"),
        (empty().minimum("x", "place"), "neither greater nor less"),
        (empty().maximum("x", "notes"), "neither greater nor less"),
        (empty().sum("x", "size.big"), "has nothing inside"),
        (empty().sum("x", "sizee"), "did you mean `size`?"),
    ] {
        let problems = refused(request);
        assert!(problems.contains(problem), "{problems}");
    }
    let mut distinct = empty().minimum("x", "size").count("n");
    for aggregate in &mut distinct.aggregates {
        aggregate.distinct = true;
    }
    let problems = refused(distinct);
    assert!(problems.contains("aggregates.x.minimum"), "{problems}");
    assert!(problems.contains("aggregates.n.count"), "{problems}");
}

#[test]
fn results_have_names_of_their_own() {
    for request in [
        Aggregation::new().group_by("state").count("state"),
        Aggregation::new().count("n").sum("n", "size"),
        Aggregation::new().group_by("state").group_by("state"),
        Aggregation::new().count(""),
    ] {
        refused(request);
    }
}

#[test]
fn a_filter_and_results_are_judged_together() {
    let problems = refused(
        Aggregation::new()
            .filter(Filter::equal("stat", "AK"))
            .group_by("citty")
            .sum("x", "state"),
    );
    for place in ["where.stat.eq", "groupBy[0]", "aggregates.x.sum"] {
        assert!(problems.contains(place), "{problems}");
    }
}

#[test]
fn having_and_order_know_results_alone() {
    let problems = refused(
        Aggregation::new()
            .group_by("state")
            .count("n")
            .having(Filter::compare("size", Comparison::Greater, 1))
            .descending("iata"),
    );
    for place in ["having.size.gt", "order[0]"] {
        assert!(problems.contains(place), "{problems}");
    }
}

#[test]
fn a_request_is_bounded() {
    let many = (0..=MAX_AGGREGATES).fold(Aggregation::new(), |request, index| {
        request.count(format!("n{index}"))
    });
    assert!(refused(many).contains("256 are the most"));
    assert!(refused(Aggregation::new()).contains("nothing is asked for"));
}

/// Airports that have routes, and something to hide.
fn related() -> BTreeMap<String, Model> {
    let airport = model()
        .property(Property::new("alarm", PropertyType::Integer).hidden())
        .relation(Relation::has_many("routes", "Route", &["origin"]));
    let route = Model::new("Route")
        .key("origin", PropertyType::Text)
        .property(Property::new("count", PropertyType::Integer));
    let models = [airport, route].map(|model| (model.name.clone(), model));
    let mut models = BTreeMap::from(models);
    resolve_relations(&mut models).unwrap();
    models
}

#[test]
fn what_is_hidden_is_unknown_but_to_trusted_code() {
    let models = related();
    for request in [
        Aggregation::new().group_by("alarm"),
        Aggregation::new().sum("total", "alarm"),
        Aggregation::new()
            .filter(Filter::equal("alarm", 1))
            .count("n"),
    ] {
        let refused = request.clone().check_with(&models["Airport"], &models);
        let problems = refused.unwrap_err().to_string();
        assert!(problems.contains("has no property `alarm`"), "{problems}");
        let trusted = request.check_trusted(&models["Airport"], &models);
        assert!(trusted.is_ok(), "{trusted:?}");
    }
}

#[test]
fn related_records_are_asked_for_in_the_filter_alone() {
    let models = related();
    let by_routes = |name: &str| {
        let text = format!(
            r#"{{"where": {{"{name}": {{"gt": 1}}}}, "aggregates": {{"n": {{"count": "*"}}}}}}"#
        );
        Aggregation::parse(&text)
            .unwrap()
            .check_with(&models["Airport"], &models)
    };
    assert!(by_routes("routes.count").unwrap().filter.has_related());
    let wrong = by_routes("routes.conut").unwrap_err().to_string();
    assert!(wrong.contains("did you mean `count`?"), "{wrong}");
    let grouped = Aggregation::new().group_by("routes").count("n");
    let refused = grouped.check_with(&models["Airport"], &models);
    assert!(refused.unwrap_err().to_string().contains("is a relation"));
}
