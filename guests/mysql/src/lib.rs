//! The connector `mysql`.

mod connection;
mod error;
mod settings;

pub use settings::Settings;
