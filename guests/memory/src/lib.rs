//! The connector `memory`: records in the instance's own memory, gone with it.
//!
//! Records lie in slots, found by a hash of their key; an ordered tree of keys and the model's declared indexes
//! stand beside it. What doesn't fit into the memory that the data source allows is refused as `exhausted`.

mod aggregates;
mod bytes;
mod collection;
mod cursor;
mod index;
mod room;
mod search;
mod settings;
mod slots;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use tenon_sdk::{
    Answer, Connector, Crud, Entity, Error, Filter, Key, Limits, Manifest, Model, NoSettings,
    PropertyType, Query, Result, manifest,
};

use collection::Collection;
use settings::Definition;

/// Where an open cursor finds the records of a collection.
type Shared = Rc<RefCell<Collection>>;

/// The connector.
#[derive(Default)]
pub struct Memory {
    models: HashMap<String, Defined>,
}

struct Defined {
    /// The backend's name for the records, which only one model may have.
    collection: String,
    records: Shared,
}

impl Memory {
    fn records(&self, model: &str) -> Result<&Shared> {
        match self.models.get(model) {
            Some(defined) => Ok(&defined.records),
            None => Err(Error::invalid(format!(
                "the model `{model}` is not defined"
            ))),
        }
    }
}

impl Connector for Memory {
    type Settings = NoSettings;

    fn manifest() -> Manifest {
        manifest!("memory")
            .exclusive()
            .interleaving()
            .generated_key(PropertyType::Integer)
            .keeps_undeclared()
    }

    fn initialize(_: NoSettings, _: &Limits) -> Result<Self> {
        Ok(Self::default())
    }

    fn define(&mut self, model: Model) -> Result<()> {
        let definition = Definition::new(&model)?;
        let collection = model
            .collection
            .clone()
            .unwrap_or_else(|| model.name.clone());
        let owner = self
            .models
            .iter()
            .find(|(_, defined)| defined.collection == collection);
        if let Some((owner, _)) = owner
            && *owner != model.name
        {
            return Err(Error::invalid(format!(
                "the collection `{collection}` of the model `{}` belongs to the model `{owner}` already",
                model.name
            )));
        }
        match self.models.get(&model.name) {
            Some(defined) if defined.collection == collection => {
                defined.records.borrow_mut().redefine(definition)
            }
            _ => {
                let records = Rc::new(RefCell::new(Collection::new(definition)));
                self.models.insert(
                    model.name,
                    Defined {
                        collection,
                        records,
                    },
                );
                Ok(())
            }
        }
    }
}

impl Crud for Memory {
    fn all(&mut self, model: &str, query: Query) -> Result<Answer> {
        cursor::open(self.records(model)?, query)
    }

    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.records(model)?.borrow_mut().create(data)
    }

    fn create_all(&mut self, model: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        self.records(model)?.borrow_mut().create_all(data)
    }

    fn save(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.records(model)?.borrow_mut().save(data)
    }

    fn exists(&mut self, model: &str, id: Key) -> Result<bool> {
        Ok(self.records(model)?.borrow().find(&id)?.is_some())
    }

    fn find(&mut self, model: &str, id: Key) -> Result<Option<Entity>> {
        Ok(self.records(model)?.borrow().find(&id)?.cloned())
    }

    fn count(&mut self, model: &str, filter: Filter) -> Result<u64> {
        search::count(&self.records(model)?.borrow(), filter)
    }

    fn update_attributes(&mut self, model: &str, id: Key, data: Entity) -> Result<Entity> {
        self.records(model)?
            .borrow_mut()
            .update_attributes(&id, data)
    }

    fn update(&mut self, model: &str, filter: Filter, data: Entity) -> Result<u64> {
        let mut records = self.records(model)?.borrow_mut();
        records.room.give();
        let matches = search::matches(&records, filter)?;
        records.update(&matches, &data)
    }

    fn destroy(&mut self, model: &str, id: Key) -> Result<bool> {
        self.records(model)?.borrow_mut().destroy(&id)
    }

    fn destroy_all(&mut self, model: &str, filter: Filter) -> Result<u64> {
        let mut records = self.records(model)?.borrow_mut();
        records.room.give();
        let matches = search::matches(&records, filter)?;
        records.destroy_all(&matches)
    }
}

tenon_sdk::export!(Memory: crud, aggregates);
