//! The state: one JSON value, read and replaced whole.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value as Json;
use tenon_model::contract::ErrorKind;
use tenon_runtime::direct::Failure;

use super::opened::{fresh, open, open_in, or_skip, same_state};
use crate::bench::{Bench, end};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::property;

/// States that have to be kept.
const STATES: &[&str] = &[
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "\"\"",
    "\"text\"",
    r#"{"position":5,"movements":{"ABE":[1,2],"SEA":[]}}"#,
    r#" { "space" : [ 1 , 2 ] , "lines" : "a\nb" } "#,
    "{\n\t\"tab\": {\r\n}}",
    r#"{"":0," ":1,"a.b":2,"a":{"b":3},"$timestamp":4,"quote\"d":5}"#,
    r#"{"a":null,"b":[null,[null],{}],"c":{"d":{}}}"#,
    r#"["ä","中文","😀","\u0000","\\","\"","\u00e9","/","%","'","--"]"#,
    // No double has room for the first, and a float of single precision for none.
    r#"{"n":9007199254740993,"m":-9223372036854775808,"i":9223372036854775807}"#,
    r#"[0.1,0.30000000000000004,-1.5e-7,1e300,5e-324,1.7976931348623157e308,16777217]"#,
    r#"[1,"1",1.5,"1.5",true,"true",null,"null","",[],{}]"#,
    r#"[3,1,2,3,1]"#,
    r#"{"at":{"$timestamp":1704164645678901},"price":{"$decimal":"1.50"}}"#,
    r#"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"#,
];

const NO_STATES: &str = "it keeps no states";

pub fn none_at_first(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?;
    let state = or_skip("get", store.get(), NO_STATES)?;
    ensure(state.is_none(), || {
        Finding::new("a read model has a state before the first `set`")
            .differs("no state", state.unwrap_or_default())
    })?;
    must("set", store.set("{}"))?;
    store.has_state(Some("{}"), "the first state doesn't come back")?;
    store.close()
}

pub fn kept(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_state("{}")?;
    for state in STATES {
        must("set", store.set(state)).map_err(|stop| stop.after(format!("set {state}")))?;
        store
            .has_state(Some(state), "a state is not the one that was set")
            .map_err(|stop| stop.after(format!("set {state}")))?;
    }
    store.close()?;
    // What is read again is read from where it was stored.
    let name = bench.read_model();
    for state in STATES {
        let store = open(bench, &name)?.with_state(state)?;
        store.close()?;
        let mut store = open(bench, &name)?;
        store
            .has_state(
                Some(state),
                "a state is another one when the read model is opened again",
            )
            .map_err(|stop| {
                stop.after("connect")
                    .after(format!("set {state}, disconnect"))
            })?;
        store.close()?;
    }
    Ok(())
}

pub fn replaced(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_state(r#"{"a":1,"b":{"c":2,"d":[1,2,3]}}"#)?;
    let message = "a state is not replaced as a whole";
    for state in [
        r#"{"b":{"d":[4]}}"#,
        r#"{"a":null}"#,
        "{}",
        r#"[1,2,3]"#,
        "[1]",
        "[]",
        r#""a longer text than the next""#,
        "1",
        "null",
        r#"{"again":true}"#,
    ] {
        must("set", store.set(state)).map_err(|stop| stop.after(format!("set {state}")))?;
        store
            .has_state(Some(state), message)
            .map_err(|stop| stop.after(format!("set {state}")))?;
        // Reading changes nothing.
        store.has_state(Some(state), "a state changes by being read")?;
    }
    store.close()
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3..100_i64).prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-1_000..1_000_i32).prop_map(|number| Json::from(f64::from(number) / 8.0)),
        "[a-cÄ \\\\\"😀]{0,5}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            btree_map("[a-d]{0,2}", inner, 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

pub fn invented(bench: &mut Bench<'_>) -> Checked {
    let mut runner = bench.runner("states");
    let cases = bench.cases() / 8 + 1;
    let name = bench.read_model();
    open(bench, &name)?.with_state("{}")?.close()?;
    let several = vec((json(), any::<bool>()), 1..5);
    let session = bench.session()?;
    property::hold(&mut runner, cases, &several, |states| {
        let mut store = open_in(session, &name)?;
        let mut steps = String::from("connect");
        for (state, reopens) in states {
            let state = state.to_string();
            must("set", store.set(&state)).map_err(|stop| stop.after(format!("set {state}")))?;
            steps.push_str(&format!(", set {state}"));
            if reopens {
                steps.push_str(", disconnect, connect");
                store.close()?;
                store = open_in(session, &name)?;
            }
            store
                .has_state(Some(&state), "a state is not the one that was set last")
                .map_err(|stop| stop.after(&steps))?;
        }
        store.close()
    })
}

