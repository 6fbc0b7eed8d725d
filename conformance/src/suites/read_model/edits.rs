//! What edits do to a document, and invented ones.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json};
use tenon_model::contract::{Comparison, Filter, FilterNode, Value};
use tenon_model::{Decimal, Entity};
use tenon_runtime::direct::Edit;

use super::opened::path;

/// What an update has to come to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The document is this one.
    Is(Entity),
    /// It is refused: `invalid`.
    Refused,
    /// The contract leaves it open.
    Open,
}

/// Why an edit comes to nothing.
enum Stopped {
    Refused,
    Open,
}

type Edited<T> = Result<T, Stopped>;

/// What the edits make of a document, in their order.
pub fn edited(document: &Entity, edits: &[Edit]) -> Outcome {
    let mut document = document.clone();
    for edit in edits {
        match apply(&mut document, edit) {
            Ok(()) => {}
            Err(Stopped::Refused) => return Outcome::Refused,
            Err(Stopped::Open) => return Outcome::Open,
        }
    }
    Outcome::Is(document)
}

fn apply(document: &mut Entity, edit: &Edit) -> Edited<()> {
    let (Edit::Set((path, _)) | Edit::Unset(path) | Edit::Increment((path, _))) = edit;
    let Some((field, steps)) = path.split_first() else {
        return Err(Stopped::Refused);
    };
    let old = document.get(field).cloned();
    if steps.is_empty() {
        match edit {
            Edit::Set((_, value)) => document.set(field.as_str(), value.clone()),
            Edit::Unset(_) => drop(document.remove(field)),
            Edit::Increment((_, by)) => {
                let sum = incremented(old.as_ref(), by)?;
                document.set(field.as_str(), sum);
            }
        }
        return Ok(());
    }
    let inside = match old {
        None => None,
        // Whether a null is missing is nowhere said.
        Some(Value::Null) => return Err(Stopped::Open),
        Some(Value::Json(text)) => serde_json::from_str(&text).ok(),
        Some(_) if matches!(edit, Edit::Unset(_)) => return Ok(()),
        Some(_) => return Err(Stopped::Refused),
    };
    if let Some(inside) = changed(inside, steps, edit)? {
        document.set(field.as_str(), Value::Json(inside.to_string()));
    }
    Ok(())
}

/// What becomes of the JSON at a place by an edit further inside it; none where nothing is there.
fn changed(there: Option<Json>, steps: &[String], edit: &Edit) -> Edited<Option<Json>> {
    let unset = matches!(edit, Edit::Unset(_));
    let Some((step, rest)) = steps.split_first() else {
        return Ok(match edit {
            Edit::Unset(_) => None,
            Edit::Set((_, value)) => Some(nested(value)),
            Edit::Increment((_, by)) => {
                let old = there.as_ref().map(scalar).transpose()?;
                Some(nested(&incremented(old.as_ref(), by)?))
            }
        });
    };
    match there {
        None if unset => Ok(None),
        None => {
            let mut members = Map::new();
            members.extend(changed(None, rest, edit)?.map(|inside| (step.clone(), inside)));
            Ok(Some(Json::Object(members)))
        }
        Some(Json::Object(mut members)) => {
            let inside = changed(members.remove(step), rest, edit)?;
            members.extend(inside.map(|inside| (step.clone(), inside)));
            Ok(Some(Json::Object(members)))
        }
        Some(Json::Array(mut elements)) => {
            match index(step) {
                Some(place) if place < elements.len() => {
                    let element = elements.remove(place);
                    if let Some(element) = changed(Some(element), rest, edit)? {
                        elements.insert(place, element);
                    }
                }
                _ if unset => {}
                Some(place) if place == elements.len() => {
                    elements.extend(changed(None, rest, edit)?);
                }
                Some(_) => return Err(Stopped::Refused),
                // What a name does to an array is nowhere said.
                None => return Err(Stopped::Open),
            }
            Ok(Some(Json::Array(elements)))
        }
        Some(Json::Null) => Err(Stopped::Open),
        Some(scalar) if unset => Ok(Some(scalar)),
        Some(_) => Err(Stopped::Refused),
    }
}

