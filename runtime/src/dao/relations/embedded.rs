//! Conditions on embedded records, which are parts of a JSON property.
//!
//! Where a path into the JSON says the same, the connector gets it as one. What it can't say is judged here, record
//! by record, and becomes a condition on the keys of those that match.

use std::sync::Arc;

use tenon_model::{
    Comparison, Condition, Filter, Matcher, Model, PropertyType, Query, Relation, Value,
};

use super::keys::KeySet;
use crate::dao::Target;
use crate::error::{Error, ErrorKind, Result};

/// A condition on embedded records as one on paths; none where paths can't say it.
pub(super) fn as_paths(
    property: &str,
    many: bool,
    filter: &Filter,
    related: &Model,
) -> Option<Filter> {
    let is_there = Filter::compare(property, Comparison::NotEqual, Value::Null);
    if filter.is_all() && many {
        let is_empty = Value::Json("[]".to_owned());
        let has_some = Filter::compare(property, Comparison::NotEqual, is_empty);
        return Some(is_there.and(has_some));
    }
    let inside = if many {
        each(property, filter, related)?
    } else {
        inside(property, filter, related)?
    };
    // Where nothing is embedded, nothing of it is true, whatever the condition says of what is absent.
    Some(is_there.and(inside))
}

/// A condition on the one embedded record.
fn inside(property: &str, filter: &Filter, related: &Model) -> Option<Filter> {
    let parts = || {
        let parts = filter.parts().iter();
        parts
            .map(|part| inside(property, part, related))
            .collect::<Option<Vec<_>>>()
    };
    Some(match filter {
        Filter::AllOf(_) => Filter::AllOf(parts()?),
        Filter::AnyOf(_) => Filter::AnyOf(parts()?),
        Filter::NoneOf(_) => Filter::NoneOf(parts()?),
        Filter::Condition(condition) => prefixed(property, condition, related)?,
        Filter::Extension(_) | Filter::Related { .. } => return None,
    })
}

/// A condition on one of many: a path is true for an array where it is for any of its elements, so that it can say
/// a single positive condition, and any of such.
fn each(property: &str, filter: &Filter, related: &Model) -> Option<Filter> {
    match filter {
        Filter::Condition(condition) if !is_negated(condition.comparison) => {
            let is_index = condition.property.bytes().all(|byte| byte.is_ascii_digit());
            (!is_index)
                .then(|| prefixed(property, condition, related))
                .flatten()
        }
        Filter::AnyOf(parts) => {
            let parts = parts.iter().map(|part| each(property, part, related));
            parts.collect::<Option<Vec<_>>>().map(Filter::AnyOf)
        }
        _ => None,
    }
}

/// The same condition inside of the property, where JSON has its values as the model has them.
fn prefixed(property: &str, condition: &Condition, related: &Model) -> Option<Filter> {
    use PropertyType as Kind;
    let kind = related.find_property(&condition.property)?.kind;
    let is_natural = matches!(
        kind,
        Kind::Text
            | Kind::Boolean
            | Kind::Integer
            | Kind::Float
            | Kind::Date
            | Kind::Time
            | Kind::Uuid
    );
    if !is_natural || !condition.path.is_empty() {
        return None;
    }
    Some(Filter::Condition(Condition {
        property: property.to_owned(),
        path: vec![condition.property.clone()],
        comparison: condition.comparison,
        operands: condition.operands.clone(),
    }))
}

const fn is_negated(comparison: Comparison) -> bool {
    use Comparison as C;
    matches!(
        comparison,
        C::NotEqual | C::NotOneOf | C::NotLike | C::NotIlike
    )
}

/// Looks at every record that embeds anything, and says which have a match by their keys.
pub(super) async fn scan(
    target: &Arc<Target>,
    relation: &Relation,
    related: &Model,
    filter: &Filter,
) -> Result<Filter> {
    let matcher = Matcher::new(filter)
        .map_err(|cause| Error::new(ErrorKind::Unsupported, cause.to_string()))?;
    let property = relation.embedded_in().unwrap_or_default();
    let names = target.key_names();
    let is_there = Filter::compare(property, Comparison::NotEqual, Value::Null);
    let fields = names.iter().cloned().chain([property.to_owned()]);
    let limits = target.source.limits();
    let (mut keys, mut scanned) = (KeySet::default(), 0);
    let query = Query::filter(is_there).fields(fields);
    target
        .read_each(query, &[], &mut |record| {
            scanned += 1;
            if scanned > limits.scan_rows {
                return Err(too_many(limits.scan_rows));
            }
            let embedded = relation
                .embedded(&record, related)
                .map_err(|cause| Error::new(ErrorKind::Backend, cause))?;
            let mut records = embedded.iter().flat_map(|embedded| embedded.iter());
            if records.any(|record| matcher.matches(record)) {
                keys.add(&record, &names);
            }
            keys.bounded(limits.include_rows)
        })
        .await?;
    keys.condition(&target.model, &names)
}

fn too_many(limit: u64) -> Error {
    Error::new(
        ErrorKind::Exhausted,
        format!(
            "more than {limit} records would have to be looked at for what is embedded in them"
        ),
    )
    .remedy(
        "ask for one property of the embedded records at a time, or raise the limit `scan-rows`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(many: bool, filter: &str) -> Option<String> {
        let line = Model::new("Line")
            .property(tenon_model::Property::new("item", PropertyType::Text))
            .property(tenon_model::Property::new("count", PropertyType::Integer))
            .property(tenon_model::Property::new("due", PropertyType::Timestamp));
        let filter = Filter::parse(filter).unwrap().check(&line).unwrap();
        as_paths("_lines", many, &filter, &line).map(|filter| filter.to_json().to_string())
    }

    #[test]
    fn one_embedded_record_is_reached_by_paths_wherever_it_is_there() {
        assert_eq!(
            paths(false, r#"{"item": "nut", "count": {"neq": 1}}"#).as_deref(),
            Some(
                r#"{"and":[{"_lines":{"neq":null}},{"and":[{"_lines.count":{"neq":1}},{"_lines.item":"nut"}]}]}"#
            )
        );
    }

    #[test]
    fn of_many_a_path_says_one_positive_condition() {
        assert_eq!(
            paths(true, r#"{"or": [{"item": "nut"}, {"count": {"gt": 2}}]}"#).as_deref(),
            Some(
                r#"{"and":[{"_lines":{"neq":null}},{"or":[{"_lines.item":"nut"},{"_lines.count":{"gt":2}}]}]}"#
            )
        );
        assert_eq!(paths(true, r#"{"item": "nut", "count": 1}"#), None);
        assert_eq!(paths(true, r#"{"item": {"neq": "nut"}}"#), None);
    }

    #[test]
    fn what_json_has_in_another_form_is_no_matter_for_paths() {
        assert_eq!(
            paths(false, r#"{"due": {"gt": "2026-01-01T00:00:00Z"}}"#),
            None
        );
    }
}
