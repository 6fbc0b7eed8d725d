//! What a driver's tests are made of.
//!
//! ```ignore
//! let mut connector = connected_to_my_server();
//! make_table_for(&mut connector, tenon_sql::testing::model());
//! proptest!(|(case in tenon_sql::testing::case(Bounds::default()))| {
//!     connector.destroy_all("Thing", Vec::new())?;
//!     tenon_sql::testing::is_exact(&mut connector, &case);
//! });
//! ```

mod exact;
mod groups;

pub use exact::{Bounds, Case, Tally, answers, case, is_exact, model};
pub use groups::{GroupCase, figures, group_case, groups_are_exact};
