//! What a collection was made for: its key, its indexes, and what was declared of properties.
//!
//! Key and indexes decide how records are found. Declarations decide nothing in here: they are kept so that a
//! collection can be discovered.

use serde::{Deserialize, Serialize};
use tenon_sdk::layout::Layout;
use tenon_sdk::{Generation, Index, Model, Property, PropertyType, Reference, SortKey};

use crate::settings::HASH;

/// A collection's shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shape {
    pub(crate) key: KeyShape,
    pub(crate) declared: Declared,
    pub(crate) indexes: Vec<IndexShape>,
}

/// The primary key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyShape {
    properties: Vec<String>,
    ordered: bool,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IndexShape {
    pub(crate) name: String,
    parts: Vec<PartShape>,
    unique: bool,
    ordered: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PartShape {
    property: String,
    descending: bool,
}

/// What a model says beside key and indexes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Declared {
    properties: Vec<PropertyShape>,
    references: Vec<ReferenceShape>,
    strict: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PropertyShape {
    name: String,
    kind: PropertyType,
    generated: Generation,
    required: bool,
    length: Option<u32>,
    scale: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ReferenceShape {
    name: String,
    properties: Vec<String>,
    model: String,
    targets: Vec<String>,
    settings: Option<String>,
}

impl Shape {
    /// The shape of a model that has this layout.
    pub(crate) fn new(model: &Model, layout: &Layout) -> Self {
        let indexes = layout.indexes.iter().map(|index| IndexShape {
            name: index.name.clone(),
            parts: index.parts.iter().map(PartShape::new).collect(),
            unique: index.unique,
            ordered: index.ordered,
        });
        Self {
            key: KeyShape {
                properties: layout.key.iter().map(|p| p.property.clone()).collect(),
                ordered: layout.key_ordered,
            },
            indexes: indexes.collect(),
            declared: Declared {
                properties: model.properties.iter().map(PropertyShape::new).collect(),
                references: model.references.iter().map(ReferenceShape::new).collect(),
                strict: model.strict,
            },
        }
    }

    /// A model of this shape.
    pub(crate) fn to_model(&self, name: &str) -> Model {
        let key = &self.key.properties;
        let properties = self.declared.properties.iter().map(|property| {
            let place = key.iter().position(|name| *name == property.name);
            property.to_model(place)
        });
        let references = self.declared.references.iter();
        Model {
            name: name.to_owned(),
            collection: None,
            properties: properties.collect(),
            indexes: self.indexes.iter().map(IndexShape::to_model).collect(),
            references: references.map(ReferenceShape::to_model).collect(),
            strict: self.declared.strict,
            settings: (!self.key.ordered).then(|| HASH.to_owned()),
        }
    }
}

impl KeyShape {
    /// For a person: `iata, a hash`.
    pub(crate) fn describe(&self) -> String {
        let hash = if self.ordered { "" } else { ", a hash" };
        format!("{}{hash}", self.properties.join(", "))
    }
}

impl IndexShape {
    /// For a person: `unique index `state` over state, name descending`.
    pub(crate) fn describe(&self) -> String {
        let parts = self.parts.iter().map(|part| {
            let direction = if part.descending { " descending" } else { "" };
            format!("{}{direction}", part.property)
        });
        format!(
            "{}{}index `{}` over {}",
            if self.unique { "unique " } else { "" },
            if self.ordered { "" } else { "hashed " },
            self.name,
            parts.collect::<Vec<_>>().join(", ")
        )
    }

    fn to_model(&self) -> Index {
        let parts = self.parts.iter().map(|part| SortKey {
            property: part.property.clone(),
            path: Vec::new(),
            descending: part.descending,
        });
        Index {
            name: self.name.clone(),
            properties: parts.collect(),
            unique: self.unique,
            settings: (!self.ordered).then(|| HASH.to_owned()),
        }
    }
}

impl PartShape {
    fn new(part: &tenon_sdk::layout::Part) -> Self {
        Self {
            property: part.property.clone(),
            descending: part.descending,
        }
    }
}

impl Declared {
    /// Whether another declaration has all that this one has as it is, and more properties.
    pub(crate) fn only_gains(&self, to: &Self) -> bool {
        let all_stay = self
            .properties
            .iter()
            .all(|kept| to.properties.contains(kept));
        all_stay
            && to.properties.len() > self.properties.len()
            && self.strict == to.strict
            && self.references == to.references
    }

    /// For a person: what another declaration says other than this one.
    pub(crate) fn describe_change(&self, to: &Self) -> String {
        let find = |declared: &'_ Self, name: &str| -> Option<PropertyShape> {
            let mut properties = declared.properties.iter();
            properties.find(|property| property.name == name).cloned()
        };
        let mut words = Vec::new();
        for property in &to.properties {
            let (name, now) = (&property.name, property.describe());
            match find(self, name) {
                None => words.push(format!("`{name}` ({now})")),
                Some(was) if was != *property => {
                    words.push(format!("`{name}` from ({}) to ({now})", was.describe()));
                }
                Some(_) => {}
            }
        }
        for PropertyShape { name, .. } in &self.properties {
            if find(to, name).is_none() {
                words.push(format!(
                    "`{name}` no longer, whose values stay in the records"
                ));
            }
        }
        if self.strict != to.strict {
            let which = if to.strict { "no" } else { "any" };
            words.push(format!("{which} undeclared properties"));
        }
        if self.references != to.references {
            words.push("other references".into());
        }
        if words.is_empty() {
            words.push("the properties in another order".into());
        }
        words.join("; ")
    }
}

impl PropertyShape {
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
    fn describe(&self) -> String {
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

impl ReferenceShape {
    fn new(reference: &Reference) -> Self {
        Self {
            name: reference.name.clone(),
            properties: reference.properties.clone(),
            model: reference.model.clone(),
            targets: reference.targets.clone(),
            settings: reference.settings.clone(),
        }
    }

    fn to_model(&self) -> Reference {
        Reference {
            name: self.name.clone(),
            properties: self.properties.clone(),
            model: self.model.clone(),
            targets: self.targets.clone(),
            settings: self.settings.clone(),
        }
    }
}
