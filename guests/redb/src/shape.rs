//! A collection's shape as the file keeps it: key, indexes, and what is declared of properties.
//!
//! Key and indexes decide how records lie. Declarations decide nothing in here, but that integers are counted: they
//! are kept so that a collection can be discovered.

use serde::{Deserialize, Serialize};
use tenon_sdk::generate::Generators;
use tenon_sdk::layout::{IndexLayout, Layout, Part};
use tenon_sdk::{Generation, Index, Model, Property, PropertyType, Reference, Result, SortKey};

/// What a model asks of its collection.
pub(crate) struct Shape {
    pub(crate) key: Vec<StoredPart>,
    pub(crate) indexes: Vec<IndexShape>,
    pub(crate) declared: Declared,
    pub(crate) layout: Layout,
    pub(crate) generators: Generators,
}

/// A property in a key or an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredPart {
    pub(crate) property: String,
    pub(crate) kind: PropertyType,
    pub(crate) descending: bool,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IndexShape {
    pub(crate) name: String,
    pub(crate) parts: Vec<StoredPart>,
    pub(crate) unique: bool,
}

/// An index, and the number that its table has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredIndex {
    pub(crate) number: u32,
    #[serde(flatten)]
    pub(crate) shape: IndexShape,
}

/// What a model says beside key and indexes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Declared {
    pub(crate) properties: Vec<StoredProperty>,
    pub(crate) strict: bool,
    pub(crate) references: Vec<StoredReference>,
}

/// A declared property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredProperty {
    pub(crate) name: String,
    pub(crate) kind: PropertyType,
    pub(crate) generated: Generation,
    pub(crate) required: bool,
    pub(crate) length: Option<u32>,
    pub(crate) scale: Option<u8>,
}

/// A declared reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredReference {
    name: String,
    properties: Vec<String>,
    model: String,
    targets: Vec<String>,
    settings: Option<String>,
}

impl Shape {
    /// The shape of a model.
    ///
    /// # Errors
    /// `invalid` where the model can't be kept in here.
    pub(crate) fn of(model: &Model) -> Result<Self> {
        let layout = Layout::new(model)?;
        Ok(Self {
            key: StoredPart::all(&layout.key),
            indexes: layout.indexes.iter().map(IndexShape::of).collect(),
            declared: Declared {
                properties: model.properties.iter().map(StoredProperty::of).collect(),
                strict: model.strict,
                references: model.references.iter().map(StoredReference::of).collect(),
            },
            layout,
            generators: Generators::new(model)?,
        })
    }
}

impl StoredPart {
    fn all(parts: &[Part]) -> Vec<Self> {
        let stored = parts.iter().map(|part| Self {
            property: part.property.clone(),
            kind: part.kind,
            descending: part.descending,
        });
        stored.collect()
    }

    /// Parts as the layout of records has them.
    pub(crate) fn to_layout(parts: &[Self]) -> Vec<Part> {
        let parts = parts.iter().map(|part| Part {
            property: part.property.clone(),
            kind: part.kind,
            descending: part.descending,
        });
        parts.collect()
    }

    /// Parts for a person: `iata (text), number (integer) descending`.
    pub(crate) fn describe(parts: &[Self]) -> String {
        let parts = parts.iter().map(|part| {
            let direction = if part.descending { " descending" } else { "" };
            format!("{} ({}){direction}", part.property, part.kind)
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

impl IndexShape {
    fn of(index: &IndexLayout) -> Self {
        Self {
            name: index.name.clone(),
            parts: StoredPart::all(&index.parts),
            unique: index.unique,
        }
    }

    /// Whether both are the same but for their names.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.parts == other.parts && self.unique == other.unique
    }

    pub(crate) fn to_layout(&self) -> IndexLayout {
        IndexLayout {
            name: self.name.clone(),
            parts: StoredPart::to_layout(&self.parts),
            unique: self.unique,
            ordered: true,
            settings: None,
        }
    }

    /// For a person: `unique index `state` over state (text)`.
    pub(crate) fn describe(&self) -> String {
        let unique = if self.unique { "unique " } else { "" };
        format!(
            "{unique}index `{}` over {}",
            self.name,
            StoredPart::describe(&self.parts)
        )
    }

    fn to_model(&self) -> Index {
        let sort = |part: &StoredPart| SortKey {
            property: part.property.clone(),
            path: Vec::new(),
            descending: part.descending,
        };
        Index {
            name: self.name.clone(),
            properties: self.parts.iter().map(sort).collect(),
            unique: self.unique,
            settings: None,
        }
    }
}

impl StoredProperty {
    fn of(property: &Property) -> Self {
        Self {
            name: property.name.clone(),
            kind: property.kind,
            generated: property.generated,
            required: property.required,
            length: property.length,
            scale: property.scale,
        }
    }

    fn bare(name: &str, kind: PropertyType) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            generated: Generation::Never,
            required: false,
            length: None,
            scale: None,
        }
    }

    /// Whether its numbers are counted up.
    pub(crate) fn is_counted(&self) -> bool {
        self.kind == PropertyType::Integer && self.generated != Generation::Never
    }

    fn to_model(&self, key: &[StoredPart]) -> Property {
        let place = key.iter().position(|part| part.property == self.name);
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

    /// For a person: `text, required, at most 3`.
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

impl StoredReference {
    fn of(reference: &Reference) -> Self {
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

    /// What can be told of a collection that was written before declarations were kept: what its key and indexes
    /// are over, and the other names.
    pub(crate) fn of_the_rest(
        key: &[StoredPart],
        indexes: &[StoredIndex],
        names: &[String],
    ) -> Self {
        let parts = indexes.iter().flat_map(|index| &index.shape.parts);
        let parts = key.iter().chain(parts);
        let parts: Vec<&StoredPart> = parts.collect();
        let property = |name: &String| {
            let kind = parts.iter().find(|part| part.property == *name);
            StoredProperty::bare(name, kind.map_or(PropertyType::Any, |part| part.kind))
        };
        Self {
            properties: names.iter().map(property).collect(),
            strict: false,
            references: Vec::new(),
        }
    }

    /// The model of a collection.
    pub(crate) fn to_model<'a>(
        &self,
        collection: &str,
        key: &[StoredPart],
        indexes: impl Iterator<Item = &'a IndexShape>,
    ) -> Model {
        Model {
            name: collection.to_owned(),
            collection: None,
            properties: self.properties.iter().map(|p| p.to_model(key)).collect(),
            indexes: indexes.map(IndexShape::to_model).collect(),
            references: self
                .references
                .iter()
                .map(StoredReference::to_model)
                .collect(),
            strict: self.strict,
            settings: None,
        }
    }
}
