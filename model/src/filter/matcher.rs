//! A filter, compiled to judge records: the hot path of whoever filters by itself.
//!
//! Everything that can be done once is done when it is made: patterns and regular expressions are compiled,
//! operands sorted, JSON operands read. A record costs no allocation unless a condition looks inside JSON.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering as Access};

use serde_json::Value as Json;

use super::like::LikePattern;
use super::near::{Centre, Ring};
use super::path::{Path, Reach};
use super::predicate::{Found, Operand, Predicate, Set};
#[cfg(feature = "regex")]
use super::regexp;
use super::{Filter, MAX_DEPTH, operators, shape};
use crate::contract::{Comparison, Condition, FilterNode, Value};
use crate::entity::Entity;

/// Why a filter can't be judged here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatcherError {
    /// It has a meaning, but not here: somebody else must judge it.
    Unsupported(String),
    /// It has no meaning.
    Invalid(String),
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(message) | Self::Invalid(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for MatcherError {}

/// A compiled filter.
#[derive(Debug)]
pub struct Matcher {
    root: Node,
}

impl Matcher {
    /// Compiles a filter.
    ///
    /// # Errors
    /// `Unsupported` for an extension, and for `matches` without the feature `regex`; `Invalid` for what has no
    /// meaning, such as a pattern that is none.
    pub fn new(filter: &Filter) -> Result<Self, MatcherError> {
        let mut compiler = Compiler::default();
        let root = compiler.node(filter, 1)?;
        Ok(Self { root })
    }

    /// Compiles a filter as it travels.
    ///
    /// # Errors
    /// As [`Matcher::new`], and `Invalid` where the nodes are no tree.
    pub fn from_nodes(nodes: &[FilterNode]) -> Result<Self, MatcherError> {
        let filter = Filter::from_nodes(nodes)
            .map_err(|problem| MatcherError::Invalid(problem.to_string()))?;
        Self::new(&filter)
    }

    /// Whether it matches every record without a look at it.
    pub fn is_all(&self) -> bool {
        matches!(self.root, Node::Always(true))
    }

    /// Whether it matches the record.
    pub fn matches(&self, entity: &Entity) -> bool {
        self.root.holds(&mut Row {
            entity,
            documents: Vec::new(),
        })
    }
}

#[derive(Debug)]
enum Node {
    Always(bool),
    All(Vec<Node>),
    Any(Vec<Node>),
    None(Vec<Node>),
    Test(Test),
}

/// A comparison with what it looks at.
#[derive(Debug)]
struct Test {
    property: String,
    /// Where the last record had the property: records of one source are mostly alike.
    place: AtomicUsize,
    /// Which of the row's documents it reads, where it looks inside JSON.
    document: Option<usize>,
    /// None looks at the property itself.
    path: Option<Path>,
    predicate: Predicate,
    negated: bool,
}

/// A record, with the JSON in it that was read so far, by the number that the compiler gave it.
struct Row<'a> {
    entity: &'a Entity,
    documents: Vec<(usize, Option<Json>)>,
}

impl<'a> Row<'a> {
    /// The JSON of a text, read once for all conditions that look into it; none where it isn't JSON.
    fn document(&mut self, number: usize, text: &str) -> Option<&Json> {
        let position = match self
            .documents
            .iter()
            .position(|(known, _)| *known == number)
        {
            Some(position) => position,
            None => {
                self.documents
                    .push((number, serde_json::from_str(text).ok()));
                self.documents.len() - 1
            }
        };
        self.documents.get(position)?.1.as_ref()
    }

    fn value(&self, property: &str, place: &AtomicUsize) -> Option<&'a Value> {
        let pairs = self.entity.as_contract();
        let guess = place.load(Access::Relaxed);
        if let Some((name, value)) = pairs.get(guess)
            && name == property
        {
            return Some(value);
        }
        let position = pairs.iter().position(|(name, _)| name == property)?;
        place.store(position, Access::Relaxed);
        pairs.get(position).map(|(_, value)| value)
    }
}

impl Node {
    fn holds(&self, row: &mut Row<'_>) -> bool {
        match self {
            Self::Always(answer) => *answer,
            Self::All(nodes) => nodes.iter().all(|node| node.holds(row)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(row)),
            Self::None(nodes) => !nodes.iter().any(|node| node.holds(row)),
            Self::Test(test) => test.holds(row),
        }
    }
}

impl Test {
    fn holds(&self, row: &mut Row<'_>) -> bool {
        let value = row.value(&self.property, &self.place);
        let document = match (value, self.document) {
            (Some(Value::Json(text)), Some(number)) => row.document(number, text),
            _ => None,
        };
        match (&self.path, document, value) {
            (None, Some(document), _) => self.judge(Found::Inside(document)),
            (None, None, Some(value)) => self.judge(Found::Plain(value)),
            (Some(path), Some(document), _) => self.holds_inside(path, document),
            // Nothing is inside of what isn't JSON.
            (Some(_), None, _) | (None, None, None) => self.judge(Found::Absent),
        }
    }

    /// One value: the comparison itself holds or it doesn't.
    fn judge(&self, found: Found<'_>) -> bool {
        if !self.negated {
            return self.predicate.holds(found);
        }
        let may_hold = !self.predicate.is_about_text() || found.text().is_some();
        may_hold && !self.predicate.holds(found)
    }

