//! New records: one, or all of many and none of them.
//!
//! Many records go in as few statements as the number of parameters allows. Where they are several, they share a
//! transaction: the session's own, back to a savepoint if one fails, or one that is begun for them. What fails is tried
//! again record by record, and undone again, only to say which of them it was.

use std::rc::Rc;

use tenon_model::PropertyType;
use tenon_sdk::{
    Aftermath, Effect, Entity, Error, ErrorKind, Generation, Result, TransactionOptions, Value,
};

use crate::crud::news;
use crate::rows::{number, record, result_columns};
use crate::write::{Written, insert, key_of, returning, written};
use crate::{Dialect, Driver, Sql, Statement, Table, Writer, Writing};

/// The most records in one statement: beyond, statements only get longer and no faster.
const MOST_ROWS: usize = 1_000;

/// What a savepoint is called; there is never one within another.
const SAVEPOINT: &str = "SAVEPOINT tenon";
const RELEASE: &str = "RELEASE SAVEPOINT tenon";
const ROLLBACK_TO: &str = "ROLLBACK TO SAVEPOINT tenon";

/// Records of a table on their way in.
pub(crate) struct Creation<'s, D> {
    sql: &'s mut Sql<D>,
    table: Rc<Table>,
}

/// What comes behind an `INSERT`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnDuplicate {
    Fail,
    DoNothing(&'static str),
}

impl<'s, D: Driver> Creation<'s, D> {
    pub(crate) fn new(sql: &'s mut Sql<D>, table: Rc<Table>) -> Self {
        Self { sql, table }
    }

    /// Stores one record.
    pub(crate) fn one(&mut self, data: &Entity) -> Result<Entity> {
        let spare = self.sql.driver.dialect().spares_transaction();
        if let (Some(clause), true) = (spare, self.sql.driver.in_transaction()) {
            if self.table.has_special_keys {
                // To do nothing about a duplicate is refused where a constraint is looked at later.
                return self.saved(|this| this.insert_one(data));
            }
            let created = self.insert(&[data], OnDuplicate::DoNothing(clause))?;
            if let Some(made) = created.into_iter().next() {
                return Ok(made);
            }
            // A duplicate: which one, only the error tells, and the transaction outlives it by a savepoint.
            return self.saved(|this| this.insert_one(data));
        }
        self.insert_one(data)
    }

    /// Stores all records or none.
    pub(crate) fn all(&mut self, data: &[Entity]) -> Result<Vec<Entity>> {
        if !self.table.atomic && data.len() > 1 {
            return Err(Error::unsupported(format!(
                "the table {} has no transactions, so that several records can't be created all or none: create them one \
                 by one, or give the table an engine with transactions",
                self.table.name
            )));
        }
        let chunks = self.chunks(data)?;
        let several = chunks.len() > 1;
        let result = if self.sql.driver.in_transaction() {
            let fragile = self.sql.driver.dialect().spares_transaction().is_some();
            if several || fragile {
                self.saved(|this| this.insert_chunks(&chunks))
            } else {
                self.insert_chunks(&chunks)
            }
        } else if several || self.reads_back() {
            self.within_transaction(|this| this.insert_chunks(&chunks))
        } else {
            self.insert_chunks(&chunks)
        };
        result.map_err(|error| self.located(error, data))
    }

