//! Relations over all models, and the records that carry what they lead to.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use tenon_model::{
    Entity, Keys, Model, Property, PropertyType, Query, Reference, Related, Relation, RelationKind,
    Through, Value, resolve_relations,
};

fn text(name: &str) -> Property {
    Property::new(name, PropertyType::Text)
}

fn airport() -> Model {
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(text("state"))
        .property(Property::new("_towers", PropertyType::Json))
        .index(&["state"], true)
}

fn route() -> Model {
    Model::new("Route")
        .key("airportId", PropertyType::Text)
        .key("destination", PropertyType::Text)
        .property(text("fromId"))
        .property(Property::new("count", PropertyType::Integer))
}

fn tower() -> Model {
    Model::new("Tower")
        .property(text("name"))
        .property(Property::new("built", PropertyType::Timestamp))
}

/// The relations of a model, resolved among these and the others.
fn resolve(
    models: impl IntoIterator<Item = Model>,
) -> Result<BTreeMap<String, Model>, Vec<String>> {
    let mut all: BTreeMap<String, Model> = [airport(), route(), tower()]
        .into_iter()
        .chain(models)
        .map(|model| (model.name.clone(), model))
        .collect();
    let before = all.clone();
    match resolve_relations(&mut all) {
        Ok(()) => {
            let once = all.clone();
            assert_eq!(resolve_relations(&mut all), Ok(()));
            assert_eq!(all, once, "what is done stays as it is");
            Ok(all)
        }
        Err(problems) => {
            assert_eq!(all, before, "nothing is half done");
            Err(problems.iter().map(ToString::to_string).collect())
        }
    }
}

fn kinds(model: Model) -> Vec<RelationKind> {
    let name = model.name.clone();
    let models = resolve([model]).unwrap();
    let relations = models[&name].relations.iter();
    relations.map(|relation| relation.kind.clone()).collect()
}

fn keys(foreign_key: &[&str], primary_key: &[&str]) -> Keys {
    Keys {
        primary_key: primary_key.iter().map(|name| (*name).to_owned()).collect(),
        ..Keys::new(foreign_key)
    }
}

#[test]
fn what_is_left_out_has_loopbacks_usual_name() {
    let airport = airport()
        .relation(Relation::has_many("routes", "Route", &[]))
        .relation(Relation::has_one("first", "Route", &["fromId"]))
        .relation(Relation::new(
            "towers",
            "Tower",
            RelationKind::EmbedsMany {
                property: String::new(),
            },
        ));
    assert_eq!(
        kinds(airport),
        [
            RelationKind::HasMany(keys(&["airportId"], &["iata"])),
            RelationKind::HasOne(keys(&["fromId"], &["iata"])),
            RelationKind::EmbedsMany {
                property: "_towers".to_owned()
            },
        ]
    );
    let by_state = RelationKind::BelongsTo(keys(&["fromId"], &["state"]));
    let route = route()
        .relation(Relation::belongs_to("from", "Airport", &[]))
        .relation(Relation::new("region", "Airport", by_state.clone()));
    assert_eq!(
        kinds(route),
        [
            RelationKind::BelongsTo(keys(&["fromId"], &["iata"])),
            by_state
        ]
    );
}

#[test]
fn a_key_that_nobody_declares_is_the_generated_id() {
    let mut visit = Model::new("Visit").property(Property::new("towerId", PropertyType::Integer));
    visit
        .relations
        .push(Relation::belongs_to("tower", "Tower", &[]));
    let of_tower = RelationKind::BelongsTo(keys(&["towerId"], &["id"]));
    assert_eq!(kinds(visit), [of_tower]);
}

