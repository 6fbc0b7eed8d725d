//! Nodes of every shape: all of, any of and none of several conditions, of none, and of each other.

use tenon_model::Filter;
use tenon_model::contract::{
    self, Comparison, Condition, ErrorKind, FilterNode, PropertyType, Query, Value,
};
use tenon_runtime::Capability;

use super::rich::{self, condition};
use crate::ask::Known;
use crate::bench::{Bench, PAGE};
use crate::finding::{Checked, Finding, ensure, must};
use crate::reduce;
use crate::reference::same_records;
use crate::show;
use crate::suites::Check;

pub const CHECKS: &[Check] = &[
    Check {
        name: "crud.filter.nodes",
        about: "all-of, any-of and none-of mean what they say, also of nothing and of each other, 8 levels deep",
        needs: &[Capability::Crud],
        writes: true,
        run: nodes,
    },
    Check {
        name: "crud.filter.same-property",
        about: "several conditions on one property all count, and a record that matches twice comes once",
        needs: &[Capability::Crud],
        writes: true,
        run: one_property,
    },
    Check {
        name: "crud.filter.key",
        about: "the key can be filtered by as any other property can",
        needs: &[Capability::Crud],
        writes: true,
        run: by_key,
    },
    Check {
        name: "crud.filter.wide",
        about: "two hundred conditions and a thousand operands are as good as one",
        needs: &[Capability::Crud],
        writes: true,
        run: wide,
    },
    Check {
        name: "crud.filter.extension",
        about: "a condition that the connector doesn't know is never ignored",
        needs: &[Capability::Crud],
        writes: true,
        run: unknown_extension,
    },
];

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

fn is(name: &str, comparison: Comparison, operands: Vec<Value>) -> Filter {
    Filter::Condition(Condition {
        property: name.to_owned(),
        path: Vec::new(),
        comparison,
        operands,
    })
}

