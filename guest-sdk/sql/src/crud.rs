//! The capability `crud`.

use std::rc::Rc;

use tenon_sdk::{Answer, Crud, Effect, Entity, Error, Filter, Key, Query, Result};

use crate::insert::Creation;
use crate::rows::{number, record, result_columns};
use crate::select::read;
use crate::write::{
    delete, key_of, refuse_key_change, returning, update, where_key, where_whole, written,
};
use crate::{Column, Driver, Selection, Sql, Statement, Table, Writer, Writing};

impl<D: Driver> Sql<D> {
    /// A writer of the session's dialect.
    pub(crate) fn writer(&self) -> Writer<'_> {
        Writer::new(self.driver.dialect())
    }

    /// Whether a statement of that kind hands back what it has written.
    pub(crate) fn returns(&self, writing: Writing) -> bool {
        crate::Dialect::returns(self.driver.dialect(), writing)
    }

    /// The record of that key.
    pub(crate) fn read_by_key(&mut self, table: &Table, id: &Key) -> Result<Option<Entity>> {
        let mut sql = self.writer();
        let columns: Vec<&Column> = table.columns.iter().collect();
        read(table, &columns, &mut sql);
        where_key(table, id, &mut sql)?;
        let statement = sql.finish();
        let rows = self.driver.fetch(&statement, &result_columns(table))?;
        Ok(rows.into_iter().next().map(|row| record(table, row)))
    }

    /// Reads what a statement has just written. Outside of a transaction that lasts, whatever comes of the reading: an
    /// error says so, and nobody does it all again.
    pub(crate) fn read_back<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let lasts = !self.driver.in_transaction();
        read(self).map_err(|mut error| {
            if lasts {
                error.effect = Effect::Unknown;
            }
            error
        })
    }

    fn count_of(&mut self, table: &Table, filter: &tenon_model::Filter) -> Result<u64> {
        let mut sql = self.writer();
        sql.push("SELECT COUNT(*) FROM ");
        sql.table(&table.name);
        where_whole(table, filter, &mut sql)?;
        let statement = sql.finish();
        let count = number(&mut self.driver, &statement)?.unwrap_or_default();
        u64::try_from(count)
            .map_err(|_| Error::backend(format!("the database counted {count} records")))
    }

    /// Sets properties of one record, and returns what the backend has made of it.
    fn change(&mut self, table: &Table, id: &Key, data: &Entity) -> Result<Entity> {
        let set = written(table, data)?;
        let set: Vec<_> = set
            .into_iter()
            .filter(|one| !table.key_columns().any(|key| key.name == one.column.name))
            .collect();
        if set.is_empty() {
            return match self.read_by_key(table, id)? {
                Some(_) => Ok(Entity::new()),
                None => Err(missing(table)),
            };
        }
        let mut sql = self.writer();
        update(table, set, &mut sql)?;
        where_key(table, id, &mut sql)?;
        if self.returns(Writing::Update) {
            let mut sql = sql;
            returning(table, &mut sql);
            let statement = sql.finish();
            let rows = self.driver.fetch(&statement, &result_columns(table))?;
            let stored = rows.into_iter().next().map(|row| record(table, row));
            return Ok(news(stored.ok_or_else(|| missing(table))?, data));
        }
        let statement = sql.finish();
        if self.driver.execute(&statement)?.affected == 0 {
            return Err(missing(table));
        }
        if !table.makes_values() {
            return Ok(Entity::new());
        }
        // Gone by now, it was there to be changed.
        let stored = self.read_back(|sql| sql.read_by_key(table, id))?;
        let stored = stored.unwrap_or_default();
        Ok(news(stored, data))
    }

    fn write_matches(&mut self, statement: &Statement) -> Result<u64> {
        Ok(self.driver.execute(statement)?.affected)
    }
}

/// What a stored record has that wasn't written so.
pub(crate) fn news(stored: Entity, data: &Entity) -> Entity {
    stored
        .into_iter()
        .filter(|(name, value)| data.get(name) != Some(value))
        .collect()
}

fn missing(table: &Table) -> Error {
    Error::not_found(format!("`{}` has no record of that key", table.model.name))
}

impl<D: Driver> Crud for Sql<D> {
    fn all(&mut self, model: &str, query: Query) -> Result<Answer> {
        let table = self.table(model)?;
        let selection = Selection::new(&table, self.driver.dialect(), &query)?;
        let rows = self.driver.query(&selection.statement, selection.columns)?;
        Ok(Answer {
            rows,
            done: selection.done,
        })
    }

    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        let table = self.writable(model)?;
        Creation::new(self, Rc::clone(&table)).one(&data)
    }

    fn create_all(&mut self, model: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        let table = self.writable(model)?;
        Creation::new(self, table).all(&data)
    }

    fn save(&mut self, model: &str, data: Entity) -> Result<Entity> {
        let table = self.writable(model)?;
        let Some(id) = key_of(&table, &data) else {
            return Err(Error::invalid(format!(
                "a record of `{model}` is replaced by its key, and the data lack it"
            )));
        };
        let whole = table.whole(&data);
        self.change(&table, &id, &whole)
    }

    fn exists(&mut self, model: &str, id: Key) -> Result<bool> {
        let table = self.table(model)?;
        let mut sql = self.writer();
        sql.push("SELECT 1 FROM ");
        sql.table(&table.name);
        where_key(&table, &id, &mut sql)?;
        let statement = sql.finish();
        Ok(number(&mut self.driver, &statement)?.is_some())
    }

    fn find(&mut self, model: &str, id: Key) -> Result<Option<Entity>> {
        let table = self.table(model)?;
        self.read_by_key(&table, &id)
    }

    fn count(&mut self, model: &str, filter: Filter) -> Result<u64> {
        let table = self.table(model)?;
        let filter = tenon_model::Filter::from_nodes(&filter)?;
        self.count_of(&table, &filter)
    }

    fn update_attributes(&mut self, model: &str, id: Key, data: Entity) -> Result<Entity> {
        let table = self.writable(model)?;
        refuse_key_change(&table, &data)?;
        self.change(&table, &id, &data)
    }

    fn update(&mut self, model: &str, filter: Filter, data: Entity) -> Result<u64> {
        let table = self.writable(model)?;
        refuse_key_change(&table, &data)?;
        let filter = tenon_model::Filter::from_nodes(&filter)?;
        let set = written(&table, &data)?;
        if set.is_empty() {
            return self.count_of(&table, &filter);
        }
        let mut sql = self.writer();
        update(&table, set, &mut sql)?;
        where_whole(&table, &filter, &mut sql)?;
        let statement = sql.finish();
        self.write_matches(&statement)
    }

    fn destroy(&mut self, model: &str, id: Key) -> Result<bool> {
        let table = self.writable(model)?;
        let mut sql = self.writer();
        delete(&table, &mut sql);
        where_key(&table, &id, &mut sql)?;
        let statement = sql.finish();
        Ok(self.write_matches(&statement)? > 0)
    }

    fn destroy_all(&mut self, model: &str, filter: Filter) -> Result<u64> {
        let table = self.writable(model)?;
        let filter = tenon_model::Filter::from_nodes(&filter)?;
        let mut sql = self.writer();
        delete(&table, &mut sql);
        where_whole(&table, &filter, &mut sql)?;
        let statement = sql.finish();
        self.write_matches(&statement)
    }
}
