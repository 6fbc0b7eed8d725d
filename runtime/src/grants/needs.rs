//! What a connector asks for, beside what it is granted.
//!
//! A connector's words are untrusted: a kind that isn't known is refused, and nothing is granted because it
//! was asked for. The answer to a missing grant is the line that an operator can add.

use std::fmt;
use std::path::PathBuf;

use super::Grant;
use super::folder::{FolderGrant, FolderMode, check_guest_path};
use super::tcp::TcpGrant;
use crate::error::printable;

/// Something that a connector asks for, with the settings that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// `read-folder`, `write-folder` or `tcp`; a connector may ask for more than there is.
    pub kind: String,
    /// What exactly: for folders, the session's own path; for connections, host and port.
    pub target: String,
}

impl Need {
    /// A need of that kind.
    pub fn new(kind: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            target: target.into(),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = printable(&self.target);
        match self.kind.as_str() {
            "read-folder" => write!(f, "reading {target}"),
            "write-folder" => write!(f, "writing to {target}"),
            "tcp" => write!(f, "connections to {target}"),
            kind => write!(f, "{} {target}", printable(kind)),
        }
    }
}

/// A need that no grant answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingGrant {
    /// What the connector asks for.
    pub need: Need,
    /// The line that grants this and all else that is missing, for the data source's table in `tenon.toml`;
    /// none where it can't be granted.
    pub line: Option<String>,
    reason: &'static str,
}

impl MissingGrant {
    /// What is missing and why, without the line that would grant it.
    pub fn reason(&self) -> String {
        format!(
            "the connector asks for {}, which {}",
            self.need, self.reason
        )
    }
}

impl fmt::Display for MissingGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())?;
        match &self.line {
            Some(line) => write!(f, "; to grant it, write in the data source's table: {line}"),
            None => Ok(()),
        }
    }
}

