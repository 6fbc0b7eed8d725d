//! A connector and the reference, side by side.

use std::collections::BTreeSet;

use tenon_model::Entity;
use tenon_model::contract::{Aftermath, Effect, Error, ErrorKind, Model};
use tenon_runtime::direct::{Called, Failure};

use super::Step;
use super::compare::{Came, is_ordered, show_error, the_rest};
use crate::bench::{PAGE, everything};
use crate::finding::{Checked, Finding, Stop, must};
use crate::reference::{Allowed, Reference, complete, key_names, same_records, same_value};
use crate::session::Session;
use crate::show;

/// Rows of a page, so few that most results have several.
const ROWS: u32 = 3;

/// A connector's session and the reference, which have done the same.
pub struct Pair<'p, 'k> {
    pub session: &'p mut Session<'k>,
    pub reference: Reference,
    /// The open transaction.
    transaction: Option<Transaction>,
    /// What was done, for a report.
    told: Vec<String>,
    /// The functions that were `unsupported`.
    pub unsupported: BTreeSet<&'static str>,
    /// The functions that were supported at least once.
    pub supported: BTreeSet<&'static str>,
}

/// What there is to go back to.
struct Transaction {
    before: Reference,
    read_only: bool,
}

impl<'p, 'k> Pair<'p, 'k> {
    /// A session of an empty collection.
    pub fn new(session: &'p mut Session<'k>, model: Model) -> Self {
        Self {
            session,
            reference: Reference::new(model),
            transaction: None,
            told: Vec::new(),
            unsupported: BTreeSet::new(),
            supported: BTreeSet::new(),
        }
    }

    /// Whether a transaction is open.
    pub fn is_in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// Does the steps with both, ends the transaction that is then open, and compares all records.
    pub fn take_all(&mut self, steps: &[Step]) -> Checked {
        for step in steps {
            self.take(step)?;
        }
        if self.is_in_transaction() {
            self.take(&Step::Rollback)?;
        }
        let agreed = self.agree("other records are stored than these steps make");
        agreed.map_err(|stop| self.with_steps(stop))
    }

    /// Does a step with both.
    pub fn take(&mut self, step: &Step) -> Checked {
        let aimed;
        let step = match step {
            Step::Aimed(step) => {
                aimed = self.aim(step);
                &aimed
            }
            step => step,
        };
        let read_only = self.transaction.as_ref().is_some_and(|it| it.read_only);
        if read_only && matches!(step, Step::CreateAll(data) if data.is_empty()) {
            // Whether to store nothing is a write is nobody's concern.
            return Ok(());
        }
        self.told.push(step.to_string());
        let seen = self.call(step);
        self.settle(step, seen, read_only)
            .map_err(|stop| self.with_steps(stop))
    }

    /// The same step with the key of the record that it is to find.
    fn aim(&self, step: &Step) -> Step {
        let mut step = step.clone();
        if let Step::UpdateOrCreate(by, data) | Step::ReplaceOrCreate(by, data) = &mut step
            && let Some(found) = self.reference.found_by(by, data)
        {
            let names: Vec<String> = names(&self.reference);
            for name in names {
                if !by.contains(&name)
                    && let Some(value) = found.get(&name)
                {
                    data.set(name.as_str(), value.clone());
                }
            }
        }
        step
    }

