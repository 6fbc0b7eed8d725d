//! Queries: what is done of them, which is all, but for conditions that aren't known here.

use tenon_sdk::{Done, Entity, Error, Evaluation, Query, Result};

use crate::collection::Collection;
use crate::definition::Definition;
use crate::fault::{Fault, Planted};
use crate::filter::Judge;
use crate::order;

/// The rows of a query among a collection's records, if there is one, and what was done.
pub(crate) fn answer(
    planted: Planted,
    definition: &Definition,
    mut query: Query,
    collection: Option<&Collection>,
) -> Result<(Vec<Entity>, Done)> {
    if planted.is(Fault::UnknownHintIsRefused)
        && let Some((hint, _)) = query.hints.first()
    {
        return Err(Error::invalid(format!("the hint `{hint}` isn't known")));
    }
    let evaluation = Evaluation::new(query.clone())?;
    let filter = std::mem::take(&mut query.filter);
    let ignores = planted.is(Fault::UnknownConditionIsIgnored);
    let (judge, done) = if evaluation.knows_filter() || ignores {
        let done = Done::FILTER | Done::ORDER | Done::PAGING | Done::FIELDS;
        (Some(Judge::new(planted, filter)?), done)
    } else {
        (None, evaluation.done(true))
    };
    let records = collection.iter().flat_map(|it| it.records.values());
    let mut rows: Vec<Entity> = records
        .map(|record| definition.outgoing(record))
        .enumerate()
        .filter(|(number, record)| {
            let judge = judge.as_ref();
            judge.is_none_or(|judge| judge.matches(*number, record))
        })
        .map(|(_, record)| record.into_owned())
        .collect();
    let (offset, limit) = if done.contains(Done::PAGING) {
        part(planted, &evaluation)
    } else {
        (0, usize::MAX)
    };
    if planted.is(Fault::LimitComesBeforeTheOrder) {
        rows.truncate(offset.saturating_add(limit));
    }
    order::sort(planted, definition, evaluation.query(), &mut rows)?;
    let rows = rows.into_iter().skip(offset).take(limit);
    let rows = rows.map(|row| project(planted, &evaluation, row));
    Ok((rows.collect(), done))
}

/// How many rows to leave out, and how many to hand out then.
fn part(planted: Planted, evaluation: &Evaluation) -> (usize, usize) {
    let (offset, limit) = evaluation.part();
    let is_limited = evaluation.query().limit.is_some();
    match planted.0 {
        Some(Fault::LimitIsOneMore) => (offset, limit.saturating_add(1)),
        Some(Fault::OffsetIsOneMore) if offset > 0 => (offset.saturating_add(1), limit),
        Some(Fault::OffsetNeedsALimit) if !is_limited => (0, limit),
        Some(Fault::LimitZeroIsNoLimit) if limit == 0 => (offset, usize::MAX),
        Some(Fault::PagingIsClaimed) => (0, usize::MAX),
        _ => (offset, limit),
    }
}

fn project(planted: Planted, evaluation: &Evaluation, mut row: Entity) -> Entity {
    if planted.is(Fault::FieldsLeak) {
        return row;
    }
    if planted.is(Fault::FieldsLoseTheLast)
        && let Some(last) = evaluation.query().fields.last()
    {
        row.remove(last);
    }
    evaluation.project(row)
}
