//! Finding or writing a record: in one step of the backend's where it has one, else so that no two callers
//! create the same.
//!
//! By key the backend decides: of two that create the same key one is told `duplicate`, finds and writes; that
//! holds across programs and needs no lock. By filter the callers take turns under a lease on the model, which
//! binds the programs that share this configuration's folder. Inside a transaction its isolation takes the
//! lease's place: whoever holds a session waits for nobody.

mod by_filter;
mod by_key;

use std::sync::Arc;

use tenon_model::contract::Effect;
use tenon_model::{Entity, Generation, Key, Problem};

use super::{Dao, traced, unsupported};
use crate::capability::Capability;
use crate::error::{Error, ErrorKind, Result};
use crate::session::{FindOrWrite, Upsert};

/// What holds for the operations that find or write a record, where several callers do it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindsOrWrites {
    /// The backend does it in one step, and tells where it can't.
    Backend,
    /// By key the backend's own refusal of a second record decides; by filter the callers take turns, in all
    /// programs that share the configuration's folder.
    Runtime,
}

impl FindsOrWrites {
    /// Its name, for a program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Runtime => "runtime",
        }
    }

    /// What it means, for a person.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Backend => "in one step of the backend's, wherever it has one",
            Self::Runtime => {
                "by key as the backend refuses duplicates; by filter in turns, among programs that share \
                 this folder"
            }
        }
    }
}

/// What became of a record that was found or written.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The whole record, as it is now.
    pub record: Entity,
    /// Whether it is new.
    pub created: bool,
}

impl Outcome {
    fn found(record: Entity) -> Self {
        Self {
            record,
            created: false,
        }
    }

    fn created(record: Entity) -> Self {
        Self {
            record,
            created: true,
        }
    }
}

impl Dao {
    /// Has the backend do it in one step; none where it can't, and has done nothing.
    async fn natively(&self, what: FindOrWrite) -> Result<Option<Outcome>> {
        if !self.target.source.connector().has(Capability::Upsert) {
            return Ok(None);
        }
        // A backend counts no versions, and one that is told of a key knows neither the default scope nor what a
        // replacement leaves as it is.
        let is_told_enough = match &what {
            FindOrWrite::FindOrCreate { .. } => true,
            FindOrWrite::UpsertWhere { .. } => self.version().is_none(),
            FindOrWrite::UpdateOrCreate { .. } | FindOrWrite::ReplaceOrCreate { .. } => {
                !self.target.has_scope() && !self.keeps_some()
            }
        };
        if !is_told_enough {
            return Ok(None);
        }
        let upsert = Upsert {
            definition: Arc::clone(&self.target.definition),
            what,
        };
        match self.target.call(upsert).await {
            Ok((record, created)) => {
                let record = self.target.shape.record(record);
                let record = record.map_err(|error| error.effect_is(Effect::Unknown))?;
                let record = self.target.shown(record);
                Ok(Some(Outcome { record, created }))
            }
            Err(error) if unsupported(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn created(&self, data: Entity) -> Result<Outcome> {
        let record = self.new_record(data)?;
        self.create_checked(record).await.map(Outcome::created)
    }

    /// Whether a new record of these data is no more than these data: the backend can be asked to create it, and
    /// knows nothing of defaults.
    fn creates_as_given(&self, data: &Entity) -> bool {
        self.target.model.properties.iter().all(|property| {
            let given = data.get(&property.name).is_some();
            let generated = property.generated != Generation::Never;
            let makes_key = property.key.is_none() || self.target.source.generates_keys();
            given
                || (property.default.is_none() && ((generated && makes_key) || !property.required))
        })
    }

    fn names_key(&self, data: &Entity) -> bool {
        let key = self.target.key_names();
        key.iter().any(|name| data.get(name).is_some())
    }

    fn without_key(&self, mut data: Entity) -> Entity {
        for name in self.target.key_names() {
            data.remove(&name);
        }
        data
    }

    fn key_in(&self, record: &Entity) -> Result<Key> {
        self.target.model.key_of(record).ok_or_else(|| {
            Error::new(
                ErrorKind::Backend,
                "the connector returned a record without its key",
            )
        })
    }

    /// A key in the data has to be the one of the record that was found: a key never changes.
    fn same_key(&self, key: &Key, data: &Entity) -> Result<()> {
        for (property, value) in self
            .target
            .model
            .key_properties()
            .into_iter()
            .zip(key.values())
        {
            if let Some(given) = data.get(&property.name)
                && tenon_model::coerce(given.clone(), property.kind).as_ref() != Ok(value)
            {
                let reason = "a part of the key never changes, and the record that matches has another: leave it out";
                return Err(self.invalid_data(Problem::new(&property.name, reason).into()));
            }
        }
        Ok(())
    }
}
