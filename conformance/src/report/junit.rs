//! A report as JUnit's XML, in the form that CI systems read: a suite a theme, a case a check.

use std::fmt::Write as _;

use super::text::xml;
use super::{CheckReport, Failed, Outcome, Report};

impl Report {
    /// The report as JUnit's XML.
    pub fn to_junit(&self) -> String {
        let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        let all: Vec<&CheckReport> = self.checks.iter().collect();
        let name = format!("{} {}", self.connector, self.version);
        // Writing into a String can't fail.
        let _ = writeln!(
            out,
            "<testsuites name=\"{}\" {}>",
            xml(&name),
            counts(&all, self.seconds)
        );
        for (theme, checks) in self.by_theme() {
            self.suite(theme, &checks, &mut out);
        }
        out.push_str("</testsuites>\n");
        out
    }

    fn suite(&self, theme: &str, checks: &[&CheckReport], out: &mut String) {
        let seconds = checks.iter().map(|check| check.seconds).sum();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" {}>\n    <properties>",
            xml(theme),
            counts(checks, seconds)
        );
        let properties = [
            ("connector", self.connector.clone()),
            ("version", self.version.clone()),
            ("digest", self.digest.clone()),
            ("seed", self.seed.to_string()),
            ("cases", self.cases.to_string()),
        ];
        for (name, value) in properties {
            let _ = writeln!(
                out,
                "      <property name=\"{name}\" value=\"{}\"/>",
                xml(&value)
            );
        }
        out.push_str("    </properties>\n");
        for check in checks {
            self.case(check, out);
        }
        out.push_str("  </testsuite>\n");
    }

    fn case(&self, check: &CheckReport, out: &mut String) {
        let _ = write!(
            out,
            "    <testcase name=\"{}\" classname=\"{}.{}\" time=\"{:.3}\"",
            xml(&check.name),
            xml(&self.connector),
            xml(check.theme()),
            check.seconds
        );
        if check.outcome == Outcome::Passed && check.notes.is_empty() {
            out.push_str("/>\n");
            return;
        }
        out.push_str(">\n");
        if check.outcome == Outcome::Skipped {
            let reason = check.reason.as_deref().unwrap_or_default();
            let _ = writeln!(out, "      <skipped message=\"{}\"/>", xml(reason));
        }
        // Some readers show one failure of a case, so there is one with everything in it.
        if let Some(first) = check.failures.first() {
            let more = match check.failures.len() {
                1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            let _ = writeln!(
                out,
                "      <failure message=\"{}\" type=\"tenon.conformance\">{}</failure>",
                xml(&format!("{}{more}", first.message)),
                xml(&self.told(check))
            );
        }
        if !check.notes.is_empty() {
            let _ = writeln!(
                out,
                "      <system-out>{}</system-out>",
                xml(&check.notes.join("\n"))
            );
        }
        out.push_str("    </testcase>\n");
    }

    /// Everything about a check that failed, in lines.
    fn told(&self, check: &CheckReport) -> String {
        let mut text = format!("has to hold: {}\n", check.about);
        for failed in &check.failures {
            text.push('\n');
            tell(failed, &mut text);
        }
        let _ = write!(text, "\nrun it again: {}", self.again(&check.name));
        text
    }
}

fn tell(failed: &Failed, text: &mut String) {
    let _ = writeln!(text, "{}", failed.message);
    for (number, step) in (1..).zip(&failed.steps) {
        let _ = writeln!(text, "  {number}. {}", step.replace('\n', "\n     "));
    }
    let sides = [("expected", &failed.expected), ("seen    ", &failed.seen)];
    for (side, value) in sides {
        if let Some(value) = value {
            let _ = writeln!(text, "{side}  {}", value.replace('\n', "\n          "));
        }
    }
}

fn counts(checks: &[&CheckReport], seconds: f64) -> String {
    let count = |outcome| {
        let ended = checks.iter().filter(|check| check.outcome == outcome);
        ended.count()
    };
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{seconds:.3}\"",
        checks.len(),
        count(Outcome::Failed),
        count(Outcome::Skipped)
    )
}
