//! Tables: defining them, and what belongs to which.

use tenon_model::Entity;
use tenon_model::contract::{ErrorKind, Query, SortKey, Value};
use tenon_runtime::direct::Edit;

use super::opened::{
    NUMBER, TABLE, equal, fresh, is_unsupported, open, path, player, refused, table,
};
use crate::bench::Bench;
use crate::finding::{Checked, Stop, must};

pub fn defined(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let mut store = open(bench, &name)?.with_table(&table(TABLE, &["name"]))?;
    store.has(TABLE, &[], "a table that was just defined has documents")?;
    let mut documents = vec![player("a", 1), player("b", 2).with("name", "B")];
    store.fill(TABLE, &documents)?;
    let rule = "there is such a table";
    // The same once more, another definition of it, and the same after a while.
    for again in [table(TABLE, &["name"]), table(TABLE, &["other"])] {
        refused(
            "define-table",
            store.define(&again),
            &[ErrorKind::Duplicate],
            rule,
        )?;
        store.has(
            TABLE,
            &documents,
            "a table that was defined twice has lost or changed its documents",
        )?;
    }
    // It is the first definition that counts.
    store.fill(TABLE, &[player("c", 3).with("name", "C")])?;
    documents.push(player("c", 3).with("name", "C"));
    store.close()?;
    let mut store = open(bench, &name)?;
    let again = store.define(&table(TABLE, &["name"]));
    refused("define-table", again, &[ErrorKind::Duplicate], rule)
        .map_err(|stop| stop.after("define-table, disconnect, connect, define-table"))?;
    store.has(
        TABLE,
        &documents,
        "a table that was defined twice has lost or changed its documents",
    )?;
    store.close()
}

pub fn unknown(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, &["name"]))?;
    store.fill(TABLE, &[player("a", 1)])?;
    let rule = "there is no table of that name";
    let kinds = &[ErrorKind::NotFound];
    for other in ["nobodies", "Players", "player", "playerss"] {
        let told = |stop: Stop| stop.after(format!("the table is {other:?}"));
        refused("insert", store.insert(other, &player("b", 1)), kinds, rule).map_err(told)?;
        let found = store.find(other, &Query::default()).map(drop);
        refused("find", found, kinds, rule).map_err(told)?;
        let set = [Edit::Set((path("name"), Value::from("x")))];
        for (what, called) in [
            ("count", store.count(other, &Vec::new())),
            ("delete", store.delete(other, &Vec::new())),
            ("update", store.update(other, &Vec::new(), &set, false)),
            ("update", store.update(other, &equal("id", "a"), &set, true)),
        ] {
            if !called.as_ref().is_err_and(is_unsupported) {
                refused(what, called, kinds, rule).map_err(told)?;
            }
        }
    }
    store.has(
        TABLE,
        &[player("a", 1)],
        "a table has changed by calls about tables that aren't there",
    )?;
    store.close()
}

