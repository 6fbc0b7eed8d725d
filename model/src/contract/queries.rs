//! Queries and filters as they travel: a filter's tree is flattened, since WIT has no recursive types.

#[cfg(feature = "wire")]
use wasmtime::component::{ComponentType, Lift, Lower};

use super::{SortKey, Value};

contract_enum! {
    /// What a condition asks of a property. `docs/filters.md` has the whole meaning of each.
    pub enum Comparison {
        /// The same; null and absent are one value.
        Equal = "equal",
        /// Not `equal`.
        NotEqual = "not-equal",
        /// Greater than the operand.
        Greater = "greater",
        /// Greater than the operand, or equal.
        GreaterOrEqual = "greater-or-equal",
        /// Less than the operand.
        Less = "less",
        /// Less than the operand, or equal.
        LessOrEqual = "less-or-equal",
        /// Two operands, both inclusive.
        Between = "between",
        /// Equal to one of the operands; of none, false.
        OneOf = "one-of",
        /// Equal to none of the operands; of none, true.
        NotOneOf = "not-one-of",
        /// An array that has an element equal to the operand.
        Contains = "contains",
        /// A pattern for the whole text: `%` any run, `_` any one character, `\` escapes.
        Like = "like",
        /// A text that isn't `like` the pattern.
        NotLike = "not-like",
        /// As `like`, with Unicode's simple case folding.
        Ilike = "ilike",
        /// A text that isn't `ilike` the pattern.
        NotIlike = "not-ilike",
        /// A regular expression in RE2's syntax, found anywhere.
        Matches = "matches",
        /// Whether the property is present.
        Exists = "exists",
        /// A point, then the greatest and the least distance in metres, null for no bound.
        Near = "near",
    }
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Condition {
    /// The property's name.
    pub property: String,
    /// Steps into a JSON property: names of members, indexes of elements; empty means the property itself.
    pub path: Vec<String>,
    /// What is asked of it.
    pub comparison: Comparison,
    /// What it is compared with.
    pub operands: Vec<Value>,
}

/// A condition from outside [`Comparison`]'s list: a backend's own, as text search, or a later version's.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Extension {
    /// Its name, as the backend knows it.
    pub name: String,
    /// The property's name.
    pub property: String,
    /// As in [`Condition`].
    pub path: Vec<String>,
    /// What it is given.
    pub operands: Vec<Value>,
}

/// One node of a filter. A node refers to others by their index, always a greater one than its own, and
/// every node but the first is referred to once: it is a tree.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum FilterNode {
    /// A comparison.
    #[cfg_attr(feature = "wire", component(name = "condition"))]
    Condition(Condition),
    /// All of them; of none, true.
    #[cfg_attr(feature = "wire", component(name = "all-of"))]
    AllOf(Vec<u32>),
    /// Any of them; of none, false.
    #[cfg_attr(feature = "wire", component(name = "any-of"))]
    AnyOf(Vec<u32>),
    /// None of them; of none, true.
    #[cfg_attr(feature = "wire", component(name = "none-of"))]
    NoneOf(Vec<u32>),
    /// Never ignored: a connector that doesn't know it can't do this filter.
    #[cfg_attr(feature = "wire", component(name = "extension"))]
    Extension(Extension),
}

/// A tree of conditions, flattened. Node 0 is the root; an empty list matches every record.
pub type Filter = Vec<FilterNode>;

/// Which records, in which order, how many, and what of them.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "wire",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Query {
    /// Which records.
    pub filter: Filter,
    /// In which order; the runtime has put the key last where it matters.
    pub order: Vec<SortKey>,
    /// The properties wanted; empty means all.
    pub fields: Vec<String>,
    /// How many at most.
    pub limit: Option<u64>,
    /// How many to leave out first.
    pub offset: u64,
    /// Advice by name: to ignore it is always correct.
    pub hints: Vec<(String, String)>,
}

#[cfg(feature = "wire")]
mod done {
    // The macro's struct and its constants carry no documentation of their own.
    #![allow(missing_docs)]

    wasmtime::component::flags! {
        Done {
            #[component(name = "filter")]
            const FILTER;
            #[component(name = "order")]
            const ORDER;
            #[component(name = "paging")]
            const PAGING;
            #[component(name = "fields")]
            const FIELDS;
        }
    }
}

#[cfg(not(feature = "wire"))]
mod done {
    use std::ops::{BitOr, BitOrAssign};

    /// What a connector has done of a query; the runtime does the rest.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Done {
        bits: u8,
    }

    impl Done {
        /// No row is there that the filter doesn't match.
        pub const FILTER: Self = Self { bits: 1 };
        /// All of the order, and the distance where `near` asks for it.
        pub const ORDER: Self = Self { bits: 2 };
        /// Limit and offset: only together with filter and order.
        pub const PAGING: Self = Self { bits: 4 };
        /// No other properties than the ones asked for.
        pub const FIELDS: Self = Self { bits: 8 };

        /// Whether all of `other` is done.
        pub const fn contains(self, other: Self) -> bool {
            self.bits & other.bits == other.bits
        }

        /// What wit-bindgen's generated code calls.
        #[doc(hidden)]
        pub const fn bits(&self) -> u8 {
            self.bits
        }
    }

    impl BitOr for Done {
        type Output = Self;
        fn bitor(self, other: Self) -> Self {
            Self {
                bits: self.bits | other.bits,
            }
        }
    }

    impl BitOrAssign for Done {
        fn bitor_assign(&mut self, other: Self) {
            self.bits |= other.bits;
        }
    }
}

pub use done::Done;
