//! The connector `memory`: records in the instance's own memory, gone with it.
//!
//! Records lie in slots, found by a hash of their key; an ordered tree of keys and the model's declared indexes
//! stand beside it. What doesn't fit into the memory that the data source allows is refused as `exhausted`.
//!
//! A model's collection is made by its definition, or by a plan before that, and stays where the model goes.

mod aggregates;
mod bytes;
mod change;
mod collection;
mod cursor;
mod index;
mod journal;
mod room;
mod schema;
mod search;
mod settings;
mod shape;
mod slots;
mod tables;
mod transactions;
mod upsert;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use tenon_sdk::{
    Answer, Connector, Crud, Entity, Error, Filter, Key, Limits, Manifest, Model, NoSettings,
    PropertyType, Query, Result, TransactionOptions, manifest,
};

use collection::Collection;
use settings::Definition;

/// Where an open cursor finds the records of a collection.
type Shared = Rc<RefCell<Collection>>;

/// The connector.
#[derive(Default)]
pub struct Memory {
    models: HashMap<String, Attached>,
    /// By their names, attached to a model or not.
    collections: BTreeMap<String, Shared>,
    transaction: Option<TransactionOptions>,
}

struct Attached {
    /// The backend's name for the records, which only one model may have.
    collection: String,
    records: Shared,
}

impl Memory {
    fn records(&self, model: &str) -> Result<&Shared> {
        match self.models.get(model) {
            Some(attached) => Ok(&attached.records),
            None => Err(Error::invalid(format!(
                "the model `{model}` is not defined"
            ))),
        }
    }

    fn to_write(&self, model: &str) -> Result<&Shared> {
        self.refuse_if_read_only()?;
        self.records(model)
    }
}

/// The name of a model's collection.
fn collection_of(model: &Model) -> &str {
    model.collection.as_deref().unwrap_or(&model.name)
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
        let collection = collection_of(&model).to_owned();
        let owner = self
            .models
            .iter()
            .find(|(_, attached)| attached.collection == collection);
        if let Some((owner, _)) = owner
            && *owner != model.name
        {
            return Err(Error::invalid(format!(
                "the collection `{collection}` of the model `{}` belongs to the model `{owner}` already",
                model.name
            )));
        }
        let records = match self.collections.get(&collection) {
            Some(records) => {
                let mut there = records.borrow_mut();
                let prepared = there.prepare(definition)?;
                there.adopt(prepared);
                records.clone()
            }
            None => {
                let mut records = Collection::new(definition);
                if self.transaction.is_some() {
                    records.begin();
                }
                Rc::new(RefCell::new(records))
            }
        };
        self.collections.insert(collection.clone(), records.clone());
        let attached = Attached {
            collection,
            records,
        };
        self.models.insert(model.name, attached);
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        self.abandon()
    }

    fn disconnect(&mut self) -> Result<()> {
        self.abandon()
    }
}

impl Crud for Memory {
    fn all(&mut self, model: &str, query: Query) -> Result<Answer> {
        cursor::open(self.records(model)?, query)
    }

    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.to_write(model)?.borrow_mut().create(data)
    }

    fn create_all(&mut self, model: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        self.to_write(model)?.borrow_mut().create_all(data)
    }

    fn save(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.to_write(model)?.borrow_mut().save(data)
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
        self.to_write(model)?
            .borrow_mut()
            .update_attributes(&id, data)
    }

    fn update(&mut self, model: &str, filter: Filter, data: Entity) -> Result<u64> {
        let mut records = self.to_write(model)?.borrow_mut();
        records.room.give();
        let matches = search::matches(&records, filter, usize::MAX)?;
        records.update(&matches, &data)
    }

    fn destroy(&mut self, model: &str, id: Key) -> Result<bool> {
        self.to_write(model)?.borrow_mut().destroy(&id)
    }

    fn destroy_all(&mut self, model: &str, filter: Filter) -> Result<u64> {
        let mut records = self.to_write(model)?.borrow_mut();
        records.room.give();
        let matches = search::matches(&records, filter, usize::MAX)?;
        records.destroy_all(&matches)
    }
}

tenon_sdk::export!(Memory: crud, upsert, transactions, schema, aggregates);
