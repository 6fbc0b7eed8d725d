//! Changes of records against their model: of some properties, or of all that can be set.
//!
//! A replacement is never whole by itself where the model has properties that whoever writes can't set, or
//! can't see: those stay as they are stored.

use crate::contract::{Generation, Value};
use crate::entity::Entity;
use crate::model::{Model, Property};
use crate::order::equal;
use crate::problem::Problems;
use crate::validate::{refuse_set, require};

impl Model {
    /// Whether a replacement needs the stored record: for [`Model::replacement_of`].
    pub fn carries_over(&self) -> bool {
        self.properties.iter().any(is_carried)
    }

    /// A whole record that replaces the one of its key. What the backend always makes is left out of it, and so is
    /// what is carried over from the stored one: read-only properties, and hidden ones that it lacks. A version
    /// in it is the one that the record is expected to have: see [`Model::take_version`].
    ///
    /// # Errors
    /// As [`Model::new_record`], and a key that isn't whole.
    pub fn replacement(&self, record: Entity) -> Result<Entity, Problems> {
        self.replace(record, None)
    }

    /// As [`Model::replacement`], with what is carried over from the stored record. Giving a read-only property
    /// back as it was read is no mistake then.
    ///
    /// # Errors
    /// As there.
    pub fn replacement_of(&self, record: Entity, stored: &Entity) -> Result<Entity, Problems> {
        self.replace(record, Some(stored))
    }

    fn replace(&self, record: Entity, stored: Option<&Entity>) -> Result<Entity, Problems> {
        let mut problems = Problems::new();
        if self.key_properties().is_empty() {
            problems.push(
                "",
                format!(
                    "the model {} has no key to find the record by: declare one",
                    self.name
                ),
            );
        }
        let mut sorted = self.sort(record, &mut problems);
        for (property, place) in self.properties.iter().zip(&mut sorted.declared) {
            if property.key.is_some() {
                require(property, place, &mut problems);
                continue;
            }
            if property.generated == Generation::Always {
                *place = None;
            }
            let kept = stored.and_then(|stored| stored.get(&property.name));
            if property.read_only {
                let is_as_stored =
                    matches!((&place, kept), (Some((_, given)), Some(kept)) if equal(given, kept));
                if is_as_stored {
                    *place = None;
                }
                refuse_set(property, place, &mut problems);
            }
            if is_carried(property) && place.is_none() {
                *place = kept.map(|kept| (property.name.clone(), kept.clone()));
                continue;
            }
            let is_expectation = self.counts_versions_in(property) && !property.required;
            if is_expectation && matches!(place, None | Some((_, Value::Null))) {
                *place = None;
                continue;
            }
            self.complete(property, place, &mut problems);
        }
        problems.none_or(sorted.into_entity())
    }

    /// Some properties' new values, for one record or many. A version among them is the one that the record is
    /// expected to have: see [`Model::take_version`].
    ///
    /// # Errors
    /// Every property that is unknown to a strict model, given twice, null where it can't be, too long, not of its
    /// kind, read-only, made by the backend alone, or a part of the key.
    pub fn changes(&self, record: Entity) -> Result<Entity, Problems> {
        let mut problems = Problems::new();
        let sorted = self.sort(record, &mut problems);
        for (property, place) in self.properties.iter().zip(&sorted.declared) {
            let Some((_, value)) = place else { continue };
            if property.key.is_some() {
                problems.push(
                    &property.name,
                    "a part of the key never changes: leave it out, or create another record",
                );
            } else if property.read_only {
                problems.push(&property.name, "it is read-only: leave it out");
            } else if property.generated == Generation::Always {
                problems.push(&property.name, "the backend always makes it: leave it out");
            } else if value.is_null() && property.required {
                problems.push(
                    &property.name,
                    "it is required and can't be null: give it a value",
                );
            }
        }
        problems.none_or(sorted.into_entity())
    }

    /// Takes the version out of checked changes, or of a checked replacement: the one that the stored record is
    /// expected to have; none where any will do.
    pub fn take_version(&self, record: &mut Entity) -> Option<i64> {
        record.remove(self.version.as_deref()?)?.as_integer()
    }

    /// Whether the property is the one that counts a record's versions.
    pub(crate) fn counts_versions_in(&self, property: &Property) -> bool {
        self.version.as_ref() == Some(&property.name)
    }
}

/// Whether a replacement that lacks the property leaves it as it is stored.
const fn is_carried(property: &Property) -> bool {
    property.read_only || property.hidden
}
