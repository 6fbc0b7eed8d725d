//! Settings against the JSON Schema (2020-12) that a connector's manifest has for them.
//!
//! All failures are reported at once, each with its path, and no message has a setting's value in it: any of
//! them may be a secret. The schema is untrusted: it refers to nothing outside itself, and what it can cost
//! is bounded before it is used.

mod bounds;
mod explain;
mod write_only;

use jsonschema::{Draft, PatternOptions, Retrieve, Uri, Validator};
use serde_json::Value as Json;
use tenon_model::Problems;

use crate::error::{Error, ErrorKind, Result};
use crate::secrets::{ResolvedSettings, Secrets};

/// A regular expression of a schema, compiled, in bytes. They match in linear time.
const MAX_PATTERN: usize = 256 * 1024;

/// A person reads no more than this many failures.
const MAX_FAILURES: usize = 100;

/// A schema of settings, ready to check some.
pub(crate) struct SettingsSchema {
    schema: Json,
    validator: Validator,
}

impl SettingsSchema {
    /// Takes a connector's schema.
    ///
    /// # Errors
    /// Why it can't be used, for the connector's author.
    pub fn new(schema: &Json) -> Result<Self, String> {
        bounds::check(schema)?;
        let mut schema = schema.clone();
        if let Json::Object(keywords) = &mut schema {
            // A name of its own would only change what references in it mean.
            keywords.remove("$id");
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_retriever(Nothing)
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN))
            .build(&schema)
            .map_err(|error| {
                let place = error.instance_path().as_str();
                let place = if place.is_empty() { "the whole" } else { place };
                format!("is no JSON Schema (2020-12), at {place}: {error}")
            })?;
        Ok(Self { schema, validator })
    }

    /// Checks settings.
    ///
    /// # Errors
    /// Every failure, with the setting's path.
    pub fn check(&self, settings: &ResolvedSettings) -> Result<(), Problems> {
        let mut problems = Problems::new();
        for error in self
            .validator
            .iter_errors(settings.as_json())
            .take(MAX_FAILURES)
        {
            explain::explain(&error, settings.as_json(), &self.schema, &mut problems);
        }
        problems.none_or(())
    }

    /// Remembers the settings that the schema calls `writeOnly`, which are secrets wherever they came from.
    pub fn remember_secrets(&self, settings: &ResolvedSettings, secrets: &mut Secrets) {
        write_only::remember(&self.schema, settings.as_json(), secrets);
    }
}

/// Checks settings against a connector's schema, and remembers those that it calls secret.
///
/// # Errors
/// `configuration` with every failure in the settings, `backend` where the schema can't be used.
pub(crate) fn check(
    schema: &Json,
    settings: &ResolvedSettings,
    secrets: &mut Secrets,
) -> Result<()> {
    let schema = SettingsSchema::new(schema).map_err(|reason| {
        Error::new(
            ErrorKind::Backend,
            format!("the connector's schema of its settings {reason}"),
        )
    })?;
    schema.remember_secrets(settings, secrets);
    schema.check(settings).map_err(|problems| {
        Error::with_problems(ErrorKind::Configuration, "its settings are wrong", problems)
    })
}

/// Finds no document for any reference.
struct Nothing;

impl Retrieve for Nothing {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("a schema can't refer to {uri}, which is outside it").into())
    }
}

#[cfg(test)]
mod tests;
