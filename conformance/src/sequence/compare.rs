//! What a step came to, and whether it is what had to come.

use tenon_model::contract::{Done, ErrorKind, Query};
use tenon_model::{Entity, RowOrder};

use crate::reference::{Allowed, matcher, same_records, same_rows};
use crate::show;

/// What a call returned.
#[derive(Clone, Debug)]
pub enum Came {
    /// Nothing that has to be the same.
    Nothing,
    /// How many, or whether.
    Number(u64),
    /// A record, or none.
    Found(Option<Entity>),
    /// Rows, and whether their order is asked for.
    Rows(Vec<Entity>, bool),
    /// A record, and whether it is new.
    Upserted(Entity, bool),
}

impl Came {
    /// Whether both are the same.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, Self::Nothing) => true,
            (Self::Number(one), Self::Number(other)) => one == other,
            (Self::Found(one), Self::Found(other)) => same_rows(one.as_slice(), other.as_slice()),
            (Self::Rows(ones, in_order), Self::Rows(others, _)) => {
                if *in_order {
                    same_rows(ones, others)
                } else {
                    same_records(ones, others)
                }
            }
            (Self::Upserted(one, new), Self::Upserted(other, is_new)) => {
                new == is_new && crate::reference::same(one, other)
            }
            _ => false,
        }
    }

    /// For a report.
    pub fn show(&self) -> String {
        match self {
            Self::Nothing => "success".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Found(None) => "none".to_owned(),
            Self::Found(Some(record)) => show::record(record),
            Self::Rows(rows, true) => format!("in this order:\n{}", show::records(rows)),
            Self::Rows(rows, false) => show::records(rows),
            Self::Upserted(record, created) => {
                let created = if *created { "created" } else { "found" };
                format!("{created} {}", show::record(record))
            }
        }
    }
}

/// An error that has to come, for a report.
pub fn show_error(kind: ErrorKind) -> String {
    let why = match kind {
        ErrorKind::NotFound => "there is no record of that key",
        ErrorKind::Duplicate => "the key, or the values of a unique index, are another record's",
        ErrorKind::Invalid => "a record keeps its key",
        ErrorKind::Conflict => "several records match",
        _ => return format!("the error `{kind}`"),
    };
    format!("the error `{kind}`: {why}")
}

/// Whether a query says in which order its rows come. Nearest first is not looked at here.
pub fn is_ordered(query: &Query) -> bool {
    !query.order.is_empty()
}

/// Does what a connector has left of a query.
pub fn the_rest(query: &Query, done: Done, mut rows: Vec<Entity>) -> Allowed<Vec<Entity>> {
    if !done.contains(Done::FILTER) {
        let matcher = matcher(&query.filter)?;
        rows.retain(|row| matcher.matches(row));
    }
    if !done.contains(Done::ORDER) {
        let asked =
            tenon_model::Query::from_contract(query.clone()).map_err(|_| ErrorKind::Invalid)?;
        RowOrder::new(&asked).sort(&mut rows);
    }
    if !done.contains(Done::PAGING) {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        rows = rows
            .into_iter()
            .skip(size(query.offset))
            .take(query.limit.map_or(usize::MAX, size))
            .collect();
    }
    if !done.contains(Done::FIELDS) && !query.fields.is_empty() {
        for row in &mut rows {
            row.retain(|name| query.fields.iter().any(|field| field == name));
        }
    }
    Ok(rows)
}
