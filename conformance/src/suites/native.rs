//! The backend's own commands. The kit doesn't know the language: what holds for every one is that nonsense is an
//! error, and that the session goes on.

use tenon_model::Entity;
use tenon_model::contract::{Aftermath, Effect, Error, GeoPoint, Model, PropertyType, Value};
use tenon_runtime::Capability;
use tenon_runtime::direct::Failure;

use super::Check;
use crate::bench::{Bench, PAGE, everything};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::generate::models;
use crate::reference::same_records;
use crate::sequence::{integers, key};
use crate::session::Session;
use crate::show;

/// A check of native commands.
macro_rules! check {
    ($name:literal, $about:literal, $run:expr $(, $more:ident)*) => {
        Check {
            name: $name,
            about: $about,
            needs: &[Capability::Crud, Capability::Native $(, Capability::$more)*],
            writes: true,
            run: $run,
        }
    };
}

pub const CHECKS: &[Check] = &[
    check!(
        "native.execute.nonsense",
        "a command that means nothing is an error, and changes nothing",
        nonsense
    ),
    check!(
        "native.execute.parameters",
        "a command that means nothing is an error whatever its parameters are",
        parameters
    ),
    check!(
        "native.execute.repeated",
        "after many commands that mean nothing the session goes on",
        repeated
    ),
    check!(
        "native.reset",
        "after a command `reset` brings the session back to what it was",
        reset
    ),
    check!(
        "native.transaction",
        "a command that means nothing leaves a transaction as it is, or gives it up and says so",
        transaction,
        Transactions
    ),
    check!(
        "native.transaction.reset",
        "`reset` after a command within a transaction rolls it back",
        reset_in_transaction,
        Transactions
    ),
];

/// Texts that are a command in no language, and that nothing is named like.
fn commands(bench: &Bench<'_>) -> Vec<String> {
    let name = bench.name();
    vec![
        format!("{name} ?!"),
        format!("{name}"),
        format!("]]{name}{{{{ \"'` --"),
        format!("\u{1F600} {name} \u{0}"),
        format!("{name} {}", "(".repeat(2_000)),
    ]
}

/// A collection of two records.
fn filled(bench: &mut Bench<'_>) -> Checked<(Model, Vec<Entity>)> {
    let model = bench.collection(models::with(&[("a", PropertyType::Integer)]))?;
    let records = vec![
        integers(&[("id", 1), ("a", 1)]),
        integers(&[("id", 2), ("a", 2)]),
    ];
    bench.fill(&model, &records)?;
    Ok((model, records))
}

/// Runs a command that means nothing, to the end of its result, and returns its error.
fn refused(session: &mut Session<'_>, command: &str, parameters: &[Value]) -> Checked<Error> {
    let ran = session
        .execute(command, parameters)
        .and_then(|rows| session.read(rows, PAGE));
    let told = |stop: Stop| {
        let command: String = command.chars().take(80).collect();
        stop.after(format!("execute {command:?}"))
    };
    match ran {
        Ok(rows) => Err(told(
            Finding::new("a command that means nothing succeeds")
                .differs("an error", format!("{} rows", rows.len()))
                .into(),
        )),
        Err(Failure::Failed(error)) => {
            ensure(error.effect != Effect::Partial, || {
                Finding::new("a command that means nothing claims to have changed something")
                    .differs("the effect `nothing`", format!("{}: {error}", error.effect))
            })
            .map_err(told)?;
            ensure(error.aftermath != Aftermath::SessionLost, || {
                Finding::new("a command that means nothing costs the session")
                    .differs("the aftermath `usable`", format!("`session-lost`, {error}"))
            })
            .map_err(told)?;
            Ok(error)
        }
        Err(failure) => Err(told(
            Finding::new("a command that means nothing ends the instance")
                .differs("an error", failure)
                .into(),
        )),
    }
}

fn unchanged(session: &mut Session<'_>, model: &str, records: &[Entity], when: &str) -> Checked {
    let stored = everything(session, model).map_err(|stop| stop.after(when))?;
    ensure(same_records(records, &stored), || {
        Finding::new("records aren't as they were after a command that means nothing")
            .differs(show::records(records), show::records(&stored))
            .after(when)
    })
}

/// Whether the session can be used for everything.
fn works(session: &mut Session<'_>, model: &str, when: &str) -> Checked {
    let made = integers(&[("id", 50), ("a", 50)]);
    must("create", session.create(model, made.as_contract())).map_err(|stop| stop.after(when))?;
    let found = must("find", session.find(model, &key(50))).map_err(|stop| stop.after(when))?;
    ensure(found.is_some(), || {
        Finding::new("a record isn't there that was created after a native command").after(when)
    })?;
    must("destroy", session.destroy(model, &key(50))).map_err(|stop| stop.after(when))?;
    must("ping", session.ping()).map_err(|stop| stop.after(when))
}

