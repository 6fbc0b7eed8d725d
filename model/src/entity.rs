//! A record, and the key that names it.

use crate::contract;
use crate::contract::Value;

/// A record: each property that is present, once. An absent property is not a null one.
///
/// The same memory as the contract's list of pairs; a small record is searched faster than any map. Beside its
/// properties it may carry the records of relations that were loaded with it. They are other records, and no
/// part of this one: who stores it or iterates over it meets its properties alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity {
    properties: contract::Entity,
    /// Most records carry none, and pay a word for it.
    loaded: Option<Box<Loaded>>,
}

/// The relations that were loaded with a record, in the order they were set.
#[derive(Clone, Debug, Default, PartialEq)]
struct Loaded(Vec<(String, Related)>);

/// What a relation leads to from one record.
#[derive(Clone, Debug, PartialEq)]
pub enum Related {
    /// The one record, if there is one.
    One(Option<Box<Entity>>),
    /// All of them, perhaps none.
    Many(Vec<Entity>),
}

impl Related {
    /// The records, whichever number there may be.
    pub fn iter(&self) -> std::slice::Iter<'_, Entity> {
        match self {
            Self::One(None) => [].iter(),
            Self::One(Some(entity)) => std::slice::from_ref(&**entity).iter(),
            Self::Many(entities) => entities.iter(),
        }
    }

    /// The records, to be changed in place.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Entity> {
        match self {
            Self::One(None) => [].iter_mut(),
            Self::One(Some(entity)) => std::slice::from_mut(&mut **entity).iter_mut(),
            Self::Many(entities) => entities.iter_mut(),
        }
    }
}

impl Entity {
    /// A record without properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// The property's value; none where it is absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value)
    }

    /// Sets a property, replacing the value it had.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        let value = value.into();
        match self
            .properties
            .iter_mut()
            .find(|(candidate, _)| *candidate == name)
        {
            Some((_, old)) => *old = value,
            None => self.properties.push((name, value)),
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
        let index = self
            .properties
            .iter()
            .position(|(candidate, _)| candidate == name)?;
        Some(self.properties.remove(index).1)
    }

    /// Sets every property of `other`, and every relation that was loaded with it.
    pub fn merge(&mut self, mut other: Entity) {
        for (name, related) in other
            .loaded
            .take()
            .map(|loaded| loaded.0)
            .into_iter()
            .flatten()
        {
            self.set_related(name, related);
        }
        for (name, value) in other {
            self.set(name, value);
        }
    }

    /// What the relation of that name leads to; none where it wasn't loaded.
    pub fn related(&self, relation: &str) -> Option<&Related> {
        self.relations()
            .find(|(name, _)| *name == relation)
            .map(|(_, related)| related)
    }

    /// Sets what a relation leads to.
    pub fn set_related(&mut self, relation: impl Into<String>, related: Related) {
        let relation = relation.into();
        let loaded = &mut self.loaded.get_or_insert_default().0;
        match loaded.iter_mut().find(|(name, _)| *name == relation) {
            Some((_, old)) => *old = related,
            None => loaded.push((relation, related)),
        }
    }

    /// The same record with what a relation leads to.
    #[must_use]
    pub fn with_related(mut self, relation: impl Into<String>, related: Related) -> Self {
        self.set_related(relation, related);
        self
    }

    /// Takes a loaded relation out.
    pub fn remove_related(&mut self, relation: &str) -> Option<Related> {
        let loaded = &mut self.loaded.as_mut()?.0;
        let index = loaded.iter().position(|(name, _)| name == relation)?;
        let (_, related) = loaded.remove(index);
        if loaded.is_empty() {
            self.loaded = None;
        }
        Some(related)
    }

    /// The loaded relations, in their order.
    pub fn relations(&self) -> impl Iterator<Item = (&str, &Related)> {
        let loaded = self.loaded.iter().flat_map(|loaded| &loaded.0);
        loaded.map(|(name, related)| (name.as_str(), related))
    }

    /// The loaded relations in their order, to be changed in place.
    pub fn relations_mut(&mut self) -> impl Iterator<Item = (&str, &mut Related)> {
        let loaded = self.loaded.iter_mut().flat_map(|loaded| &mut loaded.0);
        loaded.map(|(name, related)| (name.as_str(), related))
    }

    /// Leaves only the properties that `keep` says, and all loaded relations.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.properties.retain(|(name, _)| keep(name));
    }

    /// The properties, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.properties
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The properties in their order, their values to be changed in place.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.properties
            .iter_mut()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// How many properties are present.
    pub fn len(&self) -> usize {
        self.properties.len()
    }

    /// Whether no property is present.
    pub fn is_empty(&self) -> bool {
        self.properties.is_empty()
    }

    /// As the contract has it, which knows no loaded relations: they are left out.
    pub fn into_contract(self) -> contract::Entity {
        self.properties
    }

    /// As the contract has it.
    pub fn as_contract(&self) -> &contract::Entity {
        &self.properties
    }
}

impl From<contract::Entity> for Entity {
    /// The pairs as they are. Where a name comes twice the first counts; [`crate::Model`] refuses such data.
    fn from(pairs: contract::Entity) -> Self {
        Self {
            properties: pairs,
            loaded: None,
        }
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
        self.properties.into_iter()
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
