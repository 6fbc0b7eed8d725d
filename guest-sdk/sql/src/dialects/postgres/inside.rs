//! Conditions on what is inside of `jsonb`, and on arrays.
//!
//! A path of the contract's looks in each element of an array that a name meets, and of arrays within. A lax path of
//! SQL/JSON looks through one level of them: where arrays are directly within arrays on the way, which one look tells,
//! a path is taken that looks through as many levels as JSON may have. What it finds is compared by SQL, since a
//! comparison within such a path would look through arrays again. Numbers inside JSON are floats to the contract,
//! unless they are whole or stand as `{"$decimal": …}`.

use tenon_model::{Comparison, Condition, PropertyType, Value, coerce};

use super::types::Native;
use crate::{Column, Parameter, Part, Writer};

/// How deep JSON may be nested.
const DEPTH: usize = 128;

/// Up to which size every whole number is a float.
const EXACT_FLOATS: f64 = 9_007_199_254_740_992.0;

/// The least operand beside zero: what is less is compared as if it were not much less.
const LEAST_OPERAND: f64 = 1e-290;

/// Whether an array has an element equal to the operand.
pub(super) fn contains(column: &Column, operand: &Value, sql: &mut Writer<'_>) -> Part {
    if column.kind != PropertyType::Json {
        return Part::Nothing;
    }
    match (Native::of(column), operand) {
        (_, Value::Text(text)) if text.contains('\0') => Part::Nothing,
        (Native::Jsonb, Value::Text(_) | Value::Boolean(_)) => {
            sql.push("(jsonb_typeof(");
            sql.column(column);
            sql.push(") = 'array' AND ");
            sql.column(column);
            // An index serves this.
            sql.push(" @> jsonb_build_array(");
            let kind = match operand {
                Value::Boolean(_) => PropertyType::Boolean,
                _ => PropertyType::Text,
            };
            sql.dialect().typed(kind, operand.clone(), sql);
            sql.push("))");
            Part::Whole
        }
        (Native::Jsonb, Value::Integer(_) | Value::Float(_)) => {
            sql.push("(jsonb_typeof(");
            sql.column(column);
            sql.push(") = 'array' AND EXISTS (SELECT 1 FROM jsonb_path_query(");
            sql.column(column);
            sql.push(", '$[*]') AS v WHERE ");
            let part = number(" = ", operand, sql);
            sql.push("))");
            part
        }
        (Native::Texts, Value::Text(_)) => element(column, PropertyType::Text, operand, sql),
        (Native::Integers, Value::Integer(_)) => {
            element(column, PropertyType::Integer, operand, sql)
        }
        _ => Part::Nothing,
    }
}

/// Whether an array of one dimension has an element; `ANY` would look into the others of several, too.
fn element(column: &Column, kind: PropertyType, operand: &Value, sql: &mut Writer<'_>) -> Part {
    sql.push("(array_ndims(");
    sql.column(column);
    sql.push(") = 1 AND ");
    sql.dialect().typed(kind, operand.clone(), sql);
    sql.push(" = ANY(");
    sql.column(column);
    sql.push("))");
    Part::Whole
}

/// A positive condition behind a path, without operands that are null.
pub(super) fn condition(column: &Column, condition: &Condition, sql: &mut Writer<'_>) -> Part {
    use Comparison as C;
    if column.kind != PropertyType::Json || Native::of(column) != Native::Jsonb {
        return Part::Nothing;
    }
    let Some(paths) = Paths::new(&condition.path) else {
        return Part::Nothing;
    };
    sql.push("EXISTS (SELECT 1 FROM jsonb_path_query(");
    sql.column(column);
    sql.push(", CASE WHEN jsonb_path_match(");
    sql.column(column);
    sql.push(", ");
    path(paths.is_nested, sql);
    sql.push(") THEN ");
    path(paths.deep, sql);
    sql.push(" ELSE ");
    path(paths.flat, sql);
    sql.push(" END) AS v");
    let operands = condition.operands.as_slice();
    let part = match (condition.comparison, operands) {
        (C::Exists, [Value::Boolean(true)]) => {
            sql.push(")");
            return Part::Whole;
        }
        (C::OneOf, operands) => {
            sql.push(" WHERE ");
            one_of(operands, sql)
        }
        (C::Like, [Value::Text(pattern)]) if is_well_formed(pattern) => {
            sql.push(" WHERE ");
            compare_text(" LIKE ", pattern, sql)
        }
        (C::Between, [least, greatest]) => {
            sql.push(" WHERE ");
            let from = compare(" >= ", least, sql);
            sql.push(" AND ");
            match (from, compare(" <= ", greatest, sql)) {
                (Part::Whole, Part::Whole) => Part::Whole,
                _ => Part::Nothing,
            }
        }
        (comparison, [operand]) => {
            let operator = match comparison {
                C::Equal => " = ",
                C::Greater => " > ",
                C::GreaterOrEqual => " >= ",
                C::Less => " < ",
                C::LessOrEqual => " <= ",
                _ => return Part::Nothing,
            };
            sql.push(" WHERE ");
            compare(operator, operand, sql)
        }
        _ => Part::Nothing,
    };
    sql.push(")");
    part
}

