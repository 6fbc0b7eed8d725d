//! Keys that one side of a relation holds of the other, and the conditions that ask for them.
//!
//! Two keys are the same where a filter would say so; a key with a null in it is none, and leads nowhere.

use std::collections::BTreeMap;

use tenon_model::{
    Entity, Filter, MAX_NODES, MAX_OPERANDS, Model, PropertyType, Value, coerce, sortable,
};

use crate::error::{Error, ErrorKind, Result};

/// What is left to a query's own filter and the nodes around the keys.
const SPARE_NODES: usize = 16;

/// The values of these properties; none where one of them is null or absent.
pub(in crate::dao) fn tuple(record: &Entity, names: &[String]) -> Option<Vec<Value>> {
    let value = |name: &String| record.get(name).filter(|value| !value.is_null()).cloned();
    names.iter().map(value).collect()
}

/// A key as bytes that are the same for the same key; none where it leads nowhere.
pub(super) fn identity(record: &Entity, names: &[String]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(16 * names.len());
    for name in names {
        let value = record.get(name).filter(|value| !value.is_null())?;
        sortable::encode(value, &mut bytes).ok()?;
    }
    Some(bytes)
}

/// Distinct keys.
#[derive(Debug, Default)]
pub(in crate::dao) struct KeySet {
    keys: BTreeMap<Vec<u8>, Vec<Value>>,
}

impl KeySet {
    /// Adds the key that a record holds in these properties, where it holds one.
    pub(super) fn add(&mut self, record: &Entity, names: &[String]) {
        if let Some(identity) = identity(record, names)
            && !self.keys.contains_key(&identity)
            && let Some(values) = tuple(record, names)
        {
            self.keys.insert(identity, values);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// # Errors
    /// `exhausted` where there are more than so many.
    pub(super) fn bounded(&self, limit: u64) -> Result<()> {
        if self.len() as u64 > limit {
            return Err(Error::new(
                ErrorKind::Exhausted,
                format!("the filter is about more than {limit} related records"),
            )
            .remedy("ask for fewer related records, or raise the limit `include-rows`"));
        }
        Ok(())
    }

    /// The condition that these properties hold one of the keys, where one filter has room for them all.
    ///
    /// # Errors
    /// `exhausted` where it hasn't.
    pub(super) fn condition(&self, model: &Model, names: &[String]) -> Result<Filter> {
        let mut conditions = self.conditions(model, names, &Filter::all());
        match (conditions.len(), conditions.pop()) {
            (0 | 1, only) => Ok(only.unwrap_or(Filter::AnyOf(Vec::new()))),
            (_, last) => bounded(Filter::AnyOf(conditions.into_iter().chain(last).collect())),
        }
    }

    /// The conditions that these properties hold one of the keys: one, or as many as it takes for each to fit a
    /// filter beside that other part. None where there are no keys.
    pub(in crate::dao) fn conditions(
        &self,
        model: &Model,
        names: &[String],
        beside: &Filter,
    ) -> Vec<Filter> {
        let kinds: Vec<PropertyType> = names.iter().map(|name| kind(model, name)).collect();
        let (nodes, operands) = size(beside);
        let mut parts = Parts {
            names,
            most_nodes: MAX_NODES
                .saturating_sub(nodes + SPARE_NODES)
                .max(MAX_NODES / 10),
            most_operands: MAX_OPERANDS.saturating_sub(operands).max(MAX_OPERANDS / 10),
            done: Vec::new(),
            groups: Vec::new(),
            nodes: 0,
            operands: 0,
        };
        for values in self.keys.values() {
            let values = values.iter().cloned().zip(&kinds);
            // What is no value of the other side's kind is held by nobody there.
            let fitting: Result<Vec<Value>, String> =
                values.map(|(value, kind)| coerce(value, *kind)).collect();
            if let Ok(values) = fitting {
                parts.add(values);
            }
        }
        parts.finish()
    }
}

/// Keys in the making of conditions. Those that differ in the last property alone share a condition, and come
/// one after the other.
struct Parts<'a> {
    names: &'a [String],
    most_nodes: usize,
    most_operands: usize,
    done: Vec<Filter>,
    /// What the properties but the last equal, and the last one's values.
    groups: Vec<(Vec<Value>, Vec<Value>)>,
    nodes: usize,
    operands: usize,
}

impl Parts<'_> {
    fn add(&mut self, mut values: Vec<Value>) {
        let Some(last) = values.pop() else { return };
        let is_new = self.groups.last().is_none_or(|(first, _)| *first != values);
        // A group is a node for each property, and one around them.
        let (nodes, operands) = if is_new {
            (self.names.len() + 1, self.names.len())
        } else {
            (0, 1)
        };
        let is_full =
            self.nodes + nodes > self.most_nodes || self.operands + operands > self.most_operands;
        if is_full && !self.groups.is_empty() {
            self.close();
            return self.push(values, last, true);
        }
        self.push(values, last, is_new);
    }

