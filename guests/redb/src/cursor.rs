//! Open results: a walk through a snapshot, so that what changes meanwhile makes no difference to it. A cursor of
//! an open transaction ends with it, and sees what it changes on the way.
//!
//! What doesn't come out of the walk in the query's order is left to the runtime to sort, and to page.

use std::rc::{Rc, Weak};

use tenon_sdk::plan::{Access, Plan};
use tenon_sdk::{
    Answer, Done, Entity, Error, Evaluation, Filter, PageBuilder, Progress, Query, Result, Rows,
    Source,
};

use crate::catalogue::SharedDefinition;
use crate::record::{self, Wanted};
use crate::scan::{Course, Scan, SharedTables, Tables};
use crate::transaction::Live;
use crate::view::View;

/// Opens the rows of a query.
pub(crate) fn open(view: &View, defined: &SharedDefinition, query: Query) -> Result<Answer> {
    let selection = Selection::new(Evaluation::new(query)?, defined);
    let plan = selection.plan();
    let done = selection.evaluation.done(plan.ordered);
    // Paging is for whole filters and orders only: otherwise the runtime would miss rows.
    let (offset, limit) = if done.contains(Done::PAGING) {
        selection.evaluation.part()
    } else {
        (0, usize::MAX)
    };
    let part = Part {
        selection,
        offset,
        limit,
    };
    let access = plan.access;
    let course = Course::new(plan);
    let rows = match view {
        View::Snapshot(snapshot) => Rows::from_source(SnapshotCursor {
            scan: Scan::new(snapshot.tables(defined, access)?, course),
            part,
        }),
        View::Live(live) => Rows::from_source(LiveCursor {
            live: Rc::downgrade(live),
            definitions: live.definitions(),
            access,
            course: Some(course),
            part,
        }),
    };
    Ok(Answer { rows, done })
}

/// Which records a query selects, and what of them.
pub(crate) struct Selection {
    evaluation: Evaluation,
    defined: SharedDefinition,
    /// What the filter looks at; none where it matches everything.
    filtered: Option<Wanted>,
    fields: Wanted,
}

impl Selection {
    fn new(evaluation: Evaluation, defined: &SharedDefinition) -> Self {
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

    /// The selection of a filter that has to be done whole.
    pub(crate) fn whole(filter: Filter, defined: &SharedDefinition) -> Result<Self> {
        Ok(Self::new(Evaluation::whole_filter(filter)?, defined))
    }

    /// Where to look for the matches.
    pub(crate) fn plan(&self) -> Plan {
        Plan::new(&self.defined.layout, self.evaluation.query())
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

/// How far a cursor is in what it hands out.
struct Part {
    selection: Selection,
    /// Matches to leave out first.
    offset: usize,
    /// Matches to hand out then.
    limit: usize,
}

impl Part {
    fn fill<'t, T: Tables<'t>>(
        &mut self,
        scan: &mut Scan<'t, T>,
        page: &mut PageBuilder,
    ) -> Result<Progress> {
        let Self {
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

/// Rows of a snapshot, which it keeps.
struct SnapshotCursor {
    scan: Scan<'static, SharedTables>,
    part: Part,
}

impl Source for SnapshotCursor {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        self.part.fill(&mut self.scan, page)
    }
}

/// Rows of an open transaction, with what it changes meanwhile.
struct LiveCursor {
    live: Weak<Live>,
    /// What [`Live::definitions`] was: where a definition has changed, an index may be gone.
    definitions: u32,
    access: Access,
    /// None after the end, or an error.
    course: Option<Course>,
    part: Part,
}

impl Source for LiveCursor {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        let Some(live) = self.live.upgrade() else {
            return Err(Error::invalid(
                "the transaction that this cursor read in is over: ask again",
            ));
        };
        if live.definitions() != self.definitions {
            return Err(Error::invalid(
                "a definition was changed while this cursor was open: ask again",
            ));
        }
        let Some(course) = self.course.take() else {
            return Ok(Progress::End);
        };
        let defined = Rc::clone(&self.part.selection.defined);
        live.with_tables(&defined, self.access, |tables| {
            let mut scan = Scan::new(tables, course);
            let progress = self.part.fill(&mut scan, page)?;
            self.course = Some(scan.pause());
            Ok(progress)
        })
    }
}
