//! The driver: what `tenon-sql` asks of a server.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use tenon_sdk::{
    Affected, Aftermath, CommandResult, Effect, Error, Limits, Manifest, Need, PropertyType,
    Result, RowColumn, Rows, TransactionOptions, Value, manifest,
};
use tenon_sql::dialects::{MySql, MySqlFlavour};
use tenon_sql::{
    Description, Driver, Executed, Parameter, ResultColumn, Statement, TableKind, TableName,
};

use crate::codec::Encoding;
use crate::connection::{Answer, Dial};
use crate::session::{Reading, Session, Times};
use crate::{Settings, catalogue, error, rows};

/// A session with MySQL or MariaDB.
pub struct MySqlDriver {
    dial: Rc<Dial>,
    times: Times,
    dialect: MySql,
    session: Option<Rc<RefCell<Session>>>,
}

impl MySqlDriver {
    fn shared(&self) -> Result<&Rc<RefCell<Session>>> {
        self.session
            .as_ref()
            .ok_or_else(|| Error::invalid("there is no connection: call `connect` first"))
    }

    /// The session, at the beginning of a call.
    fn session(&self) -> Result<RefMut<'_, Session>> {
        let mut session = self
            .shared()?
            .try_borrow_mut()
            .map_err(|_| Error::backend("the session is in use"))?;
        session.begin_call();
        Ok(session)
    }
}

impl Driver for MySqlDriver {
    type Settings = Settings;
    type Dialect = MySql;

    fn manifest() -> Manifest {
        manifest!("mysql").generated_key(PropertyType::Integer)
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        settings.check()?;
        Ok(vec![settings.need()])
    }

    fn initialize(settings: Settings, limits: &Limits) -> Result<Self> {
        Ok(Self {
            dial: Rc::new(Dial::new(settings)?),
            times: Times::new(limits),
            dialect: MySql {
                flavour: MySqlFlavour::MySql,
            },
            session: None,
        })
    }

    fn connect(&mut self) -> Result<()> {
        self.disconnect()?;
        let session = Session::open(&self.dial, self.times)?;
        self.dialect.flavour = session.flavour();
        self.session = Some(Rc::new(RefCell::new(session)));
        Ok(())
    }

    fn dialect(&self) -> &MySql {
        &self.dialect
    }

    fn ping(&mut self) -> Result<()> {
        self.session()?.ping()
    }

    fn reset(&mut self) -> Result<()> {
        self.session()?.reset().map_err(|mut error| {
            error.aftermath = Aftermath::SessionLost;
            error
        })
    }

    fn disconnect(&mut self) -> Result<()> {
        if let Some(session) = self.session.take()
            && let Ok(mut session) = session.try_borrow_mut()
        {
            session.end();
        }
        Ok(())
    }

    fn query(&mut self, statement: &Statement, columns: Vec<ResultColumn>) -> Result<Rows> {
        let parameters = values(statement)?;
        let mut session = self.session()?;
        let text = session.unhurried(&statement.text);
        let definitions = match session.run(&text, parameters.iter().copied(), false)? {
            Answer::Rows(definitions) if definitions.len() == columns.len() => definitions,
            other => {
                session.give_up_rows()?;
                session.finish(other)?;
                return Err(wrong_columns(columns.len()));
            }
        };
        drop(session);
        let readings = columns.iter().map(reading).collect();
        let names = columns.into_iter().map(|column| RowColumn {
            name: column.name,
            native_type: None,
        });
        Ok(rows::rows(
            self.shared()?,
            definitions,
            names.collect(),
            readings,
            Encoding::Binary,
            Affected::default(),
        ))
    }

