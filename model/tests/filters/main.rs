//! Filters and queries: their JSON, what a model makes of them, and which records they match.

// Clippy doesn't count the helpers of integration tests as tests.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod checking;
mod documentation;
mod matching;
mod nodes;
mod ordering;
mod parsing;
mod queries;
mod reference;
mod relations;
mod strategies;
