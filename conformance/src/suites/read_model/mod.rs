//! Read models: their state and tables, and the lock that each has.

mod changes;
mod documents;
mod drops;
mod edits;
mod finding;
mod keys;
mod locks;
mod opened;
mod race;
mod state;
mod tables;

use tenon_runtime::Capability;

use super::Check;
use crate::bench::Bench;
use crate::finding::Checked;

/// A check of this capability.
const fn check(
    name: &'static str,
    about: &'static str,
    run: fn(&mut Bench<'_>) -> Checked,
) -> Check {
    Check {
        name,
        about,
        needs: &[Capability::ReadModel],
        writes: false,
        run,
    }
}

pub const CHECKS: &[Check] = &[
    check(
        "read-model.store.either",
        "a store has a state or tables, and all that goes with it",
        opened::either,
    ),
    check(
        "read-model.state.first",
        "there is no state before the first `set`",
        state::none_at_first,
    ),
    check(
        "read-model.state.kept",
        "a state is the JSON that was set, to the last digit",
        state::kept,
    ),
    check(
        "read-model.state.replaced",
        "each state replaces the one before as a whole",
        state::replaced,
    ),
    check(
        "read-model.state.invented",
        "whatever is set, in whatever order, comes back",
        state::invented,
    ),
    check(
        "read-model.state.large",
        "a state of a megabyte is kept, and gives way to a small one",
        state::large,
    ),
    check(
        "read-model.state.malformed",
        "what is no JSON doesn't harm the state",
        state::malformed,
    ),
    check(
        "read-model.state.reopened",
        "a state is there when the read model is opened again",
        state::reopened,
    ),
    check(
        "read-model.state.apart",
        "read models have states of their own, also under similar names",
        state::apart,
    ),
    check(
        "read-model.table.defined",
        "a table is defined once, and `duplicate` from then on",
        tables::defined,
    ),
    check(
        "read-model.table.unknown",
        "a table that isn't there is `not-found`",
        tables::unknown,
    ),
    check(
        "read-model.table.apart",
        "tables have documents of their own, and are apart from the state",
        tables::apart,
    ),
    check(
        "read-model.table.reopened",
        "tables and documents are there when the read model is opened again",
        tables::reopened,
    ),
    check(
        "read-model.table.fields",
        "a field that the table doesn't have is `invalid` wherever it is named",
        tables::fields,
    ),
    check(
        "read-model.insert.kept",
        "a document comes back as it was inserted, with values of every case",
        documents::kept,
    ),
    check(
        "read-model.insert.duplicate",
        "a second document of the same key is `duplicate`, and changes nothing",
        keys::duplicate,
    ),
    check(
        "read-model.insert.key",
        "keys are told apart to the last character and digit",
        keys::told_apart,
    ),
    check(
        "read-model.insert.number-key",
        "the key may be a number, which is itself in whatever case it comes",
        keys::numbers,
    ),
    check(
        "read-model.insert.without-key",
        "a document without a key changes no other, and none whose kind is wrong",
        keys::wrong,
    ),
    check(
        "read-model.update.set",
        "`set` sets the value there, and makes what is missing on the way",
        changes::set,
    ),
    check(
        "read-model.update.unset",
        "`unset` removes what is there, and nothing else",
        changes::unset,
    ),
    check(
        "read-model.update.increment",
        "`increment` adds to a number, and appends to a text",
        changes::increment,
    ),
    check(
        "read-model.update.order",
        "edits are made in their order",
        changes::in_order,
    ),
    check(
        "read-model.update.matches",
        "every match is changed, nothing else, and their number comes back",
        changes::matches,
    ),
    check(
        "read-model.update.refused",
        "an update that can't be made changes no document at all",
        changes::refused_update,
    ),
    check(
        "read-model.update.key",
        "an update doesn't give two documents the same key",
        changes::taken_key,
    ),
    check(
        "read-model.update.invented",
        "invented edits do to invented documents what they say",
        changes::invented,
    ),
    check(
        "read-model.upsert.inserts",
        "an upsert without a match inserts the filter's equal values and the ones set",
        changes::upsert_inserts,
    ),
    check(
        "read-model.upsert.updates",
        "an upsert with matches updates them and inserts nothing",
        changes::upsert_updates,
    ),
    check(
        "read-model.upsert.duplicate",
        "an upsert that would insert a key that is taken is `duplicate`",
        changes::upsert_duplicate,
    ),
    check(
        "read-model.delete.matches",
        "every match is deleted, nothing else, and their number comes back",
        documents::deleted,
    ),
    check(
        "read-model.find.invented",
        "invented queries find what they ask for among invented documents",
        finding::invented,
    ),
    check(
        "read-model.find.comparisons",
        "each comparison finds its matches, null and absent values included",
        finding::comparisons,
    ),
    check(
        "read-model.find.order",
        "documents come in the order that is asked for, and are cut behind it",
        finding::order,
    ),
    check(
        "read-model.find.pages",
        "a result has the same rows in pages of any size",
        finding::pages,
    ),
    check(
        "read-model.find.left",
        "a result may be closed before its end, and others go on",
        finding::left,
    ),
    check(
        "read-model.find.changed",
        "rows that nobody changes come once, whatever happens to others meanwhile",
        finding::changed,
    ),
    check(
        "read-model.lock.conflict",
        "a read model that is open is a `conflict`, at once, and stays open",
        locks::conflict,
    ),
    check(
        "read-model.lock.details",
        "a conflict's `lock-age` is the lock's age in milliseconds",
        locks::details,
    ),
    check(
        "read-model.lock.closed",
        "closing a store gives its lock back, and no other",
        locks::closed,
    ),
    check(
        "read-model.lock.own",
        "each read model has a lock of its own, also under similar names",
        locks::own,
    ),
    check(
        "read-model.lock.reset",
        "`reset` gives the locks back",
        locks::reset,
    ),
    check(
        "read-model.lock.dispose",
        "`dispose` gives back every lock that the instance holds, and no other's",
        locks::dispose,
    ),
    check(
        "read-model.lock.race",
        "of many sessions at once, one has the read model open",
        race::one_at_a_time,
    ),
    check(
        "read-model.drop.empty",
        "a dropped read model is empty when it is opened again, and can be",
        drops::dropped,
    ),
    check(
        "read-model.drop.others",
        "dropping a read model leaves the others, and needs no data",
        drops::dropped_alone,
    ),
];
