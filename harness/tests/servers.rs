//! Servers start, keep their data, and leave nothing behind.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tenon_harness::{
    Authentication, Error, MariaDb, MariaDbOptions, Postgres, PostgresOptions, Tls, for_test,
};

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn psql(server: &Postgres, connection: &str) -> Command {
    let mut psql = Command::new("psql");
    psql.env("PGPASSWORD", server.password())
        .args([
            "-X",
            "-A",
            "-t",
            "-c",
            "select 'in', ssl from pg_stat_ssl where pid = pg_backend_pid()",
        ])
        .arg(format!(
            "host={} port={} user={} dbname={} {connection}",
            server.host(),
            server.port(),
            server.user(),
            server.database()
        ));
    psql
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn postgres_keeps_port_and_data_when_it_is_stopped_and_when_it_is_killed() {
    let Some(server) = for_test(Postgres::start(PostgresOptions::default())).unwrap() else {
        return;
    };
    server
        .sql("create table t (a int); insert into t values (1)")
        .unwrap();
    let port = server.port();
    server.stop().unwrap();
    assert!(!listens(port));
    assert!(server.sql("select 1").is_err());
    server.restart().unwrap();
    assert!(matches!(server.restart(), Err(Error::Failed(_))));
    server.sql("insert into t values (2)").unwrap();
    // What isn't synced may be lost with a crash, but for what is checkpointed.
    server.sql("checkpoint").unwrap();
    server.kill().unwrap();
    server.restart().unwrap();
    assert_eq!(server.port(), port);
    assert_eq!(server.sql("select sum(a) from t").unwrap(), "3");
    drop(server);
    assert!(!listens(port));
}

#[test]
fn mariadb_keeps_port_and_data_when_it_is_stopped_and_when_it_is_killed() {
    let Some(server) = for_test(MariaDb::start(MariaDbOptions::default())).unwrap() else {
        return;
    };
    server
        .sql("create table t (a int); insert into t values (1)")
        .unwrap();
    let port = server.port();
    server.stop().unwrap();
    assert!(!listens(port));
    server.restart().unwrap();
    server.kill().unwrap();
    server.restart().unwrap();
    assert_eq!(server.port(), port);
    assert_eq!(server.sql("select sum(a) from t").unwrap(), "1");
    drop(server);
    assert!(!listens(port));
}

#[test]
fn postgres_asks_for_a_password_and_takes_it_in_every_way() {
    for authentication in [
        Authentication::Scram,
        Authentication::Md5,
        Authentication::Password,
        Authentication::Trust,
    ] {
        let options = PostgresOptions {
            authentication,
            ..PostgresOptions::default()
        };
        let Some(server) = for_test(Postgres::start(options)).unwrap() else {
            return;
        };
        assert_eq!(
            said(&mut psql(&server, "")).trim(),
            "in|f",
            "{authentication:?}"
        );
        let wrong = said(psql(&server, "").env("PGPASSWORD", "wrong"));
        let refused = wrong.contains("password authentication failed");
        assert_eq!(refused, authentication != Authentication::Trust, "{wrong}");
    }
}

#[test]
fn postgres_has_tls_with_certificates_of_its_own_authority() {
    for tls in [Tls::Offered, Tls::Required, Tls::ClientCertificate] {
        let options = PostgresOptions {
            tls,
            ..PostgresOptions::default()
        };
        let Some(server) = for_test(Postgres::start(options)).unwrap() else {
            return;
        };
        let folder = Folder::new("tls");
        let file = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            Command::new("chmod")
                .arg("600")
                .arg(&file)
                .status()
                .unwrap();
            file.display().to_string()
        };
        let authority = file("ca.crt", server.authority().unwrap());
        let client = server.client().unwrap();
        let own = format!(
            "sslcert={} sslkey={}",
            file("client.crt", &client.certificate),
            file("client.key", &client.key)
        );
        let verified = format!("sslmode=verify-full sslrootcert={authority}");
        let with = said(&mut psql(&server, &format!("{verified} {own}")));
        assert_eq!(with.trim(), "in|t", "{tls:?}");
        let without = said(&mut psql(&server, &format!("{verified} sslcert=/nowhere")));
        assert_eq!(
            without.contains("in|t"),
            tls != Tls::ClientCertificate,
            "{without}"
        );
        let plain = said(&mut psql(&server, "sslmode=disable"));
        assert_eq!(plain.contains("in|f"), tls == Tls::Offered, "{plain}");
        let other = tenon_harness::Authority::new().unwrap();
        let other = file("other.crt", &other.certificate);
        let unknown = format!("sslmode=verify-full sslrootcert={other} sslcert=/nowhere");
        let unknown = said(&mut psql(&server, &unknown));
        assert!(unknown.contains("certificate verify failed"), "{unknown}");
    }
}

