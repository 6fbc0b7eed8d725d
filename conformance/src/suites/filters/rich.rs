//! Records with every value of every kind, and what to compare them with.

use tenon_model::contract::{
    Comparison, Condition, Filter, FilterNode, GeoPoint, PropertyType, Value,
};
use tenon_model::{Entity, Property};

use crate::ask::Known;
use crate::bench::Bench;
use crate::facts::Facts;
use crate::finding::Checked;
use crate::generate::models;
use crate::generate::records::UNDECLARED;
use crate::generate::values;

/// What updates set, and nothing is asked of.
pub const MARK: &str = "mark";

/// A property, with its kind and the values to compare it with.
pub struct Asked {
    pub name: String,
    pub kind: PropertyType,
    pub operands: Vec<Value>,
}

/// Records with every value of these kinds that is kept, each in its property, and null; stored in a collection of
/// their own. In an open model some properties are absent, and one is declared by nobody.
pub fn stored(
    bench: &mut Bench<'_>,
    kinds: &[PropertyType],
    open: bool,
) -> Checked<(Known, Vec<Asked>)> {
    stored_of(bench, kinds, open, |_| true)
}

/// As [`stored`], of values that every backend orders alike.
pub fn orderly(
    bench: &mut Bench<'_>,
    kinds: &[PropertyType],
    open: bool,
) -> Checked<(Known, Vec<Asked>)> {
    stored_of(bench, kinds, open, values::is_orderly)
}

fn stored_of(
    bench: &mut Bench<'_>,
    kinds: &[PropertyType],
    open: bool,
    takes: fn(&Value) -> bool,
) -> Checked<(Known, Vec<Asked>)> {
    let facts = bench.facts();
    let kept = |kind| {
        let mut values = kept(kind, facts);
        values.retain(takes);
        values
    };
    let kinds: Vec<PropertyType> = kinds
        .iter()
        .copied()
        .filter(|kind| facts.keeps(*kind))
        .collect();
    let named: Vec<(String, PropertyType)> = kinds
        .iter()
        .map(|kind| (format!("{kind}"), *kind))
        .collect();
    let each: Vec<(&str, PropertyType)> = named
        .iter()
        .map(|(name, kind)| (name.as_str(), *kind))
        .collect();
    let mut draft = models::with(&each).property(Property::new(MARK, PropertyType::Integer));
    if open {
        draft = draft.open();
    }
    let mut asked: Vec<(String, PropertyType, Vec<Value>)> = named
        .into_iter()
        .map(|(name, kind)| (name, kind, kept(kind)))
        .collect();
    if open {
        // Values of declared kinds in a property that has none: of each case that travels as itself.
        let any = kept(PropertyType::Any);
        asked.push((UNDECLARED.to_owned(), PropertyType::Any, any));
    }
    let longest = asked
        .iter()
        .map(|(_, _, values)| values.len())
        .max()
        .unwrap_or(0)
        + 2;
    let records: Vec<Entity> = (0..longest)
        .map(|place| {
            let mut record = Entity::new()
                .with("id", Value::Integer(place as i64))
                .with(MARK, Value::Integer(0));
            for (name, _, values) in &asked {
                match place % (values.len() + 2) {
                    at if at < values.len() => {
                        record.set(name.as_str(), values.get(at).cloned().unwrap_or_default());
                    }
                    at if at == values.len() || !open => record.set(name.as_str(), Value::Null),
                    _ => {}
                }
            }
            record
        })
        .collect();
    let asked = asked
        .into_iter()
        .map(|(name, kind, _)| {
            let operands = operands(kind, facts);
            Asked {
                name,
                kind,
                operands,
            }
        })
        .collect();
    let model = bench.collection(draft)?;
    let known = Known::new(&model, &records, bench.facts());
    known.store(bench.session()?)?;
    Ok((known, asked))
}

