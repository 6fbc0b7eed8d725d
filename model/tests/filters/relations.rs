//! Filters and queries that lead to related records.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use tenon_model::{
    Comparison, Condition, Entity, Filter, Include, MAX_DEPTH, MAX_INCLUDE_DEPTH, MAX_INCLUDES,
    MAX_RELATED, Matcher, MatcherError, Model, Problems, Property, PropertyType, Quantifier, Query,
    Related, Relation, Value, resolve_relations,
};

use crate::reference;
use crate::strategies::{known_condition, record};

/// Airports and the routes between them, as in the document.
pub fn models() -> BTreeMap<String, Model> {
    let airport = Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(Property::new("state", PropertyType::Text))
        .property(Property::new("opened", PropertyType::Timestamp))
        .property(Property::new("details", PropertyType::Json))
        .property(Property::new("alarm", PropertyType::Any).hidden())
        .relation(Relation::has_many("routes", "Route", &["origin"]));
    let route = Model::new("Route")
        .key("origin", PropertyType::Text)
        .key("destination", PropertyType::Text)
        .property(Property::new("count", PropertyType::Integer))
        .property(Property::new("fare", PropertyType::Decimal).hidden())
        .relation(Relation::belongs_to("from", "Airport", &["origin"]))
        .relation(Relation::belongs_to("to", "Airport", &["destination"]));
    let models = [airport, route].map(|model| (model.name.clone(), model));
    let mut models = BTreeMap::from(models);
    resolve_relations(&mut models).unwrap();
    models
}

fn lines(problems: Problems) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn check(json: Json) -> Result<Filter, Vec<String>> {
    let models = models();
    let filter = Filter::from_json(&json).map_err(lines)?;
    filter
        .check_with(&models["Airport"], &models)
        .map_err(lines)
}

fn check_query(json: Json) -> Result<Query, Vec<String>> {
    let models = models();
    let query = Query::from_json(&json).map_err(lines)?;
    query.check_with(&models["Airport"], &models).map_err(lines)
}

fn some(relation: &str, filter: Filter) -> Filter {
    Filter::related(relation, Quantifier::Some, filter)
}

