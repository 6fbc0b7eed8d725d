//! Commands of the caller's own: what their first word tells.

use crate::portal::Way;

/// What a command is, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// It has rows, and perhaps many.
    Query,
    /// It has a protocol of its own.
    Copy,
    /// Anything else; what rows it has, it has when it is done.
    Other,
}

impl Sort {
    /// How its rows are fetched.
    pub(crate) fn way(self, in_transaction: bool) -> Way {
        match (self, in_transaction) {
            (Self::Query, true) => Way::Portal,
            (Self::Query, false) => Way::ScanAndKeep,
            _ => Way::Whole,
        }
    }
}

/// What a command is, by its first word after white space, comments and parentheses.
pub(crate) fn sort(command: &str) -> Sort {
    let word: String = without_comments(command)
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    match word.as_str() {
        "select" | "with" | "values" | "table" => Sort::Query,
        "copy" => Sort::Copy,
        _ => Sort::Other,
    }
}

fn without_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|char: char| char.is_whitespace() || char == '(');
        text = if let Some(comment) = text.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = text.strip_prefix("/*") {
            after_comment(comment)
        } else {
            return text;
        };
    }
}

/// What follows a comment that is open, and may have others in it.
fn after_comment(mut text: &str) -> &str {
    let mut depth = 1;
    while depth > 0 {
        let Some(place) = text.find("/*").into_iter().chain(text.find("*/")).min() else {
            return "";
        };
        let (mark, rest) = text.split_at(place).1.split_at(2);
        depth += if mark == "/*" { 1 } else { -1 };
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_tells() {
        for (command, expected) in [
            ("select 1", Sort::Query),
            (" \n(SELECT 1)", Sort::Query),
            (
                "-- all\n/* a /* b */ */ with a as (select 1) select *",
                Sort::Query,
            ),
            ("values (1)", Sort::Query),
            ("insert into a values (1)", Sort::Other),
            ("selected", Sort::Other),
            ("COPY a TO STDOUT", Sort::Copy),
            ("/* open", Sort::Other),
            ("", Sort::Other),
        ] {
            assert_eq!(sort(command), expected, "{command}");
        }
    }
}
