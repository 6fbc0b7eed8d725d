//! Values and records: what they mean, how they travel, and what a model makes of them.

// Clippy doesn't count the helpers of integration tests as tests.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod coercion;
mod decimals;
mod definitions;
mod forms;
mod keys;
mod order;
mod pages;
mod records;
mod relations;
mod sorting;
mod strategies;
mod times;
