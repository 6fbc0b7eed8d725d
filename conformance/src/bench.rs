//! What a check works with: a session, collections of its own, and invented cases.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::test_runner::TestRunner;
use tenon_model::Entity;
use tenon_model::contract::{ErrorKind, Key, Model, Query};
use tenon_runtime::Capability;
use tenon_runtime::direct::Failure;

use crate::facts::Facts;
use crate::finding::{Checked, Finding, Stop, must};
use crate::property;
use crate::reference::key_of;
use crate::session::Session;
use crate::show;
use crate::subject::Subject;

/// Rows of a page where nothing depends on it.
pub const PAGE: u32 = 100;

/// Names that no other run has, for what a run makes in a backend.
pub struct Names {
    run: String,
    next: AtomicU32,
}

impl Names {
    /// For a run of that name: lower case letters and digits.
    pub fn new(run: String) -> Self {
        Self {
            run,
            next: AtomicU32::new(1),
        }
    }

    /// A name that was not given before: lower case, short enough for every backend.
    pub fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("tenon_check_{}_{number}", self.run)
    }
}

/// What a check works with.
pub struct Bench<'k> {
    subject: &'k Subject,
    facts: &'k Facts,
    names: &'k Names,
    check: &'static str,
    seed: u64,
    cases: u32,
    session: Option<Session<'k>>,
    /// The models whose collections it has made.
    made: Vec<Model>,
    /// The read models that it has opened.
    read_models: Vec<String>,
    notes: Vec<String>,
}

impl<'k> Bench<'k> {
    pub fn new(
        subject: &'k Subject,
        facts: &'k Facts,
        names: &'k Names,
        check: &'static str,
        (seed, cases): (u64, u32),
    ) -> Self {
        Self {
            subject,
            facts,
            names,
            check,
            seed,
            cases,
            session: None,
            made: Vec::new(),
            read_models: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub fn subject(&self) -> &'k Subject {
        self.subject
    }

    /// What was found out about the connector before.
    pub fn facts(&self) -> &'k Facts {
        self.facts
    }

    /// A name that nothing else has.
    pub fn name(&self) -> String {
        self.names.next()
    }

    /// How many invented cases are wanted where one costs as much as a call; fewer where one costs more.
    pub fn cases(&self) -> u32 {
        self.cases
    }

    /// A source of invented cases of this check; `what` tells several of them apart.
    pub fn runner(&self, what: &str) -> TestRunner {
        property::runner(self.seed, &format!("{} {what}", self.check))
    }

