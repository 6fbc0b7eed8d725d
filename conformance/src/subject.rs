//! The connector under test, and the sessions that are made of it.

use std::sync::{Mutex, PoisonError};

use tenon_runtime::direct::{DirectSource, Failure};
use tenon_runtime::{Capability, Manifest, Sharing};
use tokio::runtime::Handle;

use crate::finding::{Checked, Finding, Stop};
use crate::session::Session;

/// The connector under test.
pub struct Subject {
    source: DirectSource,
    tokio: Handle,
    /// What was noticed on the way, of what no check asks for by itself.
    noticed: Mutex<Vec<Finding>>,
}

impl Subject {
    pub fn new(source: DirectSource, tokio: Handle) -> Self {
        Self {
            source,
            tokio,
            noticed: Mutex::default(),
        }
    }

    pub fn manifest(&self) -> &Manifest {
        self.source.connector().manifest()
    }

    pub fn has(&self, capability: Capability) -> bool {
        self.source.connector().has(capability)
    }

    pub fn capabilities(&self) -> &[Capability] {
        self.source.connector().capabilities()
    }

    /// Whether there may be several sessions at once.
    pub fn is_pooled(&self) -> bool {
        self.source.sharing() == Sharing::Pooled
    }

    /// How many bytes a page should stay below.
    pub fn page_size(&self) -> u64 {
        self.source.page_size()
    }

    /// The component's digest.
    pub fn digest(&self) -> String {
        self.source.connector().digest().to_string()
    }

    /// A text without the data source's secrets.
    pub fn redact(&self, text: &str) -> String {
        self.source.redact(text)
    }

    /// A new instance, of which nothing was called yet. An exclusive connector's last one has to be gone.
    pub fn instance(&self) -> Checked<Session<'_>> {
        let instance = self.tokio.block_on(self.source.instance());
        let instance = instance.map_err(|error| {
            Stop::from(Finding::new("no instance can be made").differs("one", error))
        })?;
        Ok(Session::new(self, instance))
    }

    /// A new session: an instance, initialized and connected.
    pub fn open(&self) -> Checked<Session<'_>> {
        let mut session = self.instance()?;
        crate::finding::must("initialize", session.initialize())?;
        crate::finding::must("connect", session.connect())?;
        Ok(session)
    }

    pub(crate) fn tokio(&self) -> &Handle {
        &self.tokio
    }

    /// Looks at what holds for every error, whatever it is about.
    pub(crate) fn look_at(&self, function: &str, failure: &Failure) {
        let Failure::Failed(error) = failure else {
            return;
        };
        let texts = std::iter::once(&error.message)
            .chain(&error.code)
            .chain(error.details.iter().map(|(_, value)| value));
        for text in texts {
            if self.source.redact(text) != *text {
                // Not even here is the secret told.
                self.notice(Finding::new(format!(
                    "an error of `{function}` tells a secret of the settings: {}",
                    self.source.redact(text)
                )));
            }
        }
        if error.message.trim().is_empty() {
            self.notice(
                Finding::new(format!("an error of `{function}` says nothing"))
                    .differs("what failed and on what, for a person", "an empty message"),
            );
        }
        use tenon_model::contract::{Aftermath, Effect, ErrorKind};
        if error.kind == ErrorKind::Unsupported
            && (error.effect != Effect::Nothing || error.aftermath == Aftermath::SessionLost)
        {
            self.notice(
                Finding::new(format!(
                    "`{function}` is `unsupported`, and claims to have done something"
                ))
                .differs(
                    "the effect `nothing`, and a session that goes on",
                    format!("{:?}, {:?}", error.effect, error.aftermath),
                ),
            );
        }
    }

    /// Takes note of something wrong that is beside the point of the check that runs.
    pub(crate) fn notice(&self, finding: Finding) {
        let mut noticed = self.noticed.lock().unwrap_or_else(PoisonError::into_inner);
        if !noticed.contains(&finding) {
            noticed.push(finding);
        }
    }

    /// What was noticed since this was last asked.
    pub(crate) fn take_noticed(&self) -> Vec<Finding> {
        std::mem::take(&mut *self.noticed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
