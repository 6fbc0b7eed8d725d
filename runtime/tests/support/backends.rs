//! The connectors that must answer alike, each with a backend of its own: files, and private servers.

use std::path::Path;

use tenon_harness::{Clang, MariaDb, Postgres, for_test};
use tenon_model::Model;
use tenon_runtime::config::{Config, ModelConfig, SourceConfig};
use tenon_runtime::grants::{FolderGrant, TcpGrant};
use tenon_runtime::registry::Compiler;
use tenon_runtime::{
    Capability, ConnectorReference, Consent, Dao, DataSourceName, Limits, Runtime, SettingValue,
};

use super::{guest, target_folder};

/// A connector with what it runs on.
#[derive(Clone, Copy)]
pub enum Backend {
    Memory,
    Redb,
    Sqlite,
    Postgres(&'static Postgres),
    MySql(&'static MariaDb),
}

impl Backend {
    /// All that can be tested here, the servers shared by all tests of the program; those that the environment
    /// variable `TENON_BACKENDS` names, with commas between them, where it is set.
    pub fn all() -> Vec<Self> {
        let named = std::env::var("TENON_BACKENDS").ok();
        let wanted = |name: &str| {
            let mut names = named.iter().flat_map(|names| names.split(','));
            named.is_none() || names.any(|named| named == name)
        };
        let mut all = vec![Self::Memory, Self::Redb];
        all.retain(|backend| wanted(backend.connector()));
        // Each of the others has C in it.
        let clang = for_test(Clang::find()).expect("there is a compiler for C");
        if clang.is_none() {
            return all;
        }
        if wanted("sqlite") {
            all.push(Self::Sqlite);
        }
        if wanted("postgres") {
            let server = for_test(Postgres::shared()).expect("PostgreSQL starts");
            all.extend(server.map(Self::Postgres));
        }
        if wanted("mysql") {
            let server = for_test(MariaDb::shared()).expect("MariaDB starts");
            all.extend(server.map(Self::MySql));
        }
        all
    }

    /// The connector's name.
    pub fn connector(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redb => "redb",
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
            Self::MySql(_) => "mysql",
        }
    }

    /// A data source on it, with files in that folder.
    pub fn source(self, folder: &Path, limits: Limits) -> SourceConfig {
        let name = DataSourceName::new(self.connector()).expect("a good name");
        let component = ConnectorReference::Path(guest(self.connector()));
        let source = SourceConfig::new(name, component)
            .limits(limits)
            .without_schema_check();
        let in_file = |source: SourceConfig, file: &str| {
            let data = folder.join(self.connector());
            std::fs::create_dir_all(&data).expect("a folder for the data");
            let grant = FolderGrant::writable(data, "/data").expect("a good name");
            let path = format!("/data/{file}");
            source.setting("path", path.as_str()).grant(grant)
        };
        match self {
            Self::Memory => source,
            Self::Redb => in_file(source, "test.redb"),
            Self::Sqlite => in_file(source, "test.sqlite"),
            Self::Postgres(server) => {
                let source = source.setting("user", server.user());
                let source = source.setting("database", server.database());
                connect(source, server.port(), server.password())
            }
            Self::MySql(server) => {
                let source = source.setting("user", server.user());
                let source = source.setting("database", server.database());
                connect(source, server.port(), server.password())
            }
        }
    }

    /// Runs a command on the server as its administrator; nothing where there is no server.
    pub fn sql(self, commands: &str) -> String {
        match self {
            Self::Postgres(server) => server.sql(commands),
            Self::MySql(server) => server.sql(commands),
            _ => Ok(String::new()),
        }
        .expect("the server does what its administrator says")
    }

    /// An identifier, quoted.
    pub fn quoted(self, name: &str) -> String {
        match self {
            Self::MySql(_) => format!("`{name}`"),
            _ => format!("\"{name}\""),
        }
    }
}

/// A source that reaches its server on that port of this machine.
pub fn connect(source: SourceConfig, port: u16, password: &str) -> SourceConfig {
    let grant = TcpGrant::new(&format!("127.0.0.1:{port}")).expect("a good address");
    source
        .setting("host", "127.0.0.1")
        .setting("port", SettingValue::from(serde_json::Value::from(port)))
        .setting("password", password)
        .grant(grant)
}

/// A model on a data source for each backend, with its collection made anew.
pub struct Everywhere {
    pub runtime: Runtime,
    pub daos: Vec<(Backend, Dao)>,
}

impl Everywhere {
    /// The model on all of them. Its name is the collection's.
    ///
    /// # Errors
    /// A backend that doesn't take the model.
    pub async fn new(backends: &[Backend], folder: &Path, model: &Model) -> Result<Self, String> {
        let mut config = Config::new(folder);
        config.registry = target_folder().join("test-registry");
        let name = |backend: &Backend| format!("{} on {}", model.name, backend.connector());
        for backend in backends {
            let drop = format!("drop table if exists {}", backend.quoted(&model.name));
            backend.sql(&drop);
            let source = backend.source(folder, Limits::default());
            let mut model = model.clone();
            model.collection = Some(model.name.clone());
            model.name = name(backend);
            config = config
                .model(ModelConfig::new(source.name.clone(), model))
                .source(source);
        }
        let runtime = Runtime::builder(config)
            .compiler(Compiler::InProcess)
            .build()
            .expect("a runtime");
        let mut daos = Vec::new();
        for backend in backends {
            let said = |error| format!("{}: {error}", backend.connector());
            migrate(&runtime, backend.connector()).await.map_err(said)?;
            let dao = runtime.model(&name(backend)).await;
            daos.push((*backend, dao.map_err(|error| said(error.to_string()))?));
        }
        Ok(Self { runtime, daos })
    }
}

/// Brings a data source's collections to its models, where its connector manages them.
///
/// # Errors
/// What the backend doesn't take, or what is left to do.
pub async fn migrate(runtime: &Runtime, source: &str) -> Result<(), String> {
    let said = |error: tenon_runtime::Error| error.to_string();
    let connector = runtime.data_source(source).await.map_err(said)?;
    if !connector.connector().has(Capability::Schema) {
        return Ok(());
    }
    let plan = runtime.plan_schema(source, &[]).await.map_err(said)?;
    let consent = Consent {
        digest: *plan.digest(),
        destructive: true,
    };
    let left = runtime.apply_schema(&plan, consent).await;
    let left = left.map_err(|error| format!("{error}: {plan:#?}"))?;
    if left.is_empty() {
        Ok(())
    } else {
        Err(format!("left after {plan:#?}: {left:#?}"))
    }
}