    fn call(&mut self, step: &Step) -> Called<(Came, Vec<Entity>)> {
        let known = self.reference.model().clone();
        let model = known.name.as_str();
        // As the runtime sends a new record of a strict model: with a null for what is missing, but for the key and
        // what the record is looked for by.
        let whole_but = |data: &Entity, by: &[String]| {
            let mut whole = data.clone();
            complete(&known, &mut whole);
            let is_kept = |name: &str| {
                let is_free = !key_names(&known).contains(&name) && !by.iter().any(|it| it == name);
                is_free || data.get(name).is_some()
            };
            whole.retain(is_kept);
            whole
        };
        let whole = |data: &Entity| whole_but(data, &[]);
        let session = &mut *self.session;
        let nothing = |()| (Came::Nothing, Vec::new());
        let number = |number| (Came::Number(number), Vec::new());
        let made = |made: Vec<_>| {
            let made = made.into_iter().map(Entity::from).collect();
            (Came::Nothing, made)
        };
        let one = |it| made(vec![it]);
        // What an upsert makes of a strict model's record may lack what it wasn't given.
        let upserted = |(record, created)| {
            let record = whole(&Entity::from(record));
            (Came::Upserted(record, created), Vec::new())
        };
        match step {
            Step::Create(data) => session.create(model, whole(data).as_contract()).map(one),
            Step::CreateAll(data) => {
                let data: Vec<_> = data.iter().map(|it| whole(it).into_contract()).collect();
                session.create_all(model, &data).map(made)
            }
            Step::Save(data) => session.save(model, whole(data).as_contract()).map(one),
            Step::Find(id) => {
                let found = session.find(model, id)?;
                Ok((
                    Came::Found(found.map(|it| whole(&Entity::from(it)))),
                    Vec::new(),
                ))
            }
            Step::UpdateAttributes(id, data) => session
                .update_attributes(model, id, data.as_contract())
                .map(one),
            Step::Update(filter, data) => session
                .update(model, filter, data.as_contract())
                .map(number),
            Step::Destroy(id) => session.destroy(model, id).map(u64::from).map(number),
            Step::DestroyAll(filter) => session.destroy_all(model, filter).map(number),
            Step::Count(filter) => session.count(model, filter).map(number),
            Step::All(query) => {
                let (rows, done) = session.all(model, query)?;
                let rows = session.read(rows, ROWS)?;
                let mut rows = the_rest(query, done, rows).unwrap_or_default();
                for row in &mut rows {
                    complete(&known, row);
                    if !query.fields.is_empty() {
                        row.retain(|name| query.fields.iter().any(|field| field == name));
                    }
                }
                Ok((Came::Rows(rows, is_ordered(query)), Vec::new()))
            }
            Step::UpdateOrCreate(by, data) => session
                .update_or_create(model, by, data.as_contract())
                .map(upserted),
            Step::ReplaceOrCreate(by, data) => session
                .replace_or_create(model, by, whole_but(data, by).as_contract())
                .map(upserted),
            Step::FindOrCreate(filter, data) => session
                .find_or_create(model, filter, whole(data).as_contract())
                .map(upserted),
            Step::UpsertWhere(filter, data) => session
                .upsert_where(model, filter, data.as_contract())
                .map(upserted),
            Step::Begin(isolation, read_only) => session.begin(*isolation, *read_only).map(nothing),
            Step::Commit => session.commit().map(nothing),
            Step::Rollback => session.rollback().map(nothing),
            Step::Aimed(_) => Ok((Came::Nothing, Vec::new())),
        }
    }

    fn settle(
        &mut self,
        step: &Step,
        seen: Called<(Came, Vec<Entity>)>,
        read_only: bool,
    ) -> Checked {
        let function = step.function();
        let error = match seen {
            Ok((came, made)) => {
                self.supported.insert(function);
                if read_only && step.writes() {
                    return self.refused(step, &came);
                }
                let wanted = self.expect(step);
                return self.compare(step, wanted, &came, &made);
            }
            Err(Failure::Failed(error)) => error,
            Err(failure) => {
                return Err(Finding::new(format!("`{function}` ends the instance"))
                    .differs("a result or an error", failure)
                    .into());
            }
        };
        if error.kind == ErrorKind::Unsupported && step.may_be_unsupported() {
            self.unsupported.insert(function);
            return self.agree(&format!(
                "`{function}` is `unsupported`, and has changed something"
            ));
        }
        self.supported.insert(function);
        if read_only && step.writes() {
            // Which kind of error it is, the contract doesn't say.
            return self.failed(step, Err(error.kind), &error);
        }
        let wanted = self.clone_and_expect(step);
        self.failed(step, wanted, &error)
    }

