//! An open read model: its state and tables, in memory and in one file that every change replaces whole.
//!
//! As with records, a change is made on a copy that takes the place of the old once the file is on the disk.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tenon_sdk::{Answer, Edit, Entity, Error, Filter, Query, Result, Store, Table};

use crate::folder::Folder;
use crate::lock::{Lock, Locker};
use crate::record::{self, Stored};
use crate::table::{Definition, Documents, IndexedField};
use crate::{FORMAT, damaged, name};

/// A read model's store, until it is closed.
pub struct JsonStore {
    name: String,
    opened: Shared,
}

/// An open read model, as its store and its session share it; none once it is closed.
pub(crate) type Shared = Rc<RefCell<Option<Opened>>>;

/// What is held of an open read model.
pub(crate) struct Opened {
    folder: Rc<Folder>,
    file: String,
    lock: Lock,
    /// None once it was dropped.
    data: Option<Data>,
}

#[derive(Clone, Default)]
struct Data {
    /// JSON, as it was set.
    state: Option<Rc<str>>,
    tables: BTreeMap<String, Rc<Documents>>,
}

/// The file.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Contents<'a> {
    format: u32,
    read_model: String,
    #[serde(borrow, default, deserialize_with = "state")]
    state: Option<&'a RawValue>,
    #[serde(default)]
    tables: BTreeMap<String, StoredTable>,
}

#[derive(Deserialize)]
struct StoredTable {
    indexes: Vec<IndexedField>,
    fields: Vec<String>,
    documents: Vec<Stored>,
}

/// A state that is null is there all the same.
fn state<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Opens a read model and takes its lock.
pub(crate) fn open(folder: &Rc<Folder>, locker: &Locker, read_model: &str) -> Result<JsonStore> {
    let encoded = name::encode(read_model);
    let lock = locker.take(read_model, &format!("{encoded}.read-model.lock"))?;
    let file = format!("{encoded}.read-model.json");
    let read = folder.read(&file).and_then(|text| match text {
        Some(text) => parse(&file, read_model, &text),
        None => Ok(Data::default()),
    });
    match read {
        Ok(data) => Ok(JsonStore {
            name: read_model.to_owned(),
            opened: Rc::new(RefCell::new(Some(Opened {
                folder: Rc::clone(folder),
                file,
                lock,
                data: Some(data),
            }))),
        }),
        Err(error) => {
            folder.forget(&file);
            lock.release()?;
            Err(error)
        }
    }
}

/// Gives an open read model's lock back; to close twice is no error.
pub(crate) fn close(opened: &Shared) -> Result<()> {
    match opened.take() {
        None => Ok(()),
        Some(opened) => {
            opened.folder.forget(&opened.file);
            opened.lock.release()
        }
    }
}

/// The error for whoever wants to open it again.
pub(crate) fn refusal(opened: &Shared, read_model: &str) -> Option<Error> {
    opened
        .borrow()
        .as_ref()
        .map(|opened| opened.lock.refusal(read_model))
}

fn parse(file: &str, read_model: &str, text: &str) -> Result<Data> {
    let contents: Contents = serde_json::from_str(text).map_err(|error| damaged(file, error))?;
    if contents.format != FORMAT {
        return Err(damaged(
            file,
            format_args!(
                "it has the format {}, and this connector knows {FORMAT}",
                contents.format
            ),
        ));
    }
    if contents.read_model != read_model {
        return Err(damaged(
            file,
            format_args!("it is that of the read model `{}`", contents.read_model),
        ));
    }
    let mut tables = BTreeMap::new();
    for (name, stored) in contents.tables {
        let definition = Definition {
            indexes: stored.indexes,
            fields: stored.fields,
        };
        let mut table = Documents::new(&name, definition);
        for Stored(document) in stored.documents {
            table
                .insert(document)
                .map_err(|error| damaged(file, error))?;
        }
        tables.insert(name, Rc::new(table));
    }
    Ok(Data {
        state: contents.state.map(|state| state.get().into()),
        tables,
    })
}

impl JsonStore {
    /// What its session keeps of it.
    pub(crate) fn shared(&self) -> &Shared {
        &self.opened
    }

    /// The read model that it is.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Removes data and lock.
    pub(crate) fn drop_data(&mut self) -> Result<()> {
        let mut opened = self.opened.borrow_mut();
        let Some(opened) = opened.as_mut() else {
            return Err(self.closed());
        };
        opened.folder.remove(&opened.file)?;
        opened.data = None;
        opened.lock.release()
    }

