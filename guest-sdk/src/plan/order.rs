//! Whether walking a key or index gives a query's order.

use tenon_model::Query;

use crate::layout::Part;

/// Whether a query asks for an order, be it nearest first.
pub(super) fn is_wanted(query: &Query) -> bool {
    !query.order.is_empty() || query.filter.near().is_some()
}

/// Forwards (false) or backwards (true), where walking records ordered by `parts` gives the query's order;
/// `constant` are properties that have one value in all of them.
pub(super) fn direction<'a>(
    query: &Query,
    parts: impl Iterator<Item = &'a Part>,
    constant: &[&str],
) -> Option<bool> {
    if query.order.is_empty() {
        return None;
    }
    let mut settled: Vec<&str> = constant.to_vec();
    let mut parts = parts.filter(|part| !constant.contains(&part.property.as_str()));
    let mut backwards = None;
    for wanted in &query.order {
        if !wanted.path.is_empty() {
            return None;
        }
        // What was ordered by before makes no difference again.
        if settled.contains(&wanted.property.as_str()) {
            continue;
        }
        let Some(part) = parts.find(|part| !settled.contains(&part.property.as_str())) else {
            // All of the key is ordered by: there are no ties left.
            return Some(backwards.unwrap_or(false));
        };
        let reverse = part.descending != wanted.descending;
        if part.property != wanted.property
            || !part.has_order()
            || *backwards.get_or_insert(reverse) != reverse
        {
            return None;
        }
        settled.push(&part.property);
    }
    Some(backwards.unwrap_or(false))
}
