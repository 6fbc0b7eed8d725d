//! Relations over all models: what they leave out is filled in, and all that they name is there.
//!
//! Every mistake is reported at once, with its place: `Airport.relations.routes.foreign-key`. Where there is one,
//! the models stay as they were.

use std::collections::{BTreeMap, HashSet};

use crate::closest;
use crate::contract::PropertyType;
use crate::definition::GENERATED_KEY;
use crate::model::Model;
use crate::problem::{Problems, shown};
use crate::relation::{Keys, Relation, RelationKind, Through, camel_case};

/// Completes and checks the relations, and what default scopes ask of related records.
///
/// A model that declares no key is taken to have a generated `id`, of a kind that its connector decides. Done once
/// more with what is done, it changes nothing.
///
/// # Errors
/// Every model that isn't known, every property that isn't there or has another kind than the one whose value it
/// is to hold, and every name that is left out where there is no usual one.
pub fn resolve_relations(models: &mut BTreeMap<String, Model>) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let keyed: BTreeMap<String, Model> = models
        .iter()
        .map(|(name, model)| (name.clone(), model.keyed().into_owned()))
        .collect();
    let mut resolved = Vec::new();
    for (name, model) in &keyed {
        let relations = model.relations.iter().map(|relation| {
            let mut resolver = Resolver {
                models: &keyed,
                model,
                relation,
                problems: Problems::new(),
            };
            let kind = resolver.kind();
            let place = format!("{name}.relations.{}", relation.name);
            problems.extend_at(&place, resolver.problems);
            Relation {
                kind: kind.unwrap_or_else(|| relation.kind.clone()),
                ..relation.clone()
            }
        });
        resolved.push((name.clone(), relations.collect::<Vec<_>>()));
        if let Err(inner) = model.default_scope(&keyed) {
            problems.extend_at(name, inner);
        }
    }
    if problems.is_empty() {
        for (name, relations) in resolved {
            if let Some(model) = models.get_mut(&name) {
                model.relations = relations;
            }
        }
    }
    problems.none_or(())
}

/// One relation of a model, among all models.
struct Resolver<'a> {
    models: &'a BTreeMap<String, Model>,
    model: &'a Model,
    relation: &'a Relation,
    problems: Problems,
}

impl<'a> Resolver<'a> {
    /// What the relation is with nothing left out; none where there is a problem.
    fn kind(&mut self) -> Option<RelationKind> {
        let other = self.find("model", &self.relation.model)?;
        Some(match &self.relation.kind {
            RelationKind::BelongsTo(keys) => {
                let usual = format!("{}Id", self.relation.name);
                RelationKind::BelongsTo(self.keys(keys, (self.model, other), usual)?)
            }
            RelationKind::HasOne(keys) => {
                let usual = usual_key(self.model);
                RelationKind::HasOne(self.keys(keys, (other, self.model), usual)?)
            }
            RelationKind::HasMany(keys) => {
                let usual = usual_key(self.model);
                RelationKind::HasMany(self.keys(keys, (other, self.model), usual)?)
            }
            RelationKind::HasManyThrough(through) => {
                let between = self.find("through", &through.model)?;
                RelationKind::HasManyThrough(self.between(through, between, other)?)
            }
            RelationKind::HasAndBelongsToMany(through) => {
                let between = match through.model.as_str() {
                    "" => self.usual_between(other)?,
                    name => self.find("through", name)?,
                };
                RelationKind::HasAndBelongsToMany(self.between(through, between, other)?)
            }
            RelationKind::EmbedsOne { property } => RelationKind::EmbedsOne {
                property: self.embedding(property, other)?,
            },
            RelationKind::EmbedsMany { property } => RelationKind::EmbedsMany {
                property: self.embedding(property, other)?,
            },
        })
    }

