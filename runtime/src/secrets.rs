//! Settings that hold secrets by reference, and what keeps the secrets' texts out of sight.
//!
//! A secret is read when a data source starts, never stored, and remembered only to be struck out of
//! messages. A source that can't be read is an error that names the source and not what was in it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use tenon_model::Problems;

/// The largest secret: a certificate chain fits many times.
const MAX_SECRET: u64 = 64 * 1024;

/// Secrets of fewer letters are struck out only where they stand alone: they are parts of many a word.
const SHORT: usize = 4;

/// Stands where a secret would.
const STRUCK: &str = "[secret]";

/// A text that no message, log or debugger output shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into_boxed_str())
    }

    /// The text itself, for the one who needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STRUCK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STRUCK)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable of the runtime's process: `{ env = "NAME" }`.
    Env(String),
    /// A file's text, without a line break at its end: `{ file = "path" }`.
    File(PathBuf),
    /// The program that embeds the runtime has it already.
    Given(Secret),
}

/// A setting's value: as it is to be, but that secrets are only referred to.
#[derive(Clone, PartialEq)]
pub enum SettingValue {
    /// A null, boolean, number or text.
    Plain(Json),
    /// A secret text.
    Secret(SecretSource),
    /// A list.
    List(Vec<SettingValue>),
    /// An object.
    Object(Settings),
}

// The values of settings may be passwords that somebody wrote out: only their kinds are shown.
impl fmt::Debug for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(Json::String(_)) => f.write_str("[text]"),
            Self::Plain(Json::Number(_)) => f.write_str("[number]"),
            Self::Plain(Json::Bool(_)) => f.write_str("[boolean]"),
            Self::Plain(_) => f.write_str("[null]"),
            Self::Secret(source) => source.fmt(f),
            Self::List(items) => f.debug_list().entries(items).finish(),
            Self::Object(settings) => settings.fmt(f),
        }
    }
}

impl From<Json> for SettingValue {
    fn from(json: Json) -> Self {
        match json {
            Json::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Json::Object(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect(),
            ),
            plain => Self::Plain(plain),
        }
    }
}

impl From<SecretSource> for SettingValue {
    fn from(source: SecretSource) -> Self {
        Self::Secret(source)
    }
}

impl From<Secret> for SettingValue {
    fn from(secret: Secret) -> Self {
        Self::Secret(SecretSource::Given(secret))
    }
}

impl From<&str> for SettingValue {
    fn from(text: &str) -> Self {
        Self::Plain(text.into())
    }
}

/// A data source's settings, by name.
#[derive(Clone, Default, PartialEq)]
pub struct Settings(BTreeMap<String, SettingValue>);

impl Settings {
    /// No settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<SettingValue>) {
        self.0.insert(name.into(), value.into());
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&SettingValue> {
        self.0.get(name)
    }

    /// Each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SettingValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, SettingValue)> for Settings {
    fn from_iter<I: IntoIterator<Item = (String, SettingValue)>>(settings: I) -> Self {
        Self(settings.into_iter().collect())
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.0).finish()
    }
}

/// Settings with their secrets filled in: what a connector gets, and nobody else.
#[derive(Clone, PartialEq)]
pub struct ResolvedSettings(Json);

impl ResolvedSettings {
    /// The JSON object.
    pub fn as_json(&self) -> &Json {
        &self.0
    }

    /// The JSON object's text.
    pub fn to_text(&self) -> String {
        self.0.to_string()
    }
}

impl fmt::Debug for ResolvedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResolvedSettings([secret])")
    }
}

/// The secret texts that are known, to strike them out of what others are going to read.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Every form that a secret may appear in, longest first, so that none hides a part of another.
    texts: Vec<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} [secret])", self.texts.len())
    }
}

impl Secrets {
    /// None are known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Fetches the secrets that these settings refer to, remembers them, and fills them in.
    ///
    /// # Errors
    /// Every source that can't be read, with the setting's path and what to do.
    pub fn resolve(&mut self, settings: &Settings) -> Result<ResolvedSettings, Problems> {
        self.resolve_with(settings, &|name| {
            std::env::var_os(name).map(|value| value.into_string().ok())
        })
    }

