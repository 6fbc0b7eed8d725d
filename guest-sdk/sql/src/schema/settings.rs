//! What a model's settings say to a relational connector. Names that are not known here are ignored, as the contract
//! has it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tenon_sdk::{Error, Model, Property, Reference, Result};

/// Of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct TableSettings {
    /// The table has no primary key and gets none: the model's is only what its records are told apart by.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keyless: bool,
}

impl TableSettings {
    /// A model's.
    ///
    /// # Errors
    /// `invalid` where a setting is not of its form.
    pub fn of(model: &Model) -> Result<Self> {
        read(model.settings.as_deref()).map_err(|error| error.context("its settings"))
    }

    /// As a model has them; none where there is nothing to say.
    pub fn to_text(&self) -> Option<String> {
        write(self)
    }
}

/// Of a property.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ColumnSettings {
    /// What its text is compared by, where that is not the exact order by code point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// An SQL expression that makes the value of a new record that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The SQL expression that the backend always computes the value by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// The values of an enumeration: told by `discover`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// Of a reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ReferenceSettings {
    /// What happens to a record whose other record is deleted; `no action` where nothing is said.
    #[serde(alias = "onDelete", skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<String>,
    /// The same where the other record's key changes.
    #[serde(alias = "onUpdate", skip_serializing_if = "Option::is_none")]
    pub on_update: Option<String>,
}

/// What a foreign key may do.
const ACTIONS: &[&str] = &[
    "no action",
    "restrict",
    "cascade",
    "set null",
    "set default",
];

impl ColumnSettings {
    /// A property's.
    ///
    /// # Errors
    /// `invalid` where a setting is not of its form.
    pub fn of(property: &Property) -> Result<Self> {
        read(property.settings.as_deref())
            .map_err(|error| error.context(format!("the settings of `{}`", property.name)))
    }

    /// As a model has them; none where there is nothing to say.
    pub fn to_text(&self) -> Option<String> {
        write(self)
    }
}

impl ReferenceSettings {
    /// A reference's.
    ///
    /// # Errors
    /// `invalid` where a setting is not of its form, or there is no such action.
    pub fn of(reference: &Reference) -> Result<Self> {
        let named = |error: Error| {
            error.context(format!(
                "the settings of the reference `{}`",
                reference.name
            ))
        };
        let mut settings: Self = read(reference.settings.as_deref()).map_err(named)?;
        for action in [&mut settings.on_delete, &mut settings.on_update] {
            let Some(text) = action else { continue };
            let known = text.to_lowercase().replace(['-', '_'], " ");
            if !ACTIONS.contains(&known.as_str()) {
                let actions = ACTIONS.join("`, `");
                return Err(named(Error::invalid(format!(
                    "{text:?} is nothing that a foreign key does: write one of `{actions}`"
                ))));
            }
            *text = known;
        }
        Ok(settings)
    }

    /// As a model has them; none where there is nothing to say.
    pub fn to_text(&self) -> Option<String> {
        write(self)
    }
}

fn read<T: DeserializeOwned + Default>(settings: Option<&str>) -> Result<T> {
    match settings {
        None => Ok(T::default()),
        Some(text) => serde_json::from_str(text).map_err(|error| Error::invalid(error.to_string())),
    }
}

fn write<T: Serialize + Default + PartialEq>(settings: &T) -> Option<String> {
    if *settings == T::default() {
        return None;
    }
    serde_json::to_string(settings).ok()
}
