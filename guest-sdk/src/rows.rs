//! Cursors: rows on their way out, page by page.
//!
//! A page ends at the rows asked for, below the limit `page-size`, and when the call has looked at so many
//! records, or taken so long, that others should have their turn: it may then be empty, and more follows.
//! After an error only `close` is left.

use std::time::{Duration, Instant};

use tenon_model::contract::Page;
use tenon_model::{Entity, Value, to_columns};

use crate::{Error, Limits, Result};

/// Records that one call looks at, at most: a search through rows that don't match stops here.
const LOOKS_A_PAGE: u32 = 16_384;

/// How many looks pass between two looks at the clock, which costs a call of the host. It comes to this by
/// doubling, so that a slow search is noticed early.
const LOOKS_A_CLOCK: u32 = 256;

/// A page is handed out after this time, so that calls on an exclusive instance take turns.
const PATIENCE: Duration = Duration::from_millis(100);

/// What a value costs in a page beside its text or bytes: its slot, and its entries in `nulls` and `absent`.
const VALUE_OVERHEAD: u64 = 24;

/// Whether a [`Source`] has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Perhaps: ask again.
    More,
    /// No.
    End,
}

/// Where rows come from, for a connector that an iterator doesn't suit.
pub trait Source {
    /// Puts rows into the page until [`PageBuilder::is_full`], or there are no more.
    ///
    /// # Errors
    /// Where the backend fails; the source is not asked again.
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress>;

    /// Ends the query in the backend.
    ///
    /// # Errors
    /// Where the backend fails.
    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}

/// The rows of an answer.
pub struct Rows {
    state: State,
    /// What didn't fit into the page before.
    carried: Vec<Entity>,
}

enum State {
    Open(Box<dyn Source>),
    Ended,
    Failed,
}

impl Rows {
    /// The rows of an iterator that owns what it needs.
    #[allow(
        clippy::should_implement_trait,
        reason = "the trait has no place for the iterator's lifetime"
    )]
    pub fn from_iter<I>(rows: I) -> Self
    where
        I: IntoIterator<Item = Entity>,
        I::IntoIter: 'static,
    {
        Self::searching(rows.into_iter().map(|row| Ok(Some(row))))
    }

    /// The rows of an iterator that may fail.
    pub fn try_from_iter<I>(rows: I) -> Self
    where
        I: IntoIterator<Item = Result<Entity>>,
        I::IntoIter: 'static,
    {
        Self::searching(rows.into_iter().map(|row| row.map(Some)))
    }

    /// The rows that an iterator finds: `None` is one that it looked at and left out, so that a long search
    /// can be interrupted.
    pub fn searching<I>(rows: I) -> Self
    where
        I: IntoIterator<Item = Result<Option<Entity>>>,
        I::IntoIter: 'static,
    {
        Self::from_source(Searching(rows.into_iter()))
    }

    /// The rows of a source.
    pub fn from_source(source: impl Source + 'static) -> Self {
        Self {
            state: State::Open(Box::new(source)),
            carried: Vec::new(),
        }
    }

    /// No rows.
    pub fn none() -> Self {
        Self {
            state: State::Ended,
            carried: Vec::new(),
        }
    }

    /// The next rows, at most `max`; none is the end.
    ///
    /// # Errors
    /// The source's; only `close` is left then.
    pub fn next_rows(&mut self, max: u32, limits: &Limits) -> Result<Option<Vec<Entity>>> {
        if matches!(self.state, State::Failed) {
            return Err(Error::invalid(
                "this cursor has failed: only `close` is left",
            ));
        }
        let mut page = PageBuilder::new(max, limits);
        for row in self.carried.drain(..) {
            page.push(row);
        }
        if let State::Open(source) = &mut self.state
            && !page.is_full()
        {
            match source.fill(&mut page) {
                Ok(Progress::More) => {}
                // What the source holds is let go before anyone calls `close`.
                Ok(Progress::End) => self.state = State::Ended,
                Err(error) => {
                    self.state = State::Failed;
                    return Err(error);
                }
            }
        }
        self.carried = page.carried;
        let ended = matches!(self.state, State::Ended) && self.carried.is_empty();
        Ok(if ended && page.rows.is_empty() {
            None
        } else {
            Some(page.rows)
        })
    }

    /// As [`next_rows`](Self::next_rows), in the shape in which a page travels best.
    ///
    /// # Errors
    /// As `next_rows`.
    pub fn next(&mut self, max: u32, limits: &Limits) -> Result<Option<Page>> {
        Ok(self.next_rows(max, limits)?.map(page))
    }

    /// Ends the query and lets go of what it held. To close twice is no error.
    ///
    /// # Errors
    /// The source's.
    pub fn close(&mut self) -> Result<()> {
        self.carried.clear();
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Open(mut source) => source.close(),
            State::Ended | State::Failed => Ok(()),
        }
    }
}

