//! A report as JSON, for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::text::is_hidden;
use super::{Outcome, Report};

impl Report {
    /// The report as JSON: everything that it has, and a `summary` with the verdict and the counts.
    pub fn to_json(&self) -> String {
        // Its names are texts and its numbers finite, so this is always an object.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(members) = &mut value {
            members.insert("summary".to_owned(), self.summary());
        }
        let mut text = visible(&format!("{value:#}"));
        text.push('\n');
        text
    }

    /// The report that [`to_json`](Self::to_json) has written.
    ///
    /// # Errors
    /// What is missing in it, or no JSON.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    fn summary(&self) -> Value {
        json!({
            "verdict": if self.passed() { "passed" } else { "failed" },
            "checks": self.checks.len(),
            "passed": self.count(Outcome::Passed),
            "failed": self.count(Outcome::Failed),
            "skipped": self.count(Outcome::Skipped),
            "not-run": self.not_run.len(),
        })
    }
}

/// The same JSON with escapes for what a terminal would obey.
fn visible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter != '\n' && is_hidden(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing into a String can't fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(letter);
        }
    }
    text
}
