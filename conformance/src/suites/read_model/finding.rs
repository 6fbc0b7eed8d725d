//! Finding documents: queries, the order of their answers, and open results.

mod asked;

use proptest::collection::vec;
use proptest::prelude::*;
use tenon_model::contract::{Comparison, PropertyType, Query, SortKey, Value};
use tenon_model::{Entity, Filter, Model, Property};

use super::opened::{NUMBER, Opened, TABLE, fresh, is_unsupported, player, table};
use crate::bench::Bench;
use crate::facts::Facts;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::{filters, queries, records};
use crate::property;
use crate::show;

use asked::{ask, ask_in_pages, count};

/// The kinds of fields that documents have here, by the kind's own name.
const KINDS: &[PropertyType] = &[
    PropertyType::Text,
    PropertyType::Boolean,
    PropertyType::Integer,
    PropertyType::Float,
    PropertyType::Decimal,
    PropertyType::Timestamp,
    PropertyType::Bytes,
    PropertyType::Point,
    PropertyType::Json,
    PropertyType::Any,
];

/// The table's documents as a model's records, for inventing them.
fn model() -> Model {
    let model = Model::new("Document")
        .key("id", PropertyType::Text)
        .property(Property::new(NUMBER, PropertyType::Decimal));
    KINDS.iter().fold(model, |model, kind| {
        model.property(Property::new(format!("{kind}"), *kind))
    })
}

fn fields() -> Vec<String> {
    KINDS.iter().map(|kind| format!("{kind}")).collect()
}

/// An open table that has such documents.
fn wide<'b, 'k>(bench: &'b mut Bench<'k>) -> Checked<Opened<'b, 'k>> {
    let fields = fields();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    fresh(bench)?.with_table(&table(TABLE, &fields))
}

fn facts(bench: &Bench<'_>) -> Facts {
    Facts {
        time_step: bench.facts().time_step.max(1),
        ..Facts::default()
    }
}

/// Documents, of which no two have the same key.
fn documents(facts: &Facts, most: usize) -> BoxedStrategy<Vec<Entity>> {
    let model = model().to_contract();
    let number = prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        (-3..8_i64).prop_map(|it| Some(Value::Integer(it))),
        (-6..16_i32).prop_map(|it| Some(Value::Float(f64::from(it) / 2.0))),
        (-30..80_i64).prop_map(|it| Some(Value::Decimal(format!(
            "{}.{}",
            it / 10,
            (it % 10).abs()
        )))),
    ];
    vec((records::record(&model, facts), number), 0..most)
        .prop_map(|all| {
            let all = all.into_iter().enumerate();
            all.map(|(place, (mut document, number))| {
                document.set("id", format!("d{place:02}"));
                document.remove(NUMBER);
                if let Some(number) = number {
                    document.set(NUMBER, number);
                }
                document
            })
            .collect()
        })
        .boxed()
}

pub fn invented(bench: &mut Bench<'_>) -> Checked {
    let mut runner = bench.runner("queries");
    let cases = bench.cases() / 4 + 1;
    let facts = facts(bench);
    let mut store = wide(bench)?;
    let model = model().to_contract();
    let query = queries::query(&model, &facts);
    let case = (documents(&facts, 10), vec(query, 1..12));
    let mut uncounted = false;
    property::hold(&mut runner, cases, &case, |(documents, queries)| {
        super::changes::empty(&mut store)?;
        store.fill(TABLE, &documents)?;
        for query in queries {
            ask(&mut store, &documents, &query)?;
            uncounted |= !count(&mut store, &documents, &query.filter)?;
        }
        Ok(())
    })?;
    store.close()?;
    if uncounted {
        bench.note("`count` is `unsupported` for some filters");
    }
    Ok(())
}

