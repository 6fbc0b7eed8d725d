//! Models guessed from records, and shown as the lines of `tenon.toml`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // A failed test may panic.

mod common;

use common::open;
use tenon_cli::guess::{Guess, Guesser, toml};
use tenon_cli::input::Format;
use tenon_model::{Problems, PropertyType};

fn guess(text: &str, format: Format, key: &[&str]) -> Result<Guess, Problems> {
    let mut guesser = Guesser::new(
        "Airport",
        key.iter().map(|name| (*name).to_owned()).collect(),
    );
    for record in open(text, format).unwrap() {
        guesser.add(&record.unwrap());
    }
    guesser.finish()
}

fn kinds(text: &str, format: Format) -> Vec<(String, PropertyType)> {
    let guess = guess(text, format, &[]).unwrap();
    guess
        .model
        .properties
        .into_iter()
        .map(|property| (property.name, property.kind))
        .collect()
}

/// The kind that is guessed of a CSV column with these cells.
fn column(cells: &[&str]) -> PropertyType {
    let rows: String = cells
        .iter()
        .map(|cell| format!("k,\"{}\"\n", cell.replace('"', "\"\"")))
        .collect();
    kinds(&format!("k,c\n{rows}"), Format::Csv)[1].1
}

/// The kind that is guessed of a JSON property with these values.
fn member(values: &[&str]) -> PropertyType {
    let rows: String = values
        .iter()
        .map(|value| format!("{{\"k\":0,\"c\":{value}}}\n"))
        .collect();
    kinds(&rows, Format::Ndjson)[1].1
}

#[test]
fn airports_are_guessed_as_a_person_would_declare_them() {
    let text = "iata,name,city,state,country,latitude,longitude\n\
        00M,Thigpen,Bay Springs,MS,USA,31.95376472,-89.23450472\n\
        01G,Perry-Warsaw,Perry,,USA,42.74134667,-78.05208056\n";
    let guess = guess(text, Format::Csv, &[]).unwrap();
    let expected = r#"[models.Airport]
source = "airports"
key = ["iata"]
properties.iata = "text"
properties.name = "text"
properties.city = "text"
properties.state = "text"
properties.country = "text"
properties.latitude = "float"
properties.longitude = "float"
"#;
    assert_eq!(toml::lines(&guess, "airports"), expected);
    assert_eq!(guess.records, 2);
}

#[test]
fn cells_get_the_narrowest_kind_that_changes_none_of_them() {
    assert_eq!(column(&["1", "", "-20"]), PropertyType::Integer);
    assert_eq!(column(&["1", "2.5", "1e-05"]), PropertyType::Float);
    assert_eq!(column(&["9007199254740993", "2.5"]), PropertyType::Decimal);
    assert_eq!(column(&["True", "false"]), PropertyType::Boolean);
    assert_eq!(column(&["2026-11-20"]), PropertyType::Date);
    assert_eq!(
        column(&["2026-11-20T10:00:00Z", "2026-11-20"]),
        PropertyType::Timestamp
    );
    assert_eq!(column(&["10:00:00"]), PropertyType::Time);
    assert_eq!(
        column(&["936da01f-9abd-4d9d-80c7-02af85c822a8"]),
        PropertyType::Uuid
    );
    assert_eq!(column(&["{\"a\": 1}", "[]"]), PropertyType::Json);
    assert_eq!(column(&["", ""]), PropertyType::Text);
}

#[test]
fn cells_that_a_number_would_change_stay_text() {
    assert_eq!(column(&["02134", "10001"]), PropertyType::Text);
    assert_eq!(column(&["12345678901234567890"]), PropertyType::Text);
    assert_eq!(column(&["1", "N/A"]), PropertyType::Text);
    assert_eq!(column(&["true", "1"]), PropertyType::Text);
    assert_eq!(column(&["2026-11-20", "soon"]), PropertyType::Text);
    assert_eq!(column(&["9007199254740993", "1e-05"]), PropertyType::Text);
    assert_eq!(column(&["12E4"]), PropertyType::Text);
}

