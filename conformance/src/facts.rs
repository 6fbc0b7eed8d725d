//! What is found out about a connector before it is checked, so that it is asked for nothing that the contract
//! doesn't ask for: which kinds of properties it keeps, and which of the odd values.

use std::collections::BTreeMap;

use tenon_model::contract::{Entity, ErrorKind, PropertyType, Value};
use tenon_model::{Model, Property};

use crate::bench::Bench;
use crate::finding::{Checked, Finding};
use crate::generate::values;
use crate::show;

/// What is known of a connector.
#[derive(Debug, Default)]
pub struct Facts {
    /// Whether records can be stored.
    pub writable: bool,
    /// The kinds of properties that it keeps.
    pub kinds: Vec<PropertyType>,
    /// The kinds that keys can have.
    pub key_kinds: Vec<PropertyType>,
    /// The kinds that can be in a unique index.
    pub index_kinds: Vec<PropertyType>,
    /// Whether properties are kept that no model declares.
    pub open: bool,
    /// Microseconds of the least step that its times have.
    pub time_step: i64,
    /// The odd values that it takes and gives back, by kind.
    pub odd: BTreeMap<PropertyType, Vec<Value>>,
    /// For the report.
    pub notes: Vec<String>,
    /// Models of records that the connector has by itself.
    pub models: Vec<Model>,
}

/// Every kind of property, in the contract's order.
pub const KINDS: &[PropertyType] = &[
    PropertyType::Text,
    PropertyType::Boolean,
    PropertyType::Integer,
    PropertyType::Float,
    PropertyType::Decimal,
    PropertyType::Timestamp,
    PropertyType::Date,
    PropertyType::Time,
    PropertyType::Bytes,
    PropertyType::Point,
    PropertyType::Uuid,
    PropertyType::Json,
    PropertyType::Any,
];

impl Facts {
    /// Whether it keeps properties of that kind.
    pub fn keeps(&self, kind: PropertyType) -> bool {
        self.kinds.contains(&kind)
    }

    /// The odd values of a kind that it takes.
    pub fn odd_values(&self, kind: PropertyType) -> &[Value] {
        self.odd.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// A value as it is stored: times in the backend's steps, rounded down.
    pub fn stored(&self, value: &Value) -> Value {
        match value {
            Value::Timestamp(time) if self.time_step > 1 => {
                Value::Timestamp(time - time.rem_euclid(self.time_step))
            }
            value => value.clone(),
        }
    }

    /// Finds everything out.
    pub fn of(bench: &mut Bench<'_>) -> Checked<Self> {
        let mut facts = Self {
            time_step: 1,
            open: bench.subject().manifest().keeps_undeclared,
            ..Self::default()
        };
        let least = Model::new("Least")
            .key("id", PropertyType::Integer)
            .property(Property::new("text", PropertyType::Text));
        let model = match bench.try_collection(least.to_contract())? {
            Ok(model) => model,
            Err(failure) => {
                facts.notes.push(format!(
                    "it takes no model of the kit's, and is only read from ({failure})"
                ));
                return Ok(facts);
            }
        };
        let record: Entity = [("id", Value::Integer(1)), ("text", Value::from("a"))]
            .into_iter()
            .collect::<tenon_model::Entity>()
            .into_contract();
        match bench.session()?.create(&model.name, &record) {
            Ok(_) => facts.writable = true,
            Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {
                facts
                    .notes
                    .push("it stores nothing: `create` is `unsupported`".to_owned());
                bench.forget_collections();
                return Ok(facts);
            }
            Err(failure) => {
                return Err(Finding::new(
                    "the simplest record of the simplest model can't be stored",
                )
                .differs("no error", failure)
                .after(format!("create {}", show::data(&record)))
                .after(show::model(&model))
                .into());
            }
        }
        facts.find_kinds(bench)?;
        facts.find_odd_values(bench)?;
        Ok(facts)
    }

    fn find_kinds(&mut self, bench: &mut Bench<'_>) -> Checked {
        for kind in KINDS {
            let plain = Model::new("Kind")
                .key("id", PropertyType::Integer)
                .property(Property::new("it", *kind));
            match bench.try_collection(plain.to_contract())? {
                Ok(_) => self.kinds.push(*kind),
                Err(failure) => self
                    .notes
                    .push(format!("it keeps no property of kind `{kind}` ({failure})")),
            }
        }
        for kind in [
            PropertyType::Integer,
            PropertyType::Text,
            PropertyType::Uuid,
            PropertyType::Timestamp,
            PropertyType::Decimal,
            PropertyType::Boolean,
            PropertyType::Bytes,
        ] {
            if !self.keeps(kind) {
                continue;
            }
            let keyed = Model::new("Keyed")
                .key("id", kind)
                .property(Property::new("text", PropertyType::Text));
            if bench.try_collection(keyed.to_contract())?.is_ok() {
                self.key_kinds.push(kind);
            }
            let indexed = Model::new("Indexed")
                .key("id", PropertyType::Integer)
                .property(Property::new("it", kind))
                .index(&["it"], true);
            if bench.try_collection(indexed.to_contract())?.is_ok() {
                self.index_kinds.push(kind);
            }
        }
        Ok(())
    }

    /// Tries each odd value by itself. One that is refused is asked for no more; one that is changed is the business
    /// of the checks of values, which use all of them, and not of the others.
    fn find_odd_values(&mut self, bench: &mut Bench<'_>) -> Checked {
        for kind in self.kinds.clone() {
            let draft = Model::new("Odd")
                .key("id", PropertyType::Integer)
                .property(Property::new("it", kind));
            let model = bench.collection(draft)?;
            if kind == PropertyType::Timestamp {
                self.find_time_step(bench, &model.name)?;
            }
            let mut refused = 0;
            for (number, value) in (1..).zip(values::odd(kind)) {
                let record = tenon_model::Entity::new()
                    .with("id", Value::Integer(number))
                    .with("it", value.clone());
                let session = bench.session()?;
                if session.create(&model.name, record.as_contract()).is_err() {
                    refused += 1;
                    continue;
                }
                self.odd.entry(kind).or_default().push(value);
            }
            if refused > 0 {
                self.notes
                    .push(format!("it refuses {refused} odd values of kind `{kind}`"));
            }
        }
        Ok(())
    }

    fn find_time_step(&mut self, bench: &mut Bench<'_>, model: &str) -> Checked {
        // 2024-01-02T03:04:05.678901Z.
        let exact = 1_704_164_645_678_901;
        let record = tenon_model::Entity::new()
            .with("id", Value::Integer(0))
            .with("it", Value::Timestamp(exact));
        let session = bench.session()?;
        if session.create(model, record.as_contract()).is_err() {
            return Ok(());
        }
        let Ok(Some(found)) = session.find(model, &vec![Value::Integer(0)]) else {
            return Ok(());
        };
        let found = tenon_model::Entity::from(found);
        if let Some(Value::Timestamp(time)) = found.get("it") {
            let steps = [1, 1_000, 10_000, 1_000_000, 60_000_000, 86_400_000_000];
            let step = steps
                .into_iter()
                .find(|step| *time == exact - exact.rem_euclid(*step));
            self.time_step = step.unwrap_or(1);
            if self.time_step > 1 {
                self.notes.push(format!(
                    "it keeps time in steps of {} microseconds",
                    self.time_step
                ));
            }
        }
        Ok(())
    }
}
