//! The command that runs one check again.

use std::ffi::OsStr;
use std::path::Path;

use tenon_runtime::config::FILE_NAME;

use crate::args::Check;
use crate::commands::context::Context;

/// The same command with places for the seed and the check's name, as the kit fills them in.
pub fn command(args: &Check, context: &Context) -> String {
    let mut words = vec!["tenon".to_owned(), "check".to_owned()];
    let mut option = |name: &str, value: &OsStr| {
        words.push(name.to_owned());
        words.push(quoted(&value.to_string_lossy()));
    };
    // What the environment says, it says again.
    let said = |variable: &str, path: &Path| {
        std::env::var_os(variable).is_some_and(|value| value == path.as_os_str())
    };
    if context.path() != Path::new(FILE_NAME) && !said("TENON_CONFIG", context.path()) {
        option("--config", context.path().as_os_str());
    }
    if let Some(registry) = context.registry()
        && !said("TENON_REGISTRY", registry)
    {
        option("--registry", registry.as_os_str());
    }
    if let Some(source) = &args.source {
        option("--source", source.as_ref());
    }
    if let Some(settings) = &args.settings {
        option("--settings", settings.as_os_str());
    }
    for setting in &args.setting {
        option("--setting", setting.as_ref());
    }
    for grant in &args.grant {
        option("--grant", grant.as_ref());
    }
    for model in &args.model {
        option("--model", model.as_os_str());
    }
    if let Some(cases) = args.cases {
        option("--cases", cases.to_string().as_ref());
    }
    if let Some(connector) = &args.connector {
        words.insert(2, quoted(connector));
    }
    words.push("--seed {seed} --only {check}".to_owned());
    words.join(" ")
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./=:@,+%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_or_change_them() {
        assert_eq!(quoted("./x-1.wasm"), "./x-1.wasm");
        assert_eq!(quoted("path=/data/x"), "path=/data/x");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("$HOME"), "'$HOME'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
