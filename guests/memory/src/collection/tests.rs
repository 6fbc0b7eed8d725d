//! What becomes of a collection where memory runs out, and of its tables when changes are undone.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tenon_sdk::testing::{Scenario, Step, scenario};
use tenon_sdk::{
    Connector, Crud, ErrorKind, Limits, NoSettings, PropertyType, TransactionOptions, Transactions,
};

use super::*;
use crate::Memory;
use crate::index::{Index, Postings};
use crate::slots::Place;

fn memory() -> Memory {
    Memory::initialize(NoSettings {}, &Limits::default()).unwrap()
}

/// A hundred short notes.
fn notes() -> Memory {
    let mut memory = memory();
    let model = tenon_model::Model::new("Note")
        .key("id", PropertyType::Integer)
        .property(tenon_model::Property::new("text", PropertyType::Text))
        .index(&["text"], false);
    memory.define(model.to_contract()).unwrap();
    let notes = (0..100_i64).map(|id| Entity::new().with("id", id).with("text", "short"));
    memory.create_all("Note", notes.collect()).unwrap();
    memory
}

fn count(memory: &mut Memory, text: &str) -> u64 {
    let filter = tenon_model::Filter::equal("text", text).to_nodes();
    memory.count("Note", filter).unwrap()
}

/// Bytes and slots of a table.
type Listing = BTreeMap<Vec<u8>, Vec<SlotId>>;

/// All that tables hold, however they came to hold it.
fn listing(tables: &Tables) -> Vec<Listing> {
    let of_one =
        |(bytes, slot): (&crate::bytes::Bytes, &SlotId)| (bytes.as_slice().to_vec(), vec![*slot]);
    let mut all = vec![tables.keys.iter().map(of_one).collect::<Listing>()];
    all.extend(
        tables
            .sorted_keys
            .iter()
            .map(|keys| keys.iter().map(of_one).collect()),
    );
    all.extend(tables.indexes.iter().map(|index| match index {
        Index::Ordered(entries) => entries.iter().map(of_one).collect(),
        Index::Hash(entries) => {
            let entries = entries.iter().map(|(bytes, postings)| {
                let slots = match postings {
                    Postings::One(slot) => vec![*slot],
                    Postings::Many(slots) => slots.iter().copied().collect(),
                };
                (bytes.as_slice().to_vec(), slots)
            });
            entries.collect()
        }
    }));
    all
}

/// Records with their places, and the tables, which must be what they would be if they were built now.
fn contents(memory: &Memory, model: &str) -> (Vec<(Place, Entity)>, Vec<Listing>) {
    let records = memory.records(model).unwrap().borrow();
    let built = Tables::of(&records.layout, &records.slots, None).unwrap();
    let listed = listing(&records.tables);
    assert_eq!(listed, listing(&built));
    let slots = records.slots.iter();
    let places = slots.map(|(slot, record)| (records.slots.place(slot).unwrap(), record.clone()));
    (places.collect(), listed)
}

fn take(memory: &mut Memory, step: &Step) {
    let model = "Thing";
    // What a step comes to is tested elsewhere.
    let _ = match step.clone() {
        Step::Create(data) => memory.create(model, data).map(drop),
        Step::CreateAll(data) => memory.create_all(model, data).map(drop),
        Step::Save(data) => memory.save(model, data).map(drop),
        Step::UpdateAttributes(id, data) => memory.update_attributes(model, id, data).map(drop),
        Step::Update(filter, data) => memory.update(model, filter, data).map(drop),
        Step::Destroy(id) => memory.destroy(model, id).map(drop),
        Step::DestroyAll(filter) => memory.destroy_all(model, filter).map(drop),
        Step::Find(_) | Step::Count(_) | Step::All(_) => Ok(()),
    };
}

proptest! {
    #[test]
    fn a_roll_back_leaves_records_and_tables_exactly_as_before(
        scenario in scenario(),
        tables_fill_up in any::<bool>(),
    ) {
        let Scenario { model, steps } = scenario;
        let mut memory = memory();
        memory.define(model).unwrap();
        let (before, inside) = steps.split_at(steps.len() / 2);
        for step in before {
            take(&mut memory, step);
        }
        let wanted = contents(&memory, "Thing");
        memory.begin(TransactionOptions::default()).unwrap();
        for step in inside {
            take(&mut memory, step);
        }
        contents(&memory, "Thing");
        memory.records("Thing").unwrap().borrow_mut().tables.full = tables_fill_up;
        memory.rollback().unwrap();
        prop_assert_eq!(contents(&memory, "Thing"), wanted);
    }
}

#[test]
fn a_transaction_that_memory_runs_out_for_goes_on_as_it_was() {
    let mut memory = notes();
    let long = "x".repeat(8 << 10);
    memory.begin(TransactionOptions::default()).unwrap();
    let note = Entity::new().with("id", 100_i64).with("text", "new");
    memory.create("Note", note).unwrap();
    let inside = contents(&memory, "Note");

    memory.records("Note").unwrap().borrow_mut().room.full = true;
    let note = |id| Entity::new().with("id", id).with("text", long.as_str());
    let many = (200..300_i64).map(note).collect();
    let error = memory.create_all("Note", many).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Exhausted);
    assert_eq!(error.aftermath, Aftermath::Usable);
    let data = Entity::new().with("text", long.as_str());
    let error = memory.update("Note", Vec::new(), data).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Exhausted);
    assert_eq!(contents(&memory, "Note").1, inside.1);

    assert_eq!(count(&mut memory, "new"), 1);
    memory.destroy_all("Note", Vec::new()).unwrap();
    memory.rollback().unwrap();
    assert_eq!(
        (count(&mut memory, "short"), count(&mut memory, "new")),
        (100, 0)
    );
}

#[test]
fn an_update_that_memory_runs_out_for_changes_nothing() {
    let mut memory = notes();
    let long = "x".repeat(8 << 10);

    memory.records("Note").unwrap().borrow_mut().room.full = true;
    let data = Entity::new().with("text", long.as_str());
    let error = memory.update("Note", Vec::new(), data.clone()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Exhausted);
    assert_eq!(
        (count(&mut memory, "short"), count(&mut memory, &long)),
        (100, 0)
    );
    for id in 0..100_i64 {
        let note = memory.find("Note", Key::from(id)).unwrap().unwrap();
        assert_eq!(note, Entity::new().with("id", id).with("text", "short"));
    }

    memory.records("Note").unwrap().borrow_mut().room.full = false;
    assert_eq!(memory.update("Note", Vec::new(), data).unwrap(), 100);
    assert_eq!(count(&mut memory, &long), 100);
}
