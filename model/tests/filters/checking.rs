//! Filters and queries against a model.

use serde_json::{Value as Json, json};
use tenon_model::{Comparison, Filter, Model, Property, PropertyType, Query, Value};

fn model() -> Model {
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(Property::new("elevation", PropertyType::Integer))
        .property(Property::new("opened", PropertyType::Date))
        .property(Property::new("seen", PropertyType::Timestamp))
        .property(Property::new("place", PropertyType::Point))
        .property(Property::new("details", PropertyType::Json))
        .property(Property::new("anything", PropertyType::Any))
}

fn check(json: Json, model: &Model) -> Result<Filter, Vec<String>> {
    let filter = Filter::from_json(&json).expect("it is well formed");
    filter
        .check(model)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[test]
fn operands_take_the_kind_that_is_declared() {
    let filter = check(json!({"elevation": {"inq": ["12", 3.0, null]}}), &model()).unwrap();
    assert_eq!(
        filter,
        Filter::one_of("elevation", [Value::from(12), 3.into(), Value::Null])
    );
    let filter = check(json!({"seen": {"gt": "1970-01-01T00:00:01Z"}}), &model()).unwrap();
    let moment = Value::Timestamp(1_000_000);
    assert_eq!(filter, Filter::compare("seen", Comparison::Greater, moment));
    // A pattern for dates isn't a date itself.
    assert!(check(json!({"opened": {"like": "2024-%"}}), &model()).is_ok());
    assert!(check(json!({"opened": {"gt": "2024-13-01"}}), &model()).is_err());
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let problems = check(
        json!({
            "elevatoin": 5,
            "elevation": {"gt": 1.5, "between": [1, "x"], "like": "1%", "contains": 1},
            "or": [{"place": {"gt": {"lat": 1, "lng": 1}}}, {"nor": [{"iata.x": 1, "seen": 5}]}],
            "details": {"near": {"lat": 1, "lng": 1}, "lt": 1},
            "details.x": {"gt": {"a": 1}},
        }),
        &model(),
    )
    .unwrap_err();
    for problem in [
        "where.elevatoin.eq: model `Airport` has no property `elevatoin`; did you mean `elevation`?",
        "where.elevation.gt: the float 1.5 is not an integer",
        "where.elevation.between[1]: the text \"x\" is not an integer",
        "where.elevation.like: `elevation` is of kind `integer`; patterns are for text",
        "where.elevation.contains: `elevation` is of kind `integer`; `contains` is for arrays",
        "where.or[0].place.gt: `place` is of kind `point`; its values are neither",
        "where.or[1].nor[0].iata.x.eq: `iata` is of kind `text`, and has nothing inside",
        "where.or[1].nor[0].seen.eq: the integer 5 is not a timestamp",
        "where.details.near: `details` is of kind `json`; `near` is for points",
        "where.details.lt: `details` is of kind `json`; its values are neither",
        "where.details.x.gt: the JSON",
    ] {
        let is_there = problems.iter().any(|found| found.starts_with(problem));
        assert!(is_there, "{problem} in {problems:#?}");
    }
    assert_eq!(problems.len(), 11, "{problems:#?}");
}

#[test]
fn an_open_model_takes_properties_that_it_does_not_declare() {
    let json = json!({"else": {"gt": "5"}, "else.deep": 1});
    assert!(check(json.clone(), &model().open()).is_ok());
    assert_eq!(check(json, &model()).unwrap_err().len(), 2);
}

#[test]
fn a_declared_name_with_a_dot_comes_before_a_path() {
    let model = model().property(Property::new("details.x", PropertyType::Integer));
    let filter = check(json!({"details.x": "5"}), &model).unwrap();
    assert_eq!(filter, Filter::equal("details.x", 5));
    assert_eq!(check(filter.to_json(), &model), Ok(filter));
}

#[test]
fn to_exist_in_a_strict_model_is_not_to_be_null() {
    let not_null = Filter::compare("iata", Comparison::NotEqual, Value::Null);
    assert_eq!(
        check(json!({"iata": {"exists": true}}), &model()),
        Ok(not_null)
    );
    let null = Filter::equal("iata", Value::Null);
    assert_eq!(
        check(json!({"iata": {"exists": false}}), &model()),
        Ok(null)
    );
    let inside = json!({"details.x": {"exists": true}});
    assert_eq!(
        check(inside.clone(), &model()).unwrap(),
        Filter::from_json(&inside).unwrap()
    );
    let open = json!({"iata": {"exists": true}});
    assert_eq!(
        check(open.clone(), &model().open()).unwrap(),
        Filter::from_json(&open).unwrap()
    );
}

#[test]
fn a_checked_filter_stays_as_it_is() {
    let json = json!({
        "elevation": {"between": ["1", 2.0]}, "place": {"near": "1,2", "maxDistance": 5},
        "details": {"eq": {"a": 1}}, "opened": "2024-01-01", "anything.x": {"exists": true},
    });
    let once = check(json, &model()).unwrap();
    assert_eq!(once.clone().check(&model()), Ok(once));
}

#[test]
fn order_and_fields_name_properties_too() {
    let query = Query::from_json(&json!({
        "order": ["elevatoin DESC", "details.rank"], "fields": ["iata", "plaec"],
    }));
    let problems = query.unwrap().check(&model()).unwrap_err().to_string();
    assert!(
        problems.contains("order[0]: model `Airport` has no property `elevatoin`"),
        "{problems}"
    );
    assert!(
        problems.contains(
            "fields.plaec: model `Airport` has no property `plaec`; did you mean `place`?"
        )
    );
}

#[test]
fn fields_that_are_left_out_leave_the_others() {
    let fields = |json: Json, model: &Model| {
        let query = Query::from_json(&json!({"fields": json})).unwrap();
        query.check(model).map(|query| query.fields)
    };
    let most = json!({"opened": false, "seen": false, "place": false, "details": false});
    assert_eq!(
        fields(most.clone(), &model()).unwrap(),
        ["iata", "elevation", "anything"]
    );
    assert!(fields(most, &model().open()).is_err());
    assert_eq!(
        fields(json!({"iata": true, "seen": false}), &model()).unwrap(),
        ["iata"]
    );
    assert_eq!(fields(json!(["iata", "iata"]), &model()).unwrap(), ["iata"]);
    let nothing = Model::new("M").key("id", PropertyType::Integer);
    assert!(fields(json!({"id": false}), &nothing).is_err());
}