pub fn apart(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, &["name"]))?;
    let has_state = store.set(r#"{"position":1}"#).is_ok();
    let names = ["players-2", "players_2", "Players", "player", "spieler ä"];
    let mut tables = vec![(TABLE, vec![player("a", 0)])];
    for (number, name) in (1..).zip(names) {
        match store.define(&table(name, &["name"])) {
            Ok(()) => tables.push((name, vec![player("a", number), player(name, 10)])),
            // Not every backend has such names.
            Err(failure) if failure.kind() == Some(ErrorKind::Invalid) => {}
            Err(failure) => return must("define-table", Err(failure)),
        }
    }
    for (name, documents) in &tables {
        store.fill(name, documents)?;
    }
    let message = "tables of one store have each other's documents";
    for (name, documents) in &tables {
        store
            .has(name, documents, message)
            .map_err(|stop| stop.after(format!("the table is {name:?}")))?;
    }
    if has_state {
        let message = "tables and the state of one store get in each other's way";
        store.has_state(Some(r#"{"position":1}"#), message)?;
        must("set", store.set("[2]"))?;
        store.has(TABLE, &[player("a", 0)], message)?;
    }
    // Deleting in one leaves the others.
    match store.delete(TABLE, &Vec::new()) {
        Err(failure) if is_unsupported(&failure) => {}
        deleted => {
            must("delete", deleted)?;
            for (name, documents) in tables.iter().skip(1) {
                store.has(name, documents, message)?;
            }
            if has_state {
                store.has_state(
                    Some("[2]"),
                    "deleting a table's documents changes the state",
                )?;
            }
        }
    }
    store.close()?;
    // So do tables of one name in two read models.
    let (one, other) = (bench.read_model(), bench.read_model());
    for (name, id) in [(&one, "one"), (&other, "other")] {
        let mut store = open(bench, name)?.with_table(&table(TABLE, &["name"]))?;
        store.fill(TABLE, &[player(id, 1)])?;
        store.close()?;
    }
    for (name, id) in [(&one, "one"), (&other, "other")] {
        let mut store = open(bench, name)?;
        store.has(TABLE, &[player(id, 1)], "two read models share a table")?;
        store.close()?;
    }
    Ok(())
}

pub fn reopened(bench: &mut Bench<'_>) -> Checked {
    let name = bench.read_model();
    let mut store = open(bench, &name)?.with_table(&table(TABLE, &["name", "more"]))?;
    let documents = [
        player("a", 1).with("more", Value::Json(r#"{"n":[1,2]}"#.into())),
        player("b", 2).with("name", Value::Null),
        Entity::new().with("id", "c"),
        player("d", 4).with("more", Value::Decimal("0.10".into())),
    ];
    store.fill(TABLE, &documents)?;
    store.close()?;
    let message = "documents are gone, or others, after";
    let mut store = open(bench, &name)?;
    store.has(
        TABLE,
        &documents,
        &format!("{message} the read model was closed and opened"),
    )?;
    store.close()?;
    let session = bench.session()?;
    must("disconnect", session.disconnect())?;
    must("connect", session.connect())?;
    let mut store = open(bench, &name)?;
    store.has(
        TABLE,
        &documents,
        &format!("{message} `lifecycle.disconnect` and `connect`"),
    )?;
    store.fill(TABLE, &[player("e", 5)])?;
    store.close()?;
    if bench.subject().is_pooled() {
        let mut other = bench.another()?;
        let mut store = super::opened::open_in(&mut other, &name)?;
        let mut all = documents.to_vec();
        all.push(player("e", 5));
        store.has(
            TABLE,
            &all,
            &format!("{message} another session has opened it"),
        )?;
        store.close()?;
        crate::bench::end(other);
    }
    Ok(())
}

pub fn fields(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?.with_table(&table(TABLE, &["name", "more"]))?;
    let documents = [player("a", 1).with("name", "A"), player("b", 2)];
    store.fill(TABLE, &documents)?;
    let rule = "a field that the table doesn't have is `invalid`";
    let kinds = &[ErrorKind::Invalid];
    let told = |where_: &str| {
        let step = format!("the field is {where_}");
        move |stop: Stop| stop.after(step.clone())
    };
    let wide = player("c", 3).with("shoe", 44_i64);
    refused("insert", store.insert(TABLE, &wide), kinds, rule).map_err(told("in the document"))?;
    let sort = SortKey {
        property: "shoe".to_owned(),
        path: Vec::new(),
        descending: false,
    };
    let queries = [
        (
            "in the filter",
            Query {
                filter: equal("shoe", 1_i64),
                ..Query::default()
            },
        ),
        (
            "in the filter, beside another",
            Query {
                filter: vec_or("a"),
                ..Query::default()
            },
        ),
        (
            "in the order",
            Query {
                order: vec![sort],
                ..Query::default()
            },
        ),
        (
            "in the fields",
            Query {
                fields: vec!["id".into(), "shoe".into()],
                ..Query::default()
            },
        ),
    ];
    for (place, query) in queries {
        let found = store.find(TABLE, &query).map(drop);
        refused("find", found, kinds, rule).map_err(told(place))?;
    }
    let increment = |text: &str| [Edit::Increment((path(text), Value::Integer(1)))];
    let set = |text: &str| [Edit::Set((path(text), Value::Integer(1)))];
    let unset = |text: &str| [Edit::Unset(path(text))];
    let unknown = || equal("shoe", 44_i64);
    let all = Vec::new();
    let calls = [
        ("count", "in the filter", store.count(TABLE, &unknown())),
        ("delete", "in the filter", store.delete(TABLE, &unknown())),
        (
            "delete",
            "in the filter, beside another",
            store.delete(TABLE, &vec_or("a")),
        ),
        (
            "update",
            "in the filter",
            store.update(TABLE, &unknown(), &set(NUMBER), false),
        ),
        (
            "update",
            "in the filter",
            store.update(TABLE, &unknown(), &set("id"), true),
        ),
        (
            "update",
            "in a `set`",
            store.update(TABLE, &all, &set("shoe"), false),
        ),
        (
            "update",
            "in a `set`",
            store.update(TABLE, &all, &set("shoe.size"), false),
        ),
        (
            "update",
            "in an `increment`",
            store.update(TABLE, &all, &increment("shoe"), false),
        ),
        (
            "update",
            "in an `unset`",
            store.update(TABLE, &all, &unset("shoe"), false),
        ),
        (
            "update",
            "in the `set` of an upsert",
            store.update(TABLE, &equal("id", "z"), &set("shoe"), true),
        ),
    ];
    for (what, place, called) in calls {
        if !called.as_ref().is_err_and(is_unsupported) {
            refused(what, called, kinds, rule).map_err(told(place))?;
        }
    }
    store.has(
        TABLE,
        &documents,
        "documents have changed by calls that were refused",
    )?;
    store.close()
}

/// A filter that matches a document, and asks for a field that isn't there.
fn vec_or(id: &str) -> tenon_model::contract::Filter {
    tenon_model::Filter::AnyOf(vec![
        tenon_model::Filter::equal("id", id),
        tenon_model::Filter::equal("shoe", 44_i64),
    ])
    .to_nodes()
}
