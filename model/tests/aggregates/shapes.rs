//! Rows that a backend has made.

use tenon_model::{Aggregation, Entity, Model, Property, PropertyType, ResultShape, Value};

fn shape() -> ResultShape {
    let model = Model::new("Example")
        .property(Property::new("state", PropertyType::Text))
        .property(Property::new("n", PropertyType::Integer))
        .property(Property::new("price", PropertyType::Decimal))
        .property(Property::new("x", PropertyType::Any));
    let request = Aggregation::new()
        .group_by("state")
        .count("records")
        .sum("total", "n")
        .sum("worth", "price")
        .average("mean", "n")
        .maximum("most", "n")
        .sum("any", "x");
    ResultShape::new(&request.check(&model).unwrap(), &model)
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.to_owned())
}

fn row() -> Entity {
    Entity::new()
        .with("state", "AK")
        .with("records", 3)
        .with("total", 6)
        .with("worth", decimal("1.5"))
        .with("mean", 2.0)
        .with("most", 3)
        .with("any", 1)
}

#[test]
fn numbers_of_other_kinds_become_what_they_are() {
    let answered = Entity::new()
        .with("any", 1)
        .with("most", 3.0)
        .with("mean", decimal("2.00"))
        .with("worth", 1.5)
        .with("total", decimal("6"))
        .with("records", decimal("3"))
        .with("state", "AK");
    assert_eq!(shape().row(answered), Ok(row()));
}

#[test]
fn a_sum_of_integers_may_need_more_than_64_bits() {
    let long = decimal("18446744073709551614");
    let answered = row().with("total", long.clone());
    assert_eq!(shape().row(answered).unwrap().get("total"), Some(&long));
}

#[test]
fn what_is_missing_is_null_but_for_counts() {
    let mut answered = row();
    answered.remove("worth");
    assert_eq!(
        shape().row(answered).unwrap().get("worth"),
        Some(&Value::Null)
    );
    let mut answered = row();
    answered.remove("records");
    assert!(shape().row(answered).is_err());
}

#[test]
fn what_no_aggregate_gives_is_refused() {
    for (name, value) in [
        ("records", Value::Integer(-1)),
        ("records", Value::Float(0.5)),
        ("total", decimal("1.5")),
        ("total", "many".into()),
        ("mean", "x".into()),
        ("any", "1".into()),
        ("most", 1.5.into()),
        ("uninvited", 1.into()),
    ] {
        let problems = shape().row(row().with(name, value)).unwrap_err();
        assert!(problems.to_string().starts_with(name), "{problems}");
    }
}

#[test]
fn the_rows_are_a_model_of_their_own() {
    let model = shape().model("Results");
    let kind = |name: &str| model.find_property(name).map(|property| property.kind);
    assert_eq!(kind("state"), Some(PropertyType::Text));
    assert_eq!(kind("records"), Some(PropertyType::Integer));
    assert_eq!(kind("total"), Some(PropertyType::Decimal));
    assert_eq!(kind("mean"), Some(PropertyType::Float));
    assert_eq!(
        shape().names().collect::<Vec<_>>(),
        ["state", "records", "total", "worth", "mean", "most", "any"]
    );
}
