//! A new connector's name: it has to do as a connector's and as a crate's.

use std::fmt;
use std::path::Path;

use tenon_runtime::ConnectorName;

use crate::exit;
use crate::report::Report;

/// What a crate can't be called, since Rust, cargo or the scaffold itself has something of that name.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "schemars",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "tenon-sdk",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// A good name.
#[derive(Debug)]
pub struct Name(ConnectorName);

impl Name {
    /// Checks a name.
    pub fn new(name: &str) -> Result<Self, Report> {
        let good = ConnectorName::new(name).map_err(|reason| {
            refused(name, &reason.to_string()).help(match suggestion(name) {
                Some(better) => format!("call it {better}, for example: --name {better}"),
                None => "lower-case letters, digits and hyphens make a name: my-files".to_owned(),
            })
        })?;
        if TAKEN.contains(&name) {
            return Err(refused(
                name,
                "Rust, cargo or a dependency has something of that name",
            )
            .help(format!(
                "call it tenon-{name}, for example: --name tenon-{name}"
            )));
        }
        Ok(Self(good))
    }

    /// The name that a folder gives its connector.
    pub fn of_folder(folder: &Path) -> Result<Self, Report> {
        let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        match absolute.file_name() {
            Some(name) => Self::new(&name.to_string_lossy()),
            None => Err(Report::new(
                exit::USAGE,
                format!("{} gives the connector no name", folder.display()),
            )
            .help("say how it is called: --name my-files")),
        }
    }

    /// As it is.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// As Rust writes it, and cargo names the component.
    pub fn crate_name(&self) -> String {
        self.0.as_str().replace('-', "_")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

fn refused(name: &str, reason: &str) -> Report {
    Report::new(
        exit::USAGE,
        format!("a connector can't be called {name:?}: {reason}"),
    )
}

/// A good name that is like this one.
fn suggestion(name: &str) -> Option<String> {
    let mut better = String::new();
    for letter in name.chars() {
        match letter {
            'a'..='z' | '0'..='9' => better.push(letter),
            'A'..='Z' => {
                if better.ends_with(|last: char| last.is_ascii_lowercase()) {
                    better.push('-');
                }
                better.push(letter.to_ascii_lowercase());
            }
            _ if !better.is_empty() && !better.ends_with('-') => better.push('-'),
            _ => {}
        }
    }
    let better = better
        .trim_start_matches(|letter: char| letter == '-' || letter.is_ascii_digit())
        .trim_end_matches('-');
    ConnectorName::new(better)
        .is_ok()
        .then(|| better.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_name_is_refused_with_the_reason_and_a_better_one() {
        for (name, reason, better) in [
            ("MyFiles", "not 'M'", Some("my-files")),
            ("my_files", "not '_'", Some("my-files")),
            ("my files.", "not ' '", Some("my-files")),
            ("2fast", "begins with a lower-case letter", Some("fast")),
            ("files-", "ends with a letter or digit", Some("files")),
            ("", "empty", None),
            ("type", "Rust", Some("tenon-type")),
            ("serde", "dependency", Some("tenon-serde")),
        ] {
            let report = Name::new(name).unwrap_err();
            assert!(report.to_string().contains(reason), "{name}: {report}");
            if let Some(better) = better {
                let help = report.remedy().unwrap();
                assert!(help.contains(&format!("--name {better}")), "{name}: {help}");
                Name::new(better).unwrap();
            }
        }
        assert_eq!(Name::new("my-files2").unwrap().crate_name(), "my_files2");
        assert_eq!(
            Name::of_folder(Path::new("a/b/c-d")).unwrap().as_str(),
            "c-d"
        );
        assert!(Name::of_folder(Path::new("/")).is_err());
    }
}
