//! The conformance kit: does a connector do what Tenon's contract asks of it?
//!
//! It takes any component, with the settings and grants of a data source, looks at what the component exports, and
//! runs the checks of each capability against it: with ordinary and with odd data, and against a reference on invented
//! models, records and filters. What fails is made as small as it can be, and told with how to run it again. The
//! program runs it as `tenon check`; a connector's own tests run it like this:
//!
//! ```no_run
//! use tenon_conformance::Kit;
//! use tenon_runtime::config::SourceConfig;
//! use tenon_runtime::{ConnectorReference, DataSourceName};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let component = ConnectorReference::Path("target/wasm32-wasip2/release/my_connector.wasm".into());
//! let source = SourceConfig::new(DataSourceName::new("test")?, component).setting("path", "/data");
//! let report = Kit::new(source).seed(1).run().await?;
//! assert!(report.passed(), "{report}");
//! # Ok(())
//! # }
//! ```
//!
//! The kit makes collections of its own, with names of its own, and removes them.

mod ask;
mod bench;
mod expect;
mod facts;
mod finding;
mod generate;
mod kit;
mod list;
mod property;
mod reduce;
mod reference;
pub mod report;
mod run;
mod sequence;
mod session;
mod show;
mod subject;
mod suites;
mod twin;

pub use kit::{Kit, Progress};
pub use list::{Listed, check_names, checks};
pub use report::Report;
