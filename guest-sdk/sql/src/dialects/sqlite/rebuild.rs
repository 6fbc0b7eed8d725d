//! A table made anew in another shape: <https://sqlite.org/lang_altertable.html>, section 7.
//!
//! What the catalogue doesn't tell of a table would be lost on the way. So the table's own definition is looked
//! through for it first, and the change is refused where something is found.

use tenon_sdk::{Error, Result};

use crate::schema::{Around, Definition, TableShape, ddl};
use crate::{SchemaDialect, TableName};

/// References are checked at the end, since the table is away in between; and renaming the new table must not
/// rename what others say of the old one, nor fail for a view on it.
pub(super) const AROUND: Around = Around {
    before: &[
        "PRAGMA foreign_keys = OFF",
        "PRAGMA legacy_alter_table = ON",
    ],
    check: Some("SELECT \"table\" FROM pragma_foreign_key_check"),
    after: &[
        "PRAGMA legacy_alter_table = OFF",
        "PRAGMA foreign_keys = ON",
    ],
};

/// Words of a definition that say what is not described, and what they stand for.
const LOST: &[(&str, &str)] = &[
    ("CHECK", "a check"),
    ("GENERATED", "a column that is computed"),
    ("AS", "a column that is computed"),
    ("AUTOINCREMENT", "AUTOINCREMENT"),
    ("WITHOUT", "WITHOUT ROWID"),
    ("STRICT", "STRICT"),
    ("CONFLICT", "ON CONFLICT"),
    ("DEFERRABLE", "a reference that is checked later"),
];

/// What makes the table anew.
pub(super) fn commands(
    dialect: &impl SchemaDialect,
    table: &TableShape,
    copied: &[String],
    dropped_indexes: &[String],
    definitions: &[Definition],
) -> Result<Vec<String>> {
    let of_table = definitions.iter().filter(|it| it.kind == "table");
    for definition in of_table {
        let words = words(&definition.sql);
        let mut lost = LOST.iter();
        if let Some((_, what)) = lost.find(|(word, _)| words.iter().any(|it| it == word)) {
            return Err(Error::unsupported(format!(
                "SQLite can't do this in place, and a table made anew would lose what no model says of it, {what}: change \
                 it by hand"
            )));
        }
    }
    let new = TableShape {
        name: TableName {
            schema: table.name.schema.clone(),
            name: format!("tenon_new_{}", table.name.name),
        },
        ..table.clone()
    };
    let old_name = ddl::table_name(dialect, &table.name);
    let new_name = ddl::table_name(dialect, &new.name);
    let mut commands = vec![dialect.create_table(&new)?];
    if !copied.is_empty() {
        let columns = ddl::names(dialect, copied);
        commands.push(format!(
            "INSERT INTO {new_name} ({columns}) SELECT {columns} FROM {old_name}"
        ));
    }
    commands.push(format!("DROP TABLE {old_name}"));
    let name = ddl::name(dialect, &table.name.name);
    commands.push(format!("ALTER TABLE {new_name} RENAME TO {name}"));
    let kept = definitions.iter().filter(|it| match it.kind.as_str() {
        "index" => !dropped_indexes.contains(&it.name),
        kind => kind == "trigger",
    });
    commands.extend(kept.map(|definition| definition.sql.clone()));
    Ok(commands)
}

/// A definition's words in capitals, without what stands in quotes and comments.
fn words(sql: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut rest = sql;
    while let Some(char) = rest.chars().next() {
        let end = match char {
            '"' => Some("\""),
            '\'' => Some("'"),
            '`' => Some("`"),
            '[' => Some("]"),
            _ if rest.starts_with("--") => Some("\n"),
            _ if rest.starts_with("/*") => Some("*/"),
            _ => None,
        };
        let after = rest.get(char.len_utf8()..).unwrap_or_default();
        let is_part = char.is_alphanumeric() || char == '_';
        match words.last_mut() {
            Some(word) if is_part => word.extend(char.to_uppercase()),
            _ => words.push(String::new()),
        }
        // A quote that is written twice ends and begins again.
        rest = match end {
            Some(end) => after.split_once(end).map_or("", |(_, after)| after),
            None => after,
        };
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_quotes_and_comments_are_none() {
        let sql = "CREATE TABLE \"check\" (a TEXT DEFAULT 'as ''check''', -- strict\n[generated] int /* without */, b)";
        assert_eq!(
            words(sql),
            ["CREATE", "TABLE", "A", "TEXT", "DEFAULT", "INT", "B"]
        );
    }
}
