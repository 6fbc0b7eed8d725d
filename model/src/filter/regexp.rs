//! Regular expressions: LoopBack's forms of them, and compiling within bounds.
//!
//! The `regex` crate takes linear time by construction, so a hostile pattern costs no more than the bounds here.

#[cfg(feature = "regex")]
use regex::{Regex, RegexBuilder};

/// How many bytes a compiled pattern may take: enough for counted repetitions over Unicode classes.
#[cfg(feature = "regex")]
const COMPILED_BYTES: usize = 1 << 20;

/// How many bytes its lazily built automaton may take, for each thread.
#[cfg(feature = "regex")]
const AUTOMATON_BYTES: usize = 1 << 20;

/// How deep a pattern may nest groups: the parser of patterns is recursive.
#[cfg(feature = "regex")]
const NESTING: u32 = 64;

/// The compiled pattern.
///
/// # Errors
/// A sentence that says what is wrong with it.
#[cfg(feature = "regex")]
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(COMPILED_BYTES)
        .dfa_size_limit(AUTOMATON_BYTES)
        .nest_limit(NESTING)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                "the regular expression is too large when compiled; repeat less in it".to_owned()
            }
            other => {
                let report = other.to_string();
                // The report draws the pattern over several lines; what is wrong stands in the last.
                let reason = report
                    .rsplit_once("error: ")
                    .map_or(report.as_str(), |(_, reason)| reason);
                format!(
                    "not a regular expression in RE2's syntax: {}",
                    reason.trim()
                )
            }
        })
}

/// The pattern of a text that may have JavaScript's form, `/pattern/flags`: there the flags go in front, as
/// RE2 has them. Any other text is a pattern as it is.
///
/// # Errors
/// A sentence that says which flag has no meaning here.
pub(super) fn from_literal(text: &str) -> Result<String, String> {
    let Some((pattern, flags)) = split_literal(text) else {
        return Ok(text.to_owned());
    };
    let mut kept = String::new();
    for flag in flags.chars() {
        match flag {
            'i' | 'm' | 's' if !kept.contains(flag) => kept.push(flag),
            // Every match counts the same, and text is Unicode anyway.
            'i' | 'm' | 's' | 'g' | 'u' => {}
            _ => {
                return Err(format!(
                    "a regular expression has the flags i, m and s here, and no `{flag}`"
                ));
            }
        }
    }
    Ok(if kept.is_empty() {
        pattern.to_owned()
    } else {
        format!("(?{kept}){pattern}")
    })
}

/// A pattern as [`from_literal`] reads it back.
pub(super) fn to_literal(pattern: &str) -> String {
    if split_literal(pattern).is_some() {
        format!("/{pattern}/")
    } else {
        pattern.to_owned()
    }
}

/// Pattern and flags of JavaScript's form; none for another text, as `/usr/bin` is.
fn split_literal(text: &str) -> Option<(&str, &str)> {
    let (pattern, flags) = text.strip_prefix('/')?.rsplit_once('/')?;
    let is_literal = !pattern.is_empty() && flags.chars().all(|flag| "dgimsuvy".contains(flag));
    is_literal.then_some((pattern, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_in_front() {
        assert_eq!(from_literal("/^a/i").unwrap(), "(?i)^a");
        assert_eq!(from_literal("/a/gims").unwrap(), "(?ims)a");
        assert_eq!(from_literal("/a/").unwrap(), "a");
        assert!(from_literal("/a/y").unwrap_err().contains("no `y`"));
    }

    #[test]
    fn other_text_is_the_pattern_itself() {
        for pattern in ["^a", "/", "//", "/usr/bin", "a/i", ""] {
            assert_eq!(from_literal(pattern).unwrap(), pattern);
        }
    }

    #[test]
    fn a_pattern_that_looks_like_javascripts_form_is_written_in_it() {
        for pattern in ["/usr/i", "/a/", "(?i)a", "/", "//", "/usr/bin"] {
            assert_eq!(from_literal(&to_literal(pattern)).unwrap(), pattern);
        }
    }

    #[cfg(feature = "regex")]
    #[test]
    fn what_would_be_too_large_is_refused() {
        for pattern in [r"(\w{100}){100}", &"(".repeat(100), "(a"] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
        assert!(compile(r"^\w{1,20}@(example|test)\.org$").is_ok());
    }
}
