//! Storing batches, and counting what is confirmed.
//!
//! A batch that fails is stored whole or not at all. With `--on-error skip` the records that are
//! refused are taken out of it; with `stop` the import ends and says what is stored. Ctrl-C lets the running batch finish.

use tenon_model::contract::Effect;
use tenon_model::{Entity, PropertyType, Value};
use tenon_runtime::{Dao, Error, ErrorKind};

use super::Items;
use super::batches::{self, Batch, Event};
use super::left_out::LeftOut;
use crate::args::{Import, OnError};
use crate::commands::context::Context;
use crate::commands::interrupt::Interrupt;
use crate::commands::show;
use crate::exit;
use crate::input::{Broken, Location, Meter};
use crate::output::{Columns, OutputFormat};
use crate::progress::Progress;
use crate::report::Report;

/// An import that is going on.
pub struct Storing<'a> {
    dao: &'a Dao,
    location: &'a Location,
    args: &'a Import,
    /// How many records are confirmed.
    stored: u64,
    /// The last line whose record is confirmed.
    last_line: Option<u64>,
    left_out: LeftOut,
    /// The input couldn't be read to its end.
    unreadable: bool,
}

impl<'a> Storing<'a> {
    pub fn new(dao: &'a Dao, location: &'a Location, args: &'a Import) -> Self {
        Self {
            dao,
            location,
            args,
            stored: 0,
            last_line: None,
            left_out: LeftOut::default(),
            unreadable: false,
        }
    }

    /// Stores the records, and shows how many they were.
    pub async fn run(
        mut self,
        items: Items,
        meter: Meter,
        context: &Context,
    ) -> Result<u8, Report> {
        let mut progress = Progress::new(meter, "importing", "stored");
        let mut interrupt =
            Interrupt::listen("finishing what is being written; press Ctrl-C again to end at once");
        let mut events = batches::read(items, self.dao.model().clone(), self.args.batch);
        loop {
            let event = tokio::select! {
                biased;
                () = interrupt.wait() => {
                    drop(progress);
                    return Err(Report::new(exit::INTERRUPTED, "the import was interrupted").help(self.so_far()));
                }
                event = events.recv() => event,
            };
            match event {
                Some(Event::Read(batch, broken)) => {
                    for broken in broken {
                        self.leave_out(broken)?;
                    }
                    self.store(batch, &mut progress).await?;
                    self.left_out.tell(&progress);
                }
                Some(Event::End) => break,
                None => {
                    return Err(Report::new(exit::FAILURE, "reading the records broke off")
                        .help(self.so_far()));
                }
            }
        }
        drop(progress);
        self.finish(context)
    }

    /// A line that can't be read.
    fn leave_out(&mut self, broken: Broken) -> Result<(), Report> {
        if self.args.on_error == OnError::Stop {
            // It could when all was checked.
            return Err(broken
                .report(self.location)
                .also("the input has changed since it was checked")
                .also(self.so_far()));
        }
        self.unreadable |= broken.ends_input();
        self.left_out.add(broken.line, &broken.reason);
        Ok(())
    }

    /// Stores a batch: at once, or, where records of it are refused, in as few parts as it takes.
    async fn store(&mut self, mut batch: Batch, progress: &mut Progress) -> Result<(), Report> {
        let mut size = batch.len();
        while !batch.is_empty() {
            let (lines, records): (Vec<u64>, Vec<Entity>) =
                batch.iter().take(size).cloned().unzip();
            let error = match self.dao.create_all(records).await {
                Ok(stored) => {
                    batch.drain(..lines.len());
                    self.confirm(stored.len(), &lines, progress);
                    size = size.saturating_mul(2);
                    continue;
                }
                Err(error) => error,
            };
            let mut bad = failed_index(&error).filter(|index| *index < lines.len());
            if let (Effect::Partial, Some(before)) = (error.effect(), bad) {
                batch.drain(..before);
                self.confirm(before, &lines, progress);
            }
            let may_go_on = match error.effect() {
                Effect::Nothing => true,
                Effect::Partial => bad.is_some(),
                Effect::Unknown => false,
            };
            if self.args.on_error == OnError::Stop || !blames_a_record(&error) || !may_go_on {
                return Err(self.failed(&error, &lines, bad));
            }
            if lines.len() == 1 {
                bad = Some(0);
            }
            if let Some(line) = bad.and_then(|index| lines.get(index)) {
                self.left_out.add(*line, without_source(&error));
                // Of a part, what came before it is drained already.
                let place = if error.effect() == Effect::Partial {
                    0
                } else {
                    bad.unwrap_or(0)
                };
                batch.remove(place);
                size = if place > 0 { place } else { (size / 2).max(1) };
            } else {
                // Some record in it. Smaller parts find it.
                size = (lines.len() / 2).max(1);
            }
        }
        Ok(())
    }