#[test]
fn a_third_model_holds_both_keys() {
    let through = |model: &str| Through::new(model, &["airportId"], &["destination"]);
    let airport = airport()
        .relation(Relation::new(
            "destinations",
            "Airport",
            RelationKind::HasManyThrough(Through::new("Route", &[], &["destination"])),
        ))
        .relation(Relation::new(
            "crews",
            "Crew",
            RelationKind::HasAndBelongsToMany(Through::default()),
        ));
    let crew = Model::new("Crew").key("id", PropertyType::Uuid);
    let between = Model::new("CrewAirport")
        .key("airportId", PropertyType::Text)
        .key("crewId", PropertyType::Uuid);
    let models = resolve([airport, crew, between]).unwrap();
    let kinds: Vec<_> = models["Airport"]
        .relations
        .iter()
        .map(|relation| relation.kind.clone())
        .collect();
    let usual = Through::new("CrewAirport", &["airportId"], &["crewId"]);
    assert_eq!(
        kinds,
        [
            RelationKind::HasManyThrough(through("Route")),
            RelationKind::HasAndBelongsToMany(usual),
        ]
    );
    let destinations = models["Airport"].find_relation("destinations").unwrap();
    assert_eq!(destinations.through(), Some(&through("Route")));
    assert!(destinations.is_many() && destinations.pairs().is_none());
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let habtm = RelationKind::HasAndBelongsToMany(Through::default());
    let through = |through| RelationKind::HasManyThrough(through);
    let embeds = |property: &str| RelationKind::EmbedsOne {
        property: property.to_owned(),
    };
    let airport = airport()
        .relation(Relation::has_many("a", "Rute", &[]))
        .relation(Relation::has_many("b", "Route", &["airprtId"]))
        .relation(Relation::has_many("c", "Route", &["count"]))
        .relation(Relation::belongs_to("d", "Route", &[]))
        .relation(Relation::belongs_to("e", "Route", &["state", "state"]))
        .relation(Relation::new(
            "f",
            "Airport",
            through(Through::new("Route", &[], &[])),
        ))
        .relation(Relation::new(
            "g",
            "Airport",
            through(Through::new("Nothing", &[], &[])),
        ))
        .relation(Relation::new("h", "Tower", habtm))
        .relation(Relation::new("i", "Tower", embeds("")))
        .relation(Relation::new("j", "Tower", embeds("state")))
        .relation(Relation::new(
            "k",
            "Route",
            RelationKind::BelongsTo(keys(&["state"], &["fromId"])),
        ));
    let found = resolve([airport]).unwrap_err();
    for problem in [
        "Airport.relations.a.model: unknown model \"Rute\"; did you mean \"Route\"?",
        "Airport.relations.b.foreign-key: the model Route has no property \"airprtId\" to hold `iata` of Airport; \
         did you mean `airportId`?",
        "Airport.relations.c.foreign-key: `count` of Route is of kind integer, and `iata` of Airport, which it is \
         to hold, of kind text",
        "Airport.relations.d.foreign-key: `airportId`, `destination` of Route are held by it, and there is no usual",
        "Airport.relations.e.foreign-key: `state` is there twice",
        "Airport.relations.f.through-key: it is the same as `foreign-key`, `airportId`",
        "Airport.relations.g.through: unknown model \"Nothing\"",
        "Airport.relations.h.through: there is no model AirportTower or TowerAirport for the pairs: declare one \
         with the properties `airportId` and `towerId`",
        "Airport.relations.i.property: the model Airport has no property \"_i\" to embed records in",
        "Airport.relations.j.property: `state` is of kind text, and records are embedded in kind json",
        "Airport.relations.k.primary-key: `fromId` of Route are neither its key nor a unique index",
    ] {
        let is_there = found.iter().any(|line| line.starts_with(problem));
        assert!(is_there, "{problem} in {found:#?}");
    }
    assert_eq!(found.len(), 11, "{found:#?}");
}

