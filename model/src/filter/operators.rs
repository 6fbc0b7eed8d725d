//! The words of LoopBack's JSON, and the contract's comparisons that they stand for.

use super::Quantifier;
use crate::contract::Comparison;

/// What joins filters.
pub(super) const AND: &str = "and";
/// What joins filters of which one must match.
pub(super) const OR: &str = "or";
/// What joins filters of which none may match.
pub(super) const NOR: &str = "nor";
/// `nor` of one filter.
pub(super) const NOT: &str = "not";
/// Every word that joins filters.
pub(super) const CONNECTIVES: [&str; 4] = [AND, OR, NOR, NOT];

/// A backend's own condition.
pub(super) const EXTENSION: &str = "extension";
/// The farthest that `near` accepts.
pub(super) const MAX_DISTANCE: &str = "maxDistance";
/// The nearest that `near` accepts.
pub(super) const MIN_DISTANCE: &str = "minDistance";
/// What the distances of `near` are measured in.
pub(super) const UNIT: &str = "unit";

/// Every operator with its comparison.
const OPERATORS: [(&str, Comparison); 17] = [
    ("eq", Comparison::Equal),
    ("neq", Comparison::NotEqual),
    ("gt", Comparison::Greater),
    ("gte", Comparison::GreaterOrEqual),
    ("lt", Comparison::Less),
    ("lte", Comparison::LessOrEqual),
    ("between", Comparison::Between),
    ("inq", Comparison::OneOf),
    ("nin", Comparison::NotOneOf),
    ("contains", Comparison::Contains),
    ("like", Comparison::Like),
    ("nlike", Comparison::NotLike),
    ("ilike", Comparison::Ilike),
    ("nilike", Comparison::NotIlike),
    ("regexp", Comparison::Matches),
    ("exists", Comparison::Exists),
    ("near", Comparison::Near),
];

/// What other query languages, and the contract, call an operator. Only for suggestions.
const FOREIGN: [(&str, &str); 24] = [
    ("=", "eq"),
    ("==", "eq"),
    ("equals", "eq"),
    ("ne", "neq"),
    ("!=", "neq"),
    ("<>", "neq"),
    (">", "gt"),
    ("greater", "gt"),
    (">=", "gte"),
    ("ge", "gte"),
    ("<", "lt"),
    ("less", "lt"),
    ("<=", "lte"),
    ("le", "lte"),
    ("in", "inq"),
    ("one-of", "inq"),
    ("notin", "nin"),
    ("not-one-of", "nin"),
    ("regex", "regexp"),
    ("matches", "regexp"),
    ("notlike", "nlike"),
    ("not-like", "nlike"),
    ("all", "contains"),
    ("options", "ilike"),
];

/// The comparison of an operator.
pub(super) fn comparison(operator: &str) -> Option<Comparison> {
    OPERATORS
        .iter()
        .find(|(name, _)| *name == operator)
        .map(|(_, comparison)| *comparison)
}

/// The operator of a comparison.
pub(super) fn operator(comparison: Comparison) -> &'static str {
    OPERATORS
        .iter()
        .find(|(_, candidate)| *candidate == comparison)
        .map_or(comparison.name(), |(name, _)| name)
}

/// The comparison that a negated one is the opposite of; none for one that isn't negated.
pub(super) const fn positive(comparison: Comparison) -> Option<Comparison> {
    match comparison {
        Comparison::NotEqual => Some(Comparison::Equal),
        Comparison::NotOneOf => Some(Comparison::OneOf),
        Comparison::NotLike => Some(Comparison::Like),
        Comparison::NotIlike => Some(Comparison::Ilike),
        _ => None,
    }
}

/// The operator that an unknown one is likely meant to be.
pub(super) fn suggestion(unknown: &str) -> Option<&'static str> {
    let bare = unknown.trim_start_matches('$').to_ascii_lowercase();
    let foreign = FOREIGN.iter().find(|(name, _)| *name == bare);
    foreign.map(|(_, name)| *name).or_else(|| {
        let known = OPERATORS.iter().map(|(name, _)| *name);
        crate::closest(
            &bare,
            known
                .chain([EXTENSION, MAX_DISTANCE, MIN_DISTANCE, UNIT])
                .chain(Quantifier::ALL.map(Quantifier::name)),
        )
    })
}

/// Whether it is an operator, here or in another language.
pub(super) fn is_known(operator: &str) -> bool {
    comparison(operator).is_some()
        || CONNECTIVES.contains(&operator)
        || FOREIGN.iter().any(|(name, _)| *name == operator)
}

/// Every operator, for a message.
pub(super) fn list() -> String {
    OPERATORS.map(|(name, _)| name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comparison_has_an_operator_that_leads_back_to_it() {
        for each in Comparison::ALL {
            assert_eq!(comparison(operator(*each)), Some(*each));
        }
    }

    #[test]
    fn a_slip_and_another_languages_word_lead_to_the_operator() {
        assert_eq!(suggestion("$gte"), Some("gte"));
        assert_eq!(suggestion("ilik"), Some("ilike"));
        assert_eq!(suggestion("in"), Some("inq"));
        assert_eq!(suggestion("city"), None);
    }
}
