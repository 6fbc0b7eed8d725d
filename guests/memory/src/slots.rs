//! Where records lie: in numbered slots, so that keys, indexes and cursors hold a number and not the record.
//!
//! A slot that was emptied is used again; the number that each record gets tells a cursor that it is another one.

use tenon_sdk::{Entity, Error, Result};

/// A slot's number.
pub(crate) type SlotId = u32;

/// A record's place, for one who comes back later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) id: SlotId,
    number: u32,
}

struct Slot {
    /// The record's own number, whichever slots it or others were in.
    number: u32,
    record: Option<Entity>,
}

/// All records of a collection.
#[derive(Default)]
pub(crate) struct Slots {
    slots: Vec<Slot>,
    /// Has room for all slots, so that a record can always be let go.
    free: Vec<SlotId>,
    /// The next record's. It comes round after four thousand million, which no cursor outlasts.
    next_number: u32,
}

impl Slots {
    /// Makes room for one record more, and says where [`insert`](Self::insert) will put it.
    pub(crate) fn reserve(&mut self) -> Result<SlotId> {
        if let Some(id) = self.free.last() {
            return Ok(*id);
        }
        self.slots.try_reserve(1).map_err(|_| exhausted())?;
        self.free
            .try_reserve(self.slots.len() + 1)
            .map_err(|_| exhausted())?;
        SlotId::try_from(self.slots.len()).map_err(|_| exhausted())
    }

    /// Puts a record into the slot that was reserved last.
    pub(crate) fn insert(&mut self, record: Entity) {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        let record = Some(record);
        match self.free.pop().and_then(|id| self.slots.get_mut(index(id))) {
            Some(slot) => *slot = Slot { number, record },
            None => self.slots.push(Slot { number, record }),
        }
    }

    pub(crate) fn get(&self, id: SlotId) -> Option<&Entity> {
        self.slots.get(index(id))?.record.as_ref()
    }

    /// Puts another record in the place of one.
    pub(crate) fn replace(&mut self, id: SlotId, record: Entity) -> Option<Entity> {
        self.slots.get_mut(index(id))?.record.replace(record)
    }

    /// Takes a record out, with its number.
    pub(crate) fn remove(&mut self, id: SlotId) -> Option<(u32, Entity)> {
        let slot = self.slots.get_mut(index(id))?;
        let record = slot.record.take()?;
        self.free.push(id);
        Some((slot.number, record))
    }

    /// Puts a record back that was taken out of a slot, which is empty again.
    pub(crate) fn restore(&mut self, id: SlotId, number: u32, record: Entity) {
        // What is undone backwards finds the slot on top.
        if let Some(place) = self.free.iter().rposition(|free| *free == id) {
            self.free.remove(place);
        }
        if let Some(slot) = self.slots.get_mut(index(id)) {
            *slot = Slot {
                number,
                record: Some(record),
            };
        }
    }

    /// Takes all records out. The next ones are others, wherever they lie.
    pub(crate) fn clear(&mut self) {
        self.slots = Vec::new();
        self.free = Vec::new();
    }

    pub(crate) fn place(&self, id: SlotId) -> Option<Place> {
        let number = self.slots.get(index(id))?.number;
        Some(Place { id, number })
    }

    /// The record of a place, if it is still the same one.
    pub(crate) fn at(&self, place: Place) -> Option<&Entity> {
        let slot = self.slots.get(index(place.id))?;
        if slot.number == place.number {
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
