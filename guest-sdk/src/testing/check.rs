//! Doing the same with two connectors.

#![allow(
    clippy::panic,
    reason = "a check that fails says so as an assertion does"
)]

use tenon_model::contract::{Page, Query};
use tenon_model::{Done, Entity, Key, Value, equal, into_entities};

use super::{Reference, Scenario, Step};
use crate::{Crud, ErrorKind, Evaluation, Limits, Result, Rows};

/// What a step came to, as far as connectors must agree.
#[derive(Debug)]
enum Outcome {
    Done,
    Failed(ErrorKind),
    Number(u64),
    Rows { rows: Vec<Entity>, in_order: bool },
}

/// Does a scenario with a connector and with the [`Reference`].
///
/// # Panics
/// Where they differ.
pub fn agrees(connector: &mut impl Crud, scenario: &Scenario) {
    let mut reference = reference_for(connector, scenario);
    for (number, step) in scenario.steps.iter().enumerate() {
        let wanted = outcome(&mut reference, step);
        let seen = outcome(connector, step);
        if !wanted.is(&seen) {
            panic!("step {number}, {step:#?}:\nwanted {wanted:#?}\nseen {seen:#?}");
        }
    }
    let everything = Step::All(Query::default());
    let (wanted, seen) = (
        outcome(&mut reference, &everything),
        outcome(connector, &everything),
    );
    if !wanted.is(&seen) {
        panic!("at the end:\nwanted {wanted:#?}\nseen {seen:#?}");
    }
}

/// Opens a query without a limit, and does one step of the scenario between each two pages: a record that no
/// step changes comes exactly once if it matches, and one that was not there when the query was opened, or
/// was changed, comes as it was or as it is.
///
/// # Panics
/// Where it doesn't.
pub fn changes_under_a_cursor(connector: &mut impl Crud, scenario: &Scenario) {
    let mut reference = reference_for(connector, scenario);
    let Some(query) = scenario.steps.iter().find_map(|step| match step {
        Step::All(query) => Some(Query {
            limit: None,
            offset: 0,
            fields: Vec::new(),
            ..query.clone()
        }),
        _ => None,
    }) else {
        return;
    };
    let (before, meanwhile) = scenario.steps.split_at(scenario.steps.len() / 2);
    for step in before {
        outcome(&mut reference, step);
        outcome(connector, step);
    }
    let evaluation = or_panic(Evaluation::new(query.clone()));
    let at_first = reference.records().to_vec();
    // All that a record of each key has been while the cursor was open.
    let mut states = at_first.clone();
    let answer = or_panic(connector.all("Thing", query));
    let (mut rows, done) = (answer.rows, answer.done);
    let mut came: Vec<Entity> = Vec::new();
    let mut steps = meanwhile.iter();
    while let Some(page) = or_panic(rows.next(2, &Limits::default())) {
        came.extend(entities(page));
        if let Some(step) = steps.next() {
            outcome(&mut reference, step);
            outcome(connector, step);
            states.extend(reference.records().iter().cloned());
        }
    }
    or_panic(rows.close());
    if !done.contains(Done::FILTER) {
        came.retain(|row| evaluation.matches(row));
    }
    let at_last = reference.records();
    for record in &at_first {
        let key = reference.key_of(record);
        let of_key = |other: &&Entity| same_key(&reference.key_of(other), &key);
        let unchanged = states
            .iter()
            .filter(of_key)
            .all(|state| same(state, record))
            && at_last.iter().any(|last| same(last, record));
        let times = came.iter().filter(of_key).count();
        if unchanged && times != usize::from(evaluation.matches(record)) {
            panic!("a record that nobody changed came {times} times: {record:#?}\namong {came:#?}");
        }
    }
    for row in &came {
        let was = states.iter().chain(at_last).any(|state| same(state, row));
        if !was || !evaluation.matches(row) {
            panic!("a record came that never was so, or doesn't match: {row:#?}");
        }
    }
}

/// Reads rows to their end, in pages of at most `max`.
///
/// # Errors
/// The rows' own.
pub fn read_all(rows: &mut Rows, max: u32) -> Result<Vec<Entity>> {
    let mut all = Vec::new();
    while let Some(page) = rows.next(max, &Limits::default())? {
        all.extend(entities(page));
    }
    rows.close()?;
    Ok(all)
}