#[test]
fn json_says_itself_what_is_a_number_and_mixtures_are_any() {
    assert_eq!(member(&["1", "null"]), PropertyType::Integer);
    assert_eq!(member(&["1", "1.5", "1e3"]), PropertyType::Float);
    assert_eq!(
        member(&["12345678901234567890", "1.5"]),
        PropertyType::Decimal
    );
    assert_eq!(member(&["\"12\"", "\"13\""]), PropertyType::Text);
    assert_eq!(
        member(&["\"2026-11-20T10:00:00Z\""]),
        PropertyType::Timestamp
    );
    assert_eq!(member(&["\"2026-11-20\"", "\"soon\""]), PropertyType::Text);
    assert_eq!(member(&["{\"a\":1}", "[1]", "null"]), PropertyType::Json);
    assert_eq!(member(&["1", "\"a\""]), PropertyType::Any);
    assert_eq!(member(&["{}", "\"a\""]), PropertyType::Any);
    assert_eq!(member(&["null"]), PropertyType::Any);
}

#[test]
fn a_key_is_looked_for_by_name_and_then_in_the_first_column() {
    let key = |text| {
        let guess = guess(text, Format::Csv, &[]).unwrap();
        guess
            .model
            .key_properties()
            .iter()
            .map(|property| property.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(key("name,id\nx,1\ny,2\n"), ["id"]);
    assert_eq!(
        key("name,airport_id,other_id\nx,1,5\ny,2,6\n"),
        ["airport_id"]
    );
    assert_eq!(key("name,AirportId\nx,1\ny,2\n"), ["AirportId"]);
    assert_eq!(key("code,other_id\nx,1\ny,2\n"), ["code"]);
    assert!(key("code,name\nx,1\nx,2\n").is_empty());
    assert!(key("code,name\nx,1\n,2\n").is_empty());
    assert!(key("size,name\n1.5,a\n2.5,b\n").is_empty());
}

#[test]
fn what_may_surprise_is_said_in_the_lines() {
    let guess = guess("origin,zip\nABE,01234\nABE,99999\n", Format::Csv, &[]).unwrap();
    let lines = toml::lines(&guess, "air");
    assert!(
        lines.contains("properties.zip = \"text\" # has leading zeros"),
        "{lines}"
    );
    assert!(
        lines.starts_with("# no property names each record"),
        "{lines}"
    );
}

#[test]
fn a_wanted_key_must_be_there_in_every_record() {
    let text = "a,b,c\n1,x,\n1,y,z\n";
    let key = |names: &[&str]| guess(text, Format::Csv, names);
    assert_eq!(key(&["a", "b"]).unwrap().model.key_properties().len(), 2);
    for (names, part) in [
        (&["a"][..], "`a` has the same value in several records"),
        (&["c"], "`c` is null in 1 of the records"),
        (&["bb"], "no record has `bb`; is `b` meant?"),
        (&["a", "a"], "twice"),
    ] {
        let problems = key(names).unwrap_err().to_string();
        assert!(problems.contains(part), "{part} in {problems}");
    }
}

#[test]
fn a_generated_key_is_not_proposed_where_its_name_is_taken() {
    let problems = guess("id,a\n1,x\n1,y\n", Format::Csv, &[])
        .unwrap_err()
        .to_string();
    assert!(problems.contains("--key"), "{problems}");
}

#[test]
fn records_that_are_maps_and_no_records_at_all_make_no_model() {
    let wide: Vec<String> = (0..2000).map(|number| format!("\"k{number}\":1")).collect();
    assert!(guess(&format!("{{{}}}", wide.join(",")), Format::Ndjson, &[]).is_err());
    assert!(guess("a,b\n", Format::Csv, &[]).is_err());
}

#[test]
fn the_lines_are_added_behind_everything_else_and_read_back() {
    let guess = guess("\"a \"\"b\"\"\n,\u{202e}\",id\n1,2\n", Format::Csv, &[]).unwrap();
    let lines = toml::lines(&guess, "air \"port\"");
    assert!(!lines.contains('\u{202e}'), "{lines}");
    for document in [
        "",
        "# mine\nregistry = \"x\"",
        "[models.Other]\nsource = \"s\"\n",
        "models.Other.source = \"s\"\n",
    ] {
        let added = toml::added(document, &lines, &guess.model).unwrap();
        assert!(
            added.starts_with(document) && added.ends_with(&lines),
            "{added}"
        );
        let parsed: toml_edit::DocumentMut = added.parse().unwrap();
        assert_eq!(
            parsed["models"]["Airport"]["source"].as_str(),
            Some("air \"port\"")
        );
        let properties = parsed["models"]["Airport"]["properties"]
            .as_table_like()
            .unwrap();
        assert!(properties.contains_key("a \"b\"\n,\u{202e}"), "{added}");
    }
    for document in [
        "[models.Airport]\n",
        "models = { Other = {} }\n",
        "not toml",
    ] {
        assert!(
            toml::added(document, &lines, &guess.model).is_err(),
            "{document}"
        );
    }
}
