//! Loading what records lead to: one query a relation and level, over the distinct keys of all of them.
//!
//! A scope's limit and offset hold for each record by itself. They are applied while the rows come, so that what is
//! held is what is handed out.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use tenon_model::{
    Entity, Include, MAX_INCLUDE_DEPTH, Matcher, Query, Related, Relation, RelationKind, RowOrder,
};

use super::attach::{Edge, Found, Level};
use super::keys::{KeySet, identity};
use super::pairs::{Pairs, far};
use super::{Budget, Rewriting};
use crate::dao::Target;
use crate::error::{Error, ErrorKind, Result};

type Loading<'a> = Pin<Box<dyn Future<Output = Result<Level>> + Send + 'a>>;

/// The scope of a relation in the related model's own terms, taken apart.
pub(super) struct Scope {
    pub related: Arc<Target>,
    /// Without relations, limit and offset.
    pub query: Query,
    pub include: Vec<Include>,
    pub offset: u64,
    pub limit: u64,
}

/// Loads what these records lead to. `strip` is taken out of them afterwards.
pub(super) fn load<'a>(
    target: &'a Arc<Target>,
    records: &'a mut [&mut Entity],
    include: &'a [Include],
    strip: Vec<String>,
    budget: &'a mut Budget,
    depth: usize,
) -> Loading<'a> {
    Box::pin(async move {
        if depth > MAX_INCLUDE_DEPTH {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("relations are loaded through at most {MAX_INCLUDE_DEPTH} levels"),
            ));
        }
        let mut level = Level {
            edges: Vec::with_capacity(include.len()),
            strip,
        };
        for each in include {
            let edge = edge(target, records, each, budget, depth)
                .await
                .map_err(|error| error.about(format_args!("the relation {}", each.relation)))?;
            level.edges.push(edge);
        }
        Ok(level)
    })
}

/// The properties that the relations of a query begin at.
pub(super) fn needed(target: &Target, include: &[Include]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for each in include {
        let relation = target.relation(&each.relation)?;
        match (relation.pairs(), relation.embedded_in()) {
            (Some((own, _)), _) => names.extend_from_slice(own),
            (None, Some(property)) => names.push(property.to_owned()),
            (None, None) => names.extend(target.key_names()),
        }
    }
    Ok(names)
}

/// Has a query fetch these properties too. Returns those that are to be taken out again.
pub(super) fn widen(query: &mut Query, target: &Target, names: &[String]) -> Vec<String> {
    if query.fields.is_empty() {
        // All come, but for an open model's hidden ones, which are taken out at the end.
        let mut hidden = target.hidden_names(&[]);
        hidden.retain(|name| names.contains(name));
        return hidden;
    }
    let mut added = Vec::new();
    for name in names {
        if !query.fields.contains(name) {
            query.fields.push(name.clone());
            added.push(name.clone());
        }
    }
    added
}

async fn edge(
    target: &Arc<Target>,
    records: &mut [&mut Entity],
    include: &Include,
    budget: &mut Budget,
    depth: usize,
) -> Result<Edge> {
    let relation = target.relation(&include.relation)?;
    let scope = Scope::new(target, relation, include).await?;
    let (found, next) = if relation.embedded_in().is_some() {
        let next = embedded(relation, records, &scope, budget, depth).await?;
        (Found::Embedded, next)
    } else if let Some((own, theirs)) = relation.pairs() {
        keyed(records, (own, theirs), scope, budget, depth).await?
    } else if let Some(through) = relation.through() {
        let own = target.key_names();
        let between = target.related(&through.model).await?.target;
        let pairs = Pairs::read(records, &own, &between, through, budget).await?;
        far(own, pairs, scope, budget, depth).await?
    } else {
        return Err(Error::new(ErrorKind::Invalid, "it leads nowhere"));
    };
    Ok(Edge {
        relation: relation.name.clone(),
        many: relation.is_many(),
        found,
        next,
    })
}

impl Scope {
    async fn new(target: &Target, relation: &Relation, include: &Include) -> Result<Self> {
        let related = target.related(&relation.model).await?.target;
        let mut scope = include.scope.clone();
        // Default scopes bring no relations of their own here: two that include each other would never end.
        let include = std::mem::take(&mut scope.include);
        let mut query = related.within_scope(scope).await?;
        query.include.clear();
        let filter = std::mem::take(&mut query.filter);
        query.filter = Rewriting::default().filter(&related, filter).await?;
        let most = match &relation.kind {
            // Nothing keeps several from holding the same key: it is the first, and always the same one.
            RelationKind::HasOne(_) => {
                query.limit.get_or_insert(1);
                1
            }
            _ if relation.is_many() => u64::MAX,
            _ => 1,
        };
        let mut query = query.with_total_order(&related.model);
        Ok(Self {
            offset: std::mem::take(&mut query.offset),
            limit: query.limit.take().unwrap_or(u64::MAX).min(most),
            include,
            query,
            related,
        })
    }

