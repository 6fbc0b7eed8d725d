//! A key on the command line: its parts as plain arguments, in the key's order.

use tenon_model::{Key, Model, Value};

use crate::exit;
use crate::report::Report;
use crate::text::cell::{self, Cell};

/// The key of a model's record that the arguments are.
pub fn parse(model: &Model, parts: &[String]) -> Result<Key, Report> {
    let properties = model.key_properties();
    let refused = |message: String| {
        let names = properties
            .iter()
            .map(|property| format!("<{}>", property.name));
        let names: Vec<String> = names.collect();
        Report::new(exit::INVALID, message).help(format!(
            "the key of {} is: {}",
            model.name,
            names.join(" ")
        ))
    };
    if parts.len() != properties.len() {
        return Err(refused(format!(
            "a key of {} has {} {}, and {} {} given",
            model.name,
            properties.len(),
            if properties.len() == 1 {
                "part"
            } else {
                "parts"
            },
            parts.len(),
            if parts.len() == 1 { "is" } else { "are" },
        )));
    }
    let mut values = Vec::with_capacity(parts.len());
    for (property, part) in properties.iter().zip(parts) {
        // Quoted, so that an empty argument is the empty text and not null.
        let cell = Cell {
            text: part.clone(),
            quoted: true,
        };
        match cell::read(&cell, property.kind) {
            Ok(Value::Null) => return Err(refused(format!("`{}` is empty", property.name))),
            Ok(value) => values.push(value),
            Err(reason) => return Err(refused(format!("`{}`: {reason}", property.name))),
        }
    }
    Ok(Key::composite(values))
}
