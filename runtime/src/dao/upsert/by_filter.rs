//! Finding or writing by a filter, in turns.

use std::sync::Arc;

use tenon_model::{Entity, Filter, Query};
use tokio::sync::OwnedMutexGuard;

use super::{Dao, Outcome, traced};
use crate::error::{Error, ErrorKind, Result};
use crate::leases::{self, Lease, LeaseKey};
use crate::session::FindOrWrite;

/// The right to find or write a model's record by a filter.
struct Turn {
    _first: OwnedMutexGuard<()>,
    _lease: Lease,
}

impl Dao {
    /// Finds the first record that matches, or creates one of these data.
    ///
    /// # Errors
    /// As [`Dao::update_or_create`], and `invalid` where the filter doesn't fit the model.
    pub async fn find_or_create(&self, filter: Filter, data: Entity) -> Result<Outcome> {
        traced(&self.target, "find-or-create", async {
            let filter = self.check_filter(filter).await?;
            let record = self.new_record(data)?;
            let what = FindOrWrite::FindOrCreate {
                filter: filter.to_nodes(),
                data: record.as_contract().clone(),
            };
            if let Some(outcome) = self.natively(what).await? {
                return Ok(outcome);
            }
            self.in_turn(|dao| async move { dao.look_or_create(filter, record).await })
                .await
        })
        .await
    }

    /// Sets the given properties of the one record that matches, or creates one of these data.
    ///
    /// # Errors
    /// `conflict` where several records match: none is changed. Else as [`Dao::find_or_create`].
    pub async fn upsert_where(&self, filter: Filter, data: Entity) -> Result<Outcome> {
        traced(&self.target, "upsert-where", async {
            let filter = self.check_filter(filter).await?;
            let changes = self.changes(self.without_key(data.clone()))?;
            if self.creates_as_given(&data) && !self.names_key(&data) {
                let what = FindOrWrite::UpsertWhere {
                    filter: filter.to_nodes(),
                    data: changes.as_contract().clone(),
                };
                if let Some(outcome) = self.natively(what).await? {
                    return Ok(outcome);
                }
            }
            let work =
                |dao: Self| async move { dao.change_one_or_create(filter, changes, data).await };
            self.in_turn(work).await
        })
        .await
    }

    async fn look_or_create(&self, filter: Filter, record: Entity) -> Result<Outcome> {
        let query = Query::filter(filter).limit(1);
        if let Some(found) = self.target.read(query.clone()).await?.pop() {
            return Ok(Outcome::found(self.target.shown(found)));
        }
        match self.create_checked(record).await {
            Ok(record) => Ok(Outcome::created(record)),
            // Somebody else created it without looking first.
            Err(error) if error.kind() == ErrorKind::Duplicate => {
                let found = self.target.read(query).await?.pop();
                found
                    .map(|found| Outcome::found(self.target.shown(found)))
                    .ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn change_one_or_create(
        &self,
        filter: Filter,
        changes: Entity,
        data: Entity,
    ) -> Result<Outcome> {
        let mut found = self.target.read(Query::filter(filter).limit(2)).await?;
        match (found.pop(), found.pop()) {
            (None, _) => self.created(data).await,
            (Some(record), None) => {
                let key = self.key_in(&record)?;
                self.same_key(&key, &data)?;
                let record = self.update_attributes(key, changes).await?;
                Ok(Outcome::found(record))
            }
            (Some(_), Some(_)) => Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "several records of {} match, and which one is meant can't be told",
                    self.target.model.name
                ),
            )
            .remedy("filter by a key or a unique property; to change them all use `update`")),
        }
    }

    /// Does something when it is its turn, and to its end: a caller who leaves keeps the turn until what was begun is
    /// done. Inside a transaction there are no turns.
    async fn in_turn<R, F>(&self, work: impl FnOnce(Self) -> F) -> Result<R>
    where
        R: Send + 'static,
        F: Future<Output = Result<R>> + Send + 'static,
    {
        let work = work(self.clone());
        if self.target.transaction.is_some() {
            return work.await;
        }
        let turn = self.turn().await?;
        let pool = self.target.pool().await?;
        pool.run(async move {
            let result = work.await;
            drop(turn);
            result
        })
        .await
    }

    /// The turn to find or write by a filter.
    async fn turn(&self) -> Result<Turn> {
        let source = &self.target.source;
        let patience = source.limits().wait_timeout;
        let key = LeaseKey::Model {
            source: source.name().clone(),
            model: self.target.model.name.clone(),
        };
        let first = tokio::time::timeout(patience, Arc::clone(&self.target.turns).lock_owned())
            .await
            .map_err(|_| {
                Error::new(
                    ErrorKind::Exhausted,
                    format!(
                        "others were finding or writing records of {} for {patience:?}",
                        self.target.model.name
                    ),
                )
                .remedy("try again later, find or write by key, or raise the limit `wait-timeout`")
                .at(source.name())
            })?;
        let lease = leases::take(source.leases(), &key, patience).await?;
        Ok(Turn {
            _first: first,
            _lease: lease,
        })
    }
}
