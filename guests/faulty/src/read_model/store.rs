//! An open read model: its calls, each on a copy that takes the place of the old once it is stored.

use std::cell::Ref;
use std::fs;
use std::io;
use std::rc::Rc;

use serde_json::Value as Json;
use tenon_sdk::{
    Answer, Done, Edit, Entity, Error, ErrorKind, Filter, Query, Result, Rows, Store, Table,
};

use super::data::Data;
use super::definition::Definition;
use super::documents::Documents;
use super::{Shared, closed};
use crate::fault::{Fault, Planted};
use crate::pages::{Disturbances, Pages};

/// The most bytes of a state, where a fault bounds them.
const CUT: usize = 100_000;

/// A read model's store, until it is closed.
pub struct OpenedStore {
    planted: Planted,
    name: String,
    opened: Shared,
    disturbances: Disturbances,
}

impl OpenedStore {
    pub(super) fn new(
        planted: Planted,
        name: String,
        opened: Shared,
        disturbances: Disturbances,
    ) -> Self {
        Self {
            planted,
            name,
            opened,
            disturbances,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn opened(&self) -> &Shared {
        &self.opened
    }

    /// What is left to store before it is closed.
    pub(super) fn closing(&self) -> Result<()> {
        let mut opened = self.opened.borrow_mut();
        let Some(opened) = opened.as_mut() else {
            return Ok(());
        };
        let waits = self.planted.is(Fault::StateWaitsForTheClose);
        let undoes = opened.deleted && self.planted.is(Fault::DeleteIsUndone);
        match opened.data.clone() {
            Some(data) if waits => opened.save(data),
            Some(mut data) if undoes => {
                data.tables.clone_from(&opened.before.tables);
                opened.save(data)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn drop_data(&mut self) -> Result<()> {
        let mut opened = self.opened.borrow_mut();
        let opened = opened.as_mut().ok_or_else(closed)?;
        let mut data = opened.data.take().ok_or_else(closed)?;
        let left = match self.planted.0 {
            Some(Fault::DropLeavesTheState) => {
                data.tables.clear();
                Some(data)
            }
            Some(Fault::DropLeavesTheTables) => {
                data.state = None;
                Some(data)
            }
            _ => None,
        };
        if let Some(data) = left {
            opened.save(data)?;
            opened.data = None;
            return Ok(());
        }
        match fs::remove_file(&opened.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.planted.is(Fault::DropOfNothingFails) {
                    return Err(Error::not_found("the read model has no data"));
                }
                Ok(())
            }
            removed => Ok(removed?),
        }
    }

    fn data(&self) -> Result<Ref<'_, Data>> {
        Ref::filter_map(self.opened.borrow(), |opened| {
            opened.as_ref()?.data.as_ref()
        })
        .map_err(|_| closed())
    }

    /// Changes the data and their file, or neither. The work says whether what it has done stays though it fails.
    fn change<R>(&mut self, work: impl FnOnce(&mut Data) -> (Result<R>, bool)) -> Result<R> {
        let mut data = self.data()?.clone();
        let (result, stays) = work(&mut data);
        if result.is_ok() || stays {
            let mut opened = self.opened.borrow_mut();
            opened.as_mut().ok_or_else(closed)?.save(data)?;
        }
        result
    }

    /// Works on a table, changed or not at all.
    fn change_table<R>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Documents) -> (Result<R>, bool),
    ) -> Result<R> {
        let planted = self.planted;
        self.change(|data| {
            let found = meant(planted, data, name);
            match data.tables.get_mut(&found) {
                Some(table) => work(Rc::make_mut(table)),
                None => (Err(no_table(name)), false),
            }
        })
    }

    /// What is there of a table that is read; none where a fault takes it for an empty one.
    fn table(&self, name: &str) -> Result<Option<Ref<'_, Documents>>> {
        let data = self.data()?;
        let found = meant(self.planted, &data, name);
        match Ref::filter_map(data, |data| data.tables.get(&found).map(Rc::as_ref)) {
            Ok(table) => Ok(Some(table)),
            Err(_) if self.planted.is(Fault::UnknownTableIsEmpty) => Ok(None),
            Err(_) => Err(no_table(name)),
        }
    }
}

/// The table that a name stands for.
fn meant(planted: Planted, data: &Data, name: &str) -> String {
    let first = data.tables.keys().next();
    match first {
        Some(first) if planted.is(Fault::TablesIgnoreTheirNames) => first.clone(),
        _ => name.to_owned(),
    }
}

fn no_table(name: &str) -> Error {
    Error::not_found(format!("there is no table `{name}`: define it first"))
}

