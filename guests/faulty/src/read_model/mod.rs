//! The capability `read-model`: a file with state and tables for each read model, and a lock beside it while it is open.

mod data;
mod definition;
mod documents;
mod edit;
mod lock;
mod number;
mod store;
mod upsert;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tenon_sdk::{Error, ReadModel, Result};

use crate::Faulty;
use crate::fault::{Fault, Planted};
use data::Data;
use lock::StoreLock;
pub use store::OpenedStore;

/// The longest name of a read model, in bytes: twice as many letters are in its file's.
const MAX_NAME: usize = 100;

/// An open read model, as its store and its session share it; none once it is closed.
type Shared = Rc<RefCell<Option<Opened>>>;

/// What a session has open.
#[derive(Default)]
pub(crate) struct ReadModels {
    open: HashMap<String, Shared>,
    /// The locks that it was refused.
    refused: Vec<PathBuf>,
}

/// What is held of an open read model.
pub(crate) struct Opened {
    path: PathBuf,
    /// None where there is no lock to give back.
    lock: Option<StoreLock>,
    /// None once it was dropped.
    data: Option<Data>,
    /// As it was when it was opened.
    before: Data,
    /// Something was deleted.
    deleted: bool,
}

impl ReadModels {
    /// Gives back what is left. Where that fails, nobody can do more.
    pub(crate) fn close_all(&mut self) {
        for (_, opened) in self.open.drain() {
            drop(opened.take());
        }
    }

    pub(crate) fn break_refused(&self) {
        for path in &self.refused {
            let _ = fs::remove_file(path);
        }
    }
}

/// The part of files' names that stands for a read model.
fn encoded(planted: Planted, read_model: &str) -> Result<String> {
    if read_model.len() > MAX_NAME {
        return Err(Error::invalid(format!(
            "the name of a read model has at most {MAX_NAME} bytes, and this one has {}",
            read_model.len()
        )));
    }
    let mut name = read_model.to_owned();
    if planted.is(Fault::ReadModelsIgnoreCase) {
        name = name.to_lowercase();
    }
    if planted.is(Fault::LongReadModelsMix) {
        name = name.chars().take(30).collect();
    }
    Ok(name.bytes().fold(String::new(), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

fn read(path: &Path) -> Result<Data> {
    match fs::read(path) {
        Ok(bytes) => Data::parse(&bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Data::default()),
        Err(error) => Err(error.into()),
    }
}

impl Opened {
    /// Makes the data the file's.
    fn save(&mut self, data: Data) -> Result<()> {
        let new = self.path.with_extension("new");
        fs::write(&new, data.bytes()?)?;
        fs::rename(&new, &self.path)?;
        self.data = Some(data);
        Ok(())
    }
}

/// The error for a store that is closed or dropped.
fn closed() -> Error {
    Error::invalid("the read model is closed, or its data were dropped: open it again")
}

impl ReadModel for Faulty {
    type Store = OpenedStore;

    fn open(&mut self, read_model: &str) -> Result<OpenedStore> {
        let planted = self.planted;
        let encoded = encoded(planted, read_model)?;
        let (folder, owner) = self.store()?.place();
        let named = if planted.is(Fault::StoreLockIsShared) {
            "all"
        } else {
            &encoded
        };
        let lock = folder.join(format!("{named}.store-lock"));
        let path = folder.join(format!("{encoded}.store"));
        let is_open = |shared: &Shared| shared.borrow().is_some();
        let is_again = self.read_models.open.get(read_model).is_some_and(is_open);
        let lock = if is_again && planted.is(Fault::StoreLockIsReentrant) {
            None
        } else {
            match StoreLock::take(planted, &lock, &owner, read_model) {
                Ok(lock) => lock,
                Err(error) => {
                    self.read_models.refused.push(lock);
                    return Err(error);
                }
            }
        };
        let data = read(&path)?;
        let opened = Rc::new(RefCell::new(Some(Opened {
            path,
            lock,
            before: data.clone(),
            data: Some(data),
            deleted: false,
        })));
        let open = &mut self.read_models.open;
        open.insert(read_model.to_owned(), Rc::clone(&opened));
        Ok(OpenedStore::new(
            planted,
            read_model.to_owned(),
            opened,
            self.disturbances.clone(),
        ))
    }

    fn close(&mut self, store: OpenedStore, read_model: &str) -> Result<()> {
        let open = &mut self.read_models.open;
        let is_same = |opened: &Shared| Rc::ptr_eq(opened, store.opened());
        if open.get(store.name()).is_some_and(is_same) {
            open.remove(store.name());
        }
        let result = store.closing();
        let mut opened = store.opened().take();
        if let Some(opened) = &mut opened {
            let is_dropped = opened.data.is_none() && self.planted.is(Fault::DropKeepsTheLock);
            if let Some(lock) = &mut opened.lock
                && (is_dropped || self.planted.is(Fault::CloseKeepsTheLock))
            {
                lock.leave();
            }
        }
        drop(opened);
        if self.planted.is(Fault::CloseGivesBackEveryLock) {
            for opened in open.values() {
                if let Some(opened) = opened.borrow_mut().as_mut() {
                    opened.lock = None;
                }
            }
        }
        if store.name() != read_model {
            return Err(Error::invalid(format!(
                "this is the store of the read model `{}`, and not of `{read_model}`",
                store.name()
            )));
        }
        result
    }

    fn drop_data(&mut self, store: &mut OpenedStore, read_model: &str) -> Result<()> {
        let planted = self.planted;
        if planted.is(Fault::DropRemovesOthers) {
            let (folder, _) = self.store()?.place();
            let begins = encoded(planted, read_model)?;
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                let name = path.file_name().and_then(|name| name.to_str());
                let is_other = name.is_some_and(|name| {
                    name.starts_with(&begins) && path.extension().is_some_and(|it| it == "store")
                });
                if is_other {
                    fs::remove_file(path)?;
                }
            }
        }
        store.drop_data()
    }
}
