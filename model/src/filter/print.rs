//! A filter as LoopBack's JSON, such that reading it back gives the same filter.

use serde_json::{Map, Value as Json};

use super::operators::{self, AND, EXTENSION, MAX_DISTANCE, MIN_DISTANCE, NOR, OR};
use super::{Filter, name, regexp};
use crate::contract::{Comparison, Condition, Value};

impl Filter {
    /// As LoopBack's JSON. Operands keep their case: where JSON has no form for one, it is an object such as
    /// `{"$timestamp": …}`.
    pub fn to_json(&self) -> Json {
        let group = |connective: &str, parts: &[Filter]| {
            object([(
                connective,
                Json::Array(parts.iter().map(Filter::to_json).collect()),
            )])
        };
        match self {
            Self::AllOf(parts) if parts.is_empty() => object([]),
            Self::AllOf(parts) => group(AND, parts),
            Self::AnyOf(parts) => group(OR, parts),
            Self::NoneOf(parts) => group(NOR, parts),
            Self::Condition(condition) => {
                let name = name::written_name(&condition.property, &condition.path);
                object([(name.as_str(), comparison_json(condition))])
            }
            Self::Extension(extension) => {
                let name = name::written_name(&extension.property, &extension.path);
                let content = object([
                    ("name", Json::String(extension.name.clone())),
                    ("operands", array(&extension.operands)),
                ]);
                object([(name.as_str(), object([(EXTENSION, content)]))])
            }
            Self::Related {
                relation,
                quantifier,
                filter,
            } => {
                let name = name::written_name(relation, &[]);
                object([(
                    name.as_str(),
                    object([(quantifier.name(), filter.to_json())]),
                )])
            }
        }
    }
}

fn comparison_json(condition: &Condition) -> Json {
    let operator = operators::operator(condition.comparison);
    let json = match (condition.comparison, condition.operands.as_slice()) {
        (Comparison::Equal, [operand]) => {
            let operand = operand.to_lossless_json();
            return match operand {
                Json::Array(_) | Json::Object(_) => object([(operator, operand)]),
                plain => plain,
            };
        }
        (Comparison::Near, operands) => return near(operator, operands),
        (Comparison::Matches, [Value::Text(pattern)]) => Json::String(regexp::to_literal(pattern)),
        (Comparison::OneOf | Comparison::NotOneOf | Comparison::Between, operands) => {
            array(operands)
        }
        (_, [operand]) => operand.to_lossless_json(),
        (_, operands) => array(operands),
    };
    object([(operator, json)])
}

/// The point in the form that people write, and the bounds that there are, in metres.
fn near(operator: &str, operands: &[Value]) -> Json {
    let [point, bounds @ ..] = operands else {
        return object([(operator, Json::Null)]);
    };
    let bounds = [MAX_DISTANCE, MIN_DISTANCE].into_iter().zip(bounds);
    object(
        std::iter::once((operator, point.to_json())).chain(
            bounds
                .filter(|(_, bound)| !bound.is_null())
                .map(|(name, bound)| (name, bound.to_json())),
        ),
    )
}

fn array(operands: &[Value]) -> Json {
    Json::Array(operands.iter().map(Value::to_lossless_json).collect())
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
    let members = members
        .into_iter()
        .map(|(name, json)| (name.to_owned(), json));
    Json::Object(members.collect::<Map<_, _>>())
}
