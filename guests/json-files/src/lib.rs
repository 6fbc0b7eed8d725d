//! The connector `json-files`: records and read models as JSON files in a folder, for a person to look at.
//!
//! A model is a file, and so is a read model, with a lock beside it while it is open. What is in use is in
//! memory, and every change writes its file anew: this is for small data. A crash at any moment leaves a file as
//! it was before or after the call.

mod collection;
mod edit;
mod folder;
mod lock;
mod name;
mod number;
mod read_model;
mod record;
mod search;
mod settings;
mod table;

use std::collections::HashMap;
use std::fmt::Display;
use std::rc::Rc;

use tenon_sdk::{
    Answer, Connector, Crud, Entity, Error, Filter, Key, Limits, Manifest, Model, Need,
    PropertyType, Query, ReadModel, Result, manifest,
};

use collection::{Collection, collection_name};
use folder::Folder;
use lock::Locker;
pub use read_model::JsonStore;
use read_model::Shared;
pub use settings::Settings;

/// The version of all that is written into files here.
const FORMAT: u32 = 1;

/// The connector.
pub struct JsonFiles {
    settings: Settings,
    limits: Limits,
    connected: Option<Connected>,
    /// What is defined again after `connect`.
    models: HashMap<String, Model>,
}

/// What there is between `connect` and `disconnect`.
struct Connected {
    folder: Rc<Folder>,
    locker: Locker,
    collections: HashMap<String, Collection>,
    read_models: HashMap<String, Shared>,
}

impl JsonFiles {
    fn connected(&mut self) -> Result<&mut Connected> {
        self.connected
            .as_mut()
            .ok_or_else(|| Error::invalid("the folder is not open: call `connect` first"))
    }

    fn collection(&mut self, model: &str) -> Result<&mut Collection> {
        self.connected()?
            .collections
            .get_mut(model)
            .ok_or_else(|| Error::invalid(format!("the model `{model}` is not defined")))
    }
}

impl Connected {
    /// Gives back the locks that are left.
    fn close_read_models(&mut self) -> Result<()> {
        let mut result = Ok(());
        for (_, opened) in self.read_models.drain() {
            result = read_model::close(&opened).and(result);
        }
        result
    }
}

impl Connector for JsonFiles {
    type Settings = Settings;

    fn manifest() -> Manifest {
        manifest!("json-files")
            .category("read-model")
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
            settings,
            limits: limits.clone(),
            connected: None,
            models: HashMap::new(),
        })
    }

    fn connect(&mut self) -> Result<()> {
        let folder = Rc::new(Folder::open(self.settings.folder()?, &self.limits)?);
        let mut collections = HashMap::new();
        for (name, model) in &self.models {
            collections.insert(name.clone(), Collection::open(&folder, model)?);
        }
        self.connected = Some(Connected {
            locker: Locker::new(&folder, self.settings.stale_after())?,
            folder,
            collections,
            read_models: HashMap::new(),
        });
        Ok(())
    }

    fn define(&mut self, model: Model) -> Result<()> {
        let name = collection_name(&model);
        let owner = self
            .models
            .iter()
            .find(|(owner, defined)| **owner != model.name && collection_name(defined) == name);
        if let Some((owner, _)) = owner {
            return Err(Error::invalid(format!(
                "the collection `{name}` of the model `{}` belongs to the model `{owner}` already",
                model.name
            )));
        }
        let connected = self.connected()?;
        let collection = Collection::open(&connected.folder, &model)?;
        connected.collections.insert(model.name.clone(), collection);
        self.models.insert(model.name.clone(), model);
        Ok(())
    }

    fn ping(&mut self) -> Result<()> {
        self.connected()?.folder.ping()
    }

    fn reset(&mut self) -> Result<()> {
        self.connected()?.close_read_models()
    }

    fn disconnect(&mut self) -> Result<()> {
        match self.connected.take() {
            Some(mut connected) => connected.close_read_models(),
            None => Ok(()),
        }
    }

    fn dispose(mut self) {
        if let Err(error) = self.disconnect() {
            eprintln!("a lock may be left behind: {error}");
        }
    }
}

impl Crud for JsonFiles {
    fn all(&mut self, model: &str, query: Query) -> Result<Answer> {
        search::answer(query, self.collection(model)?.records())
    }

    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.collection(model)?.create(data)
    }

    fn create_all(&mut self, model: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        self.collection(model)?.create_all(data)
    }

    fn save(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.collection(model)?.save(data)?;
        Ok(Entity::new())
    }

    fn exists(&mut self, model: &str, id: Key) -> Result<bool> {
        Ok(self.collection(model)?.find(&id)?.is_some())
    }

    fn find(&mut self, model: &str, id: Key) -> Result<Option<Entity>> {
        Ok(self.collection(model)?.find(&id)?.cloned())
    }

    fn count(&mut self, model: &str, filter: Filter) -> Result<u64> {
        self.collection(model)?.count(filter)
    }

    fn update_attributes(&mut self, model: &str, id: Key, data: Entity) -> Result<Entity> {
        self.collection(model)?.update_attributes(&id, data)?;
        Ok(Entity::new())
    }

    fn update(&mut self, model: &str, filter: Filter, data: Entity) -> Result<u64> {
        self.collection(model)?.update(filter, &data)
    }

    fn destroy(&mut self, model: &str, id: Key) -> Result<bool> {
        self.collection(model)?.destroy(&id)
    }

    fn destroy_all(&mut self, model: &str, filter: Filter) -> Result<u64> {
        self.collection(model)?.destroy_all(filter)
    }
}

impl ReadModel for JsonFiles {
    type Store = JsonStore;

    fn open(&mut self, read_model: &str) -> Result<JsonStore> {
        let connected = self.connected()?;
        if let Some(refusal) = connected
            .read_models
            .get(read_model)
            .and_then(|opened| read_model::refusal(opened, read_model))
        {
            return Err(refusal);
        }
        let store = read_model::open(&connected.folder, &connected.locker, read_model)?;
        let opened = Rc::clone(store.shared());
        connected.read_models.insert(read_model.to_owned(), opened);
        Ok(store)
    }

    fn close(&mut self, store: JsonStore, read_model: &str) -> Result<()> {
        let connected = self.connected()?;
        // A store that `reset` has closed may have a successor.
        let opened = connected.read_models.get(store.name());
        if opened.is_some_and(|opened| Rc::ptr_eq(opened, store.shared())) {
            connected.read_models.remove(store.name());
        }
        let closed = read_model::close(store.shared());
        same(&store, read_model).and(closed)
    }

    fn drop_data(&mut self, store: &mut JsonStore, read_model: &str) -> Result<()> {
        same(store, read_model)?;
        store.drop_data()
    }
}

/// Refuses a store of another read model.
fn same(store: &JsonStore, read_model: &str) -> Result<()> {
    if store.name() == read_model {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "this is the store of the read model `{}`, and not of `{read_model}`",
        store.name()
    )))
}

/// The error for a file that isn't what this connector writes.
fn damaged(file: &str, reason: impl Display) -> Error {
    Error::backend(format!(
        "the file `{file}` is damaged, or another program wrote it: {reason}"
    ))
}

tenon_sdk::export!(JsonFiles: crud, read_model);