/// What has to change for a need.
enum Answer {
    Granted,
    Missing(Grant, &'static str),
    Refused(&'static str),
}

/// The needs that the grants don't answer.
pub fn check(needs: &[Need], grants: &[Grant]) -> Vec<MissingGrant> {
    let mut wanted = grants.to_vec();
    let mut missing = Vec::new();
    for need in needs {
        let (reason, grantable) = match answer(need, grants) {
            Answer::Granted => continue,
            Answer::Missing(grant, reason) => {
                add(&mut wanted, grant);
                (reason, true)
            }
            Answer::Refused(reason) => (reason, false),
        };
        missing.push((need.clone(), reason, grantable));
    }
    let line = show(&wanted);
    missing
        .into_iter()
        .map(|(need, reason, grantable)| MissingGrant {
            need,
            reason,
            line: grantable.then(|| line.clone()),
        })
        .collect()
}

/// The line that grants this beside what is granted.
pub(super) fn line_of(grants: &[Grant], more: Vec<Grant>) -> String {
    let mut wanted = grants.to_vec();
    for grant in more {
        add(&mut wanted, grant);
    }
    show(&wanted)
}

fn show(grants: &[Grant]) -> String {
    let grants: Vec<String> = grants.iter().map(Grant::to_string).collect();
    format!("grants = [{}]", grants.join(", "))
}

fn answer(need: &Need, grants: &[Grant]) -> Answer {
    let mode = match need.kind.as_str() {
        "read-folder" => FolderMode::Read,
        "write-folder" => FolderMode::Write,
        "tcp" => return answer_tcp(&need.target, grants),
        _ => return Answer::Refused("is no kind of access that this version of Tenon can grant"),
    };
    if check_guest_path(&need.target).is_err() {
        return Answer::Refused("is no path that a session can have; ask the connector's author");
    }
    let folders = grants.iter().filter_map(Grant::as_folder);
    // A session looks a path up in the folder with the longest name that holds it.
    match folders
        .filter(|folder| folder.holds(&need.target))
        .max_by_key(|folder| folder.guest.len())
    {
        Some(folder) if folder.mode >= mode => Answer::Granted,
        Some(folder) => Answer::Missing(
            Grant::Folder(FolderGrant {
                mode,
                ..folder.clone()
            }),
            "is granted for reading only",
        ),
        None => {
            let name = need
                .target
                .rsplit('/')
                .find(|step| !step.is_empty())
                .unwrap_or("data");
            let host = PathBuf::from(format!("./{name}"));
            let folder = FolderGrant {
                host,
                guest: need.target.clone(),
                mode,
            };
            Answer::Missing(Grant::Folder(folder), "is not granted")
        }
    }
}

fn answer_tcp(target: &str, grants: &[Grant]) -> Answer {
    let Ok(asked) = TcpGrant::new(target) else {
        return Answer::Refused(
            "is no host and port that one can connect to, as in db.internal:5432; \
             look at the data source's settings",
        );
    };
    let mut granted = grants.iter().filter_map(Grant::as_tcp);
    if granted.any(|grant| grant.is_for(&asked)) {
        return Answer::Granted;
    }
    Answer::Missing(Grant::Tcp(asked), "is not granted")
}

/// Adds a grant to those that there are to be; of two for the same thing, the one that allows more stays.
fn add(wanted: &mut Vec<Grant>, grant: Grant) {
    let same = wanted.iter_mut().any(|old| match (old, &grant) {
        (Grant::Folder(old), Grant::Folder(new)) if old.guest == new.guest => {
            old.mode = old.mode.max(new.mode);
            true
        }
        (Grant::Tcp(old), Grant::Tcp(new)) if old.is_for(new) => {
            old.private |= new.private;
            true
        }
        _ => false,
    });
    if !same {
        wanted.push(grant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(needs: &[Need], grants: &[Grant]) -> Vec<String> {
        check(needs, grants)
            .iter()
            .map(MissingGrant::to_string)
            .collect()
    }

    #[test]
    fn a_missing_grant_says_which_line_to_add() {
        assert_eq!(
            messages(&[Need::new("write-folder", "/data")], &[]),
            [
                r#"the connector asks for writing to /data, which is not granted; to grant it, write in the data source's table: grants = [{ folder = "./data", as = "/data", mode = "write" }]"#
            ]
        );
    }

    #[test]
    fn a_folder_to_read_is_not_one_to_write() {
        let granted = [FolderGrant::read_only("/srv/data", "/data").unwrap().into()];
        assert_eq!(
            messages(
                &[
                    Need::new("write-folder", "/data/sub"),
                    Need::new("read-folder", "/data")
                ],
                &granted
            ),
            [
                r#"the connector asks for writing to /data/sub, which is granted for reading only; to grant it, write in the data source's table: grants = [{ folder = "/srv/data", as = "/data", mode = "write" }]"#
            ]
        );
    }

    #[test]
    fn the_line_grants_all_that_is_missing_and_keeps_what_is_there() {
        let granted = [FolderGrant::writable("/srv/a", "/a").unwrap().into()];
        let needs = [
            Need::new("read-folder", "/b"),
            Need::new("write-folder", "/b"),
            Need::new("read-folder", "/a"),
        ];
        let missing = check(&needs, &granted);
        assert_eq!(missing.len(), 2);
        assert_eq!(
            missing[0].line.as_deref(),
            Some(
                r#"grants = [{ folder = "/srv/a", as = "/a", mode = "write" }, { folder = "./b", as = "/b", mode = "write" }]"#
            )
        );
    }

    #[test]
    fn a_connection_is_granted_by_its_host_and_port() {
        let granted = [
            Grant::from(TcpGrant::new("db.internal:5432").unwrap().private()),
            TcpGrant::new("[::1]:5432").unwrap().into(),
        ];
        let needs = ["DB.Internal:5432", "db.internal.:5432", "[0:0::1]:5432"];
        let needs = needs.map(|target| Need::new("tcp", target));
        assert_eq!(check(&needs, &granted), []);
        let needs = ["db.internal:5433", "db:5432", "127.0.0.1:5432"];
        let needs = needs.map(|target| Need::new("tcp", target));
        assert_eq!(
            messages(&needs, &granted)[0],
            r#"the connector asks for connections to db.internal:5433, which is not granted; to grant it, write in the data source's table: grants = [{ to = "db.internal:5432", private = true }, "[::1]:5432", "db.internal:5433", "db:5432", "127.0.0.1:5432"]"#
        );
    }

    #[test]
    fn what_nobody_can_connect_to_is_refused() {
        for wrong in [
            "db.internal",
            ":5432",
            "0.0.0.0:5432",
            "/var/run/postgresql",
        ] {
            let missing = check(&[Need::new("tcp", wrong)], &[]);
            assert_eq!(missing[0].line, None, "{wrong}");
            assert!(missing[0].reason().contains("settings"), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused_and_not_repeated_raw() {
        let needs = [
            Need::new("raw-disk", "/dev/\u{1b}[31msda"),
            Need::new("read-folder", "../etc"),
        ];
        assert_eq!(
            messages(&needs, &[]),
            [
                "the connector asks for raw-disk /dev/ [31msda, which is no kind of access that this version of Tenon can grant",
                "the connector asks for reading ../etc, which is no path that a session can have; ask the connector's author"
            ]
        );
    }
}