    /// The first records of those lines are stored.
    fn confirm(&mut self, records: usize, lines: &[u64], progress: &mut Progress) {
        self.stored += records as u64;
        progress.add(records as u64);
        if let Some(line) = records.checked_sub(1).and_then(|last| lines.get(last)) {
            self.last_line = Some(*line);
        }
    }

    /// Why the import ends at a batch, and what is stored.
    fn failed(&self, error: &Error, lines: &[u64], index: Option<usize>) -> Report {
        let place = match (
            index.and_then(|index| lines.get(index)),
            lines.first(),
            lines.last(),
        ) {
            (Some(line), ..) => format!("line {line}"),
            (None, Some(first), Some(last)) if first != last => format!("lines {first} to {last}"),
            (None, Some(line), _) => format!("line {line}"),
            (None, None, _) => "a batch".to_owned(),
        };
        let message = format!("{}, {place}: {}", self.location, without_source(error));
        let mut report = Report::from(error).says(message).also(self.so_far());
        if error.effect() == Effect::Unknown {
            report = report.also(format!("of {place}, none, some or all may be stored too"));
        }
        if blames_a_record(error) {
            report = report.also("--on-error skip leaves such lines out and imports the others");
        }
        report
    }

    /// Exactly what is stored.
    fn so_far(&self) -> String {
        let model = &self.dao.model().name;
        let stored = show::records(self.stored);
        let left_out = match self.left_out.count() {
            0 => String::new(),
            count => format!("; {count} lines were left out"),
        };
        match self.last_line {
            None => format!("nothing is stored in {model}{left_out}"),
            Some(line) => format!("stored in {model}: {stored}, up to line {line}{left_out}"),
        }
    }

    fn finish(self, context: &Context) -> Result<u8, Report> {
        let left_out = self.left_out.count();
        match context.output() {
            None | Some(OutputFormat::Table) => {
                let lines = match left_out {
                    0 => String::new(),
                    1 => "; 1 line was left out".to_owned(),
                    count => format!("; {count} lines were left out"),
                };
                let (stored, model) = (show::records(self.stored), &self.dao.model().name);
                show::print(&format!("imported {stored} into {model}{lines}\n"))?;
            }
            Some(_) => {
                let number = |number| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
                let counts = Entity::new()
                    .with("imported", number(self.stored))
                    .with("left-out", number(left_out));
                let columns = ["imported", "left-out"].map(|name| (name, PropertyType::Integer));
                show::one(&counts, Columns::of(columns), context)?;
            }
        }
        if self.unreadable {
            show::note(
                "the input could not be read to its end: what follows the last line told is not imported",
            );
        }
        Ok(match (self.unreadable, left_out) {
            (true, _) => exit::FAILURE,
            (false, 0) => exit::OK,
            (false, _) => exit::INVALID,
        })
    }
}

/// Which record of a batch failed, where the error says it.
fn failed_index(error: &Error) -> Option<usize> {
    error.detail("index")?.parse().ok()
}

/// Whether other records may do better.
fn blames_a_record(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Duplicate | ErrorKind::Constraint | ErrorKind::Invalid | ErrorKind::Validation
    )
}

/// The message without the data source, which is the same for every line.
fn without_source(error: &Error) -> String {
    match error.code() {
        Some(code) => format!("{} ({code})", error.message()),
        None => error.message().to_owned(),
    }
}
