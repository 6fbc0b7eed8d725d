//! From a text to a statement that the server has prepared, and a request that binds its parameters.

use std::rc::Rc;

use fallible_iterator::FallibleIterator;
use postgres_protocol::IsNull;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend::{self, BindError};
use tenon_sdk::{Error, ErrorKind, PropertyType, Result, Value};
use tenon_sql::{Parameter, ResultColumn, Statement};

use crate::connection::Connection;
use crate::decode::Reader;
use crate::statements::{Field, Prepared};
use crate::types::Type;

/// A type of the database's own, beneath its domains.
const LOOK_UP: &str = "\
with recursive base (oid, at) as (
  select t.oid, t.oid from pg_catalog.pg_type t where t.oid = any ($1::oid[])
  union all
  select b.oid, t.typbasetype from base b join pg_catalog.pg_type t on t.oid = b.at where t.typtype = 'd'
)
select b.oid, t.oid, pg_catalog.format_type(b.oid, null), t.typcategory::text, t.typtype::text, t.typelem
from base b join pg_catalog.pg_type t on t.oid = b.at where t.typtype <> 'd'";

impl Connection {
    /// Does something with a statement that is prepared, once more where the server's own is out of date.
    pub(crate) fn prepared<R>(
        &mut self,
        text: &str,
        mut work: impl FnMut(&mut Self, &Rc<Prepared>) -> Result<R>,
    ) -> Result<R> {
        let Some(known) = self.statements.get(text) else {
            let prepared = self.prepare(text)?;
            return work(self, &prepared);
        };
        match work(self, &known) {
            // A table has changed since, or someone has told the server to forget its statements. Nothing was done.
            Err(mut error) if matches!(error.code.as_deref(), Some("0A000" | "26000")) => {
                self.statements.forget(text);
                if self.broken || self.is_in_transaction() {
                    if error.code.as_deref() == Some("26000") || error.message.contains("cached") {
                        // The whole transaction works when it is tried again.
                        error.kind = ErrorKind::Conflict;
                    }
                    return Err(error);
                }
                let prepared = self.prepare(text)?;
                work(self, &prepared)
            }
            outcome => outcome,
        }
    }

    fn prepare(&mut self, text: &str) -> Result<Rc<Prepared>> {
        if text.contains('\0') {
            return Err(Error::invalid("a statement has a NUL character in it"));
        }
        self.begin_request()?;
        if let Some(evicted) = self.statements.evict() {
            self.request(|out| frontend::close(b'S', &evicted, out))?;
        }
        let name = self.statements.name(text);
        self.request(|out| frontend::parse(&name, text, [], out))?;
        self.request(|out| frontend::describe(b'S', &name, out))?;
        frontend::sync(&mut self.wire.outbound);
        self.send()?;
        let mut parameters = Vec::new();
        let mut columns = Vec::new();
        self.messages_until_ready(|message| {
            match message {
                Message::ParameterDescription(body) => {
                    parameters = body.parameters().collect()?;
                }
                Message::RowDescription(body) => {
                    columns = body
                        .fields()
                        .map(|field| Ok((Rc::from(field.name()), field.type_oid())))
                        .collect::<Vec<(Rc<str>, u32)>>()?;
                }
                _ => {}
            }
            Ok(())
        })?;
        let unknown = parameters.iter().copied();
        let unknown = unknown.chain(columns.iter().map(|(_, oid)| *oid));
        self.look_up(unknown.collect())?;
        let prepared = Rc::new(Prepared {
            parameters: parameters
                .into_iter()
                .map(|oid| self.type_of(oid))
                .collect(),
            columns: columns
                .into_iter()
                .map(|(name, oid)| Field {
                    name,
                    of: self.type_of(oid),
                })
                .collect(),
            name,
        });
        self.statements.keep(text, &prepared);
        Ok(prepared)
    }

    fn type_of(&self, oid: u32) -> Type {
        Type::built_in(oid)
            .or_else(|| self.types.get(&oid).cloned())
            .unwrap_or_else(|| Type::described("unknown", "", "", None))
    }

