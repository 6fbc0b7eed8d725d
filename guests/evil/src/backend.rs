//! A backend that a test plays, with files in a granted folder: `connect` with the text `3 unavailable` has the next
//! three connections fail. All that is asked of it stands in `log`, a line each, for all sessions.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use tenon_sdk::{Aftermath, Effect, Error, ErrorKind, Result};

/// The folder, where there is one.
#[derive(Clone, Debug, Default)]
pub struct Backend(Option<PathBuf>);

impl Backend {
    /// The backend in that folder; without one everything works.
    pub fn new(folder: Option<&str>) -> Self {
        Self(folder.map(PathBuf::from))
    }

    /// Whether a test plays it.
    #[allow(dead_code)]
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Is asked to do something, and fails as often as it is told to.
    pub fn ask(&self, function: &str) -> Result<()> {
        let Some(folder) = &self.0 else {
            return Ok(());
        };
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("log"))?;
        log.write_all(format!("{function}\n").as_bytes())?;
        let file = folder.join(function);
        let Ok(told) = fs::read_to_string(&file) else {
            return Ok(());
        };
        let Some((times, deed)) = told.trim().split_once(' ') else {
            return Ok(());
        };
        match times.parse::<u64>() {
            // A test may tell it something else at the same time: nothing is counted then.
            Err(_) if times == "always" => failure(deed),
            Ok(0) | Err(_) => Ok(()),
            Ok(times) => {
                fs::write(&file, format!("{} {deed}", times - 1))?;
                failure(deed)
            }
        }
    }
}

/// Fails, or takes its time.
fn failure(deed: &str) -> Result<()> {
    let mut error = Error::new(
        match deed {
            "hang" => {
                std::thread::sleep(std::time::Duration::from_secs(3600));
                return Ok(());
            }
            "trap" => std::process::abort(),
            "denied" => ErrorKind::Denied,
            "exhausted" => ErrorKind::Exhausted,
            "conflict" => ErrorKind::Conflict,
            "invalid" => ErrorKind::Invalid,
            _ => ErrorKind::Unavailable,
        },
        format!("the backend is {deed}"),
    );
    match deed {
        "lost" => error.aftermath = Aftermath::SessionLost,
        "unknown" => {
            error.aftermath = Aftermath::SessionLost;
            error.effect = Effect::Unknown;
        }
        _ => {}
    }
    Err(error)
}
