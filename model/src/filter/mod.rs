//! Filters: which records. A tree here, a flat list on the wire, LoopBack's JSON for people.
//!
//! `docs/filters.md` has the whole meaning. Filters come from outside, so their size is bounded by the
//! constants here wherever one is read: from JSON, from a connector's side of the contract, for a [`Matcher`].

mod check;
mod fold;
mod like;
mod matcher;
mod name;
mod near;
mod nodes;
mod operators;
mod parse;
mod path;
mod predicate;
mod print;
mod regexp;
mod resolver;
mod shape;

pub(crate) use check::no_relation;
pub use matcher::{Matcher, MatcherError};
pub(crate) use name::{name_and_path, written_name};
pub(crate) use near::Centre;
pub use near::EARTH_RADIUS_METRES;
pub(crate) use path::Path;
pub(crate) use resolver::{Resolver, Sight};

use crate::contract::{Comparison, Condition, Extension, Value};

/// How deep a filter may be nested: beyond it lies no meaning that anyone can follow, and every walk over a
/// filter is recursive.
pub const MAX_DEPTH: usize = 64;

/// How many conditions and groups a filter may have.
pub const MAX_NODES: usize = 10_000;

/// How many operands a filter's conditions may have together; long lists belong to `inq`.
pub const MAX_OPERANDS: usize = 100_000;

/// How many steps a condition's path may have.
pub const MAX_PATH: usize = 64;

/// How many bytes a pattern of `like` or `matches` may have: it is tried at every place of every text.
pub const MAX_PATTERN: usize = 4096;

/// How many relations a filter may follow: each is a query of its own.
pub const MAX_RELATED: usize = 100;

/// Which records a query is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// A comparison.
    Condition(Condition),
    /// All of them; of none, true: every record.
    AllOf(Vec<Filter>),
    /// Any of them; of none, false: no record.
    AnyOf(Vec<Filter>),
    /// None of them; of none, true.
    NoneOf(Vec<Filter>),
    /// A backend's own condition.
    Extension(Extension),
    /// A condition on related records. The runtime rewrites it into conditions on keys before it judges a
    /// record or asks a connector.
    Related {
        /// The relation's name.
        relation: String,
        /// How many of the related records it asks for.
        quantifier: Quantifier,
        /// What it asks of each, in the related model's terms.
        filter: Box<Filter>,
    },
}

/// How many of a record's related records a filter asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// At least one matches.
    Some,
    /// None matches; true where there are none.
    None,
    /// Each one matches; true where there are none.
    Every,
}

impl Quantifier {
    /// Every quantifier.
    pub const ALL: [Self; 3] = [Self::Some, Self::None, Self::Every];

    /// Its word in a filter's JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Some => "some",
            Self::None => "none",
            Self::Every => "every",
        }
    }

    /// The quantifier of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::all()
    }
}

impl Filter {
    /// Every record.
    pub const fn all() -> Self {
        Self::AllOf(Vec::new())
    }

    /// Whether it is the filter that matches every record without a look at it.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::AllOf(parts) if parts.is_empty())
    }

    /// A comparison of a property with one operand.
    pub fn compare(
        property: impl Into<String>,
        comparison: Comparison,
        operand: impl Into<Value>,
    ) -> Self {
        Self::Condition(Condition {
            property: property.into(),
            path: Vec::new(),
            comparison,
            operands: vec![operand.into()],
        })
    }

    /// The property equals the operand.
    pub fn equal(property: impl Into<String>, operand: impl Into<Value>) -> Self {
        Self::compare(property, Comparison::Equal, operand)
    }

    /// The property equals one of the operands.
    pub fn one_of<V: Into<Value>>(
        property: impl Into<String>,
        operands: impl IntoIterator<Item = V>,
    ) -> Self {
        Self::Condition(Condition {
            property: property.into(),
            path: Vec::new(),
            comparison: Comparison::OneOf,
            operands: operands.into_iter().map(Into::into).collect(),
        })
    }

    /// Both this and the other.
    #[must_use]
    pub fn and(self, other: Filter) -> Self {
        match (self, other) {
            (Self::AllOf(mut parts), other) => {
                parts.push(other);
                Self::AllOf(parts)
            }
            (first, second) => Self::AllOf(vec![first, second]),
        }
    }

    /// The filters that this one is made of.
    pub fn parts(&self) -> &[Filter] {
        match self {
            Self::AllOf(parts) | Self::AnyOf(parts) | Self::NoneOf(parts) => parts,
            Self::Condition(_) | Self::Extension(_) | Self::Related { .. } => &[],
        }
    }

    /// The records that have related ones which match so.
    pub fn related(relation: impl Into<String>, quantifier: Quantifier, filter: Filter) -> Self {
        Self::Related {
            relation: relation.into(),
            quantifier,
            filter: Box::new(filter),
        }
    }

    /// Whether a part of it is about related records.
    pub fn has_related(&self) -> bool {
        matches!(self, Self::Related { .. }) || self.parts().iter().any(Filter::has_related)
    }

    /// Every property of the model itself that it names, once each, in the order they are first named.
    pub fn properties(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect_properties(&mut names);
        names
    }

    fn collect_properties<'a>(&'a self, names: &mut Vec<&'a str>) {
        let named = match self {
            Self::Condition(condition) => Some(condition.property.as_str()),
            Self::Extension(extension) => Some(extension.property.as_str()),
            _ => None,
        };
        if let Some(name) = named.filter(|name| !names.contains(name)) {
            names.push(name);
        }
        for part in self.parts() {
            part.collect_properties(names);
        }
    }

    /// The `near` that orders the records where a query has no order: the first one, but for those within a
    /// `nor`, which are far by what they say.
    pub fn near(&self) -> Option<&Condition> {
        match self {
            Self::Condition(condition) => {
                (condition.comparison == Comparison::Near).then_some(condition)
            }
            Self::AllOf(parts) | Self::AnyOf(parts) => parts.iter().find_map(Filter::near),
            Self::NoneOf(_) | Self::Extension(_) | Self::Related { .. } => None,
        }
    }
}

impl From<Condition> for Filter {
    fn from(condition: Condition) -> Self {
        Self::Condition(condition)
    }
}
