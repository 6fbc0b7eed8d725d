//! How far a backend's own comparisons of a column are the contract's.

/// What may be left to the backend, of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fidelity {
    /// How equality is exact.
    pub equal: Equality,
    /// [`Dialect::exact`](crate::Dialect::exact) is greater and less, and sorted, as the contract has it.
    pub order: bool,
    /// [`Dialect::text`](crate::Dialect::text) is the text that patterns are for.
    pub pattern: bool,
}

/// How equality of a column is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equality {
    /// By the column itself.
    Column,
    /// The column itself is equal to more than it should be, as a collation without case is: so its index finds the
    /// candidates, and [`Dialect::exact`](crate::Dialect::exact) decides.
    Narrowed,
    /// By [`Dialect::exact`](crate::Dialect::exact) alone, without an index.
    Expression,
    /// Not at all: the runtime compares.
    Unknown,
}

impl Fidelity {
    /// All is the contract's, and there is no text.
    pub const NATURAL: Self = Self {
        equal: Equality::Column,
        order: true,
        pattern: false,
    };

    /// All is the contract's, patterns too.
    pub const TEXT: Self = Self {
        equal: Equality::Column,
        order: true,
        pattern: true,
    };

    /// Text whose own collation is equal to more.
    pub const COLLATED: Self = Self {
        equal: Equality::Narrowed,
        order: true,
        pattern: true,
    };

    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        equal: Equality::Unknown,
        order: false,
        pattern: false,
    };
}

/// How much of a condition is in a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Nothing was written.
    Nothing,
    /// What was written holds for every match, and perhaps for others.
    Wider,
    /// What was written holds for the matches alone.
    Whole,
}