pub fn comparisons(bench: &mut Bench<'_>) -> Checked {
    let mut runner = bench.runner("comparisons");
    let facts = facts(bench);
    let cases = bench.cases() / 16 + 2;
    let documents = property::one(
        &mut runner,
        &documents(&facts, 41).prop_filter("enough of them", |all| all.len() > 30),
    )?;
    let mut store = wide(bench)?;
    store.fill(TABLE, &documents)?;
    let mut asked: Vec<(String, PropertyType)> = KINDS
        .iter()
        .map(|kind| (format!("{kind}"), *kind))
        .collect();
    asked.push((NUMBER.to_owned(), PropertyType::Decimal));
    asked.push(("id".to_owned(), PropertyType::Text));
    let short = |stop: Stop| match stop {
        Stop::Failed(mut finding) if documents.len() > 12 => {
            // All of them would be too many to tell of.
            finding
                .steps
                .retain(|step| !step.starts_with("these documents"));
            Stop::Failed(finding)
        }
        stop => stop,
    };
    for (name, kind) in &asked {
        for comparison in filters::comparisons(*kind) {
            let condition = filters::compared(name, *kind, comparison, &facts);
            property::hold(&mut runner, cases, &condition, |condition| {
                let filter = Filter::Condition(condition).to_nodes();
                let query = Query {
                    filter: filter.clone(),
                    ..Query::default()
                };
                ask(&mut store, &documents, &query)?;
                count(&mut store, &documents, &filter).map(drop)
            })
            .map_err(short)?;
        }
        for operand in [Value::Null] {
            for comparison in [Comparison::Equal, Comparison::NotEqual, Comparison::Less] {
                let filter = Filter::compare(name.as_str(), comparison, operand.clone()).to_nodes();
                if comparison == Comparison::Less && *kind == PropertyType::Json {
                    continue;
                }
                count(&mut store, &documents, &filter).map_err(short)?;
            }
        }
    }
    store.close()
}

fn sorted(property: &str, descending: bool) -> SortKey {
    SortKey {
        property: property.to_owned(),
        path: Vec::new(),
        descending,
    }
}

pub fn order(bench: &mut Bench<'_>) -> Checked {
    let mut runner = bench.runner("order");
    let facts = facts(bench);
    let documents = property::one(
        &mut runner,
        &documents(&facts, 33).prop_filter("enough of them", |all| all.len() > 25),
    )?;
    let mut store = wide(bench)?;
    store.fill(TABLE, &documents)?;
    let mut fields = fields();
    fields.extend([NUMBER.to_owned(), "id".to_owned()]);
    for field in &fields {
        for (descending, key_descending) in
            [(false, false), (true, false), (false, true), (true, true)]
        {
            for (limit, offset) in [
                (None, 0),
                (Some(5), 0),
                (Some(4), 7),
                (None, 28),
                (Some(0), 0),
                (Some(100), 3),
            ] {
                let mut order = vec![sorted(field, descending)];
                if field != "id" {
                    order.push(sorted("id", key_descending));
                }
                let query = Query {
                    order,
                    limit,
                    offset,
                    ..Query::default()
                };
                ask(&mut store, &documents, &query)?;
            }
        }
    }
    let query = Query {
        order: vec![
            sorted("boolean", true),
            sorted(NUMBER, false),
            sorted("id", false),
        ],
        fields: vec!["id".to_owned(), "boolean".to_owned(), NUMBER.to_owned()],
        ..Query::default()
    };
    ask(&mut store, &documents, &query)?;
    // Without an order, any part of the size will do.
    let query = Query {
        limit: Some(3),
        ..Query::default()
    };
    ask(&mut store, &documents, &query)?;
    store.close()
}

fn many(count: i64) -> Vec<Entity> {
    (0..count)
        .map(|number| player(&format!("d{number:03}"), number % 7))
        .collect()
}

