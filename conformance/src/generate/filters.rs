//! Filters: every comparison that a property's kind allows, and nodes of every shape.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tenon_model::Filter;
use tenon_model::contract::{Comparison, Condition, Model, PropertyType, Value};

use super::records::UNDECLARED;
use super::values;
use crate::facts::Facts;

/// The steps into JSON that invented conditions take.
const PATHS: &[&[&str]] = &[
    &["n"],
    &["t"],
    &["o", "n"],
    &["list"],
    &["list", "n"],
    &["0"],
    &["list", "1"],
    &["missing"],
];

/// The comparisons that a property of that kind can be asked with.
pub fn comparisons(kind: PropertyType) -> Vec<Comparison> {
    use Comparison as C;
    let mut all = vec![C::Equal, C::NotEqual, C::OneOf, C::NotOneOf, C::Exists];
    if !matches!(kind, PropertyType::Json | PropertyType::Point) {
        all.extend([
            C::Greater,
            C::GreaterOrEqual,
            C::Less,
            C::LessOrEqual,
            C::Between,
        ]);
    }
    if is_textual(kind) {
        all.extend([C::Like, C::NotLike, C::Ilike, C::NotIlike, C::Matches]);
    }
    if kind == PropertyType::Json {
        all.push(C::Contains);
    }
    if kind == PropertyType::Point {
        all.push(C::Near);
    }
    all
}

/// Whether patterns are for a kind.
pub fn is_textual(kind: PropertyType) -> bool {
    matches!(
        kind,
        PropertyType::Text
            | PropertyType::Date
            | PropertyType::Time
            | PropertyType::Uuid
            | PropertyType::Any
    )
}

/// A condition of any comparison on a property of that kind.
pub fn condition(name: &str, kind: PropertyType, facts: &Facts) -> BoxedStrategy<Condition> {
    let each = comparisons(kind)
        .into_iter()
        .map(|comparison| compared(name, kind, comparison, facts));
    let each: Vec<_> = each.collect();
    select((0..each.len()).collect::<Vec<_>>())
        .prop_flat_map(move |which| {
            let chosen = each.get(which).or_else(|| each.first()).cloned();
            chosen.unwrap_or_else(|| Just(nothing()).boxed())
        })
        .boxed()
}

fn nothing() -> Condition {
    Condition {
        property: String::new(),
        path: Vec::new(),
        comparison: Comparison::OneOf,
        operands: Vec::new(),
    }
}

/// A condition of that comparison.
pub fn compared(
    name: &str,
    kind: PropertyType,
    comparison: Comparison,
    facts: &Facts,
) -> BoxedStrategy<Condition> {
    let name = name.to_owned();
    let paths = if kind == PropertyType::Json && comparison != Comparison::Near {
        let deep = select(PATHS).prop_map(|path| path.iter().map(|s| (*s).to_owned()).collect());
        prop_oneof![1 => Just(Vec::new()), 3 => deep].boxed()
    } else {
        Just(Vec::new()).boxed()
    };
    let operand = operand_of(kind, facts);
    let operands = operands(kind, comparison, &operand);
    // Inside JSON, values are JSON's own.
    let inside = operands_inside(comparison);
    paths
        .prop_flat_map(move |path: Vec<String>| {
            let operands = if path.is_empty() {
                operands.clone()
            } else {
                inside.clone()
            };
            (Just(path), operands)
        })
        .prop_map(move |(path, operands)| Condition {
            property: name.clone(),
            path,
            comparison,
            operands,
        })
        .boxed()
}

/// An operand: mostly one that records have too, now and then null.
fn operand_of(kind: PropertyType, facts: &Facts) -> BoxedStrategy<Value> {
    prop_oneof![8 => values::value(kind, facts), 1 => Just(Value::Null)].boxed()
}

fn operands(
    kind: PropertyType,
    comparison: Comparison,
    operand: &BoxedStrategy<Value>,
) -> BoxedStrategy<Vec<Value>> {
    use Comparison as C;
    match comparison {
        C::Between => vec(operand.clone(), 2).boxed(),
        C::OneOf | C::NotOneOf => vec(operand.clone(), 0..4).boxed(),
        C::Exists => any::<bool>()
            .prop_map(|it| vec![Value::Boolean(it)])
            .boxed(),
        C::Like | C::NotLike | C::Ilike | C::NotIlike => pattern(kind).prop_map(one).boxed(),
        C::Matches => expression().prop_map(one).boxed(),
        C::Contains => element().prop_map(|value| vec![value]).boxed(),
        C::Near => (
            values::value(PropertyType::Point, &Facts::default()),
            bounds(),
        )
            .prop_map(|(point, (most, least))| vec![point, most, least])
            .boxed(),
        _ => vec(operand.clone(), 1).boxed(),
    }
}

