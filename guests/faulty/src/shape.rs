//! What a collection was made for: its key, its columns, its indexes.
//!
//! What a model declares beside those, such as a default, is the runtime's business and isn't kept.

use serde::{Deserialize, Serialize};
use tenon_sdk::{Generation, Index, Model, Property, PropertyType, Reference, SortKey};

/// A collection's shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shape {
    pub(crate) key: Vec<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) indexes: Vec<IndexShape>,
    pub(crate) references: Vec<ReferenceShape>,
    pub(crate) strict: bool,
}

/// A declared property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: PropertyType,
    pub(crate) generated: Generation,
    pub(crate) required: bool,
    pub(crate) length: Option<u32>,
    pub(crate) scale: Option<u8>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IndexShape {
    pub(crate) name: String,
    pub(crate) parts: Vec<(String, bool)>,
    pub(crate) unique: bool,
}

/// A foreign key, which is kept and not enforced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReferenceShape {
    pub(crate) name: String,
    properties: Vec<String>,
    model: String,
    targets: Vec<String>,
    settings: Option<String>,
}

impl Shape {
    /// The shape that a model asks for.
    pub(crate) fn new(model: &Model) -> Self {
        let mut key: Vec<_> = model
            .properties
            .iter()
            .filter_map(|property| Some((property.key?, property.name.clone())))
            .collect();
        key.sort();
        let references = model.references.iter().map(|reference| ReferenceShape {
            name: reference.name.clone(),
            properties: reference.properties.clone(),
            model: reference.model.clone(),
            targets: reference.targets.clone(),
            settings: reference.settings.clone(),
        });
        Self {
            key: key.into_iter().map(|(_, name)| name).collect(),
            columns: model.properties.iter().map(Column::new).collect(),
            indexes: model.indexes.iter().map(IndexShape::new).collect(),
            references: references.collect(),
            strict: model.strict,
        }
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// This shape, with the columns of another one that it doesn't mention: they stay until a plan drops them.
    pub(crate) fn over(mut self, old: &Self) -> Self {
        let mut columns = Vec::new();
        for column in &old.columns {
            // In their order, so that the same model twice changes nothing.
            columns.push(self.column(&column.name).unwrap_or(column).clone());
        }
        self.columns
            .retain(|column| old.column(&column.name).is_none());
        columns.append(&mut self.columns);
        self.columns = columns;
        self
    }

    /// A model of this shape.
    pub(crate) fn to_model(&self, name: &str) -> Model {
        let properties = self.columns.iter().map(|column| {
            let place = self.key.iter().position(|name| *name == column.name);
            column.to_model(place)
        });
        let references = self.references.iter().map(|reference| Reference {
            name: reference.name.clone(),
            properties: reference.properties.clone(),
            model: reference.model.clone(),
            targets: reference.targets.clone(),
            settings: reference.settings.clone(),
        });
        Model {
            name: name.to_owned(),
            collection: None,
            properties: properties.collect(),
            indexes: self.indexes.iter().map(IndexShape::to_model).collect(),
            references: references.collect(),
            strict: self.strict,
            settings: None,
        }
    }
}

impl Column {
    fn new(property: &Property) -> Self {
        Self {
            name: property.name.clone(),
            kind: property.kind,
            generated: property.generated,
            required: property.required,
            length: property.length,
            scale: property.scale,
        }
    }

    fn to_model(&self, place: Option<usize>) -> Property {
        Property {
            name: self.name.clone(),
            kind: self.kind,
            column: None,
            native_type: Some(self.kind.name().to_owned()),
            key: place.and_then(|place| u8::try_from(place + 1).ok()),
            generated: self.generated,
            required: self.required,
            length: self.length,
            scale: self.scale,
            default_value: None,
            settings: None,
        }
    }

    /// For a person: `text, required, length 3`.
    pub(crate) fn describe(&self) -> String {
        let mut words = vec![self.kind.name().to_owned()];
        if self.required {
            words.push("required".into());
        }
        if self.generated != Generation::Never {
            words.push(format!("generated {}", self.generated.name()));
        }
        words.extend(self.length.map(|length| format!("length {length}")));
        words.extend(self.scale.map(|scale| format!("scale {scale}")));
        words.join(", ")
    }
}

impl IndexShape {
    fn new(index: &Index) -> Self {
        let parts = index
            .properties
            .iter()
            .map(|part| (part.property.clone(), part.descending));
        Self {
            name: index.name.clone(),
            parts: parts.collect(),
            unique: index.unique,
        }
    }

    fn to_model(&self) -> Index {
        let parts = self.parts.iter().map(|(property, descending)| SortKey {
            property: property.clone(),
            path: Vec::new(),
            descending: *descending,
        });
        Index {
            name: self.name.clone(),
            properties: parts.collect(),
            unique: self.unique,
            settings: None,
        }
    }

    /// For a person: `unique index `state` over state, name descending`.
    pub(crate) fn describe(&self) -> String {
        let parts = self.parts.iter().map(|(property, descending)| {
            format!("{property}{}", if *descending { " descending" } else { "" })
        });
        format!(
            "{}index `{}` over {}",
            if self.unique { "unique " } else { "" },
            self.name,
            parts.collect::<Vec<_>>().join(", ")
        )
    }
}
