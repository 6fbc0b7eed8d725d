//! One record as it was read: names with cells, or with JSON texts. A model says what its values are.

use std::sync::Arc;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use tenon_model::{Entity, Generation, Model, Problems, Property, PropertyType, Value};

use super::{Broken, Reason};
use crate::text::cell::{self, Cell};
use crate::text::json;

/// One record as it was read.
#[derive(Debug)]
pub struct Record {
    line: u64,
    bytes: usize,
    fields: Fields,
}

#[derive(Debug)]
enum Fields {
    Cells(Arc<[String]>, Vec<Cell>),
    Members(Vec<(String, Box<RawValue>)>),
}

/// What a record holds under a name.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    /// A CSV's cell.
    Cell(&'a Cell),
    /// JSON text.
    Json(&'a str),
}

/// Where a record's text begins.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The line, from 1.
    pub line: u64,
    /// The column in bytes, from 1.
    pub column: u64,
}

impl Record {
    /// A record of cells, one for each name.
    pub(super) fn of_cells(
        line: u64,
        bytes: usize,
        names: Arc<[String]>,
        cells: Vec<Cell>,
    ) -> Self {
        Self {
            line,
            bytes,
            fields: Fields::Cells(names, cells),
        }
    }

    /// The record whose JSON object this is.
    pub(crate) fn parse_object(text: &[u8], origin: Origin) -> Result<Self, Broken> {
        let broken = |reason| Broken::new(origin.line, reason);
        let text = std::str::from_utf8(text).map_err(|_| broken(Reason::NotText))?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let members = match (&mut reader).deserialize_map(Members).and_then(|members| {
            reader.end()?;
            Ok(members)
        }) {
            Ok(members) => members,
            Err(_) if serde_json::from_str::<&RawValue>(text).is_ok() => {
                return Err(broken(Reason::NotAnObject));
            }
            Err(error) => return Err(broken(mistake(&error, origin))),
        };
        if let Some(name) = twice(&members) {
            return Err(broken(Reason::Twice(name)));
        }
        Ok(Self {
            line: origin.line,
            bytes: text.len(),
            fields: Fields::Members(members),
        })
    }

    /// The line that it begins in, from 1.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// How long its text was, in bytes.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Its names and what it holds under them, in its order.
    pub fn fields(&self) -> Box<dyn Iterator<Item = (&str, Field<'_>)> + '_> {
        match &self.fields {
            Fields::Cells(names, cells) => Box::new(
                names
                    .iter()
                    .zip(cells)
                    .map(|(name, cell)| (name.as_str(), Field::Cell(cell))),
            ),
            Fields::Members(members) => Box::new(
                members
                    .iter()
                    .map(|(name, text)| (name.as_str(), Field::Json(text.get()))),
            ),
        }
    }

    /// The record's values, each of the kind that the model's property declares; of kind `any` where there is no
    /// such property. Names that a strict model doesn't have are for the model to refuse.
    ///
    /// # Errors
    /// Every value that doesn't fit its kind, with its property as place.
    pub fn entity(&self, model: Option<&Model>) -> Result<Entity, Problems> {
        let mut pairs = Vec::new();
        let mut problems = Problems::new();
        for (name, field) in self.fields() {
            let property = model.and_then(|model| model.find_property(name));
            let kind = property.map_or(PropertyType::Any, |property| property.kind);
            let value = match field {
                Field::Cell(cell) => cell::read(cell, kind),
                Field::Json(text) => json::read(text, kind),
            };
            match value {
                // A CSV can't leave a cell out, so where no null can be meant an empty one counts as left out.
                Ok(Value::Null)
                    if matches!(field, Field::Cell(_)) && property.is_some_and(is_never_null) => {}
                Ok(value) => pairs.push((name.to_owned(), value)),
                Err(reason) => problems.push(name, reason),
            }
        }
        problems.none_or(Entity::from(pairs))
    }
}

fn is_never_null(property: &Property) -> bool {
    property.required || property.key.is_some() || property.generated != Generation::Never
}

/// The mistake that serde_json found, placed in the file instead of in the record's text.
fn mistake(error: &serde_json::Error, origin: Origin) -> Reason {
    let (line, column) = (error.line() as u64, error.column() as u64);
    let message = error.to_string();
    let message = message
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned();
    let column = if line <= 1 {
        column + origin.column - 1
    } else {
        column
    };
    Reason::Json {
        message,
        line: origin.line + line.saturating_sub(1),
        column,
    }
}

/// A name that stands twice.
fn twice(members: &[(String, Box<RawValue>)]) -> Option<String> {
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find_map(|pair| match pair {
        [first, second] if first == second => Some((*first).to_owned()),
        _ => None,
    })
}

/// An object's members in their order, each with its text.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, Box<RawValue>)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
