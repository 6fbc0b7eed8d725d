//! The capability `upsert`: by the key or a unique index, in one statement where the backend has it.
//!
//! Where it hasn't, an update is tried, then an insert, and where somebody else was faster the update again: each is
//! atomic, and what comes of them is one of the two. By a filter there is nothing that the backend would refuse twice,
//! so that is left to the runtime.

use std::rc::Rc;

use tenon_model::PropertyType;
use tenon_sdk::{Aftermath, Entity, Error, ErrorKind, Generation, Outcome, Result, Upsert, Value};

use crate::insert::Creation;
use crate::rows::{computed, record, result_columns};
use crate::select::read;
use crate::write::{Written, insert, is_key, key_of, returning, update, written};
use crate::{Column, Dialect, Driver, Equality, Sql, Table, Writer, Writing};

/// How often an update that found nothing and an insert that found something may follow each other.
const ROUNDS: usize = 4;

/// A record that is to be there.
struct Wanted<'t> {
    table: &'t Table,
    /// What it is found by.
    by: Vec<Written<'t>>,
    /// Whether that is the primary key.
    by_key: bool,
    /// What a new record has.
    data: Entity,
    /// What a record that is there gets, neither its key nor what it is found by among it.
    set: Vec<Written<'t>>,
}

impl<'t> Wanted<'t> {
    fn new(table: &'t Table, by: &[String], data: &Entity, replace: bool) -> Result<Self> {
        let columns: Vec<&Column> = by
            .iter()
            .map(|name| {
                table.column(name).ok_or_else(|| {
                    Error::invalid(format!(
                        "the model `{}` has no property `{name}` to find a record by",
                        table.model.name
                    ))
                })
            })
            .collect::<Result<_>>()?;
        if let Some(missing) = by.iter().find(|name| data.get(name).is_none()) {
            return Err(Error::invalid(format!(
                "a record of `{}` is to be found by `{missing}`, and the data lack it",
                table.model.name
            ))
            .detail("property", missing));
        }
        let by_key = table.is_key(&columns);
        let is_kept = if by_key {
            table.has_key
        } else {
            table.is_unique(&columns)
        };
        if !is_kept {
            return Err(Error::unsupported(format!(
                "the table of `{}` has neither a primary key nor a unique index over {}",
                table.model.name,
                by.join(", ")
            )));
        }
        let mut found_by = Vec::with_capacity(columns.len());
        for column in columns {
            let value = data.get(&column.property).filter(|value| !value.is_null());
            let value = value.ok_or_else(|| {
                // A null is equal to no other in a unique index.
                Error::unsupported(format!(
                    "a record of `{}` is to be found by `{}`, and it is null in the data",
                    table.model.name, column.property
                ))
            })?;
            found_by.push(Written {
                column,
                value: value.clone(),
            });
        }
        let mut data = data.clone();
        let mut erased = Vec::new();
        if replace {
            for column in &table.columns {
                if data.get(&column.property).is_some() {
                    continue;
                }
                match column.generated {
                    Generation::Never => data.set(column.property.as_str(), Value::Null),
                    Generation::WhenMissing if !column.required => erased.push(column),
                    Generation::WhenMissing | Generation::Always => {}
                }
            }
        }
        let is_fixed = |column: &Column| {
            found_by.iter().any(|by| by.column.name == column.name)
                || table.key_columns().any(|key| key.name == column.name)
        };
        let erased = erased.into_iter().map(|column| Written {
            column,
            value: Value::Null,
        });
        let set: Vec<_> = written(table, &data)?
            .into_iter()
            .chain(erased)
            .filter(|one| !is_fixed(one.column))
            .collect();
        Ok(Self {
            table,
            by: found_by,
            by_key,
            set,
            data,
        })
    }

    /// Whether the data have all that a new record needs. The database refuses to insert them otherwise, also where
    /// there is a record to be updated.
    fn can_be_new(&self) -> bool {
        self.table.columns.iter().all(|column| {
            let is_made = column.generated != Generation::Never;
            let given = self.data.get(&column.property);
            !column.required || is_made || given.is_some_and(|value| !value.is_null())
        })
    }

