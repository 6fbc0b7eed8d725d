//! The capability `schema`: what `define` would do, said before it is done, and what it won't do.
//!
//! A step's command is JSON that only this connector reads. All steps are one transaction, unless an index takes
//! longer to build than a call may last: then the error says so, and a new plan has what is left. A collection has no
//! columns: a declaration that goes leaves the values in the records, so that only another key is destructive.

use std::collections::{BTreeMap, HashSet};

use tenon_sdk::{Collection, Effect, Error, Model, Result, Schema, Step};

use crate::build;
use crate::catalogue::{self, Stored};
use crate::change::{self, Change};
use crate::command::{self, Command, Made};
use crate::error::damaged;
use crate::shape::Shape;
use crate::tables;
use crate::{Redb, is_not_defined};

impl Schema for Redb {
    fn plan(&mut self, models: Vec<Model>) -> Result<Vec<Step>> {
        let view = self.store()?.read()?;
        let mut planned = HashSet::new();
        let mut steps = Vec::new();
        for model in &models {
            let collection = catalogue::collection(model);
            if !planned.insert(collection) {
                return Err(Error::invalid(format!(
                    "two models, one of them `{}`, have the collection `{collection}`",
                    model.name
                )));
            }
            let stored = catalogue::read(&view, collection)?;
            for change in change::between(collection, stored.as_ref(), &Shape::of(model)?) {
                let destructive = matches!(change.command, Command::AlterKey { .. })
                    && !view.is_empty(&tables::records_name(collection))?;
                steps.push(step(collection, change, destructive)?);
            }
        }
        Ok(steps)
    }

    fn apply(&mut self, steps: Vec<Step>) -> Result<()> {
        if steps.is_empty() {
            return Ok(());
        }
        let store = self.store()?;
        let view = store.read()?;
        let mut collections = BTreeMap::new();
        let mut commands = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            for command in &step.commands {
                let command: Command = serde_json::from_str(command).map_err(|error| {
                    Error::invalid(format!("no command of this connector: {error}"))
                        .detail("index", index)
                })?;
                commands.push((index, step.collection.as_str(), command));
            }
            if !collections.contains_key(step.collection.as_str()) {
                let stored = catalogue::read(&view, &step.collection)?;
                collections.insert(step.collection.as_str(), stored);
            }
        }
        drop(view);
        let unfinished = store.write(|work| {
            let mut unfinished = None;
            for (index, collection, command) in commands {
                let stored: &mut Option<Stored> = collections.entry(collection).or_default();
                let made = command.apply(work, collection, stored);
                if let Made::InPart(how_far) = made.map_err(|error| error.detail("index", index))? {
                    unfinished = Some((index, how_far));
                    break;
                }
            }
            for (collection, stored) in &collections {
                if let Some(stored) = stored {
                    catalogue::write(work.engine, collection, stored)?;
                }
            }
            Ok(unfinished)
        })?;
        self.forget_definitions();
        match unfinished {
            None => Ok(()),
            Some((index, how_far)) => {
                let mut error = build::unfinished(&how_far).detail("index", index);
                error.effect = Effect::Partial;
                Err(error)
            }
        }
    }

    fn collections(&mut self) -> Result<Vec<Collection>> {
        let names = catalogue::names(&self.store()?.read()?)?;
        let collections = names.into_iter().map(|name| Collection {
            name,
            kind: "table".into(),
        });
        Ok(collections.collect())
    }

    fn discover(&mut self, collections: Vec<String>) -> Result<Vec<Model>> {
        let view = self.store()?.read()?;
        let models = collections.iter().map(|collection| {
            let stored = catalogue::read(&view, collection)?;
            stored
                .map(|stored| stored.to_model(collection))
                .ok_or_else(|| {
                    Error::not_found(format!("the file has no collection `{collection}`"))
                })
        });
        models.collect()
    }

    fn drop(&mut self, model: &str) -> Result<()> {
        let attached = self.models.get_mut(model);
        let attached = attached.ok_or_else(|| is_not_defined(model))?;
        let collection = catalogue::collection(&attached.model).to_owned();
        // Its next use makes it anew.
        attached.defined = None;
        let store = self.store()?;
        let stored = catalogue::read(&store.read()?, &collection)?;
        match stored {
            None => Ok(()),
            Some(stored) => store.write(|work| command::remove(work, &collection, &stored)),
        }
    }
}

fn step(collection: &str, change: Change, destructive: bool) -> Result<Step> {
    let command = serde_json::to_string(&change.command)
        .map_err(|error| damaged(&format!("a command can't be written: {error}")))?;
    Ok(Step {
        kind: change.kind.into(),
        collection: collection.to_owned(),
        name: change.name,
        description: change.description,
        commands: vec![command],
        destructive,
    })
}
