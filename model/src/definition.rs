//! Whether a model's own definition is sound, before anything relies on it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::contract::{Generation, PropertyType, SortKey, Value};
use crate::filter::Sight;
use crate::json;
use crate::model::{DefaultValue, Model, Property};
use crate::problem::Problems;
use crate::validate::fit;

/// The key of a model that declares none.
pub(crate) const GENERATED_KEY: &str = "id";

impl Model {
    /// Whether the definition is sound: names, key, indexes, references, version, scope, defaults, bounds and
    /// settings. What relations lead to is for [`crate::resolve_relations`] to judge.
    ///
    /// # Errors
    /// Everything that isn't, with its place in the model: `properties.iata.default`.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::new();
        if self.name.trim().is_empty() {
            problems.push("name", "a model needs a name");
        }
        check_settings("settings", self.settings.as_deref(), &mut problems);
        let names = self
            .properties
            .iter()
            .map(|property| property.name.as_str());
        check_names("properties", names, &mut problems);
        for property in &self.properties {
            check_property(property, &mut problems);
        }
        self.check_key_places(&mut problems);
        self.check_indexes(&mut problems);
        self.check_references(&mut problems);
        self.check_version(&mut problems);
        self.check_relations(&mut problems);
        self.check_scope(&mut problems);
        problems.none_or(())
    }

    /// The key's places are 1, 2, and so on.
    fn check_key_places(&self, problems: &mut Problems) {
        let key = self.key_properties();
        for (expected, property) in (1_u8..).zip(&key) {
            if property.key != Some(expected) {
                problems.push(
                    format!("properties.{}.key", property.name),
                    format!(
                        "its place in the key is {}, and {expected} comes next: number the key's {} properties from 1, \
                         each once",
                        property.key.unwrap_or_default(),
                        key.len()
                    ),
                );
                return;
            }
        }
    }

    fn check_indexes(&self, problems: &mut Problems) {
        check_names(
            "indexes",
            self.indexes.iter().map(|index| index.name.as_str()),
            problems,
        );
        for index in &self.indexes {
            let place = format!("indexes.{}", index.name);
            if index.properties.is_empty() {
                problems.push(
                    &place,
                    "an index needs a property: name one, or leave the index out",
                );
            }
            let mut seen = HashSet::new();
            for part in &index.properties {
                self.check_name(&place, &part.property, problems);
                self.check_path(&place, part, problems);
                if !seen.insert((&part.property, &part.path)) {
                    problems.push(
                        &place,
                        format!("it has `{}` twice: name it once", part.property),
                    );
                }
            }
            check_settings(
                &format!("{place}.settings"),
                index.settings.as_deref(),
                problems,
            );
        }
    }

    fn check_path(&self, place: &str, part: &SortKey, problems: &mut Problems) {
        let takes_path =
            |property: &Property| matches!(property.kind, PropertyType::Json | PropertyType::Any);
        if !part.path.is_empty()
            && self
                .find_property(&part.property)
                .is_some_and(|found| !takes_path(found))
        {
            problems.push(
                place,
                format!(
                    "`{}` isn't JSON, so there is no path into it: leave the path out",
                    part.property
                ),
            );
        }
    }

    fn check_references(&self, problems: &mut Problems) {
        let names = self
            .references
            .iter()
            .map(|reference| reference.name.as_str());
        check_names("references", names, problems);
        for reference in &self.references {
            let place = format!("references.{}", reference.name);
            if reference.model.trim().is_empty() {
                problems.push(&place, "it doesn't say which model it refers to");
            }
            if reference.properties.is_empty()
                || reference.properties.len() != reference.targets.len()
            {
                problems.push(
                    &place,
                    format!(
                        "it has {} properties and {} targets: give each property its target",
                        reference.properties.len(),
                        reference.targets.len()
                    ),
                );
            }
            for name in &reference.properties {
                self.check_name(&place, name, problems);
            }
            check_settings(
                &format!("{place}.settings"),
                reference.settings.as_deref(),
                problems,
            );
        }
    }

    /// What counts versions is the runtime's to write, and the application's to read.
    fn check_version(&self, problems: &mut Problems) {
        let Some(name) = &self.version else { return };
        if !self.strict {
            let message = "versions are counted in a strict model's records alone: make it strict";
            problems.push("version", message);
        }
        let Some(property) = self.find_property(name) else {
            let example = "declare it as an integer";
            return problems.push(
                "version",
                format!("{}; or {example}", self.unknown_property(name)),
            );
        };
        let faults = [
            (property.kind != PropertyType::Integer, "is no integer"),
            (property.key.is_some(), "is a part of the key"),
            (
                property.generated != Generation::Never,
                "is made by the backend",
            ),
            (
                property.default.is_some(),
                "has a default, and a new record's version is 1",
            ),
            (property.hidden, "is hidden, and has to be read"),
            (
                property.read_only,
                "is read-only, and has to be given back with a change",
            ),
        ];
        for (_, fault) in faults.iter().filter(|(is_fault, _)| *is_fault) {
            problems.push(
                "version",
                format!("`{name}` {fault}: take another property, or change it"),
            );
        }
    }

    /// What a relation says by itself; the rest needs the other models, for [`crate::resolve_relations`].
    fn check_relations(&self, problems: &mut Problems) {
        let names = self.relations.iter().map(|relation| relation.name.as_str());
        check_names("relations", names, problems);
        let keyed = self.keyed();
        for relation in &self.relations {
            let place = format!("relations.{}", relation.name);
            if keyed.find_property(&relation.name).is_some() {
                problems.push(
                    &place,
                    "a property has this name, and a record shows both: rename one",
                );
            }
            if relation.name.contains('.') {
                problems.push(
                    &place,
                    "a dot in a filter leads into the related records: take it out of the name",
                );
            }
        }
    }

    /// A scope is checked against the model alone here; what it asks of others, where they are known.
    fn check_scope(&self, problems: &mut Problems) {
        let Some(scope) = &self.scope else { return };
        if scope.offset > 0 {
            problems.push(
                "scope.offset",
                "records that no query could reach are no default: leave it out",
            );
        }
        let alone = Sight {
            models: None,
            hidden: true,
        };
        if let Err(inner) = (**scope).clone().check_seeing(&self.keyed(), alone) {
            problems.extend_at("scope", inner);
        }
    }

    /// The model with the key that its data source gives it, whose kind only the connector knows.
    pub(crate) fn keyed(&self) -> Cow<'_, Self> {
        if !self.key_properties().is_empty() || self.find_property(GENERATED_KEY).is_some() {
            return Cow::Borrowed(self);
        }
        let mut model = self.clone();
        let mut id = Property::new(GENERATED_KEY, PropertyType::Any);
        id.key = Some(1);
        id.generated = Generation::WhenMissing;
        model.properties.insert(0, id);
        Cow::Owned(model)
    }

    /// A strict model's indexes and references name what it declares.
    fn check_name(&self, place: &str, name: &str, problems: &mut Problems) {
        if self.strict && self.find_property(name).is_none() {
            problems.push(place, self.unknown_property(name));
        }
    }
}

