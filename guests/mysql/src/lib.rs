//! The connector `mysql`: records in MySQL 8 or MariaDB.
//!
//! A session is one connection. Statements are prepared, their values travel in binary, and rows are read from the
//! socket as they are asked for. What the two servers do differently is in `tenon-sql`'s dialect and in [`session`] and
//! [`catalogue`]; everything else is the same for both.
//!
//! The server is not trusted: each length is checked, nothing is made room for by a promise alone, it never gets a file,
//! and a password only as its user's entry there demands, never in the clear but over TLS.

mod catalogue;
mod codec;
mod connection;
mod driver;
mod error;
mod rows;
mod session;
mod settings;

pub use driver::MySqlDriver;
pub use settings::Settings;
pub use tenon_tls::TlsMode;

/// The connector.
pub type MySqlConnector = tenon_sql::Sql<MySqlDriver>;

tenon_sdk::export!(MySqlConnector: crud, upsert, transactions, native, schema, aggregates);
