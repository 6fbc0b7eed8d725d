//! Filters that are done as others.

use tenon_model::{Comparison as C, Condition, Filter as Tree};
use tenon_sdk::{Filter, Result, Value};

use crate::fault::{Fault, Planted, Theme};

/// The deepest level of a filter that counts, where not all do.
const DEEPEST: usize = 2;

/// An hour, in microseconds.
const HOUR: i64 = 3_600_000_000;

/// The filter that is done instead; none where it is done as it is.
pub(crate) fn filter(planted: Planted, nodes: &Filter) -> Result<Option<Tree>> {
    match planted.0 {
        Some(fault) if fault.theme() == Theme::Filter && rewrites(fault) => {
            let tree = Tree::from_nodes(nodes)?;
            Ok(Some(node(fault, tree, 1)))
        }
        _ => Ok(None),
    }
}

/// Whether the fault does other filters, and not the same one on other values.
fn rewrites(fault: Fault) -> bool {
    !matches!(
        fault,
        Fault::EqualIgnoresCase
            | Fault::IlikeFoldsAsciiOnly
            | Fault::PathSeesFirstElement
            | Fault::DecimalsComparedAsFloats
            | Fault::IntegersComparedAsFloats
            | Fault::NumbersComparedAsText
            | Fault::TextComparedWithoutCase
            | Fault::TextComparedByUtf16
            | Fault::TimestampsComparedInSeconds
            | Fault::JsonComparedAsText
            | Fault::NearIsFlat
            | Fault::OnlyTheFirstHundredAreFiltered
    )
}

fn node(fault: Fault, tree: Tree, level: usize) -> Tree {
    let is_group = !matches!(tree, Tree::Condition(_) | Tree::Extension(_));
    if fault == Fault::DeepFilterIsDropped && level >= DEEPEST && is_group {
        return Tree::all();
    }
    let all = |parts: Vec<Tree>| -> Vec<Tree> {
        let parts = parts.into_iter();
        parts.map(|part| node(fault, part, level + 1)).collect()
    };
    match tree {
        Tree::AllOf(parts) => {
            let mut parts = all(parts);
            if fault == Fault::SecondConditionWins {
                parts = last_of_each(parts);
            }
            if fault == Fault::AllOfIsAnyOf && parts.len() > 1 {
                return Tree::AnyOf(parts);
            }
            Tree::AllOf(parts)
        }
        Tree::AnyOf(parts) => {
            let parts = all(parts);
            match fault {
                Fault::AnyOfIsAllOf if parts.len() > 1 => Tree::AllOf(parts),
                Fault::EmptyAnyOfMatchesAll if parts.is_empty() => Tree::all(),
                _ => Tree::AnyOf(parts),
            }
        }
        Tree::NoneOf(parts) => {
            let parts = all(parts);
            if fault == Fault::NoneOfIsNotAllOf && parts.len() > 1 {
                return Tree::NoneOf(vec![Tree::AllOf(parts)]);
            }
            Tree::NoneOf(parts)
        }
        Tree::Condition(it) => condition(fault, it),
        Tree::Extension(_) if fault == Fault::UnknownConditionIsIgnored => Tree::all(),
        other => other,
    }
}

/// The parts without those conditions that a later one on the same property follows.
fn last_of_each(parts: Vec<Tree>) -> Vec<Tree> {
    let is_followed = |place: usize, one: &Condition| {
        parts.iter().skip(place + 1).any(|other| {
            matches!(other, Tree::Condition(other)
                if other.property == one.property && other.path == one.path)
        })
    };
    let keeps = |(place, part): &(usize, &Tree)| match part {
        Tree::Condition(one) => !is_followed(*place, one),
        _ => true,
    };
    let kept = parts.iter().enumerate().filter(keeps);
    kept.map(|(_, part)| part.clone()).collect()
}

/// The same condition with another comparison.
fn with(condition: &Condition, comparison: C, operands: Vec<Value>) -> Tree {
    Tree::Condition(Condition {
        comparison,
        operands,
        ..condition.clone()
    })
}

fn is_null(condition: &Condition) -> Tree {
    with(condition, C::Equal, vec![Value::Null])
}

fn is_not_null(condition: &Condition) -> Tree {
    with(condition, C::NotEqual, vec![Value::Null])
}

fn or_null(condition: Condition) -> Tree {
    let null = is_null(&condition);
    Tree::AnyOf(vec![Tree::Condition(condition), null])
}

fn and_not_null(condition: Condition) -> Tree {
    let not_null = is_not_null(&condition);
    Tree::AllOf(vec![Tree::Condition(condition), not_null])
}

