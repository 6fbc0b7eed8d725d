//! The same filters with the functions that change what matches.

use tenon_model::Entity;
use tenon_model::contract::{self, Comparison, ErrorKind, Filter, PropertyType, Value};
use tenon_runtime::Capability;

use super::comparisons::filters;
use super::rich::{self, MARK};
use crate::ask::{Known, store};
use crate::bench::{Bench, everything};
use crate::facts::KINDS;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::filters::{self as invented, comparisons};
use crate::property;
use crate::reduce;
use crate::reference::{same_records, same_rows};
use crate::session::Session;
use crate::show;
use crate::suites::Check;

pub const CHECKS: &[Check] = &[
    Check {
        name: "crud.filter.update",
        about: "`update` changes exactly the records that the filter matches, and tells their number",
        needs: &[Capability::Crud],
        writes: true,
        run: |bench| changes(bench, update),
    },
    Check {
        name: "crud.filter.destroy-all",
        about: "`destroy-all` deletes exactly the records that the filter matches, and tells their number",
        needs: &[Capability::Crud],
        writes: true,
        run: |bench| changes(bench, destroy),
    },
];

/// Changes what matches a filter, and looks at all records then. What is known is afterwards what is stored.
type Change = fn(&mut Session<'_>, &mut Known, &Filter, i64) -> Checked<bool>;

/// How many filters of a comparison are asked of a property: each is two writes and a look at all records. Which ones
/// is up to chance.
const FILTERS: usize = 2;

fn changes(bench: &mut Bench<'_>, change: Change) -> Checked {
    let kinds: Vec<PropertyType> = KINDS
        .iter()
        .copied()
        .filter(|kind| bench.facts().keeps(*kind))
        .collect();
    let mut number = 0;
    let mut supported = 0;
    let opens: &[bool] = if bench.facts().open {
        &[false, true]
    } else {
        &[false]
    };
    for open in opens {
        let (mut known, asked) = rich::stored(bench, &kinds, *open)?;
        let mut runner = bench.runner(if *open { "open" } else { "strict" });
        let mut all = vec![Vec::new()];
        for asked in &asked {
            for comparison in comparisons(asked.kind) {
                let of = filters(asked, comparison, 1);
                let wanted = if *open { 1 } else { FILTERS };
                let step = of.len().div_ceil(wanted).max(1);
                let first = property::one(&mut runner, &(0..step))?;
                all.extend(of.into_iter().skip(first).step_by(step));
            }
        }
        let ids = [
            Comparison::Equal,
            Comparison::Greater,
            Comparison::LessOrEqual,
            Comparison::OneOf,
        ];
        all.extend(
            ids.map(|comparison| rich::condition("id", &[], comparison, vec![Value::Integer(7)])),
        );
        for filter in all {
            supported += i32::from(one(bench, &mut known, &filter, change, &mut number)?);
        }
        let strategy = invented::filter(known.model(), bench.facts());
        let cases = bench.cases() / 8;
        let mut smallest = None;
        let held = property::hold(&mut runner, cases, &strategy, |filter| {
            let filter = filter.to_nodes();
            let tried = plainly(bench, &mut known, &filter, change, &mut number);
            if matches!(tried, Err(Stop::Failed(_))) {
                smallest = Some(filter);
                // The next case begins with all records again.
                known.store(bench.session()?)?;
            }
            tried.map(drop)
        });
        match (held, smallest) {
            (Err(stop), Some(filter)) => return Err(fewer(bench, &known, &filter, change, stop)),
            (held, _) => held?,
        }
    }
    if supported == 0 {
        return Err(Stop::skipped("no filter is supported"));
    }
    Ok(())
}

fn one(
    bench: &mut Bench<'_>,
    known: &mut Known,
    filter: &Filter,
    change: Change,
    number: &mut usize,
) -> Checked<bool> {
    plainly(bench, known, filter, change, number)
        .map_err(|stop| fewer(bench, known, filter, change, stop))
}

fn plainly(
    bench: &mut Bench<'_>,
    known: &mut Known,
    filter: &Filter,
    change: Change,
    number: &mut usize,
) -> Checked<bool> {
    let Some(filter) = known.sent_filter(filter) else {
        return Ok(false);
    };
    *number += 1;
    let mark = i64::try_from(*number).unwrap_or(1);
    change(bench.session()?, known, &filter, mark)
}

/// What is found on the fewest records.
fn fewer(
    bench: &mut Bench<'_>,
    known: &Known,
    filter: &Filter,
    change: Change,
    stop: Stop,
) -> Stop {
    let Some(filter) = known.sent_filter(filter) else {
        return stop;
    };
    reduce::fewer(bench, known, stop, |session, known| {
        change(session, &mut known.clone(), &filter, -1).map(drop)
    })
}

fn update(
    session: &mut Session<'_>,
    known: &mut Known,
    filter: &Filter,
    mark: i64,
) -> Checked<bool> {
    let model = known.model().name.clone();
    let model = model.as_str();
    let data: contract::Entity = vec![(MARK.to_owned(), Value::Integer(mark))];
    let before = known.clone();
    let told = |stop: Stop| {
        before.with_records(stop.after(format!(
            "update {} with {}",
            show::filter(filter),
            show::data(&data)
        )))
    };
    let Some(matcher) = known.matcher(filter) else {
        return Ok(false);
    };
    let called = session.update(model, filter, &data);
    let refused = matches!(&called, Err(failure) if failure.kind() == Some(ErrorKind::Unsupported));
    let mut matched = 0;
    let wanted: Vec<Entity> = known
        .records()
        .iter()
        .map(|record| {
            let mut record = record.clone();
            if !refused && matcher.matches(&record) {
                matched += 1;
                record.set(MARK, Value::Integer(mark));
            }
            record
        })
        .collect();
    judge(
        session,
        known,
        "update",
        (called, refused, matched),
        &wanted,
    )
    .map_err(told)?;
    *known = known.of(&wanted);
    Ok(!refused)
}

fn destroy(session: &mut Session<'_>, known: &mut Known, filter: &Filter, _: i64) -> Checked<bool> {
    let model = known.model().name.clone();
    let model = model.as_str();
    let before = known.clone();
    let told = |stop: Stop| {
        before.with_records(stop.after(format!("destroy-all {}", show::filter(filter))))
    };
    let Some(matcher) = known.matcher(filter) else {
        return Ok(false);
    };
    let called = session.destroy_all(model, filter);
    let refused = matches!(&called, Err(failure) if failure.kind() == Some(ErrorKind::Unsupported));
    let (gone, mut wanted): (Vec<Entity>, Vec<Entity>) = known
        .records()
        .iter()
        .cloned()
        .partition(|record| !refused && matcher.matches(record));
    let matched = gone.len() as u64;
    judge(
        session,
        known,
        "destroy-all",
        (called, refused, matched),
        &wanted,
    )
    .map_err(told)?;
    store(session, model, &gone)?;
    wanted.extend(gone);
    // What was stored again may come last.
    *known = known.of(&wanted);
    Ok(!refused)
}

/// The number that was told, and all records as they are now.
fn judge(
    session: &mut Session<'_>,
    known: &Known,
    function: &str,
    (called, refused, matched): (tenon_runtime::direct::Called<u64>, bool, u64),
    wanted: &[Entity],
) -> Checked {
    if !refused {
        let told = must(function, called)?;
        ensure(told == matched, || {
            Finding::new(format!(
                "`{function}` tells another number than that of the records that matched"
            ))
            .differs(matched, told)
        })?;
    }
    let now = everything(session, &known.model().name)?;
    // Most of the time they come in one order.
    if same_rows(wanted, &now) || same_records(wanted, &now) {
        return Ok(());
    }
    let of = |records: &[Entity], others: &[Entity]| -> Vec<Entity> {
        let only = records.iter().filter(|one| {
            !others
                .iter()
                .any(|other| crate::reference::same(one, other))
        });
        only.cloned().collect()
    };
    let what = if refused {
        format!("`{function}` was refused as `unsupported`, and has changed records")
    } else {
        format!("`{function}` has left other records than those it had to")
    };
    Err(Finding::new(what)
        .differs(
            format!("among others\n{}", show::records(&of(wanted, &now))),
            format!("among others\n{}", show::records(&of(&now, wanted))),
        )
        .into())
}