    fn push(&mut self, first: Vec<Value>, last: Value, is_new: bool) {
        match self.groups.last_mut() {
            Some((_, lasts)) if !is_new => {
                self.operands += 1;
                lasts.push(last);
            }
            _ => {
                self.nodes += self.names.len() + 1;
                self.operands += self.names.len();
                self.groups.push((first, vec![last]));
            }
        }
    }

    fn close(&mut self) {
        let Some((last_name, first_names)) = self.names.split_last() else {
            return;
        };
        let mut groups: Vec<Filter> = std::mem::take(&mut self.groups)
            .into_iter()
            .map(|(firsts, lasts)| {
                let last = Filter::one_of(last_name.as_str(), lasts);
                if firsts.is_empty() {
                    return last;
                }
                let firsts = first_names.iter().zip(firsts);
                let mut all: Vec<Filter> = firsts
                    .map(|(name, value)| Filter::equal(name.as_str(), value))
                    .collect();
                all.push(last);
                Filter::AllOf(all)
            })
            .collect();
        (self.nodes, self.operands) = (0, 0);
        let condition = match (groups.len(), groups.pop()) {
            (1, Some(only)) => only,
            (_, only) => {
                groups.extend(only);
                Filter::AnyOf(groups)
            }
        };
        self.done.push(condition);
    }

    fn finish(mut self) -> Vec<Filter> {
        if !self.groups.is_empty() {
            self.close();
        }
        self.done
    }
}

fn kind(model: &Model, name: &str) -> PropertyType {
    model
        .find_property(name)
        .map_or(PropertyType::Any, |property| property.kind)
}

/// A filter that has grown by keys of related records.
///
/// # Errors
/// `exhausted` where it is larger than a filter may be.
pub(in crate::dao) fn bounded(filter: Filter) -> Result<Filter> {
    let (nodes, operands) = size(&filter);
    if nodes <= MAX_NODES && operands <= MAX_OPERANDS {
        return Ok(filter);
    }
    Err(Error::new(
        ErrorKind::Exhausted,
        format!(
            "the keys of the related records make a filter of {operands} operands in {nodes} conditions and \
             groups, and {MAX_OPERANDS} and {MAX_NODES} are the most"
        ),
    )
    .remedy(
        "ask for fewer related records, or query the related model first and this one in parts",
    ))
}

/// How many nodes and operands a filter has.
fn size(filter: &Filter) -> (usize, usize) {
    let own = match filter {
        Filter::Condition(condition) => condition.operands.len(),
        Filter::Extension(extension) => extension.operands.len(),
        _ => 0,
    };
    filter.parts().iter().map(size).fold(
        (1, own),
        |(nodes, operands), (more_nodes, more_operands)| {
            (nodes + more_nodes, operands + more_operands)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        Model::new("Route")
            .key("origin", PropertyType::Text)
            .key("destination", PropertyType::Text)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn keys_are_distinct_and_those_with_a_null_are_none() {
        let mut keys = KeySet::default();
        let property = names(&["n"]);
        for value in [
            Value::from(1),
            Value::from(1.0),
            Value::Decimal("1".to_owned()),
            Value::Null,
            Value::from("1"),
        ] {
            keys.add(&Entity::new().with("n", value), &property);
        }
        keys.add(&Entity::new(), &property);
        assert_eq!(keys.len(), 2);
    }

    #[test]
    fn composite_keys_share_what_they_have_in_common() {
        let mut keys = KeySet::default();
        let both = names(&["origin", "destination"]);
        for (origin, destination) in [("A", "B"), ("A", "C"), ("B", "A")] {
            let record = Entity::new()
                .with("origin", origin)
                .with("destination", destination);
            keys.add(&record, &both);
        }
        let condition = keys.condition(&model(), &both).unwrap();
        assert_eq!(
            condition.to_json().to_string(),
            r#"{"or":[{"and":[{"origin":"A"},{"destination":{"inq":["B","C"]}}]},{"and":[{"origin":"B"},{"destination":{"inq":["A"]}}]}]}"#
        );
    }

    #[test]
    fn more_keys_than_a_filter_has_room_for_take_several() {
        let mut keys = KeySet::default();
        let both = names(&["origin", "destination"]);
        for number in 0..4_000 {
            let record = Entity::new()
                .with("origin", format!("{number:05}"))
                .with("destination", "X");
            keys.add(&record, &both);
        }
        let conditions = keys.conditions(&model(), &both, &Filter::equal("origin", "A"));
        assert_eq!(conditions.len(), 2);
        for condition in &conditions {
            let nodes = condition.to_nodes();
            assert!(Filter::from_nodes(&nodes).is_ok(), "{} nodes", nodes.len());
        }
        let error = keys.condition(&model(), &both).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exhausted);
    }
}
