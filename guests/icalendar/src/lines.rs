//! Content lines (RFC 5545, 3.1): `NAME;PARAMETER=VALUE:value`, long ones folded.

use tenon_sdk::{Error, Result};

/// A content line.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// Its number in the file, from 1; of a folded one, where it begins.
    pub number: usize,
    /// In capitals.
    pub name: String,
    /// Names in capitals, with their values.
    pub parameters: Vec<(String, String)>,
    /// As it is written, still escaped.
    pub value: String,
}

impl Line {
    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let (_, value) = parameters.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The value as a text (3.3.11).
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(escaped) => text.push(escaped),
                    None => text.push('\\'),
                },
                _ => text.push(letter),
            }
        }
        text
    }
}

/// The lines of a text.
pub fn parse(text: &str) -> Result<Vec<Line>> {
    let mut unfolded: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(rest), Some((_, folded))) => folded.push_str(rest),
            _ if line.is_empty() => {}
            _ => unfolded.push((index + 1, line.to_owned())),
        }
    }
    unfolded
        .into_iter()
        .map(|(number, line)| parse_one(number, &line))
        .collect()
}

fn parse_one(number: usize, line: &str) -> Result<Line> {
    let wrong = || Error::backend(format!("line {number} is no line of an iCalendar file"));
    // A colon or semicolon in a quoted parameter ends nothing.
    let mut quoted = false;
    let mut parts = vec![String::new()];
    let mut letters = line.chars();
    loop {
        let letter = letters.next().ok_or_else(wrong)?;
        match letter {
            '"' => quoted = !quoted,
            ':' if !quoted => break,
            ';' if !quoted => parts.push(String::new()),
            _ => parts.last_mut().ok_or_else(wrong)?.push(letter),
        }
    }
    let mut parts = parts.into_iter();
    let name = parts
        .next()
        .filter(|name| !name.is_empty())
        .ok_or_else(wrong)?;
    let parameters = parts.map(|part| {
        let (name, value) = part.split_once('=').ok_or_else(wrong)?;
        Ok((name.to_ascii_uppercase(), value.to_owned()))
    });
    Ok(Line {
        number,
        name: name.to_ascii_uppercase(),
        parameters: parameters.collect::<Result<_>>()?,
        value: letters.collect(),
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_are_one_and_escapes_are_undone() {
        let lines = parse("SUMMARY:Lunch\\, then\r\n  a walk\\nhome\r\n\r\nX:").unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].text(), "Lunch, then a walk\nhome");
        assert_eq!((lines[1].number, lines[1].value.as_str()), (4, ""));
    }

    #[test]
    fn parameters_may_hold_colons_in_quotes() {
        let lines = parse("dtstart;TZID=\"Europe/Berlin: north\";X=1:20260101").unwrap();
        assert_eq!(lines[0].name, "DTSTART");
        assert_eq!(lines[0].parameter("TZID"), Some("Europe/Berlin: north"));
        assert_eq!(lines[0].parameter("X"), Some("1"));
        assert_eq!(lines[0].value, "20260101");
    }

    #[test]
    fn what_is_no_line_is_told_with_its_number() {
        for text in ["A:1\nno colon", "A:1\n:no name", "A:1\nA;B:no value of B"] {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().contains("line 2"), "{text}: {error}");
        }
    }
}
