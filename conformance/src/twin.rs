//! A collection beside its reference: what is done to the one is done to the other, and has to come to the same.

use tenon_model::contract::{ErrorKind, Filter, Key, Model};
use tenon_model::{Entity, Value};
use tenon_runtime::direct::Called;

use crate::bench::{Bench, everything};
use crate::expect::{is_as_stored, refused, supported, unsupported};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::reference::{Allowed, Reference, complete, key_of, same, same_records};
use crate::session::Session;
use crate::show;

/// How many of the last steps a finding tells.
const STEPS: usize = 20;

/// A collection and its reference.
pub struct Twin {
    reference: Reference,
    log: Vec<String>,
    /// The model was another before: what older records have of it beside what is declared now is left out of account.
    was_other: bool,
}

impl Twin {
    /// A new collection, without records.
    pub fn new(bench: &mut Bench<'_>, draft: tenon_model::Model) -> Checked<Self> {
        Ok(Self::of(bench.collection(draft)?))
    }

    /// A collection that was made, and has no records.
    pub fn of(model: Model) -> Self {
        Self {
            log: vec![show::model(&model)],
            reference: Reference::new(model),
            was_other: false,
        }
    }

    /// A new collection with these records.
    pub fn holding(
        bench: &mut Bench<'_>,
        draft: tenon_model::Model,
        records: Vec<Entity>,
    ) -> Checked<Self> {
        let mut twin = Self::new(bench, draft)?;
        let session = bench.session()?;
        for record in records {
            twin.create(session, record)?;
        }
        Ok(twin)
    }

    pub fn model(&self) -> &Model {
        self.reference.model()
    }

    /// The model's name.
    pub fn name(&self) -> String {
        self.model().name.clone()
    }

    /// What has to be stored.
    pub fn records(&self) -> &[Entity] {
        self.reference.records()
    }

    /// The record of a key that has to be stored.
    pub fn record(&self, id: &Key) -> Option<Entity> {
        self.reference.find(id).cloned()
    }

    /// Has the same records be of another model from now on. False where it forbids them.
    pub fn become_of(&mut self, model: Model) -> bool {
        self.step(format!("from now on: {}", show::model(&model)));
        let declared = |name: &str| {
            model
                .properties
                .iter()
                .any(|property| property.name == name)
        };
        let mut records = self.records().to_vec();
        if model.strict {
            records
                .iter_mut()
                .for_each(|record| record.retain(declared));
        }
        let mut reference = Reference::new(model);
        let fits = reference.create_all(records).is_ok();
        if fits {
            self.reference = reference;
            self.was_other = true;
        }
        fits
    }

    /// A record that was read, as it counts here.
    fn as_read(&self, mut record: Entity) -> Entity {
        let model = self.model();
        if self.was_other && model.strict {
            record.retain(|name| model.properties.iter().any(|one| one.name == name));
            complete(model, &mut record);
        }
        record
    }

    /// The reference as it is, to [go back](Self::go_back) to.
    pub fn as_now(&self) -> Reference {
        self.reference.clone()
    }

    /// Has the records be what they were.
    pub fn go_back(&mut self, before: Reference) {
        self.reference = before;
    }

    /// Takes over a record that was stored otherwise than by this.
    pub fn stored(&mut self, record: Entity) {
        self.step(format!("create {}", show::record(&record)));
        // A record that the model forbids is missing here, and so is seen.
        let _ = self.reference.create(record);
    }

    /// Takes note of a step that is done otherwise than by this.
    pub fn step(&mut self, step: impl Into<String>) {
        self.log.push(step.into());
    }

    /// The same, with what was done before in front of it.
    pub fn tell(&self, stop: Stop) -> Stop {
        let skipped = self.log.len().saturating_sub(STEPS);
        let steps = self.log.iter().enumerate();
        let told = steps.filter(|(place, _)| *place == 0 || *place > skipped);
        told.rev().fold(stop, |stop, (_, step)| stop.after(step))
    }

    /// Stores a new record, which is refused where the contract says so.
    pub fn create(&mut self, session: &mut Session<'_>, data: Entity) -> Checked {
        self.step(format!("create {}", show::record(&data)));
        let mut after = self.reference.clone();
        let expected = after.create(data.clone());
        let called = session.create(&self.name(), data.as_contract());
        let made = self.settle(session, "create", called, expected)?;
        self.take_on(after, "create", made, &data)
    }

