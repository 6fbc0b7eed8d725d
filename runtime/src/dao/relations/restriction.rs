//! Which records a relation leads to from one record, as a condition on the related model.

use tenon_model::{Filter, Key, Through, Value};

use super::keys::{KeySet, tuple};
use crate::dao::Dao;
use crate::error::Result;

/// The records that a relation leads to.
pub(in crate::dao) enum Restriction {
    /// Those that hold these values.
    Holding(Filter),
    /// The one whose values a record holds.
    Held {
        parent: Dao,
        key: Key,
        own: Vec<String>,
        theirs: Vec<String>,
    },
    /// Those that records of the model in between name.
    Through {
        related: Dao,
        between: Dao,
        through: Through,
        /// That a record in between is of the one that the relation begins at.
        own: Filter,
    },
}

/// That a record has these values.
pub(in crate::dao) fn holding(names: &[String], values: &[Value]) -> Filter {
    let pairs = names.iter().zip(values);
    Filter::AllOf(
        pairs
            .map(|(name, value)| Filter::equal(name.as_str(), value.clone()))
            .collect(),
    )
}

impl Restriction {
    /// The condition on the related model's records, as it is now.
    pub(in crate::dao) async fn filter(&self) -> Result<Filter> {
        match self {
            Self::Holding(filter) => Ok(filter.clone()),
            Self::Held {
                parent,
                key,
                own,
                theirs,
            } => {
                let record = parent.demand_whole(key).await?;
                // A null leads nowhere.
                Ok(tuple(&record, own)
                    .map_or(Filter::AnyOf(Vec::new()), |values| holding(theirs, &values)))
            }
            Self::Through {
                related,
                between,
                through,
                own,
            } => {
                let mut keys = KeySet::default();
                let names = &through.through_key;
                let filter = between.target.own_in_scope(own.clone()).await?;
                between.target.keys_where(filter, names, &mut keys).await?;
                keys.condition(&related.target.model, &related.target.key_names())
            }
        }
    }
}
