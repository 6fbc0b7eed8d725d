//! A query asked of a table, and its answer held against the documents that are there.

use tenon_model::contract::{Filter, Query};
use tenon_model::{Done, Entity, RowOrder};

use crate::bench::PAGE;
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::reference::answer;
use crate::show;
use crate::suites::read_model::documents::must_match;
use crate::suites::read_model::opened::{
    Opened, TABLE, is_unsupported, same_document, same_documents,
};

/// Asks a query.
pub fn ask(store: &mut Opened<'_, '_>, documents: &[Entity], query: &Query) -> Checked {
    ask_in_pages(store, documents, query, PAGE)
}

/// Asks a query, and reads its answer in pages of at most so many rows.
pub fn ask_in_pages(
    store: &mut Opened<'_, '_>,
    documents: &[Entity],
    query: &Query,
    max: u32,
) -> Checked {
    let told = |stop: Stop| {
        let pages = if max == PAGE {
            String::new()
        } else {
            format!(", read in pages of at most {max}")
        };
        stop.after(format!("find {}{pages}", show::query(query)))
            .after(format!(
                "these documents are there:\n{}",
                show::records(documents)
            ))
    };
    let (rows, done) = must("find", store.find(TABLE, query)).map_err(told)?;
    let rows = must("next", store.session.read(rows, max)).map_err(told)?;
    judge(documents, query, done, rows).map_err(told)
}

/// Asks how many match; whether it was answered at all.
pub fn count(store: &mut Opened<'_, '_>, documents: &[Entity], filter: &Filter) -> Checked<bool> {
    let told = |stop: Stop| {
        stop.after(format!("count where {}", show::filter(filter)))
            .after(format!(
                "these documents are there:\n{}",
                show::records(documents)
            ))
    };
    let counted = store.count(TABLE, filter);
    if counted.as_ref().is_err_and(is_unsupported) {
        return Ok(false);
    }
    let counted = must("count", counted).map_err(told)?;
    let matcher = must_match(filter)?;
    let wanted = documents.iter().filter(|it| matcher.matches(it)).count();
    ensure(usize::try_from(counted) == Ok(wanted), || {
        Finding::new("`count` returns another number than that of the matches")
            .differs(wanted, counted)
    })
    .map_err(told)?;
    Ok(true)
}

fn claims(done: Done) -> String {
    let names = [
        (Done::FILTER, "filter"),
        (Done::ORDER, "order"),
        (Done::PAGING, "paging"),
        (Done::FIELDS, "fields"),
    ];
    let claimed: Vec<&str> = names
        .into_iter()
        .filter(|(flag, _)| done.contains(*flag))
        .map(|(_, name)| name)
        .collect();
    format!(
        "it says that it has done: {}",
        if claimed.is_empty() {
            "nothing".to_owned()
        } else {
            claimed.join(", ")
        }
    )
}

/// Whether an answer, with the rest done as the runtime does it, is what the query asks for; and whether all is done
/// that is said to be.
fn judge(documents: &[Entity], query: &Query, done: Done, rows: Vec<Entity>) -> Checked {
    let said = |finding: Finding| finding.after(claims(done));
    let matcher = must_match(&query.filter)?;
    let asked = tenon_model::Query::from_contract(query.clone())
        .map_err(|problem| Stop::skipped(format!("a query of the kit's is wrong: {problem}")))?;
    let order = RowOrder::new(&asked);
    let cut = query.limit.is_some() || query.offset > 0;
    let paged = cut && done.contains(Done::PAGING);
    let filtered = query.filter.is_empty() || done.contains(Done::FILTER);
    let ordered = order.is_empty() || done.contains(Done::ORDER);
    ensure(!paged || (filtered && ordered), || {
        said(Finding::new(
            "`find` has cut what it has not filtered and ordered",
        ))
        .differs(
            "`paging` only together with `filter` and `order`",
            claims(done),
        )
    })?;
    let wants = |name: &str| query.fields.is_empty() || query.fields.iter().any(|it| it == name);
    if done.contains(Done::FIELDS) {
        let beyond = rows
            .iter()
            .find(|row| !row.iter().all(|(name, _)| wants(name)));
        ensure(beyond.is_none(), || {
            said(Finding::new(
                "`find` hands out fields that were not asked for",
            ))
            .differs(
                query.fields.join(", "),
                beyond.map(show::record).unwrap_or_default(),
            )
        })?;
    }
    // Rows with all that is theirs: by their key, which is among the fields.
    let mut whole = Vec::with_capacity(rows.len());
    for row in &rows {
        let there = documents.iter().find(|it| it.get("id") == row.get("id"));
        let projected = |document: &Entity| {
            let mut document = document.clone();
            document.retain(|name| wants(name) || row.get(name).is_some());
            document
        };
        let there = there.filter(|it| same_document(&projected(it), row));
        let there = there.ok_or_else(|| {
            said(Finding::new(
                "`find` hands out a document that isn't there, or not as it is",
            ))
            .differs("one of the documents", show::record(row))
        })?;
        whole.push(there.clone());
    }
    if done.contains(Done::FILTER) {
        let wrong = whole.iter().find(|row| !matcher.matches(row));
        ensure(wrong.is_none(), || {
            said(Finding::new(
                "`find` hands out a document that the filter doesn't match",
            ))
            .differs("only matches", wrong.map(show::record).unwrap_or_default())
        })?;
    }
    if done.contains(Done::ORDER) {
        let mut sorted = whole.clone();
        order.sort(&mut sorted);
        let is_sorted = sorted
            .iter()
            .zip(&whole)
            .all(|(one, other)| same_document(one, other));
        ensure(is_sorted, || {
            said(Finding::new("`find` hands out documents in another order"))
                .differs(show::records(&sorted), show::records(&whole))
        })?;
    }
    // What the runtime does then.
    let total = !query.order.is_empty();
    let mut matches: Vec<Entity> = documents.to_vec();
    matches.retain(|document| matcher.matches(document));
    let rest = |rows: Vec<Entity>, paged: bool| {
        let mut left = query.clone();
        if paged {
            (left.limit, left.offset) = (None, 0);
        }
        left.fields = Vec::new();
        answer(&left, rows).map_err(|kind| Stop::skipped(format!("a query of the kit's is {kind}")))
    };
    let wanted = rest(matches, false)?;
    whole.retain(|document| matcher.matches(document));
    let came = rest(whole, paged)?;
    let right = if total {
        wanted.len() == came.len()
            && wanted
                .iter()
                .zip(&came)
                .all(|(one, other)| same_document(one, other))
    } else if cut {
        // Without an order, any part will do, without a document twice.
        wanted.len() == came.len()
            && came.iter().enumerate().all(|(place, one)| {
                came.iter()
                    .skip(place + 1)
                    .all(|other| one.get("id") != other.get("id"))
            })
    } else {
        same_documents(&wanted, &came)
    };
    ensure(right, || {
        said(Finding::new(
            "`find` comes to another answer than the query asks for",
        ))
        .differs(show::records(&wanted), show::records(&came))
    })
}
