//! Nodes of every shape: all of, any of and none of several conditions, of none, and of each other.

use tenon_model::Filter;
use tenon_model::contract::{self, Comparison, Condition, FilterNode, PropertyType, Query, Value};
use tenon_runtime::Capability;

use super::rich::{self};
use crate::ask::Known;
use crate::bench::{Bench, PAGE};
use crate::finding::Checked;
use crate::reduce;
use crate::suites::Check;

pub const CHECKS: &[Check] = &[Check {
    name: "crud.filter.nodes",
    about: "all-of, any-of and none-of mean what they say, also of nothing and of each other, 8 levels deep",
    needs: &[Capability::Crud],
    writes: true,
    run: nodes,
}];

/// Asks for the matches and their number, and where something is wrong with the fewest records that show it.
pub fn ask(bench: &mut Bench<'_>, known: &Known, filter: &Filter) -> Checked {
    ask_nodes(bench, known, &filter.to_nodes())
}

fn ask_nodes(bench: &mut Bench<'_>, known: &Known, filter: &contract::Filter) -> Checked {
    let asked = known.ask_filter(bench.session()?, filter);
    asked.map_err(|stop| {
        reduce::fewer(bench, known, stop, |session, known| {
            known.ask_filter(session, filter)
        })
    })
}

pub fn is(name: &str, comparison: Comparison, operands: Vec<Value>) -> Filter {
    Filter::Condition(Condition {
        property: name.to_owned(),
        path: Vec::new(),
        comparison,
        operands,
    })
}

pub fn integer(comparison: Comparison, number: i64) -> Filter {
    is("integer", comparison, vec![Value::Integer(number)])
}

fn nodes(bench: &mut Bench<'_>) -> Checked {
    let kinds = [
        PropertyType::Text,
        PropertyType::Integer,
        PropertyType::Boolean,
    ];
    let (known, _) = rich::stored(bench, &kinds, false)?;
    let texts = ["a", "A", "ab", "b"].map(Value::from).to_vec();
    let mut leaves = vec![
        integer(Comparison::Greater, 0),
        is("text", Comparison::OneOf, texts),
        is("text", Comparison::Equal, vec![Value::Null]),
        integer(Comparison::NotEqual, 10),
        // Everything and nothing, as conditions.
        is("text", Comparison::NotOneOf, Vec::new()),
        is("text", Comparison::OneOf, Vec::new()),
        is("text", Comparison::Like, vec![Value::from("a%")]),
    ];
    if bench.facts().keeps(PropertyType::Boolean) {
        leaves.push(is("boolean", Comparison::Equal, vec![Value::Boolean(true)]));
    }
    let joins: [fn(Vec<Filter>) -> Filter; 3] = [Filter::AllOf, Filter::AnyOf, Filter::NoneOf];
    let mut shapes = Vec::new();
    for (place, outer) in joins.iter().enumerate() {
        shapes.push(outer(Vec::new()));
        for one in &leaves {
            shapes.push(outer(vec![one.clone()]));
            for other in &leaves {
                shapes.push(outer(vec![one.clone(), other.clone()]));
            }
        }
        shapes.push(outer(leaves.clone()));
        for inner in &joins {
            shapes.push(outer(vec![inner(Vec::new())]));
            for (one, other) in leaves.iter().zip(leaves.iter().skip(1)) {
                shapes.push(outer(vec![inner(Vec::new()), one.clone()]));
                shapes.push(outer(vec![one.clone(), inner(Vec::new())]));
                shapes.push(outer(vec![inner(vec![one.clone(), other.clone()])]));
                let third = leaves.get((place + 3) % leaves.len()).cloned();
                let third: Vec<Filter> = third.into_iter().chain([other.clone()]).collect();
                shapes.push(outer(vec![one.clone(), inner(third.clone())]));
                shapes.push(outer(vec![
                    inner(third),
                    one.clone(),
                    inner(vec![other.clone()]),
                ]));
            }
        }
    }
    shapes.extend(deep(&leaves, &joins));
    for shape in &shapes {
        ask(bench, &known, shape)?;
        let flat = depth_first(shape);
        let query = Query {
            filter: flat.clone(),
            ..Query::default()
        };
        let test = |session: &mut crate::session::Session<'_>, known: &Known| {
            known.ask_exactly(session, &query, PAGE)?;
            known.count_exactly(session, &flat).map(drop)
        };
        let asked = test(bench.session()?, &known);
        asked
            .map_err(|stop| reduce::fewer(bench, &known, stop, test))
            .map_err(|stop| stop.after(format!("the filter's nodes: {flat:?}")))?;
    }
    Ok(())
}

/// Filters of three to eight levels.
fn deep(leaves: &[Filter], joins: &[fn(Vec<Filter>) -> Filter]) -> Vec<Filter> {
    let mut shapes = Vec::new();
    for start in 0..joins.len() {
        for step in 1..=joins.len() {
            let mut shape = leaves.get(start).cloned().unwrap_or_default();
            for level in 0..7 {
                let Some(join) = joins.get((start + level * step) % joins.len()) else {
                    continue;
                };
                let beside = leaves.get((start + level) % leaves.len()).cloned();
                let parts = match (level % 3, beside) {
                    (0, Some(beside)) => vec![beside, shape],
                    (1, Some(beside)) => vec![shape, beside],
                    _ => vec![shape],
                };
                shape = join(parts);
                shapes.push(shape.clone());
            }
        }
    }
    shapes
}

/// The same filter, each node with all that is below it before the next: the contract leaves the order open.
fn depth_first(filter: &Filter) -> contract::Filter {
    fn lay(filter: &Filter, nodes: &mut contract::Filter) -> u32 {
        let place = nodes.len();
        let join = match filter {
            Filter::Condition(condition) => {
                nodes.push(FilterNode::Condition(condition.clone()));
                return number(place);
            }
            Filter::AnyOf(_) => FilterNode::AnyOf,
            Filter::NoneOf(_) => FilterNode::NoneOf,
            _ => FilterNode::AllOf,
        };
        nodes.push(join(Vec::new()));
        let children = filter.parts().iter().map(|part| lay(part, nodes)).collect();
        if let Some(node) = nodes.get_mut(place) {
            *node = join(children);
        }
        number(place)
    }
    fn number(place: usize) -> u32 {
        u32::try_from(place).unwrap_or(u32::MAX)
    }
    let mut nodes = Vec::new();
    lay(filter, &mut nodes);
    nodes
}
