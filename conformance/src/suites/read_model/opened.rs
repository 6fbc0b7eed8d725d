//! An open read model, as the checks use it.

use tenon_model::contract::{Done, ErrorKind, Filter, PropertyType, Query, Value};
use tenon_model::{Entity, Filter as Tree};
use tenon_runtime::direct::{Called, Edit, Failure, OpenRows, OpenStore, Table, TableIndex};

use crate::bench::{Bench, PAGE};
use crate::finding::{Checked, Finding, Stop, ensure, must};
use crate::session::Session;
use crate::show;

/// An open read model.
pub struct Opened<'b, 'k> {
    pub session: &'b mut Session<'k>,
    pub store: OpenStore,
    pub name: String,
}

/// Opens a read model in the check's session.
pub fn open<'b, 'k>(bench: &'b mut Bench<'k>, name: &str) -> Checked<Opened<'b, 'k>> {
    open_in(bench.session()?, name)
}

/// Opens a read model in a session.
pub fn open_in<'b, 'k>(session: &'b mut Session<'k>, name: &str) -> Checked<Opened<'b, 'k>> {
    let store = must("read-model.connect", session.open_store(name))
        .map_err(|stop| stop.after(format!("connect {name:?}")))?;
    Ok(Opened {
        session,
        store,
        name: name.to_owned(),
    })
}

/// A new read model, which is dropped after the check.
pub fn fresh<'b, 'k>(bench: &'b mut Bench<'k>) -> Checked<Opened<'b, 'k>> {
    let name = bench.read_model();
    open(bench, &name)
}

/// What a function returned that a connector may not have: it is skipped then.
pub fn or_skip<T>(what: &str, called: Called<T>, reason: &str) -> Checked<T> {
    match called {
        Err(failure) if is_unsupported(&failure) => Err(Stop::skipped(reason)),
        called => must(what, called),
    }
}

pub fn is_unsupported(failure: &Failure) -> bool {
    failure.kind() == Some(ErrorKind::Unsupported)
}

/// A call that must fail did, with one of these kinds, and says that nothing has changed.
pub fn refused<T>(what: &str, called: Called<T>, kinds: &[ErrorKind], rule: &str) -> Checked {
    let names: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
    let expected = format!("the error {}", names.join(" or "));
    let failure = match called {
        Ok(_) => {
            return Err(
                Finding::new(format!("`{what}` works where it has to fail: {rule}"))
                    .differs(expected, "no error")
                    .into(),
            );
        }
        Err(failure) => failure,
    };
    ensure(
        failure.kind().is_some_and(|kind| kinds.contains(&kind)),
        || {
            Finding::new(format!("`{what}` fails with another kind of error: {rule}"))
                .differs(expected, &failure)
        },
    )?;
    use tenon_model::contract::{Aftermath, Effect};
    let said = failure.error().map(|error| (error.effect, error.aftermath));
    ensure(
        said.is_none_or(|(effect, aftermath)| {
            effect == Effect::Nothing && aftermath == Aftermath::Usable
        }),
        || {
            Finding::new(format!(
                "`{what}` refuses, and says that something has changed, or that the session is lost"
            ))
            .differs(
                "the effect `nothing`, and a session that goes on",
                format!("{said:?}"),
            )
        },
    )
}

impl Opened<'_, '_> {
    pub fn get(&mut self) -> Called<Option<String>> {
        self.session.get_state(self.store)
    }

    pub fn set(&mut self, state: &str) -> Called<()> {
        self.session.set_state(self.store, state)
    }

    pub fn define(&mut self, table: &Table) -> Called<()> {
        self.session.define_table(self.store, table)
    }

    pub fn insert(&mut self, table: &str, document: &Entity) -> Called<()> {
        let document = document.as_contract();
        self.session.insert_document(self.store, table, document)
    }

    pub fn update(
        &mut self,
        table: &str,
        filter: &Filter,
        edits: &[Edit],
        upsert: bool,
    ) -> Called<u64> {
        self.session
            .update_documents(self.store, table, filter, edits, upsert)
    }

    pub fn delete(&mut self, table: &str, filter: &Filter) -> Called<u64> {
        self.session.delete_documents(self.store, table, filter)
    }

    pub fn count(&mut self, table: &str, filter: &Filter) -> Called<u64> {
        self.session.count_documents(self.store, table, filter)
    }

    pub fn find(&mut self, table: &str, query: &Query) -> Called<(OpenRows, Done)> {
        self.session.find_documents(self.store, table, query)
    }

    /// Defines a table, or skips the check where there are none.
    pub fn with_table(mut self, table: &Table) -> Checked<Self> {
        or_skip("define-table", self.define(table), "it keeps no tables")?;
        Ok(self)
    }

    /// Sets the state, or skips the check where there is none.
    pub fn with_state(mut self, state: &str) -> Checked<Self> {
        or_skip("set", self.set(state), "it keeps no states")
            .map_err(|stop| stop.after(format!("set {state}")))?;
        Ok(self)
    }

    /// Inserts documents that have to be taken.
    pub fn fill(&mut self, table: &str, documents: &[Entity]) -> Checked {
        for document in documents {
            must("insert", self.insert(table, document))
                .map_err(|stop| stop.after(format!("insert {}", show::record(document))))?;
        }
        Ok(())
    }

