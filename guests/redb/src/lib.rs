//! The connector `redb`: records in one durable file, the embedded default.
//!
//! What a function confirmed is on the disk. A kill at any moment leaves the file as it was before or after the
//! call, and it opens again at once. One session has the file; the runtime's lease sees to that.

mod catalogue;
mod cursor;
mod error;
mod record;
mod scan;
mod settings;
mod snapshot;
mod store;
mod tables;
mod write;

use std::collections::HashMap;
use std::rc::Rc;

use redb::ReadableTableMetadata;
use tenon_sdk::plan::Plan;
use tenon_sdk::{
    Answer, Connector, Crud, Entity, Error, Evaluation, Filter, Key, Limits, Manifest, Model, Need,
    PropertyType, Query, Result, manifest,
};

use catalogue::SharedDefinition;
use cursor::Selection;
use error::OrFail;
use record::Wanted;
use scan::Scan;
pub use settings::{CacheSize, Settings};
use store::Store;
use write::Writer;

/// The connector.
pub struct Redb {
    settings: Settings,
    cache_size: CacheSize,
    store: Option<Store>,
    models: HashMap<String, (Model, SharedDefinition)>,
}

impl Redb {
    fn store(&self) -> Result<&Store> {
        self.store
            .as_ref()
            .ok_or_else(|| Error::invalid("the file is not open: call `connect` first"))
    }

    fn model(&self, model: &str) -> Result<&SharedDefinition> {
        match self.models.get(model) {
            Some((_, defined)) => Ok(defined),
            None => Err(Error::invalid(format!(
                "the model `{model}` is not defined"
            ))),
        }
    }

    /// Works on a model's records in one transaction.
    fn write<R>(&self, model: &str, work: impl FnOnce(&mut Writer) -> Result<R>) -> Result<R> {
        let defined = self.model(model)?;
        self.store()?.write(|transaction| {
            let mut writer = Writer::open(transaction, defined)?;
            let result = work(&mut writer)?;
            writer.finish()?;
            Ok(result)
        })
    }

    /// Shows the key of every match to `work`.
    fn each_match(
        &self,
        model: &str,
        filter: Filter,
        mut work: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let defined = self.model(model)?;
        let selection = Selection::new(Evaluation::whole_filter(filter)?, defined);
        let plan = Plan::new(&defined.layout, selection.evaluation.query());
        let mut scan = Scan::new(self.store()?.read()?.as_ref(), defined, plan)?;
        let mut look = |key: &[u8], bytes: &[u8]| {
            if selection.matches(bytes)? {
                work(key)
            } else {
                Ok(())
            }
        };
        while scan.next(&mut look)?.is_some() {}
        Ok(())
    }

    fn len(&self, model: &str) -> Result<u64> {
        let snapshot = self.store()?.read()?;
        snapshot.records(self.model(model)?)?.len().or_fail()
    }
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
            settings,
            store: None,
            models: HashMap::new(),
        })
    }

    fn connect(&mut self) -> Result<()> {
        let store = Store::open(&self.settings, self.cache_size)?;
        // Another session may have changed the file since: what is defined is defined again.
        for (model, defined) in self.models.values_mut() {
            *defined = Rc::new(catalogue::define(&store, model)?);
        }
        self.store = Some(store);
        Ok(())
    }

    fn define(&mut self, model: Model) -> Result<()> {
        let collection = catalogue::collection(&model);
        let owner = self
            .models
            .iter()
            .find(|(name, (_, defined))| **name != model.name && defined.collection == collection);
        if let Some((owner, _)) = owner {
            return Err(Error::invalid(format!(
                "the collection `{collection}` of the model `{}` belongs to the model `{owner}` already",
                model.name
            )));
        }
        let defined = catalogue::define(self.store()?, &model)?;
        self.models
            .insert(model.name.clone(), (model, Rc::new(defined)));
        Ok(())
    }

    fn ping(&mut self) -> Result<()> {
        self.store()?.read().map(|_| ())
    }

    fn disconnect(&mut self) -> Result<()> {
        self.store = None;
        Ok(())
    }
}

impl Crud for Redb {
    fn all(&mut self, model: &str, query: Query) -> Result<Answer> {
        cursor::open(self.store()?.read()?.as_ref(), self.model(model)?, query)
    }

    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.write(model, |writer| writer.create(data))
    }

    fn create_all(&mut self, model: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        self.write(model, |writer| {
            let created = data.into_iter().enumerate();
            created
                .map(|(index, data)| {
                    writer
                        .create(data)
                        .map_err(|error| error.detail("index", index))
                })
                .collect()
        })
    }

    fn save(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.write(model, |writer| writer.save(&data))?;
        Ok(Entity::new())
    }

    fn exists(&mut self, model: &str, id: Key) -> Result<bool> {
        let defined = self.model(model)?;
        let key = write::key_bytes(defined, &id)?;
        let records = self.store()?.read()?.records(defined)?;
        Ok(records.get(key.as_slice()).or_fail()?.is_some())
    }

    fn find(&mut self, model: &str, id: Key) -> Result<Option<Entity>> {
        let defined = self.model(model)?;
        let key = write::key_bytes(defined, &id)?;
        let records = self.store()?.read()?.records(defined)?;
        match records.get(key.as_slice()).or_fail()? {
            None => Ok(None),
            Some(bytes) => record::decode(bytes.value(), &defined.names, &Wanted::All).map(Some),
        }
    }

    fn count(&mut self, model: &str, filter: Filter) -> Result<u64> {
        if filter.is_empty() {
            return self.len(model);
        }
        let mut count = 0;
        self.each_match(model, filter, |_| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    fn update_attributes(&mut self, model: &str, id: Key, data: Entity) -> Result<Entity> {
        let defined = self.model(model)?;
        defined.layout.refuse_key_change(&data)?;
        let key = write::key_bytes(defined, &id)?;
        self.write(model, |writer| writer.update(&key, data))?;
        Ok(Entity::new())
    }

    fn update(&mut self, model: &str, filter: Filter, data: Entity) -> Result<u64> {
        self.model(model)?.layout.refuse_key_change(&data)?;
        let mut count = 0;
        // The matches come from a snapshot, which what is written here doesn't touch.
        self.write(model, |writer| {
            self.each_match(model, filter, |key| {
                count += 1;
                writer.update(key, data.clone())
            })
        })?;
        Ok(count)
    }

    fn destroy(&mut self, model: &str, id: Key) -> Result<bool> {
        let key = write::key_bytes(self.model(model)?, &id)?;
        self.write(model, |writer| writer.destroy(&key))
    }

    fn destroy_all(&mut self, model: &str, filter: Filter) -> Result<u64> {
        if filter.is_empty() {
            let count = self.len(model)?;
            let defined = self.model(model)?;
            self.store()?
                .write(|transaction| write::clear(transaction, defined))?;
            return Ok(count);
        }
        let mut count = 0;
        self.write(model, |writer| {
            self.each_match(model, filter, |key| {
                count += 1;
                writer.destroy(key).map(|_| ())
            })
        })?;
        Ok(count)
    }
}

tenon_sdk::export!(Redb: crud);
