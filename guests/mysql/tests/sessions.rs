//! Who may connect and how, and what sessions do to each other.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use common::{connect, connect_for, database, make, open, run, server, settings, value};
use tenon_harness::{Authority, MariaDb, MariaDbOptions, Tls, for_test};
use tenon_model::{Model, Property};
use tenon_mysql::{Settings, TlsMode};
use tenon_sdk::{
    Aftermath, Connector, Crud, Entity, ErrorKind, Isolation, Limits, PropertyType,
    TransactionOptions, Transactions, Value,
};

fn limits() -> Limits {
    Limits::default()
}

#[test]
fn a_wrong_password_is_denied_and_never_told() {
    let Some(server) = server() else { return };
    let wrong = Settings {
        password: Some("a wrong one".to_owned().into()),
        ..settings(server, &database(server))
    };
    let error = open(wrong, &limits()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Denied);
    assert_eq!(error.code.as_deref(), Some("1045"));
    assert_eq!(error.aftermath, Aftermath::SessionLost);
    assert!(!format!("{error:?}").contains("a wrong one"));
}

#[test]
fn a_database_that_there_is_not_and_one_of_somebody_else_are_refused() {
    let Some(server) = server() else { return };
    let own = database(server);
    for (name, kind) in [
        ("nowhere", ErrorKind::Denied),
        (server.database(), ErrorKind::Denied),
    ] {
        let mut settings = settings(server, &own);
        settings.database = name.to_owned();
        let error = open(settings, &limits()).err().unwrap();
        assert_eq!(error.kind, kind, "{error}");
    }
}

#[test]
fn nobody_at_a_port_is_unavailable() {
    let Some(server) = server() else { return };
    let mut settings = settings(server, &database(server));
    settings.port = 1;
    let error = open(settings, &limits()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("127.0.0.1:1"), "{error}");
}

#[test]
fn settings_are_texts_and_nothing_else() {
    let Some(server) = server() else { return };
    for hostile in [
        "`; DROP DATABASE mysql; --",
        "' OR '1'='1",
        "../mysql",
        "x\u{10FFFF}",
    ] {
        for change in [
            (|settings: &mut Settings, text: String| settings.database = text)
                as fn(&mut Settings, String),
            |settings, text| settings.user = text,
            |settings, text| settings.password = Some(text.into()),
        ] {
            let mut settings = settings(server, server.database());
            settings.user = server.user().to_owned();
            change(&mut settings, hostile.to_owned());
            let error = open(settings, &limits()).err().unwrap();
            let refused = matches!(error.kind, ErrorKind::Denied | ErrorKind::Invalid);
            assert!(refused, "{hostile}: {error}");
        }
    }
}

/// A server with TLS; none where a program is missing.
fn with_tls(tls: Tls) -> Option<MariaDb> {
    let options = MariaDbOptions {
        tls,
        ..MariaDbOptions::default()
    };
    for_test(MariaDb::start(options)).unwrap()
}

/// The settings of the server's own user.
fn of(server: &MariaDb, tls: TlsMode) -> Settings {
    let mut settings = settings(server, server.database());
    settings.user = server.user().to_owned();
    settings.tls = tls;
    settings
}

fn cipher(settings: Settings) -> String {
    let mut mysql = open(settings, &limits()).unwrap();
    let command = "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'";
    value(&mut mysql, command, vec![])
        .unwrap()
        .as_text()
        .unwrap()
        .to_owned()
}

#[test]
fn tls_is_as_strict_as_its_mode() {
    let Some(server) = with_tls(Tls::Offered) else {
        return;
    };
    let other = Authority::new().unwrap().certificate;
    let own = server.authority().unwrap().to_owned();
    assert_eq!(cipher(of(&server, TlsMode::Disable)), "");
    for mode in [TlsMode::Prefer, TlsMode::Require] {
        assert_ne!(cipher(of(&server, mode)), "", "{mode:?}");
        let with_ca = |ca: &str| Settings {
            ca: Some(ca.to_owned()),
            ..of(&server, mode)
        };
        assert_ne!(cipher(with_ca(&own)), "", "{mode:?}");
        let error = open(with_ca(&other), &limits()).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    }
    let verified = |host: &str, ca: Option<&str>| Settings {
        host: host.to_owned(),
        ca: ca.map(str::to_owned),
        ..of(&server, TlsMode::VerifyFull)
    };
    assert_ne!(cipher(verified("127.0.0.1", Some(&own))), "");
    assert_ne!(cipher(verified("localhost", Some(&own))), "");
    for (host, ca) in [
        ("127.0.0.1", Some(other.as_str())),
        ("127.0.0.1", None),
        ("127.0.0.2", Some(own.as_str())),
    ] {
        // The server listens at one address, and its name is another's.
        let Err(error) = open(verified(host, ca), &limits()) else {
            panic!("{host} was believed");
        };
        assert!(
            matches!(error.kind, ErrorKind::Denied | ErrorKind::Unavailable),
            "{error}"
        );
    }
}

