//! Orders: done by the model's rules, after what a fault makes of them.

use std::cmp::Ordering;

use tenon_model::RowOrder;
use tenon_sdk::{Entity, Result, SortKey, Value};

use crate::definition::Definition;
use crate::fault::{Fault, Planted};
use crate::twist;

/// Puts records in a query's order; they come in the order of their keys, and equals stay as they are.
pub(crate) fn sort(
    planted: Planted,
    definition: &Definition,
    query: &tenon_model::Query,
    records: &mut [Entity],
) -> Result<()> {
    let mut query = query.clone();
    match planted.0 {
        Some(Fault::OrderIsIgnored) => return Ok(()),
        Some(Fault::NearDoesNotOrder) if query.order.is_empty() => return Ok(()),
        Some(Fault::SecondSortKeyIsIgnored) => query.order.truncate(1),
        Some(Fault::SecondDescendingIsIgnored) => {
            for key in query.order.iter_mut().skip(1) {
                key.descending = false;
            }
        }
        Some(Fault::DescendingIsIgnored) => {
            for key in &mut query.order {
                key.descending = false;
            }
        }
        Some(Fault::OrderPathIsIgnored) => {
            for key in &mut query.order {
                key.path.clear();
            }
        }
        Some(Fault::TiesDifferFromPageToPage) if query.offset > 0 => {
            query
                .order
                .retain(|key| !definition.layout.is_key(&key.property));
            records.reverse();
        }
        _ => {}
    }
    if !compares_otherwise(planted) || query.order.is_empty() {
        RowOrder::new(&query).sort(records);
        return Ok(());
    }
    let keys: Vec<_> = query
        .order
        .into_iter()
        .map(|key| {
            let order = RowOrder::new(&tenon_model::Query {
                order: vec![key.clone()],
                ..tenon_model::Query::default()
            });
            (key, order)
        })
        .collect();
    records.sort_by(|left, right| {
        let mut orderings = keys
            .iter()
            .map(|(key, order)| compare(planted, key, order, left, right));
        orderings
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(())
}

fn compares_otherwise(planted: Planted) -> bool {
    planted.is_any(&[
        Fault::NullsComeLast,
        Fault::AbsentComesLast,
        Fault::DescendingKeepsNullsFirst,
        Fault::NumbersSortedAsText,
        Fault::IntegersSortedAsFloats,
        Fault::TextSortedWithoutCase,
        Fault::TextSortedByUtf16,
    ])
}

/// By one part of an order.
fn compare(
    planted: Planted,
    key: &SortKey,
    order: &RowOrder,
    left: &Entity,
    right: &Entity,
) -> Ordering {
    let is_null = |record: &Entity| record.get(&key.property).is_none_or(Value::is_null);
    let is_absent = |record: &Entity| record.get(&key.property).is_none();
    let first = match planted.0 {
        _ if !key.path.is_empty() => Ordering::Equal,
        Some(Fault::NullsComeLast) => is_null(left).cmp(&is_null(right)),
        Some(Fault::AbsentComesLast) => is_absent(left).cmp(&is_absent(right)),
        Some(Fault::DescendingKeepsNullsFirst) => is_null(right).cmp(&is_null(left)),
        _ => Ordering::Equal,
    };
    let twist: fn(&Value) -> Value = match planted.0 {
        Some(Fault::NumbersSortedAsText) => twist::number_as_text,
        Some(Fault::IntegersSortedAsFloats) => twist::integer_as_float,
        Some(Fault::TextSortedWithoutCase) => twist::lower,
        Some(Fault::TextSortedByUtf16) => twist::utf16,
        _ => return first.then_with(|| order.compare(left, right)),
    };
    let twisted = |record: &Entity| -> Entity {
        let value = record.get(&key.property);
        let value = value.map(|value| (key.property.clone(), twist(value)));
        value.into_iter().collect()
    };
    order.compare(&twisted(left), &twisted(right))
}
