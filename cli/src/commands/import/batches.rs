//! Making batches of an input, on a thread of its own: reading waits for a pipe, and storing need not.
//!
//! A batch is bounded in records and in bytes, and at most three are in memory: one being made, one waiting, one
//! being stored.

use std::collections::VecDeque;
use std::thread;

use tenon_model::{Entity, Model};
use tokio::sync::mpsc;

use super::Items;
use super::check::fitting;
use crate::input::Broken;

/// How long the text of a batch's records is at most, about. It fits into a connector's memory many times.
const MAX_BYTES: usize = 4 << 20;

/// How many broken lines are told together at most.
const MAX_BROKEN: usize = 1_000;

/// What comes of reading.
pub enum Event {
    /// Some records, and the broken lines among them.
    Read(Batch, Vec<Broken>),
    /// The input is at its end.
    End,
}

/// Records that are stored together, each with its line.
pub type Batch = VecDeque<(u64, Entity)>;

/// Reads the records, and what is broken among them, in their order. Without [`Event::End`] at its end, something
/// went wrong.
pub fn read(items: Items, model: Model, size: u32) -> mpsc::Receiver<Event> {
    let (events, received) = mpsc::channel(1);
    thread::spawn(move || make(items, &model, size as usize, &events));
    received
}

/// Makes batches until the end, or until nobody takes them any more.
fn make(items: Items, model: &Model, size: usize, events: &mpsc::Sender<Event>) {
    let (mut batch, mut broken, mut bytes) = (Batch::default(), Vec::new(), 0);
    for item in items {
        let (line, length) = match &item {
            Ok(record) => (record.line(), record.bytes()),
            Err(error) => (error.line, 0),
        };
        match item.and_then(|record| fitting(&record, model)) {
            Ok(entity) => {
                batch.push_back((line, entity));
                bytes += length;
            }
            Err(error) => broken.push(error),
        }
        if batch.len() >= size || bytes >= MAX_BYTES || broken.len() >= MAX_BROKEN {
            bytes = 0;
            let event = Event::Read(std::mem::take(&mut batch), std::mem::take(&mut broken));
            if events.blocking_send(event).is_err() {
                return;
            }
        }
    }
    if events.blocking_send(Event::Read(batch, broken)).is_ok() {
        // Whether anybody still waits for it doesn't matter any more.
        let _ = events.blocking_send(Event::End);
    }
}
