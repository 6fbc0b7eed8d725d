//! A record, and the key that names it.

use crate::contract;
use crate::contract::Value;

/// A record: each property that is present, once. An absent property is not a null one.
///
/// The same memory as the contract's list of pairs; a small record is searched faster than any map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity(contract::Entity);

impl Entity {
    /// A record without properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// The property's value; none where it is absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value)
    }

    /// Sets a property, replacing the value it had.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        let value = value.into();
        match self.0.iter_mut().find(|(candidate, _)| *candidate == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// The same record with a property set.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Takes a property out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let index = self.0.iter().position(|(candidate, _)| candidate == name)?;
        Some(self.0.remove(index).1)
    }

    /// Sets every property of `other`.
    pub fn merge(&mut self, other: Entity) {
        for (name, value) in other {
            self.set(name, value);
        }
    }

    /// Leaves only the properties that `keep` says.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// The properties, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The properties in their order, their values to be changed in place.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0
            .iter_mut()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// How many properties are present.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no property is present.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the contract has it.
    pub fn into_contract(self) -> contract::Entity {
        self.0
    }

    /// As the contract has it.
    pub fn as_contract(&self) -> &contract::Entity {
        &self.0
    }
}

impl From<contract::Entity> for Entity {
    /// The pairs as they are. Where a name comes twice the first counts; [`crate::Model`] refuses such data.
    fn from(pairs: contract::Entity) -> Self {
        Self(pairs)
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Entity {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut entity = Entity::new();
        for (name, value) in pairs {
            entity.set(name, value);
        }
        entity
    }
}

impl IntoIterator for Entity {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The values of a primary key's properties, in the key's order: most keys have one. Always the whole key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key(contract::Key);

impl Key {
    /// A key of several properties.
    pub fn composite(values: impl IntoIterator<Item = Value>) -> Self {
        Self(values.into_iter().collect())
    }

    /// The values, in the key's order.
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    /// As the contract has it.
    pub fn into_contract(self) -> contract::Key {
        self.0
    }

    /// As the contract has it.
    pub fn as_contract(&self) -> &contract::Key {
        &self.0
    }
}

impl<V: Into<Value>> From<V> for Key {
    fn from(value: V) -> Self {
        Self(vec![value.into()])
    }
}
