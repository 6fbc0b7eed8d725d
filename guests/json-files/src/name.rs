//! Names of collections and read models as names of files.
//!
//! The encoding is that of Mercurial's store: what a file system may treat specially never gets into a file's
//! name, and two names that differ, be it only in case, have two files. A long name is cut, and ends in a
//! hash; the file says its whole name, so that two that met there would be noticed.

use std::fmt::Write;

/// File names end at 255 bytes; this leaves room for what is put behind.
const MAX_ENCODED: usize = 160;

/// How much of a long name is kept before its hash.
const KEPT: usize = 96;

/// Names that Windows keeps for devices, whatever comes behind their dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The part of a file's name that stands for a name.
pub(crate) fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => encoded.push(char::from(byte)),
            b'A'..=b'Z' => {
                encoded.push('_');
                encoded.push(char::from(byte.to_ascii_lowercase()));
            }
            b'_' => encoded.push_str("__"),
            other => push_hex(&mut encoded, other),
        }
    }
    if encoded.len() > MAX_ENCODED {
        encoded.truncate(KEPT);
        // What is cut through is no longer readable, and doesn't have to be: the hash tells names apart.
        return format!("{encoded}~~{:032x}", hash(name));
    }
    let numbered = |device: &str| {
        let number = encoded.strip_prefix(device).map(str::as_bytes);
        matches!(number, Some([b'1'..=b'9']))
    };
    let is_device = DEVICES.contains(&encoded.as_str()) || ["com", "lpt"].into_iter().any(numbered);
    if is_device && let Some(last) = encoded.pop().and_then(|last| u8::try_from(last).ok()) {
        push_hex(&mut encoded, last);
    }
    encoded
}

fn push_hex(text: &mut String, byte: u8) {
    // Writing to a string can't fail.
    let _ = write!(text, "~{byte:02x}");
}

/// FNV-1a in 128 bits: the same on every machine and for all time.
fn hash(name: &str) -> u128 {
    name.bytes()
        .fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ordinary_names_stay_readable() {
        assert_eq!(encode("airports"), "airports");
        assert_eq!(encode("Airport"), "_airport");
        assert_eq!(encode("flight_plan-2"), "flight__plan-2");
        assert_eq!(encode("sales.orders"), "sales~2eorders");
    }

    #[test]
    fn no_name_leaves_the_folder_or_meets_a_device() {
        let names = [
            "..",
            ".",
            "",
            "a/b",
            "/etc/passwd",
            "a\\b",
            "con",
            "AUX",
            "com1",
            "LPT9",
            "a\0b",
            "ä",
            "x.",
            " ",
            "a:b",
        ];
        for name in names {
            let encoded = encode(name);
            let plain = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_~".contains(&byte)
            };
            assert!(encoded.bytes().all(plain), "{name}: {encoded}");
            assert!(
                !["con", "aux", "com1", "lpt9"].contains(&encoded.as_str()),
                "{name}"
            );
        }
    }

    #[test]
    fn names_that_differ_have_files_that_differ_whatever_the_case() {
        let long = "x".repeat(1_000);
        let names = [
            "a",
            "A",
            "_a",
            "__a",
            "~61",
            "a~",
            "aux",
            "au~78",
            "auX",
            &long,
            &format!("{long}y"),
            &long[..160],
            &long[..161],
        ];
        let files: HashSet<String> = names.iter().map(|name| encode(name)).collect();
        assert_eq!(files.len(), names.len());
        assert!(files.iter().all(|file| file.len() <= MAX_ENCODED));
    }
}