/// A page that is being filled.
pub struct PageBuilder {
    rows: Vec<Entity>,
    carried: Vec<Entity>,
    max: usize,
    bytes: u64,
    max_bytes: u64,
    looks: u32,
    deadline: Option<Instant>,
    patience: Duration,
    out_of_time: bool,
}

impl PageBuilder {
    fn new(max: u32, limits: &Limits) -> Self {
        let patience = limits
            .call_timeout
            .map_or(PATIENCE, |timeout| PATIENCE.min(timeout / 4));
        Self {
            rows: Vec::new(),
            carried: Vec::new(),
            max: usize::try_from(max).unwrap_or(usize::MAX),
            bytes: 0,
            max_bytes: limits.page_size,
            looks: 0,
            deadline: None,
            patience,
            out_of_time: false,
        }
    }

    /// Adds a row. One that would make the page too large comes with the next page; a row that is too large
    /// for any page comes alone.
    pub fn push(&mut self, row: Entity) {
        let size = size(&row);
        let fits = self.rows.is_empty() || self.bytes + size < self.max_bytes;
        if self.rows.len() >= self.max || !self.carried.is_empty() || !fits {
            self.carried.push(row);
            return;
        }
        self.bytes += size;
        self.rows.push(row);
    }

    /// Counts a record that was looked at, whether or not it became a row. Call it once a record.
    pub fn look(&mut self) {
        self.looks += 1;
        if self.looks.is_power_of_two() || self.looks.is_multiple_of(LOOKS_A_CLOCK) {
            let now = Instant::now();
            let deadline = *self.deadline.get_or_insert(now + self.patience);
            self.out_of_time = now >= deadline;
        }
    }

    /// Whether to stop for now.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= self.max
            || !self.carried.is_empty()
            || self.bytes >= self.max_bytes
            || self.looks >= LOOKS_A_PAGE
            || self.out_of_time
    }

    /// How many rows are in it.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row is in it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

struct Searching<I>(I);

impl<I: Iterator<Item = Result<Option<Entity>>>> Source for Searching<I> {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        while !page.is_full() {
            match self.0.next() {
                None => return Ok(Progress::End),
                Some(Err(error)) => return Err(error),
                Some(Ok(row)) => {
                    page.look();
                    if let Some(row) = row {
                        page.push(row);
                    }
                }
            }
        }
        Ok(Progress::More)
    }
}

/// A page in the shape in which these rows travel best.
pub(crate) fn page(rows: Vec<Entity>) -> Page {
    if is_sparse(&rows) {
        Page::Records(rows.into_iter().map(Entity::into_contract).collect())
    } else {
        to_columns(rows)
    }
}

/// About the bytes that a row takes in a page.
fn size(row: &Entity) -> u64 {
    row.iter()
        .map(|(_, value)| {
            let payload = match value {
                Value::Decimal(text) | Value::Text(text) | Value::Json(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
                Value::Other(other) => other.kind.len() + other.text.len(),
                _ => 0,
            };
            VALUE_OVERHEAD + u64::try_from(payload).unwrap_or(u64::MAX / 4)
        })
        .sum()
}

/// Whether the rows have so little in common that columns would be mostly holes.
fn is_sparse(rows: &[Entity]) -> bool {
    let Some(first) = rows.first() else {
        return false;
    };
    let alike = |row: &Entity| {
        row.len() == first.len() && row.iter().zip(first.iter()).all(|((a, _), (b, _))| a == b)
    };
    if rows.iter().all(alike) {
        return false;
    }
    let names: std::collections::HashSet<&str> = rows
        .iter()
        .flat_map(Entity::iter)
        .map(|(name, _)| name)
        .collect();
    let values: usize = rows.iter().map(Entity::len).sum();
    names.len().saturating_mul(rows.len()) > values.saturating_mul(4)
}
