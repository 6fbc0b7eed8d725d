//! An open read model's tables: documents that are found and changed by filters.
//!
//! Nothing here knows what a table looks like: whether a field exists is the connector's to judge. What it hands
//! out is checked all the same, and what it leaves of a query is done on its rows. A query is read whole, up to
//! the limit `transaction-rows`.

use std::sync::Arc;

use tenon_model::contract::Effect;
use tenon_model::{Entity, Filter, Model, Query};

use super::{Edit, ReadModelStore, Table};
use crate::dao::{Collector, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;
use crate::session::{
    CountDocuments, DefineTable, DeleteDocuments, FindDocuments, InsertDocument, UpdateDocuments,
};

impl ReadModelStore {
    /// Makes a table.
    ///
    /// # Errors
    /// `duplicate` where there is one of that name, `unsupported` where the connector keeps no tables.
    pub async fn define_table(&self, table: Table) -> Result<()> {
        self.traced("read-model-define-table", async {
            let table = table.into_contract();
            self.shared.call(|store| DefineTable { store, table }).await
        })
        .await
    }

    /// Stores a new document.
    ///
    /// # Errors
    /// `duplicate` where its key is taken, `invalid` where the table has no such field, `not-found` where there is
    /// no such table.
    pub async fn insert(&self, table: &str, document: Entity) -> Result<()> {
        self.traced("read-model-insert", async {
            let table = table.to_owned();
            let document = document.into_contract();
            let insert = |store| InsertDocument {
                store,
                table,
                document,
            };
            self.shared.call(insert).await
        })
        .await
    }

    /// Makes the edits, in their order, in every match, and returns how many matched. All of them or none.
    ///
    /// # Errors
    /// `invalid` where an edit doesn't suit what it meets, and as [`insert`](Self::insert).
    pub async fn update(&self, table: &str, filter: Filter, edits: Vec<Edit>) -> Result<u64> {
        self.change(table, filter, edits, false).await
    }

    /// The same; where nothing matches, inserts the filter's equal values and what the edits make of them. It
    /// returns 0 then.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn upsert(&self, table: &str, filter: Filter, edits: Vec<Edit>) -> Result<u64> {
        self.change(table, filter, edits, true).await
    }

    async fn change(
        &self,
        table: &str,
        filter: Filter,
        edits: Vec<Edit>,
        upsert: bool,
    ) -> Result<u64> {
        self.traced("read-model-update", async {
            let filter = checked(table, filter)?.to_nodes();
            let table = table.to_owned();
            let edits = edits.into_iter().map(Edit::into_contract).collect();
            let update = |store| UpdateDocuments {
                store,
                table,
                filter,
                edits,
                upsert,
            };
            self.shared.call(update).await
        })
        .await
    }

    /// Deletes every match, and returns how many.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub async fn delete(&self, table: &str, filter: Filter) -> Result<u64> {
        self.traced("read-model-delete", async {
            let filter = checked(table, filter)?.to_nodes();
            let table = table.to_owned();
            let delete = |store| DeleteDocuments {
                store,
                table,
                filter,
            };
            self.shared.call(delete).await
        })
        .await
    }

    /// The documents that a query asks for. For a part of them to be the same each time, order by the key last.
    ///
    /// # Errors
    /// `exhausted` where there are more than the limit `transaction-rows`, and as [`insert`](Self::insert).
    pub async fn find(&self, table: &str, query: impl Into<Query>) -> Result<Vec<Entity>> {
        let query = query.into();
        self.traced("read-model-find", self.read(table, query))
            .await
    }

    /// The first document that a query asks for.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub async fn find_one(&self, table: &str, query: impl Into<Query>) -> Result<Option<Entity>> {
        let query = query.into();
        let limit = query.limit.map_or(1, |limit| limit.min(1));
        Ok(self.find(table, query.limit(limit)).await?.pop())
    }

    /// How many documents match.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub async fn count(&self, table: &str, filter: Filter) -> Result<u64> {
        self.traced("read-model-count", async {
            let filter = checked(table, filter)?;
            let nodes = filter.to_nodes();
            let count = |store| CountDocuments {
                store,
                table: table.to_owned(),
                filter: nodes,
            };
            match self.shared.call(count).await {
                // What a connector can't filter, it can hand out.
                Err(error)
                    if error.kind() == ErrorKind::Unsupported
                        && error.effect() == Effect::Nothing
                        && !filter.is_all() =>
                {
                    let documents = self.read(table, Query::filter(filter)).await?;
                    Ok(documents.len() as u64)
                }
                result => result,
            }
        })
        .await
    }

    async fn read(&self, table: &str, query: Query) -> Result<Vec<Entity>> {
        let model = anything(table);
        let query = query
            .check(&model)
            .map_err(|problems| wrong_filter(table, problems))?;
        // Without a key, nobody here can make an order total.
        let plan = Plan::new(&model, query, Vec::new());
        let limits = self.shared.limits().clone();
        let (sent, page_rows) = (plan.sent.clone(), limits.page_rows);
        let reason = "a read model's documents are read whole";
        let sink = Collector::new(Shape::new(Arc::new(model)), plan, limits, reason);
        let sink = Box::new(sink);
        let find = |store| FindDocuments {
            store,
            table: table.to_owned(),
            query: sent,
            page_rows,
            sink,
        };
        Ok(self.shared.call(find).await?.finish())
    }
}

/// A model that a document of any shape fits.
fn anything(table: &str) -> Model {
    Model::new(table).open()
}

fn checked(table: &str, filter: Filter) -> Result<Filter> {
    filter
        .check(&anything(table))
        .map_err(|problems| wrong_filter(table, problems))
}

fn wrong_filter(table: &str, problems: tenon_model::Problems) -> Error {
    Error::with_problems(
        ErrorKind::Invalid,
        format!("the filter does not fit the table {table}"),
        problems,
    )
}
