//! Records of each format, as they are found in the world.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // A failed test may panic.

mod common;

use common::{entities, open, read};
use tenon_cli::input::{Format, InputError, Location, Options, Records};
use tenon_model::{DefaultValue, Entity, Model, Property, PropertyType, Value};

fn airport() -> Model {
    Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(Property::new("name", PropertyType::Text))
        .property(Property::new("latitude", PropertyType::Float))
        .property(Property::new("opened", PropertyType::Date))
        .property(Property::new("tags", PropertyType::Json))
}

#[test]
fn a_csv_is_read_as_its_model_says() {
    let text = "iata,name,latitude,opened,tags\n007,\"Field, \"\"Old\"\"\",31.5,1999-12-31,\"[\"\"a\"\"]\"\nSEA,,,,\n";
    let records = entities(text, Format::Csv, Some(&airport()));
    let expected = Entity::new()
        .with("iata", "007")
        .with("name", "Field, \"Old\"")
        .with("latitude", Value::Float(31.5))
        .with("opened", "1999-12-31")
        .with("tags", Value::Json("[\"a\"]".into()));
    assert_eq!(records[0], expected);
    assert_eq!(records[1].get("name"), Some(&Value::Null));
}

#[test]
fn a_byte_order_mark_any_line_break_and_a_missing_last_one_make_no_difference() {
    let plain = "iata,name\nA,x\nB,y\n";
    let expected = entities(plain, Format::Csv, None);
    for text in [
        "\u{feff}iata,name\nA,x\nB,y\n".to_owned(),
        plain.replace('\n', "\r\n"),
        "iata,name\n\nA,x\r\n\nB,y\n\n\r\n".to_owned(),
        plain.trim_end().to_owned(),
        plain.trim_end().replace('\n', "\r\n"),
        "\"iata\", name \nA,\"x\"\n\"B\",y".to_owned(),
    ] {
        assert_eq!(
            entities(text.clone(), Format::Csv, None),
            expected,
            "{text:?}"
        );
    }
    let ndjson = "\u{feff}{\"a\":1}\r\n\r\n{\"a\":2}";
    assert_eq!(
        entities(ndjson, Format::Ndjson, None),
        entities("\u{feff} [{\"a\":1},\n{\"a\":2}]\n\n", Format::Json, None)
    );
}

#[test]
fn quoted_cells_may_hold_line_breaks_and_records_keep_their_first_lines_number() {
    let text = "a,b\n1,\"x\ny\r\n\"\"z\"\"\"\n2,w\n";
    let (records, broken) = read(text, Format::Csv);
    assert_eq!(broken, Vec::<String>::new());
    assert_eq!(
        records[0].entity(None).unwrap().get("b"),
        Some(&Value::from("x\ny\r\n\"z\""))
    );
    assert_eq!(
        records
            .iter()
            .map(|record| record.line())
            .collect::<Vec<_>>(),
        [2, 5]
    );
}

#[test]
fn a_quote_inside_a_bare_cell_is_a_quote() {
    let records = entities("a,b\n5\" pipe,x\"y\"\n", Format::Csv, None);
    assert_eq!(
        records[0],
        Entity::new().with("a", "5\" pipe").with("b", "x\"y\"")
    );
}

#[test]
fn an_empty_cell_is_left_out_where_null_cannot_be_meant() {
    let model = Model::new("Event")
        .key("id", PropertyType::Integer)
        .property(
            Property::new("at", PropertyType::Timestamp)
                .required()
                .default(DefaultValue::Now),
        )
        .property(
            Property::new("note", PropertyType::Text).default(DefaultValue::Value("none".into())),
        );
    let records = entities("id,at,note\n,,\n", Format::Csv, Some(&model));
    assert_eq!(records[0], Entity::new().with("note", Value::Null));
}

#[test]
fn other_delimiters_are_read_where_they_are_named() {
    let tsv = Options::new(&Location::from("x/data.TSV"), None, None).unwrap();
    assert_eq!((tsv.format, tsv.delimiter), (Format::Csv, b'\t'));
    let records = Records::new(&b"a\tb\n1,5\t2\n"[..], tsv).unwrap();
    let records: Vec<_> = records
        .map(|record| record.unwrap().entity(None).unwrap())
        .collect();
    assert_eq!(
        records,
        [Entity::new().with("a", "1,5").with("b", Value::Integer(2))]
    );
}

#[test]
fn json_may_be_laid_out_in_any_way() {
    let expected = entities(
        "{\"a\":\"]},{\\\\\",\"b\":[{\"c\":null}]}\n{\"a\":\"\\\"\",\"b\":[]}",
        Format::Ndjson,
        None,
    );
    for text in [
        r#"[{"a":"]},{\\","b":[{"c":null}]},{"a":"\"","b":[]}]"#,
        "[\n  {\n    \"a\": \"]},{\\\\\",\n    \"b\": [ { \"c\": null } ]\n  }\n  ,\n  { \"a\": \"\\\"\", \"b\": [ ] }\n]\n",
    ] {
        assert_eq!(entities(text, Format::Json, None), expected, "{text}");
    }
    assert_eq!(entities("[]", Format::Json, None), []);
    assert_eq!(entities(" [ \n ] ", Format::Json, None), []);
}

