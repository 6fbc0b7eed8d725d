//! What SQLite doesn't have, and a connector adds to every connection.
//!
//! The statements for SQLite call these by their names. They mean what `docs/filters.md` says, since they are made of
//! the same code as the runtime's own filters.

use std::cmp::Ordering;

use tenon_model::{Comparison, Condition, Entity, Filter, Matcher, Value, compare};

/// `tenon_like(pattern, value)`: whether the whole text fits the pattern, 1 or 0. Deterministic. Null where one of
/// the two is null; 0 for a value that is no text.
pub const LIKE: &str = "tenon_like";

/// `tenon_ilike(pattern, value)`: as [`LIKE`], with Unicode's simple case folding.
pub const ILIKE: &str = "tenon_ilike";

/// `tenon_matches(pattern, value)`: as [`LIKE`], whether the regular expression is found in the text. It takes the
/// feature `regex` of `tenon-model`; a [`Sqlite`](super::Sqlite) without it leaves regular expressions to the runtime.
pub const MATCHES: &str = "tenon_matches";

/// The collation of decimals, which are texts: [`compare_decimals`].
pub const DECIMAL_COLLATION: &str = "TENON_DECIMAL";

/// A pattern, compiled for many values. SQLite keeps it as a function's auxiliary data.
#[derive(Debug)]
pub struct Pattern(Matcher);

impl Pattern {
    /// The pattern of [`LIKE`].
    ///
    /// # Errors
    /// Why it is no pattern.
    pub fn like(pattern: &str) -> Result<Self, String> {
        Self::new(Comparison::Like, pattern)
    }

    /// The pattern of [`ILIKE`].
    ///
    /// # Errors
    /// Why it is no pattern.
    pub fn ilike(pattern: &str) -> Result<Self, String> {
        Self::new(Comparison::Ilike, pattern)
    }

    /// The pattern of [`MATCHES`].
    ///
    /// # Errors
    /// Why it is no pattern, or that regular expressions aren't there.
    pub fn matches(pattern: &str) -> Result<Self, String> {
        Self::new(Comparison::Matches, pattern)
    }

    fn new(comparison: Comparison, pattern: &str) -> Result<Self, String> {
        let condition = Condition {
            property: String::new(),
            path: Vec::new(),
            comparison,
            operands: vec![Value::from(pattern)],
        };
        Matcher::new(&Filter::Condition(condition))
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// Whether a text fits it.
    pub fn fits(&self, text: &str) -> bool {
        self.0.matches(&Entity::new().with("", text))
    }
}

/// The order of two decimals in their texts, by value; what is no decimal comes after them all, by its text.
pub fn compare_decimals(left: &str, right: &str) -> Ordering {
    compare(
        &Value::Decimal(left.to_owned()),
        &Value::Decimal(right.to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_the_contracts() {
        assert!(Pattern::like("S_n%").unwrap().fits("San Francisco"));
        assert!(!Pattern::like("s_n%").unwrap().fits("San Francisco"));
        assert!(Pattern::ilike("größe").unwrap().fits("GRÖẞE"));
        assert!(Pattern::like("a\\").is_err());
    }

    #[test]
    fn decimals_are_ordered_by_value() {
        assert_eq!(compare_decimals("1.0", "1.00"), Ordering::Equal);
        assert_eq!(compare_decimals("10", "9.5"), Ordering::Greater);
        assert_eq!(
            compare_decimals("-12345678901234567890.5", "-1"),
            Ordering::Less
        );
        assert_eq!(compare_decimals("x", "1"), Ordering::Greater);
    }
}
