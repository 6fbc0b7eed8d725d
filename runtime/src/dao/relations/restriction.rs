//! Which records a relation leads to from one record, as a condition on the related model.

use tenon_model::{Entity, Filter, Query, Through};

use super::keys::KeySet;
use super::rewrite::Rewriting;
use crate::dao::Dao;
use crate::error::Result;

/// The records that a relation leads to.
pub(in crate::dao) enum Restriction {
    /// Those that hold these values.
    Holding(Filter),
    /// Those that records of the model in between name.
    Through {
        related: Dao,
        between: Dao,
        through: Through,
        /// That a record in between is of the one that the relation begins at.
        own: Filter,
    },
}

impl Restriction {
    /// The condition on the related model's records: asked for anew each time.
    pub(in crate::dao) async fn filter(&self) -> Result<Filter> {
        let (related, between, through, own) = match self {
            Self::Holding(filter) => return Ok(filter.clone()),
            Self::Through {
                related,
                between,
                through,
                own,
            } => (related, between, through, own),
        };
        let scoped = between.target.within_scope(Query::filter(own.clone())).await?;
        let filter = Rewriting::default()
            .filter(&between.target, scoped.filter)
            .await?;
        let mut keys = KeySet::default();
        between
            .target
            .keys_where(filter, &through.through_key, &mut keys)
            .await?;
        keys.condition(&related.target.model, &related.target.key_names())
    }

    /// Whether a record is one of them by its own values; none where only the model in between can tell.
    pub(in crate::dao) fn holds(&self, record: &Entity) -> Option<bool> {
        match self {
            Self::Holding(filter) => tenon_model::Matcher::new(filter)
                .ok()
                .map(|matcher| matcher.matches(record)),
            Self::Through { .. } => None,
        }
    }
}
