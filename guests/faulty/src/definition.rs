//! A model, as a session was told of it, and what it says of keys and unique values.

use std::borrow::Cow;

use tenon_sdk::generate::{Counters, Generators};
use tenon_sdk::layout::{IndexLayout, Layout, Part};
use tenon_sdk::{Entity, Key, Model, Property, Result, Value};

use crate::collection::Collection;
use crate::fault::{Fault, Planted};
use crate::shape::Shape;
use crate::twist;

/// A model.
pub(crate) struct Definition {
    pub(crate) model: Model,
    /// The name of its records.
    pub(crate) collection: String,
    pub(crate) layout: Layout,
    pub(crate) generators: Generators,
    pub(crate) shape: Shape,
    planted: Planted,
}

impl Definition {
    pub(crate) fn new(model: Model, planted: Planted) -> Result<Self> {
        Ok(Self {
            layout: Layout::new(&model)?,
            generators: Generators::new(&model)?,
            shape: Shape::new(&model),
            collection: collection_of(&model).to_owned(),
            model,
            planted,
        })
    }

    pub(crate) fn property(&self, name: &str) -> Option<&Property> {
        let mut properties = self.model.properties.iter();
        properties.find(|property| property.name == name)
    }

    /// The bytes of a record's key.
    pub(crate) fn key_of(&self, record: &Entity) -> Result<Vec<u8>> {
        let values = self.layout.key.iter();
        let values = values.map(|part| record.get(&part.property).cloned().unwrap_or_default());
        self.key_bytes(&Key::composite(values))
    }

    /// The bytes of a key.
    pub(crate) fn key_bytes(&self, key: &Key) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if self.planted.is(Fault::KeysIgnoreCase) {
            let values = key.values().iter().map(twist::lower);
            self.layout.key(&Key::composite(values), &mut bytes)?;
            return Ok(bytes);
        }
        self.layout.key(key, &mut bytes)?;
        if self.planted.is(Fault::CompositeKeyComparesTheFirst)
            && let (Some(part), Some(value)) = (self.layout.key.first(), key.values().first())
        {
            bytes.clear();
            part.encode(value, &mut bytes)?;
        }
        Ok(bytes)
    }

    /// The unique indexes.
    pub(crate) fn uniques(&self) -> impl Iterator<Item = &IndexLayout> {
        self.layout.indexes.iter().filter(|index| index.unique)
    }

    /// The bytes of a record's values in a unique index; none where it is exempt.
    pub(crate) fn unique_bytes(
        &self,
        index: &IndexLayout,
        record: &Entity,
    ) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        let mut has_null = false;
        let several = if self.planted.is(Fault::UniqueComparesTheFirst) {
            1
        } else {
            usize::MAX
        };
        for part in index.parts.iter().take(several) {
            let value = record.get(&part.property).unwrap_or(&Value::Null);
            has_null |= value.is_null();
            if self.planted.is(Fault::UniqueIgnoresCase) {
                part.encode(&twist::lower(value), &mut bytes)?;
            } else {
                part.encode(value, &mut bytes)?;
            }
        }
        let is_exempt = has_null && !self.planted.is(Fault::UniqueCountsNulls);
        Ok((!is_exempt).then_some(bytes))
    }

    /// The counters of a collection: a property that begins to count does so after the greatest that is there.
    pub(crate) fn counters(&self, collection: &Collection) -> Counters {
        let all_known = self
            .generators
            .counted()
            .all(|name| collection.counters.contains_key(name));
        if all_known {
            let counted = self.generators.counted();
            let next = counted.map(|name| collection.counters.get(name).copied().unwrap_or(1));
            return Counters::from_next(next.collect());
        }
        let records = collection.records.values();
        self.generators.counters(records.map(|record| &**record))
    }

    /// A record as it goes out: in a strict model every declared property and no other.
    pub(crate) fn outgoing<'a>(&self, record: &'a Entity) -> Cow<'a, Entity> {
        let declared = &self.model.properties;
        let is_whole = !self.model.strict
            || (record.len() == declared.len()
                && declared
                    .iter()
                    .all(|property| record.get(&property.name).is_some()));
        if is_whole {
            return Cow::Borrowed(record);
        }
        let mut whole = Entity::new();
        for property in declared {
            let value = record.get(&property.name).cloned().unwrap_or_default();
            whole.set(property.name.as_str(), value);
        }
        Cow::Owned(whole)
    }

    /// Whether the properties are those of the key or the index, in any order.
    pub(crate) fn is_over(parts: &[Part], names: &[String]) -> bool {
        parts.iter().all(|part| names.contains(&part.property))
            && names
                .iter()
                .all(|name| parts.iter().any(|part| part.property == *name))
    }
}

/// The name of a model's collection.
pub(crate) fn collection_of(model: &Model) -> &str {
    model.collection.as_deref().unwrap_or(&model.name)
}
