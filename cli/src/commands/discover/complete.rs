//! Discovered models as a `tenon.toml` has them: names that are easy to write, keys, and relations both ways.
//!
//! What is renamed keeps the backend's name beside it, so that a plan of the models finds nothing to change. A connector
//! that has no names beside the models' own keeps these.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tenon_model::contract::Reference;
use tenon_model::{
    DefaultValue, Keys, Model, Property, PropertyType, Relation, RelationKind, Value,
};

use super::names::{camel, free, own_name, pascal};

/// The models of a data source, those that are declared by their collections.
pub struct Declared {
    /// By collection.
    models: BTreeMap<String, Model>,
    /// Of all models, whatever their data source.
    names: BTreeSet<String>,
}

impl Declared {
    /// Of the models of a data source, and the names of all models.
    pub fn new<'a>(
        of_source: impl Iterator<Item = &'a Model>,
        names: impl Iterator<Item = &'a String>,
    ) -> Self {
        let by_collection = |model: &Model| {
            let collection = model.collection.as_ref().unwrap_or(&model.name);
            (collection.clone(), model.clone())
        };
        Self {
            models: of_source.map(by_collection).collect(),
            names: names.cloned().collect(),
        }
    }

    /// The name of the model that a collection has already.
    pub fn of(&self, collection: &str) -> Option<&str> {
        self.models.get(collection).map(|model| model.name.as_str())
    }

    /// Models as they are declared, and what somebody should know of them.
    pub fn complete(&self, found: Vec<Model>) -> (Vec<Model>, Vec<String>) {
        let mut notes = Vec::new();
        let mut models = self.renamed(found);
        for model in &mut models {
            notes.extend(choose_key(model));
            model.properties.iter_mut().for_each(keep_sound_default);
        }
        let relations: Vec<Vec<Relation>> = models
            .iter()
            .map(|model| self.belongs_to(model, &models))
            .collect();
        for (model, relations) in models.iter_mut().zip(&relations) {
            model.relations.clone_from(relations);
            model.references.clear();
        }
        add_other_sides(&mut models, &relations);
        (models, notes)
    }

    fn renamed(&self, found: Vec<Model>) -> Vec<Model> {
        let mut taken = self.names.clone();
        let mut renamed = Vec::new();
        for mut model in found {
            if let Some(collection) = &model.collection {
                let name = pascal(&own_name(collection));
                let whole = pascal(collection);
                let name = free(&[name, whole, "Model".to_owned()], &mut taken);
                model.name.clone_from(&name);
            }
            rename_properties(&mut model);
            renamed.push(model);
        }
        // A reference has the other's collection for its name, and columns for its targets.
        let others: Vec<Model> = renamed.clone();
        for model in &mut renamed {
            model
                .references
                .retain_mut(|reference| self.lead(reference, &others));
        }
        for model in &mut renamed {
            if model.collection.as_deref() == Some(model.name.as_str()) {
                model.collection = None;
            }
        }
        renamed
    }

    /// Has a reference say which model it is to; false where there is none.
    fn lead(&self, reference: &mut Reference, found: &[Model]) -> bool {
        let is_of =
            |model: &&Model| model.collection.as_ref().unwrap_or(&model.name) == &reference.model;
        let mut found = found.iter();
        let Some(other) = found
            .find(is_of)
            .or_else(|| self.models.get(&reference.model))
        else {
            return false;
        };
        reference.model.clone_from(&other.name);
        for target in &mut reference.targets {
            let mut properties = other.properties.iter();
            let is_it =
                |property: &&Property| property.column.as_ref().unwrap_or(&property.name) == target;
            let Some(property) = properties.find(is_it) else {
                return false;
            };
            target.clone_from(&property.name);
        }
        true
    }

    fn belongs_to(&self, model: &Model, found: &[Model]) -> Vec<Relation> {
        let mut relations = model.suggested_relations();
        relations.retain_mut(|relation| {
            let mut all = found.iter().chain(self.models.values());
            let Some(other) = all.find(|other| other.name == relation.model) else {
                return false;
            };
            let RelationKind::BelongsTo(keys) = &mut relation.kind else {
                return false;
            };
            // A relation's keys are of the same kind; what else a backend compares is no relation.
            let same_kind = |(one, other_name): (&String, &String)| {
                let kind = |model: &Model, name: &str| model.find_property(name).map(|it| it.kind);
                kind(model, one).is_some() && kind(model, one) == kind(other, other_name)
            };
            let fits = keys
                .foreign_key
                .iter()
                .zip(&keys.primary_key)
                .all(same_kind);
            let key = other.key_properties();
            if key
                .iter()
                .map(|property| &property.name)
                .eq(&keys.primary_key)
            {
                keys.primary_key.clear();
            }
            fits
        });
        relations
    }
}

