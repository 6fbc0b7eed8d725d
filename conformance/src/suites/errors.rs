//! Calls that are wrong: each is refused with the error that says so, changes nothing, and leaves the session fit for
//! use.

use tenon_model::contract::{
    Comparison, Condition, Done, ErrorKind, Extension, Filter, FilterNode, Query, SortKey, Value,
};
use tenon_model::{Entity, into_entity};
use tenon_runtime::direct::Called;

use super::Check;
use super::operations::{crud, some_things, thing, things};
use crate::bench::{Bench, PAGE};
use crate::expect::{id, refused};
use crate::finding::{Checked, Finding, ensure, must};
use crate::reference::same;
use crate::session::Session;
use crate::show;
use crate::twin::Twin;

pub const CHECKS: &[Check] = &[
    crud(
        "crud.error.undefined-model",
        "a model that was never defined is refused by every function",
        undefined_model,
    ),
    crud(
        "crud.error.malformed-filter",
        "a filter that is no tree, or has operands too many or too few, is refused",
        malformed_filters,
    ),
    crud(
        "crud.error.unknown-extension",
        "a condition that the connector doesn't know is `unsupported`, and never ignored",
        unknown_extension,
    ),
    crud(
        "crud.error.unknown-extension-read",
        "`all` with a condition that the connector doesn't know loses no row, and doesn't claim the filter",
        unknown_extension_read,
    ),
    crud(
        "crud.error.many",
        "a session goes on after a hundred errors as after none",
        many_errors,
    ),
];

/// Every function of `crud` that takes a model, by name.
fn every_call(
    session: &mut Session<'_>,
    model: &str,
    filter: &Filter,
) -> Vec<(&'static str, Called<()>)> {
    let data = thing(1, "one", 1);
    let data = data.as_contract();
    let change = Entity::new().with("text", "changed");
    let query = Query {
        filter: filter.clone(),
        ..Query::default()
    };
    let all = session
        .all(model, &query)
        .and_then(|(rows, _)| session.read(rows, PAGE).map(drop));
    vec![
        ("all", all),
        ("create", session.create(model, data).map(drop)),
        (
            "create-all",
            session
                .create_all(model, std::slice::from_ref(data))
                .map(drop),
        ),
        ("save", session.save(model, data).map(drop)),
        ("exists", session.exists(model, &id(1)).map(drop)),
        ("find", session.find(model, &id(1)).map(drop)),
        ("count", session.count(model, filter).map(drop)),
        (
            "update-attributes",
            session
                .update_attributes(model, &id(1), change.as_contract())
                .map(drop),
        ),
        (
            "update",
            session
                .update(model, filter, change.as_contract())
                .map(drop),
        ),
        ("destroy", session.destroy(model, &id(1)).map(drop)),
        ("destroy-all", session.destroy_all(model, filter).map(drop)),
    ]
}

fn undefined_model(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let unknown = bench.name();
    let session = bench.session()?;
    for (function, called) in every_call(session, &unknown, &Vec::new()) {
        let checked = match called {
            Ok(()) => Err(Finding::new(format!(
                "`{function}` takes the name of a model that was never defined"
            ))
            .differs("an error", "no error")
            .into()),
            Err(failure) => refused(
                function,
                &failure,
                &[
                    ErrorKind::Invalid,
                    ErrorKind::NotFound,
                    ErrorKind::Unsupported,
                ],
            ),
        };
        checked.map_err(|stop| stop.after(format!("{function} of `{unknown}`, never defined")))?;
        twin.verify(session)?;
    }
    twin.create(session, thing(9, "new", 9))?;
    twin.verify(session)
}

fn condition(comparison: Comparison, operands: Vec<Value>) -> FilterNode {
    FilterNode::Condition(Condition {
        property: "number".to_owned(),
        path: Vec::new(),
        comparison,
        operands,
    })
}