pub fn pages(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, &["name"]))?;
    for documents in [Vec::new(), many(1), many(60)] {
        let there = store.everything(TABLE)?.len();
        let new = documents.get(there..).unwrap_or_default();
        store.fill(TABLE, new)?;
        let queries = [
            Query::default(),
            Query {
                filter: Filter::compare(NUMBER, Comparison::Greater, 2_i64).to_nodes(),
                order: vec![sorted(NUMBER, true), sorted("id", false)],
                ..Query::default()
            },
            Query {
                order: vec![sorted("id", true)],
                limit: Some(10),
                offset: 5,
                ..Query::default()
            },
        ];
        for query in &queries {
            for max in [1, 2, 7, 20, 59, 60, 61, 1_000, u32::MAX] {
                ask_in_pages(&mut store, &documents, query, max)?;
            }
        }
    }
    // After its end, a result has no more rows.
    let (rows, _) = must("find", store.find(TABLE, &Query::default()))?;
    loop {
        if must("next", store.session.next(rows, 50))?.is_none() {
            break;
        }
    }
    let again = must("next", store.session.next_records(rows, 50))?;
    ensure(again.is_none(), || {
        Finding::new("a result has rows behind its end")
            .differs("none", show::records(&again.unwrap_or_default()))
    })?;
    must("close", store.session.close(rows))?;
    store.close()
}

pub fn left(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, &["name"]))?;
    let documents = many(30);
    store.fill(TABLE, &documents)?;
    for round in 0..40 {
        let (rows, _) = must("find", store.find(TABLE, &Query::default()))?;
        if round % 4 != 0 {
            must("next", store.session.next(rows, 1 + round % 9))?;
        }
        must("close", store.session.close(rows))
            .map_err(|stop| stop.after(format!("{round} results were closed before their end")))?;
    }
    let changed = player("new", 1);
    store.fill(TABLE, std::slice::from_ref(&changed))?;
    let mut all = documents;
    all.push(changed);
    store.has(
        TABLE,
        &all,
        "a table has other documents after results were closed early",
    )?;
    // One that nobody closes ends with its store, or with the session.
    let (rows, _) = must("find", store.find(TABLE, &Query::default()))?;
    must("next", store.session.next(rows, 3))?;
    must("close", store.session.close(rows))?;
    store.close()
}

pub fn changed(bench: &mut Bench<'_>) -> Checked {
    let manifest = bench.subject().manifest();
    if bench.subject().is_pooled() && !manifest.interleaving {
        return Err(Stop::skipped(
            "a session serves nothing else while a result is open",
        ));
    }
    let mut store = fresh(bench)?.with_table(&table(TABLE, &["name"]))?;
    let documents = many(40);
    store.fill(TABLE, &documents)?;
    let stays = |document: &Entity| {
        document
            .get("id")
            .and_then(Value::as_text)
            .is_some_and(|id| id.ends_with(['1', '3', '7']))
    };
    let (rows, _) = must("find", store.find(TABLE, &Query::default()))?;
    let mut seen = must("next", store.session.next_records(rows, 5))?.unwrap_or_default();
    for document in documents.iter().filter(|document| !stays(document)) {
        let id = document.get("id").cloned().unwrap_or(Value::Null);
        match store.delete(TABLE, &super::opened::equal("id", id)) {
            Err(failure) if is_unsupported(&failure) => break,
            deleted => must("delete", deleted)?,
        };
    }
    store.fill(TABLE, &[player("zz", 1), player("aa", 1)])?;
    while let Some(page) = must("next", store.session.next_records(rows, 5))? {
        seen.extend(page);
    }
    must("close", store.session.close(rows))?;
    for document in documents.iter().filter(|document| stays(document)) {
        let times = seen
            .iter()
            .filter(|seen| seen.get("id") == document.get("id"))
            .count();
        ensure(times == 1, || {
            Finding::new(
                "a document that nobody changes doesn't come exactly once where others are changed meanwhile",
            )
            .differs(format!("{} once", show::record(document)), format!("{times} times"))
        })?;
    }
    store.close()
}
