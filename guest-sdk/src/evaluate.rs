//! A whole query on records in memory: filter, order, paging and fields.
//!
//! What this build can't evaluate (a backend's own condition, or `matches` without the feature `regex`) is
//! left to the runtime, and said so; rows are then too many and never too few.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::rc::Rc;

use tenon_model::contract::{self, FilterNode};
use tenon_model::{Done, Entity, Matcher, MatcherError, Query, RowOrder};

use crate::{Answer, Error, Result, Rows};

/// A query, ready to be asked of records. Share it by clone.
#[derive(Clone)]
pub struct Evaluation(Rc<Inner>);

struct Inner {
    query: Query,
    matcher: Option<Matcher>,
    order: RowOrder,
    fields: HashSet<String>,
}

impl Evaluation {
    /// Prepares a query.
    ///
    /// # Errors
    /// `invalid` where it is not well formed.
    pub fn new(query: contract::Query) -> Result<Self> {
        let query = Query::from_contract(query)?;
        let matcher = match Matcher::new(&query.filter) {
            Ok(matcher) => Some(matcher),
            Err(MatcherError::Unsupported(_)) => None,
            Err(MatcherError::Invalid(reason)) => return Err(Error::invalid(reason)),
        };
        Ok(Self(Rc::new(Inner {
            order: RowOrder::new(&query),
            fields: query.fields.iter().cloned().collect(),
            matcher,
            query,
        })))
    }

    /// Prepares a filter that has to be done whole.
    ///
    /// # Errors
    /// `unsupported` where a part of it can't be done, `invalid` where it is not well formed.
    pub fn whole_filter(filter: Vec<FilterNode>) -> Result<Self> {
        let filter = tenon_model::Filter::from_nodes(&filter)?;
        let query = Query::filter(filter);
        match Matcher::new(&query.filter) {
            Err(MatcherError::Unsupported(reason)) => Err(Error::unsupported(reason)),
            Err(MatcherError::Invalid(reason)) => Err(Error::invalid(reason)),
            Ok(matcher) => Ok(Self(Rc::new(Inner {
                order: RowOrder::new(&query),
                fields: HashSet::new(),
                matcher: Some(matcher),
                query,
            }))),
        }
    }

    /// The query.
    pub fn query(&self) -> &Query {
        &self.0.query
    }

    /// Whether its filter can be evaluated here.
    pub fn knows_filter(&self) -> bool {
        self.0.matcher.is_some()
    }

    /// Whether a record matches; every record does where the filter is not known.
    pub fn matches(&self, record: &Entity) -> bool {
        self.0
            .matcher
            .as_ref()
            .is_none_or(|matcher| matcher.matches(record))
    }

    /// Whether any order is wanted, be it nearest first.
    pub fn wants_order(&self) -> bool {
        !self.0.order.is_empty()
    }

    /// The order of two records.
    pub fn compare(&self, left: &Entity, right: &Entity) -> Ordering {
        self.0.order.compare(left, right)
    }

    /// The record with no other properties than the query's fields.
    pub fn project(&self, mut record: Entity) -> Entity {
        if !self.0.fields.is_empty() {
            record.retain(|name| self.0.fields.contains(name));
        }
        record
    }

    /// As [`project`](Self::project), of a record that stays where it is.
    pub fn project_copy(&self, record: &Entity) -> Entity {
        if self.0.fields.is_empty() {
            return record.clone();
        }
        let wanted = record
            .iter()
            .filter(|(name, _)| self.0.fields.contains(*name));
        contract::Entity::from_iter(wanted.map(|(name, value)| (name.to_owned(), value.clone())))
            .into()
    }

    /// How many records to leave out first, and how many to hand out then.
    pub fn part(&self) -> (usize, usize) {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        (
            size(self.0.query.offset),
            self.0.query.limit.map_or(usize::MAX, size),
        )
    }

    /// What is done of the query by one who filters with it, and orders it or not.
    pub fn done(&self, ordered: bool) -> Done {
        let mut done = Done::FIELDS;
        if self.knows_filter() {
            done |= Done::FILTER;
        }
        if ordered {
            done |= Done::ORDER;
        }
        if self.knows_filter() && ordered {
            done |= Done::PAGING;
        }
        done
    }
}

/// Answers a query with the records of an iterator, as far as [`Evaluation`] goes. An order is made by
/// collecting the matches; without one they stream. Nearest first is left to the runtime, which knows the key that
/// breaks its ties.
///
/// # Errors
/// `invalid` where the query is not well formed.
pub fn evaluate<I>(query: contract::Query, records: I) -> Result<Answer>
where
    I: IntoIterator<Item = Entity>,
    I::IntoIter: 'static,
{
    let evaluation = Evaluation::new(query)?;
    let ordered = !evaluation.query().order.is_empty();
    let done = evaluation.done(ordered || !evaluation.wants_order());
    // Paging is for whole filters only: otherwise the runtime would miss rows that it filters out itself.
    let (offset, limit) = if done.contains(Done::PAGING) {
        evaluation.part()
    } else {
        (0, usize::MAX)
    };
    let rows = if ordered {
        let mut matches: Vec<Entity> = records
            .into_iter()
            .filter(|record| evaluation.matches(record))
            .collect();
        matches.sort_by(|left, right| evaluation.compare(left, right));
        let part = matches.into_iter().skip(offset).take(limit);
        Rows::from_iter(part.map(move |record| evaluation.project(record)))
    } else {
        let mut to_skip = offset;
        let mut left = limit;
        let mut records = records.into_iter();
        Rows::searching(std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let record = records.next()?;
            if !evaluation.matches(&record) {
                return Some(Ok(None));
            }
            if to_skip > 0 {
                to_skip -= 1;
                return Some(Ok(None));
            }
            left -= 1;
            Some(Ok(Some(evaluation.project(record))))
        }))
    };
    Ok(Answer { rows, done })
}
