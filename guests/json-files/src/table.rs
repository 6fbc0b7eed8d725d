//! The tables of a read model, and what is done with their documents.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tenon_model::contract::FilterNode;
use tenon_model::{Comparison, sortable};
use tenon_sdk::{
    Answer, Edit, Entity, Error, Evaluation, Filter, PropertyType, Query, Result, Table, Value,
};

use crate::collection::number;
use crate::{edit, search};

/// A table with its documents.
#[derive(Clone)]
pub(crate) struct Documents {
    name: String,
    pub(crate) definition: Definition,
    /// By the bytes of the first index's field.
    documents: BTreeMap<Vec<u8>, Rc<Entity>>,
}

/// What a document may be.
#[derive(Clone, Serialize)]
pub(crate) struct Definition {
    /// The first is the unique key.
    pub(crate) indexes: Vec<IndexedField>,
    /// The others.
    pub(crate) fields: Vec<String>,
}

/// A field with an index.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct IndexedField {
    field: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    /// Any number.
    Decimal,
}

impl Definition {
    pub(crate) fn new(table: &Table) -> Result<Self> {
        let mut indexes = Vec::with_capacity(table.indexes.len());
        for index in &table.indexes {
            let kind = match index.kind {
                PropertyType::Text => Kind::Text,
                PropertyType::Decimal => Kind::Decimal,
                other => {
                    return Err(Error::invalid(format!(
                        "the index on `{}` can't be of the kind {other}: `text` and `decimal`, for any number, can be",
                        index.field
                    ))
                    .detail("property", &index.field));
                }
            };
            indexes.push(IndexedField {
                field: index.field.clone(),
                kind,
            });
        }
        if indexes.is_empty() {
            return Err(Error::invalid(format!(
                "the table `{}` has no index: the first one is its unique key",
                table.name
            )));
        }
        let definition = Self {
            indexes,
            fields: table.fields.clone(),
        };
        let mut names = HashSet::new();
        for field in definition.names() {
            if field.is_empty() || !names.insert(field) {
                return Err(Error::invalid(format!(
                    "the table `{}` has the field `{field}` twice, or without a name",
                    table.name
                ))
                .detail("property", field));
            }
        }
        Ok(definition)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let indexed = self.indexes.iter().map(|index| index.field.as_str());
        indexed.chain(self.fields.iter().map(String::as_str))
    }
}

