//! What is in pages: values of every kind, large ones, and no more properties than were asked for.

use crate::ask::Known;
use crate::bench::{Bench, PAGE};
use crate::facts::KINDS;
use crate::finding::{Checked, Finding, ensure, must};
use crate::generate::{models, values};
use crate::reference::{key_of, same};
use crate::show;
use crate::suites::filters::rich::{self, condition};
use crate::suites::order::{ask, ask_pages, sort};
use tenon_model::contract::{Comparison, Page, PropertyType, Query, Value};
use tenon_model::{Entity, into_entities};

/// Each row of `all` is what `find` finds.
pub fn in_pages(bench: &mut Bench<'_>) -> Checked {
    let kinds: Vec<PropertyType> = KINDS
        .iter()
        .copied()
        .filter(|kind| bench.facts().keeps(*kind))
        .collect();
    let mut stored = Vec::new();
    for open in [false, true] {
        if open && !bench.facts().open {
            continue;
        }
        let (known, _) = rich::stored(bench, &kinds, open)?;
        let records = known.records().len();
        // A value in the first, the last, each, and no record of a page; the rest null, and absent where that goes.
        let names: Vec<String> = kinds.iter().map(|kind| format!("{kind}")).collect();
        let mut few = Vec::new();
        for (number, keep) in (0..).zip([
            [true, false, false],
            [false, true, false],
            [false, false, true],
            [true, true, true],
            [false; 3],
        ]) {
            for (place, keep) in keep.into_iter().enumerate() {
                let mut record = Entity::new()
                    .with("id", Value::Integer(number * 3 + place as i64))
                    .with(rich::MARK, Value::Integer(0));
                for (name, kind) in names.iter().zip(&kinds) {
                    let of_kind = values::plain(*kind);
                    let value = of_kind.get((place + number as usize) % of_kind.len().max(1));
                    match value.filter(|_| keep) {
                        Some(value) => record.set(name.as_str(), bench.facts().stored(value)),
                        None if open && number % 2 == 0 => {}
                        None => record.set(name.as_str(), Value::Null),
                    }
                }
                few.push(record);
            }
        }
        stored.push((
            known.clone(),
            known.records().to_vec(),
            vec![1, 2, 7, records as u32],
        ));
        stored.push((known.of(&few), few, vec![1, 2, 3, 6, 15]));
    }
    for (known, _, sizes) in &stored {
        known.store(bench.session()?)?;
        for max in sizes {
            for order in [Vec::new(), vec![sort("id", false)], vec![sort("id", true)]] {
                let query = Query {
                    order,
                    ..Query::default()
                };
                ask_pages(bench, known, &query, *max)?;
            }
        }
        let session = bench.session()?;
        let (rows, _) = must("all", session.all(&known.model().name, &Query::default()))?;
        let rows = must("next", session.read(rows, PAGE))?;
        for row in rows {
            let id = key_of(known.model(), &row);
            match session.find(&known.model().name, &id.clone()) {
                Err(failure)
                    if failure.kind() == Some(tenon_model::contract::ErrorKind::Unsupported) =>
                {
                    return Ok(());
                }
                found => {
                    let found = must("find", found)?.map(Entity::from);
                    ensure(
                        found.as_ref().is_some_and(|found| same(found, &row)),
                        || {
                            Finding::new("`all` and `find` hand out one record in two ways")
                                .differs(
                                    found.as_ref().map_or("none".to_owned(), show::record),
                                    show::record(&row),
                                )
                                .after(format!("find {}", show::key(&id)))
                        },
                    )?;
                }
            }
        }
    }
    Ok(())
}

