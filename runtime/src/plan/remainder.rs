//! What a connector has left of a query, done on its rows as they come.

use tenon_model::{Done, Entity, Matcher, MatcherError, Query, RowOrder};

use super::{Explanation, Place, Plan, RelatedRead};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limits;

/// What is left of a query.
pub(crate) struct Remainder {
    matcher: Option<Matcher>,
    order: Option<RowOrder>,
    offset: u64,
    limit: Option<u64>,
    fields: Option<Vec<String>>,
    hidden: Vec<String>,
    /// Rows that were looked at here, of at most so many.
    scanned: u64,
    scan_rows: u64,
    sort_rows: u64,
}

impl Remainder {
    /// What is left of a planned query after what the connector did.
    ///
    /// # Errors
    /// `backend` where the connector claims what can't be, and `unsupported` where nobody can do the rest.
    pub(crate) fn new(plan: &Plan, done: Done, limits: &Limits) -> Result<Self> {
        let query = &plan.query;
        let left = Left::of(query, done)?;
        Ok(Self {
            matcher: left.filter.then(|| matcher(query)).transpose()?,
            order: left
                .order
                .then(|| RowOrder::new(query).then_by_key(plan.ties.iter().map(String::as_str))),
            offset: if left.paging { query.offset } else { 0 },
            // A connector that did these has nothing taken from it; one that only says so has.
            limit: query.limit,
            fields: (!query.fields.is_empty()).then(|| query.fields.clone()),
            hidden: plan.hidden.clone(),
            scanned: 0,
            scan_rows: limits.scan_rows,
            sort_rows: limits.sort_rows,
        })
    }

    /// Whether every row has to be there before the first can be handed out.
    pub(crate) fn sorts(&self) -> bool {
        self.order.is_some()
    }

    /// Takes a page's rows through what is left, but for the order. Tells whether more rows are wanted.
    pub(crate) fn pass(&mut self, rows: Vec<Entity>) -> Result<(Vec<Entity>, bool)> {
        let mut kept = self.filter(rows)?;
        if self.sorts() {
            return Ok((kept, true));
        }
        let more = self.page(&mut kept);
        self.project(&mut kept);
        Ok((kept, more))
    }

    /// Collects rows that are to be sorted, keeping only as many as can still be in the result.
    pub(crate) fn gather(&mut self, sorted: &mut Vec<Entity>, rows: Vec<Entity>) -> Result<()> {
        sorted.extend(rows);
        let Some(order) = &self.order else {
            return Ok(());
        };
        if let Some(limit) = self.limit {
            let wanted = usize::try_from(self.offset.saturating_add(limit)).unwrap_or(usize::MAX);
            // Cut down only when there is twice as much: the cost of a row stays constant.
            if sorted.len() / 2 > wanted {
                order.sort(sorted);
                sorted.truncate(wanted);
            }
        }
        if sorted.len() as u64 > self.sort_rows {
            return Err(Error::new(
                ErrorKind::Exhausted,
                format!(
                    "more than {} records would have to be sorted in memory, since the connector can't sort \
                     them itself",
                    self.sort_rows
                ),
            )
            .remedy("ask for fewer with a filter or a limit, add an index, or raise the limit `sort-rows`"));
        }
        Ok(())
    }

    /// Sorts what was gathered, and takes it through the rest.
    pub(crate) fn finish(&mut self, mut sorted: Vec<Entity>) -> Vec<Entity> {
        if let Some(order) = self.order.take() {
            order.sort(&mut sorted);
        }
        self.page(&mut sorted);
        self.project(&mut sorted);
        sorted
    }

    fn filter(&mut self, mut rows: Vec<Entity>) -> Result<Vec<Entity>> {
        let Some(matcher) = &self.matcher else {
            return Ok(rows);
        };
        self.scanned += rows.len() as u64;
        if self.scanned > self.scan_rows {
            return Err(Error::new(
                ErrorKind::Exhausted,
                format!(
                    "more than {} records would have to be looked at, since the connector can't filter them \
                     itself",
                    self.scan_rows
                ),
            )
            .remedy("filter by a key or an indexed property, or raise the limit `scan-rows`"));
        }
        rows.retain(|row| matcher.matches(row));
        Ok(rows)
    }

    /// Leaves out what comes before the offset and after the limit.
    fn page(&mut self, rows: &mut Vec<Entity>) -> bool {
        let skipped = usize::try_from(self.offset)
            .unwrap_or(usize::MAX)
            .min(rows.len());
        rows.drain(..skipped);
        self.offset -= skipped as u64;
        let Some(limit) = &mut self.limit else {
            return true;
        };
        rows.truncate(usize::try_from(*limit).unwrap_or(usize::MAX));
        *limit -= rows.len() as u64;
        *limit > 0
    }

    fn project(&self, rows: &mut [Entity]) {
        if let Some(fields) = &self.fields {
            for row in rows.iter_mut() {
                row.retain(|name| fields.iter().any(|field| field == name));
            }
        }
        if !self.hidden.is_empty() {
            for row in rows {
                row.retain(|name| !self.hidden.iter().any(|hidden| hidden == name));
            }
        }
    }
}

