//! Filters: each comparison by itself, nodes of every shape, and invented filters on invented records; and the same
//! filters with every function that takes one.

mod comparisons;
mod patterns;
mod rich;

pub use comparisons::CHECKS;