#[test]
fn a_foreign_key_is_a_reference_within_one_data_source() {
    let route = route()
        .relation(Relation::belongs_to("from", "Airport", &["fromId"]))
        .relation(Relation::belongs_to("to", "Airport", &["destination"]))
        .relation(Relation::has_many("towers", "Tower", &["name", "name2"]));
    let tower = tower().property(text("name2"));
    let mut models = resolve([route, tower]).unwrap();
    let route = models.get_mut("Route").unwrap();
    let reference = |name: &str, property: &str| Reference {
        name: name.to_owned(),
        properties: vec![property.to_owned()],
        model: "Airport".to_owned(),
        targets: vec!["iata".to_owned()],
        settings: None,
    };
    route.references = vec![reference("declared", "destination")];
    let among = |same: bool| route.to_contract_among(&|_| same).references;
    assert_eq!(
        among(true),
        [
            reference("declared", "destination"),
            reference("from", "fromId")
        ]
    );
    assert_eq!(among(false), route.references);
}

#[test]
fn a_discovered_model_suggests_relations() {
    let reference = |properties: &[&str], model: &str| Reference {
        name: properties.join("_"),
        properties: properties.iter().map(|name| (*name).to_owned()).collect(),
        model: model.to_owned(),
        targets: vec!["iata".to_owned(); properties.len()],
        settings: None,
    };
    let mut discovered = route();
    discovered.references = vec![
        reference(&["fromId"], "Airport"),
        reference(&["destination"], "airport.s"),
        reference(&["airportId", "destination"], "airport.s"),
        reference(&["airportId"], "Airport"),
    ];
    let model = Model::from_contract(discovered.to_contract()).unwrap();
    assert_eq!(model, discovered);
    let names: Vec<String> = model
        .suggested_relations()
        .into_iter()
        .map(|relation| relation.name)
        .collect();
    assert_eq!(names, ["from", "airport_s", "airport_s2", "airport"]);
    discovered.references[0].targets.clear();
    assert!(Model::from_contract(discovered.to_contract()).is_err());
}

fn loaded() -> Entity {
    let route = |to: &str| Entity::new().with("destination", to);
    let from = Entity::new().with("iata", "SFO").with("state", Value::Null);
    Entity::new()
        .with("iata", "ATL")
        .with_related("routes", Related::Many(vec![route("SFO"), route("LAX")]))
        .with_related("from", Related::One(Some(Box::new(from))))
        .with_related("to", Related::One(None))
}

#[test]
fn loaded_relations_are_shown_and_are_no_part_of_the_record() {
    let record = loaded();
    assert_eq!(
        record.to_json(),
        json!({
            "iata": "ATL",
            "routes": [{"destination": "SFO"}, {"destination": "LAX"}],
            "from": {"iata": "SFO", "state": null},
            "to": null,
        })
    );
    assert_ne!(record, Entity::new().with("iata", "ATL"));
    assert_eq!((record.len(), record.get("routes")), (1, None));
    assert_eq!(record.related("routes").unwrap().iter().count(), 2);
    assert!(record.related("towers").is_none());
    let pairs = vec![("iata".to_owned(), Value::from("ATL"))];
    assert_eq!(record.clone().into_contract(), pairs);

    let mut merged = Entity::new().with_related("to", Related::Many(Vec::new()));
    merged.merge(record.clone());
    assert_eq!(merged.related("to"), Some(&Related::One(None)));
    assert_eq!(
        merged.remove_related("from"),
        record.related("from").cloned()
    );
    assert_eq!(merged.relations().count(), 2);
    for name in ["to", "routes"] {
        merged.remove_related(name);
    }
    assert_eq!(merged, Entity::new().with("iata", "ATL"));
}

#[test]
fn a_programs_types_have_fields_for_loaded_relations() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Flight {
        destination: String,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Place {
        iata: String,
        #[serde(default)]
        routes: Vec<Flight>,
        from: Option<Box<Place>>,
        to: Option<Box<Place>>,
    }
    let place: Place = loaded().deserialize().unwrap();
    let to = |destination: &str| Flight {
        destination: destination.to_owned(),
    };
    let expected = Place {
        iata: "ATL".to_owned(),
        routes: vec![to("SFO"), to("LAX")],
        from: Some(Box::new(Place {
            iata: "SFO".to_owned(),
            routes: Vec::new(),
            from: None,
            to: None,
        })),
        to: None,
    };
    assert_eq!(place, expected);
    let wrong = loaded().with_related("routes", Related::One(None));
    assert!(wrong.deserialize::<Place>().is_err());
}

