//! Testing a connector natively, without WebAssembly (feature `testing`).
//!
//! [`Reference`] is a connector of a few lines that keeps records in a list and does everything by looking at
//! all of them. [`scenario`] invents a model and what is done with it, and [`agrees`] does it with a connector
//! and with the reference, and panics where they differ: what a connector does by its indexes must be what
//! the reference does by looking. [`changes_under_a_cursor`] does the same for an open result. The other
//! capabilities have theirs: [`upserts_agree`], [`transactions_agree`], [`transactions_under_a_cursor`] and
//! [`plans_and_discovers`]. [`settings_are_documented`] keeps a connector's page in the documents true.

mod check;
mod documentation;
mod reference;
mod scenario;
mod schema;
mod transactions;
mod upserts;
mod watch;

pub use check::{agrees, changes_under_a_cursor, read_all};
pub use documentation::settings_are_documented;
pub use reference::Reference;
pub use scenario::{Scenario, Step, leave_out_nul, scenario, strict_scenario};
pub use schema::plans_and_discovers;
pub use transactions::{
    TransactionStep, strict_transaction_scenario, transaction_scenario, transactions_agree,
    transactions_under_a_cursor,
};
pub use upserts::{UpsertStep, strict_upsert_scenario, upsert_scenario, upserts_agree};
