//! What a filter's conditions say of one property, as bytes.

use tenon_model::{Comparison, Condition, Filter, Value, sortable};

use super::Range;
use crate::layout::Part;

/// The conditions that all must hold.
pub(super) fn conditions(filter: &Filter) -> Vec<&Condition> {
    match filter {
        Filter::Condition(condition) => vec![condition],
        Filter::AllOf(parts) => parts.iter().flat_map(conditions).collect(),
        Filter::AnyOf(_) | Filter::NoneOf(_) | Filter::Extension(_) | Filter::Related { .. } => {
            Vec::new()
        }
    }
}

/// What a property's value must be, encoded as its part encodes it.
pub(super) enum Constraint {
    /// Nothing that could be used.
    Free,
    /// One of these; ascending, each once.
    Points(Vec<Vec<u8>>),
    /// Between these, and not null.
    Between(Option<End>, Option<End>),
}

/// One end of a range: the bytes of a value, or what the bytes of several begin with. They are ascending ones,
/// whatever the part's direction.
pub(super) struct End {
    bytes: Vec<u8>,
    inclusive: bool,
}

impl Constraint {
    pub(super) fn of(part: &Part, conditions: &[&Condition]) -> Self {
        let ours = conditions
            .iter()
            .filter(|condition| condition.property == part.property && condition.path.is_empty());
        let mut points: Option<Vec<Vec<u8>>> = None;
        let mut lower: Option<End> = None;
        let mut upper: Option<End> = None;
        for condition in ours {
            match (condition.comparison, condition.operands.as_slice()) {
                (Comparison::Equal, [_]) | (Comparison::OneOf, _) => {
                    let encoded = condition
                        .operands
                        .iter()
                        .map(|value| encode(value, part.descending));
                    if let Some(mut encoded) = encoded.collect::<Option<Vec<_>>>() {
                        encoded.sort();
                        encoded.dedup();
                        // Of two lists either narrows enough, the shorter one more.
                        if points
                            .as_ref()
                            .is_none_or(|points| encoded.len() < points.len())
                        {
                            points = Some(encoded);
                        }
                    }
                }
                (Comparison::Greater, [value]) => raise(&mut lower, End::new(value, false)),
                (Comparison::GreaterOrEqual, [value]) => raise(&mut lower, End::new(value, true)),
                (Comparison::Less, [value]) => lower_to(&mut upper, End::new(value, false)),
                (Comparison::LessOrEqual, [value]) => lower_to(&mut upper, End::new(value, true)),
                (Comparison::Between, [least, greatest]) => {
                    raise(&mut lower, End::new(least, true));
                    lower_to(&mut upper, End::new(greatest, true));
                }
                (Comparison::Like, [Value::Text(pattern)]) => {
                    let prefix = literal_prefix(pattern);
                    if !prefix.is_empty() {
                        raise(&mut lower, Some(End::prefix(&prefix)));
                        lower_to(&mut upper, Some(End::prefix(&prefix)));
                    }
                }
                _ => {}
            }
        }
        match points {
            Some(points) => Self::Points(points),
            None if lower.is_none() && upper.is_none() => Self::Free,
            None => Self::Between(lower, upper),
        }
    }
}

impl End {
    /// None where the operand is null or can't be laid out: such a condition is left to the filter.
    fn new(value: &Value, inclusive: bool) -> Option<Self> {
        if value.is_null() {
            return None;
        }
        let bytes = encode(value, false)?;
        Some(Self { bytes, inclusive })
    }

    /// Either end of the texts that begin with this.
    fn prefix(prefix: &str) -> Self {
        let mut bytes = Vec::new();
        sortable::encode_text_prefix(prefix, &mut bytes);
        Self {
            bytes,
            inclusive: true,
        }
    }
}

/// Takes the greater of two lower ends.
fn raise(end: &mut Option<End>, other: Option<End>) {
    if let Some(other) = other
        && end
            .as_ref()
            .is_none_or(|end| (&other.bytes, !other.inclusive) > (&end.bytes, !end.inclusive))
    {
        *end = Some(other);
    }
}

/// Takes the lesser of two upper ends.
fn lower_to(end: &mut Option<End>, other: Option<End>) {
    if let Some(other) = other
        && end
            .as_ref()
            .is_none_or(|end| (&other.bytes, other.inclusive) < (&end.bytes, end.inclusive))
    {
        *end = Some(other);
    }
}

fn encode(value: &Value, descending: bool) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encode = if descending {
        sortable::encode_descending
    } else {
        sortable::encode
    };
    encode(value, &mut bytes).ok()?;
    Some(bytes)
}

/// All bytes that begin with these.
pub(super) fn with_prefix(prefix: Vec<u8>) -> Range {
    let end = if prefix.is_empty() {
        None
    } else {
        sortable::prefix_end(&prefix)
    };
    Range { start: prefix, end }
}

/// The range of a part's values after a prefix; none where it is empty.
pub(super) fn range(
    part: &Part,
    prefix: &[u8],
    lower: Option<&End>,
    upper: Option<&End>,
) -> Option<Range> {
    let null = End {
        bytes: encode(&Value::Null, false)?,
        inclusive: false,
    };
    // No null is greater or less than anything: nulls come first, so the least lower end is beyond them.
    let lower = lower.unwrap_or(&null);
    let (first, last) = if part.descending {
        (upper, Some(lower))
    } else {
        (Some(lower), upper)
    };
    let place = |end: &End| {
        let mut bytes = end.bytes.clone();
        if part.descending {
            bytes.iter_mut().for_each(|byte| *byte = !*byte);
        }
        [prefix, &bytes].concat()
    };
    let all = with_prefix(prefix.to_vec());
    let start = match first {
        None => all.start,
        Some(end) if end.inclusive => place(end),
        Some(end) => sortable::prefix_end(&place(end))?,
    };
    let end = match last {
        None => all.end,
        Some(end) if end.inclusive => sortable::prefix_end(&place(end)),
        Some(end) => Some(place(end)),
    };
    if end.as_ref().is_some_and(|end| *end <= start) {
        return None;
    }
    Some(Range { start, end })
}

/// What every text that is like the pattern begins with.
fn literal_prefix(pattern: &str) -> String {
    let mut prefix = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' | '_' => break,
            '\\' => match characters.next() {
                Some(escaped) => prefix.push(escaped),
                None => break,
            },
            literal => prefix.push(literal),
        }
    }
    prefix
}
