//! Conditions on related records, rewritten into conditions on keys: the related model is asked first, from the
//! innermost relation outwards, and what is left names properties of the model itself.
//!
//! A condition is about the related records of now: those that come or go before the rewritten query is run
//! aren't seen.

use std::pin::Pin;
use std::sync::Arc;

use tenon_model::{Filter, Quantifier, Query, Relation, Through};

use super::embedded;
use super::keys::KeySet;
use crate::dao::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::RelatedRead;

/// How many relations may lie one inside the other, those of default scopes among them: scopes that ask for each
/// other would never end.
const MAX_DEPTH: usize = 32;

type Rewritten<'a> = Pin<Box<dyn Future<Output = Result<Filter>> + Send + 'a>>;

/// The rewriting of one filter.
#[derive(Default)]
pub(in crate::dao) struct Rewriting {
    depth: usize,
    /// What was read of related models, where somebody wants to know.
    reads: Option<Vec<RelatedRead>>,
}

impl Rewriting {
    /// One that remembers what was read of related models.
    pub(in crate::dao) fn remembering() -> Self {
        Self {
            depth: 0,
            reads: Some(Vec::new()),
        }
    }

    /// What was read of related models, in its order.
    pub(in crate::dao) fn into_reads(self) -> Vec<RelatedRead> {
        self.reads.unwrap_or_default()
    }

    /// A checked filter without conditions on related records.
    pub(in crate::dao) fn filter<'a>(
        &'a mut self,
        target: &'a Arc<Target>,
        filter: Filter,
    ) -> Rewritten<'a> {
        Box::pin(async move {
            Ok(match filter {
                Filter::AllOf(parts) => Filter::AllOf(self.parts(target, parts).await?),
                Filter::AnyOf(parts) => Filter::AnyOf(self.parts(target, parts).await?),
                Filter::NoneOf(parts) => Filter::NoneOf(self.parts(target, parts).await?),
                Filter::Related {
                    relation,
                    quantifier,
                    filter,
                } => self
                    .related(target, &relation, quantifier, *filter)
                    .await
                    .map_err(|error| error.about(format_args!("the relation {relation}")))?,
                Filter::Condition(_) | Filter::Extension(_) => filter,
            })
        })
    }

    async fn parts(&mut self, target: &Arc<Target>, parts: Vec<Filter>) -> Result<Vec<Filter>> {
        let mut rewritten = Vec::with_capacity(parts.len());
        for part in parts {
            rewritten.push(self.filter(target, part).await?);
        }
        Ok(rewritten)
    }

    async fn related(
        &mut self,
        target: &Arc<Target>,
        relation: &str,
        quantifier: Quantifier,
        filter: Filter,
    ) -> Result<Filter> {
        let relation = target.relation(relation)?;
        if self.depth == MAX_DEPTH {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("conditions on related records lie more than {MAX_DEPTH} deep"),
            )
            .remedy("look for default scopes that ask for each other"));
        }
        self.depth += 1;
        let some = match quantifier {
            Quantifier::Some => self.some(target, relation, filter).await?,
            Quantifier::None => {
                let some = self.some(target, relation, filter).await?;
                Filter::NoneOf(vec![some])
            }
            Quantifier::Every => {
                let others = Filter::NoneOf(vec![filter]);
                let some = self.some(target, relation, others).await?;
                Filter::NoneOf(vec![some])
            }
        };
        self.depth -= 1;
        Ok(some)
    }

    /// The condition that a record has a related one that matches.
    async fn some(
        &mut self,
        target: &Arc<Target>,
        relation: &Relation,
        filter: Filter,
    ) -> Result<Filter> {
        let related = target.related(&relation.model).await?.target;
        let scoped = related.within_scope(Query::filter(filter)).await?;
        let filter = self.filter(&related, scoped.filter).await?;
        if let Some(property) = relation.embedded_in() {
            let paths = embedded::as_paths(property, relation.is_many(), &filter, &related.model);
            return match paths {
                Some(paths) => Ok(paths),
                None => embedded::scan(target, relation, &related.model, &filter).await,
            };
        }
        if let Some((own, theirs)) = relation.pairs() {
            let keys = self.keys(relation, &related, filter, theirs).await?;
            return keys.condition(&target.model, own);
        }
        let Some(through) = relation.through() else {
            return Ok(Filter::AnyOf(Vec::new()));
        };
        self.some_through(target, relation, (&related, filter), through)
            .await
    }

    async fn some_through(
        &mut self,
        target: &Arc<Target>,
        relation: &Relation,
        (related, filter): (&Arc<Target>, Filter),
        through: &Through,
    ) -> Result<Filter> {
        let theirs = related.key_names();
        let keys = self.keys(relation, related, filter, &theirs).await?;
        if keys.is_empty() {
            return Ok(Filter::AnyOf(Vec::new()));
        }
        let between = target.related(&through.model).await?.target;
        let limit = between.source.limits().include_rows;
        let scope = between.within_scope(Query::new()).await?.filter;
        let scope = self.filter(&between, scope).await?;
        let mut own = KeySet::default();
        // The pairs are asked for in as many parts as it takes: together they are one set of keys.
        for condition in keys.conditions(&between.model, &through.through_key, &scope) {
            let filter = condition.and(scope.clone());
            self.note(relation, &between, &filter, &through.foreign_key)
                .await?;
            between
                .keys_where(filter, &through.foreign_key, &mut own)
                .await?;
            own.bounded(limit)?;
            self.counted(own.len());
        }
        own.condition(&target.model, &target.key_names())
    }

    /// The keys that matching related records hold in these properties.
    async fn keys(
        &mut self,
        relation: &Relation,
        related: &Arc<Target>,
        filter: Filter,
        names: &[String],
    ) -> Result<KeySet> {
        let mut keys = KeySet::default();
        self.note(relation, related, &filter, names).await?;
        related.keys_where(filter, names, &mut keys).await?;
        self.counted(keys.len());
        Ok(keys)
    }

    async fn note(
        &mut self,
        relation: &Relation,
        read: &Arc<Target>,
        filter: &Filter,
        names: &[String],
    ) -> Result<()> {
        if let Some(reads) = &mut self.reads {
            let query = Query::filter(filter.clone()).fields(names.iter().cloned());
            let (query, withheld) = read.showable(query).await?;
            reads.push(RelatedRead {
                relation: relation.name.clone(),
                model: read.model.name.clone(),
                source: read.source.name.clone(),
                query,
                withheld,
                keys: 0,
            });
        }
        Ok(())
    }

    fn counted(&mut self, keys: usize) {
        if let Some(read) = self.reads.as_mut().and_then(|reads| reads.last_mut()) {
            read.keys = keys as u64;
        }
    }
}
