//! Filters: judged by the SDK, after what a fault makes of them.

use std::rc::Rc;

use tenon_model::{Comparison, Condition};
use tenon_sdk::{Entity, Error, ErrorKind, Evaluation, Filter, GeoPoint, Result, Value};

use crate::fault::{Fault, Planted};
use crate::{rewrite, twist};

/// How many records a filter is asked about where it isn't asked about all.
const HUNDRED: usize = 100;

/// A filter, ready to be asked of records.
pub(crate) struct Judge {
    planted: Planted,
    how: How,
}

enum How {
    Rightly(Evaluation),
    /// A node at a time, with values mistaken for others.
    Wrongly(Node),
}

enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    None(Vec<Node>),
    Leaf {
        condition: Condition,
        evaluation: Evaluation,
        twist: Option<Twist>,
    },
}

/// What a condition takes a value for.
type Twist = Rc<dyn Fn(&Value) -> Value>;

impl Judge {
    /// Prepares a filter that has to be done whole.
    ///
    /// # Errors
    /// `unsupported` where a part of it can't be done, `invalid` where it is not well formed.
    pub(crate) fn new(planted: Planted, filter: Filter) -> Result<Self> {
        let judge = Self::prepare(planted, filter);
        judge.map_err(|mut error| {
            if planted.is(Fault::UnknownConditionIsInvalid) && error.kind == ErrorKind::Unsupported
            {
                error.kind = ErrorKind::Invalid;
            }
            error
        })
    }

    fn prepare(planted: Planted, filter: Filter) -> Result<Self> {
        let right = || Evaluation::whole_filter(filter.clone());
        let how = match rewrite::filter(planted, &filter)? {
            None if !twists(planted) => How::Rightly(right()?),
            None => {
                // What has no meaning is refused as ever.
                right()?;
                How::Wrongly(Node::new(
                    planted,
                    tenon_model::Filter::from_nodes(&filter)?,
                )?)
            }
            Some(rewritten) => How::Rightly(Evaluation::whole_filter(rewritten.to_nodes())?),
        };
        Ok(Self { planted, how })
    }

    /// Whether it matches a record, which is the one of that number that it is asked about.
    pub(crate) fn matches(&self, number: usize, record: &Entity) -> bool {
        if self.planted.is(Fault::OnlyTheFirstHundredAreFiltered) && number >= HUNDRED {
            return true;
        }
        match &self.how {
            How::Rightly(evaluation) => evaluation.matches(record),
            How::Wrongly(node) => node.holds(record),
        }
    }
}

/// Whether the fault mistakes values for others.
fn twists(planted: Planted) -> bool {
    planted.is_any(&[
        Fault::EqualIgnoresCase,
        Fault::IlikeFoldsAsciiOnly,
        Fault::PathSeesFirstElement,
        Fault::DecimalsComparedAsFloats,
        Fault::IntegersComparedAsFloats,
        Fault::NumbersComparedAsText,
        Fault::TextComparedWithoutCase,
        Fault::TextComparedByUtf16,
        Fault::TimestampsComparedInSeconds,
        Fault::JsonComparedAsText,
        Fault::NearIsFlat,
    ])
}

impl Node {
    fn new(planted: Planted, filter: tenon_model::Filter) -> Result<Self> {
        use tenon_model::Filter as F;
        let nodes = |parts: Vec<F>| {
            let nodes = parts.into_iter().map(|part| Self::new(planted, part));
            nodes.collect::<Result<Vec<_>>>()
        };
        Ok(match filter {
            F::AllOf(parts) => Self::All(nodes(parts)?),
            F::AnyOf(parts) => Self::Any(nodes(parts)?),
            F::NoneOf(parts) => Self::None(nodes(parts)?),
            F::Condition(condition) => Self::leaf(planted, condition)?,
            F::Extension(_) | F::Related { .. } => {
                return Err(Error::unsupported("such a condition isn't known here"));
            }
        })
    }

