//! Transactions: all of it or nothing, seen by others when it is committed, and what is left after an error.

mod actor;
mod anomalies;
mod cursors;
mod ends;
mod isolation;
mod lost;
mod scripts;
mod sessions;

use tenon_model::contract::{Model, PropertyType};
use tenon_runtime::Capability;

use super::Check;
use crate::bench::Bench;
use crate::finding::Checked;
use crate::generate::models;
use crate::sequence::{With, agree_on_invented, invented_models};

/// A check of transactions.
macro_rules! check {
    ($name:literal, $about:literal, $run:expr) => {
        Check {
            name: $name,
            about: $about,
            needs: &[Capability::Crud, Capability::Transactions],
            writes: true,
            run: $run,
        }
    };
}

pub const CHECKS: &[Check] = &[
    check!(
        "transactions.begin.twice",
        "`begin` within a transaction is an error, and the transaction goes on",
        scripts::begin_twice
    ),
    check!(
        "transactions.end.without-begin",
        "`commit` and `rollback` without a transaction are errors, and change nothing",
        scripts::end_without_begin
    ),
    check!(
        "transactions.commit.keeps",
        "what was done in a transaction is there after `commit`, and after the next one's roll-back",
        scripts::commit_keeps
    ),
    check!(
        "transactions.rollback.create",
        "`rollback` undoes `create` and `create-all`",
        scripts::undoes_creates
    ),
    check!(
        "transactions.rollback.change",
        "`rollback` undoes `save`, `update-attributes` and `update`",
        scripts::undoes_changes
    ),
    check!(
        "transactions.rollback.destroy",
        "`rollback` undoes `destroy` and `destroy-all`",
        scripts::undoes_deletions
    ),
    check!(
        "transactions.rollback.upsert",
        "`rollback` undoes every function of `upsert`",
        scripts::undoes_upserts
    ),
    check!(
        "transactions.rollback.again-and-again",
        "`rollback` undoes several changes of one record, to what it was at first",
        scripts::undoes_repeated
    ),
    check!(
        "transactions.rollback.unique-index",
        "after `rollback` unique indexes hold what they held before",
        scripts::restores_indexes
    ),
    check!(
        "transactions.rollback.every-kind",
        "`rollback` brings back values of every kind as they were",
        scripts::restores_every_kind
    ),
    check!(
        "transactions.rollback.many",
        "a transaction of several hundred records is rolled back, or committed, whole",
        scripts::many_records
    ),
    check!(
        "transactions.rollback.all-models",
        "a transaction is one over all models",
        scripts::all_models
    ),
    check!(
        "transactions.inside.own-writes",
        "a transaction sees its own changes, with every function that reads",
        scripts::own_writes
    ),
    check!(
        "transactions.inside.aggregates",
        "a transaction sees its own changes in aggregates",
        scripts::own_aggregates
    ),
    check!(
        "transactions.inside.failed-call",
        "a call that fails leaves the transaction as it was before the call",
        scripts::failed_calls
    ),
    check!(
        "transactions.inside.failed-batch",
        "a batch that fails leaves none of its records in the transaction",
        scripts::failed_batches
    ),
    check!(
        "transactions.read-only.refuses",
        "every function that writes is refused in a read-only transaction, and changes nothing",
        scripts::read_only
    ),
    check!(
        "transactions.read-only.ends",
        "what comes after a read-only transaction may write",
        scripts::after_read_only
    ),
    check!(
        "transactions.isolation.levels",
        "`begin` takes each level, or leaves it: then no transaction is open",
        isolation::levels
    ),
    check!(
        "transactions.reset",
        "`reset` rolls an open transaction back, and the session goes on",
        ends::reset
    ),
    check!(
        "transactions.disconnect",
        "`disconnect` rolls an open transaction back",
        ends::disconnect
    ),
    check!(
        "transactions.dispose",
        "a transaction that is open when its instance ends is rolled back",
        ends::dispose
    ),
    check!(
        "transactions.gone",
        "a transaction whose instance is gone without a word is rolled back, and keeps nobody out",
        ends::gone
    ),
    check!(
        "transactions.commit.lasts",
        "what was committed is as lasting as what was written outside of transactions",
        ends::lasts
    ),
    check!(
        "transactions.ping",
        "`ping` within a transaction leaves it as it is",
        ends::ping
    ),
    check!(
        "transactions.lost",
        "where a call gives the transaction up, only `rollback` is possible, and then all is well again",
        lost::lost
    ),
    check!(
        "transactions.lost.commit",
        "a transaction that was given up can't be committed",
        lost::commit
    ),
    check!(
        "transactions.cursor.inside",
        "a result that is opened in a transaction sees its changes, and comes whole",
        cursors::inside
    ),
    check!(
        "transactions.cursor.across",
        "a result that was open before others' transaction hands out each record once",
        cursors::across
    ),
    check!(
        "transactions.commit.seen",
        "other sessions see what was committed, all of it, and nothing before",
        sessions::seen_after_commit
    ),
    check!(
        "transactions.rollback.unseen",
        "no other session ever sees what is rolled back",
        sessions::never_seen
    ),
    check!(
        "transactions.side-by-side",
        "transactions of two sessions on different records are both committed",
        sessions::side_by_side
    ),
    check!(
        "transactions.deadlock",
        "of two transactions that want each other's records, one is refused or waits, and none is half done",
        sessions::deadlock
    ),
    check!(
        "transactions.isolation.dirty-write",
        "of two transactions that write the same records, one's writes stay: never some of each (at every level)",
        |bench| isolation::each_level(bench, isolation::ALL, anomalies::dirty_write)
    ),
    check!(
        "transactions.isolation.dirty-read",
        "what isn't committed isn't read (from `read-committed`)",
        |bench| isolation::each_level(bench, isolation::COMMITTED, anomalies::dirty_read)
    ),
    check!(
        "transactions.isolation.intermediate-read",
        "of a record that a transaction changes twice, only the last state is read (from `read-committed`)",
        |bench| isolation::each_level(bench, isolation::COMMITTED, anomalies::intermediate_read)
    ),
    check!(
        "transactions.isolation.committed-read",
        "a transaction sees what was committed before it began (at every level)",
        |bench| isolation::each_level(bench, isolation::ALL, anomalies::committed_read)
    ),
    check!(
        "transactions.isolation.non-repeatable-read",
        "what was read stays as it was (from `repeatable-read`)",
        |bench| isolation::each_level(bench, isolation::REPEATABLE, anomalies::repeatable_read)
    ),
    check!(
        "transactions.isolation.snapshot",
        "what was read stays as it was in a transaction that only reads (from `repeatable-read`)",
        |bench| isolation::each_level(bench, isolation::REPEATABLE, anomalies::snapshot)
    ),
    check!(
        "transactions.isolation.read-skew",
        "two records that are changed together are read together (from `repeatable-read`)",
        |bench| isolation::each_level(bench, isolation::REPEATABLE, anomalies::read_skew)
    ),
    check!(
        "transactions.isolation.phantom",
        "what matched a filter is what matches it (`serializable`)",
        |bench| isolation::each_level(bench, isolation::SERIALIZABLE, anomalies::phantom)
    ),
    check!(
        "transactions.isolation.lost-update",
        "of two transactions that read a record and write it, none undoes the other (`serializable`)",
        |bench| isolation::each_level(bench, isolation::SERIALIZABLE, anomalies::lost_update)
    ),
    check!(
        "transactions.isolation.write-skew",
        "of two transactions that each read what the other writes, one is refused (`serializable`)",
        |bench| isolation::each_level(bench, isolation::SERIALIZABLE, anomalies::write_skew)
    ),
    check!(
        "transactions.isolation.predicate-skew",
        "of two transactions that each count what the other creates, one is refused (`serializable`)",
        |bench| isolation::each_level(bench, isolation::SERIALIZABLE, anomalies::predicate_skew)
    ),
    check!(
        "transactions.sequence",
        "whatever is called in whatever order, with transactions around it, the records are those of a list",
        |bench| sequences(bench, 0.3, false)
    ),
    Check {
        name: "transactions.sequence.upsert",
        about: "the same with upserts",
        needs: &[
            Capability::Crud,
            Capability::Transactions,
            Capability::Upsert,
        ],
        writes: true,
        run: |bench| sequences(bench, 0.5, true),
    },
];

/// Integers `a` and `b` beside the key.
fn plain(bench: &mut Bench<'_>) -> Checked<Model> {
    let properties = [("a", PropertyType::Integer), ("b", PropertyType::Integer)];
    bench.collection(models::with(&properties))
}

fn sequences(bench: &mut Bench<'_>, unique: f64, upserts: bool) -> Checked {
    let models = invented_models(bench, 4, unique)?;
    let cases = (bench.cases() / 2).max(1);
    agree_on_invented(bench, &models, With::Transactions { upserts }, cases)
}
