//! The order of a query's records, where the runtime or a connector sorts by itself.

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::contract::{Condition, Value};
use crate::entity::Entity;
use crate::filter::{Centre, Path};
use crate::json::scalar;
use crate::order;
use crate::query::Query;

/// What a query orders by: its order, or else nearness where its filter asks for it.
#[derive(Clone, Debug)]
pub struct RowOrder {
    keys: Vec<SortPart>,
}

#[derive(Clone, Debug)]
struct SortPart {
    property: String,
    path: Option<Path>,
    by: By,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Value { descending: bool },
    Distance(Centre),
}

/// What a record is sorted by, in one part of an order.
enum SortValue<'a> {
    Value(&'a Value),
    Owned(Value),
    /// In metres; infinite where there is no point.
    Distance(f64),
}

impl RowOrder {
    /// The order of a query; an empty one where it asks for none.
    pub fn new(query: &Query) -> Self {
        let mut keys: Vec<SortPart> = query
            .order
            .iter()
            .map(|key| {
                SortPart::new(
                    &key.property,
                    &key.path,
                    By::Value {
                        descending: key.descending,
                    },
                )
            })
            .collect();
        if keys.is_empty() {
            keys.extend(query.filter.near().and_then(nearest_first));
        }
        Self { keys }
    }

    /// The same order with its ties broken by these properties, least first: a model's key, which nearness leaves
    /// out. Where any order will do, it still will.
    #[must_use]
    pub fn then_by_key<'a>(mut self, key: impl IntoIterator<Item = &'a str>) -> Self {
        if !self.is_empty() {
            let by = By::Value { descending: false };
            let parts = key.into_iter().map(|name| SortPart::new(name, &[], by));
            self.keys.extend(parts);
        }
        self
    }

    /// Whether any order will do.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Which of two records comes first; equal where the order doesn't tell.
    pub fn compare(&self, left: &Entity, right: &Entity) -> Ordering {
        self.keys
            .iter()
            .map(|key| key.compare(&key.value(left), &key.value(right)))
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Puts records in order; equals stay as they were. Distances and what is inside JSON are looked up once
    /// a record.
    pub fn sort(&self, records: &mut [Entity]) {
        if self.keys.iter().all(SortPart::is_plain) {
            records.sort_by(|left, right| self.compare(left, right));
        } else {
            records.sort_by_cached_key(|record| CachedKey {
                order: self,
                values: self
                    .keys
                    .iter()
                    .map(|key| key.value(record).into_owned())
                    .collect(),
            });
        }
    }
}

fn nearest_first(near: &Condition) -> Option<SortPart> {
    match near.operands.first() {
        Some(Value::Point(point)) => Some(SortPart::new(
            &near.property,
            &near.path,
            By::Distance(Centre::new(*point)),
        )),
        _ => None,
    }
}

impl SortPart {
    fn new(property: &str, path: &[String], by: By) -> Self {
        Self {
            property: property.to_owned(),
            path: (!path.is_empty()).then(|| Path::new(path)),
            by,
        }
    }

    /// Whether a record's value is there without work.
    const fn is_plain(&self) -> bool {
        self.path.is_none() && matches!(self.by, By::Value { .. })
    }

    fn value<'a>(&self, record: &'a Entity) -> SortValue<'a> {
        let value = record.get(&self.property).unwrap_or(&Value::Null);
        match (&self.path, self.by) {
            (None, By::Value { .. }) => SortValue::Value(value),
            (None, By::Distance(centre)) => SortValue::Distance(distance(centre, value)),
            (Some(path), By::Value { .. }) => {
                let least = inside(path, value).into_iter().min_by(order::compare);
                SortValue::Owned(least.unwrap_or_default())
            }
            (Some(path), By::Distance(centre)) => {
                let distances = inside(path, value)
                    .into_iter()
                    .map(|value| distance(centre, &value));
                SortValue::Distance(distances.fold(f64::INFINITY, f64::min))
            }
        }
    }

    fn compare(&self, left: &SortValue<'_>, right: &SortValue<'_>) -> Ordering {
        if let (SortValue::Distance(left), SortValue::Distance(right)) = (left, right) {
            return left.total_cmp(right);
        }
        let ordering = order::compare(left.as_value(), right.as_value());
        match self.by {
            By::Value { descending: true } => ordering.reverse(),
            _ => ordering,
        }
    }
}

impl SortValue<'_> {
    fn as_value(&self) -> &Value {
        match self {
            Self::Value(value) => value,
            Self::Owned(value) => value,
            Self::Distance(_) => &Value::Null,
        }
    }

    fn into_owned(self) -> SortValue<'static> {
        match self {
            Self::Value(value) => SortValue::Owned(value.clone()),
            Self::Owned(value) => SortValue::Owned(value),
            Self::Distance(metres) => SortValue::Distance(metres),
        }
    }
}

/// A record's values, to be looked up once.
struct CachedKey<'a> {
    order: &'a RowOrder,
    values: Vec<SortValue<'static>>,
}

impl Ord for CachedKey<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let values = self.values.iter().zip(&other.values);
        self.order
            .keys
            .iter()
            .zip(values)
            .map(|(key, (left, right))| key.compare(left, right))
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for CachedKey<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for CachedKey<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for CachedKey<'_> {}

fn distance(centre: Centre, value: &Value) -> f64 {
    match value {
        Value::Point(point) => centre.distance(*point),
        _ => f64::INFINITY,
    }
}

/// Every value at the end of a path, null where nothing is.
fn inside(path: &Path, value: &Value) -> Vec<Value> {
    let document = match value {
        Value::Json(text) => serde_json::from_str::<Json>(text).ok(),
        _ => None,
    };
    let mut found = Vec::new();
    if let Some(document) = &document {
        path.walk(document, |json| {
            // Arrays and objects are equals to the order, whatever is in them.
            found.push(json.map_or(Value::Null, |json| {
                scalar(json).unwrap_or_else(|| Value::Json(String::new()))
            }));
            true
        });
    }
    found
}
