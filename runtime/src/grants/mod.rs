//! Grants: what a data source's sessions may touch outside themselves.
//!
//! Without a grant there is nothing. Each kind of grant has a file of its own, which reads it from the
//! configuration and says what it allows; `wasi` turns them into what an instance is given, and is the only
//! place that does.

mod address;
mod folder;
mod needs;
mod network;
mod output;
mod sockets;
mod tcp;
mod wasi;

use std::collections::HashSet;
use std::fmt;

use crate::config::{Node, Reader, Shape, unknown};

pub use folder::{FolderGrant, FolderMode};
pub use needs::{MissingGrant, Need, check};
pub(crate) use network::{Network, Refusals};
pub(crate) use sockets::{NetworkView, add_to_linker};
pub use tcp::{Host, TcpGrant};
pub(crate) use wasi::Access;

/// A permission of a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grant {
    /// A folder of the host's.
    Folder(FolderGrant),
    /// A host and port to connect to.
    Tcp(TcpGrant),
}

impl Grant {
    /// Whether sessions may change files of the host's by it.
    pub fn writes_files(&self) -> bool {
        self.as_folder()
            .is_some_and(|grant| grant.mode == FolderMode::Write)
    }

    /// The folder, where it is one.
    pub fn as_folder(&self) -> Option<&FolderGrant> {
        match self {
            Self::Folder(grant) => Some(grant),
            Self::Tcp(_) => None,
        }
    }

    /// The host and port, where it is such.
    pub fn as_tcp(&self) -> Option<&TcpGrant> {
        match self {
            Self::Tcp(grant) => Some(grant),
            Self::Folder(_) => None,
        }
    }
}

/// The keys that tell the kind of a grant.
const KINDS: &[&str] = &["folder", "to"];

impl From<FolderGrant> for Grant {
    fn from(grant: FolderGrant) -> Self {
        Self::Folder(grant)
    }
}

impl From<TcpGrant> for Grant {
    fn from(grant: TcpGrant) -> Self {
        Self::Tcp(grant)
    }
}

/// As it stands in `tenon.toml`.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(grant) => grant.fmt(f),
            Self::Tcp(grant) => grant.fmt(f),
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
    for (index, grant) in grants.iter().enumerate() {
        let message = match grant {
            Grant::Folder(folder) => match folder::check_guest_path(&folder.guest) {
                Err(message) => message,
                Ok(()) if names.insert(&folder.guest) => continue,
                Ok(()) => format!("another folder is granted as {} already", folder.guest),
            },
            Grant::Tcp(tcp) => {
                let mut before = grants.iter().take(index).filter_map(Grant::as_tcp);
                match tcp.check() {
                    Err(message) => message,
                    Ok(()) if !before.any(|other| other.is_for(tcp)) => continue,
                    Ok(()) => format!("{}:{} is granted already", tcp.host, tcp.port),
                }
            }
        };
        wrong.push((index, message));
    }
    wrong
}

fn read_one(node: &Node, reader: &mut Reader) -> Option<Grant> {
    let entries = match &node.shape {
        Shape::Text(_) => return TcpGrant::read_text(node, reader).map(Grant::Tcp),
        Shape::Table(entries) => entries,
        _ => {
            let message = format!(
                "a grant is a table, such as {{ folder = \"./data\", as = \"/data\", mode = \"write\" }}, \
                 or a text, such as \"db.internal:5432\", not {}",
                node.kind()
            );
            reader.problem(node, message);
            return None;
        }
    };
    let has = |key: &str| entries.iter().any(|entry| entry.name == key);
    if has("folder") {
        return FolderGrant::read(node, reader).map(Grant::Folder);
    }
    if has("to") || has("private") {
        return TcpGrant::read(node, reader).map(Grant::Tcp);
    }
    let name = entries.first().map_or("", |entry| entry.name.as_str());
    reader.problem(node, unknown("kind of grant", name, KINDS.iter().copied()));
    None
}
