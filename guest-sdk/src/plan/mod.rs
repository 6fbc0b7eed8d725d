//! Which records to look at for a query: the key, an index and ranges in it, or everything.
//!
//! A plan narrows and never decides: every match lies in its ranges, and a caller still asks the filter of
//! each record found there. Only conditions that all must hold are used; what can't be used is left out.

mod bounds;
mod order;

use tenon_model::Query;

use crate::layout::{Layout, Part};
use bounds::Constraint;

/// Ranges that lists of values multiply to, at most; a longer product stops at the part before.
const MAX_RANGES: usize = 1024;

/// Where a plan looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// At every record, in whatever order.
    Everything,
    /// In the primary key.
    Key,
    /// In the index of that number.
    Index(usize),
}

/// Bytes from `start` on and before `end`; none is no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first bytes inside.
    pub start: Vec<u8>,
    /// The first bytes beyond.
    pub end: Option<Vec<u8>>,
}

/// Where to look for a query's records, and in which order they come from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Where.
    pub access: Access,
    /// Which parts of it: ascending, without overlap. None at all where nothing can match.
    pub ranges: Vec<Range>,
    /// Each range is one value of the whole key or index, and its `start` is that value's bytes.
    pub points: bool,
    /// The ranges, walked in order, give the query's order. True where it has none.
    pub ordered: bool,
    /// For that order, walk backwards: from the last range's end.
    pub backwards: bool,
}

impl Plan {
    /// A look at every record.
    fn everything(query: &Query) -> Self {
        Self {
            access: Access::Everything,
            ranges: vec![Range {
                start: Vec::new(),
                end: None,
            }],
            points: false,
            ordered: !order::is_wanted(query),
            backwards: false,
        }
    }

    /// The best plan for a query on a model of this layout.
    pub fn new(layout: &Layout, query: &Query) -> Self {
        let conditions = bounds::conditions(&query.filter);
        let key = Path {
            access: Access::Key,
            parts: &layout.key,
            rest: &[],
            ordered: layout.key_ordered,
            unique: true,
        };
        let indexes = layout
            .indexes
            .iter()
            .enumerate()
            .map(|(number, index)| Path {
                access: Access::Index(number),
                parts: &index.parts,
                rest: &layout.key,
                ordered: index.ordered,
                unique: index.unique,
            });
        let mut best = (0, Self::everything(query));
        for path in std::iter::once(key).chain(indexes) {
            if let Some((score, plan)) = path.plan(&conditions, query)
                && score > best.0
            {
                best = (score, plan);
            }
        }
        best.1
    }
}

/// One way to records.
struct Path<'a> {
    access: Access,
    parts: &'a [Part],
    /// What orders records that are equal in `parts`.
    rest: &'a [Part],
    ordered: bool,
    unique: bool,
}

impl Path<'_> {
    /// The plan along this path, and how good it is; none where the path is of no use.
    fn plan(&self, conditions: &[&tenon_model::Condition], query: &Query) -> Option<(u32, Plan)> {
        let mut prefixes = vec![Vec::new()];
        let mut constant: Vec<&str> = Vec::new();
        let mut equal = 0;
        let mut ranges = None;
        for part in self.parts {
            let constraint = Constraint::of(part, conditions);
            match &constraint {
                Constraint::Points(points)
                    if prefixes.len().saturating_mul(points.len()) <= MAX_RANGES =>
                {
                    prefixes = multiply(&prefixes, points);
                    equal += 1;
                    if points.len() == 1 {
                        constant.push(&part.property);
                    }
                }
                Constraint::Between(lower, upper) if self.ordered => {
                    let between = |prefix: &Vec<u8>| {
                        bounds::range(part, prefix, lower.as_ref(), upper.as_ref())
                    };
                    ranges = Some(prefixes.iter().filter_map(between).collect::<Vec<_>>());
                    break;
                }
                _ => break,
            }
        }
        let points = equal == self.parts.len();
        if !self.ordered && !points {
            return None;
        }
        let between = ranges.is_some();
        let mut ranges =
            ranges.unwrap_or_else(|| prefixes.into_iter().map(bounds::with_prefix).collect());
        ranges.sort_by(|a, b| a.start.cmp(&b.start));
        ranges.dedup();

        let single = points && self.unique && ranges.len() <= 1 && !self.has_null(conditions);
        let direction = if single || !order::is_wanted(query) {
            Some(false)
        } else if self.ordered {
            order::direction(query, self.parts.iter().chain(self.rest), &constant)
        } else {
            None
        };
        if equal == 0 && !between && !(order::is_wanted(query) && direction.is_some()) {
            return None;
        }
        let score = if points && self.unique { 10_000 } else { 0 }
            + equal_score(equal)
            + if between { 4 } else { 0 }
            + if direction.is_some() { 2 } else { 0 }
            + u32::from(self.access == Access::Key);
        let plan = Plan {
            access: self.access,
            ranges,
            points,
            ordered: direction.is_some(),
            backwards: direction.unwrap_or(false),
        };
        Some((score, plan))
    }

    /// Whether the point looked for has a null: then a unique index can hold many of it.
    fn has_null(&self, conditions: &[&tenon_model::Condition]) -> bool {
        conditions.iter().any(|condition| {
            self.parts
                .iter()
                .any(|part| part.property == condition.property)
                && condition.operands.iter().any(tenon_model::Value::is_null)
        })
    }
}

fn equal_score(equal: usize) -> u32 {
    u32::try_from(equal)
        .unwrap_or(u32::MAX / 32)
        .saturating_mul(16)
}

fn multiply(prefixes: &[Vec<u8>], points: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut product = Vec::with_capacity(prefixes.len() * points.len());
    for prefix in prefixes {
        for point in points {
            product.push([prefix.as_slice(), point].concat());
        }
    }
    product
}
