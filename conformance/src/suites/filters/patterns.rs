//! Patterns and regular expressions to try on text.

use tenon_model::contract::{PropertyType, Value};

/// Patterns of `like` and its kin: some of each text, and others.
pub fn patterns(kind: PropertyType, stored: &[Value]) -> Vec<String> {
    let fixed: &[&str] = match kind {
        PropertyType::Date => &[
            "2024%",
            "%-12-31",
            "1999-12-3_",
            "%",
            "_",
            "2024-02-29",
            "%0%",
            "____-__-__",
        ],
        PropertyType::Time => &[
            "%:59", "12:__:45", "00:00:00", "%", "%:%:%", "__:__:__", "%.%",
        ],
        PropertyType::Uuid => &[
            "936d%",
            "%8",
            "FFFF%",
            "ffff%",
            "%-4%",
            "936DA01F%",
            "%",
            "________-%",
        ],
        _ => &[
            "",
            "%",
            "%%",
            "_",
            "__",
            "_%",
            "%_",
            "___%",
            "a%",
            "%a",
            "%a%",
            "A%",
            "a_b",
            "a\\_b",
            "a_",
            "_b",
            "%b",
            "\\%",
            "%\\%",
            "%\\%%",
            "\\_",
            "%\\_%",
            "\\\\",
            "%\\\\%",
            "\\a",
            "a\\b",
            "\\\\\\%b",
            "a\\\\\\%b",
            "ä%",
            "Ä",
            "%ß%",
            "ss",
            "SS",
            "é",
            "É",
            "e_",
            "中_",
            "中%",
            "%文",
            "😀",
            "_\u{301}",
            "%😀",
            "\u{10ffff}",
            "[a-c]%",
            "a.b",
            "a*",
            "a?",
            "^a$",
            "(a|b)",
            "a%%%b",
            "%a_b%",
            "'",
            "%'%",
            "\"",
            "%;%",
            "$1%",
            "%{c}",
            "null",
            "NULL",
            "i",
            "I",
            "İ",
            "ı",
            "s",
            "S",
            "k",
            "K",
            "σ",
            "Σ",
            "ς",
            "ẞ",
            "ß",
            "\u{feff}%",
            "%\n%",
            "\t%",
            "%\r",
            "\u{0}",
            "a\u{0}_",
            " ",
            "% %",
            " %",
            "% ",
            "a ",
            "a",
        ],
    };
    let mut patterns: Vec<String> = fixed.iter().map(|it| (*it).to_owned()).collect();
    for value in stored {
        let Value::Text(text) = value else {
            continue;
        };
        let exact: String = text.chars().flat_map(escaped).collect();
        patterns.push(exact.to_uppercase());
        patterns.push(exact.to_lowercase());
        let mut shorter: Vec<char> = text.chars().collect();
        if shorter.pop().is_some() {
            let start: String = shorter.into_iter().flat_map(escaped).collect();
            patterns.push(format!("{start}_"));
            patterns.push(format!("{start}%"));
        }
        patterns.push(exact);
    }
    patterns.sort();
    patterns.dedup();
    patterns
}

/// A character that stands for itself in a pattern.
fn escaped(character: char) -> Vec<char> {
    match character {
        '%' | '_' | '\\' => vec!['\\', character],
        _ => vec![character],
    }
}

/// Regular expressions of RE2's language.
pub fn expressions(kind: PropertyType) -> Vec<String> {
    let expressions: &[&str] = match kind {
        PropertyType::Date => &["^2024-", "-31$", r"^\d{4}-\d{2}-\d{2}$", "0", "^$"],
        PropertyType::Time => &["^23:", ":59$", r"^\d\d:\d\d:\d\d$", r"\.", "^$"],
        PropertyType::Uuid => &["^936d", "(?i)^FFFF", "8$", "-4", "^$"],
        _ => &[
            "a",
            "^a",
            "b$",
            "^a$",
            "^ab?$",
            "^(ab)?$",
            "(?i)^A$",
            "(?i)ä",
            "(?i:SS)",
            "(?i)ß",
            "(?i)straße",
            "^$",
            "",
            "[A-C]",
            "[^a]",
            ".",
            "^.$",
            "(?s)^.$",
            "(?m)^a$",
            "^a.b$",
            "^a\\sb$",
            "\\d",
            "\\D",
            "\\w",
            "^\\w$",
            "\\W",
            "\\s",
            "\\S",
            "\\bb\\b",
            "\\Bb",
            "\\pL",
            "\\p{Greek}",
            "\\p{Lu}",
            "^\\p{Ll}$",
            "\\x{4e2d}",
            "a|b",
            "^(a|b)$",
            "^(?:a|ab)$",
            "a{1}",
            "^.{2}$",
            "^.{1,2}$",
            "^.{2,}$",
            "a*?",
            "a+",
            "\\\\",
            "%",
            "_",
            "'",
            "\"",
            "\\.",
            "\\$",
            "\\?",
            "\\Aa\\z",
            "[[:alpha:]]",
            "^[[:upper:]]$",
            "[\\d]",
            "中",
            "^😀$",
            "(?i)ſ",
            "(?i)k",
            "(?P<name>a)",
            "\\Qa b\\E",
            "(?U)a+",
            "\\t",
            "\\n",
            "^\\x00$",
            "é",
            "(?-i)A",
            "(?i)a(?-i)B",
        ],
    };
    expressions.iter().map(|it| (*it).to_owned()).collect()
}