    fn find(&mut self, place: &str, name: &str) -> Option<&'a Model> {
        let found = self.models.get(name);
        if found.is_none() {
            let remedy = match closest(name, self.models.keys().map(String::as_str)) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => "declare it".to_owned(),
            };
            self.problems
                .push(place, format!("unknown model {}; {remedy}", shown(name)));
        }
        found
    }

    /// The keys, with the usual names where there are none, from the model that has them to the other.
    fn keys(
        &mut self,
        keys: &Keys,
        (holder, held): (&Model, &Model),
        usual: String,
    ) -> Option<Keys> {
        let primary_key = if keys.primary_key.is_empty() {
            key_names(held)
        } else {
            self.check_unique(held, &keys.primary_key)?;
            keys.primary_key.clone()
        };
        let foreign_key = self.foreign_key(
            "foreign-key",
            &keys.foreign_key,
            holder,
            usual,
            held,
            &primary_key,
        )?;
        Some(Keys {
            foreign_key,
            primary_key,
        })
    }

    /// Both keys of the model in between.
    fn between(&mut self, through: &Through, between: &Model, other: &Model) -> Option<Through> {
        let mine = key_names(self.model);
        let theirs = key_names(other);
        let (own, far) = (&through.foreign_key, &through.through_key);
        let usual = usual_key(self.model);
        let own = self.foreign_key("foreign-key", own, between, usual, self.model, &mine);
        let far = self.foreign_key(
            "through-key",
            far,
            between,
            usual_key(other),
            other,
            &theirs,
        );
        let (foreign_key, through_key) = (own?, far?);
        if foreign_key == through_key {
            self.problems.push(
                "through-key",
                format!(
                    "it is the same as `foreign-key`, {}: name the properties of {} that hold the key of {} at \
                     the other end",
                    listed(&foreign_key),
                    between.name,
                    other.name
                ),
            );
            return None;
        }
        Some(Through {
            model: between.name.clone(),
            foreign_key,
            through_key,
        })
    }

    /// The model between two that is named after them.
    fn usual_between(&mut self, other: &Model) -> Option<&'a Model> {
        let names = [
            format!("{}{}", self.model.name, other.name),
            format!("{}{}", other.name, self.model.name),
        ];
        let found = names.iter().find_map(|name| self.models.get(name));
        if found.is_none() {
            let [name, reversed] = &names;
            self.problems.push(
                "through",
                format!(
                    "there is no model {name} or {reversed} for the pairs: declare one with the properties `{}` and \
                     `{}` as its key, or name another with `through`",
                    usual_key(self.model),
                    usual_key(other)
                ),
            );
        }
        found
    }

    /// The properties of `holder` that hold these of `held`.
    fn foreign_key(
        &mut self,
        place: &str,
        given: &[String],
        holder: &Model,
        usual: String,
        held: &Model,
        primary_key: &[String],
    ) -> Option<Vec<String>> {
        let names = match given {
            [] => vec![usual],
            given => given.to_vec(),
        };
        if names.len() != primary_key.len() {
            let what = if given.is_empty() {
                "there is no usual one"
            } else {
                "each of them needs its own"
            };
            self.problems.push(
                place,
                format!(
                    "{} of {} are held by it, and {what}: name {} properties of {}, in this order",
                    listed(primary_key),
                    held.name,
                    primary_key.len(),
                    holder.name
                ),
            );
            return None;
        }
        let before = self.problems.iter().len();
        let mut seen = HashSet::new();
        for (name, target) in names.iter().zip(primary_key) {
            if !seen.insert(name) {
                let message = format!("`{name}` is there twice: each holds another value");
                self.problems.push(place, message);
            }
            let kind = held.find_property(target).map(|found| found.kind);
            self.check_foreign(place, holder, name, &held.name, target, kind);
        }
        (self.problems.iter().len() == before).then_some(names)
    }

    /// Whether a property is there, and of the kind whose values it is to hold.
    fn check_foreign(
        &mut self,
        place: &str,
        holder: &Model,
        name: &str,
        held: &str,
        target: &str,
        kind: Option<PropertyType>,
    ) {
        let Some(property) = holder.find_property(name) else {
            if holder.strict {
                let declared = kind.filter(|kind| *kind != PropertyType::Any).map_or_else(
                    || "declare it".to_owned(),
                    |kind| format!("declare it as {kind}"),
                );
                let meant = match holder.suggest(name) {
                    Some(meant) => format!("did you mean `{meant}`? Otherwise {declared}"),
                    None => format!("{declared}, or name another"),
                };
                self.problems.push(
                    place,
                    format!(
                        "the model {} has no property {} to hold `{target}` of {held}; {meant}",
                        holder.name,
                        shown(name)
                    ),
                );
            }
            return;
        };
        let Some(kind) = kind else { return };
        if property.kind != kind && ![property.kind, kind].contains(&PropertyType::Any) {
            self.problems.push(
                place,
                format!(
                    "`{name}` of {} is of kind {}, and `{target}` of {held}, which it is to hold, of kind {kind}: \
                     declare both alike",
                    holder.name, property.kind
                ),
            );
        }
    }

    /// Whether these properties tell records apart: all of the key, or of a unique index.
    fn check_unique(&mut self, model: &Model, names: &[String]) -> Option<()> {
        let same = |others: Vec<&str>| {
            others.len() == names.len() && names.iter().all(|name| others.contains(&name.as_str()))
        };
        let key = model.key_properties();
        let is_unique = same(key.iter().map(|part| part.name.as_str()).collect())
            || model.indexes.iter().any(|index| {
                let whole = index.properties.iter().all(|part| part.path.is_empty());
                let parts = index.properties.iter().map(|part| part.property.as_str());
                index.unique && whole && same(parts.collect())
            });
        if !is_unique {
            self.problems.push(
                "primary-key",
                format!(
                    "{} of {} are neither its key nor a unique index, so that they may mean several records: \
                     make them unique",
                    listed(names),
                    model.name
                ),
            );
        }
        is_unique.then_some(())
    }

    /// The property that embeds the other's records.
    fn embedding(&mut self, given: &str, other: &Model) -> Option<String> {
        if let Some(version) = &other.version {
            self.problems.push(
                "model",
                format!(
                    "the model {} counts versions in {}, and embedded records have none of their own: take `version` \
                     away there, or embed another model; a `version` of {} covers what is embedded in its records",
                    other.name,
                    shown(version),
                    self.model.name
                ),
            );
            return None;
        }
        let name = match given {
            "" => format!("_{}", self.relation.name),
            given => given.to_owned(),
        };
        let message = match self.model.find_property(&name) {
            Some(found) if matches!(found.kind, PropertyType::Json | PropertyType::Any) => {
                return Some(name);
            }
            Some(found) => format!(
                "`{name}` is of kind {}, and records are embedded in kind json: declare it so, or name another",
                found.kind
            ),
            None if !self.model.strict => return Some(name),
            None => match self.model.suggest(&name) {
                Some(meant) => format!(
                    "the model {} has no property {}; did you mean `{meant}`?",
                    self.model.name,
                    shown(&name)
                ),
                None => format!(
                    "the model {} has no property {} to embed records in; declare it as json, or name another with \
                     `property`",
                    self.model.name,
                    shown(&name)
                ),
            },
        };
        self.problems.push("property", message);
        None
    }
}

/// The foreign key that LoopBack gives a model's records: `Airport` and `airportId`.
fn usual_key(model: &Model) -> String {
    format!("{}Id", camel_case(&model.name))
}

fn key_names(model: &Model) -> Vec<String> {
    let key = model.key_properties();
    if key.is_empty() {
        return vec![GENERATED_KEY.to_owned()];
    }
    key.into_iter().map(|part| part.name.clone()).collect()
}

fn listed(names: &[String]) -> String {
    format!("`{}`", names.join("`, `"))
}
