//! Records of the model between two others: making and deleting what links them.

use std::sync::Arc;

use tenon_model::{Entity, Filter, Key};

use super::{RelationDao, Way};
use crate::dao::Dao;
use crate::dao::fallback::after;
use crate::dao::relations::holding;
use crate::error::{Error, ErrorKind, Result};

impl RelationDao {
    /// Links the record of that key. Tells whether it wasn't before; linking twice is no error.
    ///
    /// # Errors
    /// `invalid` where the relation has no model in between, `not-found` where there is no such record, and as
    /// [`Dao::create`] of the model in between: `duplicate` where another of its unique indexes refuses the link.
    pub async fn link(&self, key: impl Into<Key>) -> Result<bool> {
        self.link_with(key, Entity::new()).await
    }

    /// Links the record of that key, with what the model in between says of the link. One that is there is left as it
    /// is.
    ///
    /// # Errors
    /// As [`RelationDao::link`].
    pub async fn link_with(&self, key: impl Into<Key>, data: Entity) -> Result<bool> {
        let key = self.related.target.model.check_key(key.into())?;
        let (dao, pair) = self.pair(&key)?;
        self.demand_parent().await?;
        if !self.related.exists(key.clone()).await? {
            return Err(self.related.target.no_record(&key));
        }
        let key_names = dao.target.key_names();
        let is_key = key_names.iter().all(|name| pair.get(name).is_some());
        let this_pair = Box::pin(dao.target.own_in_scope(this_pair(&pair))).await?;
        // Where the pair is no key, nobody else refuses to make it twice.
        if !is_key && dao.count_prepared(this_pair.clone()).await? > 0 {
            return Ok(false);
        }
        let mut record = data;
        record.merge(pair);
        match dao.create(record).await {
            Ok(_) => Ok(true),
            // It may be another unique index that refuses it, of which nobody can say that the pair is linked.
            Err(error) if error.kind() == ErrorKind::Duplicate => {
                match dao.count_prepared(this_pair).await {
                    Ok(linked) if linked > 0 => Ok(false),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Takes the link to the record of that key away, and leaves the record. Tells whether there was one.
    ///
    /// # Errors
    /// `invalid` where the relation has no model in between, `not-found` where there is no record that it begins at,
    /// and as [`Dao::destroy_all`] of that model.
    pub async fn unlink(&self, key: impl Into<Key>) -> Result<bool> {
        let key = self.related.target.model.check_key(key.into())?;
        let (dao, pair) = self.pair(&key)?;
        Box::pin(self.demand_parent()).await?;
        let this_pair = Box::pin(dao.target.own_in_scope(this_pair(&pair))).await?;
        Ok(dao.destroy_prepared(this_pair).await? > 0)
    }

    /// What a record in between says of this one and that of the key.
    fn pair(&self, key: &Key) -> Result<(&Dao, Entity)> {
        let Way::Between { dao, own, names } = &self.way else {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("{} has no model in between", self.relation.name),
            )
            .remedy(
                "its records belong together by a foreign key: set that, or use `set` where it leads to one",
            ));
        };
        let theirs = dao.fitting(names, key.values().to_vec())?;
        let pair = own.iter().cloned().chain(names.iter().cloned().zip(theirs));
        Ok((dao, pair.collect()))
    }

    /// Deletes records and then the links to them, whoever has them.
    pub(super) async fn destroy_linked(
        &self,
        filter: Filter,
        between: &Dao,
        names: &[String],
    ) -> Result<u64> {
        let related = &self.related.target;
        let keys = related.all_keys(filter).await?;
        let all = Filter::all();
        let records = keys.conditions(&related.model, &related.key_names(), &all);
        let links = keys.conditions(&between.target.model, names, &all);
        let destroying = |related: Dao| async move {
            let between = related.alongside(between);
            let mut destroyed = 0;
            for condition in records {
                let done = related.destroy_prepared(condition).await;
                destroyed += done.map_err(|error| after(destroyed, error))?;
            }
            let mut changed = destroyed;
            for condition in links {
                let done = between.destroy_prepared(condition).await;
                changed += done.map_err(|error| after(changed, error))?;
            }
            Ok(destroyed)
        };
        // A transaction is of one data source, and undoes nothing on another.
        if related.source.name == between.target.source.name {
            Box::pin(self.related.together(destroying)).await
        } else {
            destroying(self.related.clone()).await
        }
    }
}

impl Dao {
    /// Another model's records, in the transaction that these are in where that is on their data source.
    fn alongside(&self, other: &Self) -> Self {
        match &self.target.transaction {
            Some(transaction) if self.target.source.name == other.target.source.name => {
                other.within(Arc::clone(transaction))
            }
            _ => other.clone(),
        }
    }
}

fn this_pair(pair: &Entity) -> Filter {
    let (names, values): (Vec<String>, Vec<_>) = pair.clone().into_iter().unzip();
    holding(&names, &values)
}
