//! The interface `crud`, done with a [`Crud`].

use std::cell::RefCell;

use tenon_model::contract::{Entity, Error, Filter, Key, Page, Query};
use tenon_model::{Entity as Record, Key as RecordKey};

use super::bindings::crud::exports::tenon::connector::crud as wit;
use super::{Adapter, Exported};
use crate::{Answer, Crud, Limits, Result as SdkResult, Rows};

/// An open result: its rows, and what their pages must keep to.
pub struct Cursor {
    rows: RefCell<Rows>,
    limits: Limits,
}

impl wit::GuestCursor for Cursor {
    fn next(&self, max: u32) -> Result<Option<Page>, Error> {
        self.rows
            .borrow_mut()
            .next(max, &self.limits)
            .map_err(crate::Error::into_contract)
    }

    fn close(&self) -> Result<(), Error> {
        self.rows
            .borrow_mut()
            .close()
            .map_err(crate::Error::into_contract)
    }
}

fn call<E: Exported, R>(
    function: impl FnOnce(&mut E::Connector) -> SdkResult<R>,
) -> Result<R, Error> {
    E::with(|slot| slot.call(|connector, _| function(connector)))
        .map_err(crate::Error::into_contract)
}

impl<E: Exported<Connector: Crud>> wit::Guest for Adapter<E> {
    type Cursor = Cursor;

    fn create(model: String, data: Entity) -> Result<Entity, Error> {
        call::<E, _>(|c| {
            c.create(&model, Record::from(data))
                .map(Record::into_contract)
        })
    }

    fn create_all(model: String, data: Vec<Entity>) -> Result<Vec<Entity>, Error> {
        let data = data.into_iter().map(Record::from).collect();
        let stored = call::<E, _>(|c| c.create_all(&model, data))?;
        Ok(stored.into_iter().map(Record::into_contract).collect())
    }

    fn save(model: String, data: Entity) -> Result<Entity, Error> {
        call::<E, _>(|c| {
            c.save(&model, Record::from(data))
                .map(Record::into_contract)
        })
    }

    fn exists(model: String, id: Key) -> Result<bool, Error> {
        call::<E, _>(|c| c.exists(&model, RecordKey::composite(id)))
    }

    fn find(model: String, id: Key) -> Result<Option<Entity>, Error> {
        let found = call::<E, _>(|c| c.find(&model, RecordKey::composite(id)))?;
        Ok(found.map(Record::into_contract))
    }

    fn all(model: String, query: Query) -> Result<wit::Answer, Error> {
        E::with(|slot| {
            slot.call(|connector, limits| {
                let Answer { rows, done } = connector.all(&model, query)?;
                let rows = wit::Cursor::new(Cursor {
                    rows: RefCell::new(rows),
                    limits: limits.clone(),
                });
                Ok(wit::Answer { rows, done })
            })
        })
        .map_err(crate::Error::into_contract)
    }

    fn count(model: String, filter: Filter) -> Result<u64, Error> {
        call::<E, _>(|c| c.count(&model, filter))
    }

    fn update_attributes(model: String, id: Key, data: Entity) -> Result<Entity, Error> {
        call::<E, _>(|c| {
            c.update_attributes(&model, RecordKey::composite(id), Record::from(data))
                .map(Record::into_contract)
        })
    }

    fn update(model: String, filter: Filter, data: Entity) -> Result<u64, Error> {
        call::<E, _>(|c| c.update(&model, filter, Record::from(data)))
    }

    fn destroy(model: String, id: Key) -> Result<bool, Error> {
        call::<E, _>(|c| c.destroy(&model, RecordKey::composite(id)))
    }

    fn destroy_all(model: String, filter: Filter) -> Result<u64, Error> {
        call::<E, _>(|c| c.destroy_all(&model, filter))
    }
}