/// Gives properties names that are easy to write, where the connector has names for columns beside them.
fn rename_properties(model: &mut Model) {
    let has_columns = |property: &Property| property.column.is_some();
    let kept = model
        .properties
        .iter()
        .filter(|property| !has_columns(property));
    let mut taken: BTreeSet<String> = kept.map(|property| property.name.clone()).collect();
    let mut names = BTreeMap::new();
    for property in &mut model.properties {
        let Some(column) = property.column.take() else {
            continue;
        };
        let name = free(&[camel(&property.name), "property".to_owned()], &mut taken);
        names.insert(
            std::mem::replace(&mut property.name, name.clone()),
            name.clone(),
        );
        property.column = (column != name).then_some(column);
    }
    let rename = |name: &mut String| {
        if let Some(new) = names.get(name) {
            name.clone_from(new);
        }
    };
    for part in model
        .indexes
        .iter_mut()
        .flat_map(|index| &mut index.properties)
    {
        rename(&mut part.property);
    }
    for name in model
        .references
        .iter_mut()
        .flat_map(|reference| &mut reference.properties)
    {
        rename(name);
    }
}

/// Takes a key for a collection that has none, since a record is found by one: `id`, or all that has an order.
fn choose_key(model: &mut Model) -> Option<String> {
    if !model.key_properties().is_empty() || model.properties.is_empty() {
        return None;
    }
    let is_id = |property: &Property| property.name.eq_ignore_ascii_case("id");
    let has_order =
        |property: &Property| !matches!(property.kind, PropertyType::Json | PropertyType::Point);
    let only_id = model
        .properties
        .iter()
        .any(|property| is_id(property) && has_order(property));
    let mut place = 0_u8;
    for property in &mut model.properties {
        let wanted = has_order(property) && (!only_id || is_id(property));
        if let (true, Some(next)) = (wanted, place.checked_add(1)) {
            place = next;
            property.key = Some(place);
            property.required = true;
        }
    }
    let names = model.key_properties();
    let names: Vec<&str> = names
        .iter()
        .map(|property| property.name.as_str())
        .collect();
    Some(format!(
        "{} has no key in the backend; taken for its key: {}. Say which properties tell its records apart",
        model.name,
        names.join(", ")
    ))
}

/// Leaves out a default that a document has no form for; the backend still has it.
fn keep_sound_default(property: &mut Property) {
    let Some(DefaultValue::Value(value)) = &property.default else {
        return;
    };
    let json = value.to_json();
    let is_read_again = Value::from_json(&json, property.kind).is_ok_and(|again| again == *value);
    if !is_read_again || has_null(&json) {
        property.default = None;
    }
}

fn has_null(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(items) => items.iter().any(has_null),
        Json::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

/// Adds the way back to each relation, where the other model comes along.
fn add_other_sides(models: &mut [Model], relations: &[Vec<Relation>]) {
    let owners: Vec<(String, Vec<BTreeSet<String>>)> = models
        .iter()
        .map(|model| (model.name.clone(), unique_sets(model)))
        .collect();
    for ((owner, unique), relations) in owners.iter().zip(relations) {
        for relation in relations {
            let RelationKind::BelongsTo(keys) = &relation.kind else {
                continue;
            };
            let Some(other) = models.iter_mut().find(|model| model.name == relation.model) else {
                continue;
            };
            let is_only = relations
                .iter()
                .filter(|it| it.model == relation.model)
                .count()
                == 1
                && *owner != relation.model;
            let mut taken: BTreeSet<String> = other
                .properties
                .iter()
                .map(|property| property.name.clone())
                .chain(other.relations.iter().map(|relation| relation.name.clone()))
                .collect();
            let plain = camel(owner);
            let by = format!("{plain}By{}", pascal(&relation.name));
            let mut names = vec![plain, by];
            if !is_only {
                names.remove(0);
            }
            let keys = Keys {
                foreign_key: keys.foreign_key.clone(),
                primary_key: keys.primary_key.clone(),
            };
            let foreign: BTreeSet<String> = keys.foreign_key.iter().cloned().collect();
            let kind = if unique.contains(&foreign) {
                RelationKind::HasOne(keys)
            } else {
                RelationKind::HasMany(keys)
            };
            let name = free(&names, &mut taken);
            other
                .relations
                .push(Relation::new(name, owner.as_str(), kind));
        }
    }
}

/// The properties that tell a model's records apart: its key, and its unique indexes.
fn unique_sets(model: &Model) -> Vec<BTreeSet<String>> {
    let key = model.key_properties();
    let key = key.iter().map(|property| property.name.clone()).collect();
    let unique = model.indexes.iter().filter(|index| index.unique);
    let unique = unique.map(|index| {
        let parts = index.properties.iter();
        parts.map(|part| part.property.clone()).collect()
    });
    std::iter::once(key).chain(unique).collect()
}
