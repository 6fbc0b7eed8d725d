//! Filters: each comparison by itself, nodes of every shape, and invented filters on invented records; and the same
//! filters with every function that takes one.

pub mod comparisons;
pub mod extension;
pub mod invented;
pub mod many;
pub mod nodes;
mod patterns;
pub mod rich;
pub mod writes;