fn assert_problems(found: Result<impl std::fmt::Debug, Vec<String>>, expected: &[&str]) {
    let found = found.unwrap_err();
    for problem in expected {
        let is_there = found.iter().any(|line| line.starts_with(problem));
        assert!(is_there, "{problem} in {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn a_name_that_begins_with_a_relation_asks_for_related_records() {
    let to_atlanta = some("routes", Filter::equal("destination", "ATL"));
    assert_eq!(
        check(json!({"routes.destination": "ATL"})),
        Ok(to_atlanta.clone())
    );
    assert_eq!(
        check(json!({"routes": {"some": {"destination": "ATL"}}})),
        Ok(to_atlanta)
    );
    let georgia = Filter::equal("state", "GA");
    assert_eq!(
        check(json!({"routes.to.state": "GA"})),
        Ok(some("routes", some("to", georgia)))
    );
    let inside = Condition {
        property: "details".to_owned(),
        path: vec!["runways".to_owned()],
        comparison: Comparison::Greater,
        operands: vec![Value::from(2)],
    };
    assert_eq!(
        check(json!({"routes.to.details.runways": {"gt": 2}})),
        Ok(some("routes", some("to", inside.into())))
    );
}

#[test]
fn a_negated_comparison_asks_that_none_match_the_positive_one() {
    for (negated, positive) in [
        (json!({"neq": "ATL"}), json!("ATL")),
        (json!({"nin": ["ATL"]}), json!({"inq": ["ATL"]})),
        (json!({"nlike": "A%"}), json!({"like": "A%"})),
        (json!({"nilike": "a%"}), json!({"ilike": "a%"})),
    ] {
        let none = json!({"routes": {"none": {"destination": positive.clone()}}});
        assert_eq!(
            check(json!({"routes.destination": negated.clone()})),
            check(none)
        );
        let far = json!({"routes": {"none": {"to.iata": positive}}});
        assert_eq!(check(json!({"routes.to.iata": negated})), check(far));
    }
}

#[test]
fn a_quantifier_behind_several_relations_asks_the_last_records() {
    let georgia = || Filter::equal("state", "GA");
    let asked = |word: &str| check(json!({"routes.to": {word: {"state": "GA"}}})).unwrap();
    let related = |quantifier, filter| Filter::related("routes", quantifier, filter);
    assert_eq!(asked("some"), some("routes", some("to", georgia())));
    assert_eq!(
        asked("none"),
        related(Quantifier::None, some("to", georgia()))
    );
    let every = Filter::related("to", Quantifier::Every, georgia());
    assert_eq!(asked("every"), related(Quantifier::Every, every));
}

#[test]
fn operands_take_the_kinds_of_the_related_model() {
    let filter =
        check(json!({"routes": {"every": {"count": "5", "to.opened": "1970-01-01T00:00:01Z"}}}));
    let inside = Filter::AllOf(vec![
        Filter::equal("count", 5),
        some("to", Filter::equal("opened", Value::Timestamp(1_000_000))),
    ]);
    let expected = Filter::related("routes", Quantifier::Every, inside);
    assert_eq!(filter, Ok(expected.clone()));
    // What is checked stays as it is, and a strict model's `exists` asks for null.
    let models = models();
    assert_eq!(
        expected.clone().check_with(&models["Airport"], &models),
        Ok(expected)
    );
    let has_count = Filter::compare("count", Comparison::NotEqual, Value::Null);
    assert_eq!(
        check(json!({"routes.count": {"exists": true}})),
        Ok(some("routes", has_count))
    );
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    assert_problems(
        check(json!({
            "routes": 5,
            "ruotes.count": 5,
            "routes.destinaton": "ATL",
            "routes.to.state.x": {"nlike": "A%"},
            "or": [{"routes": {"none": {"count": {"gt": 1.5}}}}, {"state": {"some": {}}}],
            "details.x": {"some": {}},
            "rotes": {"every": {}},
        })),
        &[
            "where.routes.eq: `routes` is a relation of model `Airport`",
            "where.ruotes.count.eq: model `Airport` has no property `ruotes`; did you mean `routes`?",
            "where.routes.destinaton.eq: model `Route` has no property `destinaton`; did you mean `destination`?",
            "where.routes.to.state.x.nlike: `state` is of kind `text`, and has nothing inside",
            "where.or[0].routes.none.count.gt: the float 1.5 is not an integer",
            "where.or[1].state.some: `state` is a property; `some`, `none` and `every`",
            "where.details.some: `details` is a property",
            "where.rotes.every: model `Airport` has no relation `rotes`; did you mean `routes`?",
        ],
    );
    assert_problems(
        check_query(json!({
            "order": "routes.count",
            "fields": ["routes"],
            "include": [
                "rutes",
                {"relation": "routes", "scope": {
                    "where": {"count": "many"}, "order": "dest", "fields": ["orgin"],
                    "include": {"relation": "to", "scope": {"where": {"alarm": "x"}}},
                }},
                "routes",
            ],
        })),
        &[
            "order[0]: `routes` is a relation of model `Airport`",
            "fields.routes: `routes` is a relation of model `Airport`",
            "include[0]: model `Airport` has no relation `rutes`; did you mean `routes`?",
            "include[1].scope.where.count.eq: the text \"many\" is not an integer",
            "include[1].scope.order[0]: model `Route` has no property `dest`",
            "include[1].scope.fields.orgin: model `Route` has no property `orgin`; did you mean `origin`?",
            "include[1].scope.include[0].scope.where.alarm.eq: model `Airport` has no property `alarm`",
            "include[2]: `routes` is there twice",
        ],
    );
}

#[test]
fn a_hidden_property_is_as_unknown_as_one_that_isnt_there() {
    let models = models();
    let airport = &models["Airport"];
    for (hidden, missing) in [
        (
            json!({"where": {"alarm": "x"}}),
            json!({"where": {"zzzzz": "x"}}),
        ),
        (
            json!({"where": {"alarm.x": "x"}}),
            json!({"where": {"zzzzz.x": "x"}}),
        ),
        (json!({"order": ["alarm"]}), json!({"order": ["zzzzz"]})),
        (json!({"fields": ["alarm"]}), json!({"fields": ["zzzzz"]})),
        (
            json!({"fields": {"alarm": false}}),
            json!({"fields": {"zzzzz": false}}),
        ),
        (
            json!({"where": {"routes.fare": 1}}),
            json!({"where": {"routes.zzzz": 1}}),
        ),
        (
            json!({"include": {"relation": "routes", "scope": {"order": "fare"}}}),
            json!({"include": {"relation": "routes", "scope": {"order": "zzzz"}}}),
        ),
    ] {
        let problem = check_query(hidden.clone()).unwrap_err().join("\n");
        let likewise = check_query(missing).unwrap_err().join("\n");
        let renamed = likewise.replace("zzzzz", "alarm").replace("zzzz", "fare");
        assert_eq!(problem, renamed);
        let trusted = Query::from_json(&hidden).unwrap();
        assert!(trusted.check_trusted(airport, &models).is_ok(), "{hidden}");
    }
    // Neither a suggestion nor a list gives it away, nor does a model that takes any name.
    let near = check(json!({"alarn": 1})).unwrap_err().join("\n");
    assert!(!near.contains("alarm"), "{near}");
    let open = airport.clone().open();
    let query = |json: Json| Query::from_json(&json).unwrap().check(&open);
    assert!(query(json!({"where": {"alarm": "x"}})).is_err());
    assert!(query(json!({"fields": ["alarm"]})).is_err());
    assert!(query(json!({"where": {"anything": "x"}})).is_ok());
}

#[test]
fn what_is_hidden_isnt_fetched_and_is_taken_out() {
    let models = models();
    let route = &models["Route"];
    let visible = ["origin", "destination", "count"];
    assert_eq!(Query::new().visible_fields(route).fields, visible);
    let some = Query::new().fields(["count"]).visible_fields(route);
    assert_eq!(some.fields, ["count"]);
    let without = check_query(json!({"fields": {"opened": false, "details": false}}));
    assert_eq!(without.unwrap().fields, ["iata", "state"]);
    let mut record = Entity::new().with("origin", "SFO").with("fare", 5);
    route.hide(&mut record);
    assert_eq!(record, Entity::new().with("origin", "SFO"));
}

#[test]
fn what_leads_to_an_unknown_model_is_refused() {
    let models = BTreeMap::<String, Model>::new();
    let airport = Model::new("Airport").relation(Relation::has_many("routes", "Route", &[]));
    let filter = Filter::parse(r#"{"routes.x": 1}"#).unwrap();
    let problem = filter.clone().check_with(&airport, &models).unwrap_err();
    assert!(problem.to_string().contains("the model Route"), "{problem}");
    let query = Query::new().include(Include::new("routes"));
    assert!(query.clone().check_with(&airport, &models).is_err());
    // Without other models there is nothing to hold it against, and it stays to be checked.
    assert_eq!(
        filter.check(&airport),
        Ok(some("routes", Filter::equal("x", 1)))
    );
    assert_eq!(query.clone().check(&airport), Ok(query));
}

#[test]
fn how_much_a_filter_and_a_query_follow_is_bounded() {
    let one = || json!({"routes.count": 1});
    let many = |count: usize| json!({"or": vec![one(); count]});
    assert!(check(many(MAX_RELATED)).is_ok());
    assert_problems(
        check(many(MAX_RELATED + 1)),
        &["where.or[100].routes.count.eq: a filter follows at most 100 relations"],
    );
    let deep = |steps: usize| format!("{}iata", "routes.to.".repeat(steps / 2));
    let name = deep(MAX_DEPTH - 2);
    assert!(check(json!({name: "x"})).is_ok());
    let name = deep(MAX_DEPTH);
    assert!(check(json!({name: "x"})).unwrap_err()[0].contains("nested deeper"));
    let mut nested = json!({});
    for _ in 0..MAX_DEPTH {
        nested = json!({"routes": {"some": nested}});
    }
    assert!(check(nested).unwrap_err()[0].contains("nested deeper"));

    let mut query = Query::new();
    for level in 0..MAX_INCLUDE_DEPTH {
        let relation = if level % 2 == 0 { "to" } else { "routes" };
        query = Query::new().include(Include::scoped(relation, query));
    }
    let models = models();
    assert!(
        query
            .clone()
            .check_with(&models["Airport"], &models)
            .is_ok()
    );
    let query = Query::new().include(Include::scoped("to", query));
    let problem = query.check_with(&models["Route"], &models).unwrap_err();
    assert!(
        problem.to_string().contains("at most 8 levels"),
        "{problem}"
    );
    let wide = vec!["routes"; MAX_INCLUDES + 1];
    let problems = check_query(json!({"include": wide})).unwrap_err();
    assert!(
        problems
            .iter()
            .any(|line| line.contains("at most 100 relations"))
    );
}

#[test]
fn nobody_judges_or_sends_what_asks_for_other_records() {
    let filter = check(json!({"routes.count": 1})).unwrap();
    assert!(filter.has_related());
    assert_eq!(filter.properties(), Vec::<&str>::new());
    assert!(matches!(
        Matcher::new(&filter),
        Err(MatcherError::Unsupported(_))
    ));
    let travelled = Filter::from_nodes(&filter.to_nodes()).unwrap();
    assert!(matches!(travelled, Filter::Extension(_)));
}

#[test]
fn a_default_scope_narrows_and_gives_way() {
    let mut models = models();
    let scope = json!({
        "where": {"alarm": null, "routes.count": {"gt": "2"}}, "order": "state", "limit": 5, "include": "routes",
    });
    let airport = models["Airport"]
        .clone()
        .scope(Query::from_json(&scope).unwrap());
    models.insert("Airport".to_owned(), airport.clone());
    assert_eq!(resolve_relations(&mut models), Ok(()));
    let scope = airport.default_scope(&models).unwrap();
    let scoped = |query: Query| query.with_default_scope(&airport, &models).unwrap();
    assert_eq!(scoped(Query::new()), scope);

    let query = Query::filter(Filter::equal("state", "GA"))
        .descending("iata")
        .limit(9);
    let narrowed = scoped(query.clone());
    let both = Filter::AllOf(vec![query.filter.clone(), scope.filter.clone()]);
    assert_eq!(narrowed.filter, both);
    assert_eq!((narrowed.order, narrowed.limit), (query.order, Some(9)));
    assert_eq!(narrowed.include, scope.include);
    let filter = Filter::equal("state", "GA");
    assert_eq!(filter.with_default_scope(&airport, &models), Ok(both));

    let wrong = Query::parse(r#"{"where": {"routes.cuont": 1}}"#).unwrap();
    models.insert("Airport".to_owned(), airport.scope(wrong));
    let problems = resolve_relations(&mut models).unwrap_err().to_string();
    assert!(
        problems.starts_with("Airport.scope.where.routes.cuont.eq: model `Route` has no"),
        "{problems}"
    );
}

/// A record with these as the elements of an array, and as the records of a relation.
fn both_ways(elements: &[Entity]) -> Entity {
    let array = elements.iter().map(|element| {
        let members = element
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_lossless_json()));
        Json::Object(members.collect::<Map<_, _>>())
    });
    Entity::new()
        .with("array", Value::Json(array.collect::<Json>().to_string()))
        .with_related("related", Related::Many(elements.to_vec()))
}

proptest! {
    #[test]
    fn a_condition_means_the_same_of_related_records_as_of_an_arrays_elements(
        condition in known_condition(),
        elements in vec(record(), 0..4),
    ) {
        let record = both_ways(&elements);
        let below = |name: &str| {
            let mut path = condition.path.clone();
            path.insert(0, condition.property.clone());
            Filter::Condition(Condition { property: name.to_owned(), path, ..condition.clone() })
        };
        let other = Model::new("Other").open();
        let model = Model::new("Model").open().relation(Relation::has_many("related", "Other", &[]));
        let models = BTreeMap::from([other, model.clone()].map(|model| (model.name.clone(), model)));
        let checked = |name: &str| below(name).check_with(&model, &models);
        let (of_array, of_relation) = (checked("array"), checked("related"));
        prop_assert_eq!(of_array.is_ok(), of_relation.is_ok());
        if let (Ok(of_array), Ok(of_relation)) = (of_array, of_relation) {
            prop_assert_eq!(
                Matcher::new(&of_array).unwrap().matches(&record),
                reference::matches(&of_relation, &record),
            );
        }
    }
}