fn condition(fault: Fault, mut it: Condition) -> Tree {
    let first = it.operands.first().cloned().unwrap_or_default();
    match (fault, it.comparison) {
        (Fault::NotEqualMissesNulls, C::NotEqual) | (Fault::NotOneOfMissesNulls, C::NotOneOf) => {
            return and_not_null(it);
        }
        (Fault::NotOneOfIsOneOf, C::NotOneOf) => it.comparison = C::OneOf,
        (Fault::BetweenIsExclusive | Fault::BetweenMissesItsUpperBound, C::Between) => {
            let upper = it.operands.get(1).cloned().unwrap_or_default();
            let lower = if fault == Fault::BetweenIsExclusive {
                C::Greater
            } else {
                C::GreaterOrEqual
            };
            return Tree::AllOf(vec![
                with(&it, lower, vec![first]),
                with(&it, C::Less, vec![upper]),
            ]);
        }
        (Fault::LessOrEqualIsLess, C::LessOrEqual) => it.comparison = C::Less,
        (Fault::LessIsLessOrEqual, C::Less) => it.comparison = C::LessOrEqual,
        (Fault::GreaterOrEqualIsGreater, C::GreaterOrEqual) => it.comparison = C::Greater,
        (Fault::GreaterIsGreaterOrEqual, C::Greater) => it.comparison = C::GreaterOrEqual,
        (Fault::LessMatchesNulls, C::Less) => return or_null(it),
        (Fault::OneOfMissesItsLast, C::OneOf) if it.operands.len() > 1 => {
            it.operands.pop();
        }
        (Fault::OneOfMissesNulls, C::OneOf) => it.operands.retain(|operand| !operand.is_null()),
        (Fault::EmptyOneOfMatchesAll, C::OneOf) if it.operands.is_empty() => return Tree::all(),
        (Fault::EmptyNotOneOfMatchesNone, C::NotOneOf) if it.operands.is_empty() => {
            return Tree::AnyOf(Vec::new());
        }
        (Fault::EqualNullMissesAbsent, C::Equal) if first.is_null() => {
            let there = with(&it, C::Exists, vec![Value::Boolean(true)]);
            return Tree::AllOf(vec![Tree::Condition(it), there]);
        }
        (Fault::EmptyTextEqualsNull, C::Equal) if first.as_text() == Some("") => {
            return or_null(it);
        }
        (Fault::FalseEqualsNull, C::Equal) if first == Value::Boolean(false) => {
            return or_null(it);
        }
        (Fault::LikeIgnoresCase, C::Like) => it.comparison = C::Ilike,
        (Fault::LikeIgnoresCase, C::NotLike) => it.comparison = C::NotIlike,
        (Fault::IlikeMindsCase, C::Ilike) => it.comparison = C::Like,
        (Fault::IlikeMindsCase, C::NotIlike) => it.comparison = C::NotLike,
        (_, C::Like | C::NotLike | C::Ilike | C::NotIlike) => {
            if fault == Fault::NotLikeMatchesNulls
                && matches!(it.comparison, C::NotLike | C::NotIlike)
            {
                return or_null(it);
            }
            if let Value::Text(pattern) = first {
                it.operands = vec![Value::Text(like(fault, pattern))];
            }
        }
        (_, C::Matches) => {
            if let Value::Text(pattern) = first {
                it.operands = vec![Value::Text(regex(fault, pattern))];
            }
        }
        (Fault::ExistsIsInverted, C::Exists) => {
            if let Value::Boolean(wanted) = first {
                it.operands = vec![Value::Boolean(!wanted)];
            }
        }
        (Fault::ExistsMissesNulls, C::Exists) => {
            return if first == Value::Boolean(true) {
                is_not_null(&it)
            } else {
                is_null(&it)
            };
        }
        (Fault::ContainsIsEqual, C::Contains) => {
            let array = format!("[{}]", first.to_lossless_json());
            return with(&it, C::Equal, vec![Value::Json(array)]);
        }
        (Fault::NearIgnoresTheLeastDistance, C::Near) => {
            if let Some(least) = it.operands.get_mut(2) {
                *least = Value::Null;
            }
        }
        (Fault::NearIgnoresTheGreatestDistance, C::Near) => {
            if let Some(greatest) = it.operands.get_mut(1) {
                *greatest = Value::Null;
            }
        }
        (Fault::TimestampsComparedInLocalTime, _) => {
            for operand in &mut it.operands {
                if let Value::Timestamp(micros) = operand {
                    *micros = micros.saturating_add(HOUR);
                }
            }
        }
        _ => {}
    }
    if fault == Fault::PathIsIgnored {
        it.path.clear();
    }
    Tree::Condition(it)
}

fn like(fault: Fault, pattern: String) -> String {
    match fault {
        Fault::LikeIsUnanchored => format!("%{pattern}%"),
        Fault::UnderscoreIsPercent => {
            let mut out = String::new();
            let mut escaped = false;
            for character in pattern.chars() {
                out.push(if character == '_' && !escaped {
                    '%'
                } else {
                    character
                });
                escaped = character == '\\' && !escaped;
            }
            out
        }
        Fault::LikeEscapeIsIgnored => pattern.replace('\\', ""),
        _ => pattern,
    }
}

fn regex(fault: Fault, pattern: String) -> String {
    match fault {
        Fault::RegexFlagsAreIgnored => {
            let flags = pattern.strip_prefix("(?").and_then(|it| it.split_once(')'));
            match flags {
                Some((flags, rest)) if flags.chars().all(|it| it.is_alphabetic() || it == '-') => {
                    rest.to_owned()
                }
                _ => pattern,
            }
        }
        // Flags in front stay in front.
        Fault::RegexIsAnchored => format!("^(?:{pattern})$"),
        _ => pattern,
    }
}