    /// Every document of a table.
    pub fn everything(&mut self, table: &str) -> Checked<Vec<Entity>> {
        let (rows, _) = must("find", self.find(table, &Query::default()))?;
        must("next", self.session.read(rows, PAGE))
    }

    /// The table has these documents and no other.
    pub fn has(&mut self, table: &str, documents: &[Entity], message: &str) -> Checked {
        let seen = self.everything(table)?;
        ensure(same_documents(documents, &seen), || {
            Finding::new(message).differs(show::records(documents), show::records(&seen))
        })
    }

    /// The state is this one, by structure.
    pub fn has_state(&mut self, state: Option<&str>, message: &str) -> Checked {
        let seen = must("get", self.get())?;
        ensure(same_state(state, seen.as_deref()), || {
            Finding::new(message).differs(shown_state(state), shown_state(seen.as_deref()))
        })
    }

    pub fn close(self) -> Checked {
        must(
            "read-model.disconnect",
            self.session.close_store(self.store, &self.name),
        )
    }
}

/// Whether two states are the same JSON.
pub fn same_state(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            let as_value = |text: &str| Value::Json(text.to_owned());
            tenon_model::equal(&as_value(one), &as_value(other))
        }
        _ => false,
    }
}

fn shown_state(state: Option<&str>) -> String {
    match state {
        None => "no state".to_owned(),
        Some(state) => show::value(&Value::Json(state.to_owned())),
    }
}

/// The field that is indexed as a number: any case of number will do for it.
pub const NUMBER: &str = "score";

/// Whether two documents have the same fields, with the same values in the same cases.
pub fn same_document(one: &Entity, other: &Entity) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, value)| {
            other.get(name).is_some_and(|other| {
                if name == NUMBER {
                    tenon_model::equal(value, other)
                } else {
                    crate::reference::same_value(value, other)
                }
            })
        })
}

/// Whether two lists have the same documents, in whatever order.
pub fn same_documents(ones: &[Entity], others: &[Entity]) -> bool {
    let mut left: Vec<&Entity> = others.iter().collect();
    ones.len() == others.len()
        && ones.iter().all(|one| {
            let place = left.iter().position(|other| same_document(one, other));
            place.map(|place| left.swap_remove(place)).is_some()
        })
}

/// The table that most checks use.
pub const TABLE: &str = "players";

/// A table with a text as its key, a number, and these fields.
pub fn table(name: &str, fields: &[&str]) -> Table {
    let index = |field: &str, kind| TableIndex {
        field: field.to_owned(),
        kind,
    };
    Table {
        name: name.to_owned(),
        indexes: vec![
            index("id", PropertyType::Text),
            index(NUMBER, PropertyType::Decimal),
        ],
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    }
}

/// A document of that table.
pub fn player(id: &str, score: i64) -> Entity {
    Entity::new().with("id", id).with(NUMBER, score)
}

/// The filter that wants a field to be that value.
pub fn equal(field: &str, value: impl Into<Value>) -> Filter {
    Tree::equal(field, value).to_nodes()
}

/// An edit, in a form that a person reads.
pub fn shown_edit(edit: &Edit) -> String {
    match edit {
        Edit::Set((path, value)) => format!("set {} to {}", path.join("."), show::value(value)),
        Edit::Unset(path) => format!("unset {}", path.join(".")),
        Edit::Increment((path, value)) => {
            format!("increment {} by {}", path.join("."), show::value(value))
        }
    }
}

/// A call of `update`, in a form that a person reads.
pub fn shown_update(filter: &Filter, edits: &[Edit], upsert: bool) -> String {
    let edits: Vec<String> = edits.iter().map(shown_edit).collect();
    let upsert = if upsert { ", with `upsert`" } else { "" };
    format!(
        "update where {}: {}{upsert}",
        show::filter(filter),
        edits.join("; ")
    )
}

/// The steps of a path.
pub fn path(text: &str) -> Vec<String> {
    text.split('.').map(str::to_owned).collect()
}

/// A store has one of the two, whole.
pub fn either(bench: &mut Bench<'_>) -> Checked {
    let mut store = fresh(bench)?;
    let has = |called: Result<(), Failure>, what: &str| match called {
        Err(failure) if is_unsupported(&failure) => Ok(false),
        called => must(what, called).map(|()| true),
    };
    let got = store.get().map(drop);
    let reads = has(got, "get")?;
    let writes = has(store.set("{}"), "set")?;
    ensure(reads == writes, || {
        let missing = if reads { "set" } else { "get" };
        Finding::new(format!(
            "a state can be read and replaced, or neither: `{missing}` alone is `unsupported`"
        ))
    })?;
    let tables = has(store.define(&table(TABLE, &["name"])), "define-table")?;
    ensure(reads || tables, || {
        Finding::new("a store has neither a state nor tables").differs(
            "`get` and `set`, or `define-table`",
            "`unsupported` for all of them",
        )
    })?;
    if tables {
        must("insert", store.insert(TABLE, &player("a", 1)))?;
        store.has(
            TABLE,
            &[player("a", 1)],
            "the only document is not found as it was inserted",
        )?;
    }
    store.close()
}
