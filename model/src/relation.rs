//! Relations: what a model's records have to do with those of others, in the words that LoopBack has for it.
//!
//! Where a key or the model in between is left empty, [`crate::resolve_relations`] fills in the usual one; it
//! also checks that all of it exists. What is loaded through a relation is [`crate::Related`].

use crate::contract::Value;
use crate::entity::{Entity, Related};
use crate::model::Model;
use serde_json::Value as Json;

/// A named relation of a model to another, or to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its name, in `include` and in filters; no property has it.
    pub name: String,
    /// The other model.
    pub model: String,
    /// How their records belong together.
    pub kind: RelationKind,
}

/// How the records of two models belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// A record holds the key of one other; the foreign key is this model's.
    BelongsTo(Keys),
    /// One other holds the record's key; the foreign key is the other model's.
    HasOne(Keys),
    /// Others hold the record's key; the foreign key is the other model's.
    HasMany(Keys),
    /// Records of a third model each hold the key of the record and of an other.
    HasManyThrough(Through),
    /// The same, where the third model is there for nothing else and has a usual name.
    HasAndBelongsToMany(Through),
    /// The other is a part of the record, an object in this JSON property.
    EmbedsOne {
        /// Empty means the relation's name behind a `_`.
        property: String,
    },
    /// The others are parts of the record, an array in this JSON property.
    EmbedsMany {
        /// Empty means the relation's name behind a `_`.
        property: String,
    },
}

/// Properties that hold the values of others: pairs, in the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// What holds the values. Empty means the usual one: the relation's name and `Id` for `belongsTo`, the
    /// model's name in camel case and `Id` for the others.
    pub foreign_key: Vec<String>,
    /// Whose values they are. Empty means the primary key.
    pub primary_key: Vec<String>,
}

/// The model between two others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Through {
    /// Its name. Empty means the usual one: the names of both models, one behind the other.
    pub model: String,
    /// Its properties that hold the primary key of this model's record. Empty means the model's name in camel
    /// case and `Id`.
    pub foreign_key: Vec<String>,
    /// Its properties that hold the primary key of the other model's record; empty as above.
    pub through_key: Vec<String>,
}

impl Keys {
    /// A foreign key that holds primary keys; of no names, the usual one.
    pub fn new(foreign_key: &[&str]) -> Self {
        Self {
            foreign_key: owned(foreign_key),
            primary_key: Vec::new(),
        }
    }
}

