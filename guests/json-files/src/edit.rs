//! Changes of a document: set, unset and increment, at a field or somewhere inside its value.
//!
//! A path's steps after the field are names of members, or indexes of elements where there is an array. What is
//! missing on the way of a `set` or `increment` is made, as objects; a scalar on the way is refused.

use serde_json::{Map, Value as Json};
use tenon_model::MAX_PATH;
use tenon_sdk::{Edit, Entity, Error, PropertyType, Result, Value};

use crate::number;

/// Makes one change.
pub(crate) fn apply(document: &mut Entity, edit: &Edit) -> Result<()> {
    let (path, change) = match edit {
        Edit::Set(path, value) => (path, Change::Set(value)),
        Edit::Unset(path) => (path, Change::Unset),
        Edit::Increment(path, value) => (path, Change::Increment(value)),
    };
    at(document, path, &change).map_err(|error| match path.first() {
        Some(field) => error
            .context(format_args!("`{}`", path.join(".")))
            .detail("property", field),
        None => error,
    })
}

/// Sets what a document must have to match a condition of equality.
pub(crate) fn set(
    document: &mut Entity,
    field: &str,
    steps: &[String],
    value: &Value,
) -> Result<()> {
    let path: Vec<String> = std::iter::once(field.to_owned())
        .chain(steps.iter().cloned())
        .collect();
    apply(document, &Edit::Set(path, value.clone()))
}

enum Change<'a> {
    Set(&'a Value),
    Unset,
    Increment(&'a Value),
}

fn at(document: &mut Entity, path: &[String], change: &Change) -> Result<()> {
    let Some((field, steps)) = path.split_first() else {
        return Err(Error::invalid("a change needs a path: name a field"));
    };
    if path.len() > MAX_PATH {
        return Err(Error::invalid(format!(
            "a path has at most {MAX_PATH} steps, and this one has {}",
            path.len()
        )));
    }
    let old = document.get(field);
    if steps.is_empty() {
        match change {
            Change::Set(value) => document.set(field, (*value).clone()),
            Change::Unset => drop(document.remove(field)),
            Change::Increment(by) => {
                let sum = increment(old.unwrap_or(&Value::Null), by)?;
                document.set(field, sum);
            }
        }
        return Ok(());
    }
    let mut inside = match old {
        None | Some(Value::Null) if matches!(change, Change::Unset) => return Ok(()),
        None | Some(Value::Null) => Json::Object(Map::new()),
        Some(Value::Json(text)) => serde_json::from_str(text).map_err(|error| {
            Error::invalid(format!("what is stored there can't be changed: {error}"))
        })?,
        Some(_) if matches!(change, Change::Unset) => return Ok(()),
        Some(scalar) => return Err(in_the_way(field, scalar.case_name())),
    };
    inner(&mut inside, steps, change)?;
    let text = inside.to_string();
    // What is nested so deeply that nobody could read it again is refused while it is still somebody's call.
    serde_json::from_str::<Json>(&text)
        .map_err(|error| Error::invalid(format!("the changed value can't be kept: {error}")))?;
    document.set(field, Value::Json(text));
    Ok(())
}

/// Changes what is at the end of the steps.
fn inner(mut json: &mut Json, steps: &[String], change: &Change) -> Result<()> {
    let Some((last, way)) = steps.split_last() else {
        return Ok(());
    };
    let unset = matches!(change, Change::Unset);
    for step in way {
        let next = if unset {
            existing(json, step)
        } else {
            Some(made(json, step)?)
        };
        match next {
            Some(next) => json = next,
            None => return Ok(()),
        }
    }
    match change {
        Change::Unset => match json {
            Json::Object(members) => drop(members.remove(last)),
            Json::Array(elements) => {
                if let Some(index) = index(last).filter(|index| *index < elements.len()) {
                    elements.remove(index);
                }
            }
            _ => {}
        },
        Change::Set(value) => *made(json, last)? = nested(value)?,
        Change::Increment(by) => {
            let place = made(json, last)?;
            let old = match &*place {
                Json::Null => Value::Null,
                old => Value::from_json(old, PropertyType::Any).map_err(Error::invalid)?,
            };
            *place = nested(&increment(&old, by)?)?;
        }
    }
    Ok(())
}

/// What is at a step; none where nothing is.
fn existing<'a>(json: &'a mut Json, step: &str) -> Option<&'a mut Json> {
    match json {
        Json::Object(members) => members.get_mut(step),
        Json::Array(elements) => elements.get_mut(index(step)?),
        _ => None,
    }
}

/// What is at a step, made where it is missing.
fn made<'a>(json: &'a mut Json, step: &str) -> Result<&'a mut Json> {
    if json.is_null() {
        *json = Json::Object(Map::new());
    }
    match json {
        Json::Object(members) => Ok(members.entry(step).or_insert(Json::Null)),
        Json::Array(elements) => {
            let count = elements.len();
            let out_of_reach = || {
                Error::invalid(format!(
                    "`{step}` is no place in an array of {count} elements: give an index up to {count}"
                ))
            };
            let index = index(step)
                .filter(|index| *index <= count)
                .ok_or_else(out_of_reach)?;
            if index == count {
                elements.push(Json::Null);
            }
            elements.get_mut(index).ok_or_else(out_of_reach)
        }
        Json::Bool(_) => Err(in_the_way(step, "boolean")),
        Json::Number(_) => Err(in_the_way(step, "number")),
        _ => Err(in_the_way(step, "text")),
    }
}

/// A value as it stands inside JSON.
fn nested(value: &Value) -> Result<Json> {
    match value {
        Value::Json(text) => serde_json::from_str(text)
            .map_err(|error| Error::invalid(format!("it is no valid JSON: {error}"))),
        other => Ok(other.to_lossless_json()),
    }
}

