//! Relational connectors for Tenon.
//!
//! A connector for a relational database is a [`Driver`], which knows the wire or the file, and a [`Dialect`], which
//! knows what differs in the SQL. [`Sql`] makes a whole connector of them, with every capability that a database has:
//!
//! ```
//! use tenon_model::{Comparison, Filter, Model, Property, PropertyType, Query};
//! use tenon_sql::dialects::{MySql, MySqlFlavour, Postgres};
//! use tenon_sql::{Dialect, SchemaDialect, Selection, Table, TableName};
//!
//! fn statement(dialect: &(impl Dialect + SchemaDialect)) -> tenon_sdk::Result<String> {
//!     let model = Model::new("Order").property(Property::new("total", PropertyType::Decimal)).to_contract();
//!     let name = TableName::parse("shop.orders")?;
//!     // What the catalogue says of the table would stand where there is none here.
//!     let table = Table::new(&model, name, None, dialect)?;
//!     let query = Query::filter(Filter::compare("total", Comparison::Equal, "1.50")).limit(10);
//!     let query = query.check(&tenon_model::Model::from_contract(model)?)?;
//!     let selection = Selection::new(&table, dialect, &query.to_contract())?;
//!     Ok(selection.statement.text)
//! }
//!
//! assert_eq!(
//!     statement(&Postgres)?,
//!     r#"SELECT "total" FROM "shop"."orders" WHERE "total" = $1::numeric LIMIT $2::int8"#
//! );
//! assert_eq!(
//!     statement(&MySql { flavour: MySqlFlavour::MariaDb })?,
//!     "SELECT `total` FROM `shop`.`orders` WHERE `total` = CAST(? AS DECIMAL(65,1)) LIMIT ?"
//! );
//! # Ok::<(), tenon_sdk::Error>(())
//! ```
//!
//! A guest is then its settings, a driver, and one line: `tenon_sdk::export!(tenon_sql::Sql<MyDriver>: crud, upsert,
//! transactions, native, schema, aggregates);`. `docs/sql.md` says what is pushed down, and how to write a dialect.
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
pub use dialect::{Coordinate, Dialect, Extreme, Guard, Reach, Summing, Writing};
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
