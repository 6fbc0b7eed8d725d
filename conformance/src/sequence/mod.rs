//! Sequences of calls: invented ones, done with the connector and with the reference.

mod compare;
mod invent;
mod pair;
mod run;
mod script;

use std::fmt;

use tenon_model::Entity;
use tenon_model::contract::{Filter, Key, Query};
use tenon_runtime::Isolation;

use crate::show;

pub use invent::{With, steps};
pub use pair::Pair;
pub use run::{agree_on_invented, invented_models};
pub use script::{compared, equal, integers, key, script, script_of};

/// The most records of a batch that a report lists.
const MOST: usize = 6;

/// One call of `crud`, `upsert` or `transactions`.
#[derive(Clone, Debug)]
pub enum Step {
    Create(Entity),
    CreateAll(Vec<Entity>),
    Save(Entity),
    /// `find` and `exists`.
    Find(Key),
    UpdateAttributes(Key, Entity),
    Update(Filter, Entity),
    Destroy(Key),
    DestroyAll(Filter),
    Count(Filter),
    All(Query),
    UpdateOrCreate(Vec<String>, Entity),
    ReplaceOrCreate(Vec<String>, Entity),
    /// One of the two before, whose data get the key of the record that they are to find, where there is one.
    Aimed(Box<Self>),
    FindOrCreate(Filter, Entity),
    UpsertWhere(Filter, Entity),
    Begin(Option<Isolation>, bool),
    Commit,
    Rollback,
}

impl Step {
    /// The function that it calls.
    pub fn function(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::CreateAll(_) => "create-all",
            Self::Save(_) => "save",
            Self::Find(_) => "find",
            Self::UpdateAttributes(..) => "update-attributes",
            Self::Update(..) => "update",
            Self::Destroy(_) => "destroy",
            Self::DestroyAll(_) => "destroy-all",
            Self::Count(_) => "count",
            Self::All(_) => "all",
            Self::UpdateOrCreate(..) => "update-or-create",
            Self::ReplaceOrCreate(..) => "replace-or-create",
            Self::FindOrCreate(..) => "find-or-create",
            Self::UpsertWhere(..) => "upsert-where",
            Self::Aimed(step) => step.function(),
            Self::Begin(..) => "begin",
            Self::Commit => "commit",
            Self::Rollback => "rollback",
        }
    }

    /// Whether it changes records, if it does what it should.
    pub fn writes(&self) -> bool {
        !matches!(
            self,
            Self::Find(_)
                | Self::Count(_)
                | Self::All(_)
                | Self::Begin(..)
                | Self::Commit
                | Self::Rollback
        )
    }

    /// Whether it may change several records.
    pub fn writes_several(&self) -> bool {
        matches!(
            self,
            Self::CreateAll(_) | Self::Update(..) | Self::DestroyAll(_)
        )
    }

    /// Whether a connector may leave it to the runtime.
    pub fn may_be_unsupported(&self) -> bool {
        !matches!(self, Self::All(_) | Self::Commit | Self::Rollback)
    }
}

/// As an author reads it in a report.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.function();
        match self {
            Self::Create(data) | Self::Save(data) => write!(f, "{name} {}", show::record(data)),
            Self::CreateAll(data) => {
                let records: Vec<String> = data.iter().take(MOST).map(show::record).collect();
                let more = match data.len().saturating_sub(MOST) {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                write!(f, "{name} [{}{more}]", records.join(", "))
            }
            Self::Find(id) => write!(f, "find and exists {}", show::key(id)),
            Self::Destroy(id) => write!(f, "{name} {}", show::key(id)),
            Self::UpdateAttributes(id, data) => {
                write!(f, "{name} {} {}", show::key(id), show::record(data))
            }
            Self::DestroyAll(filter) | Self::Count(filter) => {
                write!(f, "{name} where {}", show::filter(filter))
            }
            Self::Update(filter, data)
            | Self::FindOrCreate(filter, data)
            | Self::UpsertWhere(filter, data) => {
                let filter = show::filter(filter);
                write!(f, "{name} where {filter} {}", show::record(data))
            }
            Self::All(query) => write!(f, "{name} {}", show::query(query)),
            Self::UpdateOrCreate(by, data) | Self::ReplaceOrCreate(by, data) => {
                write!(f, "{name} by {} {}", by.join(", "), show::record(data))
            }
            Self::Begin(isolation, read_only) => {
                write!(f, "{name}")?;
                if let Some(isolation) = isolation {
                    write!(f, " {}", isolation_name(*isolation))?;
                }
                if *read_only {
                    write!(f, " read-only")?;
                }
                Ok(())
            }
            Self::Commit | Self::Rollback => write!(f, "{name}"),
            Self::Aimed(step) => step.fmt(f),
        }
    }
}

/// An isolation's name in the contract.
pub fn isolation_name(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::ReadUncommitted => "read-uncommitted",
        Isolation::ReadCommitted => "read-committed",
        Isolation::RepeatableRead => "repeatable-read",
        Isolation::Serializable => "serializable",
    }
}
