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
    Aftermath, Connector, Crud, Effect, Entity, ErrorKind, Isolation, Key, Limits, PropertyType,
    TransactionOptions, Transactions, Upsert, Value,
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
fn what_is_committed_stays() {
    let mut memory = inhabited();
    begin(&mut memory);
    memory.destroy_all("Person", city("Ulm")).unwrap();
    memory.commit().unwrap();
    assert_eq!(memory.rollback().unwrap_err().kind, ErrorKind::Invalid);
    assert!(people(&mut memory, Vec::new()).is_empty());
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
fn a_transaction_that_only_reads_refuses_every_write() {
    let mut memory = inhabited();
    let options = TransactionOptions {
        isolation: None,
        read_only: true,
    };
    memory.begin(options).unwrap();
    let (model, one) = ("Person", Key::from(1_i64));
    let data = || Entity::new().with("id", 1_i64);
    let by = ["id".to_owned()];
    let refusals = [
        memory.create(model, data()).err(),
        memory.create_all(model, Vec::new()).err(),
        memory.save(model, data()).err(),
        memory
            .update_attributes(model, one.clone(), Entity::new())
            .err(),
        memory.update(model, city("Rome"), Entity::new()).err(),
        memory.destroy(model, one.clone()).err(),
        memory.destroy_all(model, city("Rome")).err(),
        memory.update_or_create(model, &by, data()).err(),
        memory.replace_or_create(model, &by, data()).err(),
        memory.find_or_create(model, city("Ulm"), data()).err(),
        memory.upsert_where(model, city("Rome"), data()).err(),
    ];
    for refusal in refusals {
        let error = refusal.unwrap();
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert!(error.message.contains("read-only"), "{error}");
        assert_eq!(
            (error.effect, error.aftermath),
            (Effect::Nothing, Aftermath::Usable)
        );
    }
    assert!(memory.exists(model, one.clone()).unwrap());
    memory.commit().unwrap();
    assert!(memory.destroy(model, one).unwrap());
}

#[test]
fn a_call_that_fails_leaves_the_transaction_as_it_was() {
    let mut memory = inhabited();
    begin(&mut memory);
    let third = Entity::new().with("email", "e@f").with("city", "Rome");
    memory.create("Person", third).unwrap();
    let error = memory
        .create_all(
            "Person",
            vec![
                Entity::new().with("email", "g@h"),
                Entity::new().with("email", "e@f"),
            ],
        )
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Duplicate);
    assert_eq!(error.aftermath, Aftermath::Usable);
    let same = Entity::new().with("email", "x@y");
    memory.update("Person", city("Ulm"), same).unwrap_err();
    assert_eq!(emails(&mut memory), ["a@b", "c@d", "e@f"].map(email));
    let made = memory.create("Person", Entity::new()).unwrap();
    assert_eq!(made.get("id"), Some(&Value::Integer(4)));
    memory.commit().unwrap();
    assert_eq!(emails(&mut memory).len(), 4);
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
