//! Grants: what a data source's sessions may touch outside themselves.
//!
//! Without a grant there is nothing. Each kind of grant has a file of its own, which reads it from the
//! configuration and says what it allows; `wasi` turns them into what an instance is given, and is the only
//! place that does.

mod folder;
mod needs;
mod output;
mod wasi;

use std::collections::HashSet;
use std::fmt;

use crate::config::{Node, Reader, Shape, unknown};

pub use folder::{FolderGrant, FolderMode};
pub use needs::{MissingGrant, Need, check};
pub(crate) use wasi::wasi_context;

/// A permission of a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grant {
    /// A folder of the host's.
    Folder(FolderGrant),
}

impl Grant {
    /// Whether sessions may change files of the host's by it.
    pub fn writes_files(&self) -> bool {
        match self {
            Self::Folder(grant) => grant.mode == FolderMode::Write,
        }
    }
}

/// The keys that tell the kind of a grant.
const KINDS: &[&str] = &["folder"];

impl From<FolderGrant> for Grant {
    fn from(grant: FolderGrant) -> Self {
        Self::Folder(grant)
    }
}

/// As it stands in `tenon.toml`.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(grant) => grant.fmt(f),
        }
    }
}

/// The grants of a `grants` list.
pub(crate) fn read(node: &Node, reader: &mut Reader) -> Option<Vec<Grant>> {
    let items = reader.list(node)?;
    let grants: Vec<Option<Grant>> = items.iter().map(|item| read_one(item, reader)).collect();
    let grants: Vec<Grant> = grants.into_iter().collect::<Option<_>>()?;
    for (index, message) in wrong(&grants) {
        if let Some(item) = items.get(index) {
            reader.problem(item, message);
        }
    }
    Some(grants)
}

/// The grants, by their index, that can't be given to a session together with those before them.
pub(crate) fn wrong(grants: &[Grant]) -> Vec<(usize, String)> {
    let mut names = HashSet::new();
    let mut wrong = Vec::new();
    for (index, Grant::Folder(folder)) in grants.iter().enumerate() {
        if let Err(message) = folder::check_guest_path(&folder.guest) {
            wrong.push((index, message));
        } else if !names.insert(&folder.guest) {
            wrong.push((
                index,
                format!("another folder is granted as {} already", folder.guest),
            ));
        }
    }
    wrong
}

fn read_one(node: &Node, reader: &mut Reader) -> Option<Grant> {
    let Shape::Table(entries) = &node.shape else {
        let example = "{ folder = \"./data\", as = \"/data\", mode = \"write\" }";
        reader.problem(
            node,
            format!("a grant is a table, such as {example}, not {}", node.kind()),
        );
        return None;
    };
    if entries.iter().any(|entry| entry.name == "folder") {
        return FolderGrant::read(node, reader).map(Grant::Folder);
    }
    let name = entries.first().map_or("", |entry| entry.name.as_str());
    reader.problem(node, unknown("kind of grant", name, KINDS.iter().copied()));
    None
}
