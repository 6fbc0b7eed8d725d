//! Models: named record shapes, as an application declares them.

use crate::contract::{self, Generation, Index, PropertyType, Reference, Value};
use crate::query::Query;
use crate::relation::Relation;

/// What a property is set to in a new record that lacks it.
#[derive(Clone, Debug, PartialEq)]
pub enum DefaultValue {
    /// This value.
    Value(Value),
    /// The moment of creation, in UTC.
    Now,
    /// A new random UUID (version 4).
    Uuid,
}

/// A property of a [`Model`].
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// Its name in records and filters.
    pub name: String,
    /// What it holds.
    pub kind: PropertyType,
    /// Its place in the primary key, from 1; none outside the key.
    pub key: Option<u8>,
    /// Who makes its value.
    pub generated: Generation,
    /// Never null.
    pub required: bool,
    /// Never handed out, and nowhere nameable in a query; data may set it, as a password's hash.
    pub hidden: bool,
    /// Set by its default or by the backend alone: data that sets it is refused.
    pub read_only: bool,
    /// The longest text in characters, the longest bytes, or a decimal's precision.
    pub length: Option<u32>,
    /// A decimal's digits after the point.
    pub scale: Option<u8>,
    /// What a new record gets where it lacks the property.
    pub default: Option<DefaultValue>,
    /// The backend's own name for it.
    pub column: Option<String>,
    /// The backend's own type.
    pub native_type: Option<String>,
    /// What only the model's kind of connector understands, as a JSON object.
    pub settings: Option<String>,
}

impl Property {
    /// An optional property of that kind.
    pub fn new(name: impl Into<String>, kind: PropertyType) -> Self {
        Self {
            name: name.into(),
            kind,
            key: None,
            generated: Generation::Never,
            required: false,
            hidden: false,
            read_only: false,
            length: None,
            scale: None,
            default: None,
            column: None,
            native_type: None,
            settings: None,
        }
    }

    /// The same property, never null.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same property, never handed out.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// The same property, never set by data.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The same property with a default.
    #[must_use]
    pub fn default(mut self, default: DefaultValue) -> Self {
        self.default = Some(default);
        self
    }
}

/// A named record shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// The backend's own name for its table, collection or resource.
    pub collection: Option<String>,
    /// Its properties, in the order they were declared.
    pub properties: Vec<Property>,
    /// Its indexes beside the primary key.
    pub indexes: Vec<Index>,
    /// Its foreign keys, as a backend has them; beside those that its relations imply.
    pub references: Vec<Reference>,
    /// What its records have to do with others, also of other data sources.
    pub relations: Vec<Relation>,
    /// The property that counts a record's versions, for optimistic locking.
    pub version: Option<String>,
    /// What every query of the model begins with: see [`Query::with_default_scope`].
    pub scope: Option<Box<Query>>,
    /// Only declared properties exist: others are refused, in data and in filters.
    pub strict: bool,
    /// What only the model's kind of connector understands, as a JSON object.
    pub settings: Option<String>,
}

impl Model {
    /// A strict model without properties.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            collection: None,
            properties: Vec::new(),
            indexes: Vec::new(),
            references: Vec::new(),
            relations: Vec::new(),
            version: None,
            scope: None,
            strict: true,
            settings: None,
        }
    }

    /// The same model with a property.
    #[must_use]
    pub fn property(mut self, property: Property) -> Self {
        self.properties.push(property);
        self
    }

    /// The same model with a property that is the next part of its primary key.
    #[must_use]
    pub fn key(mut self, name: impl Into<String>, kind: PropertyType) -> Self {
        let place = self.properties.iter().filter(|p| p.key.is_some()).count() + 1;
        let mut property = Property::new(name, kind).required();
        property.key = u8::try_from(place).ok();
        self.properties.push(property);
        self
    }

    /// The same model with an index over these properties, named after them.
    #[must_use]
    pub fn index(mut self, properties: &[&str], unique: bool) -> Self {
        self.indexes.push(Index {
            name: properties.join("_"),
            properties: properties
                .iter()
                .map(|property| contract::SortKey {
                    property: (*property).to_owned(),
                    path: Vec::new(),
                    descending: false,
                })
                .collect(),
            unique,
            settings: None,
        });
        self
    }

    /// The same model with a relation.
    #[must_use]
    pub fn relation(mut self, relation: Relation) -> Self {
        self.relations.push(relation);
        self
    }

    /// The same model, its records' versions counted in this property.
    #[must_use]
    pub fn version(mut self, property: impl Into<String>) -> Self {
        self.version = Some(property.into());
        self
    }

    /// The same model with a default scope.
    #[must_use]
    pub fn scope(mut self, scope: Query) -> Self {
        self.scope = Some(Box::new(scope));
        self
    }

    /// The same model, keeping properties that it doesn't declare.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.strict = false;
        self
    }

    /// The declared property of that name.
    pub fn find_property(&self, name: &str) -> Option<&Property> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }

    /// The relation of that name.
    pub fn find_relation(&self, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.name == name)
    }

    /// The property that counts a record's versions.
    pub fn version_property(&self) -> Option<&Property> {
        self.find_property(self.version.as_deref()?)
    }

    /// The properties that may be handed out and named in queries.
    pub fn visible(&self) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(|property| !property.hidden)
    }

    /// The primary key's properties, in the key's order.
    pub fn key_properties(&self) -> Vec<&Property> {
        let mut key: Vec<&Property> = self.properties.iter().filter(|p| p.key.is_some()).collect();
        key.sort_by_key(|property| property.key);
        key
    }
}
