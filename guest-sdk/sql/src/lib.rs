//! Relational connectors for Tenon.
//!
//! A connector for a relational database is a [`Driver`], which knows the wire or the file, and a [`Dialect`], which
//! knows what differs in the SQL. [`Sql`] makes a whole connector of them, with every capability that a database has:
//!
//! ```ignore
//! tenon_sdk::export!(tenon_sql::Sql<MyDriver>: crud, upsert, transactions, native, schema, aggregates);
//! ```
//!
//! Two rules hold for every statement that is made here. What a caller gives is a parameter, and never becomes part of
//! the text; names are quoted by the dialect, whatever is in them. And what a filter, order or page means is written in
//! `docs/filters.md`: a part that the backend can't do exactly so is left out, and the answer says that it was.

mod aggregates;
mod connector;
mod crud;
mod description;
pub mod dialect;
pub mod dialects;
mod driver;
mod fidelity;
mod filter;
mod fit;
mod insert;
mod name;
mod near;
mod rows;
pub mod schema;
mod select;
mod statement;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod upsert;
mod write;
mod writer;

pub use connector::Sql;
pub use description::{
    DescribedColumn, DescribedIndex, DescribedReference, Description, TableKind,
};
pub use dialect::{Coordinate, Dialect, Extreme, Summing, Writing};
pub use driver::{Driver, Executed};
pub use fidelity::{Equality, Fidelity, Part};
pub use fit::Fit;
pub use name::TableName;
pub use near::Area;
pub use schema::{Around, Definition, SchemaDialect};
pub use select::Selection;
pub use statement::{Parameter, ResultColumn, Statement};
pub use table::{Column, Table};
pub use writer::{Mark, Writer};
