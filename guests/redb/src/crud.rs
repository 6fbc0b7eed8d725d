//! The capability `crud`.

use tenon_sdk::{Answer, Crud, Entity, Filter, Key, Query, Result};

use crate::Redb;
use crate::catalogue::Defined;
use crate::cursor::{self, Selection};
use crate::record::{self, Wanted};
use crate::view::View;
use crate::write::{self, Writer};

impl Redb {
    /// Changes the record of every match, and counts them.
    fn write_matches(
        &mut self,
        model: &str,
        filter: Filter,
        mut change: impl FnMut(&mut Writer, &[u8]) -> Result<()>,
    ) -> Result<u64> {
        let defined = self.model(model)?;
        let selection = Selection::whole(filter, &defined)?;
        let store = self.store()?;
        let mut count = 0;
        store.write(|work| {
            Writer::with(work, &defined, |writer| {
                if work.is_part() {
                    // What is walked may not change under the walk, so the keys are collected first.
                    for key in writer.matches(&selection, usize::MAX)? {
                        count += 1;
                        change(writer, &key)?;
                    }
                    return Ok(());
                }
                // The matches come from a snapshot, which what is written here doesn't touch.
                each_match(&store.read()?, &defined, &selection, |key| {
                    count += 1;
                    change(writer, key)
                })
            })
        })?;
        Ok(count)
    }
}

/// Shows the key of every match.
fn each_match(
    view: &View,
    defined: &Defined,
    selection: &Selection,
    mut show: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    view.each(defined, selection.plan(), |key, bytes| {
        if selection.matches(bytes)? {
            show(key)
        } else {
            Ok(())
        }
    })
}

impl Crud for Redb {
    fn all(&mut self, model: &str, query: Query) -> Result<Answer> {
        let defined = self.model(model)?;
        cursor::open(&self.store()?.read()?, &defined, query)
    }

    fn create(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.write(model, |writer| Ok(writer.create(data)?.1))
    }

    fn create_all(&mut self, model: &str, data: Vec<Entity>) -> Result<Vec<Entity>> {
        self.write(model, |writer| {
            let created = data.into_iter().enumerate();
            created
                .map(|(index, data)| {
                    let created = writer.create(data);
                    let (_, made) = created.map_err(|error| error.detail("index", index))?;
                    Ok(made)
                })
                .collect()
        })
    }

    fn save(&mut self, model: &str, data: Entity) -> Result<Entity> {
        self.write(model, |writer| writer.save(&data))?;
        Ok(Entity::new())
    }

    fn exists(&mut self, model: &str, id: Key) -> Result<bool> {
        let defined = self.model(model)?;
        let key = write::key_bytes(&defined, &id)?;
        let found = self.store()?.read()?.record(&defined, &key, |_| Ok(()))?;
        Ok(found.is_some())
    }

    fn find(&mut self, model: &str, id: Key) -> Result<Option<Entity>> {
        let defined = self.model(model)?;
        let key = write::key_bytes(&defined, &id)?;
        self.store()?.read()?.record(&defined, &key, |bytes| {
            record::decode(bytes, &defined.names, &Wanted::All)
        })
    }

    fn count(&mut self, model: &str, filter: Filter) -> Result<u64> {
        let defined = self.model(model)?;
        let view = self.store()?.read()?;
        if filter.is_empty() {
            return view.len(&defined);
        }
        let mut count = 0;
        let selection = Selection::whole(filter, &defined)?;
        each_match(&view, &defined, &selection, |_| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    fn update_attributes(&mut self, model: &str, id: Key, data: Entity) -> Result<Entity> {
        let defined = self.model(model)?;
        defined.layout.refuse_key_change(&data)?;
        let key = write::key_bytes(&defined, &id)?;
        self.write(model, |writer| writer.update(&key, data))?;
        Ok(Entity::new())
    }

    fn update(&mut self, model: &str, filter: Filter, data: Entity) -> Result<u64> {
        self.model(model)?.layout.refuse_key_change(&data)?;
        self.write_matches(model, filter, |writer, key| {
            writer.update(key, data.clone())
        })
    }

    fn destroy(&mut self, model: &str, id: Key) -> Result<bool> {
        let key = write::key_bytes(self.model(model)?.as_ref(), &id)?;
        self.write(model, |writer| writer.destroy(&key))
    }

    fn destroy_all(&mut self, model: &str, filter: Filter) -> Result<u64> {
        if filter.is_empty() {
            let defined = self.model(model)?;
            let store = self.store()?;
            let count = store.read()?.len(&defined)?;
            store.write(|work| write::clear(work, &defined))?;
            return Ok(count);
        }
        self.write_matches(model, filter, |writer, key| writer.destroy(key).map(|_| ()))
    }
}
