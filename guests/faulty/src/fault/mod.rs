//! The faults: each by its name, with a sentence and its theme. The list is in [`list`].

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

/// What a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Theme {
    /// Which records a filter matches.
    Filter,
    /// In which order they come.
    Order,
    /// Limits, cursors, pages and fields.
    Pages,
    /// What becomes of a value.
    Values,
    /// What becomes of records.
    Writes,
    /// What a call that fails says, and has done.
    Errors,
    /// The life of a session.
    Lifecycle,
    /// Find-or-write.
    Upserts,
    /// Transactions.
    Transactions,
    /// Collections themselves.
    Schema,
    /// Groups.
    Aggregates,
    /// Read models: states, tables, locks.
    ReadModels,
}

impl Theme {
    /// Its name, for a table of faults.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Order => "order",
            Self::Pages => "pages",
            Self::Values => "values",
            Self::Writes => "writes",
            Self::Errors => "errors",
            Self::Lifecycle => "lifecycle",
            Self::Upserts => "upserts",
            Self::Transactions => "transactions",
            Self::Schema => "schema",
            Self::Aggregates => "aggregates",
            Self::ReadModels => "read-models",
        }
    }
}

macro_rules! faults {
    ($($theme:ident { $(#[doc = $about:literal] $case:ident $name:literal)+ })+) => {
        /// A fault that a setting switches on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[doc = $about] $case,)+)+
        }

        impl Fault {
            /// Every fault, theme by theme.
            pub const ALL: &'static [Self] = &[$($(Self::$case,)+)+];

            /// Its name, as the setting takes it.
            pub const fn name(self) -> &'static str {
                match self {
                    $($(Self::$case => $name,)+)+
                }
            }

            /// What it does, in a sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $($(Self::$case => $about,)+)+
                }
                .trim()
            }

            /// What it is about.
            pub const fn theme(self) -> Theme {
                match self {
                    $($(Self::$case => Theme::$theme,)+)+
                }
            }
        }
    };
}

mod list;

pub use list::Fault;

/// The fault that is switched on, if any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Planted(pub(crate) Option<Fault>);

impl Planted {
    /// Whether it is this one.
    pub(crate) fn is(self, fault: Fault) -> bool {
        self.0 == Some(fault)
    }

    /// Whether it is one of these.
    pub(crate) fn is_any(self, faults: &[Fault]) -> bool {
        self.0.is_some_and(|fault| faults.contains(&fault))
    }
}

impl Fault {
    /// The fault of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|fault| fault.name()).collect();
            let hint = tenon_model::closest(&name, names.iter().copied())
                .map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            serde::de::Error::custom(format!(
                "there is no fault `{name}`{hint} There are {}",
                names.join(", ")
            ))
        })
    }
}

impl JsonSchema for Fault {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Fault".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|fault| fault.name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}