/// An index: digits, without a zero in front.
fn index(step: &str) -> Option<usize> {
    let digits = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (step == "0" || !step.starts_with('0'));
    canonical.then(|| step.parse().ok()).flatten()
}

/// A value as it stands inside JSON.
fn nested(value: &Value) -> Json {
    match value {
        Value::Json(text) => serde_json::from_str(text).unwrap_or(Json::Null),
        other => other.to_lossless_json(),
    }
}

fn scalar(json: &Json) -> Edited<Value> {
    match json {
        Json::Null => Err(Stopped::Open),
        Json::Bool(it) => Ok(Value::Boolean(*it)),
        Json::String(text) => Ok(Value::from(text.as_str())),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Integer)
            .or_else(|| number.as_f64().map(Value::Float))
            .ok_or(Stopped::Open),
        Json::Object(members) if members.keys().any(|name| name.starts_with('$')) => {
            Err(Stopped::Open)
        }
        Json::Array(_) | Json::Object(_) => Err(Stopped::Refused),
    }
}

/// A number with another added, or a text with another behind it; of nothing, it is the other.
fn incremented(old: Option<&Value>, by: &Value) -> Edited<Value> {
    use Value::{Decimal as Exact, Float, Integer, Text};
    match (old, by) {
        (None, Integer(_) | Float(_) | Exact(_) | Text(_)) => Ok(by.clone()),
        (Some(Value::Null), _) => Err(Stopped::Open),
        (Some(Text(old)), Text(more)) => Ok(Text(format!("{old}{more}"))),
        (Some(Integer(old)), Integer(by)) => old.checked_add(*by).map(Integer).ok_or(Stopped::Open),
        // Exact in any case: invented numbers have few digits.
        (Some(Float(old)), Float(by)) => Ok(Float(old + by)),
        (Some(Exact(old)), Exact(by)) => sum(old, by).map(Exact).ok_or(Stopped::Open),
        (Some(Integer(_) | Float(_) | Exact(_)), Integer(_) | Float(_) | Exact(_)) => {
            Err(Stopped::Open)
        }
        _ => Err(Stopped::Refused),
    }
}

/// The exact sum of two decimals of few digits.
pub fn sum(one: &str, other: &str) -> Option<String> {
    Decimal::parse(one).and(Decimal::parse(other))?;
    let scale = |text: &str| text.split_once('.').map_or(0, |(_, part)| part.len());
    let most = scale(one).max(scale(other));
    let shifted = |text: &str| -> Option<i128> {
        let digits: String = text.chars().filter(|letter| *letter != '.').collect();
        let zeros = "0".repeat(most - scale(text));
        format!("{digits}{zeros}").parse().ok()
    };
    let sum = shifted(one)?.checked_add(shifted(other)?)?;
    let digits = format!("{:0>width$}", sum.unsigned_abs(), width = most + 1);
    let (whole, part) = digits.split_at(digits.len() - most);
    let sign = if sum < 0 { "-" } else { "" };
    let point = if most > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{part}"))
}

/// What an upsert inserts before its edits: the values that the filter wants something to be equal to. None where the
/// contract leaves open what they are.
pub fn equal_values(filter: &Filter) -> Option<Entity> {
    let mut document = Entity::new();
    let mut left: Vec<usize> = if filter.is_empty() { vec![] } else { vec![0] };
    while let Some(place) = left.pop() {
        match filter.get(place)? {
            FilterNode::AllOf(nodes) => {
                for node in nodes {
                    left.push(usize::try_from(*node).ok()?);
                }
            }
            FilterNode::Condition(condition) if condition.comparison == Comparison::Equal => {
                let value = condition.operands.first()?;
                if value.is_null() || document.get(&condition.property).is_some() {
                    return None;
                }
                let steps = std::iter::once(condition.property.clone());
                let steps = steps.chain(condition.path.iter().cloned()).collect();
                apply(&mut document, &Edit::Set((steps, value.clone()))).ok()?;
            }
            FilterNode::AnyOf(_) => return None,
            _ => {}
        }
    }
    Some(document)
}

