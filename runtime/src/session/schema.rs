//! The calls of `schema`: what it takes to bring collections to their models, and the collections themselves.

use std::sync::Arc;

use tenon_model::contract::Model;

use super::call::bounded;
use super::{Attempt, Call, Definition, Session};
use crate::bindings::exports::tenon::connector::schema as wit;
use crate::error::{Error, ErrorKind, Result};

pub(crate) use wit::Step as ContractStep;

/// Declares a reading call of `schema` by its arguments and its result.
macro_rules! schema_call {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* } => $output:ty = $function:literal, $call:ident) => {
        $(#[$meta])*
        pub(crate) struct $name {
            $(pub $field: $type,)*
        }

        impl Attempt for $name {
            type Output = $output;

            const WRITES: bool = false;

            async fn attempt(&mut self, session: &mut Session) -> Result<$output> {
                let Some(schema) = &session.interfaces.schema else {
                    return Err(no_schema());
                };
                let call = schema.$call(&mut session.store, $(&self.$field),*);
                session.lost = true;
                let outcome = bounded(session.call_timeout, call).await;
                session.settle($function, outcome)
            }
        }
    };
}

schema_call! {
    /// What would bring the collections to these models.
    PlanSchema { models: Vec<Model> } => Vec<ContractStep> = "plan", call_plan
}
schema_call! {
    /// The collections that there are.
    Collections {} => Vec<wit::Collection> = "collections", call_collections
}
schema_call! {
    /// Collections as models.
    Discover { collections: Vec<String> } => Vec<Model> = "discover", call_discover
}

/// Takes the steps of a plan.
pub(crate) struct ApplySchema {
    pub steps: Vec<ContractStep>,
}

impl Call for ApplySchema {
    type Output = ();

    async fn run(self, session: &mut Session) -> Result<()> {
        let Some(schema) = &session.interfaces.schema else {
            return Err(no_schema());
        };
        let call = schema.call_apply(&mut session.store, &self.steps);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        session.forget_definitions();
        let applied = session.settle("apply", outcome);
        if applied.is_err() {
            // It may have stopped in the midst of a transaction of its own.
            session.leftovers.soil();
        }
        applied
    }
}

/// Removes a model's data and collection.
pub(crate) struct DropModel {
    pub definition: Arc<Definition>,
}

impl Call for DropModel {
    type Output = ();

    async fn run(self, session: &mut Session) -> Result<()> {
        session.define(&self.definition).await?;
        let Some(schema) = &session.interfaces.schema else {
            return Err(no_schema());
        };
        let call = schema.call_drop(&mut session.store, &self.definition.model.name);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        session.forget_definitions();
        session.settle("drop", outcome)
    }
}

pub(crate) fn no_schema() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this connector does not manage its collections: it does not export `schema`",
    )
    .remedy("make or change the collections with the backend's own tools")
}