/// Adds to a number, or appends to a text; to nothing, it is the value itself.
fn increment(old: &Value, by: &Value) -> Result<Value> {
    let is_number = |value: &Value| {
        matches!(
            value,
            Value::Integer(_) | Value::Float(_) | Value::Decimal(_)
        )
    };
    match (old, by) {
        (Value::Null, by) if is_number(by) || matches!(by, Value::Text(_)) => Ok(by.clone()),
        (Value::Text(old), Value::Text(more)) => Ok(Value::Text(format!("{old}{more}"))),
        (old, by) if is_number(old) && is_number(by) => number::add(old, by)
            .ok_or_else(|| Error::invalid("the sum is no number that can be kept")),
        (old, by) => Err(Error::invalid(format!(
            "{} can't be added to {}: a number is added to a number, a text is put behind a text",
            by.case_name(),
            old.case_name()
        ))),
    }
}

/// An index as JSON Pointer (RFC 6901) writes them: digits without a zero in front.
fn index(step: &str) -> Option<usize> {
    let canonical = step == "0" || !step.starts_with(['0', '+']);
    canonical.then(|| step.parse().ok()).flatten()
}

fn in_the_way(step: &str, what: &str) -> Error {
    Error::invalid(format!(
        "there is a {what} on the way, with nothing inside it, at `{step}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    fn edited(json: &str, edit: Edit) -> Result<String> {
        let mut document = Entity::new().with("d", Value::Json(json.into()));
        apply(&mut document, &edit)?;
        match document.get("d") {
            Some(Value::Json(text)) => Ok(text.clone()),
            other => Ok(format!("{other:?}")),
        }
    }

    #[test]
    fn set_reaches_into_objects_and_arrays_and_makes_what_is_missing() {
        let set = |json: &str, at: &str| edited(json, Edit::Set(path(at), Value::Integer(1)));
        assert_eq!(set("{}", "d.a.b").unwrap(), r#"{"a":{"b":1}}"#);
        assert_eq!(
            set(r#"{"a":[{"b":0}]}"#, "d.a.0.b").unwrap(),
            r#"{"a":[{"b":1}]}"#
        );
        assert_eq!(set(r#"{"a":[0]}"#, "d.a.1").unwrap(), r#"{"a":[0,1]}"#);
        assert_eq!(set(r#"{"a":null}"#, "d.a.0").unwrap(), r#"{"a":{"0":1}}"#);
        for (json, at) in [
            (r#"{"a":5}"#, "d.a.b"),
            (r#"{"a":[]}"#, "d.a.1"),
            (r#"{"a":[1]}"#, "d.a.x"),
        ] {
            assert!(set(json, at).is_err(), "{json} {at}");
        }
    }

    #[test]
    fn a_field_that_is_missing_becomes_an_object_and_a_scalar_is_in_the_way() {
        let mut document = Entity::new().with("n", 1_i64);
        apply(&mut document, &Edit::Set(path("d.a"), Value::Timestamp(5))).unwrap();
        let json = Value::Json(r#"{"a":{"$timestamp":5}}"#.into());
        assert_eq!(document.get("d"), Some(&json));
        assert!(apply(&mut document, &Edit::Set(path("n.a"), Value::Null)).is_err());
        assert!(apply(&mut document, &Edit::Set(Vec::new(), Value::Null)).is_err());
    }

    #[test]
    fn unset_removes_what_is_there_and_nothing_to_remove_is_no_error() {
        let unset = |json: &str, at: &str| edited(json, Edit::Unset(path(at))).unwrap();
        assert_eq!(unset(r#"{"a":{"b":1,"c":2}}"#, "d.a.b"), r#"{"a":{"c":2}}"#);
        assert_eq!(unset(r#"{"a":[1,2,3]}"#, "d.a.1"), r#"{"a":[1,3]}"#);
        for at in ["d.x", "d.x.y", "d.a.9", "d.a.0.z"] {
            assert_eq!(unset(r#"{"a":[1]}"#, at), r#"{"a":[1]}"#, "{at}");
        }
        assert_eq!(unset("{}", "d"), "None");
    }

    #[test]
    fn increment_adds_numbers_and_appends_texts() {
        let increment = |json: &str, by: Value| edited(json, Edit::Increment(path("d.a"), by));
        assert_eq!(
            increment(r#"{"a":1}"#, Value::Integer(2)).unwrap(),
            r#"{"a":3}"#
        );
        assert_eq!(
            increment(r#"{"a":"x"}"#, "y".into()).unwrap(),
            r#"{"a":"xy"}"#
        );
        assert_eq!(increment("{}", Value::Integer(2)).unwrap(), r#"{"a":2}"#);
        assert_eq!(
            increment(r#"{"a":null}"#, "y".into()).unwrap(),
            r#"{"a":"y"}"#
        );
        let exact = increment(r#"{"a":{"$decimal":"0.1"}}"#, Value::Decimal("0.2".into()));
        assert_eq!(exact.unwrap(), r#"{"a":{"$decimal":"0.3"}}"#);
        for (json, by) in [
            (r#"{"a":1}"#, Value::from("x")),
            (r#"{"a":"x"}"#, Value::Integer(1)),
            ("{}", Value::Boolean(true)),
        ] {
            assert!(increment(json, by).is_err(), "{json}");
        }
    }

    #[test]
    fn what_nobody_could_read_again_is_refused() {
        let deep = format!("{}{}", "[".repeat(127), "]".repeat(127));
        assert!(edited("{}", Edit::Set(path("d.a.b"), Value::Json(deep))).is_err());
    }
}