    /// The records in parts, each for one statement: they have the same columns, and not too many.
    fn chunks<'d>(&self, data: &'d [Entity]) -> Result<Vec<Vec<&'d Entity>>> {
        let most = self.sql.driver.dialect().max_parameters();
        let mut chunks: Vec<Vec<&Entity>> = Vec::new();
        let mut shape: Vec<&str> = Vec::new();
        for record in data {
            let names: Vec<&str> = written(&self.table, record)?
                .iter()
                .map(|one| one.column.name.as_str())
                .collect();
            let rows = most
                .checked_div(names.len())
                .unwrap_or(1)
                .clamp(1, MOST_ROWS);
            match chunks.last_mut() {
                Some(chunk) if names == shape && chunk.len() < rows => chunk.push(record),
                _ => {
                    chunks.push(vec![record]);
                    shape = names;
                }
            }
        }
        Ok(chunks)
    }

    fn insert_chunks(&mut self, chunks: &[Vec<&Entity>]) -> Result<Vec<Entity>> {
        let mut made = Vec::new();
        for chunk in chunks {
            made.extend(self.insert(chunk, OnDuplicate::Fail)?);
        }
        Ok(made)
    }

    fn insert_one(&mut self, data: &Entity) -> Result<Entity> {
        if self.reads_back() && !self.sql.driver.in_transaction() {
            return self.within_transaction(|this| this.insert_here(data));
        }
        self.insert_here(data)
    }

    fn insert_here(&mut self, data: &Entity) -> Result<Entity> {
        let created = self.insert(&[data], OnDuplicate::Fail)?;
        let made = created.into_iter().next();
        made.ok_or_else(|| Error::backend("the database stored a record and returned nothing"))
    }

    /// One statement, for records of the same columns; each of the answers is what the backend made of one.
    fn insert(&mut self, rows: &[&Entity], on_duplicate: OnDuplicate) -> Result<Vec<Entity>> {
        let table = Rc::clone(&self.table);
        let mut sql = Writer::new(self.sql.driver.dialect());
        let data: Vec<Vec<Written<'_>>> = rows
            .iter()
            .map(|row| written(&table, row))
            .collect::<Result<_>>()?;
        insert(&table, data, &mut sql)?;
        if let OnDuplicate::DoNothing(clause) = on_duplicate {
            sql.push(clause);
        }
        if !sql.dialect().returns(Writing::Insert) {
            let statement = sql.finish();
            return self.insert_and_read_back(&statement, rows);
        }
        returning(&table, &mut sql);
        let statement = sql.finish();
        let stored = self.sql.driver.fetch(&statement, &result_columns(&table))?;
        if on_duplicate == OnDuplicate::Fail && stored.len() != rows.len() {
            let mut error = Error::backend(format!(
                "the database was given {} records to store, and returned {}",
                rows.len(),
                stored.len()
            ));
            if !self.sql.driver.in_transaction() {
                error.effect = Effect::Unknown;
            }
            return Err(error);
        }
        let stored = stored.into_iter().map(|row| record(&table, row));
        Ok(stored
            .zip(rows)
            .map(|(stored, data)| news(stored, data))
            .collect())
    }

    /// Whether what was written has to be looked up, since the statement doesn't hand it back.
    fn reads_back(&self) -> bool {
        !self.sql.returns(Writing::Insert) && self.table.makes_more_than_a_key()
    }

    fn insert_and_read_back(
        &mut self,
        statement: &Statement,
        rows: &[&Entity],
    ) -> Result<Vec<Entity>> {
        let table = Rc::clone(&self.table);
        let made_key = table.generated_key().filter(|name| {
            let mut rows = rows.iter();
            rows.all(|row| row.get(name).is_none_or(Value::is_null))
        });
        // Asked for first: what fails behind the statement would be an error about records that are stored.
        let step = match made_key {
            Some(_) if rows.len() > 1 => self.key_step()?,
            _ => 1,
        };
        let executed = self.sql.driver.execute(statement)?;
        let mut keys: Vec<Entity> = vec![Entity::new(); rows.len()];
        if let (Some(name), Some(first)) = (made_key, executed.last_id) {
            for (key, id) in keys.iter_mut().zip((0..).map(|place| first + place * step)) {
                key.set(name, id);
            }
        }
        if !table.makes_more_than_a_key() {
            return Ok(keys);
        }
        let mut made = Vec::with_capacity(rows.len());
        for (row, key) in rows.iter().zip(keys) {
            let mut known = (*row).clone();
            known.merge(key.clone());
            let stored = match key_of(&table, &known) {
                Some(id) => self.sql.read_back(|sql| sql.read_by_key(&table, &id))?,
                None => None,
            };
            made.push(stored.map_or(key, |stored| news(stored, row)));
        }
        Ok(made)
    }

    /// How far apart the keys are that the backend makes for one statement.
    fn key_step(&mut self) -> Result<i64> {
        match self.sql.driver.dialect().key_step() {
            Some(query) => {
                let statement = Statement::plain(query);
                Ok(number(&mut self.sql.driver, &statement)?.unwrap_or(1))
            }
            None => Ok(1),
        }
    }

    /// Does something in a transaction of its own.
    fn within_transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.sql.driver.begin(TransactionOptions::default())?;
        match work(self) {
            Ok(done) => {
                commit(&mut self.sql.driver)?;
                Ok(done)
            }
            Err(error) => Err(undo(&mut self.sql.driver, error)),
        }
    }

    /// Does something in the session's transaction, which is as it was before where that fails.
    fn saved<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let run = |this: &mut Self, command: &'static str| {
            this.sql.driver.execute(&Statement::plain(command))
        };
        run(self, SAVEPOINT)?;
        match work(self) {
            Ok(done) => {
                run(self, RELEASE)?;
                Ok(done)
            }
            Err(mut error) => {
                if error.aftermath != Aftermath::SessionLost {
                    let undone = run(self, ROLLBACK_TO).and_then(|_| run(self, RELEASE));
                    error.aftermath = match undone {
                        Ok(_) => Aftermath::Usable,
                        Err(undoing) if undoing.aftermath == Aftermath::SessionLost => {
                            Aftermath::SessionLost
                        }
                        Err(_) => Aftermath::TransactionLost,
                    };
                }
                Err(error)
            }
        }
    }

    /// The same error with the index of the record that it is about, found by trying one after the other.
    fn located(&mut self, error: Error, data: &[Entity]) -> Error {
        let is_about_one = matches!(error.kind, ErrorKind::Duplicate | ErrorKind::Constraint);
        if !is_about_one || error.aftermath != Aftermath::Usable {
            return error;
        }
        if let [_] = data {
            return error.detail("index", 0);
        }
        let mut failed = None;
        let attempt = |this: &mut Self| -> Result<()> {
            for (index, record) in data.iter().enumerate() {
                if let Err(error) = this.insert_here(record) {
                    failed = Some(index);
                    return Err(error);
                }
            }
            Err(Error::backend("nothing failed this time"))
        };
        let found = if self.sql.driver.in_transaction() {
            self.saved(attempt)
        } else {
            self.within_transaction(attempt)
        };
        match (found, failed) {
            (Err(found), Some(index)) if found.kind == error.kind => found.detail("index", index),
            (Err(found), _) if found.aftermath != Aftermath::Usable => found,
            _ => error,
        }
    }
}