/// Whether properties are left to be taken out: the connector has handed out all, or more than were wanted
/// were fetched for what is done here.
fn projects(plan: &Plan, done: Done) -> bool {
    !done.contains(Done::FIELDS) || plan.sent.fields.len() != plan.query.fields.len()
}

/// Which parts of a query are left.
struct Left {
    filter: bool,
    order: bool,
    paging: bool,
}

impl Left {
    fn of(query: &Query, done: Done) -> Result<Self> {
        let filtered = query.filter.is_all() || done.contains(Done::FILTER);
        let unordered = query.order.is_empty() && query.filter.near().is_none();
        let ordered = unordered || done.contains(Done::ORDER);
        let whole = query.limit.is_none() && query.offset == 0;
        if done.contains(Done::PAGING) && !whole && !(filtered && ordered) {
            return Err(Error::new(
                ErrorKind::Backend,
                "the connector says that it did limit and offset, but not the filter and order before them",
            )
            .remedy("report this to the connector's author"));
        }
        Ok(Self {
            filter: !filtered,
            order: !ordered,
            paging: !whole && !done.contains(Done::PAGING),
        })
    }
}

fn matcher(query: &Query) -> Result<Matcher> {
    Matcher::new(&query.filter).map_err(|error| match error {
        MatcherError::Unsupported(what) => Error::new(
            ErrorKind::Unsupported,
            format!("the connector can't do this filter, and neither can Tenon: {what}"),
        ),
        MatcherError::Invalid(what) => Error::new(ErrorKind::Invalid, what),
    })
}

impl Explanation {
    /// Who does what of a planned query.
    ///
    /// # Errors
    /// As [`Remainder::new`].
    pub(crate) fn new(plan: &Plan, done: Done, related: Vec<RelatedRead>) -> Result<Self> {
        let left = Left::of(&plan.query, done)?;
        let query = &plan.query;
        let place = |asked: bool, left: bool| match (asked, left) {
            (false, _) => Place::Nowhere,
            (true, false) => Place::Connector,
            (true, true) => Place::Runtime,
        };
        Ok(Self {
            filter: place(!query.filter.is_all(), left.filter),
            order: place(
                !query.order.is_empty() || query.filter.near().is_some(),
                left.order,
            ),
            paging: place(query.limit.is_some() || query.offset > 0, left.paging),
            fields: place(!query.fields.is_empty(), projects(plan, done)),
            query: query.clone(),
            withheld: false,
            related,
        })
    }
}

#[cfg(test)]
mod tests {
    use tenon_model::{Filter, Model, PropertyType};

    use super::*;

    fn rows(numbers: &[i64]) -> Vec<Entity> {
        numbers
            .iter()
            .map(|n| Entity::new().with("n", *n))
            .collect()
    }

    fn plan(query: Query) -> Plan {
        Plan::new(
            &Model::new("M").key("n", PropertyType::Integer),
            query,
            Vec::new(),
        )
    }

    fn nothing_done() -> Done {
        Done::default()
    }

    #[test]
    fn all_that_a_connector_leaves_is_done_on_its_rows() {
        let plan = plan(
            Query::filter(Filter::compare("n", tenon_model::Comparison::Greater, 1))
                .descending("n")
                .offset(1)
                .limit(2),
        );
        let mut rest = Remainder::new(&plan, nothing_done(), &Limits::default()).unwrap();
        let mut sorted = Vec::new();
        for page in [&[1, 5, 3][..], &[], &[2, 4, 6, 0]] {
            let (kept, more) = rest.pass(rows(page)).unwrap();
            assert!(more);
            rest.gather(&mut sorted, kept).unwrap();
        }
        assert_eq!(rest.finish(sorted), rows(&[5, 4]));
    }

    #[test]
    fn a_limit_ends_the_reading() {
        let plan = plan(Query::new().offset(1).limit(3));
        let mut rest = Remainder::new(&plan, Done::ORDER, &Limits::default()).unwrap();
        assert_eq!(rest.pass(rows(&[1, 2])).unwrap(), (rows(&[2]), true));
        assert_eq!(rest.pass(rows(&[3, 4, 5])).unwrap(), (rows(&[3, 4]), false));
    }

    #[test]
    fn paging_without_the_filter_is_the_connectors_mistake() {
        let plan = plan(Query::filter(Filter::equal("n", 1)).limit(1));
        let claimed = Remainder::new(&plan, Done::PAGING, &Limits::default());
        assert_eq!(claimed.err().unwrap().kind(), ErrorKind::Backend);
    }

    #[test]
    fn looking_at_too_many_rows_is_an_error_that_says_so() {
        let limits = Limits {
            scan_rows: 3,
            ..Limits::default()
        };
        let plan = plan(Query::filter(Filter::equal("n", 1)));
        let mut rest = Remainder::new(&plan, nothing_done(), &limits).unwrap();
        rest.pass(rows(&[1, 2, 3])).unwrap();
        let error = rest.pass(rows(&[4])).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Exhausted);
        assert!(error.to_string().contains("scan-rows"));
    }
}
