//! How a property and a path into it are written as one name: `address.city`, `stops.0.name`.
//!
//! A backslash takes the meaning from the character behind it: `a\.b` is one name with a dot in it, `\or` a
//! property called `or`. A name that can't be read so is refused, with a reason.

use super::operators::CONNECTIVES;

/// The property, and the steps into it.
///
/// # Errors
/// A sentence that says why it is no name.
pub(crate) fn name_and_path(written: &str) -> Result<(String, Vec<String>), String> {
    let mut steps = vec![String::new()];
    let mut characters = written.chars();
    while let Some(character) = characters.next() {
        match character {
            '.' => steps.push(String::new()),
            '\\' => match characters.next() {
                Some(escaped) => push(&mut steps, escaped),
                None => {
                    return Err(format!(
                        "`{written}` ends in a single backslash; write `\\\\` for a backslash"
                    ));
                }
            },
            plain => push(&mut steps, plain),
        }
    }
    if steps.iter().any(String::is_empty) {
        return Err(if written.is_empty() {
            "a property's name is empty; write its name".to_owned()
        } else {
            format!("`{written}` has a step without a name; write a dot within a name as `\\.`")
        });
    }
    let property = steps.remove(0);
    Ok((property, steps))
}

fn push(steps: &mut [String], character: char) {
    if let Some(step) = steps.last_mut() {
        step.push(character);
    }
}

/// A property and a path into it as one name, which [`name_and_path`] reads back.
pub(crate) fn written_name(property: &str, path: &[String]) -> String {
    let mut written = String::new();
    // These words, and what begins with `$`, are no properties unless they say so.
    if property.starts_with('$') || (path.is_empty() && CONNECTIVES.contains(&property)) {
        written.push('\\');
    }
    push_escaped(&mut written, property);
    for step in path {
        written.push('.');
        push_escaped(&mut written, step);
    }
    written
}

fn push_escaped(written: &mut String, step: &str) {
    for character in step.chars() {
        if matches!(character, '.' | '\\') {
            written.push('\\');
        }
        written.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> (String, Vec<String>) {
        name_and_path(written).unwrap()
    }

    #[test]
    fn dots_separate_steps_and_backslashes_keep_them() {
        assert_eq!(read("a"), ("a".into(), vec![]));
        assert_eq!(read("a.b.0"), ("a".into(), vec!["b".into(), "0".into()]));
        assert_eq!(read(r"a\.b.c\\d"), ("a.b".into(), vec![r"c\d".into()]));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (property, path) in [
            ("or", vec![]),
            ("$where", vec!["."]),
            (r"\", vec!["a b", "$"]),
        ] {
            let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
            let written = written_name(property, &path);
            assert_eq!(read(&written), (property.to_owned(), path), "{written}");
        }
    }

    #[test]
    fn empty_steps_and_lone_backslashes_are_refused() {
        for written in ["", ".", "a.", "a..b", r"a\"] {
            assert!(name_and_path(written).is_err(), "{written}");
        }
    }
}
