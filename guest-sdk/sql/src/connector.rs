//! A whole connector over a driver.

use std::collections::HashMap;
use std::rc::Rc;

use tenon_sdk::{
    CommandResult, Connector, Error, Limits, Manifest, Model, Native, Need, Result,
    TransactionOptions, Transactions, Value,
};

use crate::{Driver, Table};

/// A connector made of a driver. Each capability has a file of its own.
pub struct Sql<D> {
    pub(crate) driver: D,
    models: HashMap<String, Attached>,
    /// The session is in a transaction that may only read.
    read_only: bool,
}

/// A model that the connector was told of.
struct Attached {
    model: Model,
    /// None where the table may have changed since: it is looked at again before its next use.
    table: Option<Rc<Table>>,
}

impl<D: Driver> Sql<D> {
    /// The driver, for what a connector does beyond the capabilities.
    pub fn driver(&mut self) -> &mut D {
        &mut self.driver
    }

    /// A defined model's table.
    pub(crate) fn table(&mut self, model: &str) -> Result<Rc<Table>> {
        let Some(attached) = self.models.get_mut(model) else {
            return Err(Error::invalid(format!(
                "the model `{model}` is not defined"
            )));
        };
        if let Some(table) = &attached.table {
            return Ok(Rc::clone(table));
        }
        let table = Table::look_up(&attached.model, &mut self.driver)?;
        Ok(Rc::clone(attached.table.insert(Rc::new(table))))
    }

    /// The table of a model that is to be written to, also where nothing turns out to be written.
    pub(crate) fn writable(&mut self, model: &str) -> Result<Rc<Table>> {
        if self.read_only {
            return Err(Error::invalid(
                "this transaction is read-only: begin one that may write",
            ));
        }
        self.table(model)
    }

    /// The models that are defined.
    pub(crate) fn attached(&self) -> impl Iterator<Item = &Model> {
        self.models.values().map(|attached| &attached.model)
    }

    /// Has every table looked at again before its next use.
    pub(crate) fn forget_tables(&mut self) {
        for attached in self.models.values_mut() {
            attached.table = None;
        }
    }
}

impl<D: Driver> Connector for Sql<D> {
    type Settings = D::Settings;

    fn manifest() -> Manifest {
        D::manifest()
    }

    fn needs(settings: &D::Settings) -> Result<Vec<Need>> {
        D::needs(settings)
    }

    fn initialize(settings: D::Settings, limits: &Limits) -> Result<Self> {
        Ok(Self {
            driver: D::initialize(settings, limits)?,
            models: HashMap::new(),
            read_only: false,
        })
    }

    fn connect(&mut self) -> Result<()> {
        self.driver.connect()?;
        self.read_only = false;
        self.forget_tables();
        Ok(())
    }

    fn define(&mut self, model: Model) -> Result<()> {
        if !model.strict {
            return Err(Error::invalid(format!(
                "the model `{}` is open, and a table keeps declared properties only; make it strict, and give it a \
                 property of kind `json` for what is not declared",
                model.name
            )));
        }
        let table = Table::look_up(&model, &mut self.driver)?;
        let table = Some(Rc::new(table));
        self.models
            .insert(model.name.clone(), Attached { model, table });
        Ok(())
    }

    fn ping(&mut self) -> Result<()> {
        self.driver.ping()
    }

    fn reset(&mut self) -> Result<()> {
        self.driver.reset()?;
        self.read_only = false;
        // A native command may have changed any table.
        self.forget_tables();
        Ok(())
    }

    fn disconnect(&mut self) -> Result<()> {
        self.driver.disconnect()
    }

    fn dispose(mut self) {
        // Nothing is left to do about an error: what isn't committed was not confirmed.
        let _ = self.driver.disconnect();
    }
}

impl<D: Driver> Native for Sql<D> {
    fn execute(&mut self, command: &str, parameters: Vec<Value>) -> Result<CommandResult> {
        self.driver.command(command, parameters)
    }
}

impl<D: Driver> Transactions for Sql<D> {
    fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        self.driver.begin(options)?;
        self.read_only = options.read_only;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.driver.commit()?;
        self.read_only = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<()> {
        self.driver.rollback()?;
        self.read_only = false;
        Ok(())
    }
}
