//! How a connector is referred to: by name, by file, or by the digest of its component.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use semver::Version;
use sha2::{Digest as _, Sha256};

use crate::names::ConnectorName;

/// A SHA-256, of a component's bytes or of a plan; as text, `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest that was computed elsewhere.
    pub(crate) fn from_sha256(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The 64 hexadecimal digits alone: a file's name in the registry.
    pub fn hex(&self) -> String {
        use fmt::Write as _;
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                // Writing into a string doesn't fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = || ReferenceError::new(text, "a digest is `sha256:` and 64 hexadecimal digits");
        let hex = text.strip_prefix("sha256:").ok_or_else(wrong)?;
        if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The beginning of a semantic version: `1`, `0.1`, or a whole one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionPrefix(Prefix);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Prefix {
    Major(u64),
    Minor(u64, u64),
    Whole(Version),
}

impl VersionPrefix {
    /// Whether the version begins so. A pre-release has to be named whole: nobody gets one by accident.
    pub fn matches(&self, version: &Version) -> bool {
        match &self.0 {
            Prefix::Whole(whole) => version == whole,
            _ if !version.pre.is_empty() => false,
            Prefix::Major(major) => version.major == *major,
            Prefix::Minor(major, minor) => version.major == *major && version.minor == *minor,
        }
    }
}

impl fmt::Display for VersionPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Prefix::Major(major) => write!(f, "{major}"),
            Prefix::Minor(major, minor) => write!(f, "{major}.{minor}"),
            Prefix::Whole(version) => write!(f, "{version}"),
        }
    }
}

impl FromStr for VersionPrefix {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = || ReferenceError::new(text, "a version is `1`, `1.2` or `1.2.3`");
        let number = |part: &str| -> Result<u64, ReferenceError> {
            let plain = part == "0" || !part.starts_with(['0', '+']);
            if plain {
                part.parse().map_err(|_| wrong())
            } else {
                Err(wrong())
            }
        };
        let parts: Vec<&str> = text.split('.').collect();
        Ok(Self(match parts.as_slice() {
            [major] => Prefix::Major(number(major)?),
            [major, minor] => Prefix::Minor(number(major)?, number(minor)?),
            _ => Prefix::Whole(Version::parse(text).map_err(|_| wrong())?),
        }))
    }
}

/// What names a connector: `redb`, `redb@0.1`, `./path/to.wasm` or `sha256:…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectorReference {
    /// A registered connector; the newest version that fits, where there is a choice.
    Name {
        /// Its manifest's name.
        name: ConnectorName,
        /// What its version begins with.
        version: Option<VersionPrefix>,
    },
    /// A component's file. In a [`Config`](crate::config::Config) it is absolute.
    Path(PathBuf),
    /// Exactly this component.
    Digest(Digest),
}

impl ConnectorReference {
    /// The same reference, a relative path seen from `folder`.
    #[must_use]
    pub fn seen_from(self, folder: &Path) -> Self {
        match self {
            // Component by component, so that `./x.wasm` becomes `folder/x.wasm`.
            Self::Path(path) => Self::Path(folder.join(path).components().collect()),
            other => other,
        }
    }
}

impl From<ConnectorName> for ConnectorReference {
    fn from(name: ConnectorName) -> Self {
        Self::Name {
            name,
            version: None,
        }
    }
}

impl From<Digest> for ConnectorReference {
    fn from(digest: Digest) -> Self {
        Self::Digest(digest)
    }
}

impl fmt::Display for ConnectorReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name {
                name,
                version: None,
            } => write!(f, "{name}"),
            Self::Name {
                name,
                version: Some(version),
            } => write!(f, "{name}@{version}"),
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Digest(digest) => write!(f, "{digest}"),
        }
    }
}

impl FromStr for ConnectorReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.starts_with("sha256:") {
            return Ok(Self::Digest(text.parse()?));
        }
        if text.contains(['/', '\\']) || text.ends_with(".wasm") {
            return Ok(Self::Path(PathBuf::from(text)));
        }
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version.parse()?)),
            None => (text, None),
        };
        let name = ConnectorName::new(name).map_err(|reason| {
            ReferenceError::new(
                text,
                format!(
                    "{reason}; a connector is named by `name`, `name@1.2`, `./file.wasm` or `sha256:…`"
                ),
            )
        })?;
        Ok(Self::Name { name, version })
    }
}

/// Why a text refers to no connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError {
    text: String,
    reason: String,
}

impl ReferenceError {
    fn new(text: &str, reason: impl Into<String>) -> Self {
        Self {
            text: text.to_owned(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.text, self.reason)
    }
}

impl std::error::Error for ReferenceError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> ConnectorReference {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_reads_and_writes_itself() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for text in [
            "redb",
            "redb@0",
            "redb@0.1",
            "redb@0.1.0-rc.1",
            "./redb.wasm",
            "/x/y.wasm",
            &digest,
        ] {
            assert_eq!(reference(text).to_string(), text);
        }
        assert!(matches!(
            reference("redb.wasm"),
            ConnectorReference::Path(_)
        ));
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in [
            "",
            "Redb",
            "redb@",
            "redb@x",
            "redb@01",
            "redb@1.+2",
            "redb@1.2.3.4",
            "sha256:12",
            "a b",
        ] {
            assert!(text.parse::<ConnectorReference>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_digest_is_that_of_the_bytes() {
        assert_eq!(
            Digest::of(b"").to_string(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let upper = Digest::of(b"")
            .to_string()
            .to_uppercase()
            .replace("SHA256", "sha256");
        assert_eq!(upper.parse(), Ok(Digest::of(b"")));
    }

    #[test]
    fn a_version_prefix_matches_the_versions_that_begin_so() {
        let matches = |prefix: &str, version: &str| {
            prefix
                .parse::<VersionPrefix>()
                .unwrap()
                .matches(&version.parse().unwrap())
        };
        assert!(matches("0.1", "0.1.7"));
        assert!(!matches("0.1", "0.10.0"));
        assert!(matches("1", "1.9.0"));
        assert!(!matches("0.1", "0.1.7-rc.1"));
        assert!(matches("0.1.7-rc.1", "0.1.7-rc.1"));
        assert!(!matches("0.1.7", "0.1.8"));
    }

    #[test]
    fn a_relative_path_is_seen_from_a_folder() {
        let seen = reference("./a/b.wasm").seen_from(Path::new("/etc/tenon"));
        assert_eq!(seen.to_string(), "/etc/tenon/a/b.wasm");
        assert_eq!(
            reference("redb").seen_from(Path::new("/etc")),
            reference("redb")
        );
    }
}
