//! Models whose own definition is wrong.

use tenon_model::{
    DefaultValue, Generation, Index, Model, Problems, Property, PropertyType, Reference, SortKey,
    Value,
};

fn sound() -> Model {
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(
            Property::new("city", PropertyType::Text).default(DefaultValue::Value("Berlin".into())),
        )
        .property(Property::new("extra", PropertyType::Json))
        .property(Property::new("made", PropertyType::Timestamp).default(DefaultValue::Now))
        .property(Property::new("token", PropertyType::Uuid).default(DefaultValue::Uuid))
        .index(&["city", "iata"], true)
}

/// The problems of the sound model with something broken in it.
fn problems(breaking: impl FnOnce(&mut Model)) -> Problems {
    let mut model = sound();
    breaking(&mut model);
    model.check().expect_err("the model is sound")
}

fn assert_place(problems: &Problems, place: &str) {
    assert!(
        problems.iter().any(|problem| problem.place == place),
        "nothing at {place} in {problems}"
    );
}

#[test]
fn a_sound_model_has_no_problems() {
    assert_eq!(sound().check(), Ok(()));
    assert_eq!(sound().open().check(), Ok(()));
}

#[test]
fn names_are_there_and_each_once() {
    let problems = problems(|model| {
        model.name = " ".to_owned();
        model.properties[1].name = String::new();
        model.properties[2].name = "iata".to_owned();
        model.indexes = vec![model.indexes[0].clone(), model.indexes[0].clone()];
    });
    for place in [
        "name",
        "properties[1]",
        "properties.iata",
        "indexes.city_iata",
    ] {
        assert_place(&problems, place);
    }
}

#[test]
fn the_keys_places_are_numbered_from_one() {
    for places in [
        [Some(2), None],
        [Some(0), None],
        [Some(1), Some(1)],
        [Some(1), Some(3)],
    ] {
        let problems = problems(|model| {
            model.properties[0].key = places[0];
            model.properties[1].key = places[1];
        });
        assert!(problems.to_string().contains("from 1"), "{problems}");
    }
    assert_place(
        &problems(|model| model.properties[2].key = Some(2)),
        "properties.extra.key",
    );
}

#[test]
fn defaults_and_bounds_fit_the_kind() {
    let problems = problems(|model| {
        let [iata, city, extra, made, token] = &mut model.properties[..] else {
            return;
        };
        iata.default = Some(DefaultValue::Value(Value::Null));
        city.length = Some(3);
        extra.length = Some(3);
        extra.scale = Some(1);
        extra.default = Some(DefaultValue::Uuid);
        made.generated = Generation::Always;
        token.default = Some(DefaultValue::Now);
    });
    for place in [
        "properties.iata.default",
        "properties.city.default",
        "properties.extra.length",
        "properties.extra.scale",
        "properties.extra.default",
        "properties.made.default",
        "properties.token.default",
    ] {
        assert_place(&problems, place);
    }
}

#[test]
fn a_decimals_scale_is_a_part_of_its_digits() {
    let mut price = Property::new("price", PropertyType::Decimal);
    price.length = Some(3);
    price.scale = Some(4);
    assert_place(
        &problems(|model| model.properties.push(price)),
        "properties.price.scale",
    );
}

#[test]
fn indexes_name_properties() {
    let key = |property: &str, path: &[&str]| SortKey {
        property: property.to_owned(),
        path: path.iter().map(|step| (*step).to_owned()).collect(),
        descending: false,
    };
    let index = |name: &str, properties: Vec<SortKey>| Index {
        name: name.to_owned(),
        properties,
        unique: false,
        settings: None,
    };
    let found = problems(|model| {
        model.indexes = vec![
            index("empty", vec![]),
            index("unknown", vec![key("citty", &[])]),
            index("twice", vec![key("city", &[]), key("city", &[])]),
            index("path", vec![key("city", &["a"])]),
            index("fine", vec![key("extra", &["a"]), key("extra", &["b"])]),
        ];
    });
    assert_eq!(found.iter().count(), 4, "{found}");
    assert!(found.to_string().contains("did you mean `city`?"));
    let mut open = sound().open().index(&["undeclared"], false);
    assert_eq!(open.check(), Ok(()));
    open.indexes[0].settings = Some("[]".to_owned());
    assert_place(&open.check().unwrap_err(), "indexes.city_iata.settings");
}

#[test]
fn references_pair_properties_with_targets() {
    let reference = Reference {
        name: "country".to_owned(),
        properties: vec!["country".to_owned()],
        model: String::new(),
        targets: vec![],
        settings: Some("{".to_owned()),
    };
    let problems = problems(|model| model.references.push(reference));
    assert_eq!(problems.iter().count(), 4, "{problems}");
}

#[test]
fn settings_are_json_objects() {
    let problems = problems(|model| {
        model.settings = Some("5".to_owned());
        model.properties[0].settings = Some("{}".to_owned());
        model.properties[1].settings = Some("{a}".to_owned());
    });
    assert_eq!(problems.iter().count(), 2, "{problems}");
    assert_place(&problems, "properties.city.settings");
}

#[test]
fn versions_are_counted_in_an_integer_of_their_own() {
    let version = |property: Property| {
        let model = sound().property(property).version("revision");
        model.check()
    };
    let revision = || Property::new("revision", PropertyType::Integer);
    assert_eq!(version(revision()), Ok(()));
    let unknown = problems(|model| model.version = Some("revision".to_owned()));
    assert_place(&unknown, "version");
    let open = sound().property(revision()).version("revision").open();
    assert_place(&open.check().unwrap_err(), "version");
    let key = problems(|model| model.version = Some("iata".to_owned()));
    assert!(key.to_string().contains("is a part of the key"), "{key}");
    let mut generated = revision();
    generated.generated = Generation::Always;
    for (property, hint) in [
        (Property::new("revision", PropertyType::Float), "no integer"),
        (generated, "made by the backend"),
        (revision().default(DefaultValue::Value(1.into())), "default"),
        (revision().hidden(), "hidden"),
        (revision().read_only(), "read-only"),
    ] {
        let problems = version(property).unwrap_err();
        assert_place(&problems, "version");
        assert!(problems.to_string().contains(hint), "{problems}");
    }
}

#[test]
fn a_key_is_neither_hidden_nor_read_only() {
    let problems = problems(|model| {
        model.properties[0].hidden = true;
        model.properties[0].read_only = true;
        model.properties[1] = Property::new("city", PropertyType::Text)
            .required()
            .read_only();
    });
    for place in [
        "properties.iata.hidden",
        "properties.iata.read-only",
        "properties.city.read-only",
    ] {
        assert_place(&problems, place);
    }
}
