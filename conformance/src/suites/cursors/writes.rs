//! What is written between two pages of a result.

use crate::finding::{Checked, Stop, must};
use crate::reference::{Reference, key_of};
use crate::session::Session;
use crate::show;
use crate::suites::filters::rich::condition;
use proptest::prelude::*;
use proptest::sample::Index;
use tenon_model::Entity;
use tenon_model::contract::{Comparison, ErrorKind, Filter, Key, Model, Value};
use tenon_runtime::direct::Called;

/// A write.
#[derive(Clone, Debug)]
pub enum Write {
    Create(Entity),
    Save(Which, Entity),
    Change(Which, Entity),
    Destroy(Which),
    Update(Filter, Entity),
    DestroyAll(Filter),
}

/// A record.
#[derive(Clone, Debug)]
pub enum Which {
    /// The one that came last.
    JustCame,
    /// The one that comes next in the key's order after that.
    Next,
    Any(Index),
}

pub fn value() -> impl Strategy<Value = Entity> {
    let number = proptest::option::weighted(0.9, 0..7_i64);
    (number, 0..3_i64, 0..4_i64).prop_map(|(number, text, plain)| {
        Entity::new()
            .with("number", number.map_or(Value::Null, Value::Integer))
            .with("text", format!("text {text}"))
            .with("plain", Value::Integer(plain))
    })
}

pub fn which() -> impl Strategy<Value = Which> {
    prop_oneof![
        Just(Which::JustCame),
        Just(Which::Next),
        any::<Index>().prop_map(Which::Any)
    ]
}

pub fn filter() -> impl Strategy<Value = Filter> {
    use Comparison as C;
    prop_oneof![
        (0..7_i64).prop_map(|number| condition(
            "number",
            &[],
            C::Equal,
            vec![Value::Integer(number)]
        )),
        (0..4_i64).prop_map(|plain| condition("plain", &[], C::Equal, vec![Value::Integer(plain)])),
        (0..40_i64).prop_map(|id| condition("id", &[], C::Greater, vec![Value::Integer(id)])),
        (0..40_i64).prop_map(|id| condition("id", &[], C::Less, vec![Value::Integer(id)])),
    ]
}

/// One of a record's properties, or two.
pub fn change() -> impl Strategy<Value = Entity> {
    (value(), 0..4_usize).prop_map(|(value, which)| {
        let names = [&["number"][..], &["plain"], &["text"], &["number", "plain"]];
        let mut value = value;
        if let Some(names) = names.get(which) {
            value.retain(|name| names.contains(&name));
        }
        value
    })
}

pub fn new() -> impl Strategy<Value = Write> {
    (value(), 0..40_i64).prop_map(|(value, id)| {
        let mut record = Entity::new().with("id", Value::Integer(id));
        record.merge(value);
        Write::Create(record)
    })
}

pub fn any_write() -> BoxedStrategy<Write> {
    prop_oneof![
        2 => new(),
        2 => which().prop_map(Write::Destroy),
        4 => (which(), change()).prop_map(|(which, change)| Write::Change(which, change)),
        1 => (which(), value()).prop_map(|(which, value)| Write::Save(which, value)),
        1 => (filter(), change()).prop_map(|(filter, change)| Write::Update(filter, change)),
        1 => filter().prop_map(Write::DestroyAll),
    ]
    .boxed()
}

/// The key of a record.
pub fn key(which: &Which, reference: &Reference, came: &[Entity]) -> Option<Key> {
    let model = reference.model();
    let last = came.last();
    match which {
        Which::JustCame => last.map(|record| key_of(model, record)),
        Which::Next => {
            let number = |record: &Entity| match record.get("id") {
                Some(Value::Integer(id)) => *id,
                _ => -1,
            };
            let after = last.map_or(-1, number);
            let later = reference
                .records()
                .iter()
                .filter(|record| number(record) > after);
            later
                .min_by_key(|record| number(record))
                .map(|record| key_of(model, record))
        }
        Which::Any(index) => {
            let records = reference.records();
            (!records.is_empty()).then(|| key_of(model, index.get::<Entity>(records)))
        }
    }
}

/// Writes, where the contract allows it; what was done.
pub fn take(
    session: &mut Session<'_>,
    reference: &mut Reference,
    came: &[Entity],
    write: &Write,
) -> Checked<Option<String>> {
    let mut then = reference.clone();
    let model: Model = reference.model().clone();
    let name = model.name.as_str();
    let (step, allowed, called): (String, _, Called<()>) = match write {
        Write::Create(record) => {
            let allowed = then.create(record.clone()).is_ok();
            let called = if allowed {
                session.create(name, record.as_contract()).map(drop)
            } else {
                Ok(())
            };
            (format!("create {}", show::record(record)), allowed, called)
        }
        Write::Save(which, data) => {
            let Some(id) = key(which, reference, came) else {
                return Ok(None);
            };
            let mut record: Entity =
                Entity::new().with("id", id.first().cloned().unwrap_or_default());
            record.merge(data.clone());
            let allowed = then.save(record.clone()).is_ok();
            let called = if allowed {
                session.save(name, record.as_contract()).map(drop)
            } else {
                Ok(())
            };
            (format!("save {}", show::record(&record)), allowed, called)
        }
        Write::Change(which, data) => {
            let Some(id) = key(which, reference, came) else {
                return Ok(None);
            };
            let allowed = then.update_attributes(&id, data.clone()).is_ok();
            let called = if allowed {
                session
                    .update_attributes(name, &id, data.as_contract())
                    .map(drop)
            } else {
                Ok(())
            };
            (
                format!(
                    "update-attributes {} with {}",
                    show::key(&id),
                    show::record(data)
                ),
                allowed,
                called,
            )
        }
        Write::Destroy(which) => {
            let Some(id) = key(which, reference, came) else {
                return Ok(None);
            };
            let allowed = then.destroy(&id);
            let called = if allowed {
                session.destroy(name, &id).map(drop)
            } else {
                Ok(())
            };
            (format!("destroy {}", show::key(&id)), allowed, called)
        }
        Write::Update(filter, data) => {
            let allowed = then.update(filter, data).is_ok();
            let called = session.update(name, filter, data.as_contract()).map(drop);
            (
                format!(
                    "update {} with {}",
                    show::filter(filter),
                    show::record(data)
                ),
                allowed,
                called,
            )
        }
        Write::DestroyAll(filter) => {
            let allowed = then.destroy_all(filter).is_ok();
            let called = session.destroy_all(name, filter).map(drop);
            (
                format!("destroy-all {}", show::filter(filter)),
                allowed,
                called,
            )
        }
    };
    if !allowed {
        return Ok(None);
    }
    match called {
        // A backend may make a writer wait for the readers, and have it try again.
        Err(failure)
            if matches!(
                failure.kind(),
                Some(
                    ErrorKind::Unsupported
                        | ErrorKind::Conflict
                        | ErrorKind::Timeout
                        | ErrorKind::Unavailable
                        | ErrorKind::Exhausted
                )
            ) =>
        {
            Ok(None)
        }
        called => {
            must("a write between two pages", called).map_err(|stop: Stop| stop.after(&step))?;
            *reference = then;
            Ok(Some(step))
        }
    }
}
