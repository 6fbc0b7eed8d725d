//! Proving who one is to a MySQL 8, of which there is none here: what it says is in its documentation, and a server
//! of this test's own making says it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use common::fake::{OK, PASSWORD, SCRAMBLE, Wire, greeting, server};
use common::open;
use mysql_common::auth::plugins::caching_sha2_password::scramble_sha256;
use mysql_common::auth::plugins::mysql_native_password::scramble_native;
use tenon_harness::{Authority, for_test};
use tenon_mysql::TlsMode;
use tenon_sdk::{Connector, ErrorKind, Limits};

const SHA2: &str = "caching_sha2_password";

/// What the client proves its password with, behind the user's name.
fn proof(response: &[u8]) -> Vec<u8> {
    let rest = &response[32..];
    let user = rest.iter().position(|byte| *byte == 0).unwrap();
    assert_eq!(&rest[..user], b"ann");
    let length = usize::from(rest[user + 1]);
    rest[user + 2..][..length].to_vec()
}

/// A private key of OpenSSL's making, in a file, and its public key.
fn key(name: &str) -> Option<(String, Vec<u8>)> {
    let file = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    let made = Command::new("openssl")
        .args(["genrsa", "-out", &file, "2048"])
        .stderr(Stdio::null())
        .status();
    let Ok(made) = made else {
        assert!(
            std::env::var_os(tenon_harness::REQUIRE).is_none(),
            "openssl is missing"
        );
        eprintln!("SKIPPED {name}: openssl is missing");
        return None;
    };
    assert!(made.success());
    let public = Command::new("openssl")
        .args(["rsa", "-in", &file, "-pubout"])
        .stderr(Stdio::null())
        .output();
    Some((file, public.unwrap().stdout))
}