impl Through {
    /// A model in between, and its two foreign keys; of no names, the usual ones.
    pub fn new(model: impl Into<String>, foreign_key: &[&str], through_key: &[&str]) -> Self {
        Self {
            model: model.into(),
            foreign_key: owned(foreign_key),
            through_key: owned(through_key),
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Relation {
    /// A relation of that name to that model.
    pub fn new(name: impl Into<String>, model: impl Into<String>, kind: RelationKind) -> Self {
        Self {
            name: name.into(),
            model: model.into(),
            kind,
        }
    }

    /// `belongsTo`, with this foreign key; of no names, the usual one.
    pub fn belongs_to(
        name: impl Into<String>,
        model: impl Into<String>,
        foreign_key: &[&str],
    ) -> Self {
        Self::new(name, model, RelationKind::BelongsTo(Keys::new(foreign_key)))
    }

    /// `hasOne`, with this foreign key; of no names, the usual one.
    pub fn has_one(
        name: impl Into<String>,
        model: impl Into<String>,
        foreign_key: &[&str],
    ) -> Self {
        Self::new(name, model, RelationKind::HasOne(Keys::new(foreign_key)))
    }

    /// `hasMany`, with this foreign key; of no names, the usual one.
    pub fn has_many(
        name: impl Into<String>,
        model: impl Into<String>,
        foreign_key: &[&str],
    ) -> Self {
        Self::new(name, model, RelationKind::HasMany(Keys::new(foreign_key)))
    }

    /// Whether a record may have several related ones.
    pub const fn is_many(&self) -> bool {
        match self.kind {
            RelationKind::BelongsTo(_)
            | RelationKind::HasOne(_)
            | RelationKind::EmbedsOne { .. } => false,
            RelationKind::HasMany(_)
            | RelationKind::HasManyThrough(_)
            | RelationKind::HasAndBelongsToMany(_)
            | RelationKind::EmbedsMany { .. } => true,
        }
    }

    /// This model's properties and the other's that have the same values, pair by pair; none where a third
    /// model or a property is in between.
    pub fn pairs(&self) -> Option<(&[String], &[String])> {
        match &self.kind {
            RelationKind::BelongsTo(keys) => Some((&keys.foreign_key, &keys.primary_key)),
            RelationKind::HasOne(keys) | RelationKind::HasMany(keys) => {
                Some((&keys.primary_key, &keys.foreign_key))
            }
            _ => None,
        }
    }

    /// The model in between, where there is one.
    pub const fn through(&self) -> Option<&Through> {
        match &self.kind {
            RelationKind::HasManyThrough(through) | RelationKind::HasAndBelongsToMany(through) => {
                Some(through)
            }
            _ => None,
        }
    }

    /// The property that the related records are embedded in, where they are.
    pub fn embedded_in(&self) -> Option<&str> {
        match &self.kind {
            RelationKind::EmbedsOne { property } | RelationKind::EmbedsMany { property } => {
                Some(property)
            }
            _ => None,
        }
    }

    /// What is embedded in a record, in the terms of the related model; none where the relation embeds nothing.
    ///
    /// # Errors
    /// A sentence, where what is there is no record, or more than one where there can be one.
    pub fn embedded(&self, record: &Entity, related: &Model) -> Result<Option<Related>, String> {
        let Some(property) = self.embedded_in() else {
            return Ok(None);
        };
        let json = match record.get(property) {
            None | Some(Value::Null) => Json::Null,
            Some(Value::Json(text)) => {
                serde_json::from_str(text).map_err(|error| format!("`{property}`: {error}"))?
            }
            Some(other) => other.to_json(),
        };
        let entity = |json: Json| match json {
            Json::Object(members) => Entity::from_json(members, Some(related))
                .map_err(|problems| format!("`{property}`: {problems}")),
            _ => Err(format!(
                "`{property}` holds what is no record of {}",
                related.name
            )),
        };
        Ok(Some(match (self.is_many(), json) {
            (false, Json::Null) => Related::One(None),
            (false, json) => Related::One(Some(Box::new(entity(json)?))),
            (true, Json::Null) => Related::Many(Vec::new()),
            (true, Json::Array(elements)) => {
                Related::Many(elements.into_iter().map(entity).collect::<Result<_, _>>()?)
            }
            (true, single) => Related::Many(vec![entity(single)?]),
        }))
    }
}

impl RelationKind {
    /// Every kind's name, as LoopBack has it; `hasMany` with a model in between is one of its own here.
    pub const NAMES: [&'static str; 6] = [
        "belongsTo",
        "hasOne",
        "hasMany",
        "hasAndBelongsToMany",
        "embedsOne",
        "embedsMany",
    ];

    /// LoopBack's name for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BelongsTo(_) => "belongsTo",
            Self::HasOne(_) => "hasOne",
            Self::HasMany(_) | Self::HasManyThrough(_) => "hasMany",
            Self::HasAndBelongsToMany(_) => "hasAndBelongsToMany",
            Self::EmbedsOne { .. } => "embedsOne",
            Self::EmbedsMany { .. } => "embedsMany",
        }
    }
}

impl Related {
    /// As it is embedded in a record: JSON that keeps each value's case.
    pub fn to_embedded(&self) -> Value {
        let json = |entity: &Entity| {
            Json::Object(
                entity
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_lossless_json()))
                    .collect(),
            )
        };
        match self {
            Self::One(None) => Value::Null,
            Self::One(Some(entity)) => Value::Json(json(entity).to_string()),
            Self::Many(entities) => {
                Value::Json(Json::Array(entities.iter().map(json).collect()).to_string())
            }
        }
    }
}

/// A model's name as a property's begins: `Airport` as `airport`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