/// The operands of a comparison of something inside JSON.
fn operands_inside(comparison: Comparison) -> BoxedStrategy<Vec<Value>> {
    let operand = prop_oneof![6 => element(), 1 => Just(Value::Null)].boxed();
    operands(PropertyType::Any, comparison, &operand)
}

/// What elements and members of invented JSON are.
fn element() -> BoxedStrategy<Value> {
    select(vec![
        Value::Integer(1),
        Value::Integer(2),
        Value::from("a"),
        Value::from("b"),
        Value::Integer(5),
        Value::Float(1.0),
        Value::Float(2.5),
        Value::Boolean(true),
    ])
    .boxed()
}

fn one(text: String) -> Vec<Value> {
    vec![Value::Text(text)]
}

fn pattern(kind: PropertyType) -> BoxedStrategy<String> {
    let texts: Vec<&str> = match kind {
        PropertyType::Date => vec!["2024%", "%-12-31", "1999-12-3_", "%"],
        PropertyType::Time => vec!["%:59", "12:__:45", "00:00:00", "%"],
        PropertyType::Uuid => vec!["936d%", "%8", "FFFF%", "%-4%"],
        _ => vec![
            "a%",
            "%",
            "_",
            "a",
            "ab_",
            "%b",
            "%a%",
            "a\\%",
            "a\\_b",
            "a_b",
            "\\\\",
            "a\\\\%",
            "A%",
            "Ä",
            "ä",
            "ss",
            "SS%",
            "é",
            "",
            "%%",
            "__",
            "a b",
            "% %",
            "\u{10ffff}%",
            "中_",
        ],
    };
    let fixed = select(texts).prop_map(str::to_owned);
    prop_oneof![4 => fixed, 1 => "[aA%_]{0,4}"].boxed()
}

fn expression() -> BoxedStrategy<String> {
    select(vec![
        "a", "^a", "b$", "^ab?$", "(?i)^A", "(?i)ä", "^$", "[A-C]", ".", "^a.b$", "\\d", "(?s)^.$",
        "[^a]", "a|b", "(?i:SS)", "\\bb\\b", "\\pL",
    ])
    .prop_map(str::to_owned)
    .boxed()
}

/// The greatest and the least distance of `near`, in metres.
fn bounds() -> BoxedStrategy<(Value, Value)> {
    let distance = || {
        prop_oneof![
            1 => Just(Value::Null),
            3 => select(vec![0.0, 1.0, 111_300.0, 1_000_000.0, 12_000_000.0]).prop_map(Value::Float)
        ]
    };
    (distance(), distance()).boxed()
}

/// The properties that a model's records have, with their kinds.
pub fn asked(model: &Model) -> Vec<(String, PropertyType)> {
    let mut asked: Vec<(String, PropertyType)> = model
        .properties
        .iter()
        .map(|property| (property.name.clone(), property.kind))
        .collect();
    if !model.strict {
        asked.push((UNDECLARED.to_owned(), PropertyType::Integer));
    }
    asked
}

/// A filter of any shape: everything, a condition, and nodes of conditions up to three deep.
pub fn filter(model: &Model, facts: &Facts) -> BoxedStrategy<Filter> {
    let conditions: Vec<_> = asked(model)
        .into_iter()
        .map(|(name, kind)| condition(&name, kind, facts))
        .collect();
    let leaf = select((0..conditions.len()).collect::<Vec<_>>())
        .prop_flat_map(move |which| {
            let chosen = conditions
                .get(which)
                .or_else(|| conditions.first())
                .cloned();
            chosen.unwrap_or_else(|| Just(nothing()).boxed())
        })
        .prop_map(Filter::Condition)
        .boxed();
    let tree = leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 0..4).prop_map(Filter::AllOf),
            2 => vec(inner.clone(), 0..3).prop_map(Filter::AnyOf),
            2 => vec(inner, 0..3).prop_map(Filter::NoneOf),
        ]
    });
    prop_oneof![1 => Just(Filter::all()), 8 => tree].boxed()
}