    /// Something for the report that is neither right nor wrong.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The check's session, which is opened where there is none.
    pub fn session(&mut self) -> Checked<&mut Session<'k>> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.subject.open()?,
        };
        Ok(self.session.insert(session))
    }

    /// One more session beside the check's own.
    pub fn another(&self) -> Checked<Session<'k>> {
        if !self.subject.is_pooled() {
            return Err(Stop::skipped(
                "the connector is exclusive: there is one session",
            ));
        }
        self.subject.open()
    }

    /// Takes the session away, so that the check can do with it what it likes. The next is a new one.
    pub fn take_session(&mut self) -> Checked<Session<'k>> {
        self.session()?;
        self.session
            .take()
            .ok_or_else(|| Stop::skipped("there is no session"))
    }

    /// Gives a session back.
    pub fn give_session(&mut self, session: Session<'k>) {
        self.session = Some(session);
    }

    /// Makes an empty collection for a model, under a name of its own, and tells the check's session of it.
    pub fn collection(&mut self, draft: tenon_model::Model) -> Checked<Model> {
        self.contract_collection(draft.to_contract())
    }

    /// As [`collection`](Self::collection), of a model as the contract has it.
    pub fn contract_collection(&mut self, draft: Model) -> Checked<Model> {
        let shown = show::model(&draft);
        self.try_collection(draft)?.map_err(|failure| {
            Finding::new("a collection can't be made")
                .differs("no error", failure)
                .after(shown)
                .into()
        })
    }

    /// As [`collection`](Self::collection), for a model that the connector may refuse.
    pub fn try_collection(&mut self, mut draft: Model) -> Checked<Result<Model, Failure>> {
        draft.name = self.name();
        draft.collection = Some(draft.name.clone());
        self.try_named_collection(draft)
    }

    /// As [`try_collection`](Self::try_collection), under the model's own name and collection.
    pub fn try_named_collection(&mut self, model: Model) -> Checked<Result<Model, Failure>> {
        let has_schema = self.subject.has(Capability::Schema);
        self.made.push(model.clone());
        let session = self.session()?;
        if has_schema {
            let steps = match session.plan(std::slice::from_ref(&model)) {
                Ok(steps) => steps,
                Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => Vec::new(),
                Err(failure) => return Ok(Err(failure)),
            };
            if !steps.is_empty()
                && let Err(failure) = session.apply(&steps)
            {
                return Ok(Err(failure));
            }
        }
        Ok(session.define(&model).map(|()| model))
    }

    /// A name for a read model, which is dropped afterwards.
    pub fn read_model(&mut self) -> String {
        let name = self.name().replace('_', "-");
        self.drops_read_model(&name);
        name
    }

    /// Takes note of a read model that has to be dropped afterwards.
    pub fn drops_read_model(&mut self, name: &str) {
        self.read_models.push(name.to_owned());
    }

    /// Has a model's collection removed at the end, whether or not it is ever made.
    pub fn remember(&mut self, model: &Model) {
        self.made.push(model.clone());
    }

    /// Removes all records of a collection, by its keys, and makes sure that none is left.
    pub fn clear(&mut self, model: &Model) -> Checked {
        let session = self.session()?;
        clear(session, model)
    }

    /// Every record of a model.
    pub fn everything(&mut self, model: &Model) -> Checked<Vec<Entity>> {
        let session = self.session()?;
        everything(session, &model.name)
    }

    /// Empties the collection, and stores these records in it.
    pub fn fill(&mut self, model: &Model, records: &[Entity]) -> Checked {
        self.clear(model)?;
        let session = self.session()?;
        for record in records {
            must("create", session.create(&model.name, record.as_contract()))
                .map_err(|stop| stop.after(format!("create {}", show::record(record))))?;
        }
        Ok(())
    }

    /// Forgets the collections that it has made, since nothing could be stored in them.
    pub fn forget_collections(&mut self) {
        self.made.clear();
    }

    /// Removes what the check has made and ends its session. What could not be removed is told.
    pub fn clean_up(mut self) -> (Vec<String>, Vec<String>) {
        let mut left = Vec::new();
        if !self.made.is_empty() || !self.read_models.is_empty() {
            let made = std::mem::take(&mut self.made);
            let read_models = std::mem::take(&mut self.read_models);
            // A check may have left its session in any state.
            if let Some(session) = self.session.take() {
                end(session);
            }
            match self.session() {
                Ok(session) => {
                    // What refers to another was made after it.
                    for model in made.iter().rev() {
                        if let Err(reason) = remove(session, model) {
                            left.push(format!("{}: {reason}", model.name));
                        }
                    }
                    for read_model in &read_models {
                        if let Err(failure) = drop_read_model(session, read_model) {
                            left.push(format!("the read model {read_model}: {failure}"));
                        }
                    }
                }
                Err(_) => {
                    left.extend(made.into_iter().map(|model| model.name));
                    left.extend(read_models);
                }
            }
        }
        if let Some(session) = self.session.take() {
            end(session);
        }
        (self.notes, left)
    }
}

/// Ends a session in order, as far as it goes.
pub fn end(mut session: Session<'_>) {
    if session.disconnect().is_ok() {
        let _ = session.dispose();
    }
}

/// Every record of a model, read with a query that asks for nothing in particular.
pub fn everything(session: &mut Session<'_>, model: &str) -> Checked<Vec<Entity>> {
    let (rows, _) = must("all", session.all(model, &Query::default()))?;
    must("next", session.read(rows, PAGE))
}

/// Removes all records, by a filter or by their keys, and makes sure that none is left.
pub fn clear(session: &mut Session<'_>, model: &Model) -> Checked {
    let _ = session.destroy_all(&model.name, &Vec::new());
    for record in everything(session, &model.name)? {
        let id: Key = key_of(model, &record);
        must("destroy", session.destroy(&model.name, &id))?;
    }
    if everything(session, &model.name)?.is_empty() {
        return Ok(());
    }
    Err(Stop::failed(
        "records are there that `destroy` has deleted, by their own keys",
    ))
}

/// Removes a read model's data. One that the connector can't even open was never there.
fn drop_read_model(session: &mut Session<'_>, read_model: &str) -> Result<(), Failure> {
    let store = match session.open_store(read_model) {
        Ok(store) => store,
        Err(failure) if failure.kind() == Some(ErrorKind::Conflict) => return Err(failure),
        Err(_) => return Ok(()),
    };
    let dropped = session.drop_store(store, read_model);
    let closed = session.close_store(store, read_model);
    dropped.and(closed)
}

/// Removes a collection, or where there is no `schema` its records.
fn remove(session: &mut Session<'_>, model: &Model) -> Result<(), String> {
    // It may never have been defined.
    let defined = session.define(model);
    match session.drop_model(&model.name) {
        Ok(()) => return Ok(()),
        Err(Failure::Missing(_)) => {}
        Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {}
        Err(_) if defined.is_err() => return Ok(()),
        Err(failure) => return Err(failure.to_string()),
    }
    if defined.is_err() {
        return Ok(());
    }
    clear(session, model).map_err(|_| "its records can't be deleted".to_owned())
}
