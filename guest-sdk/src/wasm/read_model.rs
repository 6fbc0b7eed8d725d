//! The interface `read-model`, done with a [`ReadModel`].

use std::cell::RefCell;
use std::marker::PhantomData;

use tenon_model::Entity as Record;
use tenon_model::contract::{Entity, Error, Filter, Page, Query};

use super::bindings::read_model::exports::tenon::connector::read_model as wit;
use super::rows::OpenRows;
use super::{Adapter, Exported, call};
use crate::{Answer, Edit, ReadModel, Result as SdkResult, Store, Table, TableIndex};

impl From<wit::Table> for Table {
    fn from(table: wit::Table) -> Self {
        let indexes = table.indexes.into_iter().map(|index| TableIndex {
            field: index.field,
            kind: index.kind,
        });
        Self {
            name: table.name,
            indexes: indexes.collect(),
            fields: table.fields,
        }
    }
}

impl From<wit::Edit> for Edit {
    fn from(edit: wit::Edit) -> Self {
        match edit {
            wit::Edit::Set((path, value)) => Self::Set(path, value),
            wit::Edit::Unset(path) => Self::Unset(path),
            wit::Edit::Increment((path, value)) => Self::Increment(path, value),
        }
    }
}

impl wit::GuestDocuments for OpenRows {
    fn next(&self, max: u32) -> Result<Option<Page>, Error> {
        self.next(max)
    }

    fn close(&self) -> Result<(), Error> {
        self.close()
    }
}

/// An open store. Its calls keep the instance's order, as the others do.
pub struct OpenStore<E: Exported<Connector: ReadModel>> {
    store: RefCell<<E::Connector as ReadModel>::Store>,
    exported: PhantomData<E>,
}

impl<E: Exported<Connector: ReadModel>> OpenStore<E> {
    fn call<R>(
        &self,
        function: impl FnOnce(&mut <E::Connector as ReadModel>::Store) -> SdkResult<R>,
    ) -> Result<R, Error> {
        call::<E, _>(|_, _| function(&mut self.store.borrow_mut()))
    }
}

impl<E: Exported<Connector: ReadModel>> wit::GuestStore for OpenStore<E> {
    fn get(&self) -> Result<Option<String>, Error> {
        self.call(Store::get)
    }

    fn set(&self, state: String) -> Result<(), Error> {
        self.call(|store| store.set(state))
    }

    fn define_table(&self, table: wit::Table) -> Result<(), Error> {
        self.call(|store| store.define_table(table.into()))
    }

    fn insert(&self, table: String, document: Entity) -> Result<(), Error> {
        self.call(|store| store.insert(&table, Record::from(document)))
    }

    fn update(
        &self,
        table: String,
        filter: Filter,
        edits: Vec<wit::Edit>,
        upsert: bool,
    ) -> Result<u64, Error> {
        let edits = edits.into_iter().map(Into::into).collect();
        self.call(|store| store.update(&table, filter, edits, upsert))
    }

    fn delete(&self, table: String, filter: Filter) -> Result<u64, Error> {
        self.call(|store| store.delete(&table, filter))
    }

    fn find(&self, table: String, query: Query) -> Result<wit::Answer, Error> {
        call::<E, _>(|_, limits| {
            let Answer { rows, done } = self.store.borrow_mut().find(&table, query)?;
            let rows = wit::Documents::new(OpenRows::new(rows, limits));
            Ok(wit::Answer { rows, done })
        })
    }

    fn count(&self, table: String, filter: Filter) -> Result<u64, Error> {
        self.call(|store| store.count(&table, filter))
    }
}

impl<E: Exported<Connector: ReadModel>> wit::Guest for Adapter<E> {
    type Documents = OpenRows;
    type Store = OpenStore<E>;

    fn connect(read_model: String) -> Result<wit::Store, Error> {
        let store = call::<E, _>(|c, _| c.open(&read_model))?;
        Ok(wit::Store::new(OpenStore::<E> {
            store: RefCell::new(store),
            exported: PhantomData,
        }))
    }

    fn disconnect(store: wit::Store, read_model: String) -> Result<(), Error> {
        let store = store.into_inner::<OpenStore<E>>().store.into_inner();
        call::<E, _>(|c, _| c.close(store, &read_model))
    }

    fn drop(store: wit::StoreBorrow<'_>, read_model: String) -> Result<(), Error> {
        let store = &store.get::<OpenStore<E>>().store;
        call::<E, _>(|c, _| c.drop_data(&mut store.borrow_mut(), &read_model))
    }
}