    /// Replaces a whole record.
    pub fn save(&mut self, session: &mut Session<'_>, data: Entity) -> Checked {
        self.step(format!("save {}", show::record(&data)));
        let mut after = self.reference.clone();
        let expected = after.save(data.clone());
        let called = session.save(&self.name(), data.as_contract());
        let made = self.settle(session, "save", called, expected)?;
        self.take_on(after, "save", made, &data)
    }

    /// Sets some properties of a record.
    pub fn update_attributes(
        &mut self,
        session: &mut Session<'_>,
        id: &Key,
        data: Entity,
    ) -> Checked {
        let shown = show::record(&data);
        self.step(format!("update-attributes of {}: {shown}", show::key(id)));
        let mut after = self.reference.clone();
        let expected = after.update_attributes(id, data.clone());
        let called = session.update_attributes(&self.name(), id, data.as_contract());
        let made = self.settle(session, "update-attributes", called, expected)?;
        let mut whole = data;
        for (name, value) in key_names_and_values(self.model(), id) {
            whole.set(name, value);
        }
        self.take_on(after, "update-attributes", made, &whole)
    }

    /// Sets some properties of every match.
    pub fn update(&mut self, session: &mut Session<'_>, filter: &Filter, data: Entity) -> Checked {
        let (which, what) = (show::filter(filter), show::record(&data));
        self.step(format!("update where {which}: {what}"));
        let mut after = self.reference.clone();
        let expected = after.update(filter, &data);
        let called = session.update(&self.name(), filter, data.as_contract());
        let counted = self.settle(session, "update", called, expected)?;
        self.count_on(after, "update", "matched", counted, expected)
    }

    /// Deletes a record.
    pub fn destroy(&mut self, session: &mut Session<'_>, id: &Key) -> Checked {
        self.step(format!("destroy {}", show::key(id)));
        let mut after = self.reference.clone();
        let expected = after.destroy(id);
        let called = session.destroy(&self.name(), id);
        if let Some(seen) = self.settle(session, "destroy", called, Ok(()))? {
            ensure(seen == expected, || {
                Finding::new("`destroy` doesn't tell whether there was a record to delete")
                    .differs(expected, seen)
            })
            .map_err(|stop| self.tell(stop))?;
        }
        self.reference = after;
        Ok(())
    }

    /// Deletes every match.
    pub fn destroy_all(&mut self, session: &mut Session<'_>, filter: &Filter) -> Checked {
        self.step(format!("destroy-all where {}", show::filter(filter)));
        let mut after = self.reference.clone();
        let expected = after.destroy_all(filter);
        let called = session.destroy_all(&self.name(), filter);
        let counted = self.settle(session, "destroy-all", called, expected)?;
        self.count_on(after, "destroy-all", "matched", counted, expected)
    }

    /// How many records match.
    pub fn count(&mut self, session: &mut Session<'_>, filter: &Filter) -> Checked {
        let expected = self
            .reference
            .matches(filter)
            .map(|matches| u64::try_from(matches.len()).unwrap_or(u64::MAX));
        let called = session.count(&self.name(), filter);
        self.step(format!("count where {}", show::filter(filter)));
        let counted = self.settle(session, "count", called, expected)?;
        self.count_on(self.reference.clone(), "count", "match", counted, expected)?;
        self.log.pop();
        Ok(())
    }

    /// Whether the records are those that there have to be, by every function that tells.
    pub fn verify(&mut self, session: &mut Session<'_>) -> Checked {
        self.look(session).map_err(|stop| self.tell(stop))
    }

