//! A report for a person.

use std::fmt;

use super::text::{line, lines};
use super::{CheckReport, Failed, Outcome, Report, counted, grouped};

/// A report as a terminal shows it, or, without colours, a log.
#[derive(Clone, Copy, Debug)]
pub struct Terminal<'r> {
    report: &'r Report,
    colour: bool,
    everything: bool,
}

/// How long a line of names is at most, about.
const WIDTH: usize = 90;

/// What is set off.
#[derive(Clone, Copy)]
enum Paint {
    Bold,
    Good,
    Bad,
    Faint,
}

impl Report {
    /// The report for a person.
    pub const fn terminal(&self, colour: bool) -> Terminal<'_> {
        Terminal {
            report: self,
            colour,
            everything: false,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.terminal(false).fmt(f)
    }
}

impl fmt::Display for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.header(f)?;
        self.counts(f)?;
        for check in self.report.failed() {
            self.failed(check, f)?;
        }
        self.skipped(f)?;
        self.notes(f)?;
        self.verdict(f)
    }
}

impl Terminal<'_> {
    /// Also lists every check, not only how many of each theme passed.
    #[must_use]
    pub const fn everything(mut self) -> Self {
        self.everything = true;
        self
    }

    fn paint(&self, paint: Paint, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => "1",
            Paint::Good => "32",
            Paint::Bad => "1;31",
            Paint::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let name = line(&format!("{} {}", report.connector, report.version));
        writeln!(f, "{}", self.paint(Paint::Bold, &name))?;
        let capabilities = match report.capabilities.as_slice() {
            [] => "none".to_owned(),
            some => some.join(", "),
        };
        writeln!(f, "  component     {}", line(&report.digest))?;
        writeln!(f, "  capabilities  {}", line(&capabilities))?;
        writeln!(f, "  seed          {}", report.seed)?;
        writeln!(f, "  cases         {}", report.cases)
    }

    /// How much of each theme passed, or every check of it.
    fn counts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let themes = self.report.by_theme();
        let width = themes.iter().map(|(theme, _)| theme.chars().count()).max();
        let width = width.unwrap_or_default();
        writeln!(f)?;
        for (theme, checks) in &themes {
            writeln!(f, "{theme:<width$}  {}", self.tally(checks))?;
            if !self.everything {
                continue;
            }
            for check in checks {
                let outcome = match check.outcome {
                    Outcome::Passed => self.paint(Paint::Good, "ok     "),
                    Outcome::Failed => self.paint(Paint::Bad, "FAILED "),
                    Outcome::Skipped => self.paint(Paint::Faint, "skipped"),
                };
                writeln!(f, "  {outcome}  {}: {}", check.name, check.about)?;
            }
        }
        Ok(())
    }

    fn tally(&self, checks: &[&CheckReport]) -> String {
        let kinds = [
            (Outcome::Passed, "passed", Paint::Good),
            (Outcome::Failed, "failed", Paint::Bad),
            (Outcome::Skipped, "skipped", Paint::Faint),
        ];
        let counted = kinds.into_iter().filter_map(|(outcome, word, paint)| {
            let ended = checks.iter().filter(|check| check.outcome == outcome);
            match ended.count() {
                0 => None,
                count => Some(self.paint(paint, &format!("{count} {word}"))),
            }
        });
        counted.collect::<Vec<_>>().join(", ")
    }

    fn failed(&self, check: &CheckReport, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.paint(Paint::Bad, &format!("FAILED  {}", check.name));
        writeln!(f, "\n{name}")?;
        writeln!(f, "  has to hold: {}", line(&check.about))?;
        for failed in &check.failures {
            writeln!(f)?;
            self.failure(failed, f)?;
        }
        writeln!(f, "\n  run it again:")?;
        writeln!(f, "    {}", line(&self.report.again(&check.name)))
    }

    fn failure(&self, failed: &Failed, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = indented(&failed.message, "  ");
        writeln!(f, "  {}", self.paint(Paint::Bold, &message))?;
        let width = failed.steps.len().to_string().len();
        for (number, step) in (1..).zip(&failed.steps) {
            let step = indented(step, &" ".repeat(6 + width));
            writeln!(f, "    {number:>width$}. {step}")?;
        }
        let sides = [("expected", &failed.expected), ("seen", &failed.seen)];
        for (side, value) in sides {
            if let Some(value) = value {
                writeln!(f, "  {side:<8}  {}", indented(value, "            "))?;
            }
        }
        Ok(())
    }

    /// What was skipped, under the reasons.
    fn skipped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.report.of(Outcome::Skipped);
        let reasons = grouped(skipped.map(|check| {
            let reason = check.reason.as_deref().unwrap_or_default();
            (reason, check)
        }));
        if !reasons.is_empty() {
            writeln!(f, "\n{}", self.paint(Paint::Bold, "Skipped"))?;
        }
        for (reason, checks) in reasons {
            writeln!(f, "  {}", indented(reason, "  "))?;
            for line in wrapped(&names(&checks)) {
                writeln!(f, "    {}", self.paint(Paint::Faint, &line))?;
            }
        }
        Ok(())
    }

    fn notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let general = report.notes.iter().map(|note| ("", note));
        let of_checks = report.checks.iter().flat_map(|check| {
            let notes = check.notes.iter();
            notes.map(|note| (check.name.as_str(), note))
        });
        let notes: Vec<_> = general.chain(of_checks).collect();
        if !notes.is_empty() {
            writeln!(
                f,
                "\n{}",
                self.paint(Paint::Bold, "Noticed, and neither right nor wrong")
            )?;
        }
        for (check, note) in notes {
            let about = if check.is_empty() { "" } else { ": " };
            writeln!(f, "  {check}{about}{}", indented(note, "    "))?;
        }
        if !report.unchecked.is_empty() {
            writeln!(
                f,
                "\nNot checked: {}. The connector exports that, and this version of the kit has no checks of it.",
                line(&report.unchecked.join(", "))
            )?;
        }
        Ok(())
    }

    fn verdict(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let (passed, failed) = (report.count(Outcome::Passed), report.count(Outcome::Failed));
        let skipped = report.count(Outcome::Skipped);
        writeln!(f)?;
        if !report.not_run.is_empty() {
            writeln!(
                f,
                "The run ended early: {} did not run.",
                counted(report.not_run.len(), "check")
            )?;
        }
        let verdict = match failed {
            0 => self.paint(Paint::Good, "PASSED"),
            _ => self.paint(Paint::Bad, "FAILED"),
        };
        let seconds = report.seconds;
        writeln!(
            f,
            "{verdict}: {} passed, {failed} failed, {skipped} skipped, in {seconds:.1} s",
            counted(passed, "check"),
        )
    }
}

/// The checks' names; where there are several of a theme, how many.
fn names(checks: &[&CheckReport]) -> Vec<String> {
    let themes = grouped(checks.iter().map(|check| (check.theme(), *check)));
    let names = themes
        .iter()
        .map(|(theme, checks)| match checks.as_slice() {
            [only] => only.name.clone(),
            several => format!("{} of {theme}", several.len()),
        });
    names.collect()
}

/// Names with commas between them, in lines.
fn wrapped(names: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() < WIDTH => {
                line.push_str(", ");
                line.push_str(name);
            }
            _ => lines.push(name.clone()),
        }
    }
    lines
}

/// The text with its lines under each other.
fn indented(text: &str, indent: &str) -> String {
    lines(text).replace('\n', &format!("\n{indent}"))
}
