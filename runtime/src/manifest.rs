//! What a connector says of itself, checked: it is untrusted text until it is one of these.

use serde::{Deserialize, Serialize};
use tenon_model::{Problems, PropertyType};

use crate::bindings::exports::tenon::connector::lifecycle;
use crate::error::printable;
use crate::names::ConnectorName;
use crate::settings::SettingsSchema;

/// The longest description, annotation or category that is kept, in characters.
const MAX_TEXT: usize = 4_000;

/// The most annotations that are kept.
const MAX_ANNOTATIONS: usize = 32;

/// The longest settings schema, in bytes.
const MAX_SCHEMA: usize = 256 * 1024;

/// How many sessions a data source of a connector may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// Exactly one, whose calls take turns: the data live in it.
    Exclusive,
    /// A pool: each is one session with the backend.
    Pooled,
}

impl std::fmt::Display for Sharing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Exclusive => "exclusive",
            Self::Pooled => "pooled",
        })
    }
}

/// What a connector says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// Its name: lower case, as in `postgres`.
    pub name: ConnectorName,
    /// Its semantic version.
    pub version: semver::Version,
    /// One line for people.
    pub description: String,
    /// For catalogues: `database`, `service`, `mail`, or another.
    pub category: String,
    /// How many sessions a data source may have.
    pub sharing: Sharing,
    /// A session can serve other calls while one of its cursors is open.
    pub interleaving: bool,
    /// The kind of key that it makes for a model that declares none; none where the runtime has to.
    pub generated_key: Option<PropertyType>,
    /// It keeps properties that a model does not declare.
    pub keeps_undeclared: bool,
    /// The JSON Schema (2020-12) of its settings.
    pub settings_schema: serde_json::Value,
    /// More, by name: `license`, `homepage`, `documentation`.
    pub annotations: Vec<(String, String)>,
}

impl Manifest {
    /// Checks what `describe` returned.
    ///
    /// # Errors
    /// Everything that is wrong with it, by field.
    pub(crate) fn check(described: lifecycle::Manifest) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let name = ConnectorName::new(&described.name)
            .map_err(|cause| problems.push("name", cause.to_string()));
        let version = semver::Version::parse(&described.version).map_err(|cause| {
            problems.push(
                "version",
                format!(
                    "{:?} is no semantic version ({cause}); write it as in `0.1.0`",
                    printable(&described.version)
                ),
            );
        });
        let settings_schema = check_schema(&described.settings_schema)
            .map_err(|cause| problems.push("settings-schema", cause));
        if described.annotations.len() > MAX_ANNOTATIONS {
            problems.push("annotations", format!("more than {MAX_ANNOTATIONS}"));
        }
        for (field, text) in [
            ("description", &described.description),
            ("category", &described.category),
        ]
        .into_iter()
        .chain(
            described
                .annotations
                .iter()
                .flat_map(|(name, text)| [("annotations", name), ("annotations", text)]),
        ) {
            if text.chars().count() > MAX_TEXT {
                problems.push(field, format!("longer than {MAX_TEXT} characters"));
            }
        }
        match (name, version, settings_schema) {
            (Ok(name), Ok(version), Ok(settings_schema)) if problems.is_empty() => Ok(Self {
                name,
                version,
                description: printable(&described.description),
                category: printable(&described.category),
                sharing: match described.sharing {
                    lifecycle::Sharing::Exclusive => Sharing::Exclusive,
                    lifecycle::Sharing::Pooled => Sharing::Pooled,
                },
                interleaving: described.interleaving,
                generated_key: described.generated_key,
                keeps_undeclared: described.keeps_undeclared,
                settings_schema,
                annotations: described
                    .annotations
                    .iter()
                    .map(|(name, text)| (printable(name), printable(text)))
                    .collect(),
            }),
            _ => Err(problems),
        }
    }
}

fn check_schema(text: &str) -> Result<serde_json::Value, String> {
    if text.len() > MAX_SCHEMA {
        return Err(format!("longer than {MAX_SCHEMA} bytes"));
    }
    let schema: serde_json::Value =
        serde_json::from_str(text).map_err(|cause| format!("is no JSON: {cause}"))?;
    SettingsSchema::new(&schema)?;
    Ok(schema)
}
