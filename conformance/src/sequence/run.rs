//! Running invented sequences.

use tenon_model::Model;
use tenon_model::contract;

use super::{Pair, Step, With, steps};
use crate::bench::{Bench, end};
use crate::finding::{Checked, Stop};
use crate::generate::models;
use crate::property;
use crate::show;

/// Collections for invented models, of which as many indexes are unique as `unique` says. A model that the connector
/// refuses is left out.
pub fn invented_models(
    bench: &mut Bench<'_>,
    count: usize,
    unique: f64,
) -> Checked<Vec<contract::Model>> {
    let mut runner = bench.runner("models");
    let strategy = models::invented(bench.facts(), unique);
    let mut made = Vec::new();
    // Some may be refused: a key of two texts, an index on what can't be compared.
    for _ in 0..count * 3 {
        if made.len() == count {
            break;
        }
        let draft: Model = property::one(&mut runner, &strategy)?;
        if let Ok(model) = bench.try_collection(draft.to_contract())? {
            made.push(model);
        }
    }
    if made.is_empty() {
        return Err(Stop::skipped("the connector takes no invented model"));
    }
    Ok(made)
}

/// Invents sequences on models, and does each with the connector and with the reference. The functions that were
/// `unsupported` are told in a note.
pub fn agree_on_invented(
    bench: &mut Bench<'_>,
    models: &[contract::Model],
    with: With,
    cases: u32,
) -> Checked {
    let mut unsupported = std::collections::BTreeSet::new();
    let each = (cases / u32::try_from(models.len()).unwrap_or(1).max(1)).max(1);
    for (number, model) in models.iter().enumerate() {
        let mut runner = bench.runner(&format!("sequences {number}"));
        let strategy = steps(model, bench.facts(), with);
        let mut is_fresh = true;
        property::hold(&mut runner, each, &strategy, |steps| {
            if !is_fresh {
                renew(bench, model)?;
                is_fresh = true;
            }
            let tried = attempt(bench, model, &steps, &mut unsupported);
            // What failed may have left the session in any state.
            is_fresh = tried.is_ok();
            tried
        })
        .map_err(|stop| stop.after(show::model(model)))?;
        if !is_fresh {
            renew(bench, model)?;
        }
    }
    if !unsupported.is_empty() {
        let names: Vec<&str> = unsupported.into_iter().collect();
        bench.note(format!(
            "sometimes or always `unsupported`: {}",
            names.join(", ")
        ));
    }
    Ok(())
}

fn attempt(
    bench: &mut Bench<'_>,
    model: &contract::Model,
    steps: &[Step],
    unsupported: &mut std::collections::BTreeSet<&'static str>,
) -> Checked {
    bench.clear(model)?;
    let session = bench.session()?;
    let mut pair = Pair::new(session, model.clone());
    let taken = pair.take_all(steps);
    unsupported.append(&mut pair.unsupported);
    taken
}

/// A new session that knows the model.
fn renew(bench: &mut Bench<'_>, model: &contract::Model) -> Checked {
    end(bench.take_session()?);
    let session = bench.session()?;
    crate::finding::must("define", session.define(model))
}
