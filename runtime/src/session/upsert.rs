//! The calls of `upsert`: find or write in one step of the backend's.

use std::sync::Arc;

use tenon_model::contract::{Entity, Filter};

use super::call::bounded;
use super::{Attempt, Definition, Session};
use crate::error::{Error, ErrorKind, Result};

/// Which of them.
pub(crate) enum FindOrWrite {
    UpdateOrCreate { by: Vec<String>, data: Entity },
    ReplaceOrCreate { by: Vec<String>, data: Entity },
    FindOrCreate { filter: Filter, data: Entity },
    UpsertWhere { filter: Filter, data: Entity },
}

/// Finds or writes a record.
pub(crate) struct Upsert {
    pub definition: Arc<Definition>,
    pub what: FindOrWrite,
}

impl Attempt for Upsert {
    /// The whole record as it is now, and whether it is new.
    type Output = (Entity, bool);

    const WRITES: bool = true;

    async fn attempt(&mut self, session: &mut Session) -> Result<Self::Output> {
        session.define(&self.definition).await?;
        let Some(upsert) = &session.interfaces.upsert else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "this connector does not export `upsert`",
            ));
        };
        let model = &self.definition.model.name;
        let store = &mut session.store;
        session.lost = true;
        let limit = session.call_timeout;
        let (function, outcome) = match &self.what {
            FindOrWrite::UpdateOrCreate { by, data } => (
                "update-or-create",
                bounded(limit, upsert.call_update_or_create(store, model, by, data)).await,
            ),
            FindOrWrite::ReplaceOrCreate { by, data } => (
                "replace-or-create",
                bounded(limit, upsert.call_replace_or_create(store, model, by, data)).await,
            ),
            FindOrWrite::FindOrCreate { filter, data } => (
                "find-or-create",
                bounded(
                    limit,
                    upsert.call_find_or_create(store, model, filter, data),
                )
                .await,
            ),
            FindOrWrite::UpsertWhere { filter, data } => (
                "upsert-where",
                bounded(limit, upsert.call_upsert_where(store, model, filter, data)).await,
            ),
        };
        let outcome = session.settle(function, outcome)?;
        Ok((outcome.entity, outcome.created))
    }
}
