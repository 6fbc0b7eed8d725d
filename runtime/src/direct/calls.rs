//! The functions of `lifecycle`, `crud`, `upsert` and `transactions`, as an instance has them.

use std::future::Future;

use tenon_model::contract::{self, Done, Entity, Filter, Key, Model, Page, Query};
use wasmtime::component::ResourceAny;

use super::{Called, Failure, Instance, OpenRows, RowsOf};
use crate::bindings::exports::tenon::connector::{lifecycle as wit_lifecycle, transactions as wit};
use crate::capability::Capability;
use crate::error::printable;
use crate::session::{Ended, Isolation, bounded};

/// Declares functions of an interface that take an instance and their arguments, and return what the contract says.
macro_rules! calls {
    ($field:ident = $capability:ident: $(
        $(#[$meta:meta])*
        $name:ident($($argument:ident: $type:ty),*) -> $output:ty = $function:literal, $call:ident;
    )+) => {
        impl Instance {
            $(
                $(#[$meta])*
                ///
                /// # Errors
                /// How the call failed.
                pub async fn $name(&mut self, $($argument: $type),*) -> Called<$output> {
                    self.lives()?;
                    let Some(interface) = &self.interfaces.$field else {
                        return Err(Failure::Missing(Capability::$capability));
                    };
                    let call = interface.$call(&mut self.store, $($argument),*);
                    let ended = bounded(self.call_timeout, call).await;
                    self.settle($function, ended)
                }
            )+
        }
    };
}
pub(super) use calls;

calls! { crud = Crud:
    /// `crud.create`.
    create(model: &str, data: &Entity) -> Entity = "create", call_create;
    /// `crud.create-all`.
    create_all(model: &str, data: &[Entity]) -> Vec<Entity> = "create-all", call_create_all;
    /// `crud.save`.
    save(model: &str, data: &Entity) -> Entity = "save", call_save;
    /// `crud.exists`.
    exists(model: &str, id: &Key) -> bool = "exists", call_exists;
    /// `crud.find`.
    find(model: &str, id: &Key) -> Option<Entity> = "find", call_find;
    /// `crud.count`.
    count(model: &str, filter: &Filter) -> u64 = "count", call_count;
    /// `crud.update-attributes`.
    update_attributes(model: &str, id: &Key, data: &Entity) -> Entity = "update-attributes", call_update_attributes;
    /// `crud.update`.
    update(model: &str, filter: &Filter, data: &Entity) -> u64 = "update", call_update;
    /// `crud.destroy`.
    destroy(model: &str, id: &Key) -> bool = "destroy", call_destroy;
    /// `crud.destroy-all`.
    destroy_all(model: &str, filter: &Filter) -> u64 = "destroy-all", call_destroy_all;
}

/// Declares functions of `upsert`, whose outcome is a record and whether it is new.
macro_rules! upserts {
    ($($(#[$meta:meta])* $name:ident($by:ident: $type:ty) = $function:literal, $call:ident;)+) => {
        impl Instance {
            $(
                $(#[$meta])*
                /// The record as it is now, and whether it is new.
                ///
                /// # Errors
                /// How the call failed.
                pub async fn $name(&mut self, model: &str, $by: $type, data: &Entity) -> Called<(Entity, bool)> {
                    self.lives()?;
                    let Some(upsert) = &self.interfaces.upsert else {
                        return Err(Failure::Missing(Capability::Upsert));
                    };
                    let call = upsert.$call(&mut self.store, model, $by, data);
                    let ended = bounded(self.call_timeout, call).await;
                    let outcome = self.settle($function, ended)?;
                    Ok((outcome.entity, outcome.created))
                }
            )+
        }
    };
}

upserts! {
    /// `upsert.update-or-create`.
    update_or_create(by: &[String]) = "update-or-create", call_update_or_create;
    /// `upsert.replace-or-create`.
    replace_or_create(by: &[String]) = "replace-or-create", call_replace_or_create;
    /// `upsert.find-or-create`.
    find_or_create(filter: &Filter) = "find-or-create", call_find_or_create;
    /// `upsert.upsert-where`.
    upsert_where(filter: &Filter) = "upsert-where", call_upsert_where;
}

calls! { transactions = Transactions:
    /// `transactions.commit`.
    commit() -> () = "commit", call_commit;
    /// `transactions.rollback`.
    rollback() -> () = "rollback", call_rollback;
}

/// Declares functions of `lifecycle`, which every connector has.
macro_rules! lifecycle {
    ($($(#[$meta:meta])* $name:ident($($argument:ident: $type:ty),*) = $function:literal, $call:ident;)+) => {
        impl Instance {
            $(
                $(#[$meta])*
                ///
                /// # Errors
                /// How the call failed.
                pub async fn $name(&mut self, $($argument: $type),*) -> Called<()> {
                    self.lives()?;
                    let call = self.lifecycle.$call(&mut self.store, $($argument),*);
                    let ended = bounded(self.call_timeout, call).await;
                    self.settle($function, ended)
                }
            )+
        }
    };
}

lifecycle! {
    /// `lifecycle.connect`.
    connect() = "connect", call_connect;
    /// `lifecycle.define`.
    define(model: &Model) = "define", call_define;
    /// `lifecycle.ping`.
    ping() = "ping", call_ping;
    /// `lifecycle.reset`.
    reset() = "reset", call_reset;
    /// `lifecycle.disconnect`.
    disconnect() = "disconnect", call_disconnect;
}

impl Instance {
    /// `lifecycle.describe`, in the words that the contract has for it: name, version, sharing, interleaving, the kind
    /// of the generated key, whether undeclared properties are kept, and the settings' schema.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn describe(&mut self) -> Called<Described> {
        self.lives()?;
        let call = self.lifecycle.call_describe(&mut self.store);
        let ended = bounded(self.call_timeout, without_error(call)).await;
        self.settle("describe", ended)
    }

    /// `lifecycle.initialize`, with the data source's settings and limits.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn initialize(&mut self) -> Called<()> {
        self.lives()?;
        let call = self
            .lifecycle
            .call_initialize(&mut self.store, &self.settings, &self.limits);
        let ended = bounded(self.call_timeout, call).await;
        self.settle("initialize", ended)
    }

    /// `lifecycle.dispose`. Nothing may be called after it.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn dispose(&mut self) -> Called<()> {
        self.lives()?;
        let call = self.lifecycle.call_dispose(&mut self.store);
        let ended = bounded(self.call_timeout, without_error(call)).await;
        self.settle("dispose", ended)
    }

    /// `crud.all`: the rows, and what was done of the query.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn all(&mut self, model: &str, query: &Query) -> Called<(OpenRows, Done)> {
        self.lives()?;
        let Some(crud) = &self.interfaces.crud else {
            return Err(Failure::Missing(Capability::Crud));
        };
        let call = crud.call_all(&mut self.store, model, query);
        let ended = bounded(self.call_timeout, call).await;
        let answer = self.settle("all", ended)?;
        Ok((OpenRows::new(RowsOf::Crud, answer.rows), answer.done))
    }

    /// `transactions.begin`.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn begin(&mut self, isolation: Option<Isolation>, read_only: bool) -> Called<()> {
        self.lives()?;
        let Some(transactions) = &self.interfaces.transactions else {
            return Err(Failure::Missing(Capability::Transactions));
        };
        let options = wit::Options {
            isolation: isolation.map(Into::into),
            read_only,
        };
        let call = transactions.call_begin(&mut self.store, options);
        let ended = bounded(self.call_timeout, call).await;
        self.settle("begin", ended)
    }

    /// The next rows of a result, at most `max`; none at its end.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn next(&mut self, rows: OpenRows, max: u32) -> Called<Option<Page>> {
        self.lives()?;
        let (store, resource, limit) = (&mut self.store, rows.resource, self.call_timeout);
        let ended = match rows.of {
            RowsOf::Crud => {
                let Some(crud) = &self.interfaces.crud else {
                    return Err(Failure::Missing(Capability::Crud));
                };
                let cursors = crud.cursor();
                bounded(limit, cursors.call_next(store, resource, max)).await
            }
            RowsOf::Native => {
                let Some(native) = &self.interfaces.native else {
                    return Err(Failure::Missing(Capability::Native));
                };
                let results = native.rows();
                bounded(limit, results.call_next(store, resource, max)).await
            }
            RowsOf::Aggregates => {
                let Some(aggregates) = &self.interfaces.aggregates else {
                    return Err(Failure::Missing(Capability::Aggregates));
                };
                let groups = aggregates.groups();
                bounded(limit, groups.call_next(store, resource, max)).await
            }
            RowsOf::ReadModel => {
                let Some(read_model) = &self.interfaces.read_model else {
                    return Err(Failure::Missing(Capability::ReadModel));
                };
                let documents = read_model.documents();
                bounded(limit, documents.call_next(store, resource, max)).await
            }
        };
        self.settle("next", ended)
    }

    /// Closes a result. It is there until it is [let go of](Self::let_go).
    ///
    /// # Errors
    /// How the call failed.
    pub async fn close(&mut self, rows: OpenRows) -> Called<()> {
        self.lives()?;
        let (store, resource, limit) = (&mut self.store, rows.resource, self.call_timeout);
        let ended = match rows.of {
            RowsOf::Crud => {
                let Some(crud) = &self.interfaces.crud else {
                    return Err(Failure::Missing(Capability::Crud));
                };
                let cursors = crud.cursor();
                bounded(limit, cursors.call_close(store, resource)).await
            }
            RowsOf::Native => {
                let Some(native) = &self.interfaces.native else {
                    return Err(Failure::Missing(Capability::Native));
                };
                let results = native.rows();
                bounded(limit, results.call_close(store, resource)).await
            }
            RowsOf::Aggregates => {
                let Some(aggregates) = &self.interfaces.aggregates else {
                    return Err(Failure::Missing(Capability::Aggregates));
                };
                let groups = aggregates.groups();
                bounded(limit, groups.call_close(store, resource)).await
            }
            RowsOf::ReadModel => {
                let Some(read_model) = &self.interfaces.read_model else {
                    return Err(Failure::Missing(Capability::ReadModel));
                };
                let documents = read_model.documents();
                bounded(limit, documents.call_close(store, resource)).await
            }
        };
        self.settle("close", ended)
    }

    /// Lets go of a result, closed or not, as a language with destructors does.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn let_go(&mut self, rows: OpenRows) -> Called<()> {
        self.let_go_of(rows.resource).await
    }

    pub(super) async fn let_go_of(&mut self, resource: ResourceAny) -> Called<()> {
        self.lives()?;
        let dropping = resource.resource_drop_async(&mut self.store);
        let ended = bounded(self.call_timeout, without_error(dropping)).await;
        self.settle("drop", ended)
    }

    /// Whether anything can be called here.
    pub(super) fn lives(&self) -> Called<()> {
        match &self.gone {
            Some(failure) => Err(failure.clone()),
            None => Ok(()),
        }
    }

    /// The linear memory that the instance has, in bytes.
    pub fn memory(&self) -> usize {
        self.store.data().memory()
    }

    pub(super) fn settle<R>(&mut self, function: &'static str, ended: Ended<R>) -> Called<R> {
        let failure = match ended {
            Ended::Returned(value) => return Ok(value),
            Ended::Failed(error) => return Err(Failure::Failed(error)),
            Ended::Trapped(cause) => {
                let mut reason = printable(&cause.root_cause().to_string());
                if self.store.data_mut().take_memory_refused() {
                    reason = format!("it wanted more than the limit `memory` ({reason})");
                }
                Failure::Crashed(function, reason)
            }
            Ended::TimedOut => Failure::TimedOut(function, self.call_timeout),
        };
        self.gone = Some(failure.clone());
        Err(failure)
    }
}

impl OpenRows {
    pub(super) fn new(of: RowsOf, resource: ResourceAny) -> Self {
        Self { resource, of }
    }
}

/// A call that has no error of the contract's.
pub(super) async fn without_error<R>(
    call: impl Future<Output = wasmtime::Result<R>>,
) -> wasmtime::Result<Result<R, contract::Error>> {
    call.await.map(Ok)
}

/// What `describe` returned.
pub type Described = wit_lifecycle::Manifest;
