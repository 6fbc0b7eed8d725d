//! What is wrong with a setting, and what to write instead: in words, and without its value.
//!
//! Only names and the schema's own texts are shown, the latter cleaned, since they come from the connector.

use jsonschema::JsonType;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use serde_json::Value as Json;
use tenon_model::{Problems, closest};

use crate::error::printable;

/// Alternatives that are listed; more are no help.
const MAX_LISTED: usize = 12;

/// Explains one failure, which may be of several settings.
pub(super) fn explain(
    error: &ValidationError,
    settings: &Json,
    schema: &Json,
    problems: &mut Problems,
) {
    let place = place(error.instance_path().as_str(), settings);
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = declared(error, schema);
            for name in unexpected {
                problems.push(format!("{place}.{name}"), unknown(name, &known));
            }
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            problems.push(
                format!("{place}.{}", printable(name)),
                missing(name, error, schema),
            );
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            explain_alternatives(&place, error, context, settings, schema, problems);
        }
        ValidationErrorKind::PropertyNames { error } => {
            problems.push(
                place,
                format!("a name in here is not allowed: {}", say(error)),
            );
        }
        _ => problems.push(place, say(error)),
    }
}

/// Where a value can take several forms: what keeps it from being the one that it was most likely meant to be.
fn explain_alternatives(
    place: &str,
    error: &ValidationError,
    branches: &[Vec<ValidationError<'static>>],
    settings: &Json,
    schema: &Json,
    problems: &mut Problems,
) {
    let another_type = |branch: &&Vec<ValidationError>| {
        branch.iter().any(|inner| {
            matches!(
                inner.kind(),
                ValidationErrorKind::Type { .. } | ValidationErrorKind::Constant { .. }
            ) && inner.instance_path() == error.instance_path()
        })
    };
    let likely: Vec<_> = branches
        .iter()
        .filter(|branch| !another_type(branch))
        .collect();
    if let [branch] = likely.as_slice() {
        return branch
            .iter()
            .for_each(|inner| explain(inner, settings, schema, problems));
    }
    let mut ways: Vec<String> = branches
        .iter()
        .filter_map(|branch| branch.first())
        .map(say)
        .collect();
    ways.dedup();
    ways.truncate(MAX_LISTED);
    problems.push(
        place,
        format!(
            "this has none of the forms that it may have: {}",
            ways.join("; or ")
        ),
    );
}

fn say(error: &ValidationError) -> String {
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            format!("this has to be {}, but is {}", types(kind), kind_of(error.instance()))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<String> =
                options.as_array().into_iter().flatten().take(MAX_LISTED).map(shown).collect();
            format!("this has to be one of {}", options.join(", "))
        }
        ValidationErrorKind::Constant { expected_value } => format!("this has to be {}", shown(expected_value)),
        ValidationErrorKind::Minimum { limit } => format!("this has to be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("this has to be at most {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("this has to be more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("this has to be less than {limit}"),
        ValidationErrorKind::MultipleOf { multiple_of } => format!("this has to be a multiple of {multiple_of}"),
        ValidationErrorKind::MinLength { limit: 1 } => "this can't be empty".to_owned(),
        ValidationErrorKind::MinLength { limit } => format!("this has to have at least {limit} letters"),
        ValidationErrorKind::MaxLength { limit } => format!("this may have at most {limit} letters"),
        ValidationErrorKind::MinItems { limit } => format!("this list has to have at least {limit} entries"),
        ValidationErrorKind::MaxItems { limit } => format!("this list may have at most {limit} entries"),
        ValidationErrorKind::Pattern { pattern } => format!("this has to match the pattern {}", printable(pattern)),
        ValidationErrorKind::Format { format } => format!("this has to have the format {}", printable(format)),
        ValidationErrorKind::UniqueItems => "this list has an entry twice".to_owned(),
        ValidationErrorKind::FalseSchema => "this can't be set".to_owned(),
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            "this has several of the forms of which it may have one; leave out what makes it ambiguous".to_owned()
        }
        other => format!("the connector's schema doesn't allow this, by its rule `{}`", printable(other.keyword())),
    }
}

/// A value of the schema.
fn shown(value: &Json) -> String {
    printable(&value.to_string())
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => type_name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => kinds.iter().map(type_name).collect::<Vec<_>>().join(" or "),
    }
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a text",
        JsonType::Array => "a list",
        JsonType::Object => "a table",
    }
}

fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "a table",
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    match closest(name, known.iter().copied()) {
        Some(meant) => format!("unknown setting; did you mean {:?}?", printable(meant)),
        None if known.is_empty() => "unknown setting; there are none here".to_owned(),
        None => {
            let known: Vec<String> = known
                .iter()
                .take(MAX_LISTED)
                .map(|name| printable(name))
                .collect();
            format!("unknown setting; there is {}", known.join(", "))
        }
    }
}

/// What to write for a setting that has to be there.
fn missing(name: &str, error: &ValidationError, schema: &Json) -> String {
    let declared = object_schema(error, schema)
        .and_then(|object| object.get("properties")?.get(name))
        .and_then(Json::as_object);
    let kind = declared
        .and_then(|declared| declared.get("type")?.as_str())
        .map(|kind| match kind {
            "string" => "a text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            "array" => "a list",
            _ => "a table",
        });
    let description = declared.and_then(|declared| declared.get("description")?.as_str());
    match (kind, description) {
        (Some(kind), Some(description)) => {
            format!(
                "this setting is missing; it is {kind}: {}",
                printable(description)
            )
        }
        (Some(kind), None) => format!("this setting is missing; it is {kind}"),
        (None, Some(description)) => format!("this setting is missing: {}", printable(description)),
        (None, None) => "this setting is missing".to_owned(),
    }
}

/// The settings that are declared where this one is not.
fn declared<'s>(error: &ValidationError, schema: &'s Json) -> Vec<&'s str> {
    object_schema(error, schema)
        .and_then(|object| object.get("properties")?.as_object())
        .map(|properties| properties.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

/// The schema that has the keyword that failed.
fn object_schema<'s>(error: &ValidationError, schema: &'s Json) -> Option<&'s Json> {
    let (object, _keyword) = error.schema_path().as_str().rsplit_once('/')?;
    schema.pointer(object)
}

/// A JSON pointer as a setting's path: `settings.hosts[0].name`.
fn place(pointer: &str, settings: &Json) -> String {
    let mut place = "settings".to_owned();
    let mut value = Some(settings);
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        value = match value {
            Some(Json::Array(items)) => {
                place.push_str(&format!("[{step}]"));
                step.parse::<usize>()
                    .ok()
                    .and_then(|index| items.get(index))
            }
            other => {
                place.push_str(&format!(".{}", printable(&step)));
                other.and_then(|value| value.get(&step))
            }
        };
    }
    place
}
