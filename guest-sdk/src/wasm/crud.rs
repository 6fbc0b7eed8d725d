//! The interface `crud`, done with a [`Crud`].

use tenon_model::contract::{Entity, Error, Filter, Key, Page, Query};
use tenon_model::{Entity as Record, Key as RecordKey};

use super::bindings::crud::exports::tenon::connector::crud as wit;
use super::rows::OpenRows;
use super::{Adapter, Exported, call};
use crate::{Answer, Crud};

impl wit::GuestCursor for OpenRows {
    fn next(&self, max: u32) -> Result<Option<Page>, Error> {
        self.next(max)
    }

    fn close(&self) -> Result<(), Error> {
        self.close()
    }
}

impl<E: Exported<Connector: Crud>> wit::Guest for Adapter<E> {
    type Cursor = OpenRows;

    fn create(model: String, data: Entity) -> Result<Entity, Error> {
        call::<E, _>(|c, _| {
            c.create(&model, Record::from(data))
                .map(Record::into_contract)
        })
    }

    fn create_all(model: String, data: Vec<Entity>) -> Result<Vec<Entity>, Error> {
        let data = data.into_iter().map(Record::from).collect();
        let stored = call::<E, _>(|c, _| c.create_all(&model, data))?;
        Ok(stored.into_iter().map(Record::into_contract).collect())
    }

    fn save(model: String, data: Entity) -> Result<Entity, Error> {
        call::<E, _>(|c, _| {
            c.save(&model, Record::from(data))
                .map(Record::into_contract)
        })
    }

    fn exists(model: String, id: Key) -> Result<bool, Error> {
        call::<E, _>(|c, _| c.exists(&model, RecordKey::composite(id)))
    }

    fn find(model: String, id: Key) -> Result<Option<Entity>, Error> {
        let found = call::<E, _>(|c, _| c.find(&model, RecordKey::composite(id)))?;
        Ok(found.map(Record::into_contract))
    }

    fn all(model: String, query: Query) -> Result<wit::Answer, Error> {
        call::<E, _>(|connector, limits| {
            let Answer { rows, done } = connector.all(&model, query)?;
            let rows = wit::Cursor::new(OpenRows::new(rows, limits));
            Ok(wit::Answer { rows, done })
        })
    }

    fn count(model: String, filter: Filter) -> Result<u64, Error> {
        call::<E, _>(|c, _| c.count(&model, filter))
    }

    fn update_attributes(model: String, id: Key, data: Entity) -> Result<Entity, Error> {
        call::<E, _>(|c, _| {
            c.update_attributes(&model, RecordKey::composite(id), Record::from(data))
                .map(Record::into_contract)
        })
    }

    fn update(model: String, filter: Filter, data: Entity) -> Result<u64, Error> {
        call::<E, _>(|c, _| c.update(&model, filter, Record::from(data)))
    }

    fn destroy(model: String, id: Key) -> Result<bool, Error> {
        call::<E, _>(|c, _| c.destroy(&model, RecordKey::composite(id)))
    }

    fn destroy_all(model: String, filter: Filter) -> Result<u64, Error> {
        call::<E, _>(|c, _| c.destroy_all(&model, filter))
    }
}
