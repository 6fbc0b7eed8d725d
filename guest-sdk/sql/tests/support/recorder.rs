//! A driver without a database, which writes down what it is asked.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that fails says so"
)]

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use tenon_sdk::{
    CommandResult, Error, Limits, Manifest, Need, NoSettings, Result, Rows, TransactionOptions,
    Value,
};
use tenon_sql::{
    Description, Dialect, Driver, Executed, ResultColumn, SchemaDialect, Statement, TableKind,
    TableName,
};

/// A backend that isn't there.
pub trait Backend: 'static {
    /// Its SQL.
    type Dialect: Dialect + SchemaDialect;
    /// Its SQL.
    fn dialect() -> Self::Dialect;
    /// What its catalogue says.
    fn describe(table: &TableName) -> Option<Description>;
}

/// The driver of a backend that isn't there.
pub struct Recorder<B: Backend> {
    dialect: B::Dialect,
    /// What it was asked.
    pub log: Rc<RefCell<Vec<Statement>>>,
    /// How the statements begin that fail and change nothing.
    pub failing: Option<&'static str>,
    transaction: bool,
    backend: PhantomData<B>,
}

impl<B: Backend> Recorder<B> {
    fn note(&self, statement: &Statement) -> Result<()> {
        self.log.borrow_mut().push(statement.clone());
        match self.failing {
            Some(start) if statement.text.starts_with(start) => {
                Err(Error::backend("it was to fail"))
            }
            _ => Ok(()),
        }
    }

    fn word(&mut self, word: &str) -> Result<()> {
        self.note(&Statement::plain(word))?;
        self.transaction = word == "BEGIN";
        Ok(())
    }
}

impl<B: Backend> Driver for Recorder<B> {
    type Settings = NoSettings;
    type Dialect = B::Dialect;

    fn manifest() -> Manifest {
        Manifest::new("recorder", "0.0.0")
    }

    fn needs(_: &NoSettings) -> Result<Vec<Need>> {
        Ok(Vec::new())
    }

    fn initialize(_: NoSettings, _: &Limits) -> Result<Self> {
        Ok(Self {
            dialect: B::dialect(),
            log: Rc::default(),
            failing: None,
            transaction: false,
            backend: PhantomData,
        })
    }

    fn connect(&mut self) -> Result<()> {
        Ok(())
    }

    fn dialect(&self) -> &B::Dialect {
        &self.dialect
    }

    fn ping(&mut self) -> Result<()> {
        Ok(())
    }

    fn reset(&mut self) -> Result<()> {
        Ok(())
    }

    fn disconnect(&mut self) -> Result<()> {
        Ok(())
    }

    fn query(&mut self, statement: &Statement, _: Vec<ResultColumn>) -> Result<Rows> {
        self.note(statement)?;
        Ok(Rows::none())
    }

    fn fetch(
        &mut self,
        statement: &Statement,
        columns: &[ResultColumn],
    ) -> Result<Vec<Vec<Value>>> {
        self.note(statement)?;
        // A record of nulls, as if there were one, but no count of what is there.
        Ok(match columns {
            [_] => Vec::new(),
            columns => vec![vec![Value::Null; columns.len()]],
        })
    }

    fn execute(&mut self, statement: &Statement) -> Result<Executed> {
        self.note(statement)?;
        Ok(Executed {
            affected: 1,
            last_id: Some(1),
        })
    }

    fn command(&mut self, _: &str, _: Vec<Value>) -> Result<CommandResult> {
        Err(Error::unsupported("there is no backend"))
    }

    fn begin(&mut self, _: TransactionOptions) -> Result<()> {
        self.word("BEGIN")
    }

    fn commit(&mut self) -> Result<()> {
        self.word("COMMIT")
    }

    fn rollback(&mut self) -> Result<()> {
        self.word("ROLLBACK")
    }

    fn in_transaction(&self) -> bool {
        self.transaction
    }

    fn tables(&mut self) -> Result<Vec<(TableName, TableKind)>> {
        Ok(Vec::new())
    }

    fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Option<Description>>> {
        Ok(tables.iter().map(B::describe).collect())
    }
}
