//! Whether a step of a plan can lose data: as the connector says, and as the runtime judges it besides.
//!
//! The judgement errs on the safe side. It knows few kinds of step as harmless, and looks into the commands for
//! words that take something away: a connector that forgets to warn is noticed, one that lies cleverly isn't.

use std::fmt;

/// Why a step is held to be able to lose data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Danger {
    /// The connector says so.
    Connector,
    /// Steps of this kind drop or alter something.
    Kind,
    /// Tenon doesn't know this kind of step.
    UnknownKind,
    /// This word is in its commands.
    Command(&'static str),
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connector => f.write_str("the connector says that it can lose data"),
            Self::Kind => f.write_str("a step of this kind can lose data"),
            Self::UnknownKind => f.write_str("Tenon doesn't know this kind of step"),
            Self::Command(word) => write!(f, "its commands have {word} in them"),
        }
    }
}

/// Kinds that only add or name.
const ADDING: &[&str] = &[
    "create-collection",
    "add-column",
    "create-index",
    "add-reference",
    "rename-index",
];

/// Kinds that take away what holds no data of its own.
const LOOSENING: &[&str] = &["drop-index", "drop-reference"];

/// Kinds that change what holds data.
const CHANGING: &[&str] = &["alter-column", "drop-column", "drop-collection"];

/// Words of commands that take data away, or put others in their place.
const WORDS: &[&str] = &[
    "DROP",
    "TRUNCATE",
    "DELETE",
    "REPLACE",
    "UPDATE",
    "OVERWRITE",
    "MODIFY",
    "RENAME",
    "ALTER",
];

/// What may be altered, so that something can be added to it. Whatever else is altered inside of it is a column.
const ALTERABLE: &[&str] = &["TABLE", "INDEX"];

/// The kind that may rename an index, and nothing else.
const RENAMING: &str = "rename-index";

/// What may be dropped without losing data.
const DATALESS: &[&str] = &["INDEX", "CONSTRAINT", "FOREIGN"];

/// What makes a step dangerous, if anything does.
pub(super) fn of(kind: &str, commands: &[String], destructive: bool) -> Option<Danger> {
    if destructive {
        return Some(Danger::Connector);
    }
    if CHANGING.contains(&kind) {
        return Some(Danger::Kind);
    }
    if !ADDING.contains(&kind) && !LOOSENING.contains(&kind) {
        return Some(Danger::UnknownKind);
    }
    commands
        .iter()
        .find_map(|command| dangerous_word(command, kind))
        .map(Danger::Command)
}

/// The first word of a command that takes data away, unless a step of this kind may have it there.
fn dangerous_word(command: &str, kind: &str) -> Option<&'static str> {
    let words = words(command);
    let is_harmless = |place: usize, word: &str| {
        let earlier = words.get(..place).unwrap_or_default();
        let after = words.get(place + 1).map(String::as_str);
        match word {
            "DROP" => {
                LOOSENING.contains(&kind) && after.is_some_and(|after| DATALESS.contains(&after))
            }
            // `ON DELETE CASCADE` is a rule for later.
            "DELETE" | "UPDATE" => earlier.last().is_some_and(|before| before == "ON"),
            "RENAME" => kind == RENAMING && (after == Some("INDEX") || alters_index(earlier)),
            "ALTER" => earlier.is_empty() || after.is_some_and(|after| ALTERABLE.contains(&after)),
            _ => false,
        }
    };
    words.iter().enumerate().find_map(|(place, word)| {
        let dangerous = WORDS.iter().find(|dangerous| word == *dangerous)?;
        (!is_harmless(place, word)).then_some(*dangerous)
    })
}

/// Whether the last thing that these words alter is an index.
fn alters_index(words: &[String]) -> bool {
    let altered = words.iter().rposition(|word| word == "ALTER");
    let altered = altered.and_then(|place| words.get(place + 1));
    altered.is_some_and(|altered| altered == "INDEX")
}

