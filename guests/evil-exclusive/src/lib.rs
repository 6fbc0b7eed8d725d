//! The connector `evil-exclusive`: it has its records in its own memory, and a backend that a test plays and that it
//! can lose. Its records tell how often it was connected.

#[path = "../../evil/src/backend.rs"]
mod backend;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::{
    Answer, Connector, Crud, Entity, Error, Key, Limits, Manifest, Need, Query, Result, Rows,
    TransactionOptions, Transactions, Value, manifest,
};

use backend::Backend;

/// What the tests tell it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The folder of its backend.
    pub backend: String,
}

/// The connector.
pub struct EvilExclusive {
    backend: Backend,
    records: BTreeMap<String, Entity>,
    connections: i64,
}

impl EvilExclusive {
    fn shown(&self, record: &Entity) -> Entity {
        record.clone().with("calls", self.connections)
    }
}

impl Connector for EvilExclusive {
    type Settings = Settings;

    fn manifest() -> Manifest {
        manifest!("evil-exclusive").exclusive().interleaving()
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        Ok(vec![Need::write_folder(&settings.backend)])
    }

    fn initialize(settings: Settings, _: &Limits) -> Result<Self> {
        Ok(Self {
            backend: Backend::new(Some(&settings.backend)),
            records: BTreeMap::new(),
            connections: 0,
        })
    }

    fn connect(&mut self) -> Result<()> {
        self.backend.ask("connect")?;
        self.connections += 1;
        Ok(())
    }

    fn ping(&mut self) -> Result<()> {
        self.backend.ask("ping")
    }

    fn disconnect(&mut self) -> Result<()> {
        self.backend.ask("disconnect")
    }
}

impl Crud for EvilExclusive {
    fn all(&mut self, _model: &str, _query: Query) -> Result<Answer> {
        self.backend.ask("all")?;
        let records: Vec<_> = self
            .records
            .values()
            .map(|record| self.shown(record))
            .collect();
        Ok(Answer::everything(Rows::from_iter(records)))
    }

    fn create(&mut self, _model: &str, data: Entity) -> Result<Entity> {
        self.backend.ask("create")?;
        let id = data.get("id").and_then(Value::as_text).unwrap_or_default();
        self.records.insert(id.to_owned(), data.clone());
        Ok(data)
    }

    fn find(&mut self, _model: &str, id: Key) -> Result<Option<Entity>> {
        self.backend.ask("find")?;
        let id = id.values().first().and_then(Value::as_text);
        let record = id.and_then(|id| self.records.get(id));
        Ok(record.map(|record| self.shown(record)))
    }
}

impl Transactions for EvilExclusive {
    fn begin(&mut self, _: TransactionOptions) -> Result<()> {
        self.backend.ask("begin")
    }

    fn commit(&mut self) -> Result<()> {
        Err(Error::unsupported("it keeps what it has got"))
    }

    fn rollback(&mut self) -> Result<()> {
        Ok(())
    }
}

tenon_sdk::export!(EvilExclusive: crud, transactions);