fn integer(comparison: Comparison, number: i64) -> Filter {
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

fn one_property(bench: &mut Bench<'_>) -> Checked {
    use Comparison as C;
    let (known, _) = rich::stored(bench, &[PropertyType::Text, PropertyType::Integer], false)?;
    let text = |comparison, text: &str| is("text", comparison, vec![Value::from(text)]);
    let null = |comparison| is("integer", comparison, vec![Value::Null]);
    let between = |least, most| {
        is(
            "integer",
            C::Between,
            vec![Value::Integer(least), Value::Integer(most)],
        )
    };
    let one_of = |numbers: &[i64]| {
        is(
            "integer",
            C::OneOf,
            numbers.iter().copied().map(Value::Integer).collect(),
        )
    };
    let groups = [
        vec![integer(C::Greater, 0), integer(C::Less, 100)],
        vec![
            integer(C::GreaterOrEqual, 1),
            integer(C::LessOrEqual, 100),
            integer(C::NotEqual, 10),
        ],
        vec![integer(C::Less, 1), integer(C::Greater, 2)],
        vec![integer(C::Greater, 2), integer(C::Greater, 0)],
        vec![
            integer(C::Less, 2),
            integer(C::Less, 100),
            integer(C::Less, 10),
        ],
        vec![integer(C::Equal, 1), integer(C::Equal, 2)],
        vec![integer(C::Equal, 1), integer(C::Equal, 1)],
        vec![integer(C::Equal, 1), integer(C::Greater, 0)],
        vec![integer(C::Equal, 1), null(C::Equal)],
        vec![null(C::NotEqual), integer(C::NotEqual, 1)],
        vec![integer(C::GreaterOrEqual, 1), null(C::Equal)],
        vec![between(0, 10), between(2, 100)],
        vec![between(0, 2), between(1, 10), one_of(&[1, 2, 10, 70_000])],
        vec![one_of(&[1, 2, 10]), one_of(&[2, 10, 100])],
        vec![one_of(&[1, 1, 2]), integer(C::Less, 10)],
        vec![text(C::Like, "a%"), text(C::NotEqual, "a")],
        vec![
            text(C::GreaterOrEqual, "a"),
            text(C::Less, "b"),
            text(C::NotLike, "%b"),
        ],
        vec![text(C::Like, "a%"), text(C::Like, "%b")],
        vec![
            text(C::Greater, "A"),
            text(C::Greater, "a"),
            text(C::LessOrEqual, "ä"),
        ],
        vec![text(C::Equal, "a"), integer(C::Equal, 0)],
        vec![text(C::Ilike, "A"), text(C::NotEqual, "A")],
    ];
    for group in groups {
        for join in [Filter::AllOf, Filter::AnyOf, Filter::NoneOf] {
            ask(bench, &known, &join(group.clone()))?;
            // The other way round it is the same.
            ask(bench, &known, &join(group.iter().rev().cloned().collect()))?;
        }
        // Each apart, joined by one that is about something else.
        let key = is("id", C::Greater, vec![Value::Integer(3)]);
        ask(
            bench,
            &known,
            &Filter::AllOf(vec![Filter::AnyOf(group.clone()), key.clone()]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AnyOf(vec![Filter::AllOf(group), key]),
        )?;
    }
    Ok(())
}

fn by_key(bench: &mut Bench<'_>) -> Checked {
    use Comparison as C;
    let (known, _) = rich::stored(bench, &[PropertyType::Text, PropertyType::Integer], false)?;
    let numbers = [-1, 0, 1, 5, 6, 1_000_000];
    let id = |comparison, numbers: &[i64]| {
        is(
            "id",
            comparison,
            numbers.iter().copied().map(Value::Integer).collect(),
        )
    };
    let mut filters = Vec::new();
    for comparison in [
        C::Equal,
        C::NotEqual,
        C::Greater,
        C::GreaterOrEqual,
        C::Less,
        C::LessOrEqual,
    ] {
        filters.extend(numbers.map(|number| id(comparison, &[number])));
        filters.push(is("id", comparison, vec![Value::Null]));
    }
    for list in [
        &[][..],
        &[1],
        &[5, 1, 3],
        &[3, 3, 1, 3],
        &[-5, 1],
        &[-5],
        &[7, 6, 5, 4, 4, 5],
    ] {
        filters.push(id(C::OneOf, list));
        filters.push(id(C::NotOneOf, list));
    }
    for (least, most) in [
        (1, 3),
        (3, 1),
        (3, 3),
        (-10, 0),
        (-10, 1_000_000),
        (1_000, 2_000),
    ] {
        filters.push(id(C::Between, &[least, most]));
    }
    let text = is("text", C::Like, vec![Value::from("a%")]);
    for filter in filters {
        ask(bench, &known, &filter)?;
        ask(
            bench,
            &known,
            &Filter::AllOf(vec![filter.clone(), text.clone()]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AllOf(vec![text.clone(), filter.clone()]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AnyOf(vec![filter.clone(), text.clone()]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AnyOf(vec![filter.clone(), id(C::Equal, &[5]), id(C::Less, &[6])]),
        )?;
        ask(
            bench,
            &known,
            &Filter::AllOf(vec![
                filter.clone(),
                id(C::OneOf, &[2, 5, 5]),
                id(C::Less, &[6]),
            ]),
        )?;
        ask(bench, &known, &Filter::NoneOf(vec![filter]))?;
    }
    Ok(())
}

fn wide(bench: &mut Bench<'_>) -> Checked {
    use Comparison as C;
    let (known, _) = rich::stored(bench, &[PropertyType::Text, PropertyType::Integer], false)?;
    let id = |number: i64| is("id", C::Equal, vec![Value::Integer(number)]);
    let greater = |number: i64| is("id", C::Greater, vec![Value::Integer(number)]);
    let many =
        |numbers: std::ops::Range<i64>| -> Vec<Value> { numbers.map(Value::Integer).collect() };
    let texts: Vec<Value> = (0..999)
        .map(|number| Value::Text(format!("text {number}")))
        .chain([Value::from("ab")])
        .collect();
    let filters = [
        // The last of many tells.
        Filter::AnyOf((-198..2).map(id).collect()),
        Filter::AnyOf((0..200).map(id).collect()),
        Filter::NoneOf((-198..2).map(id).collect()),
        Filter::AllOf((-197..3).map(greater).collect()),
        Filter::AllOf((-197..3).rev().map(greater).collect()),
        Filter::AnyOf(
            (0..200)
                .map(|number| Filter::AllOf(vec![id(number), greater(3)]))
                .collect(),
        ),
        is("id", C::OneOf, many(-995..5)),
        is("id", C::OneOf, many(5..1_005)),
        is("id", C::OneOf, many(1_000..2_000)),
        is("id", C::NotOneOf, many(-995..5)),
        is("id", C::NotOneOf, many(3..1_003)),
        is("integer", C::OneOf, many(-997..3)),
        is("integer", C::NotOneOf, many(-997..3)),
        is("text", C::OneOf, texts.clone()),
        is("text", C::NotOneOf, texts),
    ];
    for filter in &filters {
        ask(bench, &known, filter)?;
    }
    Ok(())
}

fn unknown_extension(bench: &mut Bench<'_>) -> Checked {
    let (known, _) = rich::stored(bench, &[PropertyType::Text, PropertyType::Integer], false)?;
    let model = known.model().name.clone();
    let extension = Filter::Extension(contract::Extension {
        name: "tenon-check-nobody-knows-it".to_owned(),
        property: "text".to_owned(),
        path: Vec::new(),
        operands: vec![Value::from("a")],
    });
    let id = Filter::Condition(Condition {
        property: "id".to_owned(),
        path: Vec::new(),
        comparison: Comparison::Less,
        operands: vec![Value::Integer(8)],
    });
    let below = |record: &&tenon_model::Entity| matches!(record.get("id"), Some(Value::Integer(number)) if *number < 8);
    let nodes = condition("id", &[], Comparison::Less, vec![Value::Integer(8)]);
    // A filter, and the records that may match it.
    let all: Vec<_> = known.records().to_vec();
    let some: Vec<_> = known.records().iter().filter(below).cloned().collect();
    let cases = [
        (extension.clone(), all.clone()),
        (
            Filter::AllOf(vec![id.clone(), extension.clone()]),
            some.clone(),
        ),
        (Filter::AllOf(vec![extension.clone(), id.clone()]), some),
        (
            Filter::AnyOf(vec![id.clone(), extension.clone()]),
            all.clone(),
        ),
        (Filter::NoneOf(vec![extension.clone()]), all),
    ];
    let mut set = contract::Entity::new();
    set.push((rich::MARK.to_owned(), Value::Integer(1)));
    for (filter, may_match) in cases {
        let filter = filter.to_nodes();
        let shown = show::filter(&filter);
        let query = Query {
            filter: filter.clone(),
            ..Query::default()
        };
        let session = bench.session()?;
        match session.all(&model, &query) {
            Err(failure) if failure.kind() == Some(ErrorKind::Unsupported) => {}
            opened => {
                let (rows, done) = must("all", opened).map_err(|stop| stop.after(&shown))?;
                let rows = must("next", session.read(rows, PAGE))?;
                ensure(!done.contains(contract::Done::FILTER), || {
                    Finding::new(
                        "`all` claims that `filter` is done of a filter with a condition that nobody knows",
                    )
                    .after(format!("all {shown}"))
                })?;
                let lost = may_match
                    .iter()
                    .find(|record| !rows.iter().any(|row| crate::reference::same(row, record)));
                ensure(lost.is_none(), || {
                    Finding::new("`all` leaves out a record for a condition that it doesn't know")
                        .differs(
                            "every record that might match",
                            format!("without {}", lost.map(show::record).unwrap_or_default()),
                        )
                        .after(format!("all {shown}"))
                })?;
            }
        }
        let refused = [
            ("count", session.count(&model, &filter)),
            ("update", session.update(&model, &filter, &set)),
            ("destroy-all", session.destroy_all(&model, &filter)),
        ];
        for (function, called) in refused {
            let is_refused = called
                .as_ref()
                .is_err_and(|failure| failure.kind() == Some(ErrorKind::Unsupported));
            ensure(is_refused, || {
                let seen =
                    called.map_or_else(|failure| failure.to_string(), |number| number.to_string());
                Finding::new(format!(
                    "`{function}` takes a filter with a condition that nobody knows"
                ))
                .differs("`unsupported`", seen)
                .after(format!("{function} {shown}"))
            })?;
        }
    }
    let now = bench.everything(known.model())?;
    ensure(same_records(known.records(), &now), || {
        Finding::new("a function that was refused as `unsupported` has changed records")
            .differs(show::records(known.records()), show::records(&now))
    })?;
    // What it knows it still does.
    known.ask_filter(bench.session()?, &nodes)
}