/// A command's words in capitals; `dropDatabase` is two, `drop_date` and `dropped` are one.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for char in command.chars() {
        let is_part = char.is_alphanumeric() || char == '_';
        if !is_part || (was_lower && char.is_uppercase()) {
            words.push(String::new());
        }
        if is_part && let Some(word) = words.last_mut() {
            word.extend(char.to_uppercase());
        }
        was_lower = char.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(kind: &str, command: &str) -> Option<Danger> {
        of(kind, &[command.to_owned()], false)
    }

    #[test]
    fn what_only_adds_is_harmless() {
        for (kind, command) in [
            (
                "create-collection",
                "CREATE TABLE a (b int REFERENCES c ON DELETE CASCADE)",
            ),
            (
                "add-column",
                "ALTER TABLE a ADD COLUMN deleted boolean, ADD drop_date date",
            ),
            ("create-index", "CREATE INDEX i ON dropped (b)"),
            ("rename-index", "ALTER INDEX i RENAME TO j"),
            ("rename-index", "ALTER TABLE a RENAME INDEX i TO j"),
            (
                "add-reference",
                "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c ON UPDATE CASCADE ON DELETE SET NULL",
            ),
            ("add-column", "ALTER TABLE a ADD COLUMN updated timestamp"),
            ("drop-index", "DROP INDEX i"),
            ("drop-index", "db.a.dropIndex('i')"),
            ("drop-reference", "ALTER TABLE a DROP CONSTRAINT r"),
        ] {
            assert_eq!(judged(kind, command), None, "{kind}: {command}");
        }
    }

    #[test]
    fn a_connector_that_forgets_to_warn_is_noticed() {
        for (kind, command, danger) in [
            ("drop-column", "", Danger::Kind),
            ("alter-column", "", Danger::Kind),
            ("rebuild", "", Danger::UnknownKind),
            ("Create-Index", "", Danger::UnknownKind),
            ("add-column", "drop table a", Danger::Command("DROP")),
            ("create-index", "DROP INDEX i", Danger::Command("DROP")),
            ("drop-index", "DROP TABLE a", Danger::Command("DROP")),
            (
                "drop-index",
                "DROP INDEX i; DROP/**/TABLE a",
                Danger::Command("DROP"),
            ),
            ("add-column", "db.dropDatabase()", Danger::Command("DROP")),
            ("add-reference", "DELETE FROM a", Danger::Command("DELETE")),
            (
                "add-reference",
                "on\nDeLeTe cascade; delete from a",
                Danger::Command("DELETE"),
            ),
            (
                "create-collection",
                "TRUNCATE a",
                Danger::Command("TRUNCATE"),
            ),
            (
                "create-collection",
                "CREATE OR REPLACE TABLE a (b int)",
                Danger::Command("REPLACE"),
            ),
            (
                "add-column",
                "update a set b = 1",
                Danger::Command("UPDATE"),
            ),
            (
                "create-collection",
                "INSERT OVERWRITE a SELECT 1",
                Danger::Command("OVERWRITE"),
            ),
            (
                "add-column",
                "ALTER TABLE a MODIFY b int",
                Danger::Command("MODIFY"),
            ),
            (
                "add-column",
                "ALTER TABLE a RENAME b TO c",
                Danger::Command("RENAME"),
            ),
            (
                "rename-index",
                "ALTER INDEX i RENAME TO j; ALTER TABLE a RENAME TO b",
                Danger::Command("RENAME"),
            ),
            (
                "add-column",
                "db.a.renameCollection('b')",
                Danger::Command("RENAME"),
            ),
            (
                "add-column",
                "ALTER TABLE a ADD c int, ALTER COLUMN b TYPE int",
                Danger::Command("ALTER"),
            ),
            (
                "drop-index",
                "ALTER TABLE a ALTER b TYPE int",
                Danger::Command("ALTER"),
            ),
        ] {
            assert_eq!(judged(kind, command), Some(danger), "{kind}: {command}");
        }
        assert_eq!(of("create-index", &[], true), Some(Danger::Connector));
    }
}
