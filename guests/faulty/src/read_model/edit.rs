//! Edits of a document, at a field or inside its JSON.

use serde_json::{Map, Value as Json};
use tenon_sdk::{Edit, Entity, Error, PropertyType, Result, Value};

use super::number;
use crate::fault::{Fault, Planted};

/// Where an edit is made.
pub(super) fn path(edit: &Edit) -> &[String] {
    let (Edit::Set(path, _) | Edit::Unset(path) | Edit::Increment(path, _)) = edit;
    path
}

/// Makes one edit.
pub(super) fn apply(planted: Planted, document: &mut Entity, edit: &Edit) -> Result<()> {
    let path = path(edit);
    let Some((field, steps)) = path.split_first() else {
        return Err(Error::invalid("an edit needs a path: name a field"));
    };
    made(planted, document, edit, field, steps)
        .map_err(|error| error.context(format_args!("`{}`", path.join("."))))
}

fn made(
    planted: Planted,
    document: &mut Entity,
    edit: &Edit,
    field: &str,
    steps: &[String],
) -> Result<()> {
    let old = document.get(field).filter(|value| !value.is_null());
    if steps.is_empty() {
        match edit {
            Edit::Set(_, value) => document.set(field, value.clone()),
            Edit::Unset(_) if old.is_none() && planted.is(Fault::UnsetOfNothingFails) => {
                return Err(Error::not_found("there is nothing to remove"));
            }
            Edit::Unset(_) if planted.is(Fault::UnsetLeavesNull) => {
                document.set(field, Value::Null);
            }
            Edit::Unset(_) => drop(document.remove(field)),
            Edit::Increment(_, by) => {
                if let Some(sum) = increment(planted, old, by)? {
                    document.set(field, sum);
                }
            }
        }
        return Ok(());
    }
    let there = match old {
        None => None,
        Some(Value::Json(text)) => Some(serde_json::from_str(text)?),
        Some(_) if matches!(edit, Edit::Unset(_)) => return Ok(()),
        Some(_) if planted.is(Fault::ScalarGivesWay) => None,
        Some(scalar) => return Err(in_the_way(scalar.case_name())),
    };
    match inside(planted, there, edit, steps)? {
        Some(json) => document.set(field, Value::Json(json.to_string())),
        None => drop(document.remove(field)),
    }
    Ok(())
}

/// What becomes of the JSON at a place by an edit further inside it; none where nothing is there.
fn inside(
    planted: Planted,
    there: Option<Json>,
    edit: &Edit,
    steps: &[String],
) -> Result<Option<Json>> {
    let unset = matches!(edit, Edit::Unset(_));
    let Some((step, rest)) = steps.split_first() else {
        return at_the_end(planted, there, edit);
    };
    if unset && rest.is_empty() && there.is_some() && planted.is(Fault::UnsetRemovesTheParent) {
        return Ok(None);
    }
    let makes_nothing = planted.is(Fault::SetMakesNothing) && matches!(edit, Edit::Set(..));
    match there {
        None | Some(Json::Null) if unset => Ok(there),
        None | Some(Json::Null) if makes_nothing => Ok(there),
        None | Some(Json::Null) => {
            let inner = inside(planted, None, edit, rest)?;
            let members = inner.map(|inner| (step.clone(), inner));
            Ok(Some(Json::Object(members.into_iter().collect())))
        }
        Some(Json::Object(mut members)) => {
            if makes_nothing && !rest.is_empty() && !members.contains_key(step) {
                return Ok(Some(Json::Object(members)));
            }
            let inner = inside(planted, members.remove(step), edit, rest)?;
            if matches!(edit, Edit::Set(..)) && planted.is(Fault::SetReplacesTheWay) {
                members = Map::new();
            }
            members.extend(inner.map(|inner| (step.clone(), inner)));
            Ok(Some(Json::Object(members)))
        }
        Some(Json::Array(elements)) => in_array(planted, elements, edit, step, rest).map(Some),
        Some(scalar) if unset => Ok(Some(scalar)),
        Some(_) if planted.is(Fault::ScalarGivesWay) => inside(planted, None, edit, steps),
        Some(scalar) => Err(in_the_way(match scalar {
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            _ => "text",
        })),
    }
}

