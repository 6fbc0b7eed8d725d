//! The connector `faulty`: records in a folder, shared by all sessions over it, and right in every respect, until the setting
//! `fault` switches on one of the faults that are planted in it. It is for testing what tests connectors.
//!
//! [`Fault::ALL`] has them all. Each is at the place where such a mistake would be made: most do another filter, order or
//! write than was asked for, and the rest of the connector does that rightly.

mod aggregates;
mod change;
mod check;
mod codec;
mod collection;
mod crud;
mod definition;
mod errors;
mod fault;
mod filter;
mod lock;
mod order;
mod pages;
mod query;
mod read_model;
mod rewrite;
mod schema;
mod settings;
mod shape;
mod steps;
mod store;
mod transaction;
mod twist;
mod upsert;
mod values;
mod write;

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use tenon_sdk::{
    Connector, Error, Limits, Manifest, Model, Need, PropertyType, Result, Transactions, generate,
    manifest,
};

use collection::{Collection, State};
use definition::Definition;
use fault::Planted;
pub use fault::{Fault, Theme};
use lock::Holding;
use pages::Disturbances;
pub use read_model::OpenedStore as ReadModelStore;
use read_model::ReadModels;
pub use settings::Settings;
use store::Store;
use transaction::Transaction;
use write::{Notes, Writer};

thread_local! {
    /// Whether an instance was initialized that describes itself otherwise since.
    static DESCRIBES_OTHERWISE: Cell<bool> = const { Cell::new(false) };
}

/// The connector.
pub struct Faulty {
    settings: Settings,
    /// How long a change waits for another session's to end.
    patience: Duration,
    planted: Planted,
    store: Option<Store>,
    models: HashMap<String, Rc<Definition>>,
    transaction: Option<Transaction>,
    disturbances: Disturbances,
    notes: Notes,
    read_models: ReadModels,
}

impl Faulty {
    fn store(&mut self) -> Result<&mut Store> {
        self.store
            .as_mut()
            .ok_or_else(|| Error::invalid("the folder is not open: call `connect` first"))
    }

    fn definition(&self, model: &str) -> Result<Rc<Definition>> {
        self.models.get(model).cloned().ok_or_else(|| {
            let reason = format!("the model `{model}` is not defined");
            if self.planted.is(Fault::UndefinedModelIsABackendError) {
                Error::backend(reason)
            } else {
                Error::invalid(reason)
            }
        })
    }

    /// What a call reads.
    fn view(&mut self) -> Result<State> {
        match &mut self.transaction {
            None => {}
            Some(transaction) => {
                transaction.touch()?;
                let moves = transaction.read_only && self.planted.is(Fault::SnapshotMoves);
                if !moves {
                    return Ok(if self.planted.is(Fault::OwnWritesAreInvisible) {
                        transaction.base.clone()
                    } else {
                        transaction.state.clone()
                    });
                }
            }
        }
        self.store()?.current().cloned()
    }

    /// Works on all collections in one step: in the transaction, or by itself. The work says whether it has changed
    /// something, and whether that stays though it fails.
    fn change_state<R>(
        &mut self,
        work: impl FnOnce(&mut State, &mut Notes) -> (Result<R>, bool),
    ) -> Result<R> {
        if let Some(transaction) = &mut self.transaction {
            transaction.touch()?;
            let mut state = transaction.state.clone();
            let (result, stays) = work(&mut state, &mut self.notes);
            if stays {
                transaction.record(state);
                self.show_uncommitted()?;
            }
            return result;
        }
        let store = self
            .store
            .as_mut()
            .ok_or_else(|| Error::invalid("the folder is not open: call `connect` first"))?;
        let lock = store.lock(Holding::Call)?;
        let mut state = store.latest()?.clone();
        let (result, stays) = work(&mut state, &mut self.notes);
        if stays {
            store.save(state, &lock)?;
        }
        result
    }

    /// Works on a model's records in one step.
    fn change<R>(&mut self, model: &str, work: impl FnOnce(&mut Writer) -> Result<R>) -> Result<R> {
        let result = self.try_change(model, work);
        self.told(result)
    }