/// The fields that invented edits change, beside the key.
pub const FIELDS: &[&str] = &["text", "integer", "float", "decimal", "json", "any"];

const PATHS: &[&str] = &[
    "json.n",
    "json.t",
    "json.o",
    "json.o.n",
    "json.o.x.y",
    "json.list",
    "json.list.0",
    "json.list.1",
    "json.list.2.n",
    "json.list.3",
    "json.list.9",
    "json.list.x",
    "json.list.01",
    "json.n.x",
    "json.new",
    "json.new.deep.er",
    "json.0",
    "json.1.n",
    "json.o.list.0.1",
    "json.o.list.0",
    "json.",
    "any.a",
    "any.a.b",
    "json.t.0",
    "json.0.n",
];

/// JSON that edits reach into.
const DOCUMENTS: &[&str] = &[
    r#"{"n":1,"t":"a","o":{"n":2,"m":3},"list":[1,"b",{"n":3,"m":4}]}"#,
    r#"{"list":[]}"#,
    r#"{"o":{"list":[[1,2],[3]]},"n":-5}"#,
    r#"[1,{"n":1},"a"]"#,
    "{}",
    "[]",
    r#"{"":1,"0":"zero","list":{"0":"member","x":1}}"#,
];

/// Documents for edits, by their keys.
pub fn document() -> BoxedStrategy<Entity> {
    let maybe = |values: Vec<Value>| proptest::option::weighted(0.7, select(values));
    let json = DOCUMENTS
        .iter()
        .map(|text| Value::Json((*text).into()))
        .collect();
    (
        select(vec!["a", "b", "c", "d", "e"]),
        maybe(vec![Value::from("x"), Value::from(""), Value::from("yz")]),
        maybe(vec![
            Value::Integer(0),
            Value::Integer(-7),
            Value::Integer(1 << 40),
        ]),
        maybe(vec![Value::Float(0.5), Value::Float(-2.25)]),
        maybe(vec![
            Value::Decimal("0.1".into()),
            Value::Decimal("-10.75".into()),
        ]),
        maybe(json),
    )
        .prop_map(|(id, text, integer, float, decimal, json)| {
            let fields = [
                ("text", text),
                ("integer", integer),
                ("float", float),
                ("decimal", decimal),
                ("json", json),
            ];
            let named = fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            std::iter::once(("id", Value::from(id)))
                .chain(named)
                .collect()
        })
        .boxed()
}

/// One edit of such a document: mostly one that suits it.
pub fn edit() -> BoxedStrategy<Edit> {
    let deep = select(PATHS).prop_map(path).boxed();
    let field = select(FIELDS).prop_map(path).boxed();
    let any = prop_oneof![3 => deep, 1 => field].boxed();
    let value = select(vec![
        Value::Integer(1),
        Value::from("s"),
        Value::Boolean(false),
        Value::Json(r#"{"n":[1]}"#.into()),
        Value::Json("[]".into()),
        Value::Float(0.5),
        Value::Timestamp(5),
        Value::Decimal("1.50".into()),
    ]);
    let by = select(vec![
        Value::Integer(2),
        Value::Integer(-1),
        Value::from("s"),
    ]);
    let suited = select(vec![
        ("text", Value::from("more")),
        ("integer", Value::Integer(3)),
        ("float", Value::Float(0.25)),
        ("decimal", Value::Decimal("0.2".into())),
        ("json.n", Value::Integer(4)),
        ("json.t", Value::from("b")),
        ("json.list.0", Value::Integer(1)),
        ("json.o.n", Value::Integer(-2)),
        ("json.new.n", Value::Integer(1)),
    ]);
    prop_oneof![
        3 => (any.clone(), value).prop_map(Edit::Set),
        2 => any.clone().prop_map(Edit::Unset),
        3 => suited.prop_map(|(at, by)| Edit::Increment((path(at), by))),
        1 => (any, by).prop_map(Edit::Increment),
    ]
    .boxed()
}

/// Several edits, one after the other.
pub fn edits() -> BoxedStrategy<Vec<Edit>> {
    vec(edit(), 1..4).boxed()
}
