//! `like` and `ilike`: patterns of SQL for a whole text.
//!
//! A pattern is cut at its `%` into pieces. The first and the last are tied to the text's ends, and each
//! between them is taken at the first place where it fits: no later place could help, so nothing is ever tried
//! again. What is left is one search for each piece: linear, but for pieces with `_` in them, or without case,
//! which cost at most the text's length times the piece's, that [`super::MAX_PATTERN`] bounds.

use std::str::Chars;

use super::fold::fold;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(super) struct LikePattern {
    /// Before the first `%`.
    first: Piece,
    /// Between the first `%` and the last, empty ones left out.
    middle: Vec<Piece>,
    /// After the last `%`; none where there is no `%`.
    last: Option<Piece>,
}

/// What stands between two `%`.
#[derive(Clone, Debug)]
enum Piece {
    /// These very characters.
    Literal(String),
    /// One entry a character of the text; `None` is any.
    Pattern {
        places: Vec<Option<char>>,
        folded: bool,
    },
}

impl LikePattern {
    /// The pattern, without regard to case where `folded`.
    pub(super) fn new(pattern: &str, folded: bool) -> Result<Self, String> {
        let mut pieces = vec![Vec::new()];
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            let place = match character {
                '%' => {
                    pieces.push(Vec::new());
                    continue;
                }
                '_' => None,
                '\\' => match characters.next() {
                    Some(escaped) => Some(escaped),
                    None => {
                        return Err(
                            "the pattern ends in a single `\\`; write `\\\\` for a backslash"
                                .to_owned(),
                        );
                    }
                },
                plain => Some(plain),
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(place);
            }
        }
        let mut pieces = pieces.into_iter();
        let first = Piece::new(pieces.next().unwrap_or_default(), folded);
        let last = pieces.next_back().map(|places| Piece::new(places, folded));
        let middle = pieces
            .filter(|places| !places.is_empty())
            .map(|places| Piece::new(places, folded))
            .collect();
        Ok(Self {
            first,
            middle,
            last,
        })
    }

    /// Whether the whole text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some(rest) = self.first.strip_start(text) else {
            return false;
        };
        let Some(last) = &self.last else {
            return rest.is_empty();
        };
        let Some(mut rest) = last.strip_end(rest) else {
            return false;
        };
        self.middle
            .iter()
            .all(|piece| match piece.find_after(rest) {
                Some(after) => {
                    rest = after;
                    true
                }
                None => false,
            })
    }
}

impl Piece {
    fn new(places: Vec<Option<char>>, folded: bool) -> Self {
        match places.iter().copied().collect::<Option<String>>() {
            Some(literal) if !folded => Self::Literal(literal),
            _ => Self::Pattern {
                places: places
                    .into_iter()
                    .map(|place| {
                        place.map(|character| if folded { fold(character) } else { character })
                    })
                    .collect(),
                folded,
            },
        }
    }

    /// What follows the piece where the text begins with it.
    fn strip_start<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Literal(literal) => text.strip_prefix(literal.as_str()),
            Self::Pattern { places, folded } => {
                let mut characters = text.chars();
                fits(places, *folded, &mut characters).then_some(characters.as_str())
            }
        }
    }

    /// What precedes the piece where the text ends with it.
    fn strip_end<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Literal(literal) => text.strip_suffix(literal.as_str()),
            Self::Pattern { places, folded } => {
                let mut characters = text.chars();
                for place in places.iter().rev() {
                    let character = characters.next_back()?;
                    if !fits_one(*place, *folded, character) {
                        return None;
                    }
                }
                Some(characters.as_str())
            }
        }
    }

    /// What follows the first place in the text where the piece is.
    fn find_after<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Literal(literal) => text.split_once(literal.as_str()).map(|(_, after)| after),
            Self::Pattern { places, folded } => {
                let mut start = text.chars();
                loop {
                    let mut characters = start.clone();
                    if fits(places, *folded, &mut characters) {
                        return Some(characters.as_str());
                    }
                    start.next()?;
                }
            }
        }
    }
}