impl Documents {
    pub(crate) fn new(name: &str, definition: Definition) -> Self {
        Self {
            name: name.to_owned(),
            definition,
            documents: BTreeMap::new(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Rc<Entity>> {
        self.documents.values()
    }

    pub(crate) fn insert(&mut self, document: Entity) -> Result<()> {
        let key = self.check(&document)?;
        if self.documents.contains_key(&key) {
            return Err(self.duplicate());
        }
        self.documents.insert(key, Rc::new(document));
        Ok(())
    }

    /// Changes every match, and returns how many there were. Where it fails, what is left must be thrown away.
    pub(crate) fn update(&mut self, filter: Filter, edits: &[Edit], upsert: bool) -> Result<u64> {
        for edit in edits {
            let (Edit::Set(path, _) | Edit::Unset(path) | Edit::Increment(path, _)) = edit;
            if let Some(field) = path.first() {
                self.knows(field)?;
            }
        }
        let mut equals = Entity::new();
        if upsert {
            equal_values(&filter, 0, &mut equals)?;
        }
        let keys = self.matches(filter)?;
        let mut changed = Vec::with_capacity(keys.len());
        for key in &keys {
            if let Some(document) = self.documents.remove(key) {
                changed.push(Rc::unwrap_or_clone(document));
            }
        }
        if upsert && keys.is_empty() {
            changed.push(equals);
        }
        for mut document in changed {
            for edit in edits {
                edit::apply(&mut document, edit)?;
            }
            self.insert(document)?;
        }
        Ok(number(keys.len()))
    }

    pub(crate) fn delete(&mut self, filter: Filter) -> Result<u64> {
        let keys = self.matches(filter)?;
        for key in &keys {
            self.documents.remove(key);
        }
        Ok(number(keys.len()))
    }

    pub(crate) fn count(&self, filter: Filter) -> Result<u64> {
        Ok(number(self.matches(filter)?.len()))
    }

    pub(crate) fn find(&self, query: Query) -> Result<Answer> {
        self.knows_all(&query.filter)?;
        let ordered = query.order.iter().map(|sort| &sort.property);
        ordered
            .chain(&query.fields)
            .try_for_each(|field| self.knows(field))?;
        search::answer(query, self.documents.values())
    }

    fn matches(&self, filter: Filter) -> Result<Vec<Vec<u8>>> {
        self.knows_all(&filter)?;
        let evaluation = Evaluation::whole_filter(filter)?;
        let documents = self.documents.iter();
        let matches = documents.filter(|(_, document)| evaluation.matches(document));
        Ok(matches.map(|(key, _)| key.clone()).collect())
    }

    fn knows_all(&self, filter: &Filter) -> Result<()> {
        filter.iter().try_for_each(|node| match node {
            FilterNode::Condition(condition) => self.knows(&condition.property),
            FilterNode::Extension(extension) => self.knows(&extension.property),
            FilterNode::AllOf(_) | FilterNode::AnyOf(_) | FilterNode::NoneOf(_) => Ok(()),
        })
    }

    fn knows(&self, field: &str) -> Result<()> {
        if self.definition.names().any(|name| name == field) {
            return Ok(());
        }
        let names: Vec<&str> = self.definition.names().collect();
        Err(Error::invalid(format!(
            "the table `{}` has no field `{field}`; it has `{}`",
            self.name,
            names.join("`, `")
        ))
        .detail("property", field))
    }

    /// Refuses what the table can't keep; otherwise the bytes of the document's key.
    fn check(&self, document: &Entity) -> Result<Vec<u8>> {
        document
            .iter()
            .try_for_each(|(field, _)| self.knows(field))?;
        let mut key = Vec::new();
        for (place, index) in self.definition.indexes.iter().enumerate() {
            let value = document.get(&index.field).unwrap_or(&Value::Null);
            let fits = match index.kind {
                Kind::Text => matches!(value, Value::Text(_)),
                Kind::Decimal => {
                    matches!(
                        value,
                        Value::Integer(_) | Value::Float(_) | Value::Decimal(_)
                    )
                }
            };
            let refuse = |reason: &str| {
                Error::invalid(format!(
                    "`{}` of the table `{}` {reason}",
                    index.field, self.name
                ))
                .detail("property", &index.field)
            };
            match (place, value) {
                (0, Value::Null) => {
                    return Err(refuse("is the unique key and can't be missing or null"));
                }
                (_, Value::Null) => {}
                _ if !fits && index.kind == Kind::Text => return Err(refuse("takes text")),
                _ if !fits => return Err(refuse("takes a number")),
                (0, value) => {
                    sortable::encode(value, &mut key).map_err(|reason| refuse(&reason))?
                }
                _ => {}
            }
        }
        Ok(key)
    }

    fn duplicate(&self) -> Error {
        let key = self.definition.names().next().unwrap_or_default();
        Error::duplicate(format!(
            "the table `{}` has a document with this `{key}` already",
            self.name
        ))
        .detail("property", key)
    }
}

/// Gives a document what it must have to match: the values that the filter wants something to be equal to.
fn equal_values(filter: &Filter, node: usize, document: &mut Entity) -> Result<()> {
    match filter.get(node) {
        Some(FilterNode::Condition(condition)) if condition.comparison == Comparison::Equal => {
            match condition.operands.first() {
                Some(value) => edit::set(document, &condition.property, &condition.path, value),
                None => Ok(()),
            }
        }
        Some(FilterNode::AllOf(nodes)) => nodes
            .iter()
            // Nodes refer to later ones alone, so this ends; a filter that doesn't is refused as it is matched.
            .filter_map(|next| usize::try_from(*next).ok().filter(|next| *next > node))
            .try_for_each(|next| equal_values(filter, next, document)),
        _ => Ok(()),
    }
}
