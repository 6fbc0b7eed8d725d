//! An aggregation against a model: what it names exists, and what it asks for has a meaning.
//!
//! All mistakes are reported at once, each with its place in the JSON form.

use super::shape::kind_of;
use super::{Aggregation, MAX_AGGREGATES, MAX_GROUP_PROPERTIES, ResultShape};
use crate::contract::{Aggregate, AggregateFunction, PropertyType, SortKey};
use crate::filter::{Filter, Resolver, Sight};
use crate::model::Model;
use crate::models::Models;
use crate::problem::Problems;

impl Aggregation {
    /// The same request in the model's terms: names resolved, operands coerced, those of `having` to the kinds of
    /// the results.
    ///
    /// # Errors
    /// Every mistake in it: unknown properties and results, sums of what is no number, names that come twice. What
    /// its filter asks of related records isn't judged: see [`Aggregation::check_with`].
    pub fn check(self, model: &Model) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::SHORT)
    }

    /// As [`Aggregation::check`], with what its filter asks of related records in the terms of their models.
    ///
    /// # Errors
    /// As there, for the related models too.
    pub fn check_with(self, model: &Model, models: &dyn Models) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::over(models))
    }

    /// As [`Aggregation::check_with`], for a request of trusted code, which may name hidden properties.
    ///
    /// # Errors
    /// As there.
    pub fn check_trusted(self, model: &Model, models: &dyn Models) -> Result<Self, Problems> {
        self.check_seeing(model, Sight::trusted(models))
    }

    fn check_seeing(self, model: &Model, sight: Sight<'_>) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let resolver = Resolver { model, sight };
        self.check_size(&mut problems);
        let filter = self
            .filter
            .check_seeing(model, sight)
            .unwrap_or_else(|found| {
                problems.extend(found);
                Filter::all()
            });
        let mut checked = Self {
            filter,
            group_by: checked_groups(self.group_by, &resolver, &mut problems),
            aggregates: Vec::with_capacity(self.aggregates.len()),
            limit: self.limit,
            offset: self.offset,
            ..Self::default()
        };
        for aggregate in self.aggregates {
            let taken = checked.names().any(|name| name == aggregate.name);
            if let Some(reason) = name_fault(&aggregate.name, taken) {
                problems.push(format!("aggregates.{}", aggregate.name), reason);
            }
            checked
                .aggregates
                .push(checked_aggregate(aggregate, &resolver, &mut problems));
        }
        if !problems.is_empty() {
            // What can be said of the results then might be wrong.
            return Err(problems);
        }
        let results = ResultShape::new(&checked, model).model("the results");
        checked.having = self
            .having
            .check_at(&results, Sight::SHORT, "having")
            .unwrap_or_else(|found| {
                problems.extend(found);
                Filter::all()
            });
        checked.order = checked_order(self.order, &results, &mut problems);
        problems.none_or(checked)
    }

    fn check_size(&self, problems: &mut Problems) {
        if self.group_by.is_empty() && self.aggregates.is_empty() {
            problems.push(
                "aggregates",
                "nothing is asked for; ask for an aggregate, such as {\"n\": {\"count\": \"*\"}}, or for groups",
            );
        }
        for (place, length, most) in [
            ("groupBy", self.group_by.len(), MAX_GROUP_PROPERTIES),
            ("aggregates", self.aggregates.len(), MAX_AGGREGATES),
        ] {
            if length > most {
                problems.push(place, format!("{length} of them; {most} are the most"));
            }
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let aggregates = self.aggregates.iter().map(|one| one.name.as_str());
        self.group_by.iter().map(String::as_str).chain(aggregates)
    }
}

fn name_fault(name: &str, taken: bool) -> Option<&'static str> {
    if name.is_empty() {
        Some("its name is empty; write a name")
    } else if taken {
        Some("another result has this name already; choose another")
    } else {
        None
    }
}

fn checked_groups(
    names: Vec<String>,
    resolver: &Resolver<'_>,
    problems: &mut Problems,
) -> Vec<String> {
    let mut checked: Vec<String> = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let place = format!("groupBy[{index}]");
        match resolver.resolve(name, Vec::new()) {
            Ok(resolved) if checked.contains(&resolved.property) => {
                problems.push(place, format!("`{}` is there already", resolved.property));
            }
            Ok(resolved) => checked.push(resolved.property),
            Err(reason) => problems.push(place, reason),
        }
    }
    checked
}

fn checked_aggregate(
    aggregate: Aggregate,
    resolver: &Resolver<'_>,
    problems: &mut Problems,
) -> Aggregate {
    let place = format!("aggregates.{}.{}", aggregate.name, aggregate.function);
    let Aggregate {
        name,
        function,
        property,
        path,
        distinct,
    } = aggregate;
    let (property, path) = match property {
        None => (None, path),
        Some(property) => match resolver.resolve(property.clone(), path.clone()) {
            Ok(resolved) => (Some(resolved.property), resolved.path),
            Err(reason) => {
                problems.push(place, reason);
                return Aggregate {
                    name,
                    function,
                    property: Some(property),
                    path,
                    distinct,
                };
            }
        },
    };
    let fault = match &property {
        None if function != AggregateFunction::Count => {
            Some("it takes a property; only records are counted with `*`".to_owned())
        }
        None if distinct => Some("every record is another; count a property's values".to_owned()),
        None => None,
        Some(property) => {
            let kind = kind_of(resolver.model, property, &path);
            meaningless(function, kind, distinct)
                .map(|fault| format!("`{property}` is of kind `{kind}`; {fault}"))
        }
    };
    if let Some(fault) = fault {
        problems.push(place, fault);
    }
    Aggregate {
        name,
        function,
        property,
        path,
        distinct,
    }
}

/// Why a function has no meaning for a kind; none where it has one.
fn meaningless(
    function: AggregateFunction,
    kind: PropertyType,
    distinct: bool,
) -> Option<&'static str> {
    use AggregateFunction as F;
    use PropertyType as Kind;
    match function {
        F::Count => None,
        F::Sum | F::Average => {
            let numbers = [Kind::Integer, Kind::Float, Kind::Decimal, Kind::Any];
            (!numbers.contains(&kind)).then_some("only numbers are added up")
        }
        F::Minimum | F::Maximum if matches!(kind, Kind::Point | Kind::Json) => {
            Some("its values are neither greater nor less than others")
        }
        F::Minimum | F::Maximum => {
            distinct.then_some("`distinct` changes nothing of its least and greatest; leave it out")
        }
    }
}

fn checked_order(order: Vec<SortKey>, results: &Model, problems: &mut Problems) -> Vec<SortKey> {
    let resolver = Resolver {
        model: results,
        sight: Sight::SHORT,
    };
    let mut checked = Vec::with_capacity(order.len());
    for (index, key) in order.into_iter().enumerate() {
        match resolver.resolve(key.property, key.path) {
            Ok(resolved) => checked.push(SortKey {
                property: resolved.property,
                path: resolved.path,
                descending: key.descending,
            }),
            Err(reason) => problems.push(format!("order[{index}]"), reason),
        }
    }
    checked
}
