//! A query on its way to a connector: checked against its model and the related ones, put into the model's
//! default scope, and its conditions on related records rewritten.
//!
//! Related models are looked up as a check asks for them, so that a query loads no connector that it has nothing
//! to do with.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tenon_model::{Aggregation, Entity, Filter, Model, Models, Problems, Query, Relation, closest};

use super::relations::{Rewriting, bounded};
use super::{Dao, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;

impl Target {
    /// Checks a query with all that it asks of related models, puts it into the default scope and rewrites its
    /// conditions on related records.
    pub(super) async fn prepare(self: &Arc<Self>, query: Query) -> Result<Query> {
        self.prepare_by(query, &mut Rewriting::default()).await
    }

    /// The same by a rewriting that may remember what it does.
    pub(super) async fn prepare_by(
        self: &Arc<Self>,
        query: Query,
        rewriting: &mut Rewriting,
    ) -> Result<Query> {
        let names_fields = !query.fields.is_empty() || !query.without.is_empty();
        let mut query = if self.is_alone() {
            query
                .check(&self.model)
                .map_err(|problems| self.wrong_query(problems))?
        } else {
            Box::pin(self.check_among(query, |query, models| {
                if self.sees_hidden {
                    query.check_trusted(&self.model, models)
                } else {
                    query.check_with(&self.model, models)
                }
            }))
            .await?
            .map_err(|problems| self.wrong_query(problems))?
        };
        if self.has_scope() {
            if !names_fields {
                // The check lists what isn't hidden; that is not the caller's wish.
                query.fields.clear();
            }
            query = Box::pin(self.within_scope(query)).await?;
        }
        self.rewrite(&mut query.filter, rewriting).await?;
        Ok(query)
    }

    async fn rewrite(
        self: &Arc<Self>,
        filter: &mut Filter,
        rewriting: &mut Rewriting,
    ) -> Result<()> {
        if filter.has_related() {
            *filter = bounded(rewriting.filter(self, std::mem::take(filter)).await?)?;
        }
        Ok(())
    }

    /// The same for a filter alone.
    pub(super) async fn prepare_filter(self: &Arc<Self>, filter: Filter) -> Result<Filter> {
        if self.is_alone() && !self.has_scope() {
            return filter
                .check(&self.model)
                .map_err(|problems| self.wrong_query(problems));
        }
        let prepared = Box::pin(self.prepare(Query::filter(filter))).await?;
        Ok(prepared.filter)
    }

    /// A filter of the runtime's own on the model's own properties, the hidden ones too, outside of the default scope.
    pub(super) fn check_own(&self, filter: Filter) -> Result<Filter> {
        filter
            .check_trusted(&self.model, &Known::new(Arc::clone(&self.model)))
            .map_err(|problems| self.wrong_query(problems))
    }

    /// The same for a request for aggregates, whose filter it is.
    pub(super) async fn prepare_aggregation(
        self: &Arc<Self>,
        aggregation: Aggregation,
    ) -> Result<Aggregation> {
        let checked = if self.is_alone() {
            aggregation.check(&self.model)
        } else {
            Box::pin(self.check_among(aggregation, |aggregation, models| {
                if self.sees_hidden {
                    aggregation.check_trusted(&self.model, models)
                } else {
                    aggregation.check_with(&self.model, models)
                }
            }))
            .await?
        };
        let mut aggregation = checked.map_err(|problems| {
            Error::with_problems(
                ErrorKind::Invalid,
                format!("the aggregates do not fit the model {}", self.model.name),
                problems,
            )
        })?;
        if self.has_scope() {
            let query = Query::filter(std::mem::take(&mut aggregation.filter));
            aggregation.filter = Box::pin(self.within_scope(query)).await?.filter;
        }
        let filter = &mut aggregation.filter;
        self.rewrite(filter, &mut Rewriting::default()).await?;
        Ok(aggregation)
    }

    /// A checked query in the model's default scope, where there is one.
    pub(super) async fn within_scope(&self, query: Query) -> Result<Query> {
        if !self.has_scope() {
            return Ok(query);
        }
        let scoped = self.check_among(query, |query, models| {
            query.with_default_scope(&self.model, models)
        });
        let mut query = scoped.await?.map_err(|problems| {
            Error::with_problems(
                ErrorKind::Configuration,
                format!(
                    "the default scope of the model {} is wrong",
                    self.model.name
                ),
                problems,
            )
        })?;
        if query.fields.is_empty() && self.hides && self.model.strict {
            let seen = self.model.visible();
            query.fields = seen.map(|property| property.name.clone()).collect();
        }
        Ok(query)
    }

    /// Whether nothing of a query can be about other models, nor about hidden properties.
    fn is_alone(&self) -> bool {
        self.model.relations.is_empty() && !self.sees_hidden
    }

    /// Whether the model has a default scope that counts here.
    pub(super) fn has_scope(&self) -> bool {
        self.scoped && self.model.scope.is_some()
    }

    /// Checks something, looking related models up until the check has all that it asks for.
    async fn check_among<T: Clone, R>(
        &self,
        what: T,
        check: impl Fn(T, &dyn Models) -> Result<R, Problems>,
    ) -> Result<Result<R, Problems>> {
        let mut known = Known::new(Arc::clone(&self.model));
        loop {
            let checked = check(what.clone(), &known);
            let missing = std::mem::take(known.missing.get_mut());
            if missing.is_empty() {
                return Ok(checked);
            }
            for name in missing {
                let dao = self.related(&name).await?;
                known.models.insert(name, Arc::clone(&dao.target.model));
            }
        }
    }

    /// Access to a model that a relation leads to: within the same transaction, where it is on the same data
    /// source, and with the same sight of what is hidden.
    pub(super) async fn related(&self, model: &str) -> Result<Dao> {
        let Some(catalogue) = self.catalogue.upgrade() else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the runtime that these records belong to is gone",
            ));
        };
        let mut dao = Box::pin(catalogue.model(model)).await?;
        if let Some(transaction) = &self.transaction
            && dao.target.source.name == self.source.name
        {
            dao = dao.within(Arc::clone(transaction));
        }
        Ok(if self.sees_hidden {
            dao.with_hidden()
        } else {
            dao
        })
    }

    /// The plan of a prepared query. What is hidden is left out.
    pub(super) fn plan(&self, query: Query) -> Plan {
        self.plan_keeping(query, &[])
    }

    /// The same, but for these properties.
    pub(super) fn plan_keeping(&self, query: Query, keep: &[String]) -> Plan {
        let hidden = match query.fields.as_slice() {
            [] => self.hidden_names(keep),
            _ => Vec::new(),
        };
        Plan::new(&self.model, query, hidden)
    }

    /// The properties that nobody is to see, but for these.
    pub(super) fn hidden_names(&self, keep: &[String]) -> Vec<String> {
        if !self.hides {
            return Vec::new();
        }
        let properties = self.model.properties.iter();
        properties
            .filter(|property| property.hidden && !keep.contains(&property.name))
            .map(|property| property.name.clone())
            .collect()
    }

    /// A record as it may be seen.
    pub(super) fn shown(&self, mut record: Entity) -> Entity {
        if self.hides {
            record.retain(|name| {
                let property = self.model.find_property(name);
                !property.is_some_and(|property| property.hidden)
            });
        }
        record
    }

    /// The relation of that name.
    pub(super) fn relation(&self, name: &str) -> Result<&Relation> {
        self.model.find_relation(name).ok_or_else(|| {
            let known = self.model.relations.iter().map(|known| known.name.as_str());
            let error = Error::new(
                ErrorKind::Invalid,
                format!("the model {} has no relation {name:?}", self.model.name),
            );
            match closest(name, known.clone()) {
                Some(near) => error.remedy(format!("did you mean {near:?}?")),
                None => error.remedy(format!(
                    "it has {}",
                    match known.collect::<Vec<_>>().as_slice() {
                        [] => "none".to_owned(),
                        known => known.join(", "),
                    }
                )),
            }
        })
    }

    /// The names of the primary key's properties, in the key's order.
    pub(super) fn key_names(&self) -> Vec<String> {
        let key = self.model.key_properties().into_iter();
        key.map(|property| property.name.clone()).collect()
    }

    fn wrong_query(&self, problems: Problems) -> Error {
        Error::with_problems(
            ErrorKind::Invalid,
            format!("the query does not fit the model {}", self.model.name),
            problems,
        )
    }
}

/// The models that a check has so far, and those that it asked for.
struct Known {
    models: BTreeMap<String, Arc<Model>>,
    missing: RefCell<BTreeSet<String>>,
}

impl Known {
    fn new(model: Arc<Model>) -> Self {
        Self {
            models: BTreeMap::from([(model.name.clone(), model)]),
            missing: RefCell::default(),
        }
    }
}

impl Models for Known {
    fn find_model(&self, name: &str) -> Option<&Model> {
        let found = self.models.get(name);
        if found.is_none() {
            self.missing.borrow_mut().insert(name.to_owned());
        }
        found.map(|model| &**model)
    }
}
