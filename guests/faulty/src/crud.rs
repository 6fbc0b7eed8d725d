//! The capability `crud`.

use tenon_sdk::{Answer, Crud, Done, Entity, Filter, Key, Query, Result, Rows};

use crate::Faulty;
use crate::fault::Fault;
use crate::filter::Judge;
use crate::pages::Pages;
use crate::query;
use crate::write::count;

impl Faulty {
    /// Whether a model is read as one without records.
    fn is_read_as_empty(&self, model: &str) -> bool {
        !self.models.contains_key(model) && self.planted.is(Fault::UndefinedModelIsEmpty)
    }

    fn try_all(&mut self, model: &str, query: Query) -> Result<Answer> {
        if self.is_read_as_empty(model) {
            return Ok(Answer {
                rows: Rows::none(),
                done: Done::FILTER | Done::ORDER | Done::PAGING | Done::FIELDS,
            });
        }
        let definition = self.definition(model)?;
        let state = self.view()?;
        let collection = state.collections.get(&definition.collection);
        let is_unfiltered = query.filter.is_empty();
        let (mut rows, done) =
            query::answer(self.planted, &definition, query, collection.map(|it| &**it))?;
        if is_unfiltered && self.planted.is(Fault::OtherModelsRowsAppear) {
            let mut others = state.collections.iter();
            let other = others.find_map(|(name, other)| {
                other
                    .records
                    .values()
                    .next()
                    .filter(|_| *name != definition.collection)
            });
            rows.extend(other.map(|record| (**record).clone()));
        }
        if self.planted.is(Fault::SecondCursorEndsTheFirst) {
            self.disturbances.count();
        }
        let pages = Pages::new(self.planted, rows, &self.disturbances);
        Ok(Answer {
            rows: Rows::from_pages(pages),
            done,
        })
    }

    fn try_find(&mut self, model: &str, id: &Key) -> Result<Option<Entity>> {
        if self.is_read_as_empty(model) {
            return Ok(None);
        }
        let definition = self.definition(model)?;
        let key = definition.key_bytes(id)?;
        let state = self.view()?;
        let collection = state.collections.get(&definition.collection);
        let found = collection.and_then(|collection| collection.records.get(&key));
        let found = found.map(|record| definition.outgoing(record).into_owned());
        let destroyed = self.notes.last_destroyed.as_ref();
        let destroyed = destroyed
            .filter(|(name, destroyed, _)| *name == definition.collection && *destroyed == key);
        Ok(found.or_else(|| destroyed.map(|(_, _, record)| record.clone())))
    }

    fn try_exists(&mut self, model: &str, id: &Key) -> Result<bool> {
        if self.is_read_as_empty(model) {
            return Ok(false);
        }
        let definition = self.definition(model)?;
        let key = definition.key_bytes(id)?;
        let state = self.view()?;
        let collection = state.collections.get(&definition.collection);
        if collection.is_some_and(|collection| collection.records.contains_key(&key)) {
            return Ok(true);
        }
        let buried = (definition.collection.clone(), key);
        Ok(self.notes.destroyed.contains(&buried))
    }

    fn try_count(&mut self, model: &str, filter: Filter) -> Result<u64> {
        if self.is_read_as_empty(model) {
            return Ok(0);
        }
        let definition = self.definition(model)?;
        let judge = Judge::new(self.planted, filter)?;
        let state = self.view()?;
        let collection = state.collections.get(&definition.collection);
        let records = collection.iter().flat_map(|it| it.records.values());
        let misses_nulls = self.planted.is(Fault::CountMissesNulls);
        let counts = |number: usize, record: &Entity| {
            let has_null = record.iter().any(|(_, value)| value.is_null());
            judge.matches(number, record) && !(misses_nulls && has_null)
        };
        let records = records.map(|record| definition.outgoing(record));
        let counted = records
            .enumerate()
            .filter(|(number, record)| counts(*number, record));
        let counted = count(counted.count());
        Ok(if self.planted.is(Fault::CountEndsAt100) {
            counted.min(100)
        } else {
            counted
        })
    }
}

impl Crud for Faulty {
    fn all(&mut self, model: &str, query: Query) -> Result<Answer> {
        let result = self.try_all(model, query);
        self.told(result)
    }

    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.change(model, |writer| writer.create(data))
    }

    fn create_all(&mut self, model: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        // Before the lock is taken, which nobody would give back.
        #[allow(clippy::panic, reason = "that is the fault")]
        if data.is_empty() && self.planted.is(Fault::EmptyBatchTraps) {
            panic!("an empty batch");
        }
        self.change(model, |writer| writer.create_all(data))
    }

    fn save(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.change(model, |writer| writer.save(data))
    }

    fn exists(&mut self, model: &str, id: Key) -> Result<bool> {
        let result = self.try_exists(model, &id);
        self.told(result)
    }

    fn find(&mut self, model: &str, id: Key) -> Result<Option<Entity>> {
        let result = self.try_find(model, &id);
        self.told(result)
    }

    fn count(&mut self, model: &str, filter: Filter) -> Result<u64> {
        let result = self.try_count(model, filter);
        self.told(result)
    }

    fn update_attributes(&mut self, model: &str, id: Key, data: Entity) -> Result<Entity> {
        self.change(model, |writer| writer.update_attributes(&id, data))
    }

    fn update(&mut self, model: &str, filter: Filter, data: Entity) -> Result<u64> {
        self.change(model, |writer| writer.update(filter, data))
    }

    fn destroy(&mut self, model: &str, id: Key) -> Result<bool> {
        self.change(model, |writer| writer.destroy(&id))
    }

    fn destroy_all(&mut self, model: &str, filter: Filter) -> Result<u64> {
        self.change(model, |writer| writer.destroy_all(filter))
    }
}
