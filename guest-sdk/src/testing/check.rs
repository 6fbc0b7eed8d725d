//! Doing the same with two connectors.

#![allow(
    clippy::panic,
    reason = "a check that fails says so as an assertion does"
)]

use tenon_model::contract::{Model, Page, Query};
use tenon_model::{Done, Entity, Key, Value, equal, into_entities};

use super::watch::Watch;
use super::{Reference, Scenario, Step};
use crate::{Aftermath, Crud, Error, ErrorKind, Evaluation, Limits, Result, Rows};

/// What a step came to, as far as connectors must agree.
#[derive(Debug)]
pub(super) enum Outcome {
    Done,
    /// Also whether the connector has given its transaction up.
    Failed(ErrorKind, bool),
    Number(u64),
    Rows {
        rows: Vec<Entity>,
        in_order: bool,
    },
    Upserted(crate::Outcome),
}

/// Does a scenario with a connector and with the [`Reference`].
///
/// # Panics
/// Where they differ.
pub fn agrees(connector: &mut impl Crud, scenario: &Scenario) {
    let mut reference = reference_for(connector, &scenario.model);
    for (number, step) in scenario.steps.iter().enumerate() {
        let wanted = outcome(&mut reference, step);
        let seen = outcome(connector, step);
        if !wanted.is(&seen) {
            panic!("step {number}, {step:#?}:\nwanted {wanted:#?}\nseen {seen:#?}");
        }
    }
    agree_at_the_end(&mut reference, connector);
}

/// Compares all records.
pub(super) fn agree_at_the_end(reference: &mut Reference, connector: &mut impl Crud) {
    let everything = Step::All(Query::default());
    let (wanted, seen) = (
        outcome(reference, &everything),
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
    let mut reference = reference_for(connector, &scenario.model);
    let steps = scenario.steps.iter();
    let Some(query) = steps.clone().find_map(Step::whole_query) else {
        return;
    };
    let (before, meanwhile) = scenario.steps.split_at(scenario.steps.len() / 2);
    for step in before {
        outcome(&mut reference, step);
        outcome(connector, step);
    }
    let mut watch = Watch::open(&reference, connector, query);
    for step in meanwhile {
        if !watch.next_page() {
            break;
        }
        outcome(&mut reference, step);
        outcome(connector, step);
        watch.note(&reference);
    }
    watch.finish(&reference);
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

/// A reference that has learnt the model, as the connector then has.
pub(super) fn reference_for(connector: &mut impl Crud, model: &Model) -> Reference {
    let mut reference = Reference::default();
    or_panic(crate::Connector::define(&mut reference, model.clone()));
    or_panic(connector.define(model.clone()));
    reference
}

/// What a failed call came to.
pub(super) fn failed(error: &Error) -> Outcome {
    Outcome::Failed(error.kind, error.aftermath == Aftermath::TransactionLost)
}

pub(super) fn outcome(connector: &mut impl Crud, step: &Step) -> Outcome {
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
    result.unwrap_or_else(|error| failed(&error))
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
    /// Whether only a roll-back is left of the transaction.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Failed(_, true))
    }

    /// Whether two connectors came to the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Done, Self::Done) => true,
            (Self::Failed(one, _), Self::Failed(other, _)) => one == other,
            (Self::Number(one), Self::Number(other)) => one == other,
            (Self::Upserted(one), Self::Upserted(other)) => {
                one.created == other.created && same(&one.entity, &other.entity)
            }
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
pub(super) fn same(one: &Entity, other: &Entity) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|(name, value)| match (value, other.get(name)) {
                (Value::Null, Some(Value::Null)) => true,
                (Value::Null, _) | (_, None) => false,
                (value, Some(other)) => equal(value, other),
            })
}

pub(super) fn same_key(one: &Key, other: &Key) -> bool {
    one.values()
        .iter()
        .zip(other.values())
        .all(|(one, other)| equal(one, other))
}

pub(super) fn entities(page: Page) -> Vec<Entity> {
    match into_entities(page) {
        Ok(entities) => entities,
        Err(reason) => panic!("the page is not well formed: {reason}"),
    }
}

pub(super) fn or_panic<T>(result: Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
