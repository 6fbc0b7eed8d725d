//! The functions of `native`, `schema`, `aggregates` and `read-model`, as an instance has them.

use tenon_model::contract::{AggregateRequest, Done, Entity, Filter, Model, Query, Value};

use super::calls::{calls, without_error};
use super::{
    Called, Collection, Edit, Failure, Instance, OpenRows, OpenStore, RowsOf, Step, Table,
};
use crate::bindings::exports::tenon::connector::aggregates as wit_aggregates;
use crate::capability::Capability;
use crate::session::bounded;

calls! { schema = Schema:
    /// `schema.plan`.
    plan(models: &[Model]) -> Vec<Step> = "plan", call_plan;
    /// `schema.apply`.
    apply(steps: &[Step]) -> () = "apply", call_apply;
    /// `schema.collections`.
    collections() -> Vec<Collection> = "collections", call_collections;
    /// `schema.discover`.
    discover(collections: &[String]) -> Vec<Model> = "discover", call_discover;
    /// `schema.drop`.
    drop_model(model: &str) -> () = "schema.drop", call_drop;
}

impl Instance {
    /// `native.execute`.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn execute(&mut self, command: &str, parameters: &[Value]) -> Called<OpenRows> {
        self.lives()?;
        let Some(native) = &self.interfaces.native else {
            return Err(Failure::Missing(Capability::Native));
        };
        let call = native.call_execute(&mut self.store, command, parameters);
        let ended = bounded(self.call_timeout, call).await;
        let rows = self.settle("execute", ended)?;
        Ok(OpenRows::new(RowsOf::Native, rows))
    }

    /// `rows.affected` of a native command's result; none where it is another's.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn affected(&mut self, rows: OpenRows) -> Called<Option<u64>> {
        self.lives()?;
        let (RowsOf::Native, Some(native)) = (rows.of, &self.interfaces.native) else {
            return Ok(None);
        };
        let results = native.rows();
        let call = results.call_affected(&mut self.store, rows.resource);
        let ended = bounded(self.call_timeout, without_error(call)).await;
        self.settle("affected", ended)
    }

    /// `aggregates.aggregate`.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn aggregate(&mut self, model: &str, request: &AggregateRequest) -> Called<OpenRows> {
        self.lives()?;
        let Some(aggregates) = &self.interfaces.aggregates else {
            return Err(Failure::Missing(Capability::Aggregates));
        };
        let request = wit_aggregates::Request::from(request.clone());
        let call = aggregates.call_aggregate(&mut self.store, model, &request);
        let ended = bounded(self.call_timeout, call).await;
        let groups = self.settle("aggregate", ended)?;
        Ok(OpenRows::new(RowsOf::Aggregates, groups))
    }

    /// `read-model.connect`.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn open_store(&mut self, read_model: &str) -> Called<OpenStore> {
        self.lives()?;
        let Some(read_models) = &self.interfaces.read_model else {
            return Err(Failure::Missing(Capability::ReadModel));
        };
        let call = read_models.call_connect(&mut self.store, read_model);
        let ended = bounded(self.call_timeout, call).await;
        self.settle("read-model.connect", ended).map(OpenStore)
    }

    /// `read-model.disconnect`, which takes the store.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn close_store(&mut self, store: OpenStore, read_model: &str) -> Called<()> {
        self.lives()?;
        let Some(read_models) = &self.interfaces.read_model else {
            return Err(Failure::Missing(Capability::ReadModel));
        };
        let call = read_models.call_disconnect(&mut self.store, store.0, read_model);
        let ended = bounded(self.call_timeout, call).await;
        self.settle("read-model.disconnect", ended)
    }

    /// `read-model.drop`.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn drop_store(&mut self, store: OpenStore, read_model: &str) -> Called<()> {
        self.lives()?;
        let Some(read_models) = &self.interfaces.read_model else {
            return Err(Failure::Missing(Capability::ReadModel));
        };
        let call = read_models.call_drop(&mut self.store, store.0, read_model);
        let ended = bounded(self.call_timeout, call).await;
        self.settle("read-model.drop", ended)
    }

    /// `store.find`: the documents, and what was done of the query.
    ///
    /// # Errors
    /// How the call failed.
    pub async fn find_documents(
        &mut self,
        store: OpenStore,
        table: &str,
        query: &Query,
    ) -> Called<(OpenRows, Done)> {
        self.lives()?;
        let Some(read_models) = &self.interfaces.read_model else {
            return Err(Failure::Missing(Capability::ReadModel));
        };
        let stores = read_models.store();
        let call = stores.call_find(&mut self.store, store.0, table, query);
        let ended = bounded(self.call_timeout, call).await;
        let answer = self.settle("store.find", ended)?;
        Ok((OpenRows::new(RowsOf::ReadModel, answer.rows), answer.done))
    }
}

/// Declares functions of an open store.
macro_rules! store_calls {
    ($($(#[$meta:meta])* $name:ident($($argument:ident: $type:ty),*) -> $output:ty = $function:literal, $call:ident;)+) => {
        impl Instance {
            $(
                $(#[$meta])*
                ///
                /// # Errors
                /// How the call failed.
                pub async fn $name(&mut self, store: OpenStore, $($argument: $type),*) -> Called<$output> {
                    self.lives()?;
                    let Some(read_models) = &self.interfaces.read_model else {
                        return Err(Failure::Missing(Capability::ReadModel));
                    };
                    let stores = read_models.store();
                    let call = stores.$call(&mut self.store, store.0, $($argument),*);
                    let ended = bounded(self.call_timeout, call).await;
                    self.settle($function, ended)
                }
            )+
        }
    };
}

store_calls! {
    /// `store.get`.
    get_state() -> Option<String> = "store.get", call_get;
    /// `store.set`.
    set_state(state: &str) -> () = "store.set", call_set;
    /// `store.define-table`.
    define_table(table: &Table) -> () = "store.define-table", call_define_table;
    /// `store.insert`.
    insert_document(table: &str, document: &Entity) -> () = "store.insert", call_insert;
    /// `store.update`.
    update_documents(table: &str, filter: &Filter, edits: &[Edit], upsert: bool) -> u64 = "store.update", call_update;
    /// `store.delete`.
    delete_documents(table: &str, filter: &Filter) -> u64 = "store.delete", call_delete;
    /// `store.count`.
    count_documents(table: &str, filter: &Filter) -> u64 = "store.count", call_count;
}
