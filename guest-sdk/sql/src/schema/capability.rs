//! The capability `schema`.

use std::collections::HashMap;

use tenon_sdk::{
    Aftermath, Collection, Effect, Error, Model, PropertyType, Result, Schema, Step,
    TransactionOptions, Value,
};

use super::plan::{Steps, plan_table};
use super::wanted::{Tables, table_of, tables_to_describe};
use super::{ddl, discover};
use crate::insert::commit;
use crate::schema::Definition;
use crate::{Driver, ResultColumn, SchemaDialect, Sql, Statement, TableKind, TableName};

impl<D: Driver> Schema for Sql<D> {
    fn plan(&mut self, models: Vec<Model>) -> Result<Vec<Step>> {
        let known: Vec<Model> = self
            .attached()
            .filter(|known| !models.iter().any(|model| model.name == known.name))
            .cloned()
            .collect();
        let names = tables_to_describe(&models, &known)?;
        let found = self.driver.describe(&names)?;
        let described: HashMap<_, _> = names
            .into_iter()
            .zip(found)
            .filter_map(|(name, found)| Some((name, found?)))
            .collect();
        let tables = Tables::new(&models, &known, &described);
        let wanted = tables.wanted(self.driver.dialect())?;
        let mut definitions = HashMap::new();
        if self.driver.dialect().references_stand_in_tables() {
            for name in wanted
                .iter()
                .filter_map(|table| Some(table.there?.name.clone()))
            {
                let found = definitions_of(&mut self.driver, &name)?;
                definitions.insert(name, found);
            }
        }
        let mut steps = Steps::default();
        for table in &wanted {
            let mut ask = |name: &TableName| Ok(definitions.remove(name).unwrap_or_default());
            plan_table(self.driver.dialect(), &tables, table, &mut ask, &mut steps)
                .map_err(|error| error.context(format!("the table `{}`", table.name)))?;
        }
        Ok(steps.into_steps())
    }

    fn apply(&mut self, steps: Vec<Step>) -> Result<()> {
        if steps.is_empty() {
            return Ok(());
        }
        let applied = apply(&mut self.driver, &steps);
        self.forget_tables();
        applied
    }

    fn collections(&mut self) -> Result<Vec<Collection>> {
        let tables = self.driver.tables()?;
        let collections = tables.into_iter().map(|(name, kind)| Collection {
            name: name.to_string(),
            kind: kind.name().to_owned(),
        });
        // A name with these can't travel as it is, and there is no other way to say it.
        Ok(collections
            .filter(|collection| !collection.name.contains(char::is_control))
            .collect())
    }

    fn discover(&mut self, collections: Vec<String>) -> Result<Vec<Model>> {
        let names: Vec<TableName> = collections
            .iter()
            .map(|name| TableName::parse(name))
            .collect::<Result<_>>()?;
        let mut found = self.driver.describe(&names)?.into_iter();
        let dialect = self.driver.dialect();
        collections
            .iter()
            .map(|collection| match found.next().flatten() {
                Some(table) => discover::model(collection, &table, dialect),
                None => Err(Error::not_found(format!(
                    "there is no table or view `{collection}`"
                ))),
            })
            .collect()
    }

    fn drop(&mut self, model: &str) -> Result<()> {
        let Some(attached) = self.attached().find(|known| known.name == model) else {
            return Err(Error::invalid(format!(
                "the model `{model}` is not defined"
            )));
        };
        let name = table_of(attached)?;
        let mut found = self
            .driver
            .describe(std::slice::from_ref(&name))?
            .into_iter();
        let Some(table) = found.next().flatten() else {
            return Ok(());
        };
        let what = match table.kind {
            TableKind::Table => "TABLE",
            TableKind::View => "VIEW",
        };
        if self.driver.dialect().references_stand_in_tables() {
            refuse_referred(&mut self.driver, &table.name)?;
        }
        let dialect = self.driver.dialect();
        let text = format!("DROP {what} {}", ddl::table_name(dialect, &table.name));
        let dropped = self.driver.execute(&Statement::plain(text));
        self.forget_tables();
        dropped.map(|_| ())
    }
}

/// The definitions that belong to a table, where the dialect asks for them.
fn definitions_of<D: Driver>(driver: &mut D, table: &TableName) -> Result<Vec<Definition>> {
    let Some(statement) = driver.dialect().definitions(table) else {
        return Ok(Vec::new());
    };
    let columns = ["type", "name", "sql"].map(text_column);
    let rows = driver.fetch(&statement, &columns)?;
    let definitions = rows.into_iter().filter_map(|row| {
        let mut texts = row.into_iter().map(|value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        });
        Some(Definition {
            kind: texts.next()??,
            name: texts.next()??,
            sql: texts.next()??,
        })
    });
    Ok(definitions.collect())
}

