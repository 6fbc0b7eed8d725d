//! Models between an application's declaration and what a connector is told of them, or tells.

use crate::contract::{self, Reference};
use crate::model::{DefaultValue, Model, Property};
use crate::problem::Problems;
use crate::relation::{Keys, Relation, RelationKind, camel_case};

impl Model {
    /// As a connector is told of it. Foreign keys that relations imply are for
    /// [`Model::to_contract_among`] to add.
    pub fn to_contract(&self) -> contract::Model {
        contract::Model {
            name: self.name.clone(),
            collection: self.collection.clone(),
            properties: self.properties.iter().map(Property::to_contract).collect(),
            indexes: self.indexes.clone(),
            references: self.references.clone(),
            strict: self.strict,
            settings: self.settings.clone(),
        }
    }

    /// As a connector is told of it, with a reference for each `belongsTo` relation to a model of the same
    /// data source: a foreign key into another backend is nothing that a backend could keep.
    ///
    /// A relation whose keys aren't known yet (see [`crate::resolve_relations`]), and one over properties that
    /// a reference is declared for, adds nothing.
    pub fn to_contract_among(&self, is_of_same_source: &dyn Fn(&str) -> bool) -> contract::Model {
        let mut model = self.to_contract();
        for relation in &self.relations {
            let RelationKind::BelongsTo(keys) = &relation.kind else {
                continue;
            };
            let is_known = model
                .references
                .iter()
                .any(|reference| reference.properties == keys.foreign_key);
            if is_known || keys.foreign_key.is_empty() || !is_of_same_source(&relation.model) {
                continue;
            }
            model.references.push(Reference {
                name: relation.name.clone(),
                properties: keys.foreign_key.clone(),
                model: relation.model.clone(),
                targets: keys.primary_key.clone(),
                settings: None,
            });
        }
        model
    }

    /// The model that a connector tells of, as one that it has discovered. References stay references; the
    /// relations that they suggest are in [`Model::suggested_relations`].
    ///
    /// # Errors
    /// Everything in it that isn't sound, as [`Model::check`] finds it.
    pub fn from_contract(model: contract::Model) -> Result<Self, Problems> {
        let model = Self {
            name: model.name,
            collection: model.collection,
            properties: model
                .properties
                .into_iter()
                .map(Property::from_contract)
                .collect(),
            indexes: model.indexes,
            references: model.references,
            relations: Vec::new(),
            version: None,
            scope: None,
            strict: model.strict,
            settings: model.settings,
        };
        model.check()?;
        Ok(model)
    }
}

impl Model {
    /// A `belongsTo` relation for each reference, with a name that is free: the foreign key's without its `Id`, or
    /// the other model's. Whether those models are there is for [`crate::resolve_relations`] to judge.
    pub fn suggested_relations(&self) -> Vec<Relation> {
        let mut relations: Vec<Relation> = Vec::new();
        for reference in &self.references {
            let is_taken = |name: &str| {
                name.is_empty()
                    || name.contains('.')
                    || self.find_property(name).is_some()
                    || self.find_relation(name).is_some()
                    || relations.iter().any(|relation| relation.name == name)
            };
            let stem = match reference.properties.as_slice() {
                [only] => ["_id", "_ID", "Id", "ID"]
                    .iter()
                    .find_map(|end| only.strip_suffix(end)),
                _ => None,
            };
            let model = camel_case(&reference.model).replace('.', "_");
            let numbered = (2..).map(|number| format!("{model}{number}"));
            let mut names = stem
                .map(str::to_owned)
                .into_iter()
                .chain([model.clone()])
                .chain(numbered);
            let Some(name) = names.find(|name| !is_taken(name)) else {
                continue;
            };
            let keys = Keys {
                foreign_key: reference.properties.clone(),
                primary_key: reference.targets.clone(),
            };
            relations.push(Relation::new(
                name,
                reference.model.as_str(),
                RelationKind::BelongsTo(keys),
            ));
        }
        relations
    }
}

impl Property {
    /// As a connector is told of it.
    pub fn to_contract(&self) -> contract::Property {
        contract::Property {
            name: self.name.clone(),
            kind: self.kind,
            column: self.column.clone(),
            native_type: self.native_type.clone(),
            key: self.key,
            generated: self.generated,
            required: self.required,
            length: self.length,
            scale: self.scale,
            default_value: match &self.default {
                Some(DefaultValue::Value(value)) => Some(value.clone()),
                _ => None,
            },
            settings: self.settings.clone(),
        }
    }

    fn from_contract(property: contract::Property) -> Self {
        Self {
            name: property.name,
            kind: property.kind,
            key: property.key,
            generated: property.generated,
            required: property.required,
            hidden: false,
            read_only: false,
            length: property.length,
            scale: property.scale,
            default: property.default_value.map(DefaultValue::Value),
            column: property.column,
            native_type: property.native_type,
            settings: property.settings,
        }
    }
}