fn reference_for(connector: &mut impl Crud, scenario: &Scenario) -> Reference {
    let mut reference = Reference::default();
    or_panic(crate::Connector::define(
        &mut reference,
        scenario.model.clone(),
    ));
    or_panic(connector.define(scenario.model.clone()));
    reference
}

fn outcome(connector: &mut impl Crud, step: &Step) -> Outcome {
    let model = "Thing";
    let result = match step.clone() {
        Step::Create(data) => connector.create(model, data).map(|_| Outcome::Done),
        Step::CreateAll(data) => connector.create_all(model, data).map(|_| Outcome::Done),
        Step::Save(data) => connector.save(model, data).map(|_| Outcome::Done),
        Step::UpdateAttributes(id, data) => connector
            .update_attributes(model, id, data)
            .map(|_| Outcome::Done),
        Step::Update(filter, data) => connector.update(model, filter, data).map(Outcome::Number),
        Step::Destroy(id) => connector
            .destroy(model, id)
            .map(|done| Outcome::Number(done.into())),
        Step::DestroyAll(filter) => connector.destroy_all(model, filter).map(Outcome::Number),
        Step::Count(filter) => connector.count(model, filter).map(Outcome::Number),
        Step::Find(id) => find(connector, model, id),
        Step::All(query) => all(connector, model, query),
    };
    result.unwrap_or_else(|error| Outcome::Failed(error.kind))
}

fn find(connector: &mut impl Crud, model: &str, id: Key) -> Result<Outcome> {
    let found = connector.find(model, id.clone())?;
    if connector.exists(model, id)? != found.is_some() {
        panic!("`exists` and `find` differ about {found:?}");
    }
    Ok(Outcome::Rows {
        rows: found.into_iter().collect(),
        in_order: true,
    })
}

/// A query's rows, with what the connector left to the runtime done here.
fn all(connector: &mut impl Crud, model: &str, query: Query) -> Result<Outcome> {
    let evaluation = Evaluation::new(query)?;
    let in_order = evaluation.wants_order();
    let mut answer = connector.all(model, contract_of(&evaluation))?;
    let mut rows = read_all(&mut answer.rows, 3)?;
    if answer.done.contains(Done::PAGING) && !answer.done.contains(Done::FILTER | Done::ORDER) {
        panic!("paging is done, and the filter or the order is not");
    }
    if !answer.done.contains(Done::FILTER) {
        rows.retain(|row| evaluation.matches(row));
    }
    if !answer.done.contains(Done::ORDER) {
        rows.sort_by(|left, right| evaluation.compare(left, right));
    }
    if !answer.done.contains(Done::PAGING) {
        let (offset, limit) = evaluation.part();
        rows = rows.into_iter().skip(offset).take(limit).collect();
    }
    if !answer.done.contains(Done::FIELDS) {
        rows = rows
            .into_iter()
            .map(|row| evaluation.project(row))
            .collect();
    }
    Ok(Outcome::Rows { rows, in_order })
}

fn contract_of(evaluation: &Evaluation) -> Query {
    evaluation.query().to_contract()
}

impl Outcome {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Done, Self::Done) => true,
            (Self::Failed(one), Self::Failed(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => one == other,
            (
                Self::Rows {
                    rows: ones,
                    in_order,
                },
                Self::Rows { rows: others, .. },
            ) => {
                let mut left: Vec<&Entity> = others.iter().collect();
                ones.len() == others.len()
                    && if *in_order {
                        ones.iter().zip(others).all(|(one, other)| same(one, other))
                    } else {
                        ones.iter().all(|one| {
                            let place = left.iter().position(|other| same(one, other));
                            place.map(|place| left.remove(place)).is_some()
                        })
                    }
            }
            _ => false,
        }
    }
}

/// The same properties with the same values, in whatever order.
fn same(one: &Entity, other: &Entity) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|(name, value)| match (value, other.get(name)) {
                (Value::Null, Some(Value::Null)) => true,
                (Value::Null, _) | (_, None) => false,
                (value, Some(other)) => equal(value, other),
            })
}

fn same_key(one: &Key, other: &Key) -> bool {
    one.values()
        .iter()
        .zip(other.values())
        .all(|(one, other)| equal(one, other))
}

fn entities(page: Page) -> Vec<Entity> {
    match into_entities(page) {
        Ok(entities) => entities,
        Err(reason) => panic!("the page is not well formed: {reason}"),
    }
}

fn or_panic<T>(result: Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
