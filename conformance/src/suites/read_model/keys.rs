//! Keys: the first index of a table.

use tenon_model::contract::{ErrorKind, PropertyType, Value};
use tenon_model::{Entity, Filter};
use tenon_runtime::direct::{Table, TableIndex};

use super::opened::{
    NUMBER, Opened, TABLE, equal, fresh, is_unsupported, open, player, refused, table,
};
use crate::bench::Bench;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::show;

const TAKEN: &str = "the key is taken";

pub fn duplicate(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let mut store = open(bench, &name)?.with_table(&table(TABLE, &["name"]))?;
    let documents = [player("a", 1).with("name", "A"), player("b", 2)];
    store.fill(TABLE, &documents)?;
    let message = "an `insert` that was refused has changed documents";
    for second in [
        player("a", 1),
        player("a", 9).with("name", "other"),
        player("b", 2),
    ] {
        let inserted = store.insert(TABLE, &second);
        refused("insert", inserted, &[ErrorKind::Duplicate], TAKEN).map_err(|stop| {
            stop.after(format!(
                "insert {} for the second time",
                show::record(&second)
            ))
        })?;
        store.has(TABLE, &documents, message)?;
    }
    // The other index is not unique.
    let same_score = player("c", 2);
    store.fill(TABLE, std::slice::from_ref(&same_score))?;
    store.close()?;
    let mut store = open(bench, &name)?;
    let inserted = store.insert(TABLE, &player("a", 5));
    refused("insert", inserted, &[ErrorKind::Duplicate], TAKEN)
        .map_err(|stop| stop.after("the read model was closed and opened meanwhile"))?;
    let mut all = documents.to_vec();
    all.push(same_score);
    store.has(TABLE, &all, message)?;
    store.close()
}

pub fn told_apart(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, &["name"]))?;
    let long = "k".repeat(300);
    let texts = [
        "a", "A", "a ", " a", "ä", "Ä", "a\u{308}", "aa", "ab", "a%", "a_", "a\\", "a'", "a\"",
        "1", "01", "1.0", "中", "😀", "ß", "ss", "null", "a.b", "a/b", "a\n",
    ];
    let mut documents = Vec::new();
    for text in texts.iter().copied().chain([long.as_str(), &long[..299]]) {
        let document = Entity::new()
            .with("id", text)
            .with("name", format!("it is {text}"));
        match store.insert(TABLE, &document) {
            Ok(()) => documents.push(document),
            // A backend may have bounds for its keys; but no two of these are the same.
            Err(failure)
                if matches!(
                    failure.kind(),
                    Some(ErrorKind::Invalid | ErrorKind::Constraint | ErrorKind::Unsupported)
                ) && !text.chars().all(|letter| letter.is_ascii_alphanumeric()) => {}
            Err(failure) if text.len() > 100 && failure.error().is_some() => {}
            Err(failure) => {
                return must("insert", Err(failure))
                    .map_err(|stop| stop.after(format!("insert {}", show::record(&document))));
            }
        }
    }
    has_each(&mut store, TABLE, &documents)?;
    for document in &documents {
        let inserted = store.insert(TABLE, document);
        refused("insert", inserted, &[ErrorKind::Duplicate], TAKEN)
            .map_err(|stop| stop.after(format!("insert {} twice", show::record(document))))?;
    }
    store.has(
        TABLE,
        &documents,
        "an `insert` that was refused has changed documents",
    )?;
    store.close()
}

/// Each document is found by its key, alone.
fn has_each(store: &mut Opened<'_, '_>, table: &str, documents: &[Entity]) -> Checked {
    store.has(
        table,
        documents,
        "a table has other documents than were inserted",
    )?;
    for document in documents {
        let id = document.get("id").cloned().unwrap_or(Value::Null);
        let query = tenon_model::contract::Query {
            filter: equal("id", id.clone()),
            ..Default::default()
        };
        let told = |stop: Stop| stop.after(format!("the key is {}", show::value(&id)));
        let (rows, _) = must("find", store.find(table, &query)).map_err(told)?;
        let mut rows = must("next", store.session.read(rows, crate::bench::PAGE)).map_err(told)?;
        rows.retain(|row| row.get("id").is_some_and(|it| tenon_model::equal(it, &id)));
        ensure(
            matches!(rows.as_slice(), [one] if same_but_for_case(one, document)),
            || {
                Finding::new("a document is not found by its key")
                    .differs(show::record(document), show::records(&rows))
            },
        )
        .map_err(told)?;
    }
    Ok(())
}

