//! What it does when it is told to, here and now or at a later call: `on commit: trap`.

use std::collections::BTreeMap;
use std::time::Duration;

use tenon_sdk::{Aftermath, Effect, Error, ErrorKind, Result};

/// What a session has been told, and what there is to see of it.
#[derive(Default)]
pub struct Mischief {
    /// By the function's name, what it does the next time.
    armed: BTreeMap<String, String>,
    /// What a command has left behind, until a reset.
    pub variable: Option<String>,
    pub resets: i64,
    pub in_transaction: bool,
    pub transactions: i64,
    pub plans: i64,
    pub applied: bool,
}

impl Mischief {
    /// Takes note of what to do at a later call. Tells whether the text says such a thing.
    pub fn arm(&mut self, text: &str) -> bool {
        let Some((function, deed)) = text
            .strip_prefix("on ")
            .and_then(|text| text.split_once(": "))
        else {
            return false;
        };
        self.armed.insert(function.to_owned(), deed.to_owned());
        true
    }

    /// Does what it was told to do at this function, once.
    pub fn strike(&mut self, function: &str) -> Result<()> {
        match self.armed.remove(function) {
            Some(deed) => commit(&deed),
            None => Ok(()),
        }
    }
}

/// Does it.
pub fn commit(deed: &str) -> Result<()> {
    let failed = |message: &str| Error::new(ErrorKind::Conflict, message);
    Err(match deed {
        "trap" => std::process::abort(),
        "loop" => loop {
            std::hint::black_box(());
        },
        "sleep" => {
            std::thread::sleep(Duration::from_millis(100));
            return Ok(());
        }
        "sleep long" => {
            std::thread::sleep(Duration::from_secs(3600));
            return Ok(());
        }
        "fail" => failed("it failed, and has done nothing"),
        "fail unknown" => {
            let mut error = failed("its answer was lost");
            error.effect = Effect::Unknown;
            error
        }
        "lose transaction" => {
            let mut error = failed("the transaction is gone");
            error.aftermath = Aftermath::TransactionLost;
            error
        }
        "lose session" => {
            let mut error = Error::unavailable("the connection is gone");
            error.aftermath = Aftermath::SessionLost;
            error
        }
        _ => return Ok(()),
    })
}