pub fn large(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let mut store = open(bench, &name)?.with_state(r#"{"small":1}"#)?;
    let movements: Vec<String> = (0..16_000)
        .map(|number| {
            format!(
                r#"{{"flight":{number},"airport":"A{:03}","delay":null}}"#,
                number % 997
            )
        })
        .collect();
    let large = format!(
        r#"{{"position":16000,"movements":[{}]}}"#,
        movements.join(",")
    );
    match store.set(&large) {
        Ok(()) => {}
        Err(failure)
            if matches!(
                failure.kind(),
                Some(ErrorKind::Exhausted | ErrorKind::Invalid | ErrorKind::Constraint)
            ) =>
        {
            store.has_state(
                Some(r#"{"small":1}"#),
                "a state that was refused for its size has changed the one before",
            )?;
            store.close()?;
            bench.note(format!(
                "a state of {} bytes is refused ({failure})",
                large.len()
            ));
            return Ok(());
        }
        Err(failure) => {
            return must("set", Err(failure))
                .map_err(|stop| stop.after(format!("set a state of {} bytes", large.len())));
        }
    }
    store.has_state(Some(&large), "a large state is not the one that was set")?;
    store.close()?;
    let mut store = open(bench, &name)?;
    store.has_state(
        Some(&large),
        "a large state is another one when the read model is opened again",
    )?;
    must("set", store.set("[1]"))?;
    store.close()?;
    let mut store = open(bench, &name)?;
    store.has_state(Some("[1]"), "something is left of a large state before")?;
    store.close()
}

pub fn malformed(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_state(r#"{"good":1}"#)?;
    let mut taken = false;
    for state in [
        "",
        "{",
        "1 2",
        r#"{"a":1,}"#,
        "NaN",
        "'a'",
        "{\"good\":2} x",
    ] {
        if store.set(state).is_ok() {
            // Nobody is ever to send it: it may be kept as a text.
            taken = true;
            must("set", store.set(r#"{"good":1}"#))?;
        }
        store
            .has_state(
                Some(r#"{"good":1}"#),
                "a state that is no JSON was refused, and has changed the one before",
            )
            .map_err(|stop| stop.after(format!("set {state:?}")))?;
    }
    store.close()?;
    if taken {
        bench.note("states that are no JSON are taken");
    }
    Ok(())
}

pub fn reopened(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let state = r#"{"position":7}"#;
    let store = open(bench, &name)?.with_state(state)?;
    store.close()?;
    let message = "a state is gone, or another one, after";
    let session = bench.session()?;
    must("disconnect", session.disconnect())?;
    must("connect", session.connect())?;
    let mut store = open(bench, &name)?;
    store.has_state(
        Some(state),
        &format!("{message} `lifecycle.disconnect` and `connect`"),
    )?;
    store.close()?;
    if !bench.subject().is_pooled() {
        // Its data may live in the instance.
        return Ok(());
    }
    let mut other = bench.another()?;
    let mut store = open_in(&mut other, &name)?;
    store.has_state(
        Some(state),
        &format!("{message} another session has opened it"),
    )?;
    let next = r#"{"position":8}"#;
    must("set", store.set(next))?;
    // What `set` has confirmed is stored, though nobody closes the store.
    end(other);
    let mut store = open(bench, &name)?;
    store.has_state(
        Some(next),
        &format!("{message} the session that has set it ended without closing the store"),
    )?;
    store.close()
}

pub fn apart(bench: &mut Bench<'_>) -> Checked {
    let base = bench.read_model();
    let mut kept = Vec::new();
    for name in similar(bench, &base) {
        let session = bench.session()?;
        let told = |stop: Stop| stop.after(format!("the read model is {name:?}"));
        let opened = session.open_store(&name);
        if opened
            .as_ref()
            .is_err_and(|failure| may_refuse(&name, failure))
        {
            continue;
        }
        let store = must("read-model.connect", opened).map_err(told)?;
        let first = or_skip("get", session.get_state(store), NO_STATES)?;
        let state = Json::from(vec![name.as_str()]).to_string();
        must("set", session.set_state(store, &state)).map_err(told)?;
        must("read-model.disconnect", session.close_store(store, &name)).map_err(told)?;
        ensure(first.is_none(), || {
            Finding::new("a read model that nobody has used has a state")
                .differs("no state before the first `set`", first.unwrap_or_default())
        })
        .map_err(told)?;
        kept.push((name, state));
    }
    for (name, state) in kept {
        let mut store = open(bench, &name)?;
        store
            .has_state(Some(&state), "a read model has the state of another one")
            .map_err(|stop| stop.after(format!("the read model is {name:?}")))?;
        store.close()?;
    }
    // Two that are open at once don't mix either.
    let (one, other) = (bench.read_model(), bench.read_model());
    let session = bench.session()?;
    let first = must("read-model.connect", session.open_store(&one))?;
    let second = must("read-model.connect", session.open_store(&other))?;
    must("set", session.set_state(first, "[1]"))?;
    must("set", session.set_state(second, "[2]"))?;
    let ones = must("get", session.get_state(first))?;
    let others = must("get", session.get_state(second))?;
    must("read-model.disconnect", session.close_store(first, &one))?;
    must("read-model.disconnect", session.close_store(second, &other))?;
    let right =
        same_state(Some("[1]"), ones.as_deref()) && same_state(Some("[2]"), others.as_deref());
    ensure(right, || {
        Finding::new("two read models that are open at once mix their states")
            .differs("[1] and [2]", format!("{ones:?} and {others:?}"))
    })
}

/// Names that are like this one; what is opened under them is dropped afterwards.
pub fn similar(bench: &mut Bench<'_>, base: &str) -> Vec<String> {
    let long = format!("{base}-{}", "x".repeat(24));
    let names = vec![
        base.to_owned(),
        format!("{base}-1"),
        format!("{base}-2"),
        format!("{base}1"),
        format!("{base}-1-1"),
        format!("{long}a"),
        format!("{long}b"),
        base.to_uppercase(),
        base.replace('-', "_"),
        base.replace('-', "."),
        base.replace('-', ""),
        format!("{base} "),
        format!("{base}%"),
        format!("{base}ä"),
        format!("{base}Ä"),
    ];
    for name in names.iter().skip(1) {
        bench.drops_read_model(name);
    }
    names
}

/// A name beyond small letters, digits and hyphens may be `invalid`.
pub fn may_refuse(name: &str, failure: &Failure) -> bool {
    let plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    !name.chars().all(plain) && failure.kind() == Some(ErrorKind::Invalid)
}