    fn try_change<R>(
        &mut self,
        model: &str,
        work: impl FnOnce(&mut Writer) -> Result<R>,
    ) -> Result<R> {
        self.refuse_if_read_only()?;
        let definition = self.definition(model)?;
        if self.planted.is(Fault::WriteEndsACursor) {
            self.disturbances.count();
        }
        self.notes.last_destroyed = None;
        let planted = self.planted;
        let in_transaction = self.transaction.is_some();
        self.change_state(|state, notes| {
            let collection = match collection_of(planted, state, &definition) {
                Ok(collection) => collection,
                Err(error) => return (Err(error), false),
            };
            let mut writer = Writer::new(planted, &definition, collection, notes, in_transaction);
            let result = work(&mut writer);
            let stays = writer.changed && (result.is_ok() || writer.keep);
            (result, stays)
        })
    }

    /// Looks at a model's records as a write would, and writes nothing.
    fn peek<R>(&mut self, model: &str, look: impl FnOnce(&mut Writer) -> Result<R>) -> Result<R> {
        let definition = self.definition(model)?;
        let mut state = self.view()?;
        let collection = collection_of(self.planted, &mut state, &definition)?;
        let mut notes = Notes::default();
        let mut writer = Writer::new(self.planted, &definition, collection, &mut notes, false);
        look(&mut writer)
    }

    /// A call's result, as it is told.
    fn told<R>(&mut self, result: Result<R>) -> Result<R> {
        result.map_err(|error| {
            self.notes.failed = true;
            if let Some(transaction) = &mut self.transaction {
                transaction.note_failure();
            }
            errors::told(self.planted, &self.settings, error)
        })
    }

    /// Makes a model's collection, or changes it so that it fits.
    fn make_collection(&mut self, definition: &Definition, wipes: bool) -> Result<()> {
        let there = self.view()?;
        let there = there.collections.get(&definition.collection);
        let fits = there.is_some_and(|there| {
            there.shape == definition.shape.clone().over(&there.shape) && !wipes
        });
        if fits || self.refuse_if_read_only().is_err() {
            // In a transaction that only reads, it is made by the first write.
            return Ok(());
        }
        let planted = self.planted;
        self.change_state(|state, _| {
            let made = adopt(planted, state, definition);
            if wipes && let Some(collection) = state.change(&definition.collection) {
                collection.records.clear();
            }
            let stays = made.is_ok();
            (made, stays)
        })
    }
}

/// The collection of a model that is to be written, made where there is none.
fn collection_of<'a>(
    planted: Planted,
    state: &'a mut State,
    definition: &Definition,
) -> Result<&'a mut Collection> {
    if !state.collections.contains_key(&definition.collection) {
        adopt(planted, state, definition)?;
    }
    let collection = state
        .change(&definition.collection)
        .ok_or_else(|| Error::backend("a collection was made, and isn't there"))?;
    if collection.shape.key != definition.shape.key {
        return Err(Error::new(
            tenon_sdk::ErrorKind::Conflict,
            format!(
                "the key of `{}` was changed by another session: define the model again",
                definition.collection
            ),
        ));
    }
    Ok(collection)
}

/// Makes a model's collection, or gives it the model's shape; its other columns stay.
fn adopt(planted: Planted, state: &mut State, definition: &Definition) -> Result<()> {
    let name = &definition.collection;
    if !state.collections.contains_key(name) {
        let kept = state.collections.remove(&schema::kept(name));
        let kept = kept.filter(|_| planted.is(Fault::DropLeavesTheRecords));
        let made = kept.unwrap_or_else(|| Rc::new(Collection::new(definition.shape.clone())));
        state.collections.insert(name.clone(), made);
    }
    let Some(collection) = state.change(name) else {
        return Ok(());
    };
    collection.shape = definition.shape.clone().over(&collection.shape);
    steps::find_anew(definition, collection).map_err(|error| {
        error.context(format!(
            "the records of `{name}` don't fit the definition of `{}`",
            definition.model.name
        ))
    })
}

