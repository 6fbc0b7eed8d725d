//! Which checks there are, and which are meant by a name.

use tenon_model::closest;
use tenon_runtime::{Capability, Error, ErrorKind, Result};

use crate::suites::{self, Check};

/// The first check: that there is anything to check. It always runs.
pub const BASICS: Check = Check {
    name: "basics",
    about: "a session opens, and takes a record of the simplest model",
    needs: &[],
    writes: false,
    run: |_| Ok(()),
};

/// A check, as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// Its name, as [`Kit::only`](crate::Kit::only) takes it.
    pub name: &'static str,
    /// What holds where it passes.
    pub about: &'static str,
    /// The capabilities that it is about: it runs where all of them are exported.
    pub needs: &'static [Capability],
    /// Whether it stores records of its own: it is skipped where none can be stored.
    pub writes: bool,
}

/// Every check, in the order in which they run.
pub fn checks() -> impl Iterator<Item = Listed> {
    std::iter::once(&BASICS)
        .chain(suites::all())
        .map(|check| Listed {
            name: check.name,
            about: check.about,
            needs: check.needs,
            writes: check.writes,
        })
}

/// Whether a check of that name is among those that are asked for.
pub fn wants(only: &[String], name: &str) -> bool {
    only.is_empty() || only.iter().any(|wanted| name.starts_with(wanted.as_str()))
}

/// Refuses a name that no check begins with.
///
/// # Errors
/// `configuration`, with the closest name that there is.
pub fn check_names(only: &[String]) -> Result<()> {
    for wanted in only {
        if checks().any(|check| check.name.starts_with(wanted.as_str())) {
            continue;
        }
        let error = Error::new(
            ErrorKind::Configuration,
            format!("no check has a name that begins with {wanted:?}"),
        );
        let names = checks().flat_map(|check| beginnings(check.name));
        return Err(match closest(wanted, names) {
            Some(near) => error.remedy(format!("did you mean {near:?}?")),
            None => error.remedy("`tenon check --list` shows the names"),
        });
    }
    Ok(())
}

/// A name, and what it begins with up to each point.
fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.match_indices('.').map(|(end, _)| end);
    ends.chain([name.len()]).filter_map(|end| name.get(..end))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_tell_capability_theme_and_check() {
        let mut seen = BTreeSet::new();
        for check in checks() {
            assert!(seen.insert(check.name), "{} is there twice", check.name);
            assert!(!check.about.is_empty(), "{}", check.name);
            let letters = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-' | '.');
            assert!(check.name.chars().all(letters), "{}", check.name);
        }
    }

    #[test]
    fn a_name_that_no_check_has_is_refused_with_the_closest() {
        let refused = |name: &str| {
            let error = check_names(&["basics".to_owned(), name.to_owned()]).unwrap_err();
            format!("{error}; {}", error.remedy_text().unwrap_or_default())
        };
        assert!(refused("basisc").ends_with("did you mean \"basics\"?"));
        assert!(refused("crud.craete").ends_with("did you mean \"crud.create\"?"));
        assert!(refused("nothing of the kind").contains("--list"));
        check_names(&["crud.cr".to_owned(), "crud".to_owned()]).unwrap();
        assert!(wants(&["crud.c".to_owned()], "crud.create.found"));
        assert!(!wants(&["found".to_owned()], "crud.create.found"));
    }
}