#[test]
fn mariadb_has_tls_with_certificates_of_its_own_authority() {
    for tls in [Tls::Off, Tls::Offered, Tls::Required] {
        let options = MariaDbOptions {
            tls,
            ..MariaDbOptions::default()
        };
        let Some(server) = for_test(MariaDb::start(options)).unwrap() else {
            return;
        };
        let query = "select 'in', variable_value <> '' from information_schema.session_status where variable_name = 'Ssl_cipher'";
        let client = |more: &[&str]| {
            let mut client = Command::new("mariadb");
            client
                .args([
                    "--no-defaults",
                    "-N",
                    "--batch",
                    "--protocol=tcp",
                    "-e",
                    query,
                ])
                .args(["-h", server.host(), "-P", &server.port().to_string()])
                .args(["-u", server.user(), &format!("-p{}", server.password())])
                .args(more);
            said(&mut client)
        };
        let plain = client(&["--skip-ssl"]);
        assert_eq!(plain.trim() == "in\t0", tls != Tls::Required, "{plain}");
        if let Some(authority) = server.authority() {
            let folder = Folder::new("tls");
            let file = folder.path().join("ca.crt");
            std::fs::write(&file, authority).unwrap();
            let ca = format!("--ssl-ca={}", file.display());
            let verified = client(&["--ssl-verify-server-cert", &ca]);
            assert_eq!(verified.trim(), "in\t1", "{tls:?}");
        }
    }
}

#[test]
fn servers_of_a_test_program_are_shared() {
    let Some(server) = for_test(Postgres::shared()).unwrap() else {
        return;
    };
    let again = Postgres::shared().unwrap();
    assert_eq!(again.port(), server.port());
    again.create_database("more").unwrap();
    assert_eq!(
        server.sql_in("more", "select current_database()").unwrap(),
        "more"
    );
    let error = server.sql("select wrong").unwrap_err().to_string();
    assert!(error.contains("column \"wrong\" does not exist"), "{error}");
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let options = PostgresOptions {
        settings: vec![("shared_buffers".to_owned(), "many".to_owned())],
        ..PostgresOptions::default()
    };
    match Postgres::start(options) {
        Err(Error::Failed(message)) => assert!(message.contains("shared_buffers"), "{message}"),
        Err(Error::Missing { .. }) => {}
        Ok(_) => panic!("it should not have started"),
    }
}

/// Asks for the life of a process that is killed.
const LIFE: &str = "TENON_TEST_HARNESS_LIFE";

/// Without the variable there is nothing for it to do: it is a test only so that the test program can be started
/// as that process.
#[test]
fn process_that_is_killed() {
    if std::env::var_os(LIFE).is_none() {
        return;
    }
    let postgres = Postgres::start(PostgresOptions::default()).unwrap();
    let mariadb = MariaDb::start(MariaDbOptions::default()).unwrap();
    println!("ports {} {}", postgres.port(), mariadb.port());
    std::thread::sleep(Duration::from_secs(600));
}

#[test]
fn a_killed_process_leaves_nothing_behind() {
    let installed = for_test(Postgres::shared()).unwrap().is_some()
        && for_test(MariaDb::shared()).unwrap().is_some();
    if !installed {
        return;
    }
    let folder = Folder::new("killed");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process_that_is_killed", "--nocapture"])
        .env(LIFE, "1")
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines
        .map_while(Result::ok)
        .find(|line| line.contains("ports "))
        .expect("the process starts its servers");
    let (_, ports) = line.split_once("ports ").unwrap();
    let ports: Vec<u16> = ports.split(' ').map(|port| port.parse().unwrap()).collect();
    assert!(ports.iter().all(|port| listens(*port)));
    child.kill().unwrap();
    child.wait().unwrap();
    let start = Instant::now();
    let is_clean = || {
        let empty = std::fs::read_dir(folder.path()).unwrap().next().is_none();
        empty && !ports.iter().any(|port| listens(*port))
    };
    while !is_clean() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "the watcher tidies up"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A folder that every user may pass through.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        let name = format!(
            "tenon-test-{name}-{}-{}",
            std::process::id(),
            now.as_nanos()
        );
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