/// The password that was encrypted for a private key, which OpenSSL knows by itself.
fn decrypted(key: &str, bytes: &[u8]) -> Vec<u8> {
    let mut openssl = Command::new("openssl")
        .args(["pkeyutl", "-decrypt", "-inkey", key])
        .args(["-pkeyopt", "rsa_padding_mode:oaep"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(bytes).unwrap();
    let mixed = openssl.wait_with_output().unwrap().stdout;
    let random = SCRAMBLE.iter().cycle();
    mixed
        .iter()
        .zip(random)
        .map(|(byte, random)| byte ^ random)
        .collect()
}

#[test]
fn a_password_that_the_server_knows_is_proved_by_its_hash() {
    let (settings, talk) = server(|mut wire: Wire| {
        wire.send(&greeting(false, SHA2));
        let response = wire.read().unwrap();
        assert!(!response.windows(9).any(|part| part == PASSWORD.as_bytes()));
        assert_eq!(
            proof(&response),
            scramble_sha256(SCRAMBLE, PASSWORD.as_bytes()).unwrap()
        );
        wire.send(&[1, 3]);
        wire.send(OK);
        wire.serve();
    });
    let mut mysql = open(settings, &Limits::default()).unwrap();
    mysql.ping().unwrap();
    mysql.dispose();
    talk.join().unwrap();
}

#[test]
fn a_password_that_it_does_not_know_goes_under_its_public_key() {
    let Some((private, public)) = key("rsa") else {
        return;
    };
    let (mut settings, talk) = server(move |mut wire: Wire| {
        wire.send(&greeting(false, SHA2));
        wire.read().unwrap();
        wire.send(&[1, 4]);
        assert_eq!(wire.read().unwrap(), [2], "the key is asked for");
        wire.send(&[&[1], &public[..]].concat());
        let encrypted = wire.read().unwrap();
        assert_eq!(encrypted.len(), 256);
        assert_eq!(decrypted(&private, &encrypted), b"swordfish\0");
        wire.send(OK);
        wire.serve();
    });
    settings.allow_public_key_retrieval = true;
    open(settings, &Limits::default()).unwrap().dispose();
    talk.join().unwrap();
}

#[test]
fn a_key_that_was_given_is_used_and_none_is_asked_for() {
    let Some((private, public)) = key("rsa-given") else {
        return;
    };
    let (mut settings, talk) = server(move |mut wire: Wire| {
        wire.send(&greeting(false, SHA2));
        wire.read().unwrap();
        wire.send(&[1, 4]);
        let encrypted = wire.read().unwrap();
        assert_eq!(decrypted(&private, &encrypted), b"swordfish\0");
        wire.send(OK);
        wire.serve();
    });
    settings.server_public_key = Some(String::from_utf8(public).unwrap());
    // It goes before what the server might send.
    settings.allow_public_key_retrieval = true;
    open(settings, &Limits::default()).unwrap().dispose();
    talk.join().unwrap();
}

#[test]
fn a_key_that_nobody_vouches_for_gets_nothing() {
    let public = include_bytes!("data/rsa-public-key.pem");
    for wanted in [vec![1, 4], [&[1], &public[..]].concat()] {
        let is_key = wanted.len() > 2;
        let (settings, talk) = server(move |mut wire: Wire| {
            wire.send(&greeting(false, SHA2));
            wire.read().unwrap();
            wire.send(&wanted);
            wire.read()
        });
        let error = open(settings, &Limits::default()).err().unwrap();
        if !is_key {
            assert_eq!(error.kind, ErrorKind::Denied);
            for remedy in [
                "`tls`",
                "`server-public-key`",
                "`allow-public-key-retrieval`",
            ] {
                assert!(error.message.contains(remedy), "{error}");
            }
        }
        assert_eq!(talk.join().unwrap(), None);
    }
}

#[test]
fn over_tls_it_goes_as_it_is() {
    let Some(authority) = for_test(Authority::new()).unwrap() else {
        return;
    };
    let identity = authority.server(&["IP:127.0.0.1"]).unwrap();
    let (mut settings, talk) = server(move |mut wire: Wire| {
        wire.send(&greeting(true, SHA2));
        let request = wire.read().unwrap();
        assert_eq!(request.len(), 32, "nothing of the user is said before TLS");
        let mut wire = wire.start_tls(&identity);
        wire.read().unwrap();
        wire.send(&[1, 4]);
        assert_eq!(wire.read().unwrap(), b"swordfish\0");
        wire.send(OK);
        wire.serve();
    });
    settings.tls = TlsMode::VerifyFull;
    settings.ca = Some(authority.certificate);
    open(settings, &Limits::default()).unwrap().dispose();
    talk.join().unwrap();
}

#[test]
fn the_server_may_want_another_method() {
    let (settings, talk) = server(|mut wire: Wire| {
        wire.send(&greeting(false, SHA2));
        wire.read().unwrap();
        let other: &[u8; 20] = b"ABCDEFGHIJKLMNOPQRST";
        wire.send(&[b"\xfemysql_native_password\0", &other[..], &[0]].concat());
        let proof = wire.read().unwrap();
        assert_eq!(proof, scramble_native(other, PASSWORD.as_bytes()).unwrap());
        wire.send(OK);
        wire.serve();
    });
    open(settings, &Limits::default()).unwrap().dispose();
    talk.join().unwrap();
}

#[test]
fn a_server_that_wants_the_password_in_the_clear_gets_nothing() {
    for method in ["mysql_clear_password", "mysql_old_password", "dialog"] {
        let (settings, talk) = server(move |mut wire: Wire| {
            wire.send(&greeting(false, SHA2));
            wire.read().unwrap();
            wire.send(&[b"\xfe", method.as_bytes(), &[0]].concat());
            wire.read()
        });
        let error = open(settings, &Limits::default()).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Denied);
        assert!(error.message.contains(method), "{error}");
        assert_eq!(talk.join().unwrap(), None);
    }
}

#[test]
fn a_key_that_is_none_gets_nothing() {
    for key in [
        "",
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
    ] {
        let (mut settings, talk) = server(move |mut wire: Wire| {
            wire.send(&greeting(false, SHA2));
            wire.read().unwrap();
            wire.send(&[1, 4]);
            wire.read().unwrap();
            wire.send(&[&[1], key.as_bytes()].concat());
            wire.read()
        });
        settings.allow_public_key_retrieval = true;
        let error = open(settings, &Limits::default()).err().unwrap();
        assert!(!error.message.contains(PASSWORD), "{error}");
        assert_eq!(talk.join().unwrap(), None);
    }
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_required() {
    for mode in [TlsMode::Require, TlsMode::VerifyFull] {
        let (mut settings, talk) = server(|mut wire: Wire| {
            wire.send(&greeting(false, SHA2));
            wire.read()
        });
        settings.tls = mode;
        let error = open(settings, &Limits::default()).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Denied);
        assert_eq!(talk.join().unwrap(), None, "nothing was said");
    }
}

#[test]
fn a_greeting_with_more_behind_it_is_no_way_into_tls() {
    let (mut settings, talk) = server(|mut wire: Wire| {
        let greeting = greeting(true, SHA2);
        let length = u32::try_from(greeting.len()).unwrap().to_le_bytes();
        // The packet that someone in between adds comes in the same breath.
        wire.send_raw(&[&length[..3], &[0], &greeting[..], &[1, 0, 0, 2, 0]].concat());
        wire.read()
    });
    settings.tls = TlsMode::Require;
    assert!(open(settings, &Limits::default()).is_err());
    assert_eq!(talk.join().unwrap(), None);
}
