//! Checked names: a value of these types is a good name, wherever it came from.
//!
//! They end up in file names, log lines and command lines, so their letters are few.

use std::fmt;
use std::str::FromStr;

/// The longest name, in bytes: it has to fit into a file's name together with a version and a suffix.
const MAX_LENGTH: usize = 64;

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// It is empty.
    Empty,
    /// It is longer than 64 letters.
    TooLong,
    /// Its first letter is not a lower-case one.
    FirstLetter,
    /// It has this letter in it.
    Letter(char),
    /// It ends with a hyphen.
    LastLetter,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a name can't be empty"),
            Self::TooLong => write!(f, "a name has at most {MAX_LENGTH} letters"),
            Self::FirstLetter => f.write_str("a name begins with a lower-case letter"),
            Self::Letter(letter) => {
                write!(
                    f,
                    "a name has lower-case letters, digits and `-`, not {letter:?}"
                )
            }
            Self::LastLetter => f.write_str("a name ends with a letter or digit"),
        }
    }
}

impl std::error::Error for NameError {}

fn check(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.len() > MAX_LENGTH {
        return Err(NameError::TooLong);
    }
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-';
    if let Some(letter) = name.chars().find(|c| !allowed(c)) {
        return Err(NameError::Letter(letter));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(NameError::FirstLetter);
    }
    if name.ends_with('-') {
        return Err(NameError::LastLetter);
    }
    Ok(())
}

macro_rules! name {
    ($(#[$meta:meta])* $type:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Box<str>);

        impl $type {
            /// The name, if it is a good one: lower-case letters, digits and `-`, a letter first.
            ///
            /// # Errors
            /// What is wrong with it.
            pub fn new(name: impl AsRef<str>) -> Result<Self, NameError> {
                let name = name.as_ref();
                check(name)?;
                Ok(Self(name.into()))
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Padded where the format asks for it: names stand in tables.
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(name: &str) -> Result<Self, NameError> {
                Self::new(name)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::new(name).map_err(serde::de::Error::custom)
            }
        }

        // So that a map by name can be asked with a text.
        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name! {
    /// The name of a data source: `airports`.
    DataSourceName
}

name! {
    /// The name of a connector, as its manifest has it: `redb`.
    ConnectorName
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_lower_case_letters_digits_and_hyphens() {
        assert_eq!(DataSourceName::new("my-db2").unwrap().as_str(), "my-db2");
        assert_eq!(DataSourceName::new("My"), Err(NameError::Letter('M')));
        assert_eq!(DataSourceName::new("../x"), Err(NameError::Letter('.')));
        assert_eq!(DataSourceName::new("2nd"), Err(NameError::FirstLetter));
        assert_eq!(DataSourceName::new("-x"), Err(NameError::FirstLetter));
        assert_eq!(DataSourceName::new("x-"), Err(NameError::LastLetter));
        assert_eq!(DataSourceName::new(""), Err(NameError::Empty));
        assert_eq!(ConnectorName::new("x".repeat(65)), Err(NameError::TooLong));
    }
}