#[test]
fn a_certificate_of_another_name_is_refused_by_verify_full_alone() {
    let Some(server) = with_tls(Tls::Offered) else {
        return;
    };
    let named = |mode| Settings {
        // Another spelling of the same address, which the certificate doesn't bear.
        host: "::ffff:127.0.0.1".to_owned(),
        ca: server.authority().map(str::to_owned),
        ..of(&server, mode)
    };
    assert_ne!(cipher(named(TlsMode::Require)), "");
    let error = open(named(TlsMode::VerifyFull), &limits()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    assert!(error.message.contains("TLS"), "{error}");
}

#[test]
fn a_user_may_need_a_certificate_too() {
    let Some(server) = with_tls(Tls::ClientCertificate) else {
        return;
    };
    let mut settings = of(&server, TlsMode::VerifyFull);
    settings.ca = server.authority().map(str::to_owned);
    let error = open(settings.clone(), &limits()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    let client = server.client().unwrap();
    settings.client_certificate = Some(client.certificate.clone());
    settings.client_key = Some(client.key.clone().into());
    assert_ne!(cipher(settings), "");
}

fn counters() -> tenon_sdk::Model {
    Model::new("counters")
        .key("id", PropertyType::Integer)
        .property(Property::new("code", PropertyType::Text).required())
        .property(Property::new("n", PropertyType::Integer))
        .index(&["code"], true)
        .to_contract()
}

fn counter(id: i64, code: &str, n: i64) -> Entity {
    Entity::new().with("id", id).with("code", code).with("n", n)
}

#[test]
fn a_deadlock_is_a_conflict_and_ends_one_transaction() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut setup = connect(server, &name);
    make(&mut setup, &counters());
    for id in [1, 2] {
        setup
            .create("counters", counter(id, &id.to_string(), 0))
            .unwrap();
    }
    let both = Barrier::new(2);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = [[1, 2], [2, 1]]
            .map(|order| {
                let (name, both) = (&name, &both);
                scope.spawn(move || {
                    let mut mysql = connect(server, name);
                    mysql.begin(TransactionOptions::default()).unwrap();
                    let mut update = |id: i64| {
                        run(
                            &mut mysql,
                            "UPDATE counters SET n = n + 1 WHERE id = ?",
                            vec![id.into()],
                        )
                    };
                    update(order[0]).unwrap();
                    both.wait();
                    match update(order[1]) {
                        Ok(_) => {
                            mysql.commit().unwrap();
                            true
                        }
                        Err(error) => {
                            assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
                            assert_eq!(error.aftermath, Aftermath::TransactionLost);
                            // What would now commit by itself is refused.
                            let refused = run(&mut mysql, "UPDATE counters SET n = 99", vec![]);
                            assert_eq!(refused.unwrap_err().aftermath, Aftermath::TransactionLost);
                            assert!(mysql.commit().is_err());
                            mysql.rollback().unwrap();
                            run(&mut mysql, "SELECT 1", vec![]).unwrap();
                            false
                        }
                    }
                })
            })
            .into_iter()
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(outcomes.iter().filter(|done| **done).count(), 1);
    let sum = value(
        &mut setup,
        "SELECT CAST(sum(n) AS SIGNED) FROM counters",
        vec![],
    )
    .unwrap();
    assert_eq!(sum, Value::Integer(2));
}

#[test]
fn a_lock_that_is_not_given_up_is_a_time_out_and_the_transaction_goes_on() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut holder = connect(server, &name);
    make(&mut holder, &counters());
    holder.create("counters", counter(1, "a", 0)).unwrap();
    holder.begin(TransactionOptions::default()).unwrap();
    run(
        &mut holder,
        "UPDATE counters SET n = 1 WHERE id = 1",
        vec![],
    )
    .unwrap();
    let mut waiter = connect_for(server, &name, 4_000);
    waiter.begin(TransactionOptions::default()).unwrap();
    run(
        &mut waiter,
        "INSERT INTO counters VALUES (2, 'b', 5)",
        vec![],
    )
    .unwrap();
    let error = run(
        &mut waiter,
        "UPDATE counters SET n = 2 WHERE id = 1",
        vec![],
    )
    .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
    assert_eq!(error.aftermath, Aftermath::Usable);
    waiter.commit().unwrap();
    holder.rollback().unwrap();
    let count = value(&mut holder, "SELECT count(*) FROM counters", vec![]).unwrap();
    assert_eq!(count, Value::Integer(2));
}