    fn fetch(
        &mut self,
        statement: &Statement,
        columns: &[ResultColumn],
    ) -> Result<Vec<Vec<Value>>> {
        let parameters = values(statement)?;
        let readings: Vec<Reading> = columns.iter().map(reading).collect();
        let mut session = self.session()?;
        let is_read = statement.text.starts_with("SELECT");
        let of_a_write = |error| {
            if is_read {
                error
            } else {
                error::of_a_write(error)
            }
        };
        let answer = session
            .run(&statement.text, parameters.iter().copied(), false)
            .map_err(of_a_write)?;
        let lasts = !is_read && !session.in_transaction();
        let rows = session.collect(answer, &readings).and_then(|rows| {
            if rows.iter().any(|row| row.len() != columns.len()) {
                return Err(wrong_columns(columns.len()));
            }
            Ok(rows)
        });
        rows.map_err(|error| {
            let mut error = of_a_write(error);
            if lasts && error.code.is_none() {
                // The server has no objection: what can't be read of its answer has been done all the same.
                error.effect = Effect::Unknown;
            }
            error
        })
    }

    fn execute(&mut self, statement: &Statement) -> Result<Executed> {
        let parameters = values(statement)?;
        let done = self
            .session()?
            .execute(&statement.text, parameters.iter().copied())?;
        Ok(Executed {
            affected: done.affected,
            last_id: i64::try_from(done.last_id).ok().filter(|id| *id != 0),
        })
    }

    fn command(&mut self, command: &str, parameters: Vec<Value>) -> Result<CommandResult> {
        let mut session = self.session()?;
        let (answer, encoding) = match session.run(command, parameters.iter(), true) {
            Err(error) if parameters.is_empty() && cannot_be_prepared(&error) => {
                (session.run_text(command), Encoding::Text)
            }
            answer => (answer, Encoding::Binary),
        };
        match answer.map_err(error::of_a_write)? {
            Answer::Done(done) => {
                let last = session.finish(Answer::Done(done));
                Ok(CommandResult::affected(
                    last.map_err(error::of_a_write)?.affected,
                ))
            }
            Answer::Rows(columns) => {
                drop(session);
                let names = columns.iter().map(|column| RowColumn {
                    name: column.name.clone(),
                    native_type: None,
                });
                let affected = Affected::default();
                Ok(CommandResult {
                    rows: rows::rows(
                        self.shared()?,
                        Rc::clone(&columns),
                        names.collect(),
                        Vec::new(),
                        encoding,
                        affected.clone(),
                    ),
                    affected,
                })
            }
        }
    }

    fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        self.session()?.begin(options)
    }

    fn commit(&mut self) -> Result<()> {
        self.session()?.commit()
    }

    fn rollback(&mut self) -> Result<()> {
        self.session()?.rollback()
    }

    fn in_transaction(&self) -> bool {
        self.session
            .as_ref()
            .and_then(|session| session.try_borrow().ok())
            .is_some_and(|session| session.in_transaction())
    }

    fn tables(&mut self) -> Result<Vec<(TableName, TableKind)>> {
        let mut session = self.session()?;
        catalogue::tables(&mut session, &self.dial.settings.database)
    }

    fn describe(&mut self, tables: &[TableName]) -> Result<Vec<Option<Description>>> {
        let mut session = self.session()?;
        tables
            .iter()
            .map(|table| catalogue::describe(&mut session, &self.dial.settings.database, table))
            .collect()
    }
}

/// A statement's parameters, of which there are no lists here.
fn values(statement: &Statement) -> Result<Vec<&Value>> {
    let parameters = statement.parameters.iter();
    parameters
        .map(|parameter| match parameter {
            Parameter::Value(value) => Ok(value),
            Parameter::List(_) => Err(Error::unsupported("MySQL has no arrays to compare with")),
        })
        .collect()
}

fn reading(column: &ResultColumn) -> Reading {
    let keeps_json = matches!(column.kind, PropertyType::Json | PropertyType::Any);
    Reading {
        kind: column.kind,
        is_json: keeps_json && column.native_type.eq_ignore_ascii_case("json"),
    }
}

fn wrong_columns(wanted: usize) -> Error {
    Error::backend(format!(
        "{wanted} columns were asked for, and the server sent another number of them"
    ))
}

fn cannot_be_prepared(error: &Error) -> bool {
    let number = error.code.as_deref().and_then(|code| code.parse().ok());
    number == Some(error::NOT_PREPARABLE)
}
