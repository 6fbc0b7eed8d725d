//! Finding records by a filter, through the key or an index where they help.

use std::ops::ControlFlow;

use tenon_sdk::plan::{Access, Plan};
use tenon_sdk::{Entity, Evaluation, Filter, Result};

use crate::collection::Collection;
use crate::slots::{SlotId, exhausted};

/// Shows the records that a plan leads to, in its order, until `visit` breaks off.
pub(crate) fn visit<B>(
    collection: &Collection,
    plan: &Plan,
    mut visit: impl FnMut(SlotId, &Entity) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut look = |slot: SlotId| {
        collection
            .slots
            .get(slot)
            .map_or(ControlFlow::Continue(()), |r| visit(slot, r))
    };
    let tables = &collection.tables;
    let mut walk = |range: &tenon_sdk::plan::Range| match plan.access {
        Access::Everything => collection.slots.iter().try_for_each(|(slot, _)| look(slot)),
        Access::Key => match &tables.sorted_keys {
            Some(keys) if !plan.points => {
                let entries = crate::index::in_range(keys, range).map(|(_, slot)| *slot);
                if plan.backwards {
                    entries.rev().try_for_each(&mut look)
                } else {
                    entries.into_iter().try_for_each(&mut look)
                }
            }
            _ => tables
                .keys
                .get(range.start.as_slice())
                .map_or(ControlFlow::Continue(()), |slot| look(*slot)),
        },
        Access::Index(number) => match tables.indexes.get(number) {
            None => ControlFlow::Continue(()),
            Some(index) => {
                let mut slots = index.slots(range);
                if plan.backwards {
                    slots.rev().try_for_each(&mut look)
                } else {
                    slots.try_for_each(&mut look)
                }
            }
        },
    };
    if plan.backwards {
        plan.ranges.iter().rev().try_for_each(&mut walk)
    } else {
        plan.ranges.iter().try_for_each(&mut walk)
    }
}

/// At most so many of the records that match.
pub(crate) fn matches(
    collection: &Collection,
    filter: Filter,
    at_most: usize,
) -> Result<Vec<SlotId>> {
    let evaluation = Evaluation::whole_filter(filter)?;
    let mut found = Vec::new();
    each_match(collection, &evaluation, |slot| {
        keep(&mut found, slot, at_most)
    })?;
    Ok(found)
}

/// Keeps a slot that was found, and breaks off once there are enough, or no memory for more.
pub(crate) fn keep(
    found: &mut Vec<SlotId>,
    slot: SlotId,
    at_most: usize,
) -> ControlFlow<Result<()>> {
    if found.try_reserve(1).is_err() {
        return ControlFlow::Break(Err(exhausted()));
    }
    found.push(slot);
    if found.len() >= at_most {
        return ControlFlow::Break(Ok(()));
    }
    ControlFlow::Continue(())
}

/// How many records match.
pub(crate) fn count(collection: &Collection, filter: Filter) -> Result<u64> {
    let evaluation = Evaluation::whole_filter(filter)?;
    if evaluation.query().filter.is_all() {
        return Ok(u64::try_from(collection.tables.keys.len()).unwrap_or(u64::MAX));
    }
    let mut count = 0;
    each_match(collection, &evaluation, |_| {
        count += 1;
        ControlFlow::Continue(())
    })?;
    Ok(count)
}

fn each_match(
    collection: &Collection,
    evaluation: &Evaluation,
    mut found: impl FnMut(SlotId) -> ControlFlow<Result<()>>,
) -> Result<()> {
    let plan = Plan::new(&collection.layout, evaluation.query());
    let ended = visit(collection, &plan, |slot, record| {
        if evaluation.matches(record) {
            found(slot)
        } else {
            ControlFlow::Continue(())
        }
    });
    ended.break_value().unwrap_or(Ok(()))
}
