//! Checking a whole input before anything of it is stored.

use tenon_model::{DefaultValue, Entity, Model, Value};

use super::Items;
use super::left_out::LeftOut;
use crate::exit;
use crate::input::{Broken, Location, Meter, Reason, Record};
use crate::progress::Progress;
use crate::report::Report;

/// How many records there are between two moves of the progress bar.
const STEP: u64 = 1_000;

/// Makes sure that every line is a record of the model.
///
/// # Errors
/// All lines that aren't, as far as a person reads them.
pub fn check(items: Items, meter: Meter, model: &Model, location: &Location) -> Result<(), Report> {
    let mut progress = Progress::new(meter, "checking", "checked");
    let mut left_out = LeftOut::default();
    let mut unreadable = false;
    for (number, item) in (1_u64..).zip(items) {
        if let Err(broken) = item.and_then(|record| fitting(&record, model)) {
            unreadable |= broken.ends_input();
            left_out.add(broken.line, &broken.reason);
        }
        if number.is_multiple_of(STEP) {
            progress.add(STEP);
        }
    }
    drop(progress);
    match left_out.count() {
        0 => Ok(()),
        count => {
            let lines = if count == 1 {
                "a line".to_owned()
            } else {
                format!("{count} lines")
            };
            let exit = if unreadable {
                exit::FAILURE
            } else {
                exit::INVALID
            };
            let message = format!("{location}: {lines} can't be imported, so nothing was");
            Err(Report::new(exit, message)
                .problems(&left_out.into_problems())
                .help("correct them, or import the others with --on-error skip"))
        }
    }
}

/// The record's values, if they are a new record of the model.
///
/// # Errors
/// The line with everything that doesn't fit.
pub fn fitting(record: &Record, model: &Model) -> Result<Entity, Broken> {
    let unfit = |problems| Broken::new(record.line(), Reason::Unfit(problems));
    let entity = record.entity(Some(model)).map_err(unfit)?;
    // Only whether it fits: the defaults are filled in when it is stored.
    match model.new_record(entity.clone(), &mut any_default) {
        Ok(_) => Ok(entity),
        Err(problems) => Err(unfit(problems)),
    }
}

fn any_default(default: &DefaultValue) -> Value {
    match default {
        DefaultValue::Value(value) => value.clone(),
        DefaultValue::Now => Value::Timestamp(0),
        DefaultValue::Uuid => Value::from("00000000-0000-0000-0000-000000000000"),
    }
}
