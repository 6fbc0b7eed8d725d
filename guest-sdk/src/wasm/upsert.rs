//! The interface `upsert`, done with an [`Upsert`].

use tenon_model::Entity as Record;
use tenon_model::contract::{Entity, Error, Filter};

use super::bindings::upsert::exports::tenon::connector::upsert as wit;
use super::{Adapter, Exported, call};
use crate::{Outcome, Upsert};

impl From<Outcome> for wit::Outcome {
    fn from(outcome: Outcome) -> Self {
        Self {
            entity: outcome.entity.into_contract(),
            created: outcome.created,
        }
    }
}

impl<E: Exported<Connector: Upsert>> wit::Guest for Adapter<E> {
    fn update_or_create(
        model: String,
        by: Vec<String>,
        data: Entity,
    ) -> Result<wit::Outcome, Error> {
        call::<E, _>(|c, _| c.update_or_create(&model, &by, Record::from(data))).map(Into::into)
    }

    fn replace_or_create(
        model: String,
        by: Vec<String>,
        data: Entity,
    ) -> Result<wit::Outcome, Error> {
        call::<E, _>(|c, _| c.replace_or_create(&model, &by, Record::from(data))).map(Into::into)
    }

    fn find_or_create(model: String, filter: Filter, data: Entity) -> Result<wit::Outcome, Error> {
        call::<E, _>(|c, _| c.find_or_create(&model, filter, Record::from(data))).map(Into::into)
    }

    fn upsert_where(model: String, filter: Filter, data: Entity) -> Result<wit::Outcome, Error> {
        call::<E, _>(|c, _| c.upsert_where(&model, filter, Record::from(data))).map(Into::into)
    }
}
