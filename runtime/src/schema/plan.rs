//! A plan: the steps that would bring a data source's collections to its models, and the digest by which somebody
//! consents to exactly these.
//!
//! The digest is over the steps as the connector sent them, since that is what it is asked to take; what a person
//! sees of them is free of control characters and secrets, and never cut.

use sha2::{Digest as _, Sha256};

use super::danger::{self, Danger};
use crate::error::{Error, ErrorKind, Result};
use crate::names::DataSourceName;
use crate::pool::Pool;
use crate::reference::Digest;
use crate::session::ContractStep;

/// More steps than this nobody reads.
const MOST_STEPS: usize = 10_000;

/// More bytes of steps than this nobody reads: descriptions, commands and all.
const MOST_BYTES: usize = 4 << 20;

/// The longest kind or name.
const LONGEST_NAME: usize = 1_024;

/// One change of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaStep {
    /// `create-collection`, `add-column`, `alter-column`, `drop-column`, `create-index`, `drop-index`,
    /// `add-reference`, `drop-reference`, or another.
    pub kind: String,
    /// The collection that it changes, in the backend's own words.
    pub collection: String,
    /// The column, index or reference.
    pub name: Option<String>,
    /// From what, to what.
    pub description: String,
    /// The backend's own commands for it; a line break in one stays.
    pub commands: Vec<String>,
    /// Why it can lose data, if it can.
    pub danger: Option<Danger>,
}

impl SchemaStep {
    /// Whether it can lose data: as the connector says, or as the runtime judges it.
    pub fn is_destructive(&self) -> bool {
        self.danger.is_some()
    }
}

impl std::fmt::Display for SchemaStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.collection)?;
        if let Some(name) = &self.name {
            write!(f, ".{name}")?;
        }
        if !self.description.is_empty() {
            write!(f, ": {}", self.description)?;
        }
        Ok(())
    }
}

/// The steps that would bring a data source's collections to its models; none where they match.
#[derive(Clone, Debug)]
pub struct SchemaPlan {
    source: DataSourceName,
    models: Vec<String>,
    steps: Vec<SchemaStep>,
    raw: Vec<ContractStep>,
    digest: Digest,
}

impl SchemaPlan {
    /// The plan that a connector has sent.
    ///
    /// # Errors
    /// `backend` where it is larger than anybody could read.
    pub(super) fn new(
        source: &DataSourceName,
        models: Vec<String>,
        raw: Vec<ContractStep>,
        pool: &Pool,
    ) -> Result<Self> {
        check_size(&raw)?;
        let steps = raw.iter().map(|step| shown(step, pool)).collect();
        Ok(Self {
            digest: digest(source, &models, &raw),
            source: source.clone(),
            models,
            steps,
            raw,
        })
    }

    /// The data source.
    pub fn source(&self) -> &DataSourceName {
        &self.source
    }

    /// The models that it is for.
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// The steps, in their order.
    pub fn steps(&self) -> &[SchemaStep] {
        &self.steps
    }

    /// What consents to exactly this plan.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Whether the collections match their models.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The steps that can lose data.
    pub fn destructive(&self) -> impl Iterator<Item = &SchemaStep> {
        self.steps.iter().filter(|step| step.is_destructive())
    }

    pub(super) fn raw(&self) -> Vec<ContractStep> {
        self.raw.clone()
    }
}

/// The step as a person sees it.
fn shown(step: &ContractStep, pool: &Pool) -> SchemaStep {
    let line = |text: &str| pool.clean(&text.replace(char::is_control, " "));
    let lines = |text: &str| {
        let text = text.replace("\r\n", "\n");
        pool.clean(&text.replace(|char: char| char != '\n' && char.is_control(), " "))
    };
    SchemaStep {
        kind: line(&step.kind),
        collection: line(&step.collection),
        name: step.name.as_deref().map(line),
        description: line(&step.description),
        commands: step.commands.iter().map(|command| lines(command)).collect(),
        danger: danger::of(&step.kind, &step.commands, step.destructive),
    }
}