    /// A write has succeeded in a transaction that only reads. Where it has nothing to do, it may.
    fn refused(&mut self, step: &Step, came: &Came) -> Checked {
        let before = self.reference.clone();
        let has_changed =
            self.expect(step).is_err() || !same_records(before.records(), self.reference.records());
        self.reference = before;
        if has_changed {
            return Err(Finding::new(format!(
                "`{}` succeeds in a transaction that is read-only",
                step.function()
            ))
            .differs("an error", came.show())
            .into());
        }
        Ok(())
    }

    /// What has to come of a step, which the reference then has done.
    fn expect(&mut self, step: &Step) -> Allowed<Came> {
        let reference = &mut self.reference;
        match step.clone() {
            Step::Create(data) => reference.create(data).map(|()| Came::Nothing),
            Step::CreateAll(data) => reference.create_all(data).map(|()| Came::Nothing),
            Step::Save(data) => reference.save(data).map(|()| Came::Nothing),
            Step::Find(id) => Ok(Came::Found(reference.find(&id).cloned())),
            Step::UpdateAttributes(id, data) => reference
                .update_attributes(&id, data)
                .map(|()| Came::Nothing),
            Step::Update(filter, data) => reference.update(&filter, &data).map(Came::Number),
            Step::Destroy(id) => Ok(Came::Number(u64::from(reference.destroy(&id)))),
            Step::DestroyAll(filter) => reference.destroy_all(&filter).map(Came::Number),
            Step::Count(filter) => {
                let matches = reference.matches(&filter)?;
                Ok(Came::Number(
                    u64::try_from(matches.len()).unwrap_or(u64::MAX),
                ))
            }
            Step::All(query) => Ok(Came::Rows(reference.query(&query)?, is_ordered(&query))),
            Step::UpdateOrCreate(by, data) => {
                let (record, created) = reference.update_or_create(&by, data)?;
                Ok(Came::Upserted(record, created))
            }
            Step::ReplaceOrCreate(by, data) => {
                let (record, created) = reference.replace_or_create(&by, data)?;
                Ok(Came::Upserted(record, created))
            }
            Step::FindOrCreate(filter, data) => {
                let (record, created) = reference.find_or_create(&filter, data)?;
                Ok(Came::Upserted(record, created))
            }
            Step::UpsertWhere(filter, data) => {
                let (record, created) = reference.upsert_where(&filter, data)?;
                Ok(Came::Upserted(record, created))
            }
            Step::Begin(_, read_only) => {
                if self.transaction.is_some() {
                    return Err(ErrorKind::Invalid);
                }
                self.transaction = Some(Transaction {
                    before: self.reference.clone(),
                    read_only,
                });
                Ok(Came::Nothing)
            }
            Step::Commit => match self.transaction.take() {
                Some(_) => Ok(Came::Nothing),
                None => Err(ErrorKind::Invalid),
            },
            Step::Rollback => match self.transaction.take() {
                Some(transaction) => {
                    self.reference = transaction.before;
                    Ok(Came::Nothing)
                }
                None => Err(ErrorKind::Invalid),
            },
            Step::Aimed(_) => Ok(Came::Nothing),
        }
    }

    /// What has to come of a step that the connector has failed to do. Where that is an error, nothing has changed.
    fn clone_and_expect(&mut self, step: &Step) -> Allowed<Came> {
        if !step.writes() {
            return match step {
                Step::Begin(..) if self.transaction.is_some() => Err(ErrorKind::Invalid),
                Step::Commit | Step::Rollback if self.transaction.is_none() => {
                    Err(ErrorKind::Invalid)
                }
                _ => Ok(Came::Nothing),
            };
        }
        let before = self.reference.clone();
        let wanted = self.expect(step);
        self.reference = before;
        wanted
    }