fn nonsense(bench: &mut Bench<'_>) -> Checked {
    let (model, records) = filled(bench)?;
    for command in commands(bench) {
        let session = bench.session()?;
        refused(session, &command, &[])?;
        unchanged(session, &model.name, &records, "execute nonsense")?;
        works(session, &model.name, "execute nonsense")?;
    }
    let session = bench.session()?;
    // Of an empty command nobody says what it comes to.
    if let Err(failure) = session
        .execute("", &[])
        .and_then(|rows| session.read(rows, PAGE))
    {
        ensure(failure.error().is_some(), || {
            Finding::new("an empty command ends the instance")
                .differs("a result, or an error", failure)
        })?;
    }
    works(session, &model.name, "execute an empty command")
}

fn parameters(bench: &mut Bench<'_>) -> Checked {
    let (model, records) = filled(bench)?;
    let command = format!("{} ? $1 :a", bench.name());
    let point = GeoPoint {
        latitude: 1.0,
        longitude: 2.0,
    };
    let values = vec![
        Value::Null,
        Value::Boolean(true),
        Value::Integer(i64::MIN),
        Value::Float(0.5),
        Value::Decimal("1.50".to_owned()),
        Value::from("'; --"),
        Value::Bytes(vec![0, 255]),
        Value::Timestamp(-1),
        Value::Point(point),
        Value::Json(r#"{"a":[1]}"#.to_owned()),
    ];
    let session = bench.session()?;
    for value in &values {
        refused(session, &command, std::slice::from_ref(value))?;
    }
    refused(session, &command, &values)?;
    let many = vec![Value::Integer(1); 3_000];
    refused(session, &command, &many)?;
    unchanged(
        session,
        &model.name,
        &records,
        "execute nonsense with parameters",
    )?;
    works(session, &model.name, "execute nonsense with parameters")
}

fn repeated(bench: &mut Bench<'_>) -> Checked {
    let (model, records) = filled(bench)?;
    let name = bench.name();
    let session = bench.session()?;
    for number in 0..100 {
        refused(session, &format!("{name} {number} ?!"), &[])?;
    }
    unchanged(
        session,
        &model.name,
        &records,
        "a hundred times: execute nonsense",
    )?;
    works(session, &model.name, "a hundred times: execute nonsense")
}

fn reset(bench: &mut Bench<'_>) -> Checked {
    let (model, records) = filled(bench)?;
    let command = format!("{} ?!", bench.name());
    let session = bench.session()?;
    for _ in 0..3 {
        refused(session, &command, &[])?;
        must("reset", session.reset())?;
        unchanged(session, &model.name, &records, "execute nonsense; reset")?;
        works(session, &model.name, "execute nonsense; reset")?;
    }
    Ok(())
}

fn transaction(bench: &mut Bench<'_>) -> Checked {
    let (model, records) = filled(bench)?;
    let command = format!("{} ?!", bench.name());
    let name = model.name.as_str();
    let session = bench.session()?;
    let made = integers(&[("id", 3), ("a", 3)]);
    must("begin", session.begin(None, false))?;
    must("create", session.create(name, made.as_contract()))?;
    let error = refused(session, &command, &[])?;
    let told = "begin, create 3, execute nonsense";
    if error.aftermath == Aftermath::TransactionLost {
        must("rollback", session.rollback()).map_err(|stop| stop.after(told))?;
        unchanged(session, name, &records, told)?;
        return works(session, name, told);
    }
    let found = must("find", session.find(name, &key(3))).map_err(|stop| stop.after(told))?;
    ensure(found.is_some(), || {
        Finding::new("a command that means nothing has undone a part of the transaction")
            .after(told)
    })?;
    must("commit", session.commit()).map_err(|stop| stop.after(told))?;
    let mut records = records;
    records.push(made);
    unchanged(
        session,
        name,
        &records,
        "begin, create 3, execute nonsense, commit",
    )?;
    works(session, name, told)
}

fn reset_in_transaction(bench: &mut Bench<'_>) -> Checked {
    let (model, records) = filled(bench)?;
    let command = format!("{} ?!", bench.name());
    let name = model.name.as_str();
    let session = bench.session()?;
    let made = integers(&[("id", 3), ("a", 3)]);
    must("begin", session.begin(None, false))?;
    must("create", session.create(name, made.as_contract()))?;
    refused(session, &command, &[])?;
    let told = "begin, create 3, execute nonsense, reset";
    must("reset", session.reset())?;
    unchanged(session, name, &records, told)?;
    works(session, name, told)?;
    ensure(session.commit().is_err(), || {
        Finding::new("a transaction is open after `reset`").after(told)
    })
}