fn check_property(property: &Property, problems: &mut Problems) {
    let place = |part: &str| format!("properties.{}.{part}", property.name);
    let kind = property.kind;
    if property.key.is_some() && matches!(kind, PropertyType::Json | PropertyType::Point) {
        problems.push(
            place("key"),
            format!("values of the kind {kind} have no order and can't be a key: take another property or kind"),
        );
    }
    let has_length = matches!(
        kind,
        PropertyType::Text | PropertyType::Bytes | PropertyType::Decimal
    );
    if property.length.is_some() && !has_length {
        problems.push(
            place("length"),
            format!("the kind {kind} has no length: leave it out"),
        );
    }
    if property.scale.is_some() && kind != PropertyType::Decimal {
        problems.push(
            place("scale"),
            format!("only decimals have a scale, not the kind {kind}: leave it out"),
        );
    }
    if let (Some(length), Some(scale)) = (property.length, property.scale)
        && u32::from(scale) > length
    {
        problems.push(
            place("scale"),
            format!("{scale} digits after the point are more than the {length} in all: lower it"),
        );
    }
    if property.hidden && property.key.is_some() {
        problems.push(
            place("hidden"),
            "a record is found by its key, which therefore can't be hidden: hide another property",
        );
    }
    if property.read_only && property.key.is_some() {
        problems.push(
            place("read-only"),
            "a key never changes anyhow, and a new record needs one: leave it out",
        );
    }
    let has_no_source = property.default.is_none() && property.generated == Generation::Never;
    if property.read_only && property.required && has_no_source {
        problems.push(
            place("read-only"),
            "nothing would ever set this required property: give it a default",
        );
    }
    if let Some(default) = &property.default {
        check_default(property, default, &place("default"), problems);
    }
    check_settings(&place("settings"), property.settings.as_deref(), problems);
}

fn check_default(
    property: &Property,
    default: &DefaultValue,
    place: &str,
    problems: &mut Problems,
) {
    use PropertyType::{Any, Date, Text, Time, Timestamp, Uuid};
    if property.generated == Generation::Always {
        problems.push(
            place,
            "the backend always makes this value: leave the default out",
        );
    }
    let kind = property.kind;
    match default {
        DefaultValue::Value(Value::Null) if property.required || property.key.is_some() => {
            problems.push(
                place,
                "null can't be the default of a property that is never null: give a value",
            );
        }
        DefaultValue::Value(value) => {
            if let Err(reason) = fit(property, value.clone()) {
                problems.push(place, reason);
            }
        }
        DefaultValue::Now if !matches!(kind, Timestamp | Date | Time | Text | Any) => {
            problems.push(
                place,
                format!("the moment of creation is no value of the kind {kind}: take timestamp"),
            );
        }
        DefaultValue::Uuid if !matches!(kind, Uuid | Text | Any) => {
            problems.push(
                place,
                format!("a UUID is no value of the kind {kind}: take uuid"),
            );
        }
        DefaultValue::Now | DefaultValue::Uuid => {}
    }
}

/// Names are there, and each once.
fn check_names<'a>(place: &str, names: impl Iterator<Item = &'a str>, problems: &mut Problems) {
    let mut seen = HashSet::new();
    for (index, name) in names.enumerate() {
        if name.trim().is_empty() {
            problems.push(
                format!("{place}[{index}]"),
                "its name is empty: give it one",
            );
        } else if !seen.insert(name) {
            problems.push(
                format!("{place}.{name}"),
                "there are two of this name: rename one",
            );
        }
    }
}

fn check_settings(place: &str, settings: Option<&str>, problems: &mut Problems) {
    let Some(text) = settings else { return };
    if !(text.trim_start().starts_with('{') && json::is_array_or_object(text)) {
        problems.push(
            place,
            "settings are a JSON object, as text: {\"name\": \"value\"}",
        );
    }
}
