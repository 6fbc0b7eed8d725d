//! Collections, and groups.

use tenon_sdk::{
    Aggregate, AggregateFunction as F, AggregateRequest, Aggregates, Connector, Crud, Entity,
    Limits, PropertyType, Schema, SortKey, Value,
};

use crate::scene::{Act, Scene, named, pages, some_name};

pub const SCHEMAS: &[Act] = &[plans, failures, discoveries, removals];
pub const AGGREGATES: &[Act] = &[groups, all, nothing];

/// `Named` with a property more and without another.
fn changed() -> tenon_model::Model {
    let mut model = named().property(tenon_model::Property::new("more", PropertyType::Text));
    model.properties.retain(|property| property.name != "n");
    model
}

fn plans(scene: &mut Scene) {
    scene.one.create("Named", some_name("a", 1)).unwrap();
    let same = scene.one.plan(vec![named().to_contract()]);
    scene.note(same);
    let model = changed().to_contract();
    let steps = scene.one.plan(vec![model.clone()]).unwrap();
    scene.note(&steps);
    let taken = scene.one.apply(steps);
    scene.note(taken);
    let again = scene.one.plan(vec![model.clone()]);
    scene.note(again);
    scene.one.define(model).unwrap();
    scene.all("Named");
}

fn failures(scene: &mut Scene) {
    for name in ["a", "b"] {
        scene.one.create("Named", some_name(name, 1)).unwrap();
    }
    let model = changed().index(&["more"], false);
    let steps = scene.one.plan(vec![model.to_contract()]).unwrap();
    let twice: Vec<_> = steps.iter().chain(&steps).cloned().collect();
    let failed = scene.one.apply(twice);
    scene.note(failed);
    let there = scene.one.discover(vec!["Named".into()]);
    scene.note(there);
}

fn discoveries(scene: &mut Scene) {
    let mut model = tenon_model::Model::new("Whole")
        .key("b", PropertyType::Text)
        .key("a", PropertyType::Integer)
        .property(tenon_model::Property::new("name", PropertyType::Text).required())
        .property(tenon_model::Property::new("price", PropertyType::Decimal))
        .index(&["name"], true);
    model.properties[2].length = Some(9);
    model.indexes[0].properties[0].descending = true;
    scene.one.define(model.to_contract()).unwrap();
    let found = scene.one.discover(vec!["Whole".into()]);
    scene.note(found);
    let nothing = scene.one.discover(vec!["Nothing".into()]);
    scene.note(nothing);
    let collections = scene.one.collections();
    scene.note(collections);
}

fn removals(scene: &mut Scene) {
    scene.one.create("Named", some_name("a", 1)).unwrap();
    let dropped = Schema::drop(&mut scene.one, "Named");
    scene.note(dropped);
    let collections = scene.one.collections();
    scene.note(collections);
    scene.one.create("Named", some_name("b", 1)).unwrap();
    scene.all("Named");
}

fn of(function: F, property: &str) -> Aggregate {
    Aggregate {
        name: format!("{} of {property}", function.name()),
        function,
        property: Some(property.into()),
        path: Vec::new(),
        distinct: false,
    }
}

fn ask(scene: &mut Scene, request: AggregateRequest) {
    let groups = scene.one.aggregate("Thing", request);
    let groups = groups.and_then(|rows| pages(rows, 10, &Limits::default()));
    scene.note(groups);
}

fn seed(scene: &mut Scene) {
    for (t, n) in [
        (Some("a"), Some(9_007_199_254_740_993)),
        (Some("a"), Some(2)),
        (Some("b"), Some(i64::MAX)),
        (Some("b"), Some(5)),
        (Some("c"), None),
        (None, Some(1)),
    ] {
        let number = |n: i64| Value::Integer(n);
        let thing = Entity::new()
            .with("t", t.map_or(Value::Null, Value::from))
            .with("n", n.map_or(Value::Null, number))
            .with(
                "f",
                if n == Some(2) {
                    Value::Null
                } else {
                    Value::Float(1.5)
                },
            );
        scene.one.create("Thing", thing).unwrap();
    }
    for mixed in [
        Value::Integer(1),
        Value::Float(1.0),
        Value::Text("x".into()),
    ] {
        let thing = Entity::new().with("t", "m").with("mixed", mixed);
        scene.one.create("Thing", thing).unwrap();
    }
}

fn groups(scene: &mut Scene) {
    seed(scene);
    let by_t = AggregateRequest {
        group_by: vec!["t".into()],
        aggregates: vec![
            of(F::Count, "n"),
            of(F::Sum, "n"),
            of(F::Average, "f"),
            of(F::Minimum, "f"),
            of(F::Maximum, "n"),
        ],
        order: vec![SortKey {
            property: "t".into(),
            path: Vec::new(),
            descending: true,
        }],
        ..AggregateRequest::default()
    };
    ask(scene, by_t.clone());
    ask(
        scene,
        AggregateRequest {
            limit: Some(2),
            offset: 1,
            ..by_t.clone()
        },
    );
    let filter = tenon_model::Filter::equal("t", "b").to_nodes();
    ask(scene, AggregateRequest { filter, ..by_t });
}

fn all(scene: &mut Scene) {
    seed(scene);
    let distinct = |function, property| Aggregate {
        distinct: true,
        ..of(function, property)
    };
    for aggregate in [
        distinct(F::Count, "mixed"),
        distinct(F::Count, "f"),
        of(F::Sum, "mixed"),
        of(F::Average, "f"),
    ] {
        let request = AggregateRequest {
            aggregates: vec![aggregate],
            ..AggregateRequest::default()
        };
        ask(scene, request);
    }
}

fn nothing(scene: &mut Scene) {
    let request = AggregateRequest {
        aggregates: vec![of(F::Sum, "n")],
        ..AggregateRequest::default()
    };
    ask(scene, request);
}
