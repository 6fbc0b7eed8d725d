//! A request for aggregates of records that are known, and what has to come of it.

use tenon_model::contract::{AggregateFunction, ErrorKind, PropertyType, Value};
use tenon_model::{Aggregation, Aggregator, Entity, equal};

use crate::ask::Known;
use crate::bench::PAGE;
use crate::finding::{Checked, Finding, Stop, ensure};
use crate::reference::same_value;
use crate::session::Session;
use crate::show;

/// The model's kinds of what a request is about.
pub struct Terms<'k> {
    known: &'k Known,
    request: &'k Aggregation,
}

/// Asks for groups, in pages of at most so many; whether the request is supported.
pub fn ask(
    session: &mut Session<'_>,
    known: &Known,
    request: &Aggregation,
    max: u32,
) -> Checked<bool> {
    let Some(model) = known.checks() else {
        return Ok(true);
    };
    let Ok(request) = request.clone().check(model) else {
        // The runtime refuses it.
        return Ok(true);
    };
    let sent = request.to_contract();
    let Some(matcher) = known.matcher(&sent.filter) else {
        return Ok(true);
    };
    let told = |stop: Stop| {
        let page = if max == PAGE {
            String::new()
        } else {
            format!(", read in pages of at most {max}")
        };
        known.with_records(stop.after(format!("aggregate {}{page}", request.to_json())))
    };
    let matches: Vec<&Entity> = known
        .records()
        .iter()
        .filter(|record| matcher.matches(record))
        .collect();
    let expected = expected(&request, &matches);
    let terms = Terms {
        known,
        request: &request,
    };
    let opened = session.aggregate(&known.model().name, &sent);
    let rows = match opened.and_then(|rows| session.read(rows, max)) {
        Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => return Ok(false),
        Err(failure) => {
            return match expected {
                Err(_) if failure.kind() == Some(ErrorKind::Invalid) => Ok(true),
                Err(reason) => Err(told(
                    Finding::new("`aggregate` fails in another way than it has to")
                        .differs(format!("`invalid`: {reason}"), failure)
                        .into(),
                )),
                Ok(rows) => Err(told(
                    Finding::new("`aggregate` fails where it has to work, or to be `unsupported`")
                        .differs(show::records(&rows), failure)
                        .into(),
                )),
            };
        }
        Ok(rows) => rows,
    };
    match expected {
        Err(reason) => Err(told(
            Finding::new("`aggregate` answers a request that has no answer")
                .differs(format!("`invalid`: {reason}"), show::records(&rows))
                .into(),
        )),
        Ok(expected) => terms
            .judge(&expected, &rows, &matches)
            .map_err(told)
            .map(|()| true),
    }
}

/// The groups in their order, the wanted part of them.
fn expected(request: &Aggregation, matches: &[&Entity]) -> Result<Vec<Entity>, String> {
    let folded = || {
        let mut aggregator = Aggregator::new(request, usize::MAX)?;
        for record in matches {
            aggregator.add(record)?;
        }
        request.conclude(aggregator.finish()?)
    };
    folded().map_err(|error| error.to_string())
}