    /// The same with another environment: outer none for a variable that isn't set, inner for no text.
    fn resolve_with(
        &mut self,
        settings: &Settings,
        env: &dyn Fn(&str) -> Option<Option<String>>,
    ) -> Result<ResolvedSettings, Problems> {
        let mut problems = Problems::new();
        let object = self.object(settings, "settings", env, &mut problems);
        problems.none_or(ResolvedSettings(object))
    }

    fn object(
        &mut self,
        settings: &Settings,
        place: &str,
        env: &dyn Fn(&str) -> Option<Option<String>>,
        problems: &mut Problems,
    ) -> Json {
        let members = settings.iter().map(|(name, value)| {
            (
                name.to_owned(),
                self.value(value, &format!("{place}.{name}"), env, problems),
            )
        });
        Json::Object(members.collect::<Map<_, _>>())
    }

    fn value(
        &mut self,
        value: &SettingValue,
        place: &str,
        env: &dyn Fn(&str) -> Option<Option<String>>,
        problems: &mut Problems,
    ) -> Json {
        match value {
            SettingValue::Plain(json) => json.clone(),
            SettingValue::Object(settings) => self.object(settings, place, env, problems),
            SettingValue::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| self.value(item, &format!("{place}[{index}]"), env, problems))
                .collect(),
            SettingValue::Secret(source) => match fetch(source, env) {
                Ok(secret) => {
                    self.remember(&secret);
                    Json::String(secret)
                }
                Err(message) => {
                    problems.push(place, message);
                    Json::Null
                }
            },
        }
    }

    /// Knows one more secret, in every form in which it may come back: as it is, line by line, and as URLs
    /// and JSON write it.
    pub fn remember(&mut self, secret: &str) {
        let json = Json::from(secret).to_string();
        let mut forms = vec![
            secret.to_owned(),
            secret.trim().to_owned(),
            secret.replace(char::is_control, " "),
            percent_encoded(secret),
            json.trim_matches('"').to_owned(),
        ];
        forms.extend(
            secret
                .lines()
                .map(|line| line.trim().to_owned())
                .filter(|line| line.len() >= SHORT),
        );
        self.texts
            .extend(forms.into_iter().filter(|form| !form.is_empty()));
        self.texts
            .sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.texts.dedup();
    }

    /// The text with every known secret struck out.
    pub fn redact(&self, text: &str) -> String {
        let mut shown = Cow::Borrowed(text);
        for secret in &self.texts {
            if shown.contains(secret.as_str()) {
                shown = Cow::Owned(strike(&shown, secret));
            }
        }
        shown.into_owned()
    }
}

fn strike(text: &str, secret: &str) -> String {
    let alone = secret.chars().count() < SHORT;
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in text.match_indices(secret) {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text
            .get(at + found.len()..)
            .and_then(|after| after.chars().next());
        let part_of_a_word = [before, after]
            .into_iter()
            .flatten()
            .any(char::is_alphanumeric);
        if alone && part_of_a_word {
            continue;
        }
        shown.push_str(text.get(from..at).unwrap_or_default());
        shown.push_str(STRUCK);
        from = at + found.len();
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    shown
}

fn percent_encoded(text: &str) -> String {
    use fmt::Write as _;
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                // Writing into a string doesn't fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
            encoded
        })
}

fn fetch(
    source: &SecretSource,
    env: &dyn Fn(&str) -> Option<Option<String>>,
) -> Result<String, String> {
    match source {
        SecretSource::Given(secret) => Ok(secret.reveal().to_owned()),
        SecretSource::Env(name) => env(name)
            .ok_or_else(|| {
                format!("the environment variable {name} is not set; set it before starting")
            })?
            .ok_or_else(|| format!("the environment variable {name} is no UTF-8 text")),
        SecretSource::File(path) => read(path).map_err(|reason| {
            format!(
                "the secret's file {} can't be read: {reason}",
                path.display()
            )
        }),
    }
}

