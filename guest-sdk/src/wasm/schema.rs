//! The interface `schema`, done with a [`Schema`].

use tenon_model::contract::{Error, Model};

use super::bindings::schema::exports::tenon::connector::schema as wit;
use super::{Adapter, Exported, call};
use crate::{Collection, Schema, Step};

impl From<Step> for wit::Step {
    fn from(step: Step) -> Self {
        Self {
            kind: step.kind,
            collection: step.collection,
            name: step.name,
            description: step.description,
            commands: step.commands,
            destructive: step.destructive,
        }
    }
}

impl From<wit::Step> for Step {
    fn from(step: wit::Step) -> Self {
        Self {
            kind: step.kind,
            collection: step.collection,
            name: step.name,
            description: step.description,
            commands: step.commands,
            destructive: step.destructive,
        }
    }
}

impl From<Collection> for wit::Collection {
    fn from(collection: Collection) -> Self {
        Self {
            name: collection.name,
            kind: collection.kind,
        }
    }
}

impl<E: Exported<Connector: Schema>> wit::Guest for Adapter<E> {
    fn plan(models: Vec<Model>) -> Result<Vec<wit::Step>, Error> {
        let steps = call::<E, _>(|c, _| c.plan(models))?;
        Ok(steps.into_iter().map(Into::into).collect())
    }

    fn apply(steps: Vec<wit::Step>) -> Result<(), Error> {
        let steps = steps.into_iter().map(Into::into).collect();
        call::<E, _>(|c, _| c.apply(steps))
    }

    fn collections() -> Result<Vec<wit::Collection>, Error> {
        let collections = call::<E, _>(|c, _| c.collections())?;
        Ok(collections.into_iter().map(Into::into).collect())
    }

    fn discover(collections: Vec<String>) -> Result<Vec<Model>, Error> {
        call::<E, _>(|c, _| c.discover(collections))
    }

    fn drop(model: String) -> Result<(), Error> {
        call::<E, _>(|c, _| Schema::drop(c, &model))
    }
}
