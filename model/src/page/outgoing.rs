//! Records into columns: one pass, with room made ahead.
//!
//! Nothing fails: what columns can't hold stays in records.

use std::collections::HashSet;

use super::ColumnBuilder;
use crate::contract::{ColumnPage, Page};
use crate::entity::Entity;

/// How many cells a page of columns may have for each value in it.
const SPARSEST: usize = 8;

/// The records as columns; as records where columns would be mostly empty. Where a record has a name twice,
/// the first counts.
pub fn to_columns(entities: Vec<Entity>) -> Page {
    let Some(rows) = rows_for_columns(&entities) else {
        return Page::Records(entities.into_iter().map(Entity::into_contract).collect());
    };
    let total = entities.len();
    let mut columns: Vec<ColumnBuilder> =
        Vec::with_capacity(entities.first().map_or(0, Entity::len));
    for (row, entity) in entities.into_iter().enumerate() {
        let mut expected = 0;
        for (name, value) in entity {
            let place = find(&columns, &name, expected).unwrap_or_else(|| {
                columns.push(ColumnBuilder::new(name, total));
                columns.len() - 1
            });
            expected = place + 1;
            if let Some(column) = columns.get_mut(place)
                && column.len() <= row
            {
                // The records since the last one that had it don't.
                while column.len() < row {
                    column.absent();
                }
                column.value(value);
            }
        }
    }
    Page::Columns(ColumnPage {
        rows,
        columns: columns
            .into_iter()
            .map(|column| column.finish(total))
            .collect(),
    })
}

/// How many rows the columns will have; none where these records had better stay records.
fn rows_for_columns(entities: &[Entity]) -> Option<u32> {
    let rows = u32::try_from(entities.len()).ok()?;
    let cells: usize = entities.iter().map(Entity::len).sum();
    let names = |entity: &Entity| entity.as_contract().len();
    let alike = entities.windows(2).all(|pair| match pair {
        [first, second] => {
            names(first) == names(second)
                && first
                    .iter()
                    .zip(second.iter())
                    .all(|((first, _), (second, _))| first == second)
        }
        _ => true,
    });
    let width = if alike {
        entities.first().map_or(0, names)
    } else {
        let distinct: HashSet<&str> = entities
            .iter()
            .flat_map(|entity| entity.iter().map(|(name, _)| name))
            .collect();
        distinct.len()
    };
    let dense = width.saturating_mul(entities.len()) <= cells.saturating_mul(SPARSEST);
    (dense && (cells > 0 || rows == 0)).then_some(rows)
}

/// The column of that name: most likely the expected one, or a later one.
fn find(columns: &[ColumnBuilder], name: &str, expected: usize) -> Option<usize> {
    let (before, after) = columns.split_at(expected.min(columns.len()));
    let is_it = |column: &ColumnBuilder| column.name() == name;
    match after.iter().position(is_it) {
        Some(place) => Some(before.len() + place),
        None => before.iter().position(is_it),
    }
}
