//! The connector `postgres`: tables in PostgreSQL, from version 12.
//!
//! An instance is one session with the server, over the messages of the protocol: `postgres-protocol` has them, and here
//! is what is said with them. Statements are prepared once, values travel in binary where that is simple, and rows go from
//! the wire into columns. The server stops a statement a little before the runtime ends its call; when a session is
//! dropped, its socket is closed, by which the server knows.

mod array;
mod binding;
mod catalogue;
mod command;
mod connection;
mod cursor;
mod decode;
mod driver;
mod encode;
mod failure;
mod portal;
mod prepare;
mod settings;
mod startup;
mod statements;
mod time;
mod types;
mod wire;

pub use driver::PostgresDriver;
pub use settings::Settings;
pub use tenon_tls::TlsMode;

/// The connector.
pub type Postgres = tenon_sql::Sql<PostgresDriver>;

tenon_sdk::export!(Postgres: crud, upsert, transactions, native, schema, aggregates);
