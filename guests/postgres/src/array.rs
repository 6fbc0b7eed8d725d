//! Arrays, which travel as text: `{1,NULL,"a b"}`, nested where they have several dimensions.
//!
//! On this side they are JSON arrays. An array that begins elsewhere than at 1 loses that.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::Value as Json;
use tenon_model::format_timestamp;
use tenon_sdk::{Error, Result};

use crate::time;
use crate::types::Codec;

/// How deep an array may be nested: PostgreSQL has six dimensions.
const DEEPEST: usize = 16;

/// An array of texts; none is null.
pub(crate) fn literal(elements: impl IntoIterator<Item = Option<String>>) -> String {
    let mut literal = String::from("{");
    for (place, element) in elements.into_iter().enumerate() {
        if place > 0 {
            literal.push(',');
        }
        match element {
            Some(text) => quote(&text, &mut literal),
            None => literal.push_str("NULL"),
        }
    }
    literal.push('}');
    literal
}

/// A JSON array as the server reads it; `json` says that its elements are JSON themselves, also where they are arrays.
pub(crate) fn from_json(text: &str, json: bool) -> Result<String> {
    let array: Json = serde_json::from_str(text)
        .map_err(|error| Error::invalid(format!("an array must be valid JSON: {error}")))?;
    let Json::Array(elements) = array else {
        return Err(Error::invalid(
            "an array must be a JSON array, and is an object",
        ));
    };
    let mut literal = String::new();
    push(&elements, json, 0, &mut literal)?;
    Ok(literal)
}

fn push(elements: &[Json], json: bool, depth: usize, out: &mut String) -> Result<()> {
    if depth >= DEEPEST {
        return Err(Error::invalid("an array is nested too deeply"));
    }
    out.push('{');
    for (place, element) in elements.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        match element {
            Json::Null => out.push_str("NULL"),
            Json::Array(elements) if !json => push(elements, json, depth + 1, out)?,
            Json::String(text) if text.contains('\0') => {
                return Err(Error::invalid(
                    "PostgreSQL has no place for the NUL character in a text",
                ));
            }
            Json::String(text) if !json => quote(text, out),
            other => quote(&other.to_string(), out),
        }
    }
    out.push('}');
    Ok(())
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
}

/// The JSON of an array that the server wrote; none where it isn't one.
pub(crate) fn to_json(text: &str, element: Codec) -> Option<String> {
    // Bounds stand before it where they aren't from 1 on: `[0:1]={1,2}`.
    let text = match text.strip_prefix('[') {
        Some(_) => text.split_once('=')?.1,
        None => text,
    };
    let mut reader = Reader {
        rest: text.chars().peekable(),
        element,
    };
    let mut json = String::with_capacity(text.len() + 2);
    reader.array(0, &mut json)?;
    reader.rest.next().is_none().then_some(json)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    element: Codec,
}

impl Reader<'_> {
    fn array(&mut self, depth: usize, json: &mut String) -> Option<()> {
        if depth >= DEEPEST || self.rest.next()? != '{' {
            return None;
        }
        json.push('[');
        if self.rest.next_if_eq(&'}').is_some() {
            json.push(']');
            return Some(());
        }
        loop {
            match self.rest.peek()? {
                '{' => self.array(depth + 1, json)?,
                '"' => {
                    let text = self.quoted()?;
                    self.push(&text, json);
                }
                _ => {
                    let text = self.plain()?;
                    if text == "NULL" {
                        json.push_str("null");
                    } else {
                        self.push(&text, json);
                    }
                }
            }
            match self.rest.next()? {
                // Boxes alone are set apart by semicolons.
                ',' | ';' => json.push(','),
                '}' => break,
                _ => return None,
            }
        }
        json.push(']');
        Some(())
    }

    fn quoted(&mut self) -> Option<String> {
        self.rest.next()?;
        let mut text = String::new();
        loop {
            match self.rest.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.rest.next()?),
                character => text.push(character),
            }
        }
    }

    fn plain(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(character) = self
            .rest
            .next_if(|character| !matches!(character, ',' | ';' | '{' | '}' | '"'))
        {
            text.push(character);
        }
        (!text.is_empty()).then_some(text)
    }

    /// Appends an element's JSON.
    fn push(&self, text: &str, json: &mut String) {
        let plain = match self.element {
            Codec::Boolean => match text {
                "t" => Some("true"),
                "f" => Some("false"),
                _ => None,
            },
            Codec::SmallInteger
            | Codec::Integer
            | Codec::BigInteger
            | Codec::Oid
            | Codec::Real
            | Codec::Double
                if serde_json::from_str::<serde_json::Number>(text).is_ok() =>
            {
                Some(text)
            }
            Codec::Json if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
                Some(text)
            }
            _ => None,
        };
        match plain {
            Some(plain) => json.push_str(plain),
            None if self.element == Codec::Timestamp => {
                let written = time::parse(text).map(format_timestamp);
                push_text(written.as_deref().unwrap_or(text), json);
            }
            None => push_text(text, json),
        }
    }
}