#[test]
fn json_values_are_read_as_their_model_says() {
    let model = Model::new("Event")
        .key("id", PropertyType::Integer)
        .property(Property::new("at", PropertyType::Timestamp))
        .property(Property::new("price", PropertyType::Decimal))
        .property(Property::new("where", PropertyType::Point));
    let text = r#"[{"id": 1, "at": "1970-01-01T00:00:01Z", "price": 12.10, "where": {"lat": 1.5, "lng": 2}, "more": [1]}]"#;
    let records = entities(text, Format::Json, Some(&model));
    assert_eq!(records[0].get("at"), Some(&Value::Timestamp(1_000_000)));
    assert!(
        matches!(records[0].get("price"), Some(Value::Decimal(text)) if tenon_model::equal(&Value::Decimal(text.clone()), &Value::Decimal("12.1".into())))
    );
    assert!(matches!(records[0].get("where"), Some(Value::Point(_))));
    assert_eq!(records[0].get("more"), Some(&Value::Json("[1]".into())));
}

#[test]
fn values_that_do_not_fit_are_all_named_at_once() {
    let (records, _) = read("iata,latitude,opened\nSEA,north,yesterday\n", Format::Csv);
    let problems = records[0].entity(Some(&airport())).unwrap_err();
    let places: Vec<_> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    assert_eq!(places, ["latitude", "opened"]);
}

#[test]
fn a_first_line_that_cannot_be_names_is_refused_with_every_reason() {
    let problems = match open("a,,a,b,\"b\"\n", Format::Csv) {
        Err(InputError::Names(problems)) => problems.to_string(),
        _ => panic!("it was read"),
    };
    for part in [
        "column 2",
        "column 3: has the name `a`, as column 1 does",
        "column 5: has the name `b`",
    ] {
        assert!(problems.contains(part), "{part} in {problems}");
    }
    assert!(matches!(
        open("a,b\rc,d\r", Format::Csv),
        Err(InputError::Names(_))
    ));
    assert!(matches!(open("", Format::Csv), Err(InputError::Empty)));
    assert!(matches!(
        open("a,\"b\n", Format::Csv),
        Err(InputError::Names(_))
    ));
    assert_eq!(entities("a,b\n", Format::Csv, None), []);
}

#[test]
fn other_encodings_and_other_shapes_are_refused_with_a_remedy() {
    let error = |text: &[u8], format| {
        open(text, format)
            .err()
            .map(|error| error.to_string())
            .unwrap()
    };
    assert!(error(b"\xff\xfea\0,\0", Format::Csv).contains("iconv"));
    assert!(error(b"\x1f\x8b\x08\0", Format::Ndjson).contains("gunzip"));
    assert!(error(b"{\"a\": 1}", Format::Json).contains("--format ndjson"));
    assert!(error(b"a,b", Format::Json).contains("`[`"));
    assert!(error(b"  ", Format::Json).contains("nothing in it"));
}

#[test]
fn the_format_comes_from_the_option_or_the_name_and_is_never_guessed() {
    let format = |name: &str, given| {
        Options::new(&Location::from(name), given, None).map(|options| options.format)
    };
    assert_eq!(format("a.csv", None).unwrap(), Format::Csv);
    assert_eq!(format("a.jsonl", None).unwrap(), Format::Ndjson);
    assert_eq!(
        format("a.json", Some(Format::Ndjson)).unwrap(),
        Format::Ndjson
    );
    assert!(matches!(
        format("-", None),
        Err(InputError::UnknownFormat(Location::Stdin))
    ));
    assert!(
        format("data", None)
            .unwrap_err()
            .to_string()
            .contains("--format")
    );
}

#[test]
fn files_are_opened_and_metered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ndjson");
    std::fs::write(&path, "{\"a\":1}\n{\"a\":2}\n").unwrap();
    let location = Location::File(path);
    let options = Options::new(&location, None, None).unwrap();
    let (records, meter) = Records::open(&location, options).unwrap();
    assert_eq!(records.count(), 2);
    assert_eq!((meter.read(), meter.total()), (16, Some(16)));

    let missing = Location::File(folder.path().join("b.csv"));
    assert!(matches!(
        Records::open(&missing, options),
        Err(InputError::Open(..))
    ));
    let folder = Location::File(folder.path().to_owned());
    assert!(matches!(
        Records::open(&folder, options),
        Err(InputError::Folder(_))
    ));
}
