//! An event (RFC 5545, 3.6.1) as a record. Repeated events are one record with their rule: nothing is expanded.

use tenon_sdk::{Entity, Error, PropertyType, Result, Value};

use crate::lines::{self, Line};
use crate::time;

/// The properties of an event, with what they hold.
const PROPERTIES: &[(&str, PropertyType)] = &[
    ("uid", PropertyType::Text),
    ("calendar", PropertyType::Text),
    ("summary", PropertyType::Text),
    ("description", PropertyType::Text),
    ("location", PropertyType::Text),
    ("start", PropertyType::Timestamp),
    ("end", PropertyType::Timestamp),
    ("all-day", PropertyType::Boolean),
    ("zone", PropertyType::Text),
    ("categories", PropertyType::Json),
    ("repeats", PropertyType::Text),
];

/// What a property of that name holds.
pub fn kind(name: &str) -> Option<PropertyType> {
    let mut properties = PROPERTIES.iter();
    properties
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| *kind)
}

/// All properties' names.
pub fn names() -> String {
    let names: Vec<&str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// The events of a file.
pub fn parse(text: &str, calendar: &str) -> Result<Vec<Entity>> {
    let mut events = Vec::new();
    let mut current: Option<Entity> = None;
    // Components lie in each other: an alarm in an event has a description of its own.
    let mut within: Vec<String> = Vec::new();
    for line in lines::parse(text)? {
        match line.name.as_str() {
            "BEGIN" => {
                if line.value.eq_ignore_ascii_case("VEVENT") {
                    current = Some(Entity::new().with("calendar", calendar));
                }
                within.push(line.value.to_ascii_uppercase());
            }
            "END" => {
                if within.pop() != Some(line.value.to_ascii_uppercase()) {
                    return Err(wrong(&line, "ends what didn't begin"));
                }
                if line.value.eq_ignore_ascii_case("VEVENT")
                    && let Some(event) = current.take()
                {
                    if event.get("uid").is_none() {
                        return Err(wrong(&line, "ends an event that has no UID"));
                    }
                    events.push(event);
                }
            }
            _ if within.last().is_some_and(|name| name == "VEVENT") => {
                if let Some(event) = &mut current {
                    note(&line, event)?;
                }
            }
            _ => {}
        }
    }
    match within.last() {
        Some(open) => Err(Error::backend(format!(
            "{open} has no end: is the file cut off?"
        ))),
        None => Ok(events),
    }
}

/// Takes a line of an event into its record.
fn note(line: &Line, event: &mut Entity) -> Result<()> {
    match line.name.as_str() {
        "UID" => event.set("uid", line.text()),
        "SUMMARY" => event.set("summary", line.text()),
        "DESCRIPTION" => event.set("description", line.text()),
        "LOCATION" => event.set("location", line.text()),
        "RRULE" => event.set("repeats", line.value.as_str()),
        "CATEGORIES" => event.set("categories", categories(line)),
        "DTSTART" | "DTEND" => {
            let moment = time::parse(&line.value)
                .ok_or_else(|| wrong(line, "has no date and time as iCalendar writes it"))?;
            if line.name == "DTSTART" {
                event.set("start", Value::Timestamp(moment.timestamp));
                event.set("all-day", moment.is_date);
                let zone = if moment.is_utc {
                    Some("UTC")
                } else {
                    line.parameter("TZID")
                };
                event.set("zone", zone.map_or(Value::Null, Value::from));
            } else {
                event.set("end", Value::Timestamp(moment.timestamp));
            }
        }
        _ => {}
    }
    Ok(())
}

/// A list, separated by commas that aren't escaped, as a JSON array.
fn categories(line: &Line) -> Value {
    let mut names = vec![String::new()];
    let mut escaped = false;
    for letter in line.value.chars() {
        match (letter, names.last_mut()) {
            (',', _) if !escaped => names.push(String::new()),
            ('\\', _) if !escaped => {
                escaped = true;
                continue;
            }
            (letter, Some(name)) => name.push(letter),
            (_, None) => {}
        }
        escaped = false;
    }
    let quoted: Vec<String> = names.iter().map(|name| json_text(name)).collect();
    Value::Json(format!("[{}]", quoted.join(",")))
}

/// A text as JSON writes it.
fn json_text(text: &str) -> String {
    let mut json = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            letter if letter.is_control() => {
                json.push_str(&format!("\\u{:04x}", u32::from(letter)))
            }
            letter => json.push(letter),
        }
    }
    json.push('"');
    json
}

fn wrong(line: &Line, what: &str) -> Error {
    Error::backend(format!("line {} ({}) {what}", line.number, line.name))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]
mod tests {
    use super::*;

    fn event(lines: &str) -> Result<Vec<Entity>> {
        parse(
            &format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR"),
            "work",
        )
    }

    #[test]
    fn an_event_is_a_record() {
        let events = event(
            "UID:1\nSUMMARY:Lunch\nDTSTART;TZID=Europe/Berlin:20261121T120000\nCATEGORIES:food\\, good,\"x\"\n\
             BEGIN:VALARM\nDESCRIPTION:not the event's\nEND:VALARM\nRRULE:FREQ=DAILY",
        )
        .unwrap();
        let text = |name: &str| events[0].get(name).and_then(Value::as_text);
        assert_eq!(text("calendar"), Some("work"));
        assert_eq!(text("summary"), Some("Lunch"));
        assert_eq!(text("zone"), Some("Europe/Berlin"));
        assert_eq!(text("description"), None);
        assert_eq!(text("repeats"), Some("FREQ=DAILY"));
        let categories = Value::Json(r#"["food, good","\"x\""]"#.to_owned());
        assert_eq!(events[0].get("categories"), Some(&categories));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (lines, said) in [
            ("UID:1\nDTSTART:tomorrow", "line 4 (DTSTART) has no date"),
            (
                "SUMMARY:nobody's",
                "line 4 (END) ends an event that has no UID",
            ),
            ("UID:1\nEND:VALARM", "line 4 (END) ends what didn't begin"),
        ] {
            let error = event(lines).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        let error = parse("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1", "work").unwrap_err();
        assert!(error.to_string().contains("VEVENT has no end"), "{error}");
    }

    #[test]
    fn every_property_that_is_set_has_a_kind() {
        let events = event("UID:1\nSUMMARY:a\nDESCRIPTION:b\nLOCATION:c\nRRULE:d\nCATEGORIES:e\nDTSTART:20260101\nDTEND:20260102").unwrap();
        for (name, _) in events[0].iter() {
            assert!(kind(name).is_some(), "{name}");
        }
        assert_eq!(events[0].iter().count(), PROPERTIES.len());
    }
}