    fn look(&self, session: &mut Session<'_>) -> Checked {
        let name = self.name();
        let stored = everything(session, &name)?.into_iter();
        let stored: Vec<Entity> = stored.map(|record| self.as_read(record)).collect();
        ensure(same_records(self.records(), &stored), || {
            Finding::new("`all` doesn't hand out the records that have to be there")
                .differs(show::records(self.records()), show::records(&stored))
        })?;
        for record in self.records() {
            let id: Key = key_of(self.model(), record);
            if let Some(found) = supported("find", session.find(&name, &id))? {
                let found = found.map(|found| self.as_read(found.into()));
                ensure(
                    found.as_ref().is_some_and(|found| same(found, record)),
                    || {
                        let seen = found.as_ref().map_or("none".to_owned(), show::record);
                        Finding::new("`find` doesn't return the record that has to be there")
                            .differs(show::record(record), seen)
                            .after(format!("find {}", show::key(&id)))
                    },
                )?;
            }
            if let Some(exists) = supported("exists", session.exists(&name, &id))? {
                ensure(exists, || {
                    Finding::new("`exists` doesn't tell of a record that is there")
                        .differs(true, false)
                        .after(format!("exists {}", show::key(&id)))
                })?;
            }
        }
        if let Some(count) = supported("count", session.count(&name, &Vec::new()))? {
            let expected = self.records().len();
            ensure(usize::try_from(count) == Ok(expected), || {
                Finding::new("`count` with an empty filter doesn't count every record")
                    .differs(expected, count)
            })?;
        }
        Ok(())
    }

    /// Whether no record of a key is there, by the functions that take one.
    pub fn verify_absent(&mut self, session: &mut Session<'_>, id: &Key) -> Checked {
        let absent = |session: &mut Session<'_>, name: &str| {
            if let Some(Some(found)) = supported("find", session.find(name, id))? {
                return Err(
                    Finding::new("`find` returns a record of a key that none has")
                        .differs("none", show::data(&found))
                        .after(format!("find {}", show::key(id)))
                        .into(),
                );
            }
            let exists = supported("exists", session.exists(name, id))?;
            ensure(exists != Some(true), || {
                Finding::new("`exists` tells of a record of a key that none has")
                    .differs(false, true)
                    .after(format!("exists {}", show::key(id)))
            })
        };
        absent(session, &self.name()).map_err(|stop: Stop| self.tell(stop))
    }

    /// What came of a call, where it came as it had to; none where it was refused as it had to be. A function that the
    /// connector doesn't do ends the check, once it is known that nothing was done.
    pub fn settle<T, E>(
        &mut self,
        session: &mut Session<'_>,
        function: &str,
        called: Called<T>,
        expected: Allowed<E>,
    ) -> Checked<Option<T>> {
        match (called, expected) {
            (Ok(value), Ok(_)) => Ok(Some(value)),
            (Ok(_), Err(kind)) => Err(self.tell(
                Finding::new(format!("`{function}` does what it has to refuse"))
                    .differs(format!("the error `{kind}`"), "no error")
                    .into(),
            )),
            (Err(failure), _) if failure.kind() == Some(ErrorKind::Unsupported) => {
                self.verify(session)?;
                Err(unsupported(function))
            }
            (Err(failure), Ok(_)) => Err(must::<()>(function, Err(failure))
                .map_or_else(|stop| self.tell(stop), |()| Stop::skipped("no failure"))),
            (Err(failure), Err(kind)) => {
                refused(function, &failure, &[kind]).map_err(|stop| self.tell(stop))?;
                Ok(None)
            }
        }
    }

    /// Goes on with what the reference is after a call, once what the call returned is seen to be so.
    fn take_on(
        &mut self,
        after: Reference,
        function: &str,
        made: Option<tenon_model::contract::Entity>,
        data: &Entity,
    ) -> Checked {
        let Some(made) = made else { return Ok(()) };
        let id = key_of(after.model(), data);
        let stored = after.find(&id).cloned().unwrap_or_default();
        self.reference = after;
        is_as_stored(function, &made.into(), &stored).map_err(|stop| self.tell(stop))
    }

    fn count_on(
        &mut self,
        after: Reference,
        function: &str,
        what: &str,
        counted: Option<u64>,
        expected: Allowed<u64>,
    ) -> Checked {
        let (Some(seen), Ok(expected)) = (counted, expected) else {
            return Ok(());
        };
        self.reference = after;
        ensure(seen == expected, || {
            Finding::new(format!(
                "`{function}` doesn't return how many records {what}"
            ))
            .differs(expected, seen)
        })
        .map_err(|stop| self.tell(stop))
    }
}

fn key_names_and_values(model: &Model, id: &Key) -> Vec<(String, Value)> {
    let names = crate::reference::key_names(model).into_iter();
    names.map(str::to_owned).zip(id.iter().cloned()).collect()
}
