//! Invented cases, and how a failing one is made smaller.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::finding::{Checked, Finding, Stop};

/// How often a failing case is tried to be made smaller.
const SHRINKS: u32 = 600;

/// A source of invented cases: the same ones for the same seed and name.
pub fn runner(seed: u64, name: &str) -> TestRunner {
    let mut bytes = [0; 32];
    let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
    for (place, byte) in bytes.iter_mut().enumerate() {
        let letter = name.as_bytes().get(place % name.len().max(1));
        for letter in letter.into_iter().chain(name.as_bytes()) {
            // FNV-1a, so that names of one length differ too.
            state = (state ^ u64::from(*letter)).wrapping_mul(0x0100_0000_01b3);
        }
        state = state.rotate_left(23).wrapping_add(place as u64);
        *byte = (state >> 32) as u8;
    }
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Tries that many invented cases. The first that fails is made as small as it can be, and its finding is returned.
pub fn hold<S: Strategy>(
    runner: &mut TestRunner,
    cases: u32,
    strategy: &S,
    mut test: impl FnMut(S::Value) -> Checked,
) -> Checked {
    for _ in 0..cases {
        let mut tree = strategy
            .new_tree(runner)
            .map_err(|reason| Stop::skipped(format!("no case can be invented: {reason}")))?;
        match test(tree.current()) {
            Ok(()) => {}
            Err(Stop::Failed(finding)) => return Err(smallest(&mut tree, *finding, test).into()),
            Err(skipped) => return Err(skipped),
        }
    }
    Ok(())
}

/// One invented value.
pub fn one<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> Checked<S::Value> {
    strategy
        .new_tree(runner)
        .map(|tree| tree.current())
        .map_err(|reason| Stop::skipped(format!("no case can be invented: {reason}")))
}

/// What the smallest case fails with that is found from one that fails.
fn smallest<T: ValueTree>(
    tree: &mut T,
    mut finding: Finding,
    mut test: impl FnMut(T::Value) -> Checked,
) -> Finding {
    if !tree.simplify() {
        return finding;
    }
    for _ in 0..SHRINKS {
        let goes_on = match test(tree.current()) {
            Err(Stop::Failed(smaller)) => {
                finding = *smaller;
                tree.simplify()
            }
            _ => tree.complicate(),
        };
        if !goes_on {
            break;
        }
    }
    finding
}
