//! The format: lines `name: text`. Empty lines, and those that begin with `#`, say nothing.

use std::fs::File;
use std::io::Read;

use tenon_sdk::{Entity, Error, Result};

/// Opens the file.
pub fn open(path: &str) -> Result<File> {
    // `?` alone would say what failed, and not on what.
    File::open(path).map_err(|error| Error::from(error).context(path))
}

/// The records of a file.
pub fn read(path: &str) -> Result<Vec<Entity>> {
    let mut text = String::new();
    open(path)?
        .read_to_string(&mut text)
        .map_err(|error| Error::from(error).context(path))?;
    parse(&text).map_err(|error| error.context(path))
}

fn parse(text: &str) -> Result<Vec<Entity>> {
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            let (name, text) = line.split_once(':').ok_or_else(|| {
                Error::backend(format!("line {} is not `name: text`", index + 1))
            })?;
            Ok(Entity::new()
                .with("name", name.trim())
                .with("text", text.trim()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_record() {
        let records = parse("# greetings\n\nada: Good morning\n alan :Good night\n").unwrap();
        let names = records.iter().filter_map(|record| record.get("name")?.as_text());
        assert_eq!(names.collect::<Vec<_>>(), ["ada", "alan"]);
        assert_eq!(records[1].get("text").unwrap().as_text(), Some("Good night"));
    }

    #[test]
    fn what_is_no_record_is_an_error_with_its_line() {
        let error = parse("ada: hello\nalan").unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
