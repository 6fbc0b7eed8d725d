//! A model guessed from records: which properties, of which kinds, and what names a record.
//!
//! Careful rather than clever: a kind must fit every value that was seen, without changing it. What is guessed is
//! shown as the lines to add to `tenon.toml`, with the reason where a kind may surprise; a person decides.
//! Memory is bounded by the number of properties and by what is remembered to find repeated values.

mod kinds;
mod seen;
pub mod toml;

use std::collections::HashMap;

use tenon_model::{Generation, Model, Problems, Property, PropertyType};

use crate::input::Record;
use seen::Seen;

/// The most properties that a guessed model may have. Records with more are maps, not records.
pub const MAX_PROPERTIES: usize = 1_000;

/// The name of the key that a model without one gets.
const GENERATED_KEY: &str = "id";

/// A model that was guessed.
#[derive(Debug)]
pub struct Guess {
    /// The model.
    pub model: Model,
    /// Why a kind or the key is what it is, where that may surprise: by property, empty for the whole model.
    pub reasons: HashMap<String, String>,
    /// How many records it was guessed from.
    pub records: u64,
}

/// Looks at records and guesses their model.
pub struct Guesser {
    name: String,
    /// The key that the user wants; guessed where there is none.
    key: Vec<String>,
    properties: Vec<Seen>,
    places: HashMap<String, usize>,
    records: u64,
    too_many: bool,
}

impl Guesser {
    /// For a model of that name, with these properties as its key; with none, a key is looked for.
    pub fn new(name: impl Into<String>, key: Vec<String>) -> Self {
        Self {
            name: name.into(),
            key,
            properties: Vec::new(),
            places: HashMap::new(),
            records: 0,
            too_many: false,
        }
    }

    /// Takes one more record into account.
    pub fn add(&mut self, record: &Record) {
        self.records += 1;
        for (name, field) in record.fields() {
            let place = match self.places.get(name) {
                Some(place) => *place,
                None if self.properties.len() >= MAX_PROPERTIES => {
                    self.too_many = true;
                    continue;
                }
                None => {
                    let place = self.properties.len();
                    let watched = place == 0 || self.may_name_records(name);
                    self.properties.push(Seen::new(name, watched));
                    self.places.insert(name.to_owned(), place);
                    place
                }
            };
            if let Some(seen) = self.properties.get_mut(place) {
                seen.add(field);
            }
        }
    }

    /// The model that fits all of the records.
    ///
    /// # Errors
    /// No records or too many properties; a wanted key that isn't there, is null somewhere, or repeats.
    pub fn finish(self) -> Result<Guess, Problems> {
        let mut problems = Problems::new();
        if self.records == 0 {
            problems.push(
                "",
                "there is no record to guess a model from; write the model into tenon.toml",
            );
        }
        if self.too_many {
            problems.push(
                "",
                format!(
                    "the records have more than {MAX_PROPERTIES} properties between them; write an open model \
                     (`strict = false`) into tenon.toml"
                ),
            );
        }
        let mut reasons = HashMap::new();
        let key = match self.key.as_slice() {
            [] => {
                let key = self.guessed_key(&mut reasons);
                if key.is_empty() && self.places.contains_key(GENERATED_KEY) {
                    problems.push(
                        "key",
                        format!(
                            "`{GENERATED_KEY}` doesn't name each record, being null or the same in several, and a \
                             generated key would have that name: name a key with --key"
                        ),
                    );
                }
                key
            }
            wanted => {
                self.check_key(wanted, &mut problems);
                wanted.to_vec()
            }
        };
        let mut model = Model::new(self.name);
        for seen in &self.properties {
            let (kind, reason) = seen.kinds.decide();
            let mut property = Property::new(&seen.name, kind);
            if let Some(place) = key.iter().position(|name| *name == seen.name) {
                property.key = u8::try_from(place + 1).ok();
                property.required = true;
                property.generated = Generation::Never;
            }
            model.properties.push(property);
            if let Some(reason) = reason {
                reasons.insert(seen.name.clone(), reason);
            }
        }
        if problems.is_empty()
            && let Err(unsound) = model.check()
        {
            problems.extend(unsound);
        }
        problems.none_or(Guess {
            model,
            reasons,
            records: self.records,
        })
    }

    /// Whether the name alone says that it is a key: `id`, or the model's name with it. And whatever is wanted.
    fn may_name_records(&self, name: &str) -> bool {
        self.rank(name).is_some() || self.key.iter().any(|wanted| wanted == name)
    }

    /// How much a name speaks for a key: the least speaks most.
    fn rank(&self, name: &str) -> Option<u8> {
        let plain = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
        let name = plain(name);
        if name == "id" {
            Some(0)
        } else if name == format!("{}id", plain(&self.name)) {
            Some(1)
        } else {
            None
        }
    }

    fn guessed_key(&self, reasons: &mut HashMap<String, String>) -> Vec<String> {
        let mut candidates: Vec<(u8, &Seen)> = self
            .properties
            .iter()
            .enumerate()
            .filter_map(|(place, seen)| {
                Some((self.rank(&seen.name).or((place == 0).then_some(2))?, seen))
            })
            .collect();
        candidates.sort_by_key(|(rank, _)| *rank);
        let key = candidates.iter().find(|(_, seen)| {
            let (kind, _) = seen.kinds.decide();
            matches!(
                kind,
                PropertyType::Text | PropertyType::Integer | PropertyType::Uuid
            ) && seen.names_each_of(self.records)
        });
        match key {
            Some((_, seen)) => vec![seen.name.clone()],
            None => {
                reasons.insert(
                    String::new(),
                    "no property names each record: records get a generated `id`; or name a key with --key".to_owned(),
                );
                Vec::new()
            }
        }
    }

    fn check_key(&self, key: &[String], problems: &mut Problems) {
        if u8::try_from(key.len()).is_err() {
            problems.push(
                "key",
                format!("a key of {} properties is too long", key.len()),
            );
        }
        for (index, name) in key.iter().enumerate() {
            if key.iter().take(index).any(|other| other == name) {
                problems.push("key", format!("`{name}` stands in it twice"));
            }
            let Some(seen) = self.properties.iter().find(|seen| seen.name == *name) else {
                let names = self.properties.iter().map(|seen| seen.name.as_str());
                let meant =
                    tenon_model::closest(name, names).map(|meant| format!("; is `{meant}` meant?"));
                problems.push(
                    "key",
                    format!("no record has `{name}`{}", meant.unwrap_or_default()),
                );
                continue;
            };
            if seen.values < self.records {
                problems.push(
                    "key",
                    format!(
                        "`{name}` is null in {} of the records",
                        self.records - seen.values
                    ),
                );
            } else if key.len() == 1 && seen.repeats() {
                problems.push(
                    "key",
                    format!("`{name}` has the same value in several records; add another property"),
                );
            }
        }
    }
}
