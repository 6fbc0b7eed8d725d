//! Documents: what is inserted comes back, what is deleted doesn't.

use tenon_model::contract::Value;
use tenon_model::{Comparison, Entity, Filter, Matcher};

use super::opened::{
    NUMBER, Opened, TABLE, equal, is_unsupported, open, player, same_document, table,
};
use crate::bench::Bench;
use crate::facts::KINDS;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::values;
use crate::show;

pub fn kept(bench: &mut Bench<'_>) -> Checked {
    let fields = ["one", "two", "a b", "ä", "dot.ted", "$price", "Ä"];
    let name = bench.read_model();
    let mut store = open(bench, &name)?.with_table(&table(TABLE, &["it", "other"]))?;
    let mut kept = Vec::new();
    let mut number = 0;
    for kind in KINDS {
        for (values, odd) in [(values::plain(*kind), false), (values::odd(*kind), true)] {
            for value in values {
                number += 1;
                let document = player(&format!("d{number}"), number)
                    .with("it", value)
                    .with("other", "beside");
                take(&mut store, TABLE, document, odd, &mut kept)?;
            }
        }
    }
    for value in [
        Value::Float(1.5),
        Value::Decimal("0.30000000000000004".into()),
        Value::Integer(i64::MAX),
        Value::Decimal("12345678901234567890.5".into()),
        Value::Null,
    ] {
        number += 1;
        let document = Entity::new()
            .with("id", format!("d{number}"))
            .with(NUMBER, value);
        take(&mut store, TABLE, document, true, &mut kept)?;
    }
    number += 1;
    take(
        &mut store,
        TABLE,
        Entity::new()
            .with("id", format!("d{number}"))
            .with("it", Value::Null),
        false,
        &mut kept,
    )?;
    // Names of fields are any text.
    if store.define(&table("named", &fields)).is_ok() {
        let document = (1_i64..)
            .zip(fields)
            .fold(player("n", 1), |document, (number, field)| {
                document.with(field, number)
            });
        let mut named = Vec::new();
        take(&mut store, "named", document, true, &mut named)?;
        store.has(
            "named",
            &named,
            "a document's fields are not the ones that were inserted",
        )?;
    }
    compare(&mut store, &kept)?;
    store.close()?;
    let mut store = open(bench, &name)?;
    compare(&mut store, &kept)
        .map_err(|stop| stop.after("the read model was closed and opened meanwhile"))?;
    store.close()
}

/// A filter, ready to be asked.
pub fn must_match(filter: &tenon_model::contract::Filter) -> Checked<Matcher> {
    crate::reference::matcher(filter)
        .map_err(|kind| Stop::skipped(format!("a filter of the kit's is {kind}")))
}

/// Inserts a document; one with an odd value may be refused.
fn take(
    store: &mut Opened<'_, '_>,
    table: &str,
    document: Entity,
    odd: bool,
    kept: &mut Vec<Entity>,
) -> Checked {
    match store.insert(table, &document) {
        Ok(()) => kept.push(document),
        Err(failure) if odd && failure.error().is_some() => {}
        Err(failure) => {
            return must("insert", Err(failure))
                .map_err(|stop| stop.after(format!("insert {}", show::record(&document))));
        }
    }
    Ok(())
}

fn compare(store: &mut Opened<'_, '_>, kept: &[Entity]) -> Checked {
    let seen = store.everything(TABLE)?;
    for document in kept {
        let id = document.get("id");
        let found = seen.iter().find(|seen| seen.get("id") == id);
        ensure(
            found.is_some_and(|found| same_document(document, found)),
            || {
                Finding::new("a document is not found as it was inserted").differs(
                    show::record(document),
                    found.map_or("no such document".to_owned(), show::record),
                )
            },
        )?;
    }
    ensure(seen.len() == kept.len(), || {
        Finding::new("a table has other documents than were inserted")
            .differs(format!("{} documents", kept.len()), seen.len())
    })
}

pub fn deleted(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let mut store = open(bench, &name)?.with_table(&table(TABLE, &["name"]))?;
    let documents: Vec<Entity> = (0..40)
        .map(|number| {
            player(&format!("d{number:02}"), number % 10)
                .with("name", if number % 2 == 0 { "even" } else { "odd" })
        })
        .collect();
    store.fill(TABLE, &documents)?;
    let compare = |comparison, score: i64| Filter::compare(NUMBER, comparison, score);
    let filters = [
        equal("id", "d07"),
        equal("id", "d07"),
        equal("id", "nobody"),
        Filter::AnyOf(Vec::new()).to_nodes(),
        Filter::one_of("id", ["d01", "d02", "d99"]).to_nodes(),
        compare(Comparison::Greater, 7).to_nodes(),
        Filter::AllOf(vec![
            Filter::equal("name", "odd"),
            compare(Comparison::LessOrEqual, 3),
        ])
        .to_nodes(),
        Filter::NoneOf(vec![Filter::equal("name", "even")]).to_nodes(),
        Vec::new(),
        Vec::new(),
    ];
    let mut left = documents;
    for filter in filters {
        let matcher = must_match(&filter)?;
        let told = |stop: Stop| stop.after(format!("delete where {}", show::filter(&filter)));
        match store.delete(TABLE, &filter) {
            Err(failure) if is_unsupported(&failure) => {}
            deleted => {
                let deleted = must("delete", deleted).map_err(told)?;
                let before = left.len();
                left.retain(|document| !matcher.matches(document));
                let matched = before - left.len();
                ensure(usize::try_from(deleted) == Ok(matched), || {
                    Finding::new("`delete` returns another number than that of the matches")
                        .differs(matched, deleted)
                })
                .map_err(told)?;
            }
        }
        store
            .has(
                TABLE,
                &left,
                "`delete` leaves other documents than those that don't match",
            )
            .map_err(told)?;
    }
    let anew = player("d07", 1);
    let is_gone = left.is_empty();
    if is_gone {
        // The keys of what is deleted are free again.
        store.fill(TABLE, std::slice::from_ref(&anew))?;
    }
    store.close()?;
    if is_gone {
        let mut store = open(bench, &name)?;
        store.has(
            TABLE,
            &[anew],
            "deleted documents are back when the read model is opened again",
        )?;
        store.close()?;
    }
    Ok(())
}
