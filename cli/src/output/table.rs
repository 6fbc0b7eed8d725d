//! Records as a table for reading: numbers to the right, long texts cut to the terminal's width.
//!
//! The first rows say how wide the columns are; from then on rows are written as they come. Numbers are never
//! cut, since a cut number is another number; where not even narrow columns fit, the last ones are left out.

use std::io::{self, Write};

use tenon_model::{Entity, PropertyType, Value};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::waiting::Waiting;
use super::{Columns, RecordWriter, Screen, Written};
use crate::text::visible::visible;

/// What a text's column keeps, however narrow the terminal.
const MIN_TEXT_WIDTH: usize = 8;

/// The space between two columns.
const GAP: &str = "  ";

/// Writes a table.
pub struct TableWriter<W> {
    columns: Columns,
    screen: Screen,
    out: W,
    waiting: Waiting,
    /// The columns' widths, once they are known; those behind are left out.
    widths: Option<Vec<usize>>,
    written: Written,
}

impl<W: Write> TableWriter<W> {
    pub fn new(columns: Columns, screen: Screen, out: W) -> Self {
        Self {
            columns,
            screen,
            out,
            waiting: Waiting::default(),
            widths: None,
            written: Written::default(),
        }
    }

    /// Decides the widths, and writes the names and the rows that waited.
    fn start(&mut self) -> io::Result<Vec<usize>> {
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .map(|column| visible(&column.name).width())
            .collect();
        for record in self.waiting.iter() {
            for (width, column) in widths.iter_mut().zip(self.columns.iter()) {
                let value = Columns::value(column, record);
                *width = (*width).max(shown(value.as_deref()).width());
            }
        }
        let fixed: Vec<bool> = self
            .columns
            .iter()
            .map(|column| is_numeric(column.kind))
            .collect();
        let widths = fit(widths, &fixed, self.screen.width);
        for column in self.columns.iter().skip(widths.len()) {
            self.written.left_out.push(column.name.clone());
        }
        let names = self
            .columns
            .iter()
            .map(|column| (visible(&column.name).into_owned(), is_numeric(column.kind)));
        let names: Vec<_> = names.collect();
        self.line(&widths, names)?;
        let rules = widths
            .iter()
            .map(|width| ("─".repeat(*width), false))
            .collect();
        self.line(&widths, rules)?;
        for record in self.waiting.take() {
            self.row(&widths, &record)?;
        }
        Ok(widths)
    }

    fn row(&mut self, widths: &[usize], record: &Entity) -> io::Result<()> {
        let cells = self.columns.iter().map(|column| {
            let value = Columns::value(column, record);
            let value = value.as_deref();
            let right = is_numeric(column.kind) || value.is_some_and(is_number);
            (shown(value), right)
        });
        let cells = cells.collect();
        self.columns
            .note_left_out(record, &mut self.written.left_out);
        self.written.records += 1;
        self.line(widths, cells)
    }

    fn line(&mut self, widths: &[usize], cells: Vec<(String, bool)>) -> io::Result<()> {
        let mut line = String::new();
        for (index, (width, (text, right))) in widths.iter().zip(cells).enumerate() {
            if index > 0 {
                line.push_str(GAP);
            }
            let text = if self.screen.width.is_some() {
                cut(text, *width)
            } else {
                text
            };
            let space = " ".repeat(width.saturating_sub(text.width()));
            if right {
                line.push_str(&space);
            }
            line.push_str(&text);
            if !right {
                line.push_str(&space);
            }
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        self.out.write_all(line.as_bytes())
    }
}

impl<W: Write> RecordWriter for TableWriter<W> {
    fn write(&mut self, record: &Entity) -> io::Result<()> {
        if self.widths.is_none() {
            self.columns.widen(record);
            if self.waiting.push(record.clone()) {
                self.widths = Some(self.start()?);
            }
            return Ok(());
        }
        let widths = self.widths.take().unwrap_or_default();
        let result = self.row(&widths, record);
        self.widths = Some(widths);
        result
    }

    fn finish(mut self: Box<Self>) -> io::Result<Written> {
        if self.widths.is_none() {
            self.start()?;
        }
        self.out.flush()?;
        Ok(self.written)
    }
}

/// What a cell shows: nothing for null, `""` for the empty text, and nothing that a terminal would obey.
pub fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::Text(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(Value::Text(text) | Value::Json(text)) => visible(text).into_owned(),
        Some(value) => match value.to_json() {
            serde_json::Value::String(text) => visible(&text).into_owned(),
            json => visible(&json.to_string()).into_owned(),
        },
    }
}

const fn is_numeric(kind: PropertyType) -> bool {
    matches!(
        kind,
        PropertyType::Integer | PropertyType::Float | PropertyType::Decimal
    )
}

const fn is_number(value: &Value) -> bool {
    matches!(
        value,
        Value::Integer(_) | Value::Float(_) | Value::Decimal(_)
    )
}

/// The widths as they fit: the widest texts give way first, then the last columns go.
fn fit(mut widths: Vec<usize>, fixed: &[bool], room: Option<usize>) -> Vec<usize> {
    let Some(room) = room else { return widths };
    loop {
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let total: usize = widths.iter().sum::<usize>() + gaps;
        if total <= room || widths.len() <= 1 {
            // A lone column is cut at the edge, whatever it holds.
            return widths
                .into_iter()
                .map(|width| width.min(room.max(1)))
                .collect();
        }
        let texts = || {
            widths
                .iter()
                .zip(fixed)
                .filter(|(_, fixed)| !**fixed)
                .map(|(width, _)| *width)
        };
        let over = total - room;
        let spare: usize = texts()
            .map(|width| width.saturating_sub(MIN_TEXT_WIDTH))
            .sum();
        if spare < over {
            widths.pop();
            continue;
        }
        // The greatest width that lets all fit.
        let saved = |cap: usize| {
            texts()
                .map(|width| width.saturating_sub(cap))
                .sum::<usize>()
        };
        let (mut low, mut high) = (MIN_TEXT_WIDTH, texts().max().unwrap_or(MIN_TEXT_WIDTH));
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if saved(middle) >= over {
                low = middle
            } else {
                high = middle - 1
            }
        }
        for (width, fixed) in widths.iter_mut().zip(fixed) {
            if !fixed {
                *width = (*width).min(low);
            }
        }
    }
}

/// The text, cut to a width where it is longer.
pub fn cut(text: String, width: usize) -> String {
    if text.width() <= width {
        return text;
    }
    let mut room = width.saturating_sub(1);
    let mut kept = String::new();
    for char in text.chars() {
        let needed = char.width().unwrap_or(0);
        if needed > room {
            break;
        }
        room -= needed;
        kept.push(char);
    }
    kept.push('…');
    kept
}