pub fn large(bench: &mut Bench<'_>) -> Checked {
    let facts = bench.facts();
    let mut kinds = vec![PropertyType::Text];
    kinds.extend(
        [PropertyType::Bytes, PropertyType::Json]
            .into_iter()
            .filter(|kind| facts.keeps(*kind)),
    );
    let limit = usize::try_from(bench.subject().page_size()).unwrap_or(usize::MAX);
    // Some four pages, of at least ten records each.
    let length = (limit / 10).min(100_000);
    let count = 40;
    for kind in kinds {
        let model = bench.collection(models::with(&[
            ("it", kind),
            ("number", PropertyType::Integer),
        ]))?;
        let text = |number: i64| format!("{number:08} ").repeat(length / 9);
        let records: Vec<Entity> = (0..count)
            .map(|number| {
                let value = match kind {
                    PropertyType::Bytes => Value::Bytes(text(number).into_bytes()),
                    PropertyType::Json => Value::Json(format!("[\"{}\"]", text(number))),
                    _ => Value::Text(text(number)),
                };
                Entity::new()
                    .with("id", Value::Integer(number))
                    .with("it", value)
                    .with("number", Value::Integer(number % 3))
            })
            .collect();
        let session = bench.session()?;
        let mut refused = None;
        for record in &records {
            if let Err(failure) = session.create(&model.name, record.as_contract()) {
                refused = Some(failure);
                break;
            }
        }
        if let Some(failure) = refused {
            bench.note(format!(
                "a value of {length} bytes of kind `{kind}` is refused: {failure}"
            ));
            continue;
        }
        let known = Known::new(&model, &records, bench.facts());
        for order in [
            Vec::new(),
            vec![sort("id", true)],
            vec![sort("number", false), sort("id", false)],
        ] {
            let query = Query {
                order,
                ..Query::default()
            };
            known.ask(bench.session()?, &query, 1_000)?;
            let (pages, longest) = read_sizes(bench, &known, &query)?;
            let most = 2 * limit + length * 2;
            ensure(longest <= most, || {
                Finding::new("a page is far larger than the limit `page-size` allows")
                    .differs(
                        format!(
                            "less than {limit} bytes, or {length} more for a record that didn't fit"
                        ),
                        format!("{longest} bytes, of {pages} pages in all"),
                    )
                    .after(format!(
                        "all {}, read in pages of at most 1000 rows",
                        show::query(&query)
                    ))
                    .after(format!(
                        "{count} records with a value of {length} bytes each are stored"
                    ))
            })?;
        }
    }
    Ok(())
}

/// How many pages a result has, and how many bytes the greatest of them.
pub fn read_sizes(bench: &mut Bench<'_>, known: &Known, query: &Query) -> Checked<(usize, usize)> {
    let session = bench.session()?;
    let (rows, _) = must("all", session.all(&known.model().name, query))?;
    let mut pages = 0;
    let mut longest = 0;
    while let Some(page) = must("next", session.next(rows, 1_000))? {
        pages += 1;
        longest = longest.max(size(page));
    }
    must("close", session.close(rows))?;
    Ok((pages, longest))
}

pub fn size(page: Page) -> usize {
    let rows = into_entities(page).unwrap_or_default();
    rows.iter()
        .flat_map(Entity::iter)
        .map(|(_, value)| length(value))
        .sum()
}

pub fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Json(text) | Value::Decimal(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 8,
    }
}

pub fn fields(bench: &mut Bench<'_>) -> Checked {
    let kinds: Vec<PropertyType> = KINDS
        .iter()
        .copied()
        .filter(|kind| bench.facts().keeps(*kind))
        .collect();
    let opens: &[bool] = if bench.facts().open {
        &[false, true]
    } else {
        &[false]
    };
    for open in opens {
        let (known, asked) = rich::stored(bench, &kinds, *open)?;
        let mut names: Vec<String> = asked.iter().map(|asked| asked.name.clone()).collect();
        names.push(rich::MARK.to_owned());
        let number = condition(rich::MARK, &[], Comparison::Equal, vec![Value::Integer(0)]);
        let mut wanted: Vec<Vec<String>> = names.iter().map(|name| vec![name.clone()]).collect();
        wanted.extend(names.windows(2).map(<[String]>::to_vec));
        wanted.extend([
            names.clone(),
            names.iter().rev().cloned().collect(),
            vec!["id".to_owned()],
        ]);
        if *open {
            wanted.push(vec!["nobody has it".to_owned()]);
        }
        for fields in wanted {
            for filter in [Vec::new(), number.clone()] {
                for order in [
                    Vec::new(),
                    vec![sort("id", true)],
                    vec![sort(rich::MARK, false), sort("id", false)],
                ] {
                    let query = Query {
                        fields: fields.clone(),
                        filter: filter.clone(),
                        order,
                        ..Query::default()
                    };
                    ask_pages(bench, &known, &query, 20)?;
                }
            }
            let first = fields.first().cloned().unwrap_or_default();
            let query = Query {
                order: vec![sort(&first, true), sort("id", false)],
                fields,
                limit: Some(5),
                offset: 2,
                ..Query::default()
            };
            ask(bench, &known, &query)?;
        }
    }
    Ok(())
}