#[test]
fn what_is_embedded_has_no_versions_of_its_own() {
    for many in [false, true] {
        let property = String::new();
        let kind = if many {
            RelationKind::EmbedsMany { property }
        } else {
            RelationKind::EmbedsOne { property }
        };
        let leg = Model::new("Leg")
            .property(Property::new("revision", PropertyType::Integer))
            .version("revision");
        let flight = Model::new("Flight")
            .property(Property::new("_legs", PropertyType::Json))
            .relation(Relation::new("legs", "Leg", kind));
        let found = resolve([flight.clone(), leg.clone()]).unwrap_err();
        let start = "Flight.relations.legs.model: the model Leg counts versions in \"revision\"";
        assert!(
            found.iter().any(|line| line.starts_with(start)),
            "{found:#?}"
        );
        assert_eq!(found.len(), 1, "{found:#?}");
        let leg = Model {
            version: None,
            ..leg
        };
        assert!(resolve([flight, leg]).is_ok());
    }
}

#[test]
fn embedded_records_are_read_and_written_as_json_of_their_own_kinds() {
    let airport = airport().relation(Relation::new(
        "towers",
        "Tower",
        RelationKind::EmbedsMany {
            property: "_towers".to_owned(),
        },
    ));
    let towers = airport.find_relation("towers").unwrap();
    let embedded = |json: &str| {
        let record = Entity::new().with("_towers", Value::Json(json.to_owned()));
        towers.embedded(&record, &tower())
    };
    let built = Entity::new()
        .with("built", Value::Timestamp(0))
        .with("name", "North");
    let related = Related::Many(vec![built]);
    let plain = r#"[{"name": "North", "built": "1970-01-01T00:00:00Z"}]"#;
    assert_eq!(embedded(plain), Ok(Some(related.clone())));
    let Value::Json(written) = related.to_embedded() else {
        panic!("it is JSON");
    };
    assert_eq!(embedded(&written), Ok(Some(related)));
    let none = Related::Many(Vec::new());
    assert_eq!(
        towers.embedded(&Entity::new(), &tower()),
        Ok(Some(none.clone()))
    );
    assert_eq!(embedded("[]"), Ok(Some(none)));
    for wrong in ["[5]", "5", "{", r#"[{"height": 5, "built": "never"}]"#] {
        assert!(embedded(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_definition_says_what_is_wrong_with_a_relation_by_itself() {
    let mut model = airport()
        .relation(Relation::has_many("state", "Route", &[]))
        .relation(Relation::has_many("a.b", "Route", &[]))
        .relation(Relation::has_many("twice", "Route", &[]))
        .relation(Relation::has_many("twice", "Route", &[]));
    let problems = model.check().unwrap_err().to_string();
    for problem in [
        "relations.state: a property has this name",
        "relations.a.b: a dot in a filter",
        "relations.twice: there are two of this name",
    ] {
        assert!(problems.contains(problem), "{problem} in {problems}");
    }
    model.relations.clear();
    model.scope = Some(Box::new(
        Query::parse(r#"{"where": {"stat": 1}, "skip": 2}"#).unwrap(),
    ));
    let problems = model.check().unwrap_err().to_string();
    assert!(problems.contains("scope.where.stat.eq: model `Airport` has no property `stat`"));
    assert!(problems.contains("scope.offset:"), "{problems}");
    // A model without a key has an `id` all the same.
    let id = tower().relation(Relation::belongs_to("id", "Tower", &["name"]));
    assert!(id.check().is_err());
    let by_id = Query::parse(r#"{"order": "id"}"#).unwrap();
    assert_eq!(tower().scope(by_id).check(), Ok(()));
}
