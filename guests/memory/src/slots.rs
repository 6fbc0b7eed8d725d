//! Where records lie: in numbered slots, so that keys, indexes and cursors hold a number and not the record.
//!
//! A slot that was emptied is used again; its generation tells a cursor that its record is another one.

use tenon_sdk::{Entity, Error, Result};

/// A slot's number.
pub(crate) type SlotId = u32;

/// A record's place, for one who comes back later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) id: SlotId,
    generation: u32,
}

#[derive(Default)]
struct Slot {
    generation: u32,
    record: Option<Entity>,
}

/// All records of a collection.
#[derive(Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    free: Vec<SlotId>,
}

impl Slots {
    /// Makes room for one record more, and says where [`insert`](Self::insert) will put it.
    pub(crate) fn reserve(&mut self) -> Result<SlotId> {
        if let Some(id) = self.free.last() {
            return Ok(*id);
        }
        self.slots.try_reserve(1).map_err(|_| exhausted())?;
        SlotId::try_from(self.slots.len()).map_err(|_| exhausted())
    }

    /// Puts a record into the slot that was reserved last.
    pub(crate) fn insert(&mut self, record: Entity) {
        match self.free.pop().and_then(|id| self.slots.get_mut(index(id))) {
            Some(slot) => slot.record = Some(record),
            None => self.slots.push(Slot {
                generation: 0,
                record: Some(record),
            }),
        }
    }

    pub(crate) fn get(&self, id: SlotId) -> Option<&Entity> {
        self.slots.get(index(id))?.record.as_ref()
    }

    /// Puts another record in the place of one.
    pub(crate) fn replace(&mut self, id: SlotId, record: Entity) -> Option<Entity> {
        self.slots.get_mut(index(id))?.record.replace(record)
    }

    pub(crate) fn remove(&mut self, id: SlotId) -> Option<Entity> {
        let slot = self.slots.get_mut(index(id))?;
        let record = slot.record.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id);
        Some(record)
    }

    pub(crate) fn place(&self, id: SlotId) -> Option<Place> {
        let slot = self.slots.get(index(id))?;
        Some(Place {
            id,
            generation: slot.generation,
        })
    }

    /// The record of a place, if it is still the same one.
    pub(crate) fn at(&self, place: Place) -> Option<&Entity> {
        let slot = self.slots.get(index(place.id))?;
        if slot.generation == place.generation {
            slot.record.as_ref()
        } else {
            None
        }
    }

    /// The slots from one on, empty ones too.
    pub(crate) fn from(&self, first: SlotId) -> impl Iterator<Item = Option<&Entity>> {
        self.slots
            .iter()
            .skip(index(first))
            .map(|slot| slot.record.as_ref())
    }

    /// The records, in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SlotId, &Entity)> {
        (0..)
            .zip(&self.slots)
            .filter_map(|(id, slot)| Some((id, slot.record.as_ref()?)))
    }
}

fn index(id: SlotId) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

/// The error for a record that finds no room.
pub(crate) fn exhausted() -> Error {
    Error::new(
        tenon_sdk::ErrorKind::Exhausted,
        "the records fill the memory that the data source allows: delete some, or raise its limit `memory`",
    )
}