fn read(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|cause| cause.to_string())?;
    if !file
        .metadata()
        .map_err(|cause| cause.to_string())?
        .is_file()
    {
        return Err("it is no regular file".to_owned());
    }
    let mut text = String::new();
    file.take(MAX_SECRET + 1)
        .read_to_string(&mut text)
        .map_err(|cause| cause.to_string())?;
    if text.len() as u64 > MAX_SECRET {
        return Err(format!("it is larger than {MAX_SECRET} bytes"));
    }
    // Editors and `echo` end a file with a line break that belongs to no password.
    let end = text
        .strip_suffix('\n')
        .map(|text| text.strip_suffix('\r').unwrap_or(text).len());
    text.truncate(end.unwrap_or(text.len()));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn env(name: &str) -> Option<Option<String>> {
        match name {
            "PASSWORD" => Some(Some("s3cr3t/\"x".to_owned())),
            "BINARY" => Some(None),
            _ => None,
        }
    }

    #[test]
    fn secrets_are_filled_in_wherever_a_value_stands() {
        let mut settings = Settings::new();
        settings.insert("host", "db");
        settings.insert("password", SecretSource::Env("PASSWORD".into()));
        settings.insert(
            "hosts",
            SettingValue::List(vec![Secret::new("inner").into()]),
        );
        let mut secrets = Secrets::new();
        let resolved = secrets.resolve_with(&settings, &env).unwrap();
        assert_eq!(
            resolved.as_json(),
            &json!({"host": "db", "password": "s3cr3t/\"x", "hosts": ["inner"]})
        );
    }

    #[test]
    fn every_missing_secret_is_a_problem_with_its_place() {
        let mut settings = Settings::new();
        settings.insert("a", SecretSource::Env("MISSING".into()));
        settings.insert("b", SecretSource::Env("BINARY".into()));
        settings.insert(
            "c",
            SettingValue::List(vec![SecretSource::File("/missing/file".into()).into()]),
        );
        let problems = Secrets::new().resolve_with(&settings, &env).unwrap_err();
        assert_eq!(
            problems.to_string(),
            "settings.a: the environment variable MISSING is not set; set it before starting; \
             settings.b: the environment variable BINARY is no UTF-8 text; \
             settings.c[0]: the secret's file /missing/file can't be read: \
             No such file or directory (os error 2)"
        );
    }

    #[test]
    fn a_files_last_line_break_is_no_part_of_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        for (content, secret) in [
            ("abcd\n", "abcd"),
            ("abcd\r\n", "abcd"),
            ("ab\ncd\n\n", "ab\ncd\n"),
        ] {
            std::fs::write(&file, content).unwrap();
            assert_eq!(read(&file).as_deref(), Ok(secret));
        }
        std::fs::write(&file, "x".repeat(70_000)).unwrap();
        assert!(read(&file).unwrap_err().contains("larger"));
        assert!(read(folder.path()).is_err());
    }

    #[test]
    fn secrets_are_struck_out_in_every_form() {
        let mut secrets = Secrets::new();
        secrets.remember("s3cr3t/\"x");
        secrets.remember("line one\nline two");
        assert_eq!(
            secrets.redact(r#"password s3cr3t/"x refused"#),
            "password [secret] refused"
        );
        assert_eq!(
            secrets.redact("postgres://u:s3cr3t%2F%22x@db"),
            "postgres://u:[secret]@db"
        );
        assert_eq!(
            secrets.redact(r#"{"password":"s3cr3t/\"x"}"#),
            r#"{"password":"[secret]"}"#
        );
        assert_eq!(
            secrets.redact("got line two, line one line two"),
            "got [secret], [secret]"
        );
    }

    #[test]
    fn a_short_secret_is_struck_out_where_it_stands_alone() {
        let mut secrets = Secrets::new();
        secrets.remember("pw");
        assert_eq!(secrets.redact("spwan 'pw' pw1"), "spwan '[secret]' pw1");
    }

    #[test]
    fn nothing_of_settings_shows_in_debug_output() {
        let mut settings = Settings::new();
        settings.insert("password", "hunter2-literal");
        settings.insert("token", Secret::new("hunter2-given"));
        settings.insert(
            "nested",
            SettingValue::from(json!({"a": ["hunter2-nested", 5]})),
        );
        let mut secrets = Secrets::new();
        let resolved = secrets.resolve(&settings).unwrap();
        let shown = format!(
            "{settings:?} {settings:#?} {resolved:?} {secrets:?} {}",
            Secret::new("hunter2")
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
