//! What a connector reaches on the network: the hosts and ports that its data source is granted, by name, and
//! nothing else, whatever it tries; and that the operator learns what was missing.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use support::Bench;
use tenon_model::{Model, PropertyType, Value};
use tenon_runtime::grants::TcpGrant;
use tenon_runtime::{DataSource, Error, ErrorKind, Limits};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// Answers each line with the same line, on a port of its own of this machine.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (lines, mut answers) = stream.into_split();
                let mut lines = BufReader::new(lines).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    // What an impatient reader would find not there yet.
                    tokio::task::yield_now().await;
                    let answer = format!("{line}\n");
                    if answers.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// A data source with these grants, of one session.
async fn granted(grants: &[&str]) -> (Bench, Arc<DataSource>) {
    let thing = Model::new("Thing").key("id", PropertyType::Text);
    let limits = Limits {
        sessions: 1,
        wait_timeout: Duration::from_secs(5),
        ..Limits::default()
    };
    let bench = Bench::new("evil", vec![thing], |source, _| {
        let source = source.limits(limits).allow_native();
        let grants = grants.iter().map(|grant| TcpGrant::new(grant).unwrap());
        grants.fold(source, |source, grant| source.grant(grant))
    })
    .await;
    let source = bench.runtime.data_source("test").await.unwrap();
    (bench, source)
}

/// What became of a deed: the row that it returned.
async fn tried(source: &DataSource, deed: &str) -> Result<Vec<Value>, Error> {
    let mut rows = source.execute(&format!("net {deed}"), Vec::new()).await?;
    rows.next().await.unwrap()
}

