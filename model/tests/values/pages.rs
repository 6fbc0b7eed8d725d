//! Records into pages and back, and pages that no honest connector sends.

use proptest::prelude::*;
use tenon_model::contract::{BytesColumn, Column, ColumnPage, ColumnValues, Page, TextColumn};
use tenon_model::{Entity, OtherValue, Value, into_entities, to_columns};

use crate::strategies::{entities, unchecked};

/// The same properties in one order.
fn sorted(entity: &Entity) -> Vec<(String, Value)> {
    let mut pairs = entity.as_contract().clone();
    pairs.sort_by(|left, right| left.0.cmp(&right.0));
    pairs
}

fn column(name: &str, values: ColumnValues) -> Column {
    Column {
        name: name.to_owned(),
        native_type: None,
        values,
        nulls: Vec::new(),
        absent: Vec::new(),
    }
}

fn page(rows: u32, columns: Vec<Column>) -> Page {
    Page::Columns(ColumnPage { rows, columns })
}

fn texts(offsets: Vec<u32>, data: &str) -> ColumnValues {
    ColumnValues::Texts(TextColumn {
        offsets,
        data: data.to_owned(),
    })
}

fn any_column() -> impl Strategy<Value = Column> {
    let offsets = || prop::collection::vec(0..6_u32, 0..5);
    let text =
        move || (offsets(), "[aé]{0,3}").prop_map(|(offsets, data)| TextColumn { offsets, data });
    let values = prop_oneof![
        prop::collection::vec(any::<bool>(), 0..4).prop_map(ColumnValues::Booleans),
        prop::collection::vec(any::<f64>(), 0..4).prop_map(ColumnValues::Floats),
        text().prop_map(ColumnValues::Texts),
        text().prop_map(ColumnValues::Decimals),
        text().prop_map(ColumnValues::Json),
        text().prop_map(ColumnValues::Others),
        (offsets(), prop::collection::vec(any::<u8>(), 0..4))
            .prop_map(|(offsets, data)| ColumnValues::Bytes(BytesColumn { offsets, data })),
        prop::collection::vec(unchecked(), 0..4).prop_map(ColumnValues::Values),
    ];
    let flags = || prop::collection::vec(any::<bool>(), 0..4);
    ("[ab]", any::<Option<bool>>(), values, flags(), flags()).prop_map(
        |(name, native, values, nulls, absent)| Column {
            name,
            native_type: native.map(|_| "inet".to_owned()),
            values,
            nulls,
            absent,
        },
    )
}

proptest! {
    #[test]
    fn records_come_back_as_they_went(records in entities()) {
        let back = into_entities(to_columns(records.clone())).unwrap();
        prop_assert_eq!(back.len(), records.len());
        for (back, record) in back.iter().zip(&records) {
            prop_assert_eq!(sorted(back), sorted(record));
        }
    }

    #[test]
    fn any_page_is_read_or_refused(rows in 0..5_u32, columns in prop::collection::vec(any_column(), 0..3)) {
        if let Ok(records) = into_entities(page(rows, columns)) {
            prop_assert_eq!(records.len(), rows as usize);
            prop_assert!(records.iter().all(|record| record.iter().all(|(_, value)| value.check().is_ok())));
        }
    }
}

#[test]
fn alike_records_become_columns_of_their_kinds() {
    let records = vec![
        Entity::new()
            .with("id", 1)
            .with("name", "Ann")
            .with("note", None::<&str>),
        Entity::new()
            .with("id", 2)
            .with("name", Value::Null)
            .with("note", None::<&str>),
    ];
    let Page::Columns(columns) = to_columns(records) else {
        panic!("they are records still");
    };
    assert_eq!(columns.rows, 2);
    let [id, name, note] = &columns.columns[..] else {
        panic!("there are not three columns");
    };
    assert_eq!(*id, column("id", ColumnValues::Integers(vec![1, 2])));
    assert_eq!(name.values, texts(vec![0, 3, 3], "Ann"));
    assert_eq!(name.nulls, [false, true]);
    assert_eq!(note.nulls, [true, true]);
    assert!(note.absent.is_empty());
}

#[test]
fn mixed_kinds_and_others_of_several_kinds_are_columns_of_values() {
    let other = |kind: &str| {
        Value::Other(OtherValue {
            kind: kind.to_owned(),
            text: "x".to_owned(),
        })
    };
    for (first, second) in [
        (Value::Integer(1), Value::Float(1.0)),
        (other("inet"), other("interval")),
    ] {
        let records = vec![
            Entity::new().with("id", 1).with("a", first.clone()),
            Entity::new().with("id", 2),
            Entity::new().with("id", 3).with("a", second.clone()),
        ];
        let Page::Columns(page) = to_columns(records) else {
            panic!("they are records still");
        };
        assert_eq!(
            page.columns[1].values,
            ColumnValues::Values(vec![first, Value::Null, second])
        );
        assert_eq!(page.columns[1].absent, [false, true, false]);
    }
}

