//! Pages of a native command's rows: no model says what their columns are, and a name may come twice.
//!
//! They are checked as records are. A row has a value for each column that its result has had so far; what it
//! doesn't have is null there.

use std::collections::HashMap;

use super::incoming::{check_empty, check_lengths, into_entity, sound};
use super::{flag, take};
use crate::contract::{ColumnPage, Entity, Page, Value};
use crate::problem::shown;

/// How many columns a result may have in all: each row has a value for each of them.
const MOST_COLUMNS: usize = 4_096;

/// How many nulls a page's rows may be filled up with, since nothing in the page has taken memory for them.
const MOST_FILLED: usize = 1 << 20;

/// A column of rows that come in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowColumn {
    /// Its name; another may have the same one.
    pub name: String,
    /// The backend's own type, where the connector tells.
    pub native_type: Option<String>,
}

/// The columns that a native command's rows have had so far.
#[derive(Clone, Debug, Default)]
pub struct RowColumns {
    columns: Vec<RowColumn>,
    by_name: HashMap<String, Vec<usize>>,
}

impl RowColumns {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The columns, in the order that a row's values have.
    pub fn as_slice(&self) -> &[RowColumn] {
        &self.columns
    }

    /// A page's rows, once everything in it has turned out to be as the contract says. Columns that earlier
    /// pages didn't have come after those that they had.
    ///
    /// # Errors
    /// A sentence that names the column and row, and what is wrong there.
    pub fn rows(&mut self, page: Page) -> Result<Vec<Vec<Value>>, String> {
        match page {
            Page::Records(records) => self.rows_of_records(records),
            Page::Columns(page) => self.rows_of_columns(page),
        }
    }

    fn rows_of_records(&mut self, records: Vec<Entity>) -> Result<Vec<Vec<Value>>, String> {
        let mut cells = 0;
        let mut placed = Vec::with_capacity(records.len());
        for (row, record) in records.into_iter().enumerate() {
            let record = into_entity(record).map_err(|reason| format!("row {row}: {reason}"))?;
            let names = record.iter().map(|(name, _)| name);
            let places = self.places(names)?;
            cells += places.len();
            placed.push((places, record));
        }
        self.check_filled(placed.len(), cells)?;
        let row = |(places, record): (Vec<usize>, crate::Entity)| {
            self.row(
                places
                    .into_iter()
                    .zip(record.into_iter().map(|(_, value)| value)),
            )
        };
        Ok(placed.into_iter().map(row).collect())
    }

    fn rows_of_columns(&mut self, page: ColumnPage) -> Result<Vec<Vec<Value>>, String> {
        check_empty(&page)?;
        let ColumnPage { rows, mut columns } = page;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        for column in &columns {
            check_lengths(column, rows)
                .map_err(|reason| format!("the column {}: {reason}", shown(&column.name)))?;
        }
        let places = self.places(columns.iter().map(|column| column.name.as_str()))?;
        for (place, column) in places.iter().zip(&columns) {
            if let Some(known) = self.columns.get_mut(*place)
                && known.native_type.is_none()
            {
                known.native_type.clone_from(&column.native_type);
            }
        }
        self.check_filled(rows, rows.saturating_mul(columns.len()))?;
        (0..rows)
            .map(|row| {
                let mut values = Vec::with_capacity(columns.len());
                for column in &mut columns {
                    values.push(if flag(&column.absent, row) || flag(&column.nulls, row) {
                        Value::Null
                    } else {
                        let kind = column.native_type.as_deref().unwrap_or_default();
                        sound(take(&mut column.values, row, kind)).map_err(|reason| {
                            format!("the column {}, row {row}: {reason}", shown(&column.name))
                        })?
                    });
                }
                Ok(self.row(places.iter().copied().zip(values)))
            })
            .collect()
    }

    /// A row of these values in their places.
    fn row(&self, values: impl Iterator<Item = (usize, Value)>) -> Vec<Value> {
        let mut row = vec![Value::Null; self.columns.len()];
        for (place, value) in values {
            if let Some(slot) = row.get_mut(place) {
                *slot = value;
            }
        }
        row
    }