impl Terms<'_> {
    fn judge(&self, expected: &[Entity], rows: &[Entity], matches: &[&Entity]) -> Checked {
        let differs =
            |what: String| Finding::new(what).differs(show::records(expected), show::records(rows));
        for row in rows {
            self.has_its_columns(row)?;
        }
        ensure(expected.len() == rows.len(), || {
            differs("`aggregate` hands out another number of groups".to_owned())
        })?;
        if self.is_in_order() {
            for (wanted, row) in expected.iter().zip(rows) {
                if let Some(name) = self.difference(wanted, row, matches) {
                    return Err(differs(self.what(&name)).into());
                }
            }
            return Ok(());
        }
        let mut left: Vec<&Entity> = rows.iter().collect();
        for wanted in expected {
            let found = left.iter().position(|row| {
                let mut groups = self.request.group_by.iter();
                groups.all(|name| self.same_group(wanted, row, name))
            });
            let Some(row) = found.map(|place| left.swap_remove(place)) else {
                return Err(differs(format!(
                    "`aggregate` lacks a group: {}",
                    show::record(wanted)
                ))
                .into());
            };
            if let Some(name) = self.difference(wanted, row, matches) {
                return Err(differs(self.what(&name)).into());
            }
        }
        Ok(())
    }

    /// Whether the order of the groups is a total one: points, arrays and objects are all equals to it.
    fn is_in_order(&self) -> bool {
        let vague = |name: &String| {
            matches!(
                self.kind(name),
                PropertyType::Point | PropertyType::Json | PropertyType::Any
            )
        };
        !self.request.group_by.iter().any(vague)
    }

    fn kind(&self, name: &str) -> PropertyType {
        let mut properties = self.known.model().properties.iter();
        properties
            .find(|property| property.name == name)
            .map_or(PropertyType::Any, |property| property.kind)
    }

    fn has_its_columns(&self, row: &Entity) -> Checked {
        let names = self.request.aggregates.iter().map(|one| &one.name);
        let names: Vec<&String> = self.request.group_by.iter().chain(names).collect();
        for name in &names {
            ensure(row.get(name).is_some(), || {
                Finding::new(format!("`aggregate` hands out a row without `{name}`"))
                    .differs("what is grouped by, and every aggregate", show::record(row))
            })?;
        }
        ensure(row.len() == names.len(), || {
            Finding::new("`aggregate` hands out a row with what was not asked for")
                .differs("what is grouped by, and every aggregate", show::record(row))
        })
    }

    fn what(&self, name: &str) -> String {
        if self.request.group_by.iter().any(|group| group == name) {
            return format!("`aggregate` hands out other groups of `{name}`, or in another order");
        }
        let function = self.request.aggregates.iter().find(|one| one.name == name);
        let Some(one) = function else {
            return "`aggregate` comes to something else".to_owned();
        };
        let distinct = if one.distinct {
            " of distinct values"
        } else {
            ""
        };
        let property = one.property.as_deref().unwrap_or("records");
        format!(
            "`aggregate` comes to another {} of `{property}`{distinct} in `{name}`",
            one.function
        )
    }

    fn same_group(&self, wanted: &Entity, row: &Entity, name: &str) -> bool {
        match (wanted.get(name), row.get(name)) {
            (Some(wanted), Some(value)) if self.kind(name) == PropertyType::Any => {
                equal(wanted, value)
            }
            (Some(wanted), Some(value)) => same_value(wanted, value),
            _ => false,
        }
    }

    /// The first column that is wrong.
    fn difference(&self, wanted: &Entity, row: &Entity, matches: &[&Entity]) -> Option<String> {
        let mut groups = self.request.group_by.iter();
        if let Some(name) = groups.find(|name| !self.same_group(wanted, row, name)) {
            return Some(name.clone());
        }
        for one in &self.request.aggregates {
            let null = Value::Null;
            let (wanted, value) = (
                wanted.get(&one.name).unwrap_or(&null),
                row.get(&one.name).unwrap_or(&null),
            );
            let property = one.property.as_deref().unwrap_or_default();
            let kind = if one.path.is_empty() {
                self.kind(property)
            } else {
                PropertyType::Any
            };
            let agrees = match one.function {
                AggregateFunction::Count => same_value(wanted, value),
                AggregateFunction::Minimum | AggregateFunction::Maximum => {
                    if kind == PropertyType::Any {
                        tenon_model::compare(wanted, value).is_eq()
                    } else {
                        same_value(wanted, value)
                    }
                }
                AggregateFunction::Sum | AggregateFunction::Average => {
                    let floats = matches!(kind, PropertyType::Float | PropertyType::Any);
                    // Which of two equal values counts is not said.
                    let any_form = kind == PropertyType::Any && one.distinct;
                    if same_value(wanted, value) || any_form && equal(wanted, value) {
                        true
                    } else if floats {
                        let same_form = any_form
                            || std::mem::discriminant(wanted) == std::mem::discriminant(value);
                        same_form && nearly(wanted, value, magnitude(property, matches))
                    } else {
                        false
                    }
                }
            };
            if !agrees {
                return Some(one.name.clone());
            }
        }
        None
    }
}

/// What a property's floats add up to without their signs: the measure of what rounding may lose.
fn magnitude(property: &str, matches: &[&Entity]) -> f64 {
    let values = matches.iter().filter_map(|record| record.get(property));
    values.filter_map(number).map(f64::abs).sum()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        Value::Decimal(text) => text.parse().ok(),
        _ => None,
    }
}

/// Whether two numbers are the same but for the last digits of floats.
fn nearly(one: &Value, other: &Value, magnitude: f64) -> bool {
    match (number(one), number(other)) {
        (Some(one), Some(other)) => (one - other).abs() <= magnitude * 1e-12,
        _ => false,
    }
}
