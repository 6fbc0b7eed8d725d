//! Invented models, records and queries.

use proptest::collection::vec;
use tenon_model::contract::Query;
use tenon_runtime::Capability;

use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::{Checked, Stop};
use crate::generate::{models, queries, records};
use crate::property;
use crate::reduce;
use crate::session::Session;
use crate::suites::Check;

pub const CHECKS: &[Check] = &[Check {
    name: "crud.filter.invented",
    about: "invented queries on invented records of invented models come to what the contract says",
    needs: &[Capability::Crud],
    writes: true,
    run: invented,
}];

/// How many models are invented.
const MODELS: u32 = 4;

/// How many records of each.
const RECORDS: usize = 30;

fn invented(bench: &mut Bench<'_>) -> Checked {
    for number in 0..MODELS {
        let mut runner = bench.runner(&format!("model {number}"));
        let unique = if number == 0 { 0.0 } else { 0.3 };
        let draft = property::one(&mut runner, &models::invented(bench.facts(), unique))?;
        let model = match bench.try_collection(draft.to_contract())? {
            Ok(model) => model,
            Err(failure) => {
                bench.note(format!("an invented model was refused: {failure}"));
                continue;
            }
        };
        let record = records::record(&model, bench.facts());
        let invented = property::one(&mut runner, &vec(record, RECORDS * 2))?;
        let mut records = records::distinct(&model, invented);
        records.truncate(RECORDS);
        let known = Known::new(&model, &records, bench.facts());
        known.store(bench.session()?)?;
        let strategy = (queries::query(&model, bench.facts()), 1..40_u32);
        let cases = bench.cases();
        let mut smallest: Option<(Query, u32)> = None;
        let held = property::hold(&mut runner, cases, &strategy, |(query, max)| {
            let asked = ask(bench.session()?, &known, &query, max);
            if matches!(asked, Err(Stop::Failed(_))) {
                smallest = Some((query, max));
            }
            asked
        });
        if let Err(stop) = held {
            let Some((query, max)) = smallest else {
                return Err(stop);
            };
            return Err(reduce::fewer(bench, &known, stop, |session, known| {
                ask(session, known, &query, max)
            }));
        }
    }
    Ok(())
}

fn ask(session: &mut Session<'_>, known: &Known, query: &Query, max: u32) -> Checked {
    known.ask(session, query, max)?;
    known.count(session, &query.filter).map(drop)
}
