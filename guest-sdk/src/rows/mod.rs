//! Cursors: rows on their way out, page by page.
//!
//! Rows come as records from a [`Source`], or in columns from a [`ColumnSource`], which costs less: no record is made.
//! A [`PageSource`] cuts its pages by itself.
//!
//! A page ends at the rows asked for, below the limit `page-size`, and when the call has looked at so many
//! records, or taken so long, that others should have their turn: it may then be empty, and more follows.
//! After an error only `close` is left.

mod columns;
mod pace;
mod page;
mod whole;

use tenon_model::contract::{ColumnPage, Page};
use tenon_model::{Entity, RowColumn, into_entities, to_columns};

pub use columns::{ColumnSource, PageColumns};
pub use page::PageBuilder;
pub use whole::PageSource;

use columns::Columns;

use crate::{Error, Limits, Result};

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
    OpenColumns(Columns),
    OpenPages(Box<dyn PageSource>),
    Ended,
    Failed,
}

/// A page's rows, as they came.
enum Pulled {
    Records(Vec<Entity>),
    Columns(ColumnPage),
    Whole(Page),
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

    /// The rows of a source that has them in columns: these, in their order. Names may come twice in the rows of a
    /// native command, and there alone.
    pub fn from_columns(columns: Vec<RowColumn>, source: impl ColumnSource + 'static) -> Self {
        Self {
            state: State::OpenColumns(Columns::new(columns, Box::new(source))),
            carried: Vec::new(),
        }
    }

    /// The rows of a source that makes whole pages, which go out as they are.
    pub fn from_pages(source: impl PageSource + 'static) -> Self {
        Self {
            state: State::OpenPages(Box::new(source)),
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
        match self.pull(max, limits)? {
            None => Ok(None),
            Some(Pulled::Records(rows)) => Ok(Some(rows)),
            Some(Pulled::Columns(page)) => into_entities(Page::Columns(page))
                .map(Some)
                .map_err(Error::backend),
            Some(Pulled::Whole(page)) => into_entities(page).map(Some).map_err(Error::backend),
        }
    }

    /// As [`next_rows`](Self::next_rows), in the shape in which a page travels best.
    ///
    /// # Errors
    /// As `next_rows`.
    pub fn next(&mut self, max: u32, limits: &Limits) -> Result<Option<Page>> {
        self.next_page(max, limits, page)
    }

    /// As [`next`](Self::next), where records become a page in a way of one's own.
    pub(crate) fn next_page(
        &mut self,
        max: u32,
        limits: &Limits,
        page: impl FnOnce(Vec<Entity>) -> Page,
    ) -> Result<Option<Page>> {
        Ok(self.pull(max, limits)?.map(|pulled| match pulled {
            Pulled::Records(rows) => page(rows),
            Pulled::Columns(columns) => Page::Columns(columns),
            Pulled::Whole(page) => page,
        }))
    }

    fn pull(&mut self, max: u32, limits: &Limits) -> Result<Option<Pulled>> {
        let pulled = match &mut self.state {
            State::Failed => {
                return Err(Error::invalid(
                    "this cursor has failed: only `close` is left",
                ));
            }
            State::OpenColumns(columns) => columns.next(max, limits),
            State::OpenPages(pages) => pages.next(max, limits).map(|page| page.map(Pulled::Whole)),
            State::Open(_) | State::Ended => self.pull_records(max, limits),
        };
        match &pulled {
            Ok(Some(_)) => {}
            // What the source holds is let go before anyone calls `close`.
            Ok(None) => self.state = State::Ended,
            Err(_) => self.state = State::Failed,
        }
        pulled
    }

    fn pull_records(&mut self, max: u32, limits: &Limits) -> Result<Option<Pulled>> {
        let mut page = PageBuilder::new(max, limits);
        for row in self.carried.drain(..) {
            page.push(row);
        }
        if let State::Open(source) = &mut self.state
            && !page.is_full()
            && source.fill(&mut page)? == Progress::End
        {
            self.state = State::Ended;
        }
        self.carried = page.carried;
        let ended = matches!(self.state, State::Ended) && self.carried.is_empty();
        Ok(if ended && page.rows.is_empty() {
            None
        } else {
            Some(Pulled::Records(page.rows))
        })
    }

    /// Ends the query and lets go of what it held. To close twice is no error.
    ///
    /// # Errors
    /// The source's.
    pub fn close(&mut self) -> Result<()> {
        self.carried.clear();
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Open(mut source) => source.close(),
            State::OpenColumns(mut columns) => columns.close(),
            State::OpenPages(mut pages) => pages.close(),
            State::Ended | State::Failed => Ok(()),
        }
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
