//! Dropping a read model: its data are gone, and nobody else's.

use super::locks::free;
use super::opened::{TABLE, fresh, is_unsupported, open, player, table};
use super::state::{may_refuse, similar};
use crate::bench::{Bench, end};
use crate::finding::{Checked, Finding, Stop, ensure, must};

pub fn dropped(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let pooled = bench.subject().is_pooled();
    for round in 0..3 {
        let told = |stop: Stop| stop.after(format!("it was dropped {round} times before"));
        let mut store = open(bench, &name).map_err(told)?;
        let mut has_state = false;
        match store.get() {
            Err(failure) if is_unsupported(&failure) => {}
            state => {
                let state = must("get", state)?;
                ensure(state.is_none(), || {
                    Finding::new("a dropped read model still has its state")
                        .differs("no state", state.unwrap_or_default())
                })
                .map_err(told)?;
                has_state = true;
                must("set", store.set(r#"{"position":1}"#))?;
            }
        }
        for name in [TABLE, "others"] {
            match store.define(&table(name, &["name"])) {
                Err(failure) if is_unsupported(&failure) => break,
                defined => must("define-table", defined)
                    .map_err(|stop| told(stop.after("a dropped read model has no tables")))?,
            }
            store
                .has(name, &[], "a dropped read model still has its documents")
                .map_err(told)?;
            store.fill(name, &[player("a", 1), player("b", 2)])?;
        }
        if round == 1 {
            // What was stored is dropped too where it was stored by another use.
            store.close()?;
            store = open(bench, &name)?;
            if has_state {
                store.has_state(Some(r#"{"position":1}"#), "a state is gone")?;
            }
        }
        must(
            "read-model.drop",
            store.session.drop_store(store.store, &name),
        )?;
        must(
            "read-model.disconnect",
            store.session.close_store(store.store, &name),
        )
        .map_err(|stop| stop.after("drop; only `disconnect` may follow it"))?;
        if pooled {
            let mut another = bench.another()?;
            free(
                &mut another,
                &name,
                "a dropped read model can't be opened in another session",
            )?;
            end(another);
        }
    }
    Ok(())
}

pub fn dropped_alone(bench: &mut Bench<'_>) -> Checked {
    let base = bench.read_model();
    let names = similar(bench, &base);
    let mut kept = Vec::new();
    for name in names {
        match bench.session()?.open_store(&name) {
            Err(failure) if may_refuse(&name, &failure) => {}
            Err(failure) => return must("read-model.connect", Err(failure)),
            Ok(store) => {
                let session = bench.session()?;
                let state = serde_json::Value::from(name.as_str()).to_string();
                let set = session.set_state(store, &state);
                let has_state = !set.as_ref().is_err_and(is_unsupported);
                if has_state {
                    must("set", set)?;
                }
                let defined = session.define_table(store, &table(TABLE, &["name"]));
                let has_table = !defined.as_ref().is_err_and(is_unsupported);
                if has_table {
                    must("define-table", defined)?;
                    let document = player("a", 1).with("name", name.as_str());
                    let inserted = session.insert_document(store, TABLE, document.as_contract());
                    must("insert", inserted)?;
                }
                must("read-model.disconnect", session.close_store(store, &name))?;
                kept.push((name, state, has_state, has_table));
            }
        }
    }
    let store = open(bench, &base)?;
    must(
        "read-model.drop",
        store.session.drop_store(store.store, &base),
    )?;
    store.close()?;
    for (name, state, has_state, has_table) in kept.into_iter().skip(1) {
        let told = |stop: Stop| {
            stop.after(format!(
                "the read model is {name:?}, and {base:?} was dropped"
            ))
        };
        let mut store = open(bench, &name)?;
        let message = "dropping a read model changes another one";
        if has_state {
            store.has_state(Some(&state), message).map_err(told)?;
        }
        if has_table {
            let document = player("a", 1).with("name", name.as_str());
            store.has(TABLE, &[document], message).map_err(told)?;
        }
        store.close()?;
    }
    // Nothing to remove is no error.
    let store = fresh(bench)?;
    must(
        "read-model.drop",
        store.session.drop_store(store.store, &store.name),
    )
    .map_err(|stop| stop.after("nothing was ever stored in it"))?;
    store.close()
}
