//! A connector is tested like any other code.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use tenon_hello::{Hello, Settings};
use tenon_sdk::{Connector, Crud, Done, Limits, Query};

#[test]
fn everybody_in_the_settings_is_greeted() {
    let names = vec!["Ada".into(), "Grace".into()];
    let mut hello = Hello::initialize(Settings { names }, &Limits::default()).unwrap();
    let mut answer = hello.all("Greeting", Query::default()).unwrap();
    let rows = answer
        .rows
        .next_rows(10, &Limits::default())
        .unwrap()
        .unwrap();
    let greetings = rows.iter().filter_map(|row| row.get("greeting")?.as_text());
    assert_eq!(
        greetings.collect::<Vec<_>>(),
        ["Hello, Ada!", "Hello, Grace!"]
    );
    assert!(
        !answer.done.contains(Done::FILTER),
        "the runtime does the rest"
    );
}
