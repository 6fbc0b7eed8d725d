//! What memory promises of transactions beside what the reference does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

mod common;

use common::{city, email, emails, inhabited, memory, people, person};
use tenon_memory::Memory;
use tenon_sdk::{
    Connector, Crud, Entity, ErrorKind, Isolation, Key, Limits, PropertyType, TransactionOptions,
    Transactions, Value,
};

fn begin(memory: &mut Memory) {
    memory.begin(TransactionOptions::default()).unwrap();
}

#[test]
fn a_roll_back_undoes_everything_numbers_too() {
    let mut memory = inhabited();
    let before = people(&mut memory, Vec::new());
    begin(&mut memory);
    memory
        .create("Person", Entity::new().with("email", "e@f"))
        .unwrap();
    memory
        .update("Person", city("Ulm"), Entity::new().with("city", "Bonn"))
        .unwrap();
    memory.destroy("Person", Key::from(1_i64)).unwrap();
    memory
        .create("Person", Entity::new().with("email", "a@b"))
        .unwrap();
    assert_eq!(people(&mut memory, city("Bonn")).len(), 1);
    memory.rollback().unwrap();
    assert_eq!(people(&mut memory, Vec::new()), before);
    assert_eq!(people(&mut memory, city("Ulm")).len(), 2);
    let made = memory
        .create("Person", Entity::new().with("email", "e@f"))
        .unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(3)));
}

#[test]
fn every_isolation_is_there() {
    let mut memory = memory();
    for isolation in [
        Isolation::ReadUncommitted,
        Isolation::ReadCommitted,
        Isolation::RepeatableRead,
        Isolation::Serializable,
    ] {
        let options = TransactionOptions {
            isolation: Some(isolation),
            read_only: false,
        };
        memory.begin(options).unwrap();
        memory.rollback().unwrap();
    }
}

#[test]
fn transactions_come_one_at_a_time() {
    let mut memory = memory();
    assert_eq!(memory.commit().unwrap_err().kind, ErrorKind::Invalid);
    begin(&mut memory);
    let error = memory.begin(TransactionOptions::default()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    memory.commit().unwrap();
}

#[test]
fn a_transaction_that_nobody_ends_is_undone_with_its_session() {
    for end in [Memory::reset, Memory::disconnect] {
        let mut memory = inhabited();
        begin(&mut memory);
        memory.destroy_all("Person", Vec::new()).unwrap();
        end(&mut memory).unwrap();
        memory.connect().unwrap();
        assert_eq!(emails(&mut memory), ["a@b", "c@d"].map(email));
        begin(&mut memory);
    }
}

#[test]
fn a_sorted_result_from_before_goes_on_as_if_nothing_had_been() {
    let mut memory = inhabited();
    let by_email = tenon_model::Query::new().ascending("email").to_contract();
    let mut rows = memory.all("Person", by_email).unwrap().rows;
    assert_eq!(
        rows.next_rows(1, &Limits::default())
            .unwrap()
            .unwrap()
            .len(),
        1
    );
    begin(&mut memory);
    memory.destroy_all("Person", Vec::new()).unwrap();
    for email in ["e@f", "g@h", "i@j"] {
        memory
            .create("Person", Entity::new().with("email", email))
            .unwrap();
    }
    memory.rollback().unwrap();
    let rest = tenon_sdk::testing::read_all(&mut rows, 10).unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].get("email"), Some(&Value::from("c@d")));
}

#[test]
fn a_model_that_is_defined_in_a_transaction_stays_and_its_records_go() {
    let mut memory = inhabited();
    begin(&mut memory);
    let mut other = person();
    other.name = "Animal".into();
    memory.define(other.to_contract()).unwrap();
    memory.create("Animal", Entity::new()).unwrap();
    memory.rollback().unwrap();
    assert_eq!(memory.count("Animal", Vec::new()).unwrap(), 0);
    let made = memory.create("Animal", Entity::new()).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(1)));
}

#[test]
fn an_index_does_not_change_under_what_might_be_undone() {
    let mut memory = inhabited();
    let property = tenon_model::Property::new("nick", PropertyType::Text);
    let other = person().property(property).index(&["nick"], true);
    begin(&mut memory);
    memory.destroy("Person", Key::from(1_i64)).unwrap();
    let error = memory.define(other.to_contract()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    assert!(error.message.contains("end it first"), "{error}");
    memory.define(person().to_contract()).unwrap();
    memory.rollback().unwrap();
    memory.define(other.to_contract()).unwrap();
    assert_eq!(emails(&mut memory), ["a@b", "c@d"].map(email));
}
