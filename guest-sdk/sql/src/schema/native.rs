//! Native types taken apart, so that two spellings of one type compare equal.
//!
//! What a catalogue writes and what a person wrote into a model meet here. A type that can't be taken apart is kept as
//! one word: it equals itself, and nothing is guessed.

use tenon_sdk::Property;

/// A native type: `character varying(40)[]` is a name, arguments and a suffix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeType {
    /// Its words, in lower case except in quotes, with single spaces.
    pub name: String,
    /// What stands in the first parentheses, without space around it.
    pub arguments: Vec<String>,
    /// What comes behind the parentheses: `unsigned`, `with time zone`, `[]`.
    pub suffix: String,
}

impl NativeType {
    /// Takes a type apart.
    pub fn parse(text: &str) -> Self {
        let Some((start, end)) = parentheses(text) else {
            let (name, suffix) = match text.find('[') {
                Some(at) if !text.contains('"') => text.split_at(at),
                _ => match text.strip_suffix("[]") {
                    Some(name) => (name, "[]"),
                    None => (text, ""),
                },
            };
            return Self {
                name: spaced(name),
                arguments: Vec::new(),
                suffix: spaced(suffix),
            };
        };
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        Self {
            name: spaced(part(0, start)),
            arguments: arguments(part(start + 1, end)),
            suffix: spaced(part(end + 1, text.len())),
        }
    }

    /// The first argument as a number.
    pub fn length(&self) -> Option<u32> {
        self.arguments.first()?.parse().ok()
    }

    /// The second argument as a number.
    pub fn scale(&self) -> Option<u8> {
        self.arguments.get(1)?.parse().ok()
    }

    /// Whether every decimal of a property fits into a type of these digits.
    pub fn holds_decimals_of(&self, property: &Property) -> bool {
        let whole = |digits: u32, scale: u8| digits.saturating_sub(scale.into());
        let sizes = (self.length(), self.scale(), property.length, property.scale);
        let (Some(digits), Some(scale), Some(wanted), Some(wanted_scale)) = sizes else {
            return false;
        };
        scale >= wanted_scale && whole(digits, scale) >= whole(wanted, wanted_scale)
    }

    /// As it is written again.
    pub fn text(&self) -> String {
        let mut text = self.name.clone();
        if !self.arguments.is_empty() {
            text.push('(');
            text.push_str(&self.arguments.join(","));
            text.push(')');
        }
        if !self.suffix.is_empty() {
            if !self.suffix.starts_with('[') {
                text.push(' ');
            }
            text.push_str(&self.suffix);
        }
        text
    }
}

/// Where the first parentheses outside of quotes open and close.
fn parentheses(text: &str) -> Option<(usize, usize)> {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut start = None;
    for (place, char) in text.char_indices() {
        match (quote, char) {
            (Some(open), _) if open == char => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(char),
            (None, '(') => {
                depth += 1;
                start.get_or_insert(place);
            }
            (None, ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some((start?, place));
                }
            }
            _ => {}
        }
    }
    None
}

/// What stands between commas that are in no quotes.
fn arguments(text: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let mut quote = None;
    for char in text.chars() {
        match quote {
            Some(open) if open == char => quote = None,
            Some(_) => {}
            None if matches!(char, '"' | '\'' | '`') => quote = Some(char),
            None if char == ',' => {
                arguments.push(String::new());
                continue;
            }
            None => {}
        }
        if let Some(last) = arguments.last_mut() {
            last.push(char);
        }
    }
    for argument in &mut arguments {
        let trimmed = argument.trim();
        if trimmed.len() != argument.len() {
            *argument = trimmed.to_owned();
        }
    }
    arguments
}

/// In lower case and with single spaces, outside of quotes.
fn spaced(text: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    let mut space = false;
    for char in text.chars() {
        if char == '"' {
            quoted = !quoted;
        }
        if !quoted && char.is_whitespace() {
            space = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut space) {
            out.push(' ');
        }
        if quoted {
            out.push(char);
        } else {
            out.extend(char.to_lowercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Vec<String>, String) {
        let native = NativeType::parse(text);
        (native.name, native.arguments, native.suffix)
    }

    fn expected(name: &str, arguments: &[&str], suffix: &str) -> (String, Vec<String>, String) {
        let arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
        (name.to_owned(), arguments, suffix.to_owned())
    }

    #[test]
    fn a_type_is_a_name_arguments_and_a_suffix() {
        for (text, name, arguments, suffix) in [
            ("Integer", "integer", &[][..], ""),
            ("int4[]", "int4", &[], "[]"),
            (
                "character  varying ( 40 )",
                "character varying",
                &["40"],
                "",
            ),
            ("NUMERIC(10, 2)", "numeric", &["10", "2"], ""),
            (
                "timestamp(3) with time zone",
                "timestamp",
                &["3"],
                "with time zone",
            ),
            ("varchar(40)[]", "varchar", &["40"], "[]"),
            ("BIGINT(20) UNSIGNED", "bigint", &["20"], "unsigned"),
            ("enum('a','B,(c')", "enum", &["'a'", "'B,(c'"], ""),
            ("sales.\"Odd  (Type)\"", "sales.\"Odd  (Type)\"", &[], ""),
            ("\"Odd\"[]", "\"Odd\"", &[], "[]"),
            ("", "", &[], ""),
            ("broken(", "broken(", &[], ""),
        ] {
            assert_eq!(parts(text), expected(name, arguments, suffix), "{text}");
        }
    }

    #[test]
    fn what_is_taken_apart_is_written_again() {
        for text in [
            "integer[]",
            "character varying(40)",
            "numeric(10,2)",
            "timestamp(3) with time zone",
            "bigint(20) unsigned",
            "enum('a','B')",
        ] {
            assert_eq!(NativeType::parse(text).text(), text);
        }
    }
}
