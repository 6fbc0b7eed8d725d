//! Connections: TLS in each mode, passwords in each form, and what is said where there is none.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by it"
)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use common::{open, settings, try_ask, value};
use tenon_harness::{Authentication, Postgres as Server, PostgresOptions, Tls, for_test};
use tenon_postgres::{Settings, TlsMode};
use tenon_sdk::{
    Aftermath, Connector as _, Effect, Error, ErrorKind, Result, Secret, TransactionOptions,
    Transactions as _, Value,
};

fn server(tls: Tls, authentication: Authentication) -> Option<Server> {
    let options = PostgresOptions {
        tls,
        authentication,
        ..PostgresOptions::default()
    };
    for_test(Server::start(options)).unwrap()
}

/// Whether a session with these settings is encrypted.
fn is_encrypted(settings: &Settings) -> Result<bool> {
    let mut postgres = open(settings)?;
    let ssl = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    Ok(value(&mut postgres, ssl, vec![]) == Value::Boolean(true))
}

fn refusal(settings: &Settings) -> Error {
    let error = open(settings).map(drop).unwrap_err();
    assert!(
        !format!("{error:?}").contains("for tests alone"),
        "{error:?}"
    );
    assert!(
        error.message.contains(&settings.port.to_string()),
        "{error}"
    );
    error
}

#[test]
fn tls_is_as_its_mode_says() {
    let Some(server) = server(Tls::Offered, Authentication::Scram) else {
        return;
    };
    let mut settings = settings(&server);
    let authority = server.authority().unwrap().to_owned();
    for (mode, ca, encrypted) in [
        (TlsMode::Disable, None, false),
        (TlsMode::Prefer, None, true),
        (TlsMode::Require, None, true),
        (TlsMode::Require, Some(&authority), true),
        (TlsMode::VerifyFull, Some(&authority), true),
    ] {
        settings.tls = mode;
        settings.ca = ca.cloned();
        assert_eq!(is_encrypted(&settings).unwrap(), encrypted, "{mode:?}");
    }
    // By a name, too.
    settings.host = "localhost".into();
    assert!(is_encrypted(&settings).unwrap());
    // An authority that isn't the server's, and those that browsers believe.
    let other = self::server(Tls::Offered, Authentication::Trust).unwrap();
    for (mode, ca) in [
        (TlsMode::VerifyFull, other.authority()),
        (TlsMode::Require, other.authority()),
        (TlsMode::VerifyFull, None),
    ] {
        settings.tls = mode;
        settings.ca = ca.map(str::to_owned);
        let error = refusal(&settings);
        assert_eq!(error.kind, ErrorKind::Denied, "{error}");
        assert!(error.message.contains("certificate"), "{error}");
    }
    // The right authority, and another name than the certificate's: an address that it doesn't have.
    settings.ca = Some(authority);
    settings.host = "127.0.0.2".into();
    settings.tls = TlsMode::VerifyFull;
    if std::net::TcpStream::connect(("127.0.0.2", settings.port)).is_ok() {
        assert_eq!(refusal(&settings).kind, ErrorKind::Denied);
    }
}

#[test]
fn a_name_that_is_not_the_certificates_is_refused() {
    let Some(server) = server(Tls::Offered, Authentication::Scram) else {
        return;
    };
    let mut settings = settings(&server);
    settings.ca = server.authority().map(str::to_owned);
    // Every resolver has this name for the loopback, and no certificate here.
    settings.host = "ip6-localhost".into();
    settings.tls = TlsMode::VerifyFull;
    let reached = std::net::TcpStream::connect((settings.host.as_str(), settings.port)).is_ok();
    let error = refusal(&settings);
    let expected = if reached {
        ErrorKind::Denied
    } else {
        ErrorKind::Unavailable
    };
    assert_eq!(error.kind, expected, "{error}");
}

#[test]
fn a_server_without_tls_is_preferred_not_required() {
    let Some(server) = server(Tls::Off, Authentication::Scram) else {
        return;
    };
    let mut settings = settings(&server);
    assert!(!is_encrypted(&settings).unwrap());
    for mode in [TlsMode::Require, TlsMode::VerifyFull] {
        settings.tls = mode;
        let error = refusal(&settings);
        assert!(error.message.contains("has no TLS"), "{error}");
    }
}

#[test]
fn a_server_that_requires_tls_gets_it() {
    let Some(server) = server(Tls::Required, Authentication::Scram) else {
        return;
    };
    let mut settings = settings(&server);
    assert!(is_encrypted(&settings).unwrap());
    settings.tls = TlsMode::Disable;
    assert_eq!(refusal(&settings).kind, ErrorKind::Denied);
}

#[test]
fn a_client_shows_its_certificate() {
    let Some(server) = server(Tls::ClientCertificate, Authentication::Scram) else {
        return;
    };
    let mut settings = settings(&server);
    let client = server.client().unwrap();
    settings.tls = TlsMode::VerifyFull;
    settings.ca = server.authority().map(str::to_owned);
    assert_eq!(refusal(&settings).kind, ErrorKind::Denied);
    settings.client_certificate = Some(client.certificate.clone());
    settings.client_key = Some(Secret::from(client.key.clone()));
    assert!(is_encrypted(&settings).unwrap());
}