#[test]
fn each_isolation_sees_what_it_may() {
    let Some(server) = server() else { return };
    let name = database(server);
    let mut writer = connect(server, &name);
    make(&mut writer, &counters());
    writer.create("counters", counter(1, "a", 0)).unwrap();
    let mut n = 0;
    for (isolation, sees_uncommitted, sees_committed) in [
        (Isolation::ReadUncommitted, true, true),
        (Isolation::ReadCommitted, false, true),
        (Isolation::RepeatableRead, false, false),
    ] {
        let mut reader = connect(server, &name);
        reader
            .begin(TransactionOptions {
                isolation: Some(isolation),
                read_only: true,
            })
            .unwrap();
        let mut read =
            || value(&mut reader, "SELECT n FROM counters WHERE id = 1", vec![]).unwrap();
        let before = n;
        assert_eq!(read(), Value::Integer(before));
        n += 1;
        writer.begin(TransactionOptions::default()).unwrap();
        run(&mut writer, "UPDATE counters SET n = ?", vec![n.into()]).unwrap();
        let expected = |sees| Value::Integer(if sees { n } else { before });
        assert_eq!(read(), expected(sees_uncommitted), "{isolation:?}");
        writer.commit().unwrap();
        assert_eq!(read(), expected(sees_committed), "{isolation:?}");
        let refused = run(&mut reader, "DELETE FROM counters", vec![]).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Invalid, "{refused}");
        reader.rollback().unwrap();
    }
    let mut serial = connect(server, &name);
    serial
        .begin(TransactionOptions {
            isolation: Some(Isolation::Serializable),
            read_only: false,
        })
        .unwrap();
    run(&mut serial, "SELECT n FROM counters", vec![]).unwrap();
    let mut hasty = connect_for(server, &name, 1_500);
    let error = run(&mut hasty, "UPDATE counters SET n = 9", vec![]).unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::Timeout,
        "what was read serially stays: {error}"
    );
    serial.rollback().unwrap();
}

#[test]
fn too_many_connections_are_exhausted() {
    let options = MariaDbOptions {
        max_connections: 10,
        ..MariaDbOptions::default()
    };
    let Some(server) = for_test(MariaDb::start(options)).unwrap() else {
        return;
    };
    let settings = of(&server, TlsMode::Prefer);
    let mut open_ones = Vec::new();
    let error = loop {
        match open(settings.clone(), &limits()) {
            Ok(mysql) => open_ones.push(mysql),
            Err(error) => break error,
        }
        assert!(open_ones.len() < 20);
    };
    assert_eq!(error.kind, ErrorKind::Exhausted, "{error}");
    drop(open_ones.pop().unwrap().disconnect());
    thread::sleep(Duration::from_millis(300));
    open(settings, &limits()).unwrap();
}

#[test]
fn a_server_that_restarts_is_found_again() {
    let Some(server) = for_test(MariaDb::start(MariaDbOptions::default())).unwrap() else {
        return;
    };
    let mut mysql = open(of(&server, TlsMode::Prefer), &limits()).unwrap();
    server.stop().unwrap();
    let error = mysql.ping().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    let error = mysql.connect().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    server.restart().unwrap();
    mysql.connect().unwrap();
    mysql.ping().unwrap();
}
