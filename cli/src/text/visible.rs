//! Text that is safe to show: what moves a cursor, hides or reorders is written out as an escape.
//!
//! Records come from files and backends that nobody has checked; a terminal obeys what it is sent.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a terminal would obey the character, or show the text around it in another order or not at all.
pub fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text on one line, with escapes as in Rust for hidden characters: `\n`, `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// The text with its line breaks, the other hidden characters as escapes.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |char| char != '\n' && is_hidden(char))
}

fn escaped(text: &str, hide: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hide) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        if hide(char) {
            out.extend(char.escape_default());
        } else {
            out.push(char);
        }
    }
    Cow::Owned(out)
}

/// Replaces hidden characters in JSON text, from `start`, by JSON's own escapes: it means the same.
pub fn escape_json(json: &mut String, start: usize) {
    let Some(tail) = json.get(start..) else {
        return;
    };
    if !tail.contains(is_hidden) {
        return;
    }
    let tail = json.split_off(start);
    for char in tail.chars() {
        if is_hidden(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing into a String can't fail.
                let _ = write!(json, "\\u{unit:04x}");
            }
        } else {
            json.push(char);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        assert_eq!(visible("a\tb\nc"), r"a\tb\nc");
        assert_eq!(visible("\u{1b}]0;title\u{7}"), r"\u{1b}]0;title\u{7}");
        assert_eq!(
            visible("\u{9b}2J \u{202e}gpj.exe"),
            r"\u{9b}2J \u{202e}gpj.exe"
        );
        assert_eq!(visible_lines("a\nb\r"), "a\nb\\r");
    }

    #[test]
    fn ordinary_text_of_any_language_stays() {
        for text in ["Zürich", "東京", "مطار", "👩\u{200d}✈\u{fe0f}"] {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
