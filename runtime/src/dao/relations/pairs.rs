//! Relations with a model in between: its records say who leads to whom, and the others are read by their keys.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tenon_model::{Entity, Query, RowOrder, Through};

use super::attach::{Found, Level};
use super::keys::{KeySet, identity};
use super::load::{Group, Scope, needed, places, widen};
use super::{Budget, Rewriting};
use crate::dao::Target;
use crate::error::Result;

/// What the model in between says: who leads to a record of the other model, by that record's key, and the keys.
pub(super) struct Pairs {
    leading: HashMap<Vec<u8>, Vec<Vec<u8>>>,
    keys: KeySet,
}

impl Pairs {
    /// Reads those of these records.
    pub(super) async fn read(
        records: &[&mut Entity],
        own: &[String],
        between: &Arc<Target>,
        through: &Through,
        budget: &mut Budget,
    ) -> Result<Self> {
        let mut keys = KeySet::default();
        for record in records {
            keys.add(record, own);
        }
        let mut query = between.within_scope(Query::new()).await?;
        let filter = std::mem::take(&mut query.filter);
        query = Query::filter(Rewriting::default().filter(between, filter).await?);
        let both = through.foreign_key.iter().chain(&through.through_key);
        query.fields = both.cloned().collect();
        let mut pairs = Self {
            leading: HashMap::new(),
            keys: KeySet::default(),
        };
        let mut seen = HashSet::new();
        between
            .read_by_keys(&query, &through.foreign_key, &keys, &[], |record| {
                let near = identity(&record, &through.foreign_key);
                let far = identity(&record, &through.through_key);
                if let (Some(near), Some(far)) = (near, far)
                    && seen.insert((near.clone(), far.clone()))
                {
                    budget.take(1)?;
                    pairs.keys.add(&record, &through.through_key);
                    pairs.leading.entry(far).or_default().push(near);
                }
                Ok(())
            })
            .await?;
        Ok(pairs)
    }
}

/// Gives records at the far end of pairs to those that lead to them.
struct Sorting<'a> {
    scope: &'a Scope,
    leading: &'a HashMap<Vec<u8>, Vec<Vec<u8>>>,
    theirs: &'a [String],
    groups: HashMap<Vec<u8>, Group>,
    kept: Vec<Entity>,
}

impl Sorting<'_> {
    /// Takes the next record in the scope's order. Tells whether it is kept for anybody.
    fn keep(&mut self, record: Entity) -> bool {
        let far = identity(&record, self.theirs);
        let leading = far.and_then(|far| self.leading.get(&far));
        let mut is_wanted = false;
        for near in leading.into_iter().flatten() {
            let group = self.groups.entry(near.clone()).or_default();
            if group.wants(self.scope) {
                group.places.push(self.kept.len());
                is_wanted = true;
            }
        }
        if is_wanted {
            self.kept.push(record);
        }
        is_wanted
    }
}

/// Related records at the far end of pairs.
pub(super) async fn far(
    own: Vec<String>,
    pairs: Pairs,
    mut scope: Scope,
    budget: &mut Budget,
    depth: usize,
) -> Result<(Found, Level)> {
    let theirs = scope.related.key_names();
    let mut wanted = theirs.clone();
    wanted.extend(needed(&scope.related, &scope.include)?);
    let order = RowOrder::new(&scope.query);
    let mut query = scope.query.clone();
    let is_whole = pairs
        .keys
        .conditions(&scope.related.model, &theirs, &query.filter)
        .len()
        <= 1;
    if !is_whole {
        // Each part comes in order, and all of them have to.
        wanted.extend(query.order.iter().map(|key| key.property.clone()));
    }
    let strip = widen(&mut query, &scope.related, &wanted);
    scope.query = query;
    let mut sorting = Sorting {
        scope: &scope,
        leading: &pairs.leading,
        theirs: &theirs,
        groups: HashMap::new(),
        kept: Vec::new(),
    };
    let mut waiting = Vec::new();
    if scope.limit > 0 {
        let related = &scope.related;
        related
            .read_by_keys(&scope.query, &theirs, &pairs.keys, &wanted, |record| {
                if !is_whole {
                    waiting.push(record);
                    budget.take(1)
                } else if sorting.keep(record) {
                    budget.take(1)
                } else {
                    Ok(())
                }
            })
            .await?;
    }
    order.sort(&mut waiting);
    for record in waiting {
        sorting.keep(record);
    }
    let (groups, mut kept) = (sorting.groups, sorting.kept);
    let mut children: Vec<&mut Entity> = kept.iter_mut().collect();
    let next = scope.next(&mut children, strip, budget, depth).await?;
    let found = Found::Keyed {
        names: own,
        groups: places(groups),
        records: kept,
    };
    Ok((found, next))
}