    fn compare(
        &mut self,
        step: &Step,
        wanted: Allowed<Came>,
        came: &Came,
        made: &[Entity],
    ) -> Checked {
        let function = step.function();
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(kind) => {
                let rule = match step {
                    Step::Begin(..) => "an error: a transaction is open already".to_owned(),
                    Step::Commit | Step::Rollback => "an error: no transaction is open".to_owned(),
                    _ => show_error(kind),
                };
                return Err(
                    Finding::new(format!("`{function}` succeeds where it has to fail"))
                        .differs(rule, came.show())
                        .into(),
                );
            }
        };
        let any_match = match (step, &wanted, came) {
            // Of several matches any will do.
            (
                Step::FindOrCreate(filter, _),
                Came::Upserted(_, false),
                Came::Upserted(record, false),
            ) => {
                let matches = self.reference.matches(filter).unwrap_or_default();
                let one = std::slice::from_ref(record);
                matches
                    .iter()
                    .any(|it| same_records(std::slice::from_ref(it), one))
            }
            _ => false,
        };
        if !any_match && !wanted.is(came) {
            let what = match step {
                Step::Count(_) | Step::Update(..) | Step::DestroyAll(_) => {
                    "returns another number of matches"
                }
                Step::Destroy(_) => "doesn't say rightly whether there was a record (1) or not (0)",
                Step::Find(_) => "returns another record",
                Step::All(_) => "hands out other rows",
                _ => "returns another record, or is wrong about whether it is new",
            };
            return Err(Finding::new(format!("`{function}` {what}"))
                .differs(wanted.show(), came.show())
                .into());
        }
        if let Step::Find(id) = step {
            let exists = must(
                "exists",
                self.session.exists(&self.reference.model().name, id),
            )?;
            if exists != self.reference.find(id).is_some() {
                return Err(Finding::new("`exists` and `find` don't agree")
                    .differs(!exists, exists)
                    .into());
            }
        }
        self.look_at_made(step, made)
    }

    /// What a write returns has to be true of what is stored.
    fn look_at_made(&self, step: &Step, made: &[Entity]) -> Checked {
        let ids: Vec<_> = match step {
            Step::Create(data) | Step::Save(data) => vec![self.reference.key_of(data)],
            Step::CreateAll(data) => data.iter().map(|it| self.reference.key_of(it)).collect(),
            Step::UpdateAttributes(id, _) => vec![id.clone()],
            _ => return Ok(()),
        };
        if ids.len() != made.len() {
            return Err(Finding::new(format!(
                "`{}` doesn't return an entry for each record",
                step.function()
            ))
            .differs(ids.len(), made.len())
            .into());
        }
        for (id, made) in ids.iter().zip(made) {
            let Some(stored) = self.reference.find(id) else {
                continue;
            };
            for (name, value) in made.iter() {
                let is_true = match stored.get(name) {
                    Some(stored) => same_value(stored, value),
                    None => value.is_null(),
                };
                if !is_true {
                    return Err(Finding::new(format!(
                        "`{}` returns a property that the stored record hasn't got so",
                        step.function()
                    ))
                    .differs(show::record(stored), show::record(made))
                    .into());
                }
            }
        }
        Ok(())
    }

    fn failed(&mut self, step: &Step, wanted: Allowed<Came>, error: &Error) -> Checked {
        let function = step.function();
        let shown = format!("{}: {error}", error.kind);
        let Err(kind) = wanted else {
            return Err(
                Finding::new(format!("`{function}` fails where it has to work"))
                    .differs("no error", shown)
                    .into(),
            );
        };
        if !self.is_fair(step, kind, error.kind) {
            return Err(
                Finding::new(format!("`{function}` fails with another kind of error"))
                    .differs(show_error(kind), shown)
                    .into(),
            );
        }
        let partial = error.effect == Effect::Partial
            && step.writes_several()
            && (self.transaction.is_none() || error.aftermath != Aftermath::Usable);
        if error.effect != Effect::Nothing && !partial {
            return Err(Finding::new(format!(
                "`{function}` is refused, and doesn't say that it has changed nothing"
            ))
            .differs(
                "the effect `nothing`",
                format!("the effect `{}`, {shown}", error.effect),
            )
            .into());
        }
        match error.aftermath {
            Aftermath::SessionLost => {
                return Err(Finding::new(format!(
                    "`{function}` is refused, and the session is said to be lost"
                ))
                .differs("the aftermath `usable`", format!("`session-lost`, {shown}"))
                .into());
            }
            Aftermath::TransactionLost if self.transaction.is_none() => {
                return Err(Finding::new(format!(
                    "`{function}` says that the transaction is lost, and there is none"
                ))
                .differs(
                    "the aftermath `usable`",
                    format!("`transaction-lost`, {shown}"),
                )
                .into());
            }
            Aftermath::TransactionLost => {
                must("rollback", self.session.rollback())?;
                self.told
                    .push("rollback, since the transaction was given up".to_owned());
                if let Some(transaction) = self.transaction.take() {
                    self.reference = transaction.before;
                }
            }
            Aftermath::Usable => {}
        }
        if partial && self.transaction.is_none() {
            return self.take_over(step, error);
        }
        self.agree(&format!("`{function}` fails, and has changed something"))
    }

    /// Whether this kind of error is right too: two rules may be broken at once.
    fn is_fair(&self, step: &Step, wanted: ErrorKind, seen: ErrorKind) -> bool {
        if wanted == seen {
            return true;
        }
        match step {
            // Whose properties are neither the key nor a unique index is a matter of the caller's too.
            Step::UpdateOrCreate(by, data) | Step::ReplaceOrCreate(by, data) => match wanted {
                ErrorKind::Unsupported => seen == ErrorKind::Invalid,
                // The key that the data name is another record's, and so it is a duplicate too.
                ErrorKind::Invalid => {
                    let is_whole = by.iter().all(|name| data.get(name).is_some());
                    is_whole && seen == ErrorKind::Duplicate
                }
                _ => false,
            },
            Step::UpsertWhere(..) => wanted == ErrorKind::Invalid && seen == ErrorKind::Duplicate,
            _ => false,
        }
    }

    /// Takes over what an honest connector without atomic batches has done of one.
    fn take_over(&mut self, step: &Step, error: &Error) -> Checked {
        let stored = everything(self.session, &self.reference.model().name)?;
        if let Step::CreateAll(data) = step {
            let done = error.detail("index").and_then(|index| index.parse().ok());
            let Some(done) = done else {
                return Err(Stop::failed(
                    "`create-all` fails with the effect `partial`, and without an `index`",
                ));
            };
            let data: Vec<Entity> = data.iter().take(done).cloned().collect();
            let before = self.reference.clone();
            if self.reference.create_all(data).is_err() {
                self.reference = before;
            }
            return self.agree(
                "`create-all` has stored others than the ones before the `index` that it tells",
            );
        }
        self.reference = Reference::of(self.reference.model().clone(), stored);
        Ok(())
    }

    /// Compares all records.
    pub fn agree(&mut self, otherwise: &str) -> Checked {
        let name = self.reference.model().name.clone();
        let (rows, _) = must(
            "all",
            self.session
                .all(&name, &tenon_model::contract::Query::default()),
        )?;
        let mut stored = must("next", self.session.read(rows, PAGE))?;
        for record in &mut stored {
            complete(self.reference.model(), record);
        }
        if same_records(self.reference.records(), &stored) {
            return Ok(());
        }
        Err(Finding::new(otherwise)
            .differs(
                show::records(self.reference.records()),
                show::records(&stored),
            )
            .into())
    }

    /// The same failure after all that was done.
    fn with_steps(&self, stop: Stop) -> Stop {
        let steps = self.told.iter().rev();
        steps.fold(stop, |stop, step| stop.after(step))
    }
}

fn names(reference: &Reference) -> Vec<String> {
    reference
        .key_names()
        .into_iter()
        .map(str::to_owned)
        .collect()
}