/// The same path in two forms, and the question which of them it takes.
struct Paths {
    is_nested: String,
    deep: String,
    flat: String,
}

impl Paths {
    /// None where a step may be an index, which SQL/JSON takes otherwise.
    fn new(steps: &[String]) -> Option<Self> {
        let through = "[*]".repeat(DEPTH);
        let mut flat = String::from("$");
        let mut deep = String::from("$");
        let mut nested = Vec::with_capacity(steps.len());
        for step in steps {
            if step.parse::<usize>().is_ok() || step.contains('\0') {
                return None;
            }
            let name = serde_json::to_string(step).ok()?;
            nested.push(format!("exists({flat}[*].type() ? (@ == \"array\"))"));
            deep.push_str(&format!("{through}.{name}"));
            flat.push_str(&format!(".{name}"));
        }
        Some(Self {
            is_nested: nested.join(" || "),
            deep,
            flat,
        })
    }
}

fn path(path: String, sql: &mut Writer<'_>) {
    sql.parameter(Value::Text(path));
    sql.push("::text::jsonpath");
}

fn compare(operator: &'static str, operand: &Value, sql: &mut Writer<'_>) -> Part {
    match operand {
        Value::Text(text) => compare_text(operator, text, sql),
        Value::Boolean(_) if operator == " = " => {
            sql.push("v = to_jsonb(");
            sql.dialect()
                .typed(PropertyType::Boolean, operand.clone(), sql);
            sql.push(")");
            Part::Whole
        }
        Value::Integer(_) | Value::Float(_) => number(operator, operand, sql),
        _ => Part::Nothing,
    }
}

/// The text that was found, by code point.
fn text(sql: &mut Writer<'_>) {
    sql.push("(CASE jsonb_typeof(v) WHEN 'string' THEN v #>> '{}' END) COLLATE \"C\"");
}

fn compare_text(operator: &'static str, operand: &str, sql: &mut Writer<'_>) -> Part {
    if operand.contains('\0') {
        return Part::Nothing;
    }
    text(sql);
    sql.push(operator);
    sql.dialect()
        .typed(PropertyType::Text, Value::from(operand), sql);
    Part::Whole
}

fn one_of(operands: &[Value], sql: &mut Writer<'_>) -> Part {
    let is_plain = |operand: &Value| operand.as_text().is_some_and(|text| !text.contains('\0'));
    if operands.is_empty() || !operands.iter().all(is_plain) {
        return Part::Nothing;
    }
    text(sql);
    sql.push(" = ANY(");
    sql.parameter(Parameter::List(operands.to_vec()));
    sql.push("::text[])");
    Part::Whole
}

/// Compares a number that was found with one of a size that every comparison of floats is exact for.
fn number(operator: &'static str, operand: &Value, sql: &mut Writer<'_>) -> Part {
    let Ok(Value::Float(float)) = coerce(operand.clone(), PropertyType::Float) else {
        return Part::Nothing;
    };
    let size = float.abs();
    if size >= EXACT_FLOATS || (size < LEAST_OPERAND && size != 0.0) {
        return Part::Nothing;
    }
    sql.push("(CASE jsonb_typeof(v) WHEN 'number' THEN ");
    // What no float holds is brought to where it is as much less or greater.
    sql.push("(CASE WHEN abs(v::numeric) < 1e-300 THEN sign(v::numeric) * 1e-300 ");
    sql.push("ELSE LEAST(GREATEST(v::numeric, -1e300), 1e300) END)::float8");
    sql.push(operator);
    sql.dialect()
        .typed(PropertyType::Float, Value::Float(float), sql);
    sql.push(" WHEN 'object' THEN (CASE WHEN v ->> '$decimal' ~ '^-?[0-9]+([.][0-9]+)?$' ");
    sql.push("AND v - '$decimal' = '{}' THEN (v ->> '$decimal')::numeric END)");
    sql.push(operator);
    sql.dialect()
        .typed(PropertyType::Decimal, Value::Decimal(digits(float)), sql);
    sql.push(" END)");
    Part::Whole
}

/// A float's very value in digits.
fn digits(float: f64) -> String {
    // No float has more digits behind the point.
    let text = format!("{float:.1074}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

fn is_well_formed(pattern: &str) -> bool {
    let backslashes = pattern.chars().rev().take_while(|c| *c == '\\').count();
    backslashes.is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_the_floats_very_value() {
        assert_eq!(digits(2.5), "2.5");
        assert_eq!(digits(-0.0), "0");
        assert_eq!(digits(100.0), "100");
        assert!(digits(0.1).starts_with("0.1000000000000000055511151231257827"));
    }

    #[test]
    fn paths_quote_their_steps() {
        let paths = Paths::new(&["a\" ? (true)".to_owned(), "b".to_owned()]).unwrap();
        assert_eq!(paths.flat, r#"$."a\" ? (true)"."b""#);
        assert!(Paths::new(&["0".to_owned()]).is_none());
    }
}
