//! Models: named record shapes, as an application declares them.

use crate::contract::{self, Generation, Index, PropertyType, Reference, Value};

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
    /// Its foreign keys.
    pub references: Vec<Reference>,
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

    /// The primary key's properties, in the key's order.
    pub fn key_properties(&self) -> Vec<&Property> {
        let mut key: Vec<&Property> = self.properties.iter().filter(|p| p.key.is_some()).collect();
        key.sort_by_key(|property| property.key);
        key
    }

    /// As a connector is told of it.
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
}
