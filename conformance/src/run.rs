//! Running the checks, one after the other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use tenon_model::Model;

use crate::bench::{Bench, Names};
use crate::facts::Facts;
use crate::finding::{Checked, Finding, Stop};
use crate::kit::Progress;
use crate::list;
use crate::report::{CheckReport, Outcome, Report, Went};
use crate::subject::Subject;
use crate::suites::{self, Check};

/// A run over one connector.
pub struct Run {
    pub subject: Subject,
    pub seed: u64,
    pub cases: u32,
    pub only: Vec<String>,
    pub models: Vec<Model>,
    pub again: String,
    pub stop_early: bool,
    pub stop_when: Box<dyn Fn() -> bool + Send>,
    pub progress: Box<dyn Fn(Progress<'_>) + Send>,
}

impl Run {
    /// Runs the checks that are wanted and apply. What they make in a backend has that name in its name.
    pub fn all(&self, name: String) -> Report {
        let started = Instant::now();
        let names = Names::new(name);
        let mut report = Report::new(&self.subject, (self.seed, self.cases), &self.again);
        report.unchecked = suites::without_checks(&self.subject);
        report.notes = self.notes_on_names();
        let checks: Vec<&Check> = suites::all()
            .filter(|check| list::wants(&self.only, check.name))
            .filter(|check| check.applies_to(&self.subject))
            .collect();
        let count = checks.len() + 1;
        (self.progress)(Progress::Begins(list::BASICS.name, 0, count));
        let (mut first, facts) = self.facts(&names);
        // They are about the connector, and not about the check that came upon them.
        report.notes.append(&mut first.notes);
        let mut going_on = first.outcome != Outcome::Failed;
        self.ended(first, &mut report);
        for (place, check) in (1..).zip(checks) {
            if !going_on || (self.stop_when)() {
                going_on = false;
                report.not_run.push(check.name.to_owned());
                continue;
            }
            (self.progress)(Progress::Begins(check.name, place, count));
            let checked = self.one(check, &facts, &names);
            going_on = !(self.stop_early && checked.outcome == Outcome::Failed);
            self.ended(checked, &mut report);
        }
        report.finish(started.elapsed());
        report
    }

    fn ended(&self, checked: CheckReport, report: &mut Report) {
        (self.progress)(Progress::Ended(&checked));
        report.add(checked);
    }

    /// Names that were asked for, and that only checks have that don't apply.
    fn notes_on_names(&self) -> Vec<String> {
        let applies = |only: &&String| {
            let wanted = std::slice::from_ref(*only);
            list::wants(wanted, list::BASICS.name)
                || suites::all()
                    .filter(|check| list::wants(wanted, check.name))
                    .any(|check| check.applies_to(&self.subject))
        };
        let names = self.only.iter().filter(|only| !applies(only));
        names
            .map(|name| {
                format!(
                    "no check of `{name}` ran: the connector doesn't export what they are about"
                )
            })
            .collect()
    }

    /// What every check builds on, with a report of its own.
    fn facts(&self, names: &Names) -> (CheckReport, Facts) {
        let started = Instant::now();
        let nothing = Facts::default();
        let mut bench = self.bench(&nothing, names, &list::BASICS);
        let mut facts = Facts::default();
        let checked = guarded(|| {
            if self.subject.has(tenon_runtime::Capability::Crud) {
                facts = Facts::of(&mut bench)?;
                Ok(())
            } else {
                bench.session().map(drop)
            }
        });
        for note in &facts.notes {
            bench.note(note);
        }
        facts.models.clone_from(&self.models);
        let report = self.report(&list::BASICS, checked, bench, started);
        (report, facts)
    }

    fn one(&self, check: &Check, facts: &Facts, names: &Names) -> CheckReport {
        let started = Instant::now();
        let mut bench = self.bench(facts, names, check);
        let checked = if check.writes && !facts.writable {
            Err(Stop::skipped("the connector stores nothing of the kit's"))
        } else {
            guarded(|| (check.run)(&mut bench))
        };
        self.report(check, checked, bench, started)
    }

    fn bench<'k>(&'k self, facts: &'k Facts, names: &'k Names, check: &Check) -> Bench<'k> {
        let how = (self.seed, self.cases);
        Bench::new(&self.subject, facts, names, check.name, how)
    }

    fn report(
        &self,
        check: &Check,
        checked: Checked,
        bench: Bench<'_>,
        started: Instant,
    ) -> CheckReport {
        let mut cleaned = (Vec::new(), Vec::new());
        let end = guarded(|| {
            cleaned = bench.clean_up();
            Ok(())
        });
        let (notes, left) = cleaned;
        let went = Went {
            checked: checked.and(end),
            noticed: self.subject.take_noticed(),
            notes,
            left,
            elapsed: started.elapsed(),
        };
        CheckReport::new(check, went, &|text| self.subject.redact(text))
    }
}

/// Runs a check. Where the kit itself panics, that is what came of this check, and the others go on.
fn guarded(run: impl FnOnce() -> Checked) -> Checked {
    // Nothing that the panic may have left half done is used again: a bench is only cleaned up, with a new session.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        Err(Finding::new(format!(
            "the kit itself broke off, which is a mistake of the kit: {}",
            said(&*panic)
        ))
        .into())
    })
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it doesn't say why")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::panic, reason = "this is what it is about")]
    fn a_panic_of_the_kit_is_what_came_of_the_check() {
        let message = |checked: Checked| match checked {
            Err(Stop::Failed(finding)) => finding.message,
            other => format!("{other:?}"),
        };
        let told = message(guarded(|| panic!("no {}", "luck")));
        assert!(told.starts_with("the kit itself broke off"), "{told}");
        assert!(told.ends_with(": no luck"), "{told}");
        assert!(message(guarded(|| panic!("plain"))).ends_with(": plain"));
        assert_eq!(guarded(|| Ok(())), Ok(()));
        assert_eq!(guarded(|| Err(Stop::skipped("a"))), Err(Stop::skipped("a")));
    }
}
