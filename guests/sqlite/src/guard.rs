//! What a caller's own command may do: everything within the file, and nothing that leaves it or takes away what the
//! other functions rely on.
//!
//! SQLite asks while it prepares a statement, before anything is done, and again for what a statement prepares by
//! itself while it runs. The connector's own statements are not asked about.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use tenon_sdk::{Error, ErrorKind, Result};

use crate::error::OrFail;

/// Pragmas that only tell something, or change what lies within the file; the others set how it is kept.
const PRAGMAS: &[&str] = &[
    "analysis_limit",
    "application_id",
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_key_list",
    "freelist_count",
    "function_list",
    "incremental_vacuum",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "module_list",
    "optimize",
    "page_count",
    "pragma_list",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
    "wal_checkpoint",
];

/// Pragmas that may be read, and not set.
const READABLE: &[&str] = &[
    "auto_vacuum",
    "cache_size",
    "encoding",
    "foreign_keys",
    "journal_mode",
    "locking_mode",
    "page_size",
    "schema_version",
    "synchronous",
    "temp_store",
    "trusted_schema",
];

/// What is being done.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Phase {
    /// The connector's own work.
    Own = 0,
    /// A command is prepared.
    Preparing = 1,
    /// A command runs.
    Running = 2,
}

/// Watches over commands.
pub(crate) struct Guard {
    phase: Arc<AtomicU8>,
    reason: Arc<Mutex<Option<String>>>,
}

impl Guard {
    /// Has the connection ask.
    pub(crate) fn over(connection: &mut Connection) -> Result<Self> {
        let guard = Self {
            phase: Arc::default(),
            reason: Arc::default(),
        };
        let (phase, reason) = (Arc::clone(&guard.phase), Arc::clone(&guard.reason));
        let decide = move |asked: AuthContext<'_>| {
            let why = match (phase.load(Ordering::Relaxed), &asked.action) {
                (own, _) if own == Phase::Own as u8 => None,
                // VACUUM INTO attaches its file no sooner than that; all else is asked about before.
                (running, action) if running == Phase::Running as u8 => match action {
                    AuthAction::Attach { .. } => refusal(action),
                    _ => None,
                },
                (_, action) => refusal(action),
            };
            let Some(why) = why else {
                return Authorization::Allow;
            };
            if let Ok(mut reason) = reason.lock() {
                reason.get_or_insert(why);
            }
            Authorization::Deny
        };
        connection.authorizer(Some(decide)).or_fail()?;
        Ok(guard)
    }

    /// Prepares, or runs, what the caller wrote.
    pub(crate) fn watch<R>(&self, phase: Phase, work: impl FnOnce() -> Result<R>) -> Result<R> {
        self.phase.store(phase as u8, Ordering::Relaxed);
        let result = work();
        self.phase.store(Phase::Own as u8, Ordering::Relaxed);
        let reason = self.reason.lock().ok().and_then(|mut reason| reason.take());
        match (result, reason) {
            (Err(_), Some(reason)) => Err(Error::new(ErrorKind::Denied, reason)),
            (result, _) => result,
        }
    }
}

/// Why it is not to be done; none where it may be.
fn refusal(action: &AuthAction<'_>) -> Option<String> {
    match action {
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => Some(
            "a command can't begin or end a transaction: begin one with the data source's own `transaction`".to_owned(),
        ),
        // VACUUM does it by itself, without a name.
        AuthAction::Attach { filename: "" } => None,
        AuthAction::Attach { filename } => Some(format!(
            "`{filename}` can't be attached, or written by VACUUM INTO: a data source is one file"
        )),
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => {
            let name = pragma_name.to_ascii_lowercase();
            let name = name.as_str();
            if PRAGMAS.contains(&name) || (READABLE.contains(&name) && pragma_value.is_none()) {
                return None;
            }
            Some(format!(
                "the pragma `{name}` is the connector's to set: see its settings"
            ))
        }
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            Some("extensions can't be loaded".to_owned())
        }
        AuthAction::Unknown { code, .. } => {
            Some(format!("SQLite asks for something unknown to the connector, of the code {code}"))
        }
        _ => None,
    }
}