fn text_column(name: &str) -> ResultColumn {
    ResultColumn {
        name: name.to_owned(),
        kind: PropertyType::Text,
        native_type: "text".to_owned(),
    }
}

/// Refuses to drop a table that another one refers to, where the backend would delete those records or leave them.
fn refuse_referred<D: Driver>(driver: &mut D, table: &TableName) -> Result<()> {
    let tables = driver.tables()?;
    let names: Vec<TableName> = tables
        .into_iter()
        .filter(|(_, kind)| *kind == TableKind::Table)
        .map(|(name, _)| name)
        .filter(|name| name != table)
        .collect();
    let described = driver.describe(&names)?;
    let dialect = driver.dialect();
    let mut references = described.iter().flatten().filter(|other| {
        let mut references = other.references.iter();
        references.any(|reference| dialect.same_column(&reference.table.name, &table.name))
    });
    match references.next() {
        None => Ok(()),
        Some(other) => Err(Error::new(
            tenon_sdk::ErrorKind::Constraint,
            format!(
                "`{}` refers to `{table}`, and would be left with nothing to refer to: drop it first",
                other.name
            ),
        )),
    }
}

/// Runs the commands, together where the backend can.
fn apply<D: Driver>(driver: &mut D, steps: &[Step]) -> Result<()> {
    let around = driver.dialect().around_rebuilds();
    let rebuilds = steps.iter().any(|step| step.kind == "alter-collection")
        && around != crate::schema::Around::default();
    if rebuilds && driver.in_transaction() {
        return Err(Error::unsupported(
            "a table can't be made anew within a transaction: apply the plan outside of it",
        ));
    }
    if !driver.dialect().changes_are_transactional() || driver.in_transaction() {
        return run(driver, steps, true);
    }
    if !rebuilds {
        return in_transaction(driver, steps, None);
    }
    for command in around.before {
        driver.execute(&Statement::plain(*command))?;
    }
    let applied = in_transaction(driver, steps, around.check);
    for command in around.after {
        if let Err(mut error) = driver.execute(&Statement::plain(*command)) {
            // The session would go on with other rules than it began with.
            error.aftermath = Aftermath::SessionLost;
            return applied.and(Err(error));
        }
    }
    applied
}

fn in_transaction<D: Driver>(driver: &mut D, steps: &[Step], check: Option<&str>) -> Result<()> {
    driver.begin(TransactionOptions::default())?;
    let checked = run(driver, steps, false).and_then(|()| match check {
        None => Ok(()),
        Some(check) => nothing_broken(driver, check),
    });
    match checked {
        Ok(()) => commit(driver),
        Err(mut error) => {
            error.effect = Effect::Nothing;
            match driver.rollback() {
                Ok(()) if error.aftermath != Aftermath::SessionLost => {
                    error.aftermath = Aftermath::Usable;
                }
                _ => error.aftermath = Aftermath::SessionLost,
            }
            Err(error)
        }
    }
}

fn nothing_broken<D: Driver>(driver: &mut D, check: &str) -> Result<()> {
    let rows = driver.fetch(&Statement::plain(check), &[text_column("table")])?;
    match rows
        .into_iter()
        .next()
        .and_then(|row| row.into_iter().next())
    {
        None => Ok(()),
        Some(table) => Err(Error::new(
            tenon_sdk::ErrorKind::Constraint,
            match table {
                Value::Text(table) => {
                    format!("records of `{table}` would refer to records that are not there")
                }
                _ => "records would refer to records that are not there".to_owned(),
            },
        )),
    }
}

/// Runs the commands one after the other; each lasts by itself where `lasting`.
fn run<D: Driver>(driver: &mut D, steps: &[Step], lasting: bool) -> Result<()> {
    let mut done = false;
    for (index, step) in steps.iter().enumerate() {
        for command in &step.commands {
            let ran = driver.execute(&Statement::plain(command.as_str()));
            if let Err(mut error) = ran {
                if lasting && done && error.effect == Effect::Nothing {
                    error.effect = Effect::Partial;
                }
                return Err(error.detail("index", index));
            }
            done = true;
        }
    }
    Ok(())
}