/// Filters that mean nothing, with what is wrong with each.
fn malformed() -> Vec<(&'static str, Filter)> {
    use Comparison as C;
    let ten = || condition(C::Equal, vec![Value::Integer(10)]);
    let number = |number: i64| Value::Integer(number);
    vec![
        ("a node that isn't there", vec![FilterNode::AllOf(vec![1])]),
        (
            "a node that isn't there, beside one that is",
            vec![FilterNode::AnyOf(vec![1, 7]), ten()],
        ),
        (
            "a node that is its own part",
            vec![FilterNode::AllOf(vec![0])],
        ),
        (
            "nodes in a circle",
            vec![FilterNode::AllOf(vec![1]), FilterNode::NoneOf(vec![0])],
        ),
        (
            "a node that is referred to twice",
            vec![FilterNode::AllOf(vec![1, 1]), ten()],
        ),
        ("`equal` of nothing", vec![condition(C::Equal, Vec::new())]),
        (
            "`equal` of two",
            vec![condition(C::Equal, vec![number(1), number(2)])],
        ),
        (
            "`greater` of nothing",
            vec![condition(C::Greater, Vec::new())],
        ),
        (
            "`between` of one",
            vec![condition(C::Between, vec![number(1)])],
        ),
        (
            "`between` of three",
            vec![condition(C::Between, vec![number(1), number(2), number(3)])],
        ),
        (
            "`exists` of nothing",
            vec![condition(C::Exists, Vec::new())],
        ),
    ]
}

fn malformed_filters(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let name = twin.name();
    let change = Entity::new().with("text", "changed");
    for (what, filter) in malformed() {
        let calls = [
            ("count", session.count(&name, &filter).map(drop)),
            (
                "update",
                session
                    .update(&name, &filter, change.as_contract())
                    .map(drop),
            ),
            ("destroy-all", session.destroy_all(&name, &filter).map(drop)),
        ];
        for (function, called) in calls {
            let checked = match called {
                Ok(()) => Err(Finding::new(format!(
                    "`{function}` takes a filter that means nothing"
                ))
                .differs("the error `invalid`", "no error")
                .into()),
                Err(failure) => refused(
                    function,
                    &failure,
                    &[ErrorKind::Invalid, ErrorKind::Unsupported],
                ),
            };
            checked.map_err(|stop| twin.tell(stop.after(format!("{function} where {what}"))))?;
        }
        twin.verify(session)?;
    }
    twin.create(session, thing(9, "new", 9))?;
    twin.verify(session)
}

fn extension() -> FilterNode {
    FilterNode::Extension(Extension {
        name: "tenon-check-unknown".to_owned(),
        property: "text".to_owned(),
        path: Vec::new(),
        operands: vec![Value::from("one")],
    })
}

/// Filters with a condition that nobody knows, and the records that may match them whatever it means, as a filter.
fn with_extension() -> Vec<(&'static str, Filter, Filter)> {
    let ten = || condition(Comparison::Equal, vec![Value::Integer(10)]);
    vec![
        ("the extension alone", vec![extension()], Vec::new()),
        (
            "the number 10, and the extension",
            vec![FilterNode::AllOf(vec![1, 2]), ten(), extension()],
            vec![ten()],
        ),
        (
            "the number 10, or the extension",
            vec![FilterNode::AnyOf(vec![1, 2]), ten(), extension()],
            Vec::new(),
        ),
        (
            "not the extension",
            vec![FilterNode::NoneOf(vec![1]), extension()],
            Vec::new(),
        ),
        (
            "neither the extension nor the number 10",
            vec![FilterNode::NoneOf(vec![1, 2]), extension(), ten()],
            vec![FilterNode::NoneOf(vec![1]), ten()],
        ),
        (
            "not the number 10 and the extension",
            vec![
                FilterNode::NoneOf(vec![1]),
                FilterNode::AllOf(vec![2, 3]),
                ten(),
                extension(),
            ],
            Vec::new(),
        ),
    ]
}

