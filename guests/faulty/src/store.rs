//! The folder: a file with all collections, and a small one with a number that every change moves on.
//!
//! A change makes a new file and renames it, so that whoever reads meets the old state or the new one. A read looks at
//! the number alone where nothing has changed.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tenon_sdk::{Effect, Error, Result};

use crate::collection::State;
use crate::fault::{Fault, Planted};
use crate::lock::{Holding, Lock};

/// A session's view of the folder.
pub(crate) struct Store {
    folder: PathBuf,
    owner: String,
    patience: Duration,
    planted: Planted,
    /// The number of the state that was read last; none before the first.
    generation: Option<u64>,
    state: State,
}

impl Store {
    pub(crate) fn open(
        folder: PathBuf,
        owner: String,
        patience: Duration,
        planted: Planted,
    ) -> Result<Self> {
        let mut store = Self {
            folder,
            owner,
            patience,
            planted,
            generation: None,
            state: State::default(),
        };
        if !fs::metadata(&store.folder)?.is_dir() {
            return Err(Error::invalid(format!(
                "`{}` is no folder",
                store.folder.display()
            )));
        }
        store.read()?;
        Ok(store)
    }

    /// The folder, and the session's name for others.
    pub(crate) fn place(&self) -> (PathBuf, String) {
        (self.folder.clone(), self.owner.clone())
    }

    /// Takes the folder's lock.
    pub(crate) fn lock(&self, holding: Holding) -> Result<Lock> {
        Lock::take(&self.folder, &self.owner, holding, self.patience)
    }

    /// The state as others have left it.
    pub(crate) fn current(&mut self) -> Result<&State> {
        let is_cached = self.planted.is(Fault::ReadsAreStale) && self.generation.is_some();
        if !is_cached {
            self.read()?;
        }
        Ok(&self.state)
    }

    /// The state as others have left it, whatever is switched on.
    pub(crate) fn latest(&mut self) -> Result<&State> {
        self.read()?;
        Ok(&self.state)
    }

    fn read(&mut self) -> Result<()> {
        let keeps_to_itself = self.planted.is(Fault::WritesStayInTheSession);
        if keeps_to_itself && self.generation.is_some() {
            return Ok(());
        }
        let generation = self.generation_there()?;
        if self.generation == Some(generation) {
            return Ok(());
        }
        match fs::read(self.folder.join("records")) {
            Ok(bytes) => self.state = State::parse(&bytes, &self.state)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.state = State::default();
            }
            Err(error) => return Err(error.into()),
        }
        self.generation = Some(generation);
        Ok(())
    }

    fn generation_there(&self) -> Result<u64> {
        match fs::read_to_string(self.folder.join("generation")) {
            Ok(text) => text
                .trim()
                .parse()
                .map_err(|_| Error::backend("the folder's file `generation` is damaged")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the state the folder's. The lock's holder alone may.
    pub(crate) fn save(&mut self, state: State, _: &Lock) -> Result<()> {
        if self.planted.is(Fault::WritesStayInTheSession) {
            self.state = state;
            return Ok(());
        }
        let generation = self.generation_there()? + 1;
        self.replace("records", &state.bytes()?)?;
        // From here on others may see it, and will once the number moves.
        self.replace("generation", generation.to_string().as_bytes())
            .map_err(|mut error| {
                error.effect = Effect::Unknown;
                error
            })?;
        self.state = state;
        self.generation = Some(generation);
        Ok(())
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let new = self.folder.join(format!("{name}.new"));
        fs::write(&new, bytes)?;
        fs::rename(&new, self.folder.join(name))?;
        Ok(())
    }
}
