//! A connector that is easier to trust than to use: a list of records.

use std::collections::BTreeSet;

use tenon_model::contract::Model;
use tenon_model::{Entity, Key, Value, equal};

use crate::{
    Answer, Connector, Crud, Error, ErrorKind, Evaluation, Filter, Limits, Manifest, NoSettings,
    Outcome, Query, Result, TransactionOptions, Transactions, Upsert, evaluate,
};

/// A list of records of one model; every function looks at all of them.
#[derive(Default)]
pub struct Reference {
    model: Option<Model>,
    records: Vec<Entity>,
    transaction: Option<Transaction>,
}

/// What there is to go back to.
struct Transaction {
    records: Vec<Entity>,
    read_only: bool,
}

impl Reference {
    /// The records, in the order in which they were stored.
    pub fn records(&self) -> &[Entity] {
        &self.records
    }

    /// A record's key.
    pub fn key_of(&self, record: &Entity) -> Key {
        let mut parts: Vec<_> = self
            .properties()
            .filter_map(|p| p.key.map(|place| (place, &p.name)))
            .collect();
        parts.sort();
        Key::composite(
            parts
                .into_iter()
                .map(|(_, name)| record.get(name).cloned().unwrap_or(Value::Null)),
        )
    }

    fn properties(&self) -> impl Iterator<Item = &crate::Property> {
        self.model.iter().flat_map(|model| &model.properties)
    }

    fn position(&self, key: &Key) -> Option<usize> {
        self.records
            .iter()
            .position(|record| same(self.key_of(record).values(), key.values()))
    }

