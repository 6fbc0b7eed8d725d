//! Unicode's simple case folding, by the standard library's tables.
//!
//! Simple folding is one character to one. The standard library maps to lower and upper case, which comes to the
//! same but for the few characters named here; a test compares the two over all of Unicode.

/// The character that stands for all that differ from this one in case alone.
pub(super) fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    match character {
        // Dotless i is a letter of its own, though its upper case is I.
        'ı' => return character,
        // Their upper cases are several characters, so that going there and back loses them.
        '\u{1FD3}' => return '\u{0390}',
        '\u{1FE3}' => return '\u{03B0}',
        'ﬅ' => return 'ﬆ',
        _ => {}
    }
    let upper = single(character.to_uppercase()).unwrap_or(character);
    single(upper.to_lowercase()).unwrap_or(upper)
}

/// The mapping, where it is one character.
fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next();
    if mapped.next().is_none() { first } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_differ_in_case_alone_fold_alike() {
        for (left, right) in [
            ('Ä', 'ä'),
            ('Σ', 'ς'),
            ('ſ', 's'),
            ('K', 'k'),
            ('ẞ', 'ß'),
            ('Ω', 'ω'),
        ] {
            assert_eq!(fold(left), fold(right), "{left} {right}");
        }
        for (left, right) in [('ı', 'i'), ('İ', 'i'), ('ß', 's'), ('é', 'e')] {
            assert_ne!(fold(left), fold(right), "{left} {right}");
        }
    }

    #[test]
    fn folding_is_unicodes_over_all_of_unicode() {
        use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
        use std::collections::HashMap;

        // Letters of Unicode 17, which the standard library knows and regex-syntax doesn't yet.
        let is_newer =
            |character| matches!(character, '\u{A7CE}'..='\u{A7D5}' | '\u{16EA0}'..='\u{16ED3}');
        let mut classes: HashMap<char, Vec<char>> = HashMap::new();
        for character in '\0'..=char::MAX {
            classes.entry(fold(character)).or_default().push(character);
        }
        for (folded, members) in classes {
            let mut expected = ClassUnicode::new([ClassUnicodeRange::new(folded, folded)]);
            expected.case_fold_simple();
            let expected: Vec<char> = expected
                .iter()
                .flat_map(|range| range.start()..=range.end())
                .collect();
            if !is_newer(folded) {
                assert_eq!(members, expected, "what folds to {folded:?}");
            }
        }
    }
}
