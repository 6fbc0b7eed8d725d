//! The parts of the program `tenon`: its arguments, records in and out, models guessed from them, and reports.

pub mod args;
pub mod commands;
pub mod exit;
pub mod files;
pub mod guess;
pub mod input;
pub mod output;
pub mod progress;
pub mod report;
pub mod text;