    /// The key that the data name beside what the record is found by.
    fn other_key(&self) -> Vec<Written<'t>> {
        if self.by_key {
            return Vec::new();
        }
        let keys = self.table.key_columns().filter_map(|column| {
            let value = self.data.get(&column.property)?;
            (!value.is_null()).then(|| Written {
                column,
                value: value.clone(),
            })
        });
        keys.collect()
    }

    /// Appends `WHERE` with what the record is found by.
    fn find(&self, sql: &mut Writer<'_>) -> Result<()> {
        sql.push(" WHERE ");
        for (place, by) in self.by.iter().enumerate() {
            if place > 0 {
                sql.push(" AND ");
            }
            is_key(by.column, &by.value, sql)?;
        }
        Ok(())
    }

    /// There is a record that isn't the one, and the unique index has no room for both.
    fn is_taken(&self) -> Error {
        let by: Vec<&str> = self
            .by
            .iter()
            .map(|by| by.column.property.as_str())
            .collect();
        Error::duplicate(format!(
            "`{}` has another record whose {} the unique index takes for the same",
            self.table.model.name,
            by.join(", ")
        ))
    }

    fn key_changes(&self) -> Error {
        Error::invalid(format!(
            "the record of `{}` that was found has another key than the data, and a record's key stays as it is",
            self.table.model.name
        ))
    }
}

impl Table {
    /// Whether these are the model's key.
    fn is_key(&self, columns: &[&Column]) -> bool {
        let keys: Vec<&str> = self.key_columns().map(|key| key.name.as_str()).collect();
        !keys.is_empty() && same_names(columns, &keys)
    }

    fn is_unique(&self, columns: &[&Column]) -> bool {
        self.unique.iter().any(|unique| {
            let names: Vec<&str> = unique.iter().map(String::as_str).collect();
            same_names(columns, &names)
        })
    }
}

fn same_names(columns: &[&Column], names: &[&str]) -> bool {
    columns.len() == names.len() && columns.iter().all(|one| names.contains(&one.name.as_str()))
}

impl<D: Driver> Sql<D> {
    fn upsert(&mut self, table: &Rc<Table>, wanted: &Wanted<'_>) -> Result<Outcome> {
        match self.driver.dialect().on_conflict() {
            Some(is_new) if wanted.can_be_new() => match self.upsert_at_once(wanted, is_new) {
                // The record that somebody else inserts meanwhile may be met by its key first, and not by what it is
                // looked for by. The next time it is there.
                Err(error)
                    if error.kind == ErrorKind::Duplicate
                        && error.aftermath == Aftermath::Usable
                        && !wanted.by_key =>
                {
                    self.upsert_at_once(wanted, is_new)
                }
                outcome => outcome,
            },
            _ => self.upsert_in_turns(table, wanted),
        }
    }

    /// `INSERT … ON CONFLICT (…) DO UPDATE`.
    fn upsert_at_once(&mut self, wanted: &Wanted<'_>, is_new: &'static str) -> Result<Outcome> {
        let table = wanted.table;
        let mut sql = self.writer();
        insert(table, vec![written(table, &wanted.data)?], &mut sql)?;
        sql.push(" ON CONFLICT (");
        sql.list(&wanted.by, ", ", |sql, by| sql.column(by.column));
        sql.push(") DO UPDATE SET ");
        // To set what it already has is the only way to have the record handed back.
        let set = if wanted.set.is_empty() {
            &wanted.by
        } else {
            &wanted.set
        };
        sql.list(set, ", ", |sql, one| {
            sql.column(one.column);
            let is_erased = wanted.data.get(&one.column.property).is_none();
            if is_erased {
                sql.push(" = NULL");
            } else {
                sql.push(" = EXCLUDED.");
                sql.column(one.column);
            }
        });
        let keys = wanted.other_key();
        // A unique index may take values for the same that aren't, as one without case does.
        let dialect = sql.dialect();
        let wider: Vec<&Column> = wanted
            .by
            .iter()
            .map(|by| by.column)
            .filter(|column| dialect.fidelity(column).equal != Equality::Column)
            .collect();
        for (place, key) in keys.iter().enumerate() {
            sql.push(if place > 0 { " AND " } else { " WHERE " });
            sql.name(&table.name.name);
            sql.push(".");
            sql.column(key.column);
            sql.push(" = EXCLUDED.");
            sql.column(key.column);
        }
        for (place, column) in (keys.len()..).zip(&wider) {
            sql.push(if place > 0 { " AND " } else { " WHERE " });
            sql.of_table(&table.name.name, |sql| dialect.exact(column, sql));
            sql.push(" IS NOT DISTINCT FROM ");
            sql.of_table("excluded", |sql| dialect.exact(column, sql));
        }
        let is_wider = !wider.is_empty();
        returning(table, &mut sql);
        sql.push(", ");
        sql.push(is_new);
        let statement = sql.finish();
        let mut columns = result_columns(table);
        columns.push(computed(
            self.driver.dialect(),
            "created",
            PropertyType::Boolean,
        )?);
        let rows = self.driver.fetch(&statement, &columns)?;
        let Some(mut row) = rows.into_iter().next() else {
            let is_other = is_wider && (keys.is_empty() || self.read_found(wanted)?.is_none());
            return Err(if is_other {
                wanted.is_taken()
            } else {
                wanted.key_changes()
            });
        };
        let created = matches!(row.pop(), Some(Value::Boolean(true)));
        let entity = record(table, row);
        Ok(Outcome { entity, created })
    }

