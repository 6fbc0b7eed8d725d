//! Open results: a walk through a snapshot, so that what changes meanwhile makes no difference to it.
//!
//! What doesn't come out of the walk in the query's order is left to the runtime to sort, and to page.

use std::rc::Rc;

use tenon_sdk::plan::Plan;
use tenon_sdk::{
    Answer, Done, Entity, Evaluation, PageBuilder, Progress, Query, Result, Rows, Source,
};

use crate::catalogue::SharedDefinition;
use crate::record::{self, Wanted};
use crate::scan::Scan;
use crate::snapshot::Snapshot;

/// Opens the rows of a query.
pub(crate) fn open(
    snapshot: &Snapshot,
    defined: &SharedDefinition,
    query: Query,
) -> Result<Answer> {
    let selection = Selection::new(Evaluation::new(query)?, defined);
    let plan = Plan::new(&defined.layout, selection.evaluation.query());
    let done = selection.evaluation.done(plan.ordered);
    // Paging is for whole filters and orders only: otherwise the runtime would miss rows.
    let (offset, limit) = if done.contains(Done::PAGING) {
        selection.evaluation.part()
    } else {
        (0, usize::MAX)
    };
    let rows = Rows::from_source(Cursor {
        scan: Scan::new(snapshot, defined, plan)?,
        selection,
        offset,
        limit,
    });
    Ok(Answer { rows, done })
}

/// Which records a query selects, and what of them.
pub(crate) struct Selection {
    pub(crate) evaluation: Evaluation,
    defined: SharedDefinition,
    /// What the filter looks at; none where it matches everything.
    filtered: Option<Wanted>,
    fields: Wanted,
}

impl Selection {
    pub(crate) fn new(evaluation: Evaluation, defined: &SharedDefinition) -> Self {
        let query = evaluation.query();
        let filtered = (!query.filter.is_all() && evaluation.knows_filter())
            .then(|| Wanted::only(query.filter.properties(), &defined.names));
        let fields = if query.fields.is_empty() {
            Wanted::All
        } else {
            Wanted::only(query.fields.iter().map(String::as_str), &defined.names)
        };
        Self {
            evaluation,
            defined: Rc::clone(defined),
            filtered,
            fields,
        }
    }

    /// Whether a record matches. Only the properties that the filter names are read.
    pub(crate) fn matches(&self, bytes: &[u8]) -> Result<bool> {
        match &self.filtered {
            None => Ok(true),
            Some(wanted) => {
                let part = record::decode(bytes, &self.defined.names, wanted)?;
                Ok(self.evaluation.matches(&part))
            }
        }
    }

    /// The fields of a record.
    fn read(&self, bytes: &[u8]) -> Result<Entity> {
        record::decode(bytes, &self.defined.names, &self.fields)
    }
}

struct Cursor {
    scan: Scan,
    selection: Selection,
    /// Matches to leave out first.
    offset: usize,
    /// Matches to hand out then.
    limit: usize,
}

impl Source for Cursor {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        let Self {
            scan,
            selection,
            offset,
            limit,
        } = self;
        while *limit > 0 {
            if page.is_full() {
                return Ok(Progress::More);
            }
            let row = scan.next(|_, bytes| {
                if !selection.matches(bytes)? {
                    return Ok(None);
                }
                if *offset > 0 {
                    *offset -= 1;
                    return Ok(None);
                }
                selection.read(bytes).map(Some)
            })?;
            page.look();
            match row {
                None => return Ok(Progress::End),
                Some(None) => {}
                Some(Some(row)) => {
                    *limit -= 1;
                    page.push(row);
                }
            }
        }
        Ok(Progress::End)
    }
}