fn check_size(steps: &[ContractStep]) -> Result<()> {
    let too_large = |what: String| {
        Error::new(
            ErrorKind::Backend,
            format!("the connector's plan is more than anybody could read: {what}"),
        )
        .remedy("plan for fewer models at once, or report this to the connector's author")
    };
    if steps.len() > MOST_STEPS {
        return Err(too_large(format!("it has {} steps", steps.len())));
    }
    let mut bytes = 0;
    for (number, step) in (1..).zip(steps) {
        let names = [Some(&step.kind), Some(&step.collection), step.name.as_ref()];
        for name in names.into_iter().flatten() {
            if name.len() > LONGEST_NAME {
                return Err(too_large(format!(
                    "its step {number} has a name of {} bytes",
                    name.len()
                )));
            }
            bytes += name.len();
        }
        // A command takes a line, also where it is empty.
        let commands = step.commands.iter().map(|command| command.len() + 1);
        bytes += step.description.len() + commands.sum::<usize>();
    }
    if bytes > MOST_BYTES {
        return Err(too_large(format!("it has {bytes} bytes")));
    }
    Ok(())
}

/// The digest of a plan: of its data source, its models and its steps, each text with its length before it.
fn digest(source: &DataSourceName, models: &[String], steps: &[ContractStep]) -> Digest {
    let mut form = Form(Sha256::new());
    form.text("tenon schema plan 1");
    form.text(source.as_str());
    form.list(models);
    form.number(steps.len());
    for step in steps {
        form.text(&step.kind);
        form.text(&step.collection);
        form.number(usize::from(step.name.is_some()));
        form.text(step.name.as_deref().unwrap_or_default());
        form.text(&step.description);
        form.list(&step.commands);
        form.number(usize::from(step.destructive));
    }
    Digest::from_sha256(form.0.finalize().into())
}

struct Form(Sha256);

impl Form {
    fn number(&mut self, number: usize) {
        self.0.update((number as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.update(text);
    }

    fn list(&mut self, texts: &[String]) {
        self.number(texts.len());
        for text in texts {
            self.text(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: Option<&str>, commands: &[&str]) -> ContractStep {
        ContractStep {
            kind: "add-column".to_owned(),
            collection: "a".to_owned(),
            name: name.map(str::to_owned),
            description: String::new(),
            commands: commands.iter().map(|text| (*text).to_owned()).collect(),
            destructive: false,
        }
    }

    #[test]
    fn plans_that_differ_in_anything_have_different_digests() {
        let source = DataSourceName::new("db").unwrap();
        let destructive = ContractStep {
            destructive: true,
            ..step(None, &[])
        };
        let model = vec!["A".to_owned()];
        let plans = [
            (vec![], vec![]),
            (model.clone(), vec![]),
            (vec![], vec![step(None, &[])]),
            (vec![], vec![step(Some(""), &[])]),
            (vec![], vec![step(Some("b"), &["c"])]),
            (vec![], vec![step(Some(""), &["bc"])]),
            (vec![], vec![step(Some(""), &["b", "c"])]),
            (vec![], vec![step(Some(""), &["b\u{0}c"])]),
            (vec![], vec![step(None, &[]), step(None, &[])]),
            (vec![], vec![destructive]),
        ];
        let digests: std::collections::BTreeSet<Digest> = plans
            .iter()
            .map(|(models, steps)| digest(&source, models, steps))
            .collect();
        assert_eq!(digests.len(), plans.len());
        let other = DataSourceName::new("other").unwrap();
        assert_ne!(digest(&source, &[], &[]), digest(&other, &[], &[]));
    }

    #[test]
    fn a_plan_that_nobody_could_read_is_refused() {
        check_size(&[step(Some("b"), &["c"])]).unwrap();
        assert!(check_size(&vec![step(None, &[]); MOST_STEPS + 1]).is_err());
        assert!(check_size(&[step(Some(&"b".repeat(LONGEST_NAME + 1)), &[])]).is_err());
        assert!(check_size(&[step(None, &vec![""; MOST_BYTES + 1])]).is_err());
        assert!(check_size(&[step(None, &[&"x".repeat(MOST_BYTES)])]).is_err());
    }
}