    /// Learns types of the database's own.
    fn look_up(&mut self, mut unknown: Vec<u32>) -> Result<()> {
        unknown.retain(|oid| Type::built_in(*oid).is_none() && !self.types.contains_key(oid));
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() {
            return Ok(());
        }
        let statement = Statement {
            text: LOOK_UP.to_owned(),
            parameters: vec![Parameter::List(
                unknown
                    .iter()
                    .map(|oid| Value::Integer((*oid).into()))
                    .collect(),
            )],
        };
        let column = |kind| ResultColumn {
            name: String::new(),
            kind,
            native_type: String::new(),
        };
        use PropertyType::{Integer, Text};
        let columns = [Integer, Integer, Text, Text, Text, Integer].map(column);
        let rows = self.fetch(&statement, &columns, false)?;
        let number = |value: &Value| value.as_integer().and_then(|oid| u32::try_from(oid).ok());
        // An array's elements are looked up first.
        let elements = rows.iter().filter_map(|row| match row.as_slice() {
            [.., category, _, element] if category.as_text() == Some("A") => number(element),
            _ => None,
        });
        self.look_up(elements.collect())?;
        for row in &rows {
            let [oid, base, name, category, sort, element] = row.as_slice() else {
                continue;
            };
            let (Some(oid), Some(base)) = (number(oid), number(base)) else {
                continue;
            };
            let name = name.as_text().unwrap_or_default();
            let described = match Type::built_in(base) {
                Some(built_in) => Type {
                    name: name.into(),
                    ..built_in
                },
                None => {
                    let element = number(element).map(|element| self.type_of(element).codec);
                    let category = category.as_text().unwrap_or_default();
                    Type::described(name, category, sort.as_text().unwrap_or_default(), element)
                }
            };
            self.types.insert(oid, described);
        }
        Ok(())
    }

    pub(crate) fn bind(
        &mut self,
        prepared: &Prepared,
        parameters: &[Parameter],
        portal: &str,
        formats: impl Iterator<Item = i16>,
    ) -> Result<()> {
        let outcome = self.try_bind(prepared, parameters, portal, formats);
        if outcome.is_err() {
            self.wire.outbound.clear();
        }
        outcome
    }

    fn try_bind(
        &mut self,
        prepared: &Prepared,
        parameters: &[Parameter],
        portal: &str,
        formats: impl Iterator<Item = i16>,
    ) -> Result<()> {
        if parameters.len() != prepared.parameters.len() {
            return Err(Error::invalid(format!(
                "the statement has {} parameters, and {} are given",
                prepared.parameters.len(),
                parameters.len()
            )));
        }
        self.encoded.clear();
        for (parameter, of) in parameters.iter().zip(&prepared.parameters) {
            self.encoded.parameter(parameter, of)?;
        }
        frontend::bind(
            portal,
            &prepared.name,
            self.encoded.formats(),
            self.encoded.values(),
            |value, out| {
                Ok(match value {
                    Some(bytes) => {
                        out.extend_from_slice(bytes);
                        IsNull::No
                    }
                    None => IsNull::Yes,
                })
            },
            formats,
            &mut self.wire.outbound,
        )
        .map_err(|error| match error {
            BindError::Conversion(error) => Error::invalid(error.to_string()),
            BindError::Serialization(error) => {
                Error::invalid(format!("the statement is too large: {error}"))
            }
        })
    }
}

/// How a statement's columns are read as those.
pub(crate) fn readers(prepared: &Prepared, columns: &[ResultColumn]) -> Result<Vec<Reader>> {
    if prepared.columns.len() != columns.len() {
        return Err(Error::backend(format!(
            "the statement has {} columns, and {} are wanted of it",
            prepared.columns.len(),
            columns.len()
        )));
    }
    let pairs = prepared.columns.iter().zip(columns);
    Ok(pairs
        .map(|(field, column)| Reader::new(&field.name, &field.of, column.kind))
        .collect())
}

/// How a statement's columns are read where nothing says what they are for.
pub(crate) fn readers_of_any(prepared: &Prepared) -> Vec<Reader> {
    let fields = prepared.columns.iter();
    fields
        .map(|field| Reader::new(&field.name, &field.of, PropertyType::Any))
        .collect()
}