/// The values of a kind that are kept, but the longest.
pub fn kept(kind: PropertyType, facts: &Facts) -> Vec<Value> {
    let odd = facts.odd_values(kind).iter();
    let odd = odd.filter(|value| values::is_short(value)).cloned();
    let all = values::plain(kind).into_iter().chain(odd);
    let mut kept: Vec<Value> = Vec::new();
    for value in all.map(|value| facts.stored(&value)) {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

/// What to compare a property of that kind with: null, the values that are stored, values beside them, and some that
/// can't be stored.
pub fn operands(kind: PropertyType, facts: &Facts) -> Vec<Value> {
    let kept = kept(kind, facts);
    let refused = values::odd(kind);
    let refused = refused.into_iter().filter(values::is_short);
    let beside = kept.iter().flat_map(|value| neighbours(value, kind));
    let mut operands = vec![Value::Null];
    for value in kept.iter().cloned().chain(refused).chain(beside) {
        if !operands.contains(&value) {
            operands.push(value);
        }
    }
    operands
}

/// Values just beside one, and such as are easily taken for it.
pub fn neighbours(value: &Value, kind: PropertyType) -> Vec<Value> {
    match value {
        Value::Integer(number) => vec![
            Value::Integer(number.saturating_add(1)),
            Value::Integer(number.saturating_sub(1)),
        ],
        Value::Float(number) => [number.next_up(), number.next_down()]
            .into_iter()
            .filter(|number| number.is_finite())
            .map(Value::Float)
            .collect(),
        Value::Decimal(digits) => {
            let point = if digits.contains('.') { "" } else { "." };
            vec![
                Value::Decimal(format!("{digits}{point}0")),
                Value::Decimal(format!("{digits}{point}0001")),
            ]
        }
        Value::Timestamp(time) => vec![Value::Timestamp(time + 1), Value::Timestamp(time - 1)],
        Value::Text(text) if matches!(kind, PropertyType::Text | PropertyType::Any) => {
            let mut texts = vec![
                format!("{text} "),
                format!("{text}a"),
                text.to_uppercase(),
                text.to_lowercase(),
            ];
            let mut shorter = text.clone();
            shorter.pop();
            texts.push(shorter);
            texts.retain(|other| other != text);
            texts.into_iter().map(Value::Text).collect()
        }
        Value::Text(text) => next_text(text, kind).into_iter().map(Value::Text).collect(),
        Value::Bytes(bytes) => {
            let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
            let shorter: Vec<u8> = bytes
                .iter()
                .copied()
                .take(bytes.len().saturating_sub(1))
                .collect();
            vec![Value::Bytes(longer), Value::Bytes(shorter)]
        }
        Value::Point(point) => vec![
            Value::Point(GeoPoint {
                latitude: point.longitude.clamp(-90.0, 90.0),
                longitude: point.latitude,
            }),
            Value::Point(GeoPoint {
                latitude: point.latitude,
                longitude: point.longitude.next_up().clamp(-180.0, 180.0),
            }),
        ],
        Value::Json(text) => like_json(text),
        _ => Vec::new(),
    }
}

/// The date, time or UUID with another last digit.
fn next_text(text: &str, kind: PropertyType) -> Option<String> {
    let mut digits: Vec<char> = text.chars().collect();
    let last = digits.pop()?;
    let other = match (kind, last) {
        (PropertyType::Uuid, '8') => '9',
        (PropertyType::Uuid, _) => '8',
        (_, '0') => '1',
        (_, '9') => '8',
        (_, digit) => char::from_digit(digit.to_digit(10)?.saturating_sub(1), 10)?,
    };
    digits.push(other);
    Some(digits.into_iter().collect())
}

/// JSON that is equal though it is written otherwise, and such as is nearly so.
fn like_json(text: &str) -> Vec<Value> {
    let mut like = vec![format!(" {text} ")];
    if let Some(inside) = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    {
        if !inside.is_empty() {
            like.push(format!("[{inside},null]"));
            like.push(format!("[{text}]"));
        }
    } else if let Some(inside) = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
    {
        let comma = if inside.is_empty() { "" } else { "," };
        like.push(format!("{{{inside}{comma}\"zz\":null}}"));
    }
    match text {
        r#"{"n":1}"# => like.push(r#"{"n":1.0}"#.into()),
        r#"{"n":2,"t":"a"}"# => like.push(r#"{"t":"a","n":2}"#.into()),
        "[1,2,3]" => like.extend(["[3,2,1]".into(), "[1,2.0,3]".into(), "[1,2]".into()]),
        _ => {}
    }
    like.into_iter().map(Value::Json).collect()
}

/// A filter of one condition.
pub fn condition(
    name: &str,
    path: &[&str],
    comparison: Comparison,
    operands: Vec<Value>,
) -> Filter {
    vec![FilterNode::Condition(Condition {
        property: name.to_owned(),
        path: path.iter().map(|step| (*step).to_owned()).collect(),
        comparison,
        operands,
    })]
}