    /// Where these names' values go: the second of a name into the second column of that name. Those that have
    /// no column yet get one.
    fn places<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Result<Vec<usize>, String> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        names
            .map(|name| {
                let seen = seen.entry(name).or_default();
                let places = self.by_name.get(name);
                let place = match places.and_then(|places| places.get(*seen)) {
                    Some(place) => *place,
                    None => self.add(name)?,
                };
                *seen += 1;
                Ok(place)
            })
            .collect()
    }

    fn add(&mut self, name: &str) -> Result<usize, String> {
        let place = self.columns.len();
        if place >= MOST_COLUMNS {
            return Err(format!("its rows have more than {MOST_COLUMNS} columns"));
        }
        self.columns.push(RowColumn {
            name: name.to_owned(),
            native_type: None,
        });
        self.by_name.entry(name.to_owned()).or_default().push(place);
        Ok(place)
    }

    fn check_filled(&self, rows: usize, cells: usize) -> Result<(), String> {
        let filled = rows
            .saturating_mul(self.columns.len())
            .saturating_sub(cells);
        if filled > MOST_FILLED {
            return Err(format!(
                "its rows differ so much that {filled} values would be made up for them, and {MOST_FILLED} may be"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Column, ColumnValues};

    fn column(name: &str, integers: &[i64]) -> Column {
        Column {
            name: name.to_owned(),
            native_type: Some("int8".to_owned()),
            values: ColumnValues::Integers(integers.to_vec()),
            nulls: Vec::new(),
            absent: Vec::new(),
        }
    }

    fn page(rows: u32, columns: Vec<Column>) -> Page {
        Page::Columns(ColumnPage { rows, columns })
    }

    fn names(columns: &RowColumns) -> Vec<&str> {
        let columns = columns.as_slice().iter();
        columns.map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn values_stay_under_their_columns_whatever_order_a_page_has() {
        let mut columns = RowColumns::new();
        let first = page(1, vec![column("id", &[1]), column("id", &[2])]);
        let one = [1, 2].map(Value::Integer);
        assert_eq!(columns.rows(first).unwrap(), [one]);
        assert_eq!(
            columns.as_slice().first().unwrap().native_type.as_deref(),
            Some("int8")
        );
        let second = page(
            1,
            vec![column("n", &[3]), column("id", &[4]), column("id", &[5])],
        );
        let two = [4, 5, 3].map(Value::Integer);
        assert_eq!(columns.rows(second).unwrap(), [two]);
        let records = Page::Records(vec![vec![("n".to_owned(), Value::Integer(6))]]);
        let three = [Value::Null, Value::Null, Value::Integer(6)];
        assert_eq!(columns.rows(records).unwrap(), [three]);
        assert_eq!(names(&columns), ["id", "id", "n"]);
    }

    #[test]
    fn a_page_is_checked_as_records_are() {
        let mut columns = RowColumns::new();
        let short = page(2, vec![column("id", &[1])]);
        assert!(columns.rows(short).unwrap_err().contains("1 values for 2"));
        let twice = vec![("a".to_owned(), Value::Null); 2];
        let records = Page::Records(vec![twice]);
        assert!(columns.rows(records).unwrap_err().contains("comes twice"));
        assert!(columns.rows(page(u32::MAX, Vec::new())).is_err());
    }

    #[test]
    fn a_page_makes_no_more_memory_than_it_has_taken() {
        let mut columns = RowColumns::new();
        let wide = |count: usize| {
            let columns = (0..count).map(|n| column(&n.to_string(), &[1]));
            page(1, columns.collect())
        };
        columns.rows(wide(MOST_COLUMNS)).unwrap();
        let rows = MOST_FILLED / MOST_COLUMNS + 2;
        let long = page(
            u32::try_from(rows).unwrap(),
            vec![column("0", &vec![1; rows])],
        );
        assert!(columns.rows(long).unwrap_err().contains("made up"));
        assert!(columns.rows(page(1_000, Vec::new())).is_err());
        let wider = RowColumns::new().rows(wide(MOST_COLUMNS + 1));
        assert!(wider.unwrap_err().contains("columns"));
    }
}