fn in_array(
    planted: Planted,
    mut elements: Vec<Json>,
    edit: &Edit,
    step: &str,
    rest: &[String],
) -> Result<Json> {
    let unset = matches!(edit, Edit::Unset(_));
    let count = elements.len();
    let is_index = step == "0" || !step.starts_with(['0', '+']);
    let index: Option<usize> = is_index.then(|| step.parse().ok()).flatten();
    match index {
        Some(index) if index < count => {
            if rest.is_empty()
                && matches!(edit, Edit::Set(..))
                && planted.is(Fault::SetInsertsElements)
            {
                elements.splice(index..index, inside(planted, None, edit, rest)?);
                return Ok(Json::Array(elements));
            }
            let element = elements.remove(index);
            let inner = inside(planted, Some(element), edit, rest)?;
            let leaves = inner.is_none() && planted.is(Fault::UnsetElementLeavesNull);
            let inner = inner.or_else(|| leaves.then_some(Json::Null));
            elements.splice(index..index, inner);
        }
        _ if unset => {}
        Some(index) if index == count || planted.is(Fault::FarIndexAppends) => {
            elements.extend(inside(planted, None, edit, rest)?);
        }
        _ => {
            return Err(Error::invalid(format!(
                "`{step}` is no place in an array of {count} elements"
            )));
        }
    }
    Ok(Json::Array(elements))
}

fn at_the_end(planted: Planted, there: Option<Json>, edit: &Edit) -> Result<Option<Json>> {
    match edit {
        Edit::Set(_, value) => nested(value).map(Some),
        Edit::Unset(_) => Ok(None),
        Edit::Increment(_, by) => {
            let old = there.as_ref().filter(|json| !json.is_null());
            let old = old.map(|json| Value::from_json(json, PropertyType::Any));
            let old = old.transpose().map_err(Error::invalid)?;
            let sum = increment(planted, old.as_ref(), by)?;
            sum.as_ref().map(nested).transpose()
        }
    }
}

/// A value as it stands inside JSON.
fn nested(value: &Value) -> Result<Json> {
    match value {
        Value::Json(text) => Ok(serde_json::from_str(text)?),
        other => Ok(other.to_lossless_json()),
    }
}

/// What an increment makes of a value; none where it makes nothing of nothing.
fn increment(planted: Planted, old: Option<&Value>, by: &Value) -> Result<Option<Value>> {
    let suits = matches!(
        by,
        Value::Integer(_) | Value::Float(_) | Value::Decimal(_) | Value::Text(_)
    );
    let unsuited =
        |old: &str| Error::invalid(format!("{} can't be added to {old}", by.case_name()));
    let Some(old) = old else {
        if planted.is(Fault::IncrementNeedsAValue) {
            return Ok(None);
        }
        return if suits {
            Ok(Some(by.clone()))
        } else {
            Err(unsuited("nothing"))
        };
    };
    let sum = match (old, by) {
        (Value::Text(old), Value::Text(more)) if planted.is(Fault::IncrementPrepends) => {
            Some(Value::Text(format!("{more}{old}")))
        }
        (Value::Text(old), Value::Text(more)) => Some(Value::Text(format!("{old}{more}"))),
        (Value::Text(old), Value::Integer(more)) if planted.is(Fault::IncrementAppendsNumbers) => {
            Some(Value::Text(format!("{old}{more}")))
        }
        (old, by) => number::add(planted, old, by)?,
    };
    match sum {
        None => Err(unsuited(old.case_name())),
        Some(_) if planted.is(Fault::IncrementReplaces) => Ok(Some(by.clone())),
        sum => Ok(sum),
    }
}

fn in_the_way(what: &str) -> Error {
    Error::invalid(format!(
        "there is a {what} on the way, with nothing inside it"
    ))
}
