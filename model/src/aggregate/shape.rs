//! What an aggregation's rows look like, for those that come from a backend: no more than is asked for, and
//! in the kinds that the runtime's own would have.

use super::Aggregation;
use crate::coerce::coerce;
use crate::contract::{Aggregate, AggregateFunction, PropertyType, Value};
use crate::decimal::Decimal;
use crate::entity::Entity;
use crate::model::{Model, Property};
use crate::problem::Problems;

/// The columns of an aggregation's rows: what is grouped by, then the aggregates.
#[derive(Clone, Debug)]
pub struct ResultShape {
    columns: Vec<Column>,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    kind: PropertyType,
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// What is grouped by, or one of a property's values.
    Value,
    /// A whole number from 0.
    Count,
    /// A sum of integers: an integer as far as 64 bits hold it.
    Whole,
    /// A sum of properties that declare no kind of number.
    Number,
    /// What float arithmetic gives, whatever the kind of the values.
    Float,
}

impl ResultShape {
    /// The rows of an aggregation of that model's records; after [`Aggregation::check`].
    pub fn new(aggregation: &Aggregation, model: &Model) -> Self {
        let groups = aggregation.group_by.iter().map(|name| Column {
            name: name.clone(),
            kind: kind_of(model, name, &[]),
            role: Role::Value,
        });
        let aggregates = aggregation.aggregates.iter().map(|aggregate| {
            let (kind, role) = result(aggregate, model);
            Column {
                name: aggregate.name.clone(),
                kind,
                role,
            }
        });
        Self {
            columns: groups.chain(aggregates).collect(),
        }
    }

    /// The rows as a model of their own: for a filter on them, and for whoever shows them. A sum of integers is
    /// of kind `decimal` there, since 64 bits may be too few.
    pub fn model(&self, name: impl Into<String>) -> Model {
        self.columns.iter().fold(Model::new(name), |model, column| {
            model.property(Property::new(column.name.as_str(), column.kind))
        })
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// A backend's row as it is to be: the columns in their order, null where one is missing, each of its kind.
    ///
    /// # Errors
    /// Every column whose value is not of its kind, and what was not asked for.
    pub fn row(&self, mut row: Entity) -> Result<Entity, Problems> {
        let mut problems = Problems::new();
        let mut shaped = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let value = row.remove(&column.name).unwrap_or_default();
            match column.value(value) {
                Ok(value) => shaped.push((column.name.clone(), value)),
                Err(reason) => problems.push(&column.name, reason),
            }
        }
        if let Some((name, _)) = row.iter().next() {
            problems.push(name, "it was not asked for, or comes twice");
        }
        problems.none_or(Entity::from(shaped))
    }
}

impl Column {
    fn value(&self, value: Value) -> Result<Value, String> {
        let value = coerce(value, self.kind)?;
        match (self.role, &value) {
            (Role::Count, Value::Integer(0..)) => Ok(value),
            (Role::Count, _) => Err("a count is a whole number from 0".to_owned()),
            (Role::Whole, Value::Decimal(text)) => {
                let decimal = Decimal::parse(text);
                match decimal.and_then(Decimal::to_integer) {
                    Some(integer) => Ok(Value::Integer(integer)),
                    None if decimal.is_some_and(|decimal| decimal.fraction_digits() > 0) => {
                        Err("a sum of integers is a whole number".to_owned())
                    }
                    None => Ok(value),
                }
            }
            (Role::Number, value)
                if !matches!(
                    value,
                    Value::Null | Value::Integer(_) | Value::Float(_) | Value::Decimal(_)
                ) =>
            {
                Err("a sum is a number".to_owned())
            }
            _ => Ok(value),
        }
    }
}

/// The kind of an aggregate's results, and what else is known of them.
fn result(aggregate: &Aggregate, model: &Model) -> (PropertyType, Role) {
    let kind = aggregate
        .property
        .as_ref()
        .map_or(PropertyType::Any, |name| {
            kind_of(model, name, &aggregate.path)
        });
    match aggregate.function {
        AggregateFunction::Count => (PropertyType::Integer, Role::Count),
        AggregateFunction::Average => (PropertyType::Float, Role::Float),
        AggregateFunction::Minimum | AggregateFunction::Maximum => (kind, Role::Value),
        AggregateFunction::Sum => match kind {
            PropertyType::Integer => (PropertyType::Decimal, Role::Whole),
            PropertyType::Any => (kind, Role::Number),
            kind => (kind, Role::Value),
        },
    }
}

/// The kind that a property declares, and what is inside of it, or nobody declared, has by nature.
pub(super) fn kind_of(model: &Model, name: &str, path: &[String]) -> PropertyType {
    model
        .find_property(name)
        .filter(|_| path.is_empty())
        .map_or(PropertyType::Any, |property| property.kind)
}