/// A state, as a fault keeps it.
fn kept(planted: Planted, before: Option<&str>, state: String) -> Result<Option<Rc<str>>> {
    let kept = match planted.0 {
        Some(Fault::StateIsMerged) => {
            let before = before.map(serde_json::from_str).transpose()?;
            match (before, serde_json::from_str(&state)?) {
                (Some(Json::Object(mut members)), Json::Object(new)) => {
                    members.extend(new);
                    Json::Object(members).to_string()
                }
                _ => state,
            }
        }
        Some(Fault::StateIsRounded) => rounded(serde_json::from_str(&state)?).to_string(),
        Some(Fault::NullStateIsNone) if state.trim() == "null" => return Ok(None),
        Some(Fault::LongStateIsCut) => state.chars().take(CUT).collect(),
        _ => state,
    };
    Ok(Some(kept.into()))
}

fn rounded(json: Json) -> Json {
    match json {
        Json::Number(number) => number.as_f64().map_or(Json::Null, Json::from),
        Json::Array(elements) => elements.into_iter().map(rounded).collect(),
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .map(|(name, member)| (name, rounded(member)))
                .collect(),
        ),
        other => other,
    }
}

impl Store for OpenedStore {
    fn get(&mut self) -> Result<Option<String>> {
        Ok(self.data()?.state.as_deref().map(str::to_owned))
    }

    fn set(&mut self, state: String) -> Result<()> {
        let planted = self.planted;
        if planted.is(Fault::StateWaitsForTheClose) {
            let mut opened = self.opened.borrow_mut();
            let data = opened.as_mut().and_then(|opened| opened.data.as_mut());
            data.ok_or_else(closed)?.state = Some(state.into());
            return Ok(());
        }
        self.change(|data| {
            if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&state) {
                let error = Error::invalid(format!("the state is no valid JSON: {error}"));
                let stays = planted.is(Fault::RefusedStateRemovesTheOld);
                if stays {
                    data.state = None;
                }
                return (Err(error), stays);
            }
            let set = kept(planted, data.state.as_deref(), state).map(|state| data.state = state);
            if planted.is(Fault::StateRemovesTables) {
                data.tables.clear();
            }
            (set, false)
        })
    }

    fn define_table(&mut self, table: Table) -> Result<()> {
        let planted = self.planted;
        let definition = Definition::new(&table)?;
        self.change(|data| {
            let Some(there) = data.tables.get_mut(&table.name) else {
                let documents = Rc::new(Documents::new(definition));
                data.tables.insert(table.name, documents);
                return (Ok(()), false);
            };
            let there = Rc::make_mut(there);
            let error = Error::duplicate(format!("there is a table `{}` already", table.name));
            match planted.0 {
                Some(Fault::SecondDefinitionIsDone) => (Ok(()), false),
                Some(Fault::SecondDefinitionWipes) => {
                    there.documents.clear();
                    (Err(error), true)
                }
                Some(Fault::SecondDefinitionCounts) => {
                    there.definition = definition;
                    (Err(error), true)
                }
                _ => (Err(error), false),
            }
        })
    }

    fn insert(&mut self, table: &str, document: Entity) -> Result<()> {
        let planted = self.planted;
        let inserted = self.change_table(table, |table| table.insert(planted, document));
        match inserted {
            Err(error)
                if error.kind == ErrorKind::NotFound && planted.is(Fault::UnknownTableSwallows) =>
            {
                Ok(())
            }
            inserted => inserted,
        }
    }

    fn update(
        &mut self,
        table: &str,
        filter: Filter,
        edits: Vec<Edit>,
        upsert: bool,
    ) -> Result<u64> {
        let planted = self.planted;
        let upsert = upsert || planted.is(Fault::UpdateAlwaysInserts);
        self.change_table(table, |table| table.update(planted, filter, edits, upsert))
    }

    fn delete(&mut self, table: &str, filter: Filter) -> Result<u64> {
        let planted = self.planted;
        let deleted = self.change_table(table, |table| (table.delete(planted, filter), false))?;
        if let Some(opened) = self.opened.borrow_mut().as_mut() {
            opened.deleted = true;
        }
        Ok(deleted)
    }

    fn find(&mut self, table: &str, query: Query) -> Result<Answer> {
        let (rows, done) = match self.table(table)? {
            Some(table) => table.find(self.planted, query)?,
            None => (
                Vec::new(),
                Done::FILTER | Done::ORDER | Done::PAGING | Done::FIELDS,
            ),
        };
        let pages = Pages::new(self.planted, rows, &self.disturbances);
        Ok(Answer {
            rows: Rows::from_pages(pages),
            done,
        })
    }

    fn count(&mut self, table: &str, filter: Filter) -> Result<u64> {
        match self.table(table)? {
            Some(table) => table.count(self.planted, filter),
            None => Ok(0),
        }
    }
}