    fn leaf(planted: Planted, mut condition: Condition) -> Result<Self> {
        let twist = twist_of(planted, &condition);
        if let Some(twist) = &twist
            && !planted.is(Fault::PathSeesFirstElement)
        {
            condition.operands = condition.operands.iter().map(|it| twist(it)).collect();
        }
        if planted.is(Fault::IlikeFoldsAsciiOnly) {
            condition.comparison = match condition.comparison {
                Comparison::Ilike => Comparison::Like,
                Comparison::NotIlike => Comparison::NotLike,
                other => other,
            };
        }
        let filter = tenon_model::Filter::Condition(condition.clone());
        Ok(Self::Leaf {
            evaluation: Evaluation::whole_filter(filter.to_nodes())?,
            condition,
            twist,
        })
    }

    fn holds(&self, record: &Entity) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(record)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(record)),
            Self::None(nodes) => !nodes.iter().any(|node| node.holds(record)),
            Self::Leaf {
                condition,
                evaluation,
                twist,
            } => {
                let Some(twist) = twist else {
                    return evaluation.matches(record);
                };
                let value = record.get(&condition.property);
                if condition.comparison == Comparison::Near {
                    return value.is_some_and(|value| is_in_flat_ring(condition, value));
                }
                let twisted = value.map(|value| (condition.property.clone(), twist(value)));
                evaluation.matches(&twisted.into_iter().collect())
            }
        }
    }
}

fn twist_of(planted: Planted, condition: &Condition) -> Option<Twist> {
    use Comparison as C;
    let fault = planted.0?;
    let equality = matches!(
        condition.comparison,
        C::Equal | C::NotEqual | C::OneOf | C::NotOneOf
    );
    let order = matches!(
        condition.comparison,
        C::Greater | C::GreaterOrEqual | C::Less | C::LessOrEqual | C::Between
    );
    let plain = |applies: bool, twist: fn(&Value) -> Value| {
        let twist: Twist = Rc::new(twist);
        applies.then_some(twist)
    };
    match fault {
        Fault::EqualIgnoresCase => plain(condition.comparison == C::Equal, twist::lower),
        Fault::IlikeFoldsAsciiOnly => plain(
            matches!(condition.comparison, C::Ilike | C::NotIlike),
            twist::lower_ascii,
        ),
        Fault::PathSeesFirstElement if !condition.path.is_empty() => {
            let path = condition.path.clone();
            Some(Rc::new(move |value| twist::first_elements(&path, value)))
        }
        Fault::DecimalsComparedAsFloats => plain(equality || order, twist::decimal_as_float),
        Fault::IntegersComparedAsFloats => plain(equality || order, twist::integer_as_float),
        Fault::NumbersComparedAsText => plain(order, twist::number_as_text),
        Fault::TextComparedWithoutCase => plain(order, twist::lower),
        Fault::TextComparedByUtf16 => plain(order, twist::utf16),
        Fault::TimestampsComparedInSeconds => plain(equality || order, twist::second),
        Fault::JsonComparedAsText => plain(equality, twist::json_as_text),
        Fault::NearIsFlat => plain(
            condition.comparison == C::Near && condition.path.is_empty(),
            Value::clone,
        ),
        _ => None,
    }
}

/// A ring on a map where a degree is as long everywhere.
fn is_in_flat_ring(condition: &Condition, value: &Value) -> bool {
    let (Value::Point(point), [Value::Point(centre), bounds @ ..]) =
        (value, condition.operands.as_slice())
    else {
        return false;
    };
    let metres = |bound: Option<&Value>, otherwise: f64| match bound {
        Some(Value::Float(metres)) => *metres,
        Some(Value::Integer(metres)) => *metres as f64,
        Some(Value::Decimal(text)) => text.parse().unwrap_or(otherwise),
        _ => otherwise,
    };
    let (greatest, least) = (
        metres(bounds.first(), f64::INFINITY),
        metres(bounds.get(1), 0.0),
    );
    (least..=greatest).contains(&flat_distance(*centre, *point))
}

fn flat_distance(one: GeoPoint, other: GeoPoint) -> f64 {
    let degree = tenon_model::EARTH_RADIUS_METRES.to_radians();
    let (north, east) = (
        one.latitude - other.latitude,
        one.longitude - other.longitude,
    );
    north.hypot(east) * degree
}
