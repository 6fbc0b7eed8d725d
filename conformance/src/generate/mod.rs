//! Invented data: values that meet often, and odd ones; models, records, filters and queries made of them.
//!
//! The first alternative of each strategy is the simplest: what fails is made smaller towards it.

pub mod filters;
pub mod models;
pub mod queries;
pub mod records;
pub mod values;
pub mod wild;
