//! The capability `schema`: what `define` would do, said before it is done.
//!
//! `define` makes a model's collection, or changes it, as before; a plan says how, and is needed only for a collection
//! that is to be there before any model. All steps of a plan are taken or none. A collection has no columns: a
//! declaration that goes leaves the values in the records, so that only another key is destructive.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use tenon_sdk::{Collection as Described, Error, Model, Result, Schema, Step};

use crate::change::{self, Command};
use crate::collection::Collection;
use crate::settings::Definition;
use crate::shape::Shape;
use crate::{Memory, Shared, collection_of};

/// A collection whose shape is being changed, and the steps that do it.
struct Staged {
    records: Option<Shared>,
    shape: Option<Shape>,
    steps: Vec<(usize, Command)>,
}

impl Memory {
    /// The collection of that name, if it was made and not dropped since.
    fn collection(&self, name: &str) -> Option<&Shared> {
        let collection = self.collections.get(name);
        collection.filter(|collection| collection.borrow().is_there)
    }

    /// What steps make of the collections.
    fn stage(&self, steps: Vec<Step>) -> Result<BTreeMap<String, Staged>> {
        let mut staged = BTreeMap::new();
        for (number, step) in steps.into_iter().enumerate() {
            let name = step.collection;
            let stage = staged.entry(name.clone()).or_insert_with(|| Staged {
                records: self.collections.get(&name).cloned(),
                shape: self.collection(&name).map(|c| c.borrow().shape.clone()),
                steps: Vec::new(),
            });
            for command in &step.commands {
                let command = Command::parse(command);
                let applied = command.and_then(|command| {
                    stage.steps.push((number, command.clone()));
                    command.apply(&name, &mut stage.shape)
                });
                applied.map_err(|error| error.detail("index", number))?;
            }
        }
        Ok(staged)
    }
}

impl Staged {
    /// The same error with the number of the step that it is about.
    fn blame(&self, error: Error) -> Error {
        let mut steps = self.steps.iter();
        let step = steps.find(|(_, command)| command.is_to_blame(&error));
        match step.or(self.steps.last()) {
            Some((number, _)) => error.detail("index", number),
            None => error,
        }
    }
}

impl Schema for Memory {
    fn plan(&mut self, models: Vec<Model>) -> Result<Vec<Step>> {
        let mut planned = HashSet::new();
        let mut steps = Vec::new();
        for model in &models {
            let name = collection_of(model);
            if !planned.insert(name) {
                return Err(Error::invalid(format!(
                    "two models, one of them `{}`, have the collection `{name}`",
                    model.name
                )));
            }
            let new = Definition::new(model)?.shape;
            let old = self.collection(name).map(|collection| collection.borrow());
            let has_records = old.as_ref().is_some_and(|old| !old.tables.keys.is_empty());
            let old = old.as_ref().map(|old| &old.shape);
            steps.extend(change::steps(name, old, &new, has_records)?);
        }
        Ok(steps)
    }

    fn apply(&mut self, steps: Vec<Step>) -> Result<()> {
        self.refuse_in_transaction("collections change")?;
        let mut prepared = Vec::new();
        for (name, stage) in self.stage(steps)? {
            let Some(shape) = &stage.shape else {
                continue;
            };
            let attached = self
                .models
                .iter()
                .find(|(_, model)| model.collection == name);
            let model = shape.to_model(attached.map_or(name.as_str(), |(model, _)| model));
            let definition = Definition::new(&model).map_err(|error| stage.blame(error))?;
            prepared.push(match &stage.records {
                None => {
                    let collection = Rc::new(RefCell::new(Collection::new(definition)));
                    (name, collection, None)
                }
                Some(records) => {
                    let ready = records.borrow_mut().prepare(definition);
                    let ready = ready.map_err(|error| stage.blame(error))?;
                    (name, records.clone(), Some(ready))
                }
            });
        }
        for (name, records, ready) in prepared {
            if let Some(ready) = ready {
                records.borrow_mut().adopt(ready);
            }
            self.collections.insert(name, records);
        }
        Ok(())
    }

    fn collections(&mut self) -> Result<Vec<Described>> {
        let there = self.collections.iter().filter(|(_, c)| c.borrow().is_there);
        let collections = there.map(|(name, _)| Described {
            name: name.clone(),
            kind: "table".into(),
        });
        Ok(collections.collect())
    }

    fn discover(&mut self, collections: Vec<String>) -> Result<Vec<Model>> {
        let models = collections.iter().map(|name| match self.collection(name) {
            Some(collection) => Ok(collection.borrow().shape.to_model(name)),
            None => Err(Error::not_found(format!("there is no collection `{name}`"))),
        });
        models.collect()
    }

    fn drop(&mut self, model: &str) -> Result<()> {
        self.refuse_in_transaction("a collection is dropped")?;
        self.records(model)?.borrow_mut().clear();
        Ok(())
    }
}