    /// An update, or else an insert, or else the update again.
    fn upsert_in_turns(&mut self, table: &Rc<Table>, wanted: &Wanted<'_>) -> Result<Outcome> {
        let keys = wanted.other_key();
        let mut taken = None;
        for _ in 0..ROUNDS {
            if let Some(entity) = self.update_found(wanted, &keys)? {
                return Ok(Outcome::found(entity));
            }
            match Creation::new(self, Rc::clone(table)).one(&wanted.data) {
                Ok(made) => return self.created(wanted, made),
                Err(error) if error.kind == ErrorKind::Duplicate => taken = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(taken.unwrap_or_else(|| Error::backend("no attempt was made")))
    }

    /// The record that was found, with its properties set; none where there is none.
    fn update_found(
        &mut self,
        wanted: &Wanted<'_>,
        keys: &[Written<'_>],
    ) -> Result<Option<Entity>> {
        let table = wanted.table;
        if !keys.is_empty()
            && let Some(found) = self.read_found(wanted)?
            && keys.iter().any(|key| {
                let stored = found.get(&key.column.property);
                !stored.is_some_and(|stored| tenon_model::equal(stored, &key.value))
            })
        {
            return Err(wanted.key_changes());
        }
        let set = if wanted.set.is_empty() {
            wanted.by.clone()
        } else {
            wanted.set.clone()
        };
        let mut sql = self.writer();
        update(table, set, &mut sql)?;
        wanted.find(&mut sql)?;
        if self.returns(Writing::Update) {
            returning(table, &mut sql);
            let statement = sql.finish();
            let rows = self.driver.fetch(&statement, &result_columns(table))?;
            return Ok(rows.into_iter().next().map(|row| record(table, row)));
        }
        let statement = sql.finish();
        if self.driver.execute(&statement)?.affected == 0 {
            return Ok(None);
        }
        self.read_back(|sql| sql.read_found(wanted))
    }

    fn read_found(&mut self, wanted: &Wanted<'_>) -> Result<Option<Entity>> {
        let mut sql = self.writer();
        let columns: Vec<&Column> = wanted.table.columns.iter().collect();
        read(wanted.table, &columns, &mut sql);
        wanted.find(&mut sql)?;
        let statement = sql.finish();
        let rows = self
            .driver
            .fetch(&statement, &result_columns(wanted.table))?;
        let mut rows = rows.into_iter();
        Ok(rows.next().map(|row| record(wanted.table, row)))
    }

    /// A new record as it was stored.
    fn created(&mut self, wanted: &Wanted<'_>, made: Entity) -> Result<Outcome> {
        let mut entity = wanted.data.clone();
        entity.merge(made);
        let is_whole = self.returns(Writing::Insert);
        if !is_whole && let Some(key) = key_of(wanted.table, &entity) {
            // Gone by now, it was there all the same.
            let stored = self.read_back(|sql| sql.read_by_key(wanted.table, &key))?;
            entity = stored.unwrap_or(entity);
        }
        let columns = wanted.table.columns.iter();
        let in_order = columns.map(|column| {
            let value = entity.remove(&column.property).unwrap_or_default();
            (column.property.clone(), value)
        });
        Ok(Outcome::created(in_order.collect()))
    }
}

impl<D: Driver> Upsert for Sql<D> {
    fn update_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        let table = self.writable(model)?;
        let wanted = Wanted::new(&table, by, &data, false)?;
        self.upsert(&table, &wanted)
    }

    fn replace_or_create(&mut self, model: &str, by: &[String], data: Entity) -> Result<Outcome> {
        let table = self.writable(model)?;
        let wanted = Wanted::new(&table, by, &data, true)?;
        self.upsert(&table, &wanted)
    }
}
