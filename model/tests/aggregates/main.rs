//! Aggregates: their JSON, what a model makes of them, and what records amount to.

// Clippy doesn't count the helpers of integration tests as tests.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod checking;
mod documentation;
mod folding;
mod forms;
mod reference;
mod shapes;
