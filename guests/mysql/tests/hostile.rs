//! Servers that mean harm, or are broken: nothing but an error comes of them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use std::time::{Duration, Instant};

use common::fake::{OK, Wire, column, greeting, server};
use common::{open, run};
use proptest::prelude::*;
use tenon_sdk::{Aftermath, Connector, ErrorKind, Limits};

const SHA2: &str = "caching_sha2_password";

/// What comes of a query that the server answers so.
fn answered(answer: Vec<Vec<u8>>) -> tenon_sdk::Result<Vec<tenon_sdk::Entity>> {
    let (settings, talk) = server(move |mut wire: Wire| {
        wire.send(&greeting(false, SHA2));
        wire.read().unwrap();
        wire.send(&[1, 3]);
        wire.send(OK);
        wire.serve_with(|wire, command| {
            let is_asked = command.starts_with(b"\x16SELECT 'asked'");
            if is_asked {
                wire.send(&[0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            }
            let is_run = command.starts_with(&[0x17, 9]);
            if is_run {
                for packet in &answer {
                    wire.send(packet);
                }
            }
            is_asked || is_run
        });
    });
    let limits = Limits {
        call_timeout: Some(Duration::from_secs(2)),
        ..Limits::default()
    };
    let mut mysql = open(settings, &limits).unwrap();
    let result = run(&mut mysql, "SELECT 'asked'", vec![]);
    drop(mysql.disconnect());
    drop(mysql);
    talk.join().unwrap();
    result
}

#[test]
fn a_server_that_asks_for_a_file_gets_none() {
    let error = answered(vec![b"\xfb/etc/passwd".to_vec()]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
    assert_eq!(error.aftermath, Aftermath::SessionLost);
    assert!(error.message.contains("file"), "{error}");
}

#[test]
fn lengths_that_lie_are_errors() {
    for answer in [
        vec![vec![]],
        vec![vec![0xfe, 255, 255, 255, 255, 255, 255, 255, 255]],
        vec![vec![0xfc, 0xff, 0xff]],
        vec![vec![1], vec![3, b'd']],
        vec![vec![1], column("a"), vec![0, 0, 1, 2]],
        vec![vec![1], column("a"), vec![0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
        vec![vec![1], column("a"), vec![]],
        vec![vec![0xff]],
        vec![vec![0, 0xfe, 1]],
    ] {
        let shown = format!("{answer:?}");
        let error = answered(answer).unwrap_err();
        assert_eq!(error.aftermath, Aftermath::SessionLost, "{shown}: {error}");
    }
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for_longer_than_a_call() {
    let before = Instant::now();
    let error = answered(vec![]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert_eq!(error.aftermath, Aftermath::SessionLost);
    assert!(
        before.elapsed() < Duration::from_secs(8),
        "{:?}",
        before.elapsed()
    );
}

#[test]
fn a_message_without_end_is_given_up() {
    let (settings, talk) = server(|mut wire: Wire| {
        let part = vec![b'x'; 0xff_ffff];
        for number in 0..20_u8 {
            wire.send_raw(&[0xff, 0xff, 0xff, number]);
            wire.send_raw(&part);
        }
    });
    let error = open(settings, &Limits::default()).err().unwrap();
    assert!(error.message.contains("the most that is read"), "{error}");
    talk.join().unwrap();
}

#[test]
fn packets_out_of_order_are_an_error() {
    let (settings, talk) = server(|mut wire: Wire| {
        wire.send_raw(&[1, 0, 0, 7, 10]);
        wire.read()
    });
    let error = open(settings, &Limits::default()).err().unwrap();
    assert!(
        error.message.contains("packet 7 came where 0 was due"),
        "{error}"
    );
    talk.join().unwrap();
}

#[test]
fn an_early_error_is_told() {
    let (settings, talk) = server(|mut wire: Wire| {
        wire.send(b"\xff\x10\x04Too many connections");
    });
    let error = open(settings, &Limits::default()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Exhausted);
    assert_eq!(error.code.as_deref(), Some("1040"));
    talk.join().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_a_server_greets_with_is_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (settings, talk) = server(move |mut wire: Wire| wire.send(&bytes));
        drop(open(settings, &Limits::default()));
        talk.join().unwrap();
    }

    #[test]
    fn whatever_a_server_answers_to_the_password_is_no_panic(
        answers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..4),
    ) {
        let (settings, talk) = server(move |mut wire: Wire| {
            wire.send(&greeting(false, SHA2));
            wire.read();
            for answer in answers {
                wire.send(&answer);
                wire.read();
            }
        });
        drop(open(settings, &Limits::default()));
        talk.join().unwrap();
    }
}
