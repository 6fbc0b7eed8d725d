//! SQLite's SQL, from version 3.39.

mod rebuild;
mod schema;

use crate::Dialect;

/// SQLite, from version 3.39, with the functions that the connector adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }
}
