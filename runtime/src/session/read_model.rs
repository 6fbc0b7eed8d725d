//! The calls of `read-model`: a store is opened, used and closed in one instance, which keeps its lock.

use std::sync::Arc;

use tenon_model::contract::{Entity, Filter, Query};
use wasmtime::component::ResourceAny;

use super::call::bounded;
use super::crud::PageSink;
use super::cursor::{Cursor, OpenResult};
use super::leftovers::{Orphan, Orphans};
use super::{Call, Session};
use crate::bindings::exports::tenon::connector::read_model as wit;
use crate::error::{Error, ErrorKind, Result};

/// An open store of a session. Dropping it leaves it to the session's next holder to close.
pub(crate) struct StoreHandle {
    store: StoreRef,
    read_model: String,
    orphans: Arc<Orphans>,
    /// Called once, when it is left behind, so that somebody comes and closes it.
    on_orphan: Option<Box<dyn FnOnce() + Send>>,
    closed: bool,
}

/// Which store a call is on.
#[derive(Clone, Copy)]
pub(crate) struct StoreRef {
    resource: ResourceAny,
    session: u64,
}

impl StoreHandle {
    pub(crate) fn store(&self) -> StoreRef {
        self.store
    }

    /// Has `notify` called when the store is dropped without having been closed.
    pub(crate) fn notify_orphan(&mut self, notify: impl FnOnce() + Send + 'static) {
        self.on_orphan = Some(Box::new(notify));
    }
}

impl Drop for StoreHandle {
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        let read_model = std::mem::take(&mut self.read_model);
        self.orphans
            .push(Orphan::Store(self.store.resource, read_model));
        if let Some(notify) = self.on_orphan.take() {
            notify();
        }
    }
}

impl StoreRef {
    /// The session that it is open in, of all in this process.
    pub(crate) fn session(self) -> u64 {
        self.session
    }

    /// The instance's own handle, unless the instance is another one by now.
    fn resource_in(self, session: &Session) -> Result<ResourceAny> {
        if self.session != session.id {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the session that this read model was open in was lost",
            )
            .remedy("open the read model again"));
        }
        Ok(self.resource)
    }
}

/// Opens a read model and takes its lock.
pub(crate) struct OpenStore {
    pub read_model: String,
}

impl Call for OpenStore {
    type Output = StoreHandle;

    async fn run(self, session: &mut Session) -> Result<StoreHandle> {
        let Some(read_models) = &session.interfaces.read_model else {
            return Err(no_read_models());
        };
        let call = read_models.call_connect(&mut session.store, &self.read_model);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        let resource = session.settle("read-model.connect", outcome)?;
        Ok(StoreHandle {
            store: StoreRef {
                resource,
                session: session.id,
            },
            read_model: self.read_model,
            orphans: session.leftovers.orphans(),
            on_orphan: None,
            closed: false,
        })
    }
}

/// Closes a store, which gives its lock back.
pub(crate) struct CloseStore {
    pub handle: StoreHandle,
}

impl Call for CloseStore {
    type Output = ();

    async fn run(mut self, session: &mut Session) -> Result<()> {
        match self.handle.store.resource_in(session) {
            Ok(resource) => {
                self.handle.closed = true;
                session.close_store(resource, &self.handle.read_model).await
            }
            // It went with its instance, or is closed there when the handle is dropped.
            Err(_) => Ok(()),
        }
    }
}

impl Session {
    pub(super) async fn close_store(&mut self, store: ResourceAny, read_model: &str) -> Result<()> {
        let Some(read_models) = &self.interfaces.read_model else {
            return Ok(());
        };
        let call = read_models.call_disconnect(&mut self.store, store, read_model);
        self.lost = true;
        let outcome = bounded(self.call_timeout, call).await;
        self.settle("read-model.disconnect", outcome)
    }
}

/// Removes a read model's data.
pub(crate) struct DropData {
    pub store: StoreRef,
    pub read_model: String,
}

impl Call for DropData {
    type Output = ();

    async fn run(self, session: &mut Session) -> Result<()> {
        let resource = self.store.resource_in(session)?;
        let Some(read_models) = &session.interfaces.read_model else {
            return Err(no_read_models());
        };
        let call = read_models.call_drop(&mut session.store, resource, &self.read_model);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        session.settle("read-model.drop", outcome)
    }
}

/// Declares a call on a store that is defined by its arguments and its result.
macro_rules! store_call {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* } => $output:ty = $function:literal,
        $call:ident($($argument:expr),*)) => {
        $(#[$meta])*
        pub(crate) struct $name {
            pub store: StoreRef,
            $(pub $field: $type,)*
        }

        impl Call for $name {
            type Output = $output;

            async fn run(self, session: &mut Session) -> Result<$output> {
                let resource = self.store.resource_in(session)?;
                let Some(read_models) = &session.interfaces.read_model else {
                    return Err(no_read_models());
                };
                $(let $field = self.$field;)*
                let stores = read_models.store();
                let call = stores.$call(&mut session.store, resource, $($argument),*);
                session.lost = true;
                let outcome = bounded(session.call_timeout, call).await;
                session.settle($function, outcome)
            }
        }
    };
}

store_call! {
    /// The state, as JSON.
    GetState {} => Option<String> = "store.get", call_get()
}
store_call! {
    /// Replaces the state.
    SetState { state: String } => () = "store.set", call_set(&state)
}
store_call! {
    /// Makes a table.
    DefineTable { table: wit::Table } => () = "store.define-table", call_define_table(&table)
}
store_call! {
    /// Stores a new document.
    InsertDocument { table: String, document: Entity } => () = "store.insert", call_insert(&table, &document)
}
store_call! {
    /// Changes every match.
    UpdateDocuments { table: String, filter: Filter, edits: Vec<wit::Edit>, upsert: bool } => u64 = "store.update",
        call_update(&table, &filter, &edits, upsert)
}
store_call! {
    /// Deletes every match.
    DeleteDocuments { table: String, filter: Filter } => u64 = "store.delete", call_delete(&table, &filter)
}
store_call! {
    /// How many match.
    CountDocuments { table: String, filter: Filter } => u64 = "store.count", call_count(&table, &filter)
}

/// Reads a table's query to its end in one turn of the session, and gives the sink back.
pub(crate) struct FindDocuments<S> {
    pub store: StoreRef,
    pub table: String,
    pub query: Query,
    /// The most rows of a page.
    pub page_rows: u32,
    pub sink: S,
}

impl<S: PageSink> Call for FindDocuments<S> {
    type Output = S;

    async fn run(self, session: &mut Session) -> Result<S> {
        let resource = self.store.resource_in(session)?;
        let Some(read_models) = &session.interfaces.read_model else {
            return Err(no_read_models());
        };
        let stores = read_models.store();
        let call = stores.call_find(&mut session.store, resource, &self.table, &self.query);
        session.lost = true;
        let outcome = bounded(session.call_timeout, call).await;
        let answer = session.settle("store.find", outcome)?;
        let mut sink = self.sink;
        let cursor = Cursor::new(OpenResult::Documents(answer.rows), session);
        if let Err(error) = sink.begin(answer.done) {
            return Err(cursor.close_after(session, error).await);
        }
        cursor.drain(session, self.page_rows, &mut sink).await?;
        Ok(sink)
    }
}

pub(super) fn no_read_models() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this connector keeps no read models: it does not export `read-model`",
    )
}