#[test]
fn passwords_are_proven_in_each_form_and_a_wrong_one_is_denied() {
    for authentication in [
        Authentication::Scram,
        Authentication::Md5,
        Authentication::Password,
        Authentication::Trust,
    ] {
        for tls in [Tls::Off, Tls::Required] {
            let Some(server) = server(tls, authentication) else {
                return;
            };
            let mut settings = settings(&server);
            assert_eq!(is_encrypted(&settings).unwrap(), tls != Tls::Off);
            let trusts = authentication == Authentication::Trust;
            for password in [Some("wrong"), Some("wr\u{f6}ng; --"), None] {
                settings.password = password.map(|text| Secret::from(text.to_owned()));
                match open(&settings) {
                    Ok(_) => assert!(trusts, "{authentication:?}"),
                    Err(error) => {
                        assert_eq!(error.kind, ErrorKind::Denied, "{authentication:?}: {error}");
                        assert!(!error.message.contains("wr"), "{error}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_isnt_there_is_said_to_be_missing() {
    let Some(server) = server(Tls::Off, Authentication::Trust) else {
        return;
    };
    let settings = settings(&server);
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut settings = settings.clone();
        change(&mut settings);
        refusal(&settings)
    };
    let database = with(&|settings| settings.database = Some("no \"such' one".into()));
    assert_eq!(database.kind, ErrorKind::NotFound);
    let user = with(&|settings| settings.user = "nobody'; --".into());
    assert_eq!(user.kind, ErrorKind::Denied);
    let port = with(&|settings| settings.port = 1);
    assert_eq!(port.kind, ErrorKind::Unavailable);
    let host = with(&|settings| settings.host = "no.such.host.invalid".into());
    assert_eq!(host.kind, ErrorKind::Unavailable);
    // Names of any kind are names, and nothing else.
    let mut hostile = settings.clone();
    hostile.application_name = Some("a'; drop table x; --\\".into());
    hostile.search_path = vec!["a\"; drop schema public; --".into(), "public".into()];
    let mut postgres = open(&hostile).unwrap();
    assert_eq!(value(&mut postgres, "select 1", vec![]), Value::Integer(1));
}

#[test]
fn too_many_connections_are_exhausted() {
    let options = PostgresOptions {
        max_connections: 5,
        ..PostgresOptions::default()
    };
    let Some(server) = for_test(Server::start(options)).unwrap() else {
        return;
    };
    let settings = settings(&server);
    let mut sessions = Vec::new();
    let error = loop {
        match open(&settings) {
            Ok(session) => sessions.push(session),
            Err(error) => break error,
        }
        assert!(sessions.len() < 6);
    };
    assert_eq!(error.kind, ErrorKind::Exhausted, "{error}");
    assert_eq!(error.code.as_deref(), Some("53300"));
}

/// A server that says the first time that it is in a transaction, and from then on that it is in none.
fn forgetful() -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let ready = |status: u8| [b'Z', 0, 0, 0, 5, status];
    std::thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let mut read = |has_tag: bool| -> std::io::Result<(u8, TcpStream)> {
            let mut first = [0];
            if has_tag {
                stream.read_exact(&mut first)?;
            }
            let mut length = [0; 4];
            stream.read_exact(&mut length)?;
            let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
            stream.read_exact(&mut body)?;
            Ok((first[0], stream.try_clone()?))
        };
        let (_, mut out) = read(false)?;
        out.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 0])?;
        out.write_all(&ready(b'I'))?;
        let mut statuses = [b'T'].into_iter();
        loop {
            // Simple queries are `Q`; a round of the others ends with a `Sync`.
            let (tag, mut out) = read(true)?;
            if tag == b'Q' {
                out.write_all(&[b'C', 0, 0, 0, 10])?;
                out.write_all(b"BEGIN\0")?;
            }
            if tag == b'Q' || tag == b'S' {
                out.write_all(&ready(statuses.next().unwrap_or(b'I')))?;
            }
        }
    });
    Ok(port)
}

#[test]
fn a_transaction_that_the_server_has_ended_takes_nothing_and_is_not_undone() {
    let settings = Settings {
        host: "127.0.0.1".into(),
        port: forgetful().unwrap(),
        user: "ann".into(),
        password: None,
        database: None,
        search_path: Vec::new(),
        tls: TlsMode::Disable,
        ca: None,
        client_certificate: None,
        client_key: None,
        application_name: None,
    };
    let mut postgres = open(&settings).unwrap();
    postgres.begin(TransactionOptions::default()).unwrap();
    postgres.ping().unwrap();
    let error = try_ask(&mut postgres, "insert into t values (1)", vec![]).unwrap_err();
    assert_eq!(error.aftermath, Aftermath::TransactionLost);
    let error = postgres.commit().unwrap_err();
    assert_eq!(error.aftermath, Aftermath::TransactionLost);
    let error = postgres.rollback().unwrap_err();
    assert_eq!(error.aftermath, Aftermath::SessionLost);
    assert_eq!(error.effect, Effect::Unknown);
}
