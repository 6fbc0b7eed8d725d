//! Folds records into groups, one record at a time.
//!
//! What is kept is a state for each group, and each value that must count once; both together are bounded by
//! the caller. Beyond the bound it is an error, since some of the groups would be a wrong answer.

use std::collections::HashMap;
use std::fmt;

use super::Aggregation;
use super::fold::{Fold, Growth, OVERHEAD, State, text_length};
use crate::contract::Value;
use crate::entity::Entity;
use crate::sortable;

/// Why records can't be folded into groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AggregateError {
    /// There are more groups and distinct values than the caller allows.
    TooMany {
        /// How many it allows.
        bound: usize,
    },
    /// The request, or a record's value in it, has no meaning.
    Invalid(String),
    /// This build can't evaluate the filter on the results.
    Unsupported(String),
}

impl fmt::Display for AggregateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { bound } => write!(
                f,
                "more than {bound} groups and distinct values; filter more closely, or group by less"
            ),
            Self::Invalid(reason) | Self::Unsupported(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for AggregateError {}

/// Groups in the making. It takes every record for one that the request's filter matches.
#[derive(Debug)]
pub struct Aggregator {
    group_by: Vec<String>,
    folds: Vec<Fold>,
    groups: HashMap<Vec<u8>, Group>,
    /// A record's group, so that only a new group needs memory.
    bytes: Vec<u8>,
    /// Groups and distinct values, and about the bytes that they take.
    kept: usize,
    size: usize,
    bound: usize,
}

#[derive(Debug)]
struct Group {
    values: Vec<Value>,
    states: Vec<State>,
}

impl Aggregator {
    /// No records yet. At most `bound` groups and distinct values are kept, together.
    ///
    /// # Errors
    /// `Invalid` where an aggregate has no property to be about.
    pub fn new(aggregation: &Aggregation, bound: usize) -> Result<Self, AggregateError> {
        let folds = aggregation
            .aggregates
            .iter()
            .map(Fold::new)
            .collect::<Result<Vec<_>, _>>()?;
        let mut aggregator = Self {
            group_by: aggregation.group_by.clone(),
            folds,
            groups: HashMap::new(),
            bytes: Vec::new(),
            kept: 0,
            size: 0,
            bound,
        };
        if aggregator.group_by.is_empty() {
            // All records are one group, and it is there without any.
            let group = aggregator.new_group(Vec::new());
            aggregator.groups.insert(Vec::new(), group);
        }
        Ok(aggregator)
    }

    /// Takes in a record.
    ///
    /// # Errors
    /// `TooMany` beyond the bound; `Invalid` for a value that a function has no meaning for. What was taken in
    /// is then of no use.
    pub fn add(&mut self, record: &Entity) -> Result<(), AggregateError> {
        self.bytes.clear();
        for name in &self.group_by {
            let value = record.get(name).unwrap_or(&Value::Null);
            sortable::encode(value, &mut self.bytes).map_err(|_| {
                AggregateError::Invalid(format!(
                    "a record's `{name}` is a value that isn't in the contract's form, and of no group"
                ))
            })?;
        }
        if !self.groups.contains_key(self.bytes.as_slice()) {
            let values = self.group_by.iter();
            let values: Vec<Value> = values
                .map(|name| record.get(name).cloned().unwrap_or_default())
                .collect();
            self.kept += 1;
            self.size += self.bytes.len() + values.iter().map(text_length).sum::<usize>();
            self.size += OVERHEAD + size_of_val(values.as_slice());
            self.size += self.folds.len() * size_of::<State>();
            let group = self.new_group(values);
            self.groups.insert(self.bytes.clone(), group);
        }
        if let Some(group) = self.groups.get_mut(self.bytes.as_slice()) {
            let mut growth = Growth::default();
            for (fold, state) in self.folds.iter().zip(&mut group.states) {
                fold.add(state, record, &mut growth)?;
            }
            self.kept += growth.values;
            self.size = self.size.saturating_add_signed(growth.bytes);
        }
        if self.kept > self.bound {
            return Err(AggregateError::TooMany { bound: self.bound });
        }
        Ok(())
    }

    /// About the bytes that the groups and distinct values take.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The groups, each as a record of what is grouped by and of the aggregates, in the order of what is grouped
    /// by: still all of them, for [`Aggregation::conclude`].
    ///
    /// # Errors
    /// `Invalid` where a sum is beyond what a float holds.
    pub fn finish(self) -> Result<Vec<Entity>, AggregateError> {
        let mut groups: Vec<(Vec<u8>, Group)> = self.groups.into_iter().collect();
        groups.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        let mut rows = Vec::with_capacity(groups.len());
        for (_, group) in groups {
            let mut row = Vec::with_capacity(self.group_by.len() + self.folds.len());
            row.extend(self.group_by.iter().cloned().zip(group.values));
            for (fold, state) in self.folds.iter().zip(group.states) {
                row.push((fold.name().to_owned(), fold.finish(state)?));
            }
            rows.push(Entity::from(row));
        }
        Ok(rows)
    }

    fn new_group(&self, values: Vec<Value>) -> Group {
        Group {
            values,
            states: self.folds.iter().map(Fold::start).collect(),
        }
    }
}
