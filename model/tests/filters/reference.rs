//! What a filter means, word by word and without regard to cost: what the matcher is held against.

use std::cmp::Ordering;

use serde_json::Value as Json;
use tenon_model::{
    Comparison, Condition, EARTH_RADIUS_METRES, Entity, Filter, GeoPoint, PropertyType, Quantifier,
    Value, compare_same, equal,
};

pub fn matches(filter: &Filter, record: &Entity) -> bool {
    match filter {
        Filter::AllOf(parts) => parts.iter().all(|part| matches(part, record)),
        Filter::AnyOf(parts) => parts.iter().any(|part| matches(part, record)),
        Filter::NoneOf(parts) => parts.iter().all(|part| !matches(part, record)),
        Filter::Condition(condition) => holds(condition, record),
        Filter::Extension(_) => panic!("an extension has no meaning here"),
        Filter::Related {
            relation,
            quantifier,
            filter,
        } => {
            let related = record.related(relation).expect("it was loaded");
            let mut answers = related.iter().map(|record| matches(filter, record));
            match quantifier {
                Quantifier::Some => answers.any(|matched| matched),
                Quantifier::None => !answers.any(|matched| matched),
                Quantifier::Every => answers.all(|matched| matched),
            }
        }
    }
}

fn holds(condition: &Condition, record: &Entity) -> bool {
    let comparison = condition.comparison;
    let value = record.get(&condition.property);
    let (found, is_each) = inside(value, &condition.path);
    match positive(comparison) {
        Some(positive) if is_each => !found
            .iter()
            .any(|value| compares(positive, value.as_ref(), &condition.operands)),
        _ => found
            .iter()
            .any(|value| compares(comparison, value.as_ref(), &condition.operands)),
    }
}

/// What is at a path's end, and whether an array was on the way.
fn inside(value: Option<&Value>, path: &[String]) -> (Vec<Option<Value>>, bool) {
    if path.is_empty() {
        return (vec![value.cloned()], false);
    }
    match value {
        Some(Value::Json(text)) => follow(&serde_json::from_str(text).unwrap(), path),
        _ => (vec![None], false),
    }
}

fn follow(json: &Json, path: &[String]) -> (Vec<Option<Value>>, bool) {
    let Some((step, rest)) = path.split_first() else {
        return (
            vec![Some(Value::from_json(json, PropertyType::Any).unwrap())],
            false,
        );
    };
    let next = match (json, step.parse::<usize>()) {
        (Json::Object(members), _) => members.get(step),
        (Json::Array(elements), Ok(index)) => elements.get(index),
        (Json::Array(elements), Err(_)) => {
            let found = elements.iter().flat_map(|element| follow(element, path).0);
            return (found.collect(), true);
        }
        _ => None,
    };
    next.map_or_else(|| (vec![None], false), |next| follow(next, rest))
}

fn positive(comparison: Comparison) -> Option<Comparison> {
    match comparison {
        Comparison::NotEqual => Some(Comparison::Equal),
        Comparison::NotOneOf => Some(Comparison::OneOf),
        Comparison::NotLike => Some(Comparison::Like),
        Comparison::NotIlike => Some(Comparison::Ilike),
        _ => None,
    }
}

fn compares(comparison: Comparison, value: Option<&Value>, operands: &[Value]) -> bool {
    use Comparison as C;
    let nullable = value.unwrap_or(&Value::Null);
    match comparison {
        C::Equal => return equal(nullable, &operands[0]),
        C::NotEqual => return !equal(nullable, &operands[0]),
        C::OneOf => return operands.iter().any(|operand| equal(nullable, operand)),
        C::NotOneOf => return operands.iter().all(|operand| !equal(nullable, operand)),
        C::Exists => return (operands[0] == Value::Boolean(true)) == value.is_some(),
        _ => {}
    }
    if nullable.is_null() || operands[0].is_null() {
        return false;
    }
    let ordering = |index: usize| compare_same(nullable, &operands[index]);
    let like = |folded: bool| {
        let fold = |text: &str| {
            if folded {
                text.to_ascii_lowercase()
            } else {
                text.to_owned()
            }
        };
        let pattern: Vec<char> = fold(operands[0].as_text()?).chars().collect();
        let text: Vec<char> = fold(nullable.as_text()?).chars().collect();
        Some(is_like(&pattern, &text))
    };
    match comparison {
        C::Greater => ordering(0) == Some(Ordering::Greater),
        C::GreaterOrEqual => matches!(ordering(0), Some(Ordering::Greater | Ordering::Equal)),
        C::Less => ordering(0) == Some(Ordering::Less),
        C::LessOrEqual => matches!(ordering(0), Some(Ordering::Less | Ordering::Equal)),
        C::Between => {
            matches!(ordering(0), Some(Ordering::Greater | Ordering::Equal))
                && matches!(ordering(1), Some(Ordering::Less | Ordering::Equal))
        }
        C::Contains => match nullable {
            Value::Json(text) => match serde_json::from_str(text).unwrap() {
                Json::Array(elements) => elements.iter().any(|element| {
                    equal(
                        &Value::from_json(element, PropertyType::Any).unwrap(),
                        &operands[0],
                    )
                }),
                _ => false,
            },
            _ => false,
        },
        C::Like => like(false) == Some(true),
        C::NotLike => like(false) == Some(false),
        C::Ilike => like(true) == Some(true),
        C::NotIlike => like(true) == Some(false),
        C::Matches => nullable
            .as_text()
            .is_some_and(|text| is_found(operands[0].as_text().unwrap(), text)),
        C::Near => match (nullable, operands) {
            (Value::Point(point), [Value::Point(centre), greatest, least]) => {
                let metres = metres(*point, *centre);
                greatest
                    .as_float()
                    .is_none_or(|greatest| metres <= greatest)
                    && least.as_float().is_none_or(|least| metres >= least)
            }
            _ => false,
        },
        _ => panic!("{comparison} is answered above"),
    }
}

fn is_like(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['%', pattern @ ..], _) => (0..=text.len()).any(|skip| is_like(pattern, &text[skip..])),
        (['_', pattern @ ..], [_, text @ ..]) => is_like(pattern, text),
        (['\\', wanted, pattern @ ..] | [wanted, pattern @ ..], [character, text @ ..]) => {
            wanted == character && is_like(pattern, text)
        }
        _ => false,
    }
}

/// Letters, perhaps tied to the text's ends by `^` and `$`.
fn is_found(pattern: &str, text: &str) -> bool {
    let letters = pattern.trim_start_matches('^').trim_end_matches('$');
    match (pattern.starts_with('^'), pattern.ends_with('$')) {
        (true, true) => text == letters,
        (true, false) => text.starts_with(letters),
        (false, true) => text.ends_with(letters),
        (false, false) => text.contains(letters),
    }
}

/// By the law of cosines.
fn metres(left: GeoPoint, right: GeoPoint) -> f64 {
    let [left_latitude, right_latitude] = [left.latitude.to_radians(), right.latitude.to_radians()];
    let east = (left.longitude - right.longitude).to_radians();
    let cosine = left_latitude.sin() * right_latitude.sin()
        + left_latitude.cos() * right_latitude.cos() * east.cos();
    cosine.clamp(-1.0, 1.0).acos() * EARTH_RADIUS_METRES
}
