//! The capability `native`: the backend's own command language.
//!
//! Unlike a record's, a command's columns may share a name; they keep their places then.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

use tenon_model::contract::{Page, Value};
use tenon_model::{Entity, to_columns};

use crate::{Connector, Limits, Result, Rows};

/// What a command results in.
pub struct CommandResult {
    /// Its rows; [`Rows::none`] where it has none. Rows in columns may have a name twice, and so may rows that are
    /// made of pairs (`Entity::from(pairs)`), if all have the same names in the same places.
    pub rows: Rows,
    /// How many records it changed.
    pub affected: Affected,
}

impl CommandResult {
    /// Of a command that has rows and changes nothing, or doesn't tell.
    pub fn rows(rows: Rows) -> Self {
        Self {
            rows,
            affected: Affected::default(),
        }
    }

    /// Of a command that has no rows.
    pub fn affected(records: u64) -> Self {
        let affected = Affected::default();
        affected.set(records);
        Self {
            rows: Rows::none(),
            affected,
        }
    }

    /// The next rows as they travel; none is the end.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub fn next(&mut self, max: u32, limits: &Limits) -> Result<Option<Page>> {
        self.rows.next_page(max, limits, page)
    }
}

/// How many records a command changed: known now, or by the end of its rows. A clone is the same number, for
/// what reads the rows to [set](Self::set).
#[derive(Clone, Debug, Default)]
pub struct Affected(Rc<Cell<Option<u64>>>);

impl Affected {
    /// Tells the number.
    pub fn set(&self, records: u64) {
        self.0.set(Some(records));
    }

    /// The number, where it is known.
    pub fn get(&self) -> Option<u64> {
        self.0.get()
    }
}

/// The backend's own command language. An operator has to allow it, and the runtime never tries a command again.
pub trait Native: Connector {
    /// Runs a command, such as an SQL statement, with its parameters bound and never pasted in.
    ///
    /// # Errors
    /// `invalid` where the command isn't one, mostly; otherwise the backend's.
    fn execute(&mut self, command: &str, parameters: Vec<Value>) -> Result<CommandResult>;
}

/// A page of a command's rows, in which no column is lost that has another's name.
fn page(rows: Vec<Entity>) -> Page {
    let names: Vec<String> = rows
        .first()
        .map(|row| row.iter().map(|(name, _)| name.to_owned()).collect())
        .unwrap_or_default();
    let unique: HashSet<&String> = names.iter().collect();
    let alike = |row: &Entity| row.iter().map(|(name, _)| name).eq(names.iter());
    if unique.len() == names.len() || !rows.iter().all(alike) {
        return crate::rows::page(rows);
    }
    // Under their numbers all columns are kept; then they get their names back.
    let numbered = rows.into_iter().map(|row| {
        let values = row.into_iter().map(|(_, value)| value);
        (0_usize..)
            .zip(values)
            .map(|(place, value)| (place.to_string(), value))
            .collect::<Vec<_>>()
            .into()
    });
    let mut page = to_columns(numbered.collect());
    if let Page::Columns(columns) = &mut page {
        for (column, name) in columns.columns.iter_mut().zip(names) {
            column.name = name;
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use tenon_model::contract::ColumnValues;

    use super::*;

    fn row(pairs: &[(&str, i64)]) -> Entity {
        let pairs = pairs
            .iter()
            .map(|(name, number)| ((*name).to_owned(), Value::Integer(*number)));
        Entity::from(pairs.collect::<Vec<_>>())
    }

    #[test]
    fn columns_that_share_a_name_keep_their_places() {
        let rows = vec![
            row(&[("id", 1), ("id", 2), ("n", 3)]),
            row(&[("id", 4), ("id", 5), ("n", 6)]),
        ];
        let Page::Columns(page) = page(rows) else {
            panic!("these rows are columns");
        };
        let columns: Vec<_> = page
            .columns
            .iter()
            .map(|column| (column.name.as_str(), &column.values))
            .collect();
        let integers = [[1, 4], [2, 5], [3, 6]].map(|list| ColumnValues::Integers(list.to_vec()));
        assert_eq!(
            columns,
            [
                ("id", &integers[0]),
                ("id", &integers[1]),
                ("n", &integers[2])
            ]
        );
    }

    #[test]
    fn what_changed_may_be_told_at_the_end() {
        let result = CommandResult::rows(Rows::none());
        let told = result.affected.clone();
        assert_eq!(result.affected.get(), None);
        told.set(3);
        assert_eq!(result.affected.get(), Some(3));
    }
}