/// The error of a deed that is refused.
async fn refused(source: &DataSource, deed: &str) -> String {
    let error = tried(source, deed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{deed}: {error}");
    error.to_string()
}

#[tokio::test]
async fn a_granted_address_can_be_talked_to() {
    let server = echo().await;
    let (_bench, source) = granted(&[&server.to_string()]).await;
    for deed in ["say", "ask"] {
        let row = tried(&source, &format!("{deed} {server}")).await.unwrap();
        assert_eq!(row[0], "hello".into(), "{deed}");
    }
}

#[tokio::test]
async fn a_granted_name_can_be_looked_up_and_talked_to() {
    let port = echo().await.port();
    let (_bench, source) = granted(&[&format!("LocalHost:{port}")]).await;
    let row = tried(&source, &format!("say localhost:{port}"))
        .await
        .unwrap();
    assert_eq!(row[0], "hello".into());
    let row = tried(&source, &format!("resolve localhost:{port}"))
        .await
        .unwrap();
    let found = row[0].as_text().unwrap();
    assert_eq!(found, format!("127.0.0.1:{port} [::1]:{port}"));
}

#[tokio::test]
async fn without_a_grant_the_error_says_which_line_to_add() {
    let server = echo().await;
    let (_bench, source) = granted(&[]).await;
    let error = refused(&source, &format!("say {server}")).await;
    let told = format!(
        "; the connector tried to reach {server}, which is not granted; to grant it, write in the data \
         source's table: grants = [\"{server}\"]"
    );
    assert!(error.contains(&told), "{error}");
    // It is told once, with the call that it happened in.
    let row = source.execute("fail", Vec::new()).await.unwrap_err();
    assert!(!row.to_string().contains("tried"), "{row}");
}

#[tokio::test]
async fn what_a_connector_asks_for_is_missed_before_it_is_tried() {
    let thing = Model::new("Thing").key("id", PropertyType::Text);
    let bench = Bench::new("evil", vec![thing], |source, _| {
        source.setting("server", "db.internal:5432")
    })
    .await;
    let error = bench
        .model("Thing")
        .await
        .find_by_id("well")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(
        error
            .to_string()
            .contains("asks for connections to db.internal:5432, which is not granted"),
        "{error}"
    );
    let remedy = error.remedy_text().unwrap();
    assert!(
        remedy.ends_with("grants = [\"db.internal:5432\"]"),
        "{remedy}"
    );
}

#[tokio::test]
async fn an_address_that_was_not_looked_up_is_not_the_names() {
    let port = echo().await.port();
    let grant = format!("localhost:{port}");
    let (_bench, source) = granted(&[&grant]).await;
    let error = refused(&source, &format!("say 127.0.0.1:{port}")).await;
    assert!(
        error.contains(&format!("grants = [\"{grant}\", \"127.0.0.1:{port}\"]")),
        "{error}"
    );
}

#[tokio::test]
async fn another_port_of_a_granted_name_is_refused() {
    let (granted_port, other) = (echo().await.port(), echo().await.port());
    let grant = format!("localhost:{granted_port}");
    let (_bench, source) = granted(&[&grant]).await;
    let error = refused(&source, &format!("say localhost:{other}")).await;
    let told = format!(
        "tried to reach localhost:{other}, which is not granted; to grant it, write in the data source's \
         table: grants = [\"{grant}\", \"localhost:{other}\"]"
    );
    assert!(error.contains(&told), "{error}");
}

#[tokio::test]
async fn a_name_that_is_not_granted_is_not_even_looked_up() {
    let server = echo().await;
    let (_bench, source) = granted(&[&server.to_string()]).await;
    let error = refused(&source, "resolve secrets.attacker.example:53").await;
    assert!(
        error.contains("tried to look up secrets.attacker.example, which is not granted"),
        "{error}"
    );
}

#[tokio::test]
async fn a_name_of_this_machine_needs_a_grant_of_its_address() {
    let port = echo().await.port();
    let Some(name) = name_of_this_machine() else {
        eprintln!("skipped: this machine has no name that leads to itself");
        return;
    };
    let grant = format!("{name}:{port}");
    let (_bench, source) = granted(&[&grant]).await;
    let error = refused(&source, &format!("say {grant}")).await;
    assert!(error.contains("tried to reach"), "{error}");
    assert!(error.contains("grants = ["), "{error}");
}

/// A name that the host's resolver takes for an address that a name alone doesn't open.
fn name_of_this_machine() -> Option<String> {
    use std::net::ToSocketAddrs;
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim();
    let mut found = (name, 0).to_socket_addrs().ok()?.peekable();
    found.peek()?;
    let open = TcpGrant::new(&format!("{name}:1")).ok()?;
    let special = |address: SocketAddr| match address {
        SocketAddr::V4(address) => address.ip().is_loopback() || address.ip().is_private(),
        SocketAddr::V6(address) => address.ip().is_loopback(),
    };
    (!open.private && found.all(special)).then(|| name.to_owned())
}

#[tokio::test]
async fn nobody_listens_binds_or_sends_datagrams() {
    let server = echo().await;
    let (_bench, source) = granted(&[&server.to_string(), "localhost:1"]).await;
    for (deed, told) in [
        (
            "listen 127.0.0.1:0",
            "tried to bind to 127.0.0.1:0, which no grant allows",
        ),
        (
            "listen 0.0.0.0:4711",
            "tried to bind to 0.0.0.0:4711, which no grant allows",
        ),
        (
            "listen [::]:0",
            "tried to bind to [::]:0, which no grant allows",
        ),
        (
            "datagram 127.0.0.1:53",
            "tried to use UDP, which no grant allows",
        ),
    ] {
        let error = refused(&source, deed).await;
        assert!(error.contains(told), "{deed}: {error}");
    }
}

#[tokio::test]
async fn connections_and_lookups_are_bounded() {
    let server = echo().await;
    let name = format!("localhost:{}", server.port());
    let (_bench, source) = granted(&[&server.to_string(), &name]).await;
    let error = tried(&source, &format!("flood {server}"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted, "{error}");
    assert!(
        error
            .to_string()
            .contains("tried to have more than 64 connections at once"),
        "{error}"
    );
    assert!(error.to_string().contains("after 64"), "{error}");
    // All of them are gone with the call that opened them.
    tried(&source, &format!("redial {server}")).await.unwrap();
    let error = tried(&source, &format!("pester {name}")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted, "{error}");
    assert!(
        error
            .to_string()
            .contains("tried to look up more than 100 names in one call"),
        "{error}"
    );
    tried(&source, &format!("resolve {name}")).await.unwrap();
}

/// Counts what comes, and tells how much it was at the end; slow to begin, so that the system's buffers fill.
async fn counter() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        let answer = format!("{}\n", all.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    address
}

#[tokio::test]
async fn much_is_sent_whole_before_the_end_is_told() {
    let server = counter().await;
    let (_bench, source) = granted(&[&server.to_string()]).await;
    let row = tried(&source, &format!("pour {server}")).await.unwrap();
    assert_eq!(row[0], "16777216".into());
}

#[tokio::test]
async fn a_server_that_hangs_up_is_an_error_and_no_trap() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let other = echo().await;
    let (_bench, source) = granted(&[&server.to_string(), &other.to_string()]).await;
    let error = tried(&source, &format!("pour {server}")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let row = tried(&source, &format!("say {other}")).await.unwrap();
    assert_eq!(row[0], "hello".into());
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_no_missing_grant() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    drop(listener);
    let (_bench, source) = granted(&[&server.to_string()]).await;
    let error = tried(&source, &format!("say {server}")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(!error.to_string().contains("grant"), "{error}");
}

#[tokio::test]
async fn a_line_in_two_pieces_waits_for_no_acknowledgement() {
    let server = echo().await;
    let (_bench, source) = granted(&[&server.to_string()]).await;
    let row = tried(&source, &format!("chat {server}")).await.unwrap();
    let Value::Integer(each) = row[0] else {
        panic!("{row:?}");
    };
    // Nagle's algorithm and delayed acknowledgements together make it 40 ms.
    assert!(each < 10_000, "{each} µs a line");
}
