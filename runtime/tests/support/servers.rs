//! Servers of a test's own, to be stopped, cut off and overloaded.

use std::time::{Duration, Instant};

use tempfile::TempDir;
use tenon_harness::{MariaDb, MariaDbOptions, Postgres, PostgresOptions, Proxy, Result, for_test};
use tenon_model::{Model, Property, PropertyType};
use tenon_runtime::config::{Config, ModelConfig, SourceConfig};
use tenon_runtime::registry::Compiler;
use tenon_runtime::{ConnectorReference, Dao, DataSourceName, Limits, Runtime};

use super::backends::connect;
use super::{guest, guest_with_c, target_folder};

/// A private server of either kind.
pub enum Server {
    Postgres(Postgres),
    MySql(MariaDb),
}

impl Server {
    /// A server that takes that many connections of the test user; none where it isn't
    /// installed, or the connector can't be built.
    pub fn postgres(connections: u32) -> Option<Self> {
        guest_with_c("postgres")?;
        let options = PostgresOptions {
            // Three are the administrator's.
            max_connections: connections + 3,
            ..PostgresOptions::default()
        };
        let started = for_test(Postgres::start(options)).expect("PostgreSQL starts");
        started.map(Self::Postgres)
    }

    /// As [`postgres`](Self::postgres).
    pub fn mysql(connections: u32) -> Option<Self> {
        guest_with_c("mysql")?;
        let options = MariaDbOptions {
            max_connections: connections,
            ..MariaDbOptions::default()
        };
        let started = for_test(MariaDb::start(options)).expect("MariaDB starts");
        started.map(Self::MySql)
    }

    pub fn port(&self) -> u16 {
        match self {
            Self::Postgres(server) => server.port(),
            Self::MySql(server) => server.port(),
        }
    }

    pub fn stop(&self) {
        let stopped = match self {
            Self::Postgres(server) => server.stop(),
            Self::MySql(server) => server.stop(),
        };
        stopped.expect("the server stops");
    }

    pub fn restart(&self) {
        let started = match self {
            Self::Postgres(server) => server.restart(),
            Self::MySql(server) => server.restart(),
        };
        started.expect("the server starts again");
    }

    /// Runs commands as the administrator.
    pub fn sql(&self, commands: &str) -> String {
        self.try_sql(commands).expect("the administrator may do it")
    }

    fn try_sql(&self, commands: &str) -> Result<String> {
        match self {
            Self::Postgres(server) => server.sql(commands),
            Self::MySql(server) => server.sql(commands),
        }
    }

    /// Makes the table `Thing`, of that many records with half a kilobyte each.
    pub fn fill(&self, records: u32) {
        let (table, user) = ("Thing", "tenon");
        match self {
            Self::Postgres(server) => server.sql(&format!(
                r#"create table "{table}" (id bigint primary key, text text);
                   alter table "{table}" owner to {user};
                   insert into "{table}" select n, repeat('x', 500) from generate_series(1, {records}) n"#
            )),
            Self::MySql(server) => server.sql(&format!(
                "create table `{table}` (id bigint primary key, text text);
                 insert into `{table}` select seq, repeat('x', 500) from seq_1_to_{records}"
            )),
        }
        .expect("a table");
    }

    /// Ends all of the test user's connections at the server.
    pub fn end_connections(&self) {
        match self {
            Self::Postgres(_) => {
                self.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tenon'");
            }
            Self::MySql(_) => {
                // A connection may be gone before it is killed.
                let _ = self.try_sql("kill user tenon");
            }
        }
    }

    /// Changes the test user's password.
    pub fn set_password(&self, password: &str) {
        self.sql(&match self {
            Self::Postgres(_) => format!("alter role tenon password '{password}'"),
            Self::MySql(_) => format!("alter user tenon identified by '{password}'"),
        });
    }

    pub fn password(&self) -> &'static str {
        match self {
            Self::Postgres(server) => server.password(),
            Self::MySql(server) => server.password(),
        }
    }

    /// How many statements of the test user with that text in them the server is working on.
    pub fn working_on(&self, text: &str) -> u32 {
        let query = match self {
            Self::Postgres(_) => format!(
                "select count(*) from pg_stat_activity where usename = 'tenon' and state = 'active' and query like '%{text}%'"
            ),
            Self::MySql(_) => format!(
                "select count(*) from information_schema.processlist where user = 'tenon' and info like '%{text}%'"
            ),
        };
        self.sql(&query).trim().parse().expect("a number")
    }

    /// A command that works for hours where nobody stops it.
    pub fn endless(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "select count(*) from generate_series(1, 1000000000000) endless",
            Self::MySql(_) => {
                "select count(*) from seq_1_to_1000000000 a, seq_1_to_1000000000 endless"
            }
        }
    }

    /// A command that takes so long.
    pub fn sleep(&self, seconds: f64) -> String {
        match self {
            Self::Postgres(_) => format!("select pg_sleep({seconds})"),
            Self::MySql(_) => format!("select sleep({seconds})"),
        }
    }

    /// A runtime on the table `Thing`, which reaches the server by that port.
    pub fn runtime(&self, port: u16, limits: Limits) -> Things {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let connector = match self {
            Self::Postgres(_) => "postgres",
            Self::MySql(_) => "mysql",
        };
        let name = DataSourceName::new("things").expect("a good name");
        let component = ConnectorReference::Path(guest(connector));
        let source = SourceConfig::new(name.clone(), component)
            .setting("user", "tenon")
            .setting("database", "tenon")
            .limits(limits)
            .without_schema_check()
            .allow_native();
        let model = Model::new("Thing")
            .key("id", PropertyType::Integer)
            .property(Property::new("text", PropertyType::Text));
        let mut config = Config::new(folder.path())
            .source(connect(source, port, self.password()))
            .model(ModelConfig::new(name, model));
        config.registry = target_folder().join("test-registry");
        let runtime = Runtime::builder(config)
            .compiler(Compiler::InProcess)
            .build()
            .expect("a runtime");
        Things {
            runtime,
            _folder: folder,
        }
    }

    /// A proxy to the server.
    pub fn proxy(&self) -> Proxy {
        Proxy::to_port(self.port()).expect("a proxy")
    }
}

/// A runtime on the table `Thing`.
pub struct Things {
    pub runtime: Runtime,
    _folder: TempDir,
}

impl Things {
    pub async fn dao(&self) -> Dao {
        self.runtime
            .model("Thing")
            .await
            .expect("the model is there")
    }

    /// Runs a command on the data source to its last row.
    pub async fn execute(&self, command: &str) -> tenon_runtime::Result<usize> {
        let source = self.runtime.data_source("things").await?;
        let mut rows = source.execute(command, Vec::new()).await?;
        let mut count = 0;
        while let Some(row) = rows.next().await {
            row?;
            count += 1;
        }
        Ok(count)
    }
}

/// Tries again until it holds, for so long at most; how long it took.
pub async fn within(most: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < most, "not within {most:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}