/// Numbers in an index are numbers in whatever case.
fn same_but_for_case(one: &Entity, other: &Entity) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, value)| {
            other
                .get(name)
                .is_some_and(|other| tenon_model::equal(value, other))
        })
}

pub fn numbers(bench: &mut Bench<'_>) -> Checked {
    let numbered = Table {
        name: TABLE.to_owned(),
        indexes: vec![TableIndex {
            field: "id".to_owned(),
            kind: PropertyType::Decimal,
        }],
        fields: vec!["name".to_owned()],
    };
    let mut store = fresh(bench)?.with_table(&numbered)?;
    let decimal = |text: &str| Value::Decimal(text.into());
    let keys = [
        Value::Integer(0),
        Value::Integer(1),
        Value::Integer(-1),
        Value::Integer(10),
        Value::Integer(9_007_199_254_740_992),
        Value::Integer(9_007_199_254_740_993),
        Value::Float(0.5),
        Value::Float(-2.25),
        decimal("0.1"),
        decimal("1.10"),
        decimal("1.11"),
    ];
    let mut documents = Vec::new();
    for (number, key) in (0_i64..).zip(keys) {
        let document = Entity::new().with("id", key).with("name", number);
        must("insert", store.insert(TABLE, &document))
            .map_err(|stop| stop.after(format!("insert {}", show::record(&document))))?;
        documents.push(document);
    }
    let seen = store.everything(TABLE)?;
    for document in &documents {
        ensure(
            seen.len() == documents.len()
                && seen.iter().any(|seen| same_but_for_case(seen, document)),
            || {
                Finding::new(
                    "documents with numbers as their keys are not the ones that were inserted",
                )
                .differs(show::records(&documents), show::records(&seen))
            },
        )?;
    }
    // Equal by value, be it of another case.
    for again in [
        Value::Integer(1),
        Value::Float(1.0),
        decimal("1.00"),
        decimal("0.50"),
        decimal("1.1"),
        Value::Float(10.0),
        decimal("9007199254740993"),
    ] {
        let document = Entity::new().with("id", again);
        let inserted = store.insert(TABLE, &document);
        refused("insert", inserted, &[ErrorKind::Duplicate], TAKEN).map_err(|stop| {
            stop.after(format!(
                "insert {}, where there is an equal number",
                show::record(&document)
            ))
        })?;
    }
    for (filter, wanted) in [
        (equal("id", decimal("1.0")), 1),
        (equal("id", Value::Integer(9_007_199_254_740_993)), 1),
        (
            Filter::compare("id", tenon_model::Comparison::Less, 1_i64).to_nodes(),
            5,
        ),
    ] {
        match store.count(TABLE, &filter) {
            Err(failure) if is_unsupported(&failure) => {}
            counted => {
                let counted = must("count", counted)?;
                ensure(counted == wanted, || {
                    Finding::new("keys are not compared as numbers")
                        .differs(wanted, counted)
                        .after(format!("count where {}", show::filter(&filter)))
                })?;
            }
        }
    }
    store.close()
}

pub fn wrong(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, &["name"]))?;
    let documents = [player("a", 1), player("7", 2)];
    store.fill(TABLE, &documents)?;
    for wrong in [
        Entity::new().with(NUMBER, 1_i64),
        Entity::new().with("id", Value::Null),
        Entity::new(),
        Entity::new().with("id", 7_i64),
        Entity::new().with("id", Value::Boolean(true)),
        Entity::new().with("id", Value::Json("[]".into())),
        player("c", 1).with(NUMBER, "much"),
    ] {
        let inserted = store.insert(TABLE, &wrong);
        let told = |stop: Stop| stop.after(format!("insert {}", show::record(&wrong)));
        let key = wrong.get("id").is_none_or(Value::is_null);
        if inserted.is_ok() && !key {
            // No rule forbids it; then it is kept as it is.
            bench_keeps(&mut store, &documents, &wrong).map_err(told)?;
            return store.close();
        }
        refused(
            "insert",
            inserted,
            &[ErrorKind::Invalid, ErrorKind::Constraint],
            "a document has its key, and indexed fields are of their index's kind",
        )
        .map_err(told)?;
        store
            .has(
                TABLE,
                &documents,
                "an `insert` that was refused has changed documents",
            )
            .map_err(told)?;
    }
    store.close()
}

fn bench_keeps(store: &mut Opened<'_, '_>, documents: &[Entity], taken: &Entity) -> Checked {
    let mut all = documents.to_vec();
    all.push(taken.clone());
    store.has(TABLE, &all, "a document is taken, and is another one then")
}
