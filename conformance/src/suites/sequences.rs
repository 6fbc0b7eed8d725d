//! Invented sequences of calls, which come to what they come to in a list of records.

use tenon_runtime::Capability;

use super::Check;
use crate::bench::Bench;
use crate::finding::Checked;
use crate::sequence::{With, agree_on_invented, invented_models};

pub const CHECKS: &[Check] = &[
    Check {
        name: "crud.sequence.plain",
        about: "whatever is called in whatever order, the records and results are those of a list",
        needs: &[Capability::Crud],
        writes: true,
        run: |bench| sequences(bench, 0.0),
    },
    Check {
        name: "crud.sequence.unique",
        about: "the same with unique indexes: what is refused has changed nothing",
        needs: &[Capability::Crud],
        writes: true,
        run: |bench| sequences(bench, 0.6),
    },
];

/// Models of a check.
const MODELS: usize = 4;

fn sequences(bench: &mut Bench<'_>, unique: f64) -> Checked {
    let models = invented_models(bench, MODELS, unique)?;
    let cases = (bench.cases() / 2).max(1);
    agree_on_invented(bench, &models, With::Crud, cases)
}