    /// The rest of the way: what the loaded records lead to themselves.
    pub(super) async fn next(
        &self,
        records: &mut [&mut Entity],
        strip: Vec<String>,
        budget: &mut Budget,
        depth: usize,
    ) -> Result<Level> {
        load(
            &self.related,
            records,
            &self.include,
            strip,
            budget,
            depth + 1,
        )
        .await
    }
}

/// What a record has had of its related ones so far.
#[derive(Default)]
pub(super) struct Group {
    seen: u64,
    pub places: Vec<usize>,
}

impl Group {
    /// Whether the next one is wanted: after the offset and within the limit.
    pub(super) fn wants(&mut self, scope: &Scope) -> bool {
        self.seen += 1;
        self.seen > scope.offset && self.seen - scope.offset <= scope.limit
    }
}

/// Related records that hold the keys of these, or whose keys these hold.
async fn keyed(
    records: &mut [&mut Entity],
    (own, theirs): (&[String], &[String]),
    mut scope: Scope,
    budget: &mut Budget,
    depth: usize,
) -> Result<(Found, Level)> {
    let mut keys = KeySet::default();
    for record in records.iter() {
        keys.add(record, own);
    }
    let mut wanted = theirs.to_vec();
    wanted.extend(needed(&scope.related, &scope.include)?);
    let strip = widen(&mut scope.query, &scope.related, &wanted);
    let mut groups: HashMap<Vec<u8>, Group> = HashMap::new();
    let mut found = Vec::new();
    let mut query = scope.query.clone();
    if keys.len() == 1 {
        // One record's part of them is a part of them all.
        query.offset = std::mem::take(&mut scope.offset);
        query.limit = (scope.limit < u64::MAX).then_some(scope.limit);
    }
    if scope.limit > 0 {
        let related = &scope.related;
        related
            .read_by_keys(&query, theirs, &keys, &wanted, |record| {
                let Some(key) = identity(&record, theirs) else {
                    return Ok(());
                };
                let group = groups.entry(key).or_default();
                if group.wants(&scope) {
                    budget.take(1)?;
                    group.places.push(found.len());
                    found.push(record);
                }
                Ok(())
            })
            .await?;
    }
    let mut children: Vec<&mut Entity> = found.iter_mut().collect();
    let next = scope.next(&mut children, strip, budget, depth).await?;
    let found = Found::Keyed {
        names: own.to_vec(),
        groups: places(groups),
        records: found,
    };
    Ok((found, next))
}

pub(super) fn places(groups: HashMap<Vec<u8>, Group>) -> HashMap<Vec<u8>, Vec<usize>> {
    let groups = groups.into_iter();
    groups.map(|(key, group)| (key, group.places)).collect()
}

/// Related records that are parts of these: they are read, and put in at once.
async fn embedded(
    relation: &Relation,
    records: &mut [&mut Entity],
    scope: &Scope,
    budget: &mut Budget,
    depth: usize,
) -> Result<Level> {
    let query = &scope.query;
    let matcher = Matcher::new(&query.filter)
        .map_err(|cause| Error::new(ErrorKind::Unsupported, cause.to_string()))?;
    let order = RowOrder::new(query);
    let mut projected = query.clone();
    let needed = needed(&scope.related, &scope.include)?;
    let strip = widen(&mut projected, &scope.related, &needed);
    let hidden = match projected.fields.as_slice() {
        [] => scope.related.hidden_names(&needed),
        _ => Vec::new(),
    };
    for record in records.iter_mut() {
        let embedded = relation
            .embedded(record, &scope.related.model)
            .map_err(|cause| Error::new(ErrorKind::Backend, cause))?;
        let mut parts = match embedded {
            Some(Related::Many(parts)) => parts,
            Some(Related::One(part)) => part.map(|part| *part).into_iter().collect(),
            None => Vec::new(),
        };
        parts.retain(|part| matcher.matches(part));
        order.sort(&mut parts);
        let skipped = usize::try_from(scope.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(scope.limit).unwrap_or(usize::MAX);
        let mut parts: Vec<Entity> = parts.into_iter().skip(skipped).take(limit).collect();
        for part in &mut parts {
            let fields = &projected.fields;
            part.retain(|name| fields.is_empty() || fields.iter().any(|field| field == name));
            part.retain(|name| !hidden.iter().any(|hidden| hidden == name));
        }
        budget.take(parts.len())?;
        let related = if relation.is_many() {
            Related::Many(parts)
        } else {
            Related::One(parts.pop().map(Box::new))
        };
        record.set_related(relation.name.as_str(), related);
    }
    let mut children: Vec<&mut Entity> = records
        .iter_mut()
        .flat_map(|record| record.relations_mut())
        .filter(|(name, _)| *name == relation.name)
        .flat_map(|(_, related)| related.iter_mut())
        .collect();
    scope.next(&mut children, strip, budget, depth).await
}