impl Connector for Faulty {
    type Settings = Settings;

    fn manifest() -> Manifest {
        let mut manifest = manifest!("faulty")
            .generated_key(PropertyType::Integer)
            .interleaving()
            .keeps_undeclared();
        if DESCRIBES_OTHERWISE.get() {
            manifest.version = "0.0.0".into();
        }
        manifest
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        Ok(vec![settings.need()?])
    }

    fn initialize(settings: Settings, limits: &Limits) -> Result<Self> {
        settings.need()?;
        let planted = Planted(settings.fault);
        DESCRIBES_OTHERWISE.set(planted.is(Fault::DescribeVaries));
        Ok(Self {
            patience: settings.patience(limits),
            settings,
            planted,
            store: None,
            models: HashMap::new(),
            transaction: None,
            disturbances: Disturbances::default(),
            notes: Notes::default(),
            read_models: ReadModels::default(),
        })
    }

    fn connect(&mut self) -> Result<()> {
        let store = Store::open(
            self.settings.path.clone().into(),
            generate::uuid()?,
            self.patience,
            self.planted,
        )?;
        self.store = Some(store);
        if self.notes.connected && self.planted.is(Fault::ReconnectLosesData) {
            self.change_state(|state, _| {
                *state = State::default();
                (Ok(()), true)
            })?;
        }
        self.notes.connected = true;
        Ok(())
    }

    fn define(&mut self, model: Model) -> Result<()> {
        let is_again = self.models.contains_key(&model.name);
        if is_again && self.planted.is(Fault::RedefinitionIsIgnored) {
            return Ok(());
        }
        let definition = Definition::new(model, self.planted)?;
        let name = definition.model.name.clone();
        let owner = self
            .models
            .iter()
            .find(|(other, it)| **other != name && it.collection == definition.collection);
        if let Some((owner, _)) = owner {
            return Err(Error::invalid(format!(
                "the collection `{}` of the model `{name}` belongs to the model `{owner}` already",
                definition.collection
            )));
        }
        let wipes = is_again && self.planted.is(Fault::RedefinitionWipes);
        self.make_collection(&definition, wipes)?;
        self.models.insert(name, Rc::new(definition));
        Ok(())
    }

    fn ping(&mut self) -> Result<()> {
        if self.notes.failed && self.planted.is(Fault::PingFailsAfterAnError) {
            return Err(Error::unavailable("the last call failed"));
        }
        if self.transaction.is_none() && self.planted.is(Fault::PingBeginsATransaction) {
            self.begin(tenon_sdk::TransactionOptions::default())?;
        }
        self.store()?.current().map(|_| ())
    }

    fn reset(&mut self) -> Result<()> {
        if self.planted.is(Fault::ResetForgetsModels) {
            self.models.clear();
        }
        if !self.planted.is(Fault::ResetKeepsStoreLocks) {
            self.read_models.close_all();
        }
        if self.planted.is(Fault::ResetKeepsTheTransaction) {
            return Ok(());
        }
        self.notes.pretends = false;
        self.undo()
    }

    fn disconnect(&mut self) -> Result<()> {
        let ended = self.abandon();
        if !self.planted.is(Fault::DisposeKeepsStoreLocks) {
            self.read_models.close_all();
        }
        self.notes.pretends = false;
        self.store = None;
        if self.planted.is(Fault::ModelsAreForgotten) {
            self.models.clear();
        }
        ended
    }

    fn dispose(mut self) {
        // An error leaves nothing more to do: what isn't committed isn't in the folder.
        let _ = self.abandon();
        if !self.planted.is(Fault::DisposeKeepsStoreLocks) {
            self.read_models.close_all();
        }
        if self.planted.is(Fault::DisposeBreaksOthersLocks) {
            self.read_models.break_refused();
        }
    }
}

tenon_sdk::export!(Faulty: crud, upsert, transactions, schema, aggregates, read_model);
