//! TLS between a component and a real server: the handshake, and the checks of certificates, run in the sandbox.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use support::backends::connect;
use support::{guest_with_c, target_folder};
use tenon_harness::{
    Authority, Identity, MariaDb, MariaDbOptions, Postgres, PostgresOptions, Tls, for_test,
};
use tenon_runtime::config::{Config, SourceConfig};
use tenon_runtime::registry::Compiler;
use tenon_runtime::{ConnectorReference, DataSourceName, Error, ErrorKind, Limits, Runtime};

/// A server that wants a certificate of its users.
struct Server {
    connector: &'static str,
    port: u16,
    password: &'static str,
    authority: String,
    client: Identity,
}

impl Server {
    /// What a command comes to that is run with these settings.
    async fn ask(&self, ca: &str, client: Option<&Identity>) -> Result<(), Error> {
        let Some(component) = guest_with_c(self.connector) else {
            return Ok(());
        };
        let folder = tempfile::tempdir().unwrap();
        let name = DataSourceName::new("things").unwrap();
        let limits = Limits {
            wait_timeout: std::time::Duration::from_secs(5),
            ..Limits::default()
        };
        let mut source = SourceConfig::new(name, ConnectorReference::Path(component))
            .setting("user", "tenon")
            .setting("database", "tenon")
            .setting("tls", "verify-full")
            .setting("ca", ca)
            .limits(limits)
            .without_schema_check()
            .allow_native();
        if let Some(client) = client {
            source = source
                .setting("client-certificate", client.certificate.as_str())
                .setting("client-key", client.key.as_str());
        }
        let mut config =
            Config::new(folder.path()).source(connect(source, self.port, self.password));
        config.registry = target_folder().join("test-registry");
        let runtime = Runtime::builder(config)
            .compiler(Compiler::InProcess)
            .build()
            .expect("a runtime");
        let asked = async {
            let source = runtime.data_source("things").await?;
            let mut rows = source.execute("select 1", Vec::new()).await?;
            while let Some(row) = rows.next().await {
                row?;
            }
            Ok(())
        };
        let answer = asked.await;
        runtime.shut_down().await.unwrap();
        answer
    }

    async fn is_as_strict_as_it_should_be(&self) {
        let ca = &self.authority;
        self.ask(ca, Some(&self.client)).await.unwrap();
        let error = self.ask(ca, None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        let another = Authority::new().unwrap().certificate;
        let error = self.ask(&another, Some(&self.client)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        let key = self.client.key.lines().nth(1).unwrap();
        assert!(!format!("{error:?}").contains(key));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_believes_whom_it_should() {
    let options = MariaDbOptions {
        tls: Tls::ClientCertificate,
        ..MariaDbOptions::default()
    };
    let Some(server) = for_test(MariaDb::start(options)).unwrap() else {
        return;
    };
    let tls = Server {
        connector: "mysql",
        port: server.port(),
        password: server.password(),
        authority: server.authority().unwrap().to_owned(),
        client: server.client().unwrap().clone(),
    };
    tls.is_as_strict_as_it_should_be().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_believes_whom_it_should() {
    let options = PostgresOptions {
        tls: Tls::ClientCertificate,
        ..PostgresOptions::default()
    };
    let Some(server) = for_test(Postgres::start(options)).unwrap() else {
        return;
    };
    let tls = Server {
        connector: "postgres",
        port: server.port(),
        password: server.password(),
        authority: server.authority().unwrap().to_owned(),
        client: server.client().unwrap().clone(),
    };
    tls.is_as_strict_as_it_should_be().await;
}
