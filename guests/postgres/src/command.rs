//! Commands of the caller's own: what their first words tell.
//!
//! What begins or ends a transaction is told apart, so that no command takes one away from those who have it. Procedures
//! and anonymous blocks can't: the server lets them end no transaction that was begun outside of them.

use crate::portal::Way;

/// What a command is, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// It has rows, and perhaps many.
    Query,
    /// It has a protocol of its own.
    Copy,
    /// It begins a transaction, or ends one.
    Transaction,
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

/// What a command is, by its first words after white space, comments, parentheses and empty statements.
pub(crate) fn sort(command: &str) -> Sort {
    let mut words = Words(command);
    match words.next().as_str() {
        "select" | "with" | "values" | "table" => Sort::Query,
        "copy" => Sort::Copy,
        "begin" | "start" | "end" | "abort" => Sort::Transaction,
        // What was prepared by somebody else is none of the session's.
        "commit" if words.next() != "prepared" => Sort::Transaction,
        "prepare" if words.next() == "transaction" => Sort::Transaction,
        "rollback" => {
            let mut word = words.next();
            if word == "work" || word == "transaction" {
                word = words.next();
            }
            match word.as_str() {
                "to" | "prepared" => Sort::Other,
                _ => Sort::Transaction,
            }
        }
        _ => Sort::Other,
    }
}

/// The words that a text begins with, in small letters; empty where something else comes.
struct Words<'a>(&'a str);

impl Words<'_> {
    fn next(&mut self) -> String {
        let text = without_comments(self.0);
        let end = text
            .find(|char: char| !char.is_ascii_alphabetic())
            .unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.0 = rest;
        word.to_ascii_lowercase()
    }
}

fn without_comments(mut text: &str) -> &str {
    loop {
        text = text
            .trim_start_matches(|char: char| char.is_whitespace() || char == '(' || char == ';');
        text = if let Some(comment) = text.strip_prefix("--") {
            comment
                .split_once(['\n', '\r'])
                .map_or("", |(_, rest)| rest)
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
            ("Begin", Sort::Transaction),
            ("start transaction read only", Sort::Transaction),
            ("-- undo\rCOMMIT", Sort::Transaction),
            (";/* a /* b */ */;commit;", Sort::Transaction),
            ("commit and chain", Sort::Transaction),
            ("commit/**/prepared 'a'", Sort::Other),
            ("END", Sort::Transaction),
            ("abort", Sort::Transaction),
            ("rollback", Sort::Transaction),
            ("rollback work and no chain", Sort::Transaction),
            ("rollback /* a */ transaction -- b\n TO a", Sort::Other),
            ("rollback prepared 'a'", Sort::Other),
            ("savepoint a", Sort::Other),
            ("release savepoint a", Sort::Other),
            ("prepare transaction 'a'", Sort::Transaction),
            ("prepare a as select 1", Sort::Other),
            ("/* open", Sort::Other),
            ("", Sort::Other),
        ] {
            assert_eq!(sort(command), expected, "{command}");
        }
    }
}
