//! Events, folded into a read model exactly once. Its state and how far it came are one value, replaced at once: a
//! program that is stopped anywhere goes on where it was.
//!
//! It needs a `tenon.toml` with a read model `traffic`, and a file of events, each a line: `{"airport": "SEA"}`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};

use serde::{Deserialize, Serialize};
use tenon_runtime::{ReadModel, Runtime};

/// How many events are folded before the state is stored: more are faster, and done again after a stop.
const BATCH: usize = 100;

/// Something that has happened.
#[derive(Serialize, Deserialize)]
pub struct Event {
    /// Where.
    pub airport: String,
}

/// What the events come to.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// How many events are in it.
    pub position: usize,
    /// How many there were at each airport.
    pub movements: BTreeMap<String, u64>,
}

impl Traffic {
    /// Takes one more event in.
    pub fn fold(&mut self, event: Event) {
        *self.movements.entry(event.airport).or_default() += 1;
        self.position += 1;
    }
}

/// Folds the events that are not yet in the read model into it, and returns what they have come to.
pub async fn project(
    read_model: &ReadModel,
    events: impl Iterator<Item = Result<Event, Box<dyn Error>>>,
) -> Result<Traffic, Box<dyn Error>> {
    let work = async |store: &tenon_runtime::ReadModelStore| {
        let mut traffic = match store.get().await? {
            Some(state) => serde_json::from_value(state)?,
            None => Traffic::default(),
        };
        let stored = traffic.position;
        let mut events = events.skip(stored).peekable();
        while events.peek().is_some() {
            for event in events.by_ref().take(BATCH) {
                traffic.fold(event?);
            }
            store.set(&traffic).await?;
        }
        Ok(traffic)
    };
    read_model.with(work).await
}

/// The events of a file.
pub fn events(
    path: &str,
) -> Result<impl Iterator<Item = Result<Event, Box<dyn Error>>>, Box<dyn Error>> {
    let lines = BufReader::new(File::open(path)?).lines();
    Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
}

#[tokio::main]
#[allow(dead_code, reason = "a test takes all of this but the beginning")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Connectors are compiled in a child process of this program.
    tenon_runtime::serve_compile_request();

    let runtime = Runtime::open("tenon.toml")?;
    let traffic = runtime.read_model("traffic").await?;
    let path = std::env::args().nth(1).unwrap_or("events.ndjson".into());
    let Traffic {
        position,
        movements,
    } = project(&traffic, events(&path)?).await?;
    println!("{position} events");
    for (airport, count) in movements {
        println!("{airport}: {count}");
    }
    runtime.shut_down().await?;
    Ok(())
}
