//! Where in a JSON text a problem's place is: from `where.or[1].age.gte` to bytes.
//!
//! Names may have points in them, so at each object the longest name that fits is taken. A place that leads on
//! from where the text ends is marked as far as it leads; one that leads nowhere has no mark.

use std::ops::Range;

use serde::de::IgnoredAny;

/// The bytes of the value at that place, with its name where it is an object's member.
pub fn locate(text: &str, place: &str) -> Option<Range<usize>> {
    if place.is_empty() {
        return None;
    }
    let mut start = skip_space(text, 0);
    let mut found = None;
    let mut rest = place;
    while !rest.is_empty() {
        let step = if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            element(text, start, index.parse().ok()?)
                .map(|value| (value.clone(), value.start, after))
        } else {
            member(text, start, rest.strip_prefix('.').unwrap_or(rest))
        };
        let Some((span, value, after)) = step else {
            break;
        };
        found = Some(span);
        start = value;
        rest = after;
    }
    found
}

/// The member that the place begins with: its bytes, where its value begins, and the rest of the place.
fn member<'p>(text: &str, object: usize, place: &'p str) -> Option<(Range<usize>, usize, &'p str)> {
    let mut best: Option<(Range<usize>, usize, &str)> = None;
    let mut at = open(text, object, '{')?;
    while byte(text, at) == Some(b'"') {
        let name_end = value_end(text, at)?;
        let name: String = serde_json::from_str(text.get(at..name_end)?).ok()?;
        let colon = skip_space(text, name_end);
        let value = skip_space(text, colon + 1);
        let end = value_end(text, value)?;
        if let Some(after) = place.strip_prefix(name.as_str())
            && (after.is_empty() || after.starts_with(['.', '[']))
            && best
                .as_ref()
                .is_none_or(|(_, _, other)| after.len() < other.len())
        {
            best = Some((at..end, value, after));
        }
        at = next(text, end)?;
    }
    best
}

/// The bytes of an array's element.
fn element(text: &str, array: usize, index: usize) -> Option<Range<usize>> {
    let mut at = open(text, array, '[')?;
    for _ in 0..index {
        at = next(text, value_end(text, at)?)?;
    }
    Some(at..value_end(text, at)?)
}

/// Where the first part of an object or array begins.
fn open(text: &str, at: usize, bracket: char) -> Option<usize> {
    let inside = text.get(at..)?.strip_prefix(bracket)?;
    Some(skip_space(text, text.len() - inside.len()))
}

/// Where the part behind the comma begins; behind the last one, at the closing bracket.
fn next(text: &str, end: usize) -> Option<usize> {
    let at = skip_space(text, end);
    match byte(text, at)? {
        b',' => Some(skip_space(text, at + 1)),
        _ => Some(at),
    }
}

fn value_end(text: &str, start: usize) -> Option<usize> {
    let mut values =
        serde_json::Deserializer::from_str(text.get(start..)?).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(start + values.byte_offset())
}

fn skip_space(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    text.len() - rest.trim_start().len()
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILTER: &str = r#"{ "where": {"or": [{"a": 1}, {"age": {"gte": "x"}}], "address.city": {"like": 5}}, "limit": -1 }"#;

    fn at(place: &str) -> Option<&'static str> {
        locate(FILTER, place).and_then(|span| FILTER.get(span))
    }

    #[test]
    fn places_are_found_through_objects_and_arrays() {
        assert_eq!(at("where.or[1].age.gte"), Some(r#""gte": "x""#));
        assert_eq!(at("where.or[0]"), Some(r#"{"a": 1}"#));
        assert_eq!(at("limit"), Some(r#""limit": -1"#));
    }

    #[test]
    fn names_with_points_are_names() {
        assert_eq!(at("where.address.city.like"), Some(r#""like": 5"#));
    }

    #[test]
    fn a_place_that_leads_too_far_is_found_as_far_as_it_leads() {
        assert_eq!(at("where.or[1].age.gte.deep"), Some(r#""gte": "x""#));
        assert_eq!(
            at("where.or[7]"),
            Some(r#""or": [{"a": 1}, {"age": {"gte": "x"}}]"#)
        );
        assert_eq!(at("order"), None);
        assert_eq!(at(""), None);
        assert_eq!(locate("{ nonsense", "where"), None);
    }
}