fn push_text(text: &str, json: &mut String) {
    json.push_str(&Json::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arrays_are_read_as_json() {
        for (text, element, json) in [
            ("{}", Codec::Text, "[]"),
            ("{1,NULL,-3}", Codec::Integer, "[1,null,-3]"),
            ("{t,f}", Codec::Boolean, "[true,false]"),
            (
                r#"{"a b",c,"NULL","\"\\"}"#,
                Codec::Text,
                r#"["a b","c","NULL","\"\\"]"#,
            ),
            ("{{1,2},{3,4}}", Codec::Integer, "[[1,2],[3,4]]"),
            ("[0:1]={1,2}", Codec::Integer, "[1,2]"),
            ("{1.50,NaN}", Codec::Numeric, r#"["1.50","NaN"]"#),
            ("{NaN,1e+300}", Codec::Double, r#"["NaN",1e+300]"#),
            (r#"{"{\"a\": 1}","[2]"}"#, Codec::Json, r#"[{"a": 1},[2]]"#),
            (
                r#"{"2026-11-20 12:30:00+00",infinity}"#,
                Codec::Timestamp,
                r#"["2026-11-20T12:30:00Z","infinity"]"#,
            ),
        ] {
            assert_eq!(to_json(text, element).as_deref(), Some(json), "{text}");
        }
    }

    #[test]
    fn what_is_no_array_is_not_read() {
        let deep = "{".repeat(DEEPEST + 1) + &"}".repeat(DEEPEST + 1);
        for text in [
            "", "{", "{1", "{1,}", "{1}x", "1", "{\"a}", "{a\"b\"}", "[0:1]", &deep,
        ] {
            assert_eq!(to_json(text, Codec::Text), None, "{text}");
        }
    }

    #[test]
    fn json_becomes_arrays() {
        for (json, is_json, text) in [
            ("[]", false, "{}"),
            (
                r#"[1,true,null,"a\"b"]"#,
                false,
                r#"{"1","true",NULL,"a\"b"}"#,
            ),
            ("[[1],[2]]", false, r#"{{"1"},{"2"}}"#),
            (r#"[[1],"a"]"#, true, r#"{"[1]","\"a\""}"#),
        ] {
            assert_eq!(from_json(json, is_json).unwrap(), text);
        }
        for json in ["{}", "[", r#"["a\u0000"]"#] {
            assert!(from_json(json, false).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn texts_survive(texts in proptest::collection::vec("[^\0]{0,6}", 0..5)) {
            let json = serde_json::to_string(&texts).unwrap();
            let written = from_json(&json, false).unwrap();
            let read: Vec<String> = serde_json::from_str(&to_json(&written, Codec::Text).unwrap()).unwrap();
            prop_assert_eq!(read, texts);
        }

        #[test]
        fn nothing_makes_the_reader_fail(text in "[{}\",\\\\a;=\\[ ]{0,20}") {
            let _ = to_json(&text, Codec::Text);
        }
    }
}
