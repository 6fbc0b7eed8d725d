//! The dialects that come with Tenon.

mod mysql;
mod postgres;
pub mod sqlite;

pub use mysql::{MySql, MySqlFlavour};
pub use postgres::Postgres;
pub use sqlite::Sqlite;
