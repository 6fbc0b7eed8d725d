//! The capability `schema`: what `define` would do, said before it is done, and what it never does, which is to drop a
//! column. All steps of a plan are taken or none.

use std::collections::HashSet;

use tenon_sdk::{
    Collection as Described, Error, Generation, Model, PropertyType, Result, Schema, Step,
};

use crate::Faulty;
use crate::collection::State;
use crate::definition::{Definition, collection_of};
use crate::fault::{Fault, Planted};
use crate::lock::Holding;
use crate::steps::{self, Command};

/// What a collection is called that was dropped and not removed.
pub(crate) fn kept(name: &str) -> String {
    format!("\0{name}")
}

fn is_kept(name: &str) -> bool {
    name.starts_with('\0')
}

impl Faulty {
    fn planned(&mut self, models: &[Model]) -> Result<Vec<Step>> {
        let state = self.view()?;
        let planted = self.planted;
        let mut planned = HashSet::new();
        let mut steps = Vec::new();
        for model in models {
            let name = collection_of(model);
            if !planned.insert(name) {
                return Err(Error::invalid(format!(
                    "two models, one of them `{}`, have the collection `{name}`",
                    model.name
                )));
            }
            let new = Definition::new(model.clone(), planted)?.shape;
            let old = state.collections.get(name);
            let mut commands = steps::commands(old.map(|old| &old.shape), &new);
            if planted.is(Fault::PlanMissesADroppedColumn) {
                commands.retain(|command| !matches!(command, Command::DropColumn(_)));
            }
            if commands.is_empty()
                && planted.is(Fault::PlanNeverEnds)
                && let Some(column) = old.and_then(|old| old.shape.columns.first())
            {
                commands.push(Command::AlterColumn {
                    from: column.clone(),
                    to: column.clone(),
                });
            }
            let has_records = old.is_some_and(|old| !old.records.is_empty());
            for command in commands {
                steps.push(command.step(name, has_records)?);
            }
        }
        if planted.is(Fault::PlanDropsTheOthers) {
            let others = state.collections.keys();
            for name in others.filter(|name| !planned.contains(name.as_str())) {
                steps.push(Command::DropCollection.step(name, true)?);
            }
        }
        if planted.is(Fault::DestructiveIsNotSaid) {
            for step in &mut steps {
                step.destructive = false;
            }
        }
        Ok(steps)
    }
}

fn take_steps(planted: Planted, state: &mut State, steps: Vec<Step>) -> Result<()> {
    for (number, step) in steps.into_iter().enumerate() {
        for command in &step.commands {
            let before = state.clone();
            let taken = Command::parse(command)
                .and_then(|command| command.apply(planted, state, &step.collection));
            if let Err(error) = taken {
                *state = before;
                return Err(error.detail("index", number));
            }
        }
    }
    Ok(())
}

impl Schema for Faulty {
    fn plan(&mut self, models: Vec<Model>) -> Result<Vec<Step>> {
        let steps = self.planned(&models)?;
        if self.planted.is(Fault::PlanChangesAtOnce) {
            self.apply(steps.clone())?;
        }
        Ok(steps)
    }

    fn apply(&mut self, steps: Vec<Step>) -> Result<()> {
        self.refuse_in_transaction("collections change")?;
        let planted = self.planted;
        self.change_state(|state, _| {
            let taken = take_steps(planted, state, steps);
            let stays = taken.is_ok() || planted.is(Fault::ApplyTakesHalf);
            (taken, stays)
        })
    }

    fn collections(&mut self) -> Result<Vec<Described>> {
        let state = self.view()?;
        let names = state.collections.keys().filter(|name| !is_kept(name));
        let mut collections: Vec<_> = names
            .map(|name| Described {
                name: name.clone(),
                kind: "table".into(),
            })
            .collect();
        if self.planted.is(Fault::CollectionsMissesOne) {
            collections.pop();
        }
        Ok(collections)
    }

    fn discover(&mut self, collections: Vec<String>) -> Result<Vec<Model>> {
        let state = self.view()?;
        let mut models = Vec::new();
        for name in collections {
            let there = state.collections.get(&name).filter(|_| !is_kept(&name));
            match there {
                Some(collection) => {
                    let mut model = collection.shape.to_model(&name);
                    forget(self.planted, &mut model);
                    models.push(model);
                }
                None if self.planted.is(Fault::DiscoverOfNothingIsDone) => {}
                None => {
                    return Err(Error::not_found(format!("there is no collection `{name}`")));
                }
            }
        }
        Ok(models)
    }

    fn drop(&mut self, model: &str) -> Result<()> {
        self.refuse_in_transaction("a collection is dropped")?;
        let definition = self.definition(model)?;
        let keeps = self.planted.is(Fault::DropLeavesTheRecords);
        let store = self.store()?;
        let lock = store.lock(Holding::Call)?;
        let mut state = store.latest()?.clone();
        let Some(removed) = state.collections.remove(&definition.collection) else {
            return Ok(());
        };
        if keeps {
            state
                .collections
                .insert(kept(&definition.collection), removed);
        }
        store.save(state, &lock)
    }
}

/// What a discovered model lacks.
fn forget(planted: Planted, model: &mut Model) {
    match planted.0 {
        Some(Fault::DiscoverReordersTheKey) => {
            let mut key: Vec<_> = model
                .properties
                .iter_mut()
                .filter(|property| property.key.is_some())
                .collect();
            key.sort_by(|left, right| left.name.cmp(&right.name));
            for (place, property) in (1..).zip(key) {
                property.key = Some(place);
            }
        }
        Some(Fault::DiscoverLosesUniqueness) => {
            for index in &mut model.indexes {
                index.unique = false;
            }
        }
        Some(Fault::DiscoverLosesDirection) => {
            for part in model.indexes.iter_mut().flat_map(|it| &mut it.properties) {
                part.descending = false;
            }
        }
        Some(Fault::DiscoverLosesRequired) => {
            for property in &mut model.properties {
                property.required = false;
            }
        }
        Some(Fault::DiscoverLosesLength) => {
            for property in &mut model.properties {
                property.length = None;
            }
        }
        Some(Fault::DiscoverTurnsDecimalsIntoFloats) => {
            let properties = model.properties.iter_mut();
            for property in properties.filter(|it| it.generated == Generation::Never) {
                if property.kind == PropertyType::Decimal {
                    property.kind = PropertyType::Float;
                    property.native_type = Some(PropertyType::Float.name().to_owned());
                }
            }
        }
        _ => {}
    }
}
