//! What sessions over one folder see of each other.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{alone, city, person, rows, session, someone, two};
use tenon_sdk::{
    Connector, Crud, Effect, ErrorKind, Isolation, Key, Query, TransactionOptions, Transactions,
    Upsert, Value,
};

const READ_ONLY: TransactionOptions = TransactionOptions {
    isolation: Some(Isolation::RepeatableRead),
    read_only: true,
};

#[test]
fn a_session_sees_what_another_has_done() {
    let (mut one, mut other, _folder) = two(None);
    let made = one.create("Person", someone("a@b", "Ulm")).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(1)));
    assert!(other.exists("Person", Key::from(1_i64)).unwrap());
    let made = other.create("Person", someone("c@d", "Ulm")).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(2)));
    assert_eq!(one.count("Person", city("Ulm")).unwrap(), 2);
    let error = one.create("Person", someone("c@d", "Bonn")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
}

#[test]
fn records_outlive_their_sessions() {
    let (mut one, folder) = alone(None);
    one.define(person().to_contract()).unwrap();
    one.create("Person", someone("a@b", "Ulm")).unwrap();
    one.disconnect().unwrap();
    one.connect().unwrap();
    assert_eq!(one.count("Person", Vec::new()).unwrap(), 1);
    one.dispose();
    let mut other = session(folder.path(), None);
    other.define(person().to_contract()).unwrap();
    assert_eq!(rows(&mut other, Query::default()).len(), 1);
}

#[test]
fn a_transaction_keeps_other_writers_out_and_hides_what_it_does() {
    let (mut one, mut other, _folder) = two(None);
    one.begin(TransactionOptions::default()).unwrap();
    one.create("Person", someone("a@b", "Ulm")).unwrap();
    assert_eq!(one.count("Person", Vec::new()).unwrap(), 1);
    assert_eq!(other.count("Person", Vec::new()).unwrap(), 0);
    let error = other.create("Person", someone("c@d", "Ulm")).unwrap_err();
    assert_eq!(
        (error.kind, error.effect),
        (ErrorKind::Conflict, Effect::Nothing)
    );
    let error = other.begin(TransactionOptions::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    one.commit().unwrap();
    assert_eq!(other.count("Person", Vec::new()).unwrap(), 1);
    other.create("Person", someone("c@d", "Ulm")).unwrap();
}

#[test]
fn a_transaction_that_reads_keeps_what_it_began_with_and_nobody_out() {
    let (mut one, mut other, _folder) = two(None);
    one.begin(READ_ONLY).unwrap();
    other.create("Person", someone("a@b", "Ulm")).unwrap();
    assert_eq!(one.count("Person", Vec::new()).unwrap(), 0);
    let error = one.create("Person", someone("c@d", "Ulm")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    one.commit().unwrap();
    assert_eq!(one.count("Person", Vec::new()).unwrap(), 1);
}

#[test]
fn whatever_ends_a_session_undoes_its_transaction_and_lets_others_in() {
    for end in 0..4 {
        let (mut one, mut other, _folder) = two(None);
        one.begin(TransactionOptions::default()).unwrap();
        one.create("Person", someone("a@b", "Ulm")).unwrap();
        match end {
            0 => one.reset().unwrap(),
            1 => one.disconnect().unwrap(),
            2 => one.dispose(),
            _ => drop(one),
        }
        other.create("Person", someone("a@b", "Ulm")).unwrap();
        assert_eq!(other.count("Person", Vec::new()).unwrap(), 1);
    }
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let (mut one, folder) = alone(None);
    one.define(person().to_contract()).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let path = folder.path();
            scope.spawn(move || {
                let mut session = common::patient(path, None);
                session.define(person().to_contract()).unwrap();
                for number in 0..20 {
                    let email = format!("{writer}-{number}");
                    session.create("Person", someone(&email, "Ulm")).unwrap();
                    let data = someone("everyone", "Ulm");
                    let by = tenon_model::Filter::equal("email", "everyone").to_nodes();
                    session.find_or_create("Person", by, data).unwrap();
                }
            });
        }
    });
    assert_eq!(one.count("Person", Vec::new()).unwrap(), 61);
}

#[test]
fn a_collection_that_a_roll_back_took_away_is_made_again() {
    let (mut one, _folder) = alone(None);
    one.begin(TransactionOptions::default()).unwrap();
    one.define(person().to_contract()).unwrap();
    one.create("Person", someone("a@b", "Ulm")).unwrap();
    one.rollback().unwrap();
    assert_eq!(one.count("Person", Vec::new()).unwrap(), 0);
    one.create("Person", someone("a@b", "Ulm")).unwrap();
    assert_eq!(one.count("Person", Vec::new()).unwrap(), 1);
}

#[test]
fn a_damaged_file_is_an_error_and_never_a_panic() {
    let (mut one, mut other, folder) = two(None);
    one.create("Person", someone("a@b", "Ulm")).unwrap();
    let whole = std::fs::read(folder.path().join("records")).unwrap();
    for length in 0..whole.len() {
        std::fs::write(folder.path().join("records"), &whole[..length]).unwrap();
        let generation = (length + 100).to_string();
        std::fs::write(folder.path().join("generation"), generation).unwrap();
        let error = other.count("Person", Vec::new()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Backend, "{length}");
    }
}