    /// Each element of an array: a negated comparison holds where the positive one holds for none.
    fn holds_inside(&self, path: &Path, document: &Json) -> bool {
        let mut any = false;
        let mut last = Found::Absent;
        let reach = path.walk(document, |json| {
            last = json.map_or(Found::Absent, Found::Inside);
            any = self.predicate.holds(last);
            !any
        });
        match reach {
            Reach::One => self.judge(last),
            Reach::Each => any != self.negated,
        }
    }
}

/// Compiles conditions, and numbers the properties whose JSON is read.
#[derive(Default)]
struct Compiler<'a> {
    documents: Vec<&'a str>,
}

impl<'a> Compiler<'a> {
    fn node(&mut self, filter: &'a Filter, depth: usize) -> Result<Node, MatcherError> {
        if depth > MAX_DEPTH {
            let message = format!("the filter is nested deeper than {MAX_DEPTH} levels");
            return Err(MatcherError::Invalid(message));
        }
        let parts = filter
            .parts()
            .iter()
            .map(|part| self.node(part, depth + 1))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(match filter {
            Filter::AllOf(_) if parts.is_empty() => Node::Always(true),
            Filter::AllOf(_) => Node::All(parts),
            Filter::AnyOf(_) => Node::Any(parts),
            Filter::NoneOf(_) => Node::None(parts),
            Filter::Condition(condition) => self.condition(condition)?,
            Filter::Extension(extension) => {
                let message = format!(
                    "the condition `{}` of `{}` belongs to another connector, or to a later version",
                    extension.name, extension.property
                );
                return Err(MatcherError::Unsupported(message));
            }
            Filter::Related { relation, .. } => {
                let message =
                    format!("`{relation}` leads to other records, which aren't known here");
                return Err(MatcherError::Unsupported(message));
            }
        })
    }

    fn condition(&mut self, condition: &'a Condition) -> Result<Node, MatcherError> {
        if let Some(fault) = shape::fault(condition) {
            let (comparison, property) = (condition.comparison, &condition.property);
            return Err(MatcherError::Invalid(format!(
                "`{comparison}` of `{property}`: {fault}"
            )));
        }
        let Some(predicate) = predicate(condition)? else {
            return Ok(Node::Always(false));
        };
        let path = (!condition.path.is_empty()).then(|| Path::new(&condition.path));
        let document = (path.is_some() || predicate.reads_json())
            .then(|| self.document(condition.property.as_str()));
        Ok(Node::Test(Test {
            property: condition.property.clone(),
            place: AtomicUsize::new(0),
            document,
            path,
            predicate,
            negated: operators::positive(condition.comparison).is_some(),
        }))
    }

    fn document(&mut self, property: &'a str) -> usize {
        let known = self
            .documents
            .iter()
            .position(|candidate| *candidate == property);
        known.unwrap_or_else(|| {
            self.documents.push(property);
            self.documents.len() - 1
        })
    }
}

/// The positive half of a condition without faults; none where it holds for nothing, since an operand is null.
fn predicate(condition: &Condition) -> Result<Option<Predicate>, MatcherError> {
    use Comparison as C;
    let comparison = condition.comparison;
    let operand = condition.operands.first();
    match (comparison, operand) {
        (C::OneOf | C::NotOneOf, _) => {
            return Ok(Some(Predicate::OneOf(Set::new(
                condition.operands.iter().cloned(),
            ))));
        }
        (C::Equal | C::NotEqual, Some(operand)) => {
            return Ok(Some(Predicate::Equal(Operand::new(operand.clone()))));
        }
        _ => {}
    }
    let Some(operand) = operand.filter(|operand| !operand.is_null()) else {
        return Ok(None);
    };
    let ordered = |accepts| Predicate::Ordered(operand.clone(), accepts);
    let like = |folded| {
        LikePattern::new(operand.as_text().unwrap_or_default(), folded)
            .map(Predicate::Like)
            .map_err(MatcherError::Invalid)
    };
    Ok(Some(match (comparison, condition.operands.as_slice()) {
        (C::Greater, _) => ordered(std::cmp::Ordering::is_gt),
        (C::GreaterOrEqual, _) => ordered(std::cmp::Ordering::is_ge),
        (C::Less, _) => ordered(std::cmp::Ordering::is_lt),
        (C::LessOrEqual, _) => ordered(std::cmp::Ordering::is_le),
        (C::Between, [least, greatest]) => Predicate::Between(least.clone(), greatest.clone()),
        (C::Contains, _) => Predicate::Contains(Operand::new(operand.clone())),
        (C::Like | C::NotLike, _) => like(false)?,
        (C::Ilike | C::NotIlike, _) => like(true)?,
        (C::Matches, _) => matches_pattern(operand.as_text().unwrap_or_default())?,
        (C::Exists, [Value::Boolean(wanted)]) => Predicate::Exists(*wanted),
        (C::Near, [Value::Point(point), bounds @ ..]) => Predicate::Near(Ring {
            centre: Centre::new(*point),
            greatest: bounds
                .first()
                .and_then(shape::metres)
                .unwrap_or(f64::INFINITY),
            least: bounds.get(1).and_then(shape::metres).unwrap_or(0.0),
        }),
        _ => return Ok(None),
    }))
}

#[cfg(feature = "regex")]
fn matches_pattern(pattern: &str) -> Result<Predicate, MatcherError> {
    regexp::compile(pattern)
        .map(Predicate::Matches)
        .map_err(MatcherError::Invalid)
}

#[cfg(not(feature = "regex"))]
fn matches_pattern(_: &str) -> Result<Predicate, MatcherError> {
    Err(MatcherError::Unsupported(
        "regular expressions are left to the runtime".to_owned(),
    ))
}