fn fits(places: &[Option<char>], folded: bool, characters: &mut Chars<'_>) -> bool {
    places.iter().all(|place| {
        characters
            .next()
            .is_some_and(|character| fits_one(*place, folded, character))
    })
}

fn fits_one(place: Option<char>, folded: bool, character: char) -> bool {
    place.is_none_or(|wanted| wanted == if folded { fold(character) } else { character })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn like(pattern: &str, text: &str) -> bool {
        LikePattern::new(pattern, false).unwrap().matches(text)
    }

    fn ilike(pattern: &str, text: &str) -> bool {
        LikePattern::new(pattern, true).unwrap().matches(text)
    }

    /// The meaning, word by word, at exponential cost.
    fn naive(pattern: &[char], text: &[char], folded: bool) -> bool {
        let same = |left: char, right: char| left == right || (folded && fold(left) == fold(right));
        match (pattern, text) {
            ([], []) => true,
            (['%', pattern @ ..], _) => {
                (0..=text.len()).any(|skip| naive(pattern, &text[skip..], folded))
            }
            (['_', pattern @ ..], [_, text @ ..]) => naive(pattern, text, folded),
            (['\\', wanted, pattern @ ..], [character, text @ ..]) => {
                same(*wanted, *character) && naive(pattern, text, folded)
            }
            (['\\', ..], _) => false,
            ([wanted, pattern @ ..], [character, text @ ..]) => {
                same(*wanted, *character) && naive(pattern, text, folded)
            }
            _ => false,
        }
    }

    #[test]
    fn the_whole_text_must_fit() {
        assert!(like("abc", "abc"));
        assert!(!like("abc", "abcd") && !like("bc", "abc"));
        assert!(like("", "") && !like("", "a"));
        assert!(like("%", "") && like("%%", "anything"));
        assert!(like("a%", "a") && like("a%c", "abbc") && !like("a%c", "abcd"));
    }

    #[test]
    fn pieces_at_the_ends_do_not_overlap() {
        assert!(!like("ab%ba", "aba"));
        assert!(like("ab%ba", "abba"));
        assert!(!like("%ab%ab%", "xab"));
    }

    #[test]
    fn an_underscore_is_one_character_of_any_length_in_bytes() {
        assert!(like("_", "ü") && like("_", "🦀") && !like("_", ""));
        assert!(like("%_c", "abc") && like("M_nchen", "München"));
    }

    #[test]
    fn a_backslash_escapes() {
        assert!(like(r"100\%", "100%") && !like(r"100\%", "1000"));
        assert!(like(r"a\_b\\", r"a_b\"));
        assert!(LikePattern::new(r"a\", false).is_err());
        assert!(LikePattern::new(r"a\\", false).is_ok());
    }

    #[test]
    fn ilike_has_no_regard_to_case() {
        assert!(ilike("%STRASSE", "Hauptstrasse") && ilike("größe", "GRÖẞE"));
        assert!(!ilike("strasse", "straße") && !like("A", "a"));
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let text = "a".repeat(100_000);
        let pattern = "%a".repeat(1000) + "%b";
        assert!(!like(&pattern, &text) && !ilike(&pattern, &text));
        assert!(!like(&("%_a".repeat(1000) + "b"), &text));
    }

    proptest! {
        #[test]
        fn it_is_what_its_words_say(
            pattern in r"([ab%_]|\\[ab%_\\]){0,8}",
            text in r"[abAB%_\\]{0,8}",
            folded in any::<bool>(),
        ) {
            let compiled = LikePattern::new(&pattern, folded).unwrap();
            let characters: Vec<char> = pattern.chars().collect();
            let wanted = naive(&characters, &text.chars().collect::<Vec<_>>(), folded);
            prop_assert_eq!(compiled.matches(&text), wanted);
        }
    }
}
