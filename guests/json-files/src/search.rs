//! Queries on records in memory. An answer keeps the records as they were when it was asked for: what changes
//! meanwhile changes copies.

use std::rc::Rc;

use tenon_sdk::{Answer, Done, Entity, Evaluation, Query, Result, Rows};

/// Answers a query with these records.
pub(crate) fn answer<'a>(
    query: Query,
    records: impl Iterator<Item = &'a Rc<Entity>>,
) -> Result<Answer> {
    let evaluation = Evaluation::new(query)?;
    let done = evaluation.done(true);
    // Paging is for whole filters only: otherwise the runtime would miss rows that it filters out itself.
    let (offset, limit) = if done.contains(Done::PAGING) {
        evaluation.part()
    } else {
        (0, usize::MAX)
    };
    let mut matches: Vec<Rc<Entity>> = records
        .filter(|record| evaluation.matches(record))
        .cloned()
        .collect();
    if evaluation.wants_order() {
        matches.sort_by(|left, right| evaluation.compare(left, right));
    }
    let part = matches.into_iter().skip(offset).take(limit);
    let rows = Rows::from_iter(part.map(move |record| evaluation.project_copy(&record)));
    Ok(Answer { rows, done })
}