    fn data(&self) -> Result<Ref<'_, Data>> {
        Ref::filter_map(self.opened.borrow(), |opened| {
            opened.as_ref()?.data.as_ref()
        })
        .map_err(|_| self.closed())
    }

    /// Changes the data and their file, or neither.
    fn change(&mut self, work: impl FnOnce(&mut Data) -> Result<()>) -> Result<()> {
        self.change_some(|data| work(data).map(|()| 1)).map(|_| ())
    }

    /// The same for a change of so many documents; of none, nothing is written.
    fn change_some(&mut self, work: impl FnOnce(&mut Data) -> Result<u64>) -> Result<u64> {
        let mut data = self.data()?.clone();
        let count = work(&mut data)?;
        if count == 0 {
            return Ok(0);
        }
        let text = data.text(&self.name)?;
        if let Some(opened) = self.opened.borrow_mut().as_mut() {
            opened.folder.replace(&opened.file, &text)?;
            opened.data = Some(data);
        }
        Ok(count)
    }

    fn closed(&self) -> Error {
        Error::invalid(format!(
            "the read model `{}` is closed, or its data were dropped: open it again",
            self.name
        ))
    }
}

impl Data {
    fn table(&self, name: &str) -> Result<&Documents> {
        self.tables
            .get(name)
            .map(Rc::as_ref)
            .ok_or_else(|| no_table(name))
    }

    fn table_mut(&mut self, name: &str) -> Result<&mut Documents> {
        self.tables
            .get_mut(name)
            .map(Rc::make_mut)
            .ok_or_else(|| no_table(name))
    }

    fn text(&self, read_model: &str) -> Result<String> {
        let mut text = format!(
            "{{\"format\":{FORMAT},\"read-model\":{}",
            record::quote(read_model)
        );
        if let Some(state) = &self.state {
            text.push_str(",\n\"state\":");
            text.push_str(state);
        }
        text.push_str(",\n\"tables\":{");
        for (place, (name, table)) in self.tables.iter().enumerate() {
            text.push_str(if place > 0 { ",\n" } else { "\n" });
            text.push_str(&record::quote(name));
            text.push(':');
            // An object, which the documents become a member of.
            let definition = serde_json::to_string(&table.definition)?;
            text.push_str(definition.strip_suffix('}').unwrap_or(&definition));
            text.push_str(",\"documents\":");
            record::write_all(table.iter(), &mut text)?;
            text.push('}');
        }
        text.push_str("}}\n");
        Ok(text)
    }
}

impl Store for JsonStore {
    fn get(&mut self) -> Result<Option<String>> {
        Ok(self.data()?.state.as_deref().map(str::to_owned))
    }

    fn set(&mut self, state: String) -> Result<()> {
        let json: &RawValue = serde_json::from_str(&state)
            .map_err(|error| Error::invalid(format!("the state is no valid JSON: {error}")))?;
        self.change(|data| {
            data.state = Some(json.get().into());
            Ok(())
        })
    }

    fn define_table(&mut self, table: Table) -> Result<()> {
        let definition = Definition::new(&table)?;
        self.change(|data| {
            if data.tables.contains_key(&table.name) {
                return Err(Error::duplicate(format!(
                    "there is a table `{}` already",
                    table.name
                )));
            }
            let documents = Rc::new(Documents::new(&table.name, definition));
            data.tables.insert(table.name, documents);
            Ok(())
        })
    }

    fn insert(&mut self, table: &str, document: Entity) -> Result<()> {
        self.change(|data| data.table_mut(table)?.insert(document))
    }

    fn update(
        &mut self,
        table: &str,
        filter: Filter,
        edits: Vec<Edit>,
        upsert: bool,
    ) -> Result<u64> {
        let mut matched = 0;
        self.change_some(|data| {
            let table = data.table_mut(table)?;
            matched = table.update(filter, &edits, upsert)?;
            Ok(if upsert { 1 } else { matched })
        })?;
        Ok(matched)
    }

    fn delete(&mut self, table: &str, filter: Filter) -> Result<u64> {
        self.change_some(|data| data.table_mut(table)?.delete(filter))
    }

    fn find(&mut self, table: &str, query: Query) -> Result<Answer> {
        self.data()?.table(table)?.find(query)
    }

    fn count(&mut self, table: &str, filter: Filter) -> Result<u64> {
        self.data()?.table(table)?.count(filter)
    }
}

fn no_table(name: &str) -> Error {
    Error::not_found(format!("there is no table `{name}`: define it first"))
}
