//! What an operator sets: which file, and how much memory may hold pieces of it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use tenon_sdk::{Error, Limits, Need, Result};

/// The settings of `sqlite`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The file, in a folder that is granted for writing: `/data/shop.sqlite`. It is made where there is none. No
    /// other program may have it open meanwhile, not even to read.
    pub path: String,
    /// Memory for pages of the file: a number of bytes, or a text such as `16MiB`. Without it, a quarter of
    /// the memory that the data source allows.
    pub cache_size: Option<CacheSize>,
}

impl Settings {
    /// The folder that must be granted.
    pub(crate) fn need(&self) -> Result<Need> {
        Ok(Need::write_folder(self.folder()?))
    }

    /// The memory for pages of the file.
    pub(crate) fn cache_size(&self, limits: &Limits) -> CacheSize {
        let share = || usize::try_from(limits.memory? / SHARE).ok().map(CacheSize);
        self.cache_size.or_else(share).unwrap_or(DEFAULT)
    }

    /// The folder of the file.
    pub(crate) fn folder(&self) -> Result<&str> {
        match self.path.rsplit_once('/') {
            Some((folder, file))
                if !folder.is_empty() && !file.is_empty() && !self.path.contains('\0') =>
            {
                Ok(folder)
            }
            _ => Err(Error::invalid(format!(
                "`path` must name a file in a granted folder, such as `/data/records.sqlite`, and is `{}`",
                self.path
            ))),
        }
    }
}

/// Where neither the settings nor a limit say how much memory there is.
const DEFAULT: CacheSize = CacheSize(16 << 20);

/// The part of the memory limit that pages of the file may fill; the rest is for sorting and for rows.
const SHARE: u64 = 4;

/// Bytes of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSize(pub usize);

impl<'de> Deserialize<'de> for CacheSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Bytes(usize),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Bytes(bytes) => Ok(Self(bytes)),
            Written::Text(text) => parse(&text).map(Self).ok_or_else(|| {
                serde::de::Error::custom(format!(
                    "`{text}` is no size: write bytes, or a number with KiB, MiB or GiB"
                ))
            }),
        }
    }
}

fn parse(text: &str) -> Option<usize> {
    let digits = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: usize = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor)
}

impl JsonSchema for CacheSize {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CacheSize".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "minimum": 0,
            "pattern": "^[0-9]+ ?(B|KiB|MiB|GiB)?$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_the_file_is_what_is_needed() {
        let settings: Settings =
            serde_json::from_str(r#"{"path": "/data/deep/shop.sqlite"}"#).unwrap();
        assert_eq!(settings.need().unwrap(), Need::write_folder("/data/deep"));
    }

    #[test]
    fn a_path_outside_any_folder_is_refused() {
        for path in ["shop.sqlite", "/shop.sqlite", "/data/", "", "/data/a\0b"] {
            let settings = Settings {
                path: path.into(),
                cache_size: None,
            };
            assert!(settings.need().is_err(), "{path}");
        }
    }

    #[test]
    fn a_cache_size_is_a_number_or_has_a_unit() {
        let size = |json: &str| serde_json::from_str::<CacheSize>(json).ok();
        assert_eq!(size("4096"), Some(CacheSize(4096)));
        assert_eq!(size("\"32MiB\""), Some(CacheSize(32 << 20)));
        assert_eq!(size("\"many\""), None);
        assert_eq!(size("-1"), None);
    }
}
