//! The capability `aggregates`: folded by the SDK, after what a fault makes of the request and before what it makes of the
//! groups.

use std::borrow::Cow;

use tenon_sdk::{
    Aggregate, AggregateFunction as F, AggregateRequest, Aggregates, Entity, Limits, Result, Rows,
    Value, aggregate,
};

use crate::Faulty;
use crate::fault::{Fault, Planted, Theme};
use crate::filter::Judge;

/// What is counted beside, where a fault wants to know how many values were null: names that no request has.
const ALL: &str = "\0all";

impl Aggregates for Faulty {
    fn aggregate(&mut self, model: &str, request: AggregateRequest) -> Result<Rows> {
        let result = self.try_aggregate(model, request);
        self.told(result)
    }
}

impl Faulty {
    fn try_aggregate(&mut self, model: &str, mut request: AggregateRequest) -> Result<Rows> {
        let definition = self.definition(model)?;
        let state = self.view()?;
        let collection = state.collections.get(&definition.collection);
        let records = collection.iter().flat_map(|it| it.records.values());
        let records = records.map(|record| definition.outgoing(record));
        let mut filter = std::mem::take(&mut request.filter);
        if self.planted.is(Fault::AggregateIgnoresItsFilter) {
            // What can't be done is refused as ever.
            Judge::new(self.planted, std::mem::take(&mut filter))?;
        }
        let judge = Judge::new(self.planted, filter)?;
        let matches = records.enumerate();
        let matches = matches.filter(|(number, record)| judge.matches(*number, record));
        let matches: Vec<Cow<Entity>> = matches.map(|(_, record)| record).collect();
        match self.planted.0 {
            Some(fault) if fault.theme() == Theme::Aggregates => {
                wrongly(self.planted, request, matches)
            }
            _ => aggregate(request, matches.into_iter().map(Cow::into_owned)),
        }
    }
}

fn wrongly(
    planted: Planted,
    mut request: AggregateRequest,
    records: Vec<Cow<Entity>>,
) -> Result<Rows> {
    let is_empty = records.is_empty();
    match planted.0 {
        Some(Fault::DistinctIsIgnored) => {
            for one in &mut request.aggregates {
                one.distinct = false;
            }
        }
        Some(Fault::CountCountsNulls) => {
            for one in &mut request.aggregates {
                if one.function == F::Count && !one.distinct {
                    one.property = None;
                    one.path.clear();
                }
            }
        }
        Some(Fault::GroupOrderIsIgnored) => request.order.clear(),
        Some(Fault::GroupLimitIsIgnored) => request.limit = None,
        Some(Fault::GroupOffsetIsIgnored) => request.offset = 0,
        _ => {}
    }
    let asked = request.aggregates.clone();
    let records: Vec<Entity> = records
        .into_iter()
        .map(|record| prepared(planted, &asked, record.into_owned()))
        .collect();
    if planted.is(Fault::DistinctMindsTheCase) {
        for one in request
            .aggregates
            .iter_mut()
            .filter(|it| is_counted_once(it))
        {
            one.property = one.property.as_deref().map(case_of);
        }
    }
    let needs_counts = planted.is_any(&[Fault::MinimumIsNull, Fault::AverageCountsNulls]);
    if needs_counts {
        request.aggregates.push(counted(ALL.to_owned(), None));
        for one in &asked {
            request.aggregates.push(counted(beside(one), Some(one)));
        }
    }
    let group_by = request.group_by.clone();
    let mut rows = aggregate(request, records)?;
    let mut groups = Vec::new();
    while let Some(page) = rows.next_rows(u32::MAX, &Limits::default())? {
        groups.extend(page);
    }
    if is_empty && group_by.is_empty() && planted.is(Fault::NothingHasNoRow) {
        groups.clear();
    }
    if planted.is(Fault::GroupsWithoutAValueAreLost) {
        groups.retain(|group| {
            let mut names = group_by.iter();
            names.all(|name| group.get(name).is_some_and(|value| !value.is_null()))
        });
    }
    for group in &mut groups {
        for one in &asked {
            conclude(planted, one, group);
        }
        group.retain(|name| !name.starts_with('\0'));
    }
    Ok(Rows::from_iter(groups))
}

fn counted(name: String, of: Option<&Aggregate>) -> Aggregate {
    Aggregate {
        name,
        function: F::Count,
        property: of.and_then(|of| of.property.clone()),
        path: of.map(|of| of.path.clone()).unwrap_or_default(),
        distinct: false,
    }
}

/// The name of the count that stands beside an aggregate.
fn beside(one: &Aggregate) -> String {
    format!("\0some {}", one.name)
}

/// The name of a property's values with their cases.
fn case_of(property: &str) -> String {
    format!("\0case {property}")
}

fn is_counted_once(one: &Aggregate) -> bool {
    one.function == F::Count && one.distinct && one.path.is_empty()
}

/// A record as it is folded.
fn prepared(planted: Planted, asked: &[Aggregate], mut record: Entity) -> Entity {
    for one in asked {
        let Some(property) = &one.property else {
            continue;
        };
        let Some(value) = record.get(property).cloned() else {
            continue;
        };
        let is_number = matches!(
            value,
            Value::Integer(_) | Value::Float(_) | Value::Decimal(_)
        );
        if planted.is(Fault::SumSkipsText)
            && matches!(one.function, F::Sum | F::Average)
            && one.path.is_empty()
            && !is_number
        {
            record.remove(property);
        }
        if planted.is(Fault::DistinctMindsTheCase) && is_counted_once(one) && !value.is_null() {
            record.set(case_of(property), format!("{value:?}"));
        }
    }
    record
}

/// What becomes of a group's figure.
fn conclude(planted: Planted, one: &Aggregate, group: &mut Entity) {
    let Some(value) = group.get(&one.name).cloned() else {
        return;
    };
    let count = |name: &str| match group.get(name) {
        Some(Value::Integer(count)) => *count,
        _ => 0,
    };
    let (all, some) = (count(ALL), count(&beside(one)));
    let value = match (planted.0, one.function, value) {
        (Some(Fault::SumPassesThroughFloats), F::Sum, Value::Integer(sum)) => {
            Value::Integer(sum as f64 as i64)
        }
        (Some(Fault::SumWraps), F::Sum, Value::Decimal(sum)) => match sum.parse::<i128>() {
            Ok(sum) => Value::Integer(sum as i64),
            Err(_) => Value::Decimal(sum),
        },
        (Some(Fault::SumOfNothingIsZero), F::Sum, Value::Null) => Value::Integer(0),
        (Some(Fault::AverageIsWhole), F::Average, Value::Float(average)) => {
            Value::Float(average.trunc())
        }
        (Some(Fault::AverageCountsNulls), F::Average, Value::Float(average)) if all > 0 => {
            Value::Float(average * some as f64 / all as f64)
        }
        (Some(Fault::MinimumIsNull), F::Minimum, _) if some < all => Value::Null,
        (_, _, value) => value,
    };
    group.set(one.name.as_str(), value);
}