#[test]
fn records_with_little_in_common_stay_records() {
    let records: Vec<Entity> = (0..100)
        .map(|row| Entity::new().with(format!("p{row}"), row))
        .collect();
    assert!(matches!(to_columns(records.clone()), Page::Records(rows) if rows.len() == 100));
    assert_eq!(into_entities(to_columns(records.clone())), Ok(records));
}

#[test]
fn of_a_name_that_comes_twice_the_first_counts_going_out() {
    let twice = Entity::from(vec![("a".to_owned(), 1.into()), ("a".to_owned(), 2.into())]);
    let back = into_entities(to_columns(vec![twice.clone(), twice])).unwrap();
    assert_eq!(
        back,
        [Entity::new().with("a", 1), Entity::new().with("a", 1)]
    );
}

#[test]
fn a_page_that_breaks_the_contract_is_refused_with_its_place() {
    let integers = |count: i64| ColumnValues::Integers((0..count).collect());
    let flagged = |nulls: Vec<bool>, absent: Vec<bool>| Column {
        nulls,
        absent,
        ..column("a", integers(2))
    };
    for (broken, reason) in [
        (
            page(2, vec![column("a", integers(3))]),
            "3 values for 2 rows",
        ),
        (
            page(2, vec![flagged(vec![true], vec![])]),
            "`nulls` has 1 entries",
        ),
        (
            page(2, vec![flagged(vec![], vec![true; 3])]),
            "`absent` has 3 entries",
        ),
        (
            page(2, vec![column("a", integers(2)), column("a", integers(2))]),
            "comes twice",
        ),
        (
            page(1, vec![column("a", texts(vec![], ""))]),
            "offsets must begin with 0",
        ),
        (
            page(1, vec![column("a", texts(vec![1, 2], "ab"))]),
            "offsets must begin with 0",
        ),
        (
            page(1, vec![column("a", texts(vec![0, 1], "ab"))]),
            "end with 2",
        ),
        (
            page(2, vec![column("a", texts(vec![0, 1, 2], "é"))]),
            "row 0",
        ),
        (
            page(3, vec![column("a", texts(vec![0, 2, 1, 2], "ab"))]),
            "never fall",
        ),
        (
            page(1, vec![column("a", ColumnValues::Floats(vec![f64::NAN]))]),
            "isn't finite",
        ),
        (
            page(
                1,
                vec![column(
                    "a",
                    ColumnValues::Values(vec![Value::Json("{".to_owned())]),
                )],
            ),
            "valid JSON",
        ),
        (
            page(
                1,
                vec![column(
                    "a",
                    ColumnValues::Others(TextColumn {
                        offsets: vec![0, 0],
                        data: String::new(),
                    }),
                )],
            ),
            "native type",
        ),
        (page(u32::MAX, vec![]), "without a column"),
        (
            page(1, vec![column(&"a".repeat(2_000), integers(1))]),
            "longer than",
        ),
        (
            Page::Records(vec![vec![
                ("a".to_owned(), Value::Null),
                ("a".to_owned(), Value::Null),
            ]]),
            "comes twice",
        ),
        (
            Page::Records(vec![vec![("a".to_owned(), Value::Decimal("x".to_owned()))]]),
            "row 0",
        ),
    ] {
        let error = into_entities(broken).unwrap_err();
        assert!(error.contains(reason), "{error} is not about {reason}");
    }
}

#[test]
fn many_columns_of_one_name_are_found() {
    let mut columns: Vec<Column> = (0..50)
        .map(|index| column(&format!("c{index}"), ColumnValues::Integers(vec![1])))
        .collect();
    assert!(into_entities(page(1, columns.clone())).is_ok());
    columns[49].name = "c0".to_owned();
    assert!(into_entities(page(1, columns)).is_err());
}

#[test]
fn the_same_data_is_not_handed_out_again_around_rows_that_are_null() {
    let repeating = Column {
        nulls: vec![false, true, false],
        ..column("a", texts(vec![0, 2, 0, 2], "ab"))
    };
    assert!(
        into_entities(page(3, vec![repeating]))
            .unwrap_err()
            .contains("never fall")
    );
}