    /// Whether no two records have the same key, or the same values in a unique index.
    fn check(&self, records: &[Entity]) -> Result<()> {
        let indexes = self
            .model
            .iter()
            .flat_map(|model| &model.indexes)
            .filter(|index| index.unique);
        let indexes: Vec<_> = indexes.collect();
        for (place, one) in records.iter().enumerate() {
            for other in records.iter().skip(place + 1) {
                if same(self.key_of(one).values(), self.key_of(other).values()) {
                    return Err(Error::duplicate("the key"));
                }
                for index in &indexes {
                    let values = |record: &Entity| -> Vec<Value> {
                        let names = index.properties.iter().map(|sort| sort.property.as_str());
                        names
                            .map(|name| record.get(name).cloned().unwrap_or(Value::Null))
                            .collect()
                    };
                    let (ones, others) = (values(one), values(other));
                    if !ones.iter().any(Value::is_null) && same(&ones, &others) {
                        return Err(Error::duplicate(format!("the index `{}`", index.name)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a transaction is open.
    pub fn is_in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    fn refuse_if_read_only(&self) -> Result<()> {
        match &self.transaction {
            Some(transaction) if transaction.read_only => {
                Err(Error::invalid("the transaction is read-only"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the model that it has learnt is strict.
    pub fn is_strict(&self) -> bool {
        self.model.as_ref().is_some_and(|model| model.strict)
    }

    /// In a strict model every declared property is there.
    fn complete(&self, record: &mut Entity) {
        if self.is_strict() {
            for property in self.properties() {
                if record.get(&property.name).is_none() {
                    record.set(property.name.as_str(), Value::Null);
                }
            }
        }
    }

    /// Takes these records instead, where they are allowed.
    fn become_these(&mut self, mut records: Vec<Entity>) -> Result<()> {
        for record in &mut records {
            self.complete(record);
        }
        self.check(&records)?;
        self.records = records;
        Ok(())
    }
}

fn same(left: &[Value], right: &[Value]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .all(|(left, right)| equal(left, right))
}

fn not_found() -> Error {
    Error::not_found("no such record")
}

impl Connector for Reference {
    type Settings = NoSettings;

    fn manifest() -> Manifest {
        Manifest::new("reference", "0.0.0").exclusive()
    }

    fn initialize(_: NoSettings, _: &Limits) -> Result<Self> {
        Ok(Self::default())
    }

    fn define(&mut self, model: Model) -> Result<()> {
        self.model = Some(model);
        Ok(())
    }
}

impl Crud for Reference {
    fn all(&mut self, _: &str, query: Query) -> Result<Answer> {
        evaluate(query, self.records.clone())
    }

    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.create_all(model, vec![data])?;
        Ok(Entity::new())
    }

    fn create_all(&mut self, _: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        self.refuse_if_read_only()?;
        let made = vec![Entity::new(); data.len()];
        let records = self.records.iter().cloned().chain(data).collect();
        self.become_these(records)?;
        Ok(made)
    }

    fn save(&mut self, _: &str, data: Entity) -> Result<Entity> {
        self.refuse_if_read_only()?;
        let place = self.position(&self.key_of(&data)).ok_or_else(not_found)?;
        let mut records = self.records.clone();
        if let Some(record) = records.get_mut(place) {
            *record = data;
        }
        self.become_these(records)?;
        Ok(Entity::new())
    }

    fn exists(&mut self, _: &str, id: Key) -> Result<bool> {
        Ok(self.position(&id).is_some())
    }

    fn find(&mut self, _: &str, id: Key) -> Result<Option<Entity>> {
        Ok(self
            .position(&id)
            .and_then(|place| self.records.get(place))
            .cloned())
    }

    fn count(&mut self, _: &str, filter: Filter) -> Result<u64> {
        let evaluation = Evaluation::whole_filter(filter)?;
        Ok(count(
            self.records
                .iter()
                .filter(|record| evaluation.matches(record))
                .count(),
        ))
    }

    fn update_attributes(&mut self, _: &str, id: Key, data: Entity) -> Result<Entity> {
        self.refuse_if_read_only()?;
        let place = self.position(&id).ok_or_else(not_found)?;
        let mut records = self.records.clone();
        if let Some(record) = records.get_mut(place) {
            record.merge(data);
        }
        self.become_these(records)?;
        Ok(Entity::new())
    }

    fn update(&mut self, _: &str, filter: Filter, data: Entity) -> Result<u64> {
        self.refuse_if_read_only()?;
        let evaluation = Evaluation::whole_filter(filter)?;
        let mut records = self.records.clone();
        let mut changed = 0;
        for record in records
            .iter_mut()
            .filter(|record| evaluation.matches(record))
        {
            record.merge(data.clone());
            changed += 1;
        }
        self.become_these(records)?;
        Ok(changed)
    }

    fn destroy(&mut self, _: &str, id: Key) -> Result<bool> {
        self.refuse_if_read_only()?;
        let place = self.position(&id);
        place.map(|place| self.records.remove(place));
        Ok(place.is_some())
    }

    fn destroy_all(&mut self, _: &str, filter: Filter) -> Result<u64> {
        self.refuse_if_read_only()?;
        let evaluation = Evaluation::whole_filter(filter)?;
        let before = self.records.len();
        self.records.retain(|record| !evaluation.matches(record));
        Ok(count(before - self.records.len()))
    }
}

impl Upsert for Reference {
    fn update_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        self.refuse_if_read_only()?;
        match self.locate(by, &data)? {
            None => self.create_whole(model, data),
            Some(place) => self.put(place, |record| record.merge(data)),
        }
    }

    fn replace_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        self.refuse_if_read_only()?;
        match self.locate(by, &data)? {
            None => self.create_whole(model, data),
            Some(place) => self.put(place, |record| *record = data),
        }
    }

    fn find_or_create(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        self.refuse_if_read_only()?;
        let matches = self.matches(filter)?;
        match matches.first().and_then(|place| self.records.get(*place)) {
            None => self.create_whole(model, data),
            Some(record) => Ok(Outcome::found(record.clone())),
        }
    }

    fn upsert_where(&mut self, model: &str, filter: Filter, data: Entity) -> Result<Outcome> {
        self.refuse_if_read_only()?;
        match self.matches(filter)?.as_slice() {
            [] => self.create_whole(model, data),
            [place] => self.put(*place, |record| record.merge(data)),
            _ => Err(Error::new(ErrorKind::Conflict, "several records match")),
        }
    }
}

impl Reference {
    /// The place of the record with the data's values in the key or a unique index.
    fn locate(&self, by: &[String], data: &Entity) -> Result<Option<usize>> {
        if by.iter().any(|name| data.get(name).is_none()) {
            return Err(Error::invalid("the data lack what to find the record by"));
        }
        let wanted: BTreeSet<&str> = by.iter().map(String::as_str).collect();
        let key = self.properties().filter(|p| p.key.is_some());
        let key: BTreeSet<&str> = key.map(|p| p.name.as_str()).collect();
        let mut indexes = self.model.iter().flat_map(|model| &model.indexes);
        let is_index = indexes.any(|index| {
            let names = index.properties.iter().map(|sort| sort.property.as_str());
            index.unique && names.collect::<BTreeSet<_>>() == wanted
        });
        if wanted != key && !is_index {
            return Err(Error::unsupported("no key and no unique index"));
        }
        let is_it = |record: &Entity| {
            by.iter()
                .all(|name| match (record.get(name), data.get(name)) {
                    (Some(one), Some(other)) => !one.is_null() && equal(one, other),
                    _ => false,
                })
        };
        Ok(self.records.iter().position(is_it))
    }

    fn matches(&self, filter: Filter) -> Result<Vec<usize>> {
        let evaluation = Evaluation::whole_filter(filter)?;
        let records = (0..).zip(&self.records);
        let matches = records.filter(|(_, record)| evaluation.matches(record));
        Ok(matches.map(|(place, _)| place).collect())
    }

    fn create_whole(&mut self, model: &str, mut data: Entity) -> Result<Outcome> {
        self.complete(&mut data);
        self.create(model, data.clone())?;
        Ok(Outcome::created(data))
    }

    /// Changes a record, which keeps its key.
    fn put(&mut self, place: usize, change: impl FnOnce(&mut Entity)) -> Result<Outcome> {
        let mut records = self.records.clone();
        let record = records.get_mut(place).ok_or_else(not_found)?;
        let key = self.key_of(record);
        change(record);
        self.complete(record);
        let changed = record.clone();
        if !same(self.key_of(&changed).values(), key.values()) {
            return Err(Error::invalid("a record keeps its key"));
        }
        self.become_these(records)?;
        Ok(Outcome::found(changed))
    }
}

impl Transactions for Reference {
    fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        if self.transaction.is_some() {
            return Err(Error::invalid("a transaction is open already"));
        }
        self.transaction = Some(Transaction {
            records: self.records.clone(),
            read_only: options.read_only,
        });
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        let ended = self.transaction.take();
        ended.map(drop).ok_or_else(no_transaction)
    }

    fn rollback(&mut self) -> Result<()> {
        let ended = self.transaction.take().ok_or_else(no_transaction)?;
        self.records = ended.records;
        Ok(())
    }
}

fn no_transaction() -> Error {
    Error::invalid("no transaction is open")
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
