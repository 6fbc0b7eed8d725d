//! A guessed model as the lines to add to `tenon.toml`, and their adding.
//!
//! What is added is exactly what was shown, at the file's end: nothing else in the file changes.

use std::fmt::Write;

use tenon_model::{Model, Problem, Problems};

use super::Guess;
use crate::text::visible::is_hidden;

/// The lines that declare the guessed model, attached to that data source.
pub fn lines(guess: &Guess, source: &str) -> String {
    let mut lines = String::new();
    let model = &guess.model;
    if let Some(reason) = guess.reasons.get("") {
        push(&mut lines, format_args!("# {}\n", comment(reason)));
    }
    push(&mut lines, format_args!("[models.{}]\n", key(&model.name)));
    push(&mut lines, format_args!("source = {}\n", text(source)));
    if let Some(collection) = &model.collection {
        push(
            &mut lines,
            format_args!("collection = {}\n", text(collection)),
        );
    }
    let names: Vec<String> = model
        .key_properties()
        .iter()
        .map(|property| text(&property.name))
        .collect();
    if !names.is_empty() {
        push(&mut lines, format_args!("key = [{}]\n", names.join(", ")));
    }
    for property in &model.properties {
        push(
            &mut lines,
            format_args!(
                "properties.{} = {}",
                key(&property.name),
                text(property.kind.name())
            ),
        );
        if let Some(reason) = guess.reasons.get(&property.name) {
            push(&mut lines, format_args!(" # {}", comment(reason)));
        }
        lines.push('\n');
    }
    lines
}

/// The document with these lines of that model at its end.
///
/// # Errors
/// A document that isn't TOML, that has the model already, or that can't take it as a table of its own.
pub fn added(document: &str, lines: &str, model: &Model) -> Result<String, Problems> {
    let place = format!("models.{}", model.name);
    let parse = |document: &str| {
        document
            .parse::<toml_edit::Document<String>>()
            .map_err(|error| Problem::new("", error.to_string()))
    };
    let has_model = |document: &toml_edit::Document<String>| {
        let models = document
            .get("models")
            .and_then(toml_edit::Item::as_table_like);
        models.is_some_and(|models| models.contains_key(&model.name))
    };
    if has_model(&parse(document)?) {
        return Err(Problem::new(
            place,
            "there is such a model already; change it by hand, or import into it",
        )
        .into());
    }
    let mut result = document.to_owned();
    if !result.is_empty() && !result.ends_with('\n') {
        result.push('\n');
    }
    if !result.is_empty() {
        result.push('\n');
    }
    result.push_str(lines);
    match parse(&result) {
        Ok(parsed) if has_model(&parsed) => Ok(result),
        _ => Err(Problem::new(
            place,
            "the lines can't be added at the file's end, perhaps since `models` is written on one line; add them by hand",
        )
        .into()),
    }
}

/// Writing into a String can't fail.
fn push(lines: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = lines.write_fmt(text);
}

/// A key, bare where it can be.
fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        text(name)
    }
}

/// A basic string. Hidden characters are escaped, since the lines are shown on terminals.
fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            char if is_hidden(char) => {
                push(&mut quoted, format_args!("\\U{:08X}", u32::from(char)))
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

fn comment(text: &str) -> String {
    text.replace(is_hidden, " ")
}
