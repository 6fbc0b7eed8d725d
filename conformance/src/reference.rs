//! What has to come of calls: a list of records, in which every function looks at all of them.

use std::collections::BTreeSet;

use tenon_model::contract::{ErrorKind, Filter, Key, Model, Query};
use tenon_model::{Entity, Matcher, RowOrder, Value, equal};

/// The records of one model. A connector's own may come in another order.
#[derive(Clone, Debug)]
pub struct Reference {
    model: Model,
    records: Vec<Entity>,
}

/// What a write does where it is not allowed.
pub type Allowed<T> = Result<T, ErrorKind>;

impl Reference {
    /// No records yet.
    pub fn new(model: Model) -> Self {
        Self {
            model,
            records: Vec::new(),
        }
    }

    /// These records.
    pub fn of(model: Model, records: Vec<Entity>) -> Self {
        Self { model, records }
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The records, in the order in which they were stored.
    pub fn records(&self) -> &[Entity] {
        &self.records
    }

    /// The key's properties, in its order.
    pub fn key_names(&self) -> Vec<&str> {
        key_names(&self.model)
    }

    /// A record's key.
    pub fn key_of(&self, record: &Entity) -> Key {
        key_of(&self.model, record)
    }

    pub fn find(&self, id: &Key) -> Option<&Entity> {
        self.position(id).and_then(|place| self.records.get(place))
    }

    /// The matches, in the order in which they were stored.
    pub fn matches(&self, filter: &Filter) -> Allowed<Vec<Entity>> {
        let matcher = matcher(filter)?;
        let matches = self.records.iter().filter(|record| matcher.matches(record));
        Ok(matches.cloned().collect())
    }

    /// The rows of a query. Whether their order matters is for the caller to know.
    pub fn query(&self, query: &Query) -> Allowed<Vec<Entity>> {
        let matches = self.matches(&query.filter)?;
        answer(query, matches)
    }

    pub fn create_all(&mut self, data: Vec<Entity>) -> Allowed<()> {
        let records = self.records.iter().cloned().chain(data).collect();
        self.become_these(records)
    }

    pub fn create(&mut self, data: Entity) -> Allowed<()> {
        self.create_all(vec![data])
    }

    pub fn save(&mut self, data: Entity) -> Allowed<()> {
        let id = self.key_of(&data);
        self.put(&id, |record| *record = data)
    }

    pub fn update_attributes(&mut self, id: &Key, data: Entity) -> Allowed<()> {
        self.put(id, |record| record.merge(data))
    }

    pub fn update(&mut self, filter: &Filter, data: &Entity) -> Allowed<u64> {
        let matcher = matcher(filter)?;
        let mut records = self.records.clone();
        let mut matched = 0;
        for record in records.iter_mut().filter(|record| matcher.matches(record)) {
            record.merge(data.clone());
            matched += 1;
        }
        self.become_these(records)?;
        Ok(matched)
    }

    pub fn destroy(&mut self, id: &Key) -> bool {
        let place = self.position(id);
        place.map(|place| self.records.remove(place));
        place.is_some()
    }

    pub fn destroy_all(&mut self, filter: &Filter) -> Allowed<u64> {
        let matcher = matcher(filter)?;
        let before = self.records.len();
        self.records.retain(|record| !matcher.matches(record));
        Ok(count(before - self.records.len()))
    }

    /// The record as it is then, and whether it is new.
    pub fn update_or_create(&mut self, by: &[String], data: Entity) -> Allowed<(Entity, bool)> {
        match self.locate(by, &data)? {
            None => self.create_whole(data),
            Some(id) => self.change(&id, |record| record.merge(data)),
        }
    }

    /// As [`update_or_create`](Self::update_or_create).
    pub fn replace_or_create(&mut self, by: &[String], data: Entity) -> Allowed<(Entity, bool)> {
        match self.locate(by, &data)? {
            None => self.create_whole(data),
            Some(id) => {
                let key = key_properties(&self.model, &id);
                self.change(&id, |record| {
                    *record = key;
                    // A record that was found by an index keeps the key that the data don't name.
                    record.merge(data);
                })
            }
        }
    }

    /// The record that an upsert by these properties finds.
    pub fn found_by(&self, by: &[String], data: &Entity) -> Option<&Entity> {
        let id = self.locate(by, data).ok().flatten()?;
        self.find(&id)
    }

    /// As [`update_or_create`](Self::update_or_create). Of several matches any will do; here it is the first.
    pub fn find_or_create(&mut self, filter: &Filter, data: Entity) -> Allowed<(Entity, bool)> {
        match self.matches(filter)?.into_iter().next() {
            None => self.create_whole(data),
            Some(record) => Ok((record, false)),
        }
    }

    /// As [`update_or_create`](Self::update_or_create).
    pub fn upsert_where(&mut self, filter: &Filter, data: Entity) -> Allowed<(Entity, bool)> {
        let matches = self.matches(filter)?;
        match matches.as_slice() {
            [] => self.create_whole(data),
            [only] => {
                let id = self.key_of(only);
                self.change(&id, |record| record.merge(data))
            }
            _ => Err(ErrorKind::Conflict),
        }
    }

    fn create_whole(&mut self, mut data: Entity) -> Allowed<(Entity, bool)> {
        complete(&self.model, &mut data);
        self.create(data.clone())?;
        Ok((data, true))
    }

    fn change(&mut self, id: &Key, change: impl FnOnce(&mut Entity)) -> Allowed<(Entity, bool)> {
        self.put(id, change)?;
        let changed = self.find(id).ok_or(ErrorKind::NotFound)?;
        Ok((changed.clone(), false))
    }

    /// Changes a record, which keeps its key.
    fn put(&mut self, id: &Key, change: impl FnOnce(&mut Entity)) -> Allowed<()> {
        let place = self.position(id).ok_or(ErrorKind::NotFound)?;
        let mut records = self.records.clone();
        let record = records.get_mut(place).ok_or(ErrorKind::NotFound)?;
        change(record);
        complete(&self.model, record);
        if !same_values(&key_of(&self.model, record), id) {
            return Err(ErrorKind::Invalid);
        }
        self.become_these(records)
    }

    /// The key of the record with the data's values in the key or a unique index.
    fn locate(&self, by: &[String], data: &Entity) -> Allowed<Option<Key>> {
        if by.iter().any(|name| data.get(name).is_none()) {
            return Err(ErrorKind::Invalid);
        }
        let wanted: BTreeSet<&str> = by.iter().map(String::as_str).collect();
        let key: BTreeSet<&str> = self.key_names().into_iter().collect();
        let is_index = self.model.indexes.iter().any(|index| {
            let names = index.properties.iter().map(|sort| sort.property.as_str());
            index.unique && names.collect::<BTreeSet<_>>() == wanted
        });
        if wanted != key && !is_index {
            return Err(ErrorKind::Unsupported);
        }
        let is_it = |record: &&Entity| {
            by.iter()
                .all(|name| match (record.get(name), data.get(name)) {
                    (Some(one), Some(other)) => !one.is_null() && equal(one, other),
                    _ => false,
                })
        };
        Ok(self
            .records
            .iter()
            .find(is_it)
            .map(|record| self.key_of(record)))
    }

    fn position(&self, id: &Key) -> Option<usize> {
        self.records
            .iter()
            .position(|record| same_values(&self.key_of(record), id))
    }

    /// Takes these records instead, where they are allowed.
    fn become_these(&mut self, mut records: Vec<Entity>) -> Allowed<()> {
        for record in &mut records {
            complete(&self.model, record);
        }
        self.check(&records)?;
        self.records = records;
        Ok(())
    }

    /// Whether no two records have the same key, or the same values in a unique index.
    fn check(&self, records: &[Entity]) -> Allowed<()> {
        let unique = self.model.indexes.iter().filter(|index| index.unique);
        let indexes: Vec<Vec<&str>> = unique
            .map(|index| {
                let parts = index.properties.iter();
                parts.map(|sort| sort.property.as_str()).collect()
            })
            .collect();
        let values = |record: &Entity, names: &[&str]| -> Vec<Value> {
            let values = names.iter();
            values
                .map(|name| record.get(name).cloned().unwrap_or(Value::Null))
                .collect()
        };
        let keys: Vec<Key> = records.iter().map(|record| self.key_of(record)).collect();
        if has_same(&keys) {
            return Err(ErrorKind::Duplicate);
        }
        for names in &indexes {
            let entries = records.iter().map(|record| values(record, names));
            // Those with a null among them are never the same.
            let entries: Vec<Vec<Value>> = entries
                .filter(|values| !values.iter().any(Value::is_null))
                .collect();
            if has_same(&entries) {
                return Err(ErrorKind::Duplicate);
            }
        }
        Ok(())
    }
}

/// What is left to do of a query on its matches: order, part and fields.
pub fn answer(query: &Query, mut matches: Vec<Entity>) -> Allowed<Vec<Entity>> {
    let asked = tenon_model::Query::from_contract(query.clone()).map_err(|_| ErrorKind::Invalid)?;
    RowOrder::new(&asked).sort(&mut matches);
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let part = matches
        .into_iter()
        .skip(size(query.offset))
        .take(query.limit.map_or(usize::MAX, size));
    Ok(part
        .map(|mut record| {
            if !query.fields.is_empty() {
                record.retain(|name| query.fields.iter().any(|field| field == name));
            }
            record
        })
        .collect())
}

/// A filter, ready to be asked of records.
pub fn matcher(filter: &Filter) -> Allowed<Matcher> {
    Matcher::from_nodes(filter).map_err(|_| ErrorKind::Invalid)
}

/// In a strict model every declared property is there.
pub fn complete(model: &Model, record: &mut Entity) {
    if !model.strict {
        return;
    }
    for property in &model.properties {
        if record.get(&property.name).is_none() {
            record.set(property.name.as_str(), Value::Null);
        }
    }
}

/// A model's key properties, in the key's order.
pub fn key_names(model: &Model) -> Vec<&str> {
    let mut parts: Vec<_> = model
        .properties
        .iter()
        .filter_map(|property| property.key.map(|place| (place, property.name.as_str())))
        .collect();
    parts.sort_unstable();
    parts.into_iter().map(|(_, name)| name).collect()
}

/// A record's key.
pub fn key_of(model: &Model, record: &Entity) -> Key {
    key_names(model)
        .into_iter()
        .map(|name| record.get(name).cloned().unwrap_or(Value::Null))
        .collect()
}

/// A key as the properties that it is of.
fn key_properties(model: &Model, id: &Key) -> Entity {
    let names = key_names(model).into_iter().map(str::to_owned);
    names.zip(id.iter().cloned()).collect()
}

/// Whether two of the entries have equal values.
fn has_same(entries: &[Vec<Value>]) -> bool {
    entries.iter().enumerate().any(|(place, one)| {
        let mut others = entries.iter().skip(place + 1);
        others.any(|other| same_values(one, other))
    })
}

/// Whether two lists have equal values.
pub fn same_values(ones: &[Value], others: &[Value]) -> bool {
    ones.len() == others.len()
        && ones
            .iter()
            .zip(others)
            .all(|(one, other)| equal(one, other))
}

/// Whether two records have the same properties, in whatever order, with the same values in the same cases.
pub fn same(one: &Entity, other: &Entity) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, value)| {
            other
                .get(name)
                .is_some_and(|other| same_value(value, other))
        })
}

/// Whether a stored value came back: in the same case, and equal.
pub fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Null, Value::Null) => true,
        (Value::Null, _) | (_, Value::Null) => false,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other) && equal(one, other),
    }
}

/// Whether two lists have the same records, in whatever order.
pub fn same_records(ones: &[Entity], others: &[Entity]) -> bool {
    let mut left: Vec<&Entity> = others.iter().collect();
    ones.len() == others.len()
        && ones.iter().all(|one| {
            let place = left.iter().position(|other| same(one, other));
            place.map(|place| left.swap_remove(place)).is_some()
        })
}

/// Whether two lists have the same records in the same order.
pub fn same_rows(ones: &[Entity], others: &[Entity]) -> bool {
    ones.len() == others.len() && ones.iter().zip(others).all(|(one, other)| same(one, other))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