fn unknown_extension(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let name = twin.name();
    let change = Entity::new().with("text", "changed");
    for (what, filter, _) in with_extension() {
        let calls = [
            ("count", session.count(&name, &filter).map(drop)),
            (
                "update",
                session
                    .update(&name, &filter, change.as_contract())
                    .map(drop),
            ),
            ("destroy-all", session.destroy_all(&name, &filter).map(drop)),
        ];
        for (function, called) in calls {
            let checked = match called {
                Ok(()) => Err(Finding::new(format!(
                    "`{function}` ignores a condition that it can't know"
                ))
                .differs("the error `unsupported`", "no error")
                .into()),
                Err(failure) => refused(function, &failure, &[ErrorKind::Unsupported]),
            };
            checked.map_err(|stop| twin.tell(stop.after(format!("{function} where {what}"))))?;
        }
        twin.verify(session)?;
    }
    Ok(())
}

fn unknown_extension_read(bench: &mut Bench<'_>) -> Checked {
    let twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    for (what, filter, may_match) in with_extension() {
        let matcher = crate::reference::matcher(&may_match)
            .map_err(|_| crate::finding::Stop::skipped("a filter of the kit's is wrong"))?;
        for limit in [None, Some(1)] {
            let query = Query {
                filter: filter.clone(),
                order: vec![SortKey {
                    property: "id".to_owned(),
                    path: Vec::new(),
                    descending: false,
                }],
                limit,
                ..Query::default()
            };
            let told = |stop: crate::finding::Stop| {
                let limit =
                    limit.map_or(String::new(), |limit| format!(", with the limit {limit}"));
                twin.tell(stop.after(format!("all where {what}{limit}, in the order of id")))
            };
            let (rows, done) = match session.all(&twin.name(), &query) {
                // The runtime tells the application then.
                Err(failure) => {
                    refused("all", &failure, &[ErrorKind::Unsupported]).map_err(told)?;
                    continue;
                }
                Ok(answer) => answer,
            };
            let read = must("next", session.read(rows, PAGE)).map_err(told)?;
            let claims = done.contains(Done::FILTER) || done.contains(Done::PAGING);
            ensure(!claims, || {
                Finding::new(
                    "`all` claims to have done a filter with a condition that it can't know",
                )
                .differs(
                    "neither `filter` nor `paging` in `done`",
                    format!("{done:?}"),
                )
            })
            .map_err(told)?;
            for record in twin.records() {
                if matcher.matches(record) && !read.iter().any(|row| same(row, record)) {
                    return Err(told(
                        Finding::new("`all` leaves out a record that may match")
                            .differs(show::record(record), show::records(&read))
                            .into(),
                    ));
                }
            }
        }
    }
    Ok(())
}

fn many_errors(bench: &mut Bench<'_>) -> Checked {
    let mut twin = Twin::holding(bench, things(), some_things())?;
    let session = bench.session()?;
    let name = twin.name();
    let unknown = format!("{name}_unknown");
    for round in 0..25 {
        // Quietly, since a hundred steps are no case.
        let taken = session.create(&name, thing(1, "taken", round).as_contract());
        ensure(taken.is_err(), || {
            Finding::new("a key that is taken is taken again")
        })?;
        let _ = session.save(&name, thing(99, "none", round).as_contract());
        let _ = session.count(&unknown, &Vec::new());
        let _ = session.destroy_all(&name, &vec![extension()]);
        let (rows, _) = must("all", session.all(&name, &Query::default()))
            .map_err(|stop| stop.after(format!("{round} times four calls that are refused")))?;
        let page = must("next", session.next_records(rows, 2))?;
        ensure(page.is_some(), || {
            Finding::new("after errors, a result begins with no page")
        })?;
        must("close", session.close(rows))?;
    }
    twin.step("25 times create of a taken key, save of none, count of no model, destroy-all with an extension");
    twin.verify(session)?;
    twin.create(session, thing(9, "new", 9))?;
    twin.verify(session)?;
    let found = must("find", session.find(&name, &id(9)))?;
    let whole = found.map(into_entity);
    ensure(matches!(whole, Some(Ok(_))), || {
        Finding::new("after errors, a record isn't found in the contract's form")
    })
}
