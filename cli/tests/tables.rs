//! Tables, single records and a terminal's CSV.

#![allow(clippy::unwrap_used)] // A failed test may panic.

mod common;

use tenon_cli::output::{Columns, OutputFormat, Screen, Written, write_one, writer};
use tenon_model::{Entity, Model, Property, PropertyType, Value};

fn city() -> Model {
    Model::new("City")
        .property(Property::new("name", PropertyType::Text))
        .property(Property::new("people", PropertyType::Integer))
        .property(Property::new("note", PropertyType::Text))
}

fn cities() -> Vec<Entity> {
    vec![
        Entity::new()
            .with("name", "Zürich")
            .with("people", 443_037)
            .with("note", "on a lake, by a river, below hills"),
        Entity::new()
            .with("name", "東京")
            .with("people", 14_000_000)
            .with("note", Value::Null),
        Entity::new()
            .with("name", "\u{1b}[2Jx\ny")
            .with("people", Value::Null)
            .with("note", ""),
    ]
}

fn table(records: &[Entity], model: &Model, width: Option<usize>) -> (String, Written) {
    let mut out = Vec::new();
    let mut table = writer(
        OutputFormat::Table,
        Columns::of_model(model, &[]),
        Screen { width },
        &mut out,
    );
    for record in records {
        table.write(record).unwrap();
    }
    let written = table.finish().unwrap();
    (String::from_utf8(out).unwrap(), written)
}

#[test]
fn numbers_stand_to_the_right_and_hidden_characters_are_written_out() {
    let (text, written) = table(&cities(), &city(), None);
    // Widths count what a terminal shows: two columns for each of 東京.
    let expected = [
        "name             people  note",
        "─────────────  ────────  ──────────────────────────────────",
        "Zürich           443037  on a lake, by a river, below hills",
        "東京           14000000",
        "\\u{1b}[2Jx\\ny            \"\"",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{text}");
    assert_eq!(written.records, 3);
}

#[test]
fn long_texts_are_cut_to_the_terminal_and_numbers_are_not() {
    let (text, written) = table(&cities(), &city(), Some(40));
    assert!(text.contains("14000000") && text.contains('…'), "{text}");
    assert!(
        text.lines()
            .all(|line| unicode_width::UnicodeWidthStr::width(line) <= 40),
        "{text}"
    );
    assert_eq!(written.left_out, Vec::<String>::new());

    let (text, written) = table(&cities(), &city(), Some(20));
    assert!(
        text.contains("14000000") && !text.contains("note"),
        "{text}"
    );
    assert_eq!(written.left_out, ["note"]);
}

#[test]
fn later_rows_are_written_as_they_come() {
    let mut records = vec![Entity::new().with("name", "a").with("people", 1); 2000];
    records.push(
        Entity::new()
            .with("name", "longer than any before")
            .with("people", 2),
    );
    let (text, _) = table(&records, &city(), None);
    assert_eq!(text.lines().count(), 2003);
    assert!(text.contains("longer than any before"));
    let (text, _) = table(&records, &city(), Some(30));
    assert!(
        text.ends_with("lon…       2\n"),
        "{}",
        text.lines().last().unwrap()
    );
}

#[test]
fn no_records_make_a_table_of_names() {
    let (text, written) = table(&[], &city(), Some(80));
    assert_eq!(text, "name  people  note\n────  ──────  ────\n");
    assert_eq!(written.records, 0);
}

#[test]
fn a_single_record_is_shown_a_property_a_line() {
    let record = Entity::new().with("name", "Zürich").with("people", 443_037);
    let one = |format| {
        let mut out = Vec::new();
        write_one(
            &record,
            format,
            Columns::of_model(&city(), &[]),
            Screen::default(),
            &mut out,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(one(OutputFormat::Table), "name    Zürich\npeople  443037\n");
    assert_eq!(
        one(OutputFormat::Json),
        "{\"name\":\"Zürich\",\"people\":443037}\n"
    );
    assert_eq!(one(OutputFormat::Csv), "name,people,note\nZürich,443037,\n");
}

#[test]
fn only_the_fields_that_were_asked_for_are_columns() {
    let mut out = Vec::new();
    let columns = Columns::of_model(&city(), &["people".into(), "name".into()]);
    let mut csv = writer(OutputFormat::Csv, columns, Screen::default(), &mut out);
    csv.write(&Entity::new().with("name", "a").with("people", 1))
        .unwrap();
    csv.finish().unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "people,name\n1,a\n");
}

#[test]
fn a_terminal_gets_no_raw_text_in_a_csv_and_a_file_does() {
    let csv = |width| {
        let mut out = Vec::new();
        let mut csv = writer(
            OutputFormat::Csv,
            Columns::of_model(&city(), &[]),
            Screen { width },
            &mut out,
        );
        for record in cities() {
            csv.write(&record).unwrap();
        }
        csv.finish().unwrap();
        String::from_utf8(out).unwrap()
    };
    assert!(!csv(Some(80)).contains('\u{1b}'));
    assert!(csv(None).contains('\u{1b}'));
}
