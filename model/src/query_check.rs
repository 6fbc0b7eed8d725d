//! A query against its model, and what it includes against the related ones: every mistake at once.

use std::collections::HashSet;

use crate::contract::SortKey;
use crate::filter::{Filter, Resolver, Sight, no_relation};
use crate::model::Model;
use crate::models::Models;
use crate::problem::Problems;
use crate::query::{Include, MAX_INCLUDE_DEPTH, MAX_INCLUDES, Query};

impl Query {
    /// The same query in the model's terms: names resolved, operands coerced, fields listed once each.
    /// Hidden properties are as unknown as those that aren't there.
    ///
    /// # Errors
    /// Every mistake in it, as [`Filter::check`] finds them for the filter. What is asked of related records isn't
    /// judged: see [`Query::check_with`].
    pub fn check(self, model: &Model) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::SHORT)
    }

    /// As [`Query::check`], with all that it includes, and what its filters ask of related records, in the terms
    /// of their models.
    ///
    /// # Errors
    /// As there, for the related models too: `include[0].scope.where.state.gt`.
    pub fn check_with(self, model: &Model, models: &dyn Models) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::over(models))
    }

    /// As [`Query::check_with`], for a query of trusted code, which may name hidden properties.
    ///
    /// # Errors
    /// As there.
    pub fn check_trusted(self, model: &Model, models: &dyn Models) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::trusted(models))
    }

    pub(crate) fn check_seeing(self, model: &Model, sight: Sight<'_>) -> Result<Self, Problems> {
        let mut includes = 0;
        checked(self, Resolver { model, sight }, 0, &mut includes)
    }
}

fn checked(
    query: Query,
    resolver: Resolver<'_>,
    depth: usize,
    includes: &mut usize,
) -> Result<Query, Problems> {
    let mut problems = Problems::new();
    let filter = query
        .filter
        .check_seeing(resolver.model, resolver.sight)
        .unwrap_or_else(|found| {
            problems.extend(found);
            Filter::all()
        });
    let order = checked_order(query.order, resolver, &mut problems);
    let fields = checked_fields(query.fields, query.without, resolver, &mut problems);
    let include = checked_include(query.include, resolver, depth, includes, &mut problems);
    problems.none_or(Query {
        filter,
        order,
        fields,
        without: Vec::new(),
        limit: query.limit,
        offset: query.offset,
        include,
        hints: query.hints,
    })
}

fn checked_order(
    keys: Vec<SortKey>,
    resolver: Resolver<'_>,
    problems: &mut Problems,
) -> Vec<SortKey> {
    let mut order = Vec::with_capacity(keys.len());
    for (index, key) in keys.into_iter().enumerate() {
        match resolver.resolve(key.property, key.path) {
            Ok(resolved) => order.push(SortKey {
                property: resolved.property,
                path: resolved.path,
                descending: key.descending,
            }),
            Err(reason) => problems.push(format!("order[{index}]"), reason),
        }
    }
    order
}

/// The fields wanted, where all of them exist.
fn checked_fields(
    fields: Vec<String>,
    without: Vec<String>,
    resolver: Resolver<'_>,
    problems: &mut Problems,
) -> Vec<String> {
    let model = resolver.model;
    for name in fields.iter().chain(&without) {
        if !resolver.has(name) {
            problems.push(format!("fields.{name}"), resolver.unknown(name, &[]));
        }
    }
    let mut wanted: Vec<String> = Vec::with_capacity(fields.len());
    if !fields.is_empty() || without.is_empty() {
        for name in fields {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        return wanted;
    }
    if !model.strict {
        let message = format!(
            "model `{}` may have properties that it doesn't declare; list the ones you want instead",
            model.name
        );
        problems.push("fields", message);
    }
    let seen = model.properties.iter().filter(|each| resolver.sees(each));
    let declared = seen.map(|property| &property.name);
    wanted.extend(declared.filter(|name| !without.contains(name)).cloned());
    if wanted.is_empty() {
        problems.push("fields", "every property is left out; leave one");
    }
    wanted
}

fn checked_include(
    include: Vec<Include>,
    resolver: Resolver<'_>,
    depth: usize,
    includes: &mut usize,
    problems: &mut Problems,
) -> Vec<Include> {
    if depth >= MAX_INCLUDE_DEPTH && !include.is_empty() {
        let message = format!("relations are loaded through at most {MAX_INCLUDE_DEPTH} levels");
        problems.push("include", message);
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut loaded = Vec::with_capacity(include.len());
    for (index, each) in include.into_iter().enumerate() {
        let place = format!("include[{index}]");
        *includes += 1;
        if *includes == MAX_INCLUDES + 1 {
            let message = format!("a query loads at most {MAX_INCLUDES} relations");
            problems.push(&place, message);
        }
        let Include { relation, scope } = each;
        if !seen.insert(relation.clone()) {
            let message = format!("`{relation}` is there twice; say all of it in one scope");
            problems.push(&place, message);
        }
        let Some(found) = resolver.model.find_relation(&relation) else {
            problems.push(place, no_relation(resolver.model, &relation));
            continue;
        };
        let scope = match resolver.sight.models {
            None => scope,
            Some(models) => {
                let Some(model) = models.find_model(&found.model) else {
                    let message = format!(
                        "the model {} that `{relation}` leads to isn't known here",
                        found.model
                    );
                    problems.push(place, message);
                    continue;
                };
                let resolver = Resolver { model, ..resolver };
                checked(scope, resolver, depth + 1, includes).unwrap_or_else(|inner| {
                    problems.extend_at(&format!("{place}.scope"), inner);
                    Query::new()
                })
            }
        };
        loaded.push(Include { relation, scope });
    }
    loaded
}