/// Commits a transaction that the connector has begun for itself. Nobody else would end it where that fails, so it is
/// undone then.
pub(crate) fn commit<D: Driver>(driver: &mut D) -> Result<()> {
    driver.commit().map_err(|error| undo(driver, error))
}

/// Rolls back a transaction that the connector has begun for itself, and says in the error what is left of the session.
fn undo<D: Driver>(driver: &mut D, mut error: Error) -> Error {
    if error.aftermath != Aftermath::SessionLost {
        error.aftermath = match driver.rollback() {
            Ok(()) => Aftermath::Usable,
            Err(_) => Aftermath::SessionLost,
        };
    }
    error
}

impl Table {
    /// The property of a key that the backend makes, where it is a number of its own.
    pub(crate) fn generated_key(&self) -> Option<&str> {
        let mut keys = self.key_columns();
        let made = keys.find(|column| column.generated != Generation::Never)?;
        (made.kind == PropertyType::Integer).then_some(made.property.as_str())
    }

    /// Whether the backend makes values of any property.
    pub(crate) fn makes_values(&self) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|column| column.generated != Generation::Never)
    }

    /// Whether the backend makes values beside a number for the key.
    pub(crate) fn makes_more_than_a_key(&self) -> bool {
        let key = self.generated_key();
        let mut columns = self.columns.iter();
        columns.any(|column| {
            column.generated != Generation::Never && key != Some(column.property.as_str())
        })
    }

    /// A record with every property: null where one is missing, but for what may not be null and the backend makes.
    pub(crate) fn whole(&self, data: &Entity) -> Entity {
        let mut whole = data.clone();
        for column in &self.columns {
            let is_made = match column.generated {
                Generation::Never => false,
                Generation::WhenMissing => column.required,
                Generation::Always => true,
            };
            if !is_made && data.get(&column.property).is_none() {
                whole.set(column.property.as_str(), Value::Null);
            }
        }
        whole
    }
}
