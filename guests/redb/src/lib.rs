//! The connector `redb`: records in one durable file, the embedded default.
//!
//! What a function confirmed is on the disk, and what a transaction did is there when it is committed, and not
//! before. A kill at any moment leaves the file as it was before or after that, and it opens again at once. One
//! session has the file, which the runtime's lease sees to: so transactions come one after the other, and each is
//! serializable.
//!
//! Collections follow their models: `define` makes one, builds and drops its indexes, and refuses only what records
//! stand against. So a plan for a model that is in use is empty; it is for looking before, and for another key. An
//! index over more records than a call has time for takes several calls, which say so until it is whole.

mod build;
mod catalogue;
mod change;
mod command;
mod counters;
mod crud;
mod cursor;
mod error;
mod record;
mod scan;
mod schema;
mod settings;
mod shape;
mod store;
mod tables;
mod transaction;
mod upsert;
mod view;
mod write;

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use tenon_sdk::{
    Connector, Error, Limits, Manifest, Model, Need, PropertyType, Result, TransactionOptions,
    Transactions, manifest,
};

use catalogue::SharedDefinition;
pub use settings::{CacheSize, Settings};
use store::Store;
use write::Writer;

/// The connector.
pub struct Redb {
    settings: Settings,
    cache_size: CacheSize,
    /// What long work may take of a call's time: the rest is for storing it.
    time: Option<Duration>,
    store: Option<Store>,
    models: HashMap<String, Attached>,
}

/// A model that the connector was told of.
struct Attached {
    model: Model,
    /// None where the file may have changed since: then it is defined again before its next use.
    defined: Option<SharedDefinition>,
}

impl Redb {
    fn store(&self) -> Result<&Store> {
        store(self.store.as_ref())
    }

    fn model(&mut self, model: &str) -> Result<SharedDefinition> {
        let Some(attached) = self.models.get_mut(model) else {
            return Err(is_not_defined(model));
        };
        if let Some(defined) = &attached.defined {
            return Ok(Rc::clone(defined));
        }
        let defined = catalogue::define(store(self.store.as_ref())?, &attached.model)?;
        Ok(Rc::clone(attached.defined.insert(Rc::new(defined))))
    }

    /// Has every model defined again before its next use.
    fn forget_definitions(&mut self) {
        for attached in self.models.values_mut() {
            attached.defined = None;
        }
    }

    /// Works on a model's records in one call.
    fn write<R>(
        &mut self,
        model: &str,
        change: impl FnOnce(&mut Writer) -> Result<R>,
    ) -> Result<R> {
        let defined = self.model(model)?;
        self.store()?
            .write(|work| Writer::with(work, &defined, change))
    }
}

fn store(store: Option<&Store>) -> Result<&Store> {
    store.ok_or_else(|| Error::invalid("the file is not open: call `connect` first"))
}

fn is_not_defined(model: &str) -> Error {
    Error::invalid(format!("the model `{model}` is not defined"))
}

impl Connector for Redb {
    type Settings = Settings;

    fn manifest() -> Manifest {
        manifest!("redb")
            .exclusive()
            .interleaving()
            .generated_key(PropertyType::Integer)
            .keeps_undeclared()
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        Ok(vec![settings.need()?])
    }

    fn initialize(settings: Settings, limits: &Limits) -> Result<Self> {
        settings.folder()?;
        Ok(Self {
            cache_size: settings.cache_size(limits),
            time: limits.call_timeout.map(|timeout| timeout / 2),
            settings,
            store: None,
            models: HashMap::new(),
        })
    }

    fn connect(&mut self) -> Result<()> {
        let store = Store::open(&self.settings, self.cache_size, self.time)?;
        self.store = Some(store);
        // Another session may have changed the file since.
        self.forget_definitions();
        Ok(())
    }

    fn define(&mut self, model: Model) -> Result<()> {
        let collection = catalogue::collection(&model);
        let owner = self.models.iter().find(|(name, attached)| {
            **name != model.name && catalogue::collection(&attached.model) == collection
        });
        if let Some((owner, _)) = owner {
            return Err(Error::invalid(format!(
                "the collection `{collection}` of the model `{}` belongs to the model `{owner}` already",
                model.name
            )));
        }
        let defined = catalogue::define(self.store()?, &model);
        if let (Err(_), Some(attached)) = (&defined, self.models.get_mut(&model.name)) {
            // An index may be begun that what was defined before knows nothing of.
            attached.defined = None;
        }
        let defined = Some(Rc::new(defined?));
        self.models
            .insert(model.name.clone(), Attached { model, defined });
        Ok(())
    }

    fn ping(&mut self) -> Result<()> {
        self.store()?.read().map(|_| ())
    }

    fn reset(&mut self) -> Result<()> {
        if self.store()?.is_in_transaction() {
            return self.rollback();
        }
        Ok(())
    }

    fn disconnect(&mut self) -> Result<()> {
        let ended = self.store.as_ref().map_or(Ok(()), Store::end);
        self.store = None;
        ended
    }

    fn dispose(self) {
        if let Some(store) = &self.store {
            // An error leaves nothing more to do: what isn't committed isn't in the file.
            let _ = store.end();
        }
    }
}

impl Transactions for Redb {
    fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        // Nobody else has the file, so every level is the strictest.
        self.store()?.begin(options.read_only)
    }

    fn commit(&mut self) -> Result<()> {
        self.store()?.commit()
    }

    fn rollback(&mut self) -> Result<()> {
        if self.store()?.rollback()? {
            self.forget_definitions();
        }
        Ok(())
    }
}

tenon_sdk::export!(Redb: crud, upsert, transactions, schema);
