//! Private servers for tests, the demo and benchmarks: PostgreSQL and MariaDB, started from the installed
//! programs on a free port of the loopback, with their data in a temporary folder; and a proxy that makes the
//! network between them bad.
//!
//! No server that runs already is touched, and nothing stays behind: a dropped server is stopped and its folder
//! removed, and a watcher does the same for what a process leaves when it ends, however it ends ([`nursery`]).
//! A program that isn't installed is [`Error::Missing`]; tests ask for servers by [`for_test`], which makes a
//! loud skip of it, or a failure where [`REQUIRE`] is set.
//!
//! ```no_run
//! use tenon_harness::{Postgres, PostgresOptions, for_test};
//!
//! let Some(server) = for_test(Postgres::start(PostgresOptions::default()))? else {
//!     return Ok(());
//! };
//! server.sql("create table t (id bigint primary key)")?;
//! println!("{}:{} as {}", server.host(), server.port(), server.user());
//! server.stop()?;
//! server.restart()?;
//! # Ok::<(), tenon_harness::Error>(())
//! ```
//!
//! [`Clang`] finds what compiles the C in guests, which the same things need.

mod certificates;
mod clang;
mod error;
mod mariadb;
mod nursery;
mod port;
mod postgres;
mod process;
mod programs;
mod proxy;
mod skip;

pub use certificates::{Authority, Identity};
pub use clang::Clang;
pub use error::{Error, Result};
pub use mariadb::{MariaDb, MariaDbOptions};
pub use postgres::{Authentication, Postgres, PostgresOptions};
pub use proxy::Proxy;
pub use skip::{REQUIRE, for_test};

/// Whether a server has TLS. The certificate is for `localhost` and `127.0.0.1`, from an authority of its own.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tls {
    /// It has none.
    #[default]
    Off,
    /// For clients that want it.
    Offered,
    /// Without it, the test user is refused.
    Required,
    /// The test user needs a certificate from the server's authority too.
    ClientCertificate,
}
