//! The kinds of a property's values, and the one kind that holds them all unchanged.

use tenon_model::PropertyType;

use crate::input::Field;
use crate::text::plain::{self, Look};

/// The greatest whole number, and all below it, that a float has exactly.
const FLOAT_INTEGERS: u64 = 1 << f64::MANTISSA_DIGITS;

/// A set of kinds that were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    bits: u16,
    /// Whether they come from a CSV's cells, which are all text.
    cells: bool,
}

const BOOLEAN: u16 = 1;
/// A whole number that a float holds exactly.
const INTEGER: u16 = 1 << 1;
/// A whole number of 64 bits that a float doesn't hold.
const WIDE: u16 = 1 << 2;
/// A number with more digits than 64 bits or a float keep.
const LONG: u16 = 1 << 3;
const FLOAT: u16 = 1 << 4;
/// A number with an exponent, which a decimal can't be written with.
const EXPONENT: u16 = 1 << 5;
const ZEROS: u16 = 1 << 6;
const TIMESTAMP: u16 = 1 << 7;
const DATE: u16 = 1 << 8;
const TIME: u16 = 1 << 9;
const UUID: u16 = 1 << 10;
const JSON: u16 = 1 << 11;
const TEXT: u16 = 1 << 12;

/// For reasons: what each is called.
const NAMES: &[(u16, &str)] = &[
    (BOOLEAN, "booleans"),
    (INTEGER | WIDE, "integers"),
    (LONG, "numbers with very many digits"),
    (FLOAT | EXPONENT, "floats"),
    (ZEROS, "numbers with leading zeros"),
    (TIMESTAMP, "timestamps"),
    (DATE, "dates"),
    (TIME, "times"),
    (UUID, "UUIDs"),
    (JSON, "JSON"),
    (TEXT, "texts"),
];

impl Kinds {
    /// Takes a value into account; false where it is null.
    pub fn add(&mut self, field: Field<'_>) -> bool {
        let bit = match field {
            Field::Cell(cell) => {
                self.cells = true;
                if cell.text.is_empty() {
                    None
                } else {
                    Some(of_look(plain::look(&cell.text), &cell.text))
                }
            }
            Field::Json(text) => of_json(text),
        };
        self.bits |= bit.unwrap_or_default();
        bit.is_some()
    }

    /// The kind that holds all of them, and the reason where it isn't the one that was seen.
    pub fn decide(self) -> (PropertyType, Option<String>) {
        let only = |kinds: u16| self.bits & !kinds == 0;
        let mixed = || Some(format!("holds {}", self.names()));
        match self.bits {
            0 if self.cells => (PropertyType::Text, Some("has no value here".to_owned())),
            0 => (PropertyType::Any, Some("has no value here".to_owned())),
            BOOLEAN => (PropertyType::Boolean, None),
            DATE => (PropertyType::Date, None),
            TIME => (PropertyType::Time, None),
            UUID => (PropertyType::Uuid, None),
            JSON => (PropertyType::Json, None),
            TIMESTAMP => (PropertyType::Timestamp, None),
            TEXT => (PropertyType::Text, None),
            _ if only(TIMESTAMP | DATE) => (PropertyType::Timestamp, mixed()),
            _ if only(INTEGER | WIDE) => (PropertyType::Integer, None),
            _ if only(INTEGER | FLOAT | EXPONENT) => (PropertyType::Float, None),
            _ if only(INTEGER | WIDE | FLOAT) => (
                PropertyType::Decimal,
                Some("holds integers that a float would round".to_owned()),
            ),
            _ if only(INTEGER | WIDE | LONG | FLOAT) && !self.cells => (
                PropertyType::Decimal,
                Some("holds more digits than a number of 64 bits keeps".to_owned()),
            ),
            LONG => (
                PropertyType::Text,
                Some("holds more digits than a number of 64 bits keeps".to_owned()),
            ),
            _ if self.cells && only(ZEROS | INTEGER | WIDE | LONG | FLOAT) => (
                PropertyType::Text,
                Some("has leading zeros, which a number would lose".to_owned()),
            ),
            _ if self.cells => (PropertyType::Text, mixed()),
            _ if only(TEXT | TIMESTAMP | DATE | TIME | UUID) => (PropertyType::Text, None),
            _ => (PropertyType::Any, mixed()),
        }
    }

    fn names(self) -> String {
        let names: Vec<&str> = NAMES
            .iter()
            .filter(|(bits, _)| self.bits & bits != 0)
            .map(|(_, name)| *name)
            .collect();
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

fn of_look(look: Look, text: &str) -> u16 {
    match look {
        Look::Boolean(_) => BOOLEAN,
        Look::Integer(integer) if integer.unsigned_abs() <= FLOAT_INTEGERS => INTEGER,
        Look::Integer(_) => WIDE,
        Look::Float(_) if text.contains(['e', 'E']) => EXPONENT,
        Look::Float(_) => FLOAT,
        Look::LongNumber => LONG,
        Look::LeadingZeros => ZEROS,
        Look::Timestamp => TIMESTAMP,
        Look::Date => DATE,
        Look::Time => TIME,
        Look::Uuid => UUID,
        Look::Json => JSON,
        Look::Text => TEXT,
    }
}

/// JSON says itself what is a number or text; only what texts hold is looked at.
fn of_json(text: &str) -> Option<u16> {
    Some(match text.as_bytes().first()? {
        b'n' => return None,
        b't' | b'f' => BOOLEAN,
        b'{' | b'[' => JSON,
        b'"' => match serde_json::from_str::<String>(text) {
            Ok(text) => of_look(plain::moment(&text), &text),
            Err(_) => TEXT,
        },
        _ if text.contains(['e', 'E']) => EXPONENT,
        _ if text.contains('.') => FLOAT,
        _ => match text.parse::<i64>() {
            Ok(integer) => of_look(Look::Integer(integer), text),
            Err(_) => LONG,
        },
    })
}
