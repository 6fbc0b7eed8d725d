//! From grants to a WASI context: the only place that builds one.
//!
//! What isn't given here isn't there: no environment, no arguments, no input, no folder that wasn't granted, and
//! a network that refuses all that wasn't. Clocks and random numbers are everybody's.

use std::sync::Arc;

use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use super::Grant;
use super::folder::{FolderGrant, FolderMode};
use super::network::Network;
use super::output::GuestOutput;
use crate::error::{Error, ErrorKind};
use crate::names::DataSourceName;
use crate::secrets::Secrets;

/// Random bytes that a guest gets at once; keys and seeds take less than a hundred. More is a trap.
const MAX_RANDOM: u64 = 64 * 1024;

/// What one instance may touch.
pub(crate) struct Access {
    pub wasi: WasiCtx,
    pub network: Network,
}

impl Access {
    /// Nothing, for an instance that is only asked what it is.
    pub(crate) fn none() -> Self {
        Self {
            wasi: deny_network(&mut WasiCtxBuilder::new()).build(),
            network: Network::none(),
        }
    }

    /// What one instance of that data source may touch; what it prints goes to the log without the secrets.
    /// `blocking` is for an instance that has a thread of its own: file operations
    /// then block that thread, and none of them can land after the instance is gone.
    ///
    /// # Errors
    /// `configuration`, where a granted folder can't be opened.
    pub(crate) fn granted(
        grants: &Arc<[Grant]>,
        source: &DataSourceName,
        secrets: &Secrets,
        blocking: bool,
    ) -> Result<Self, Error> {
        let output = GuestOutput::new(source.clone(), secrets.clone());
        let network = Network::new(Arc::clone(grants), source.clone(), secrets.clone());
        let mut builder = WasiCtxBuilder::new();
        builder
            .stdout(output.stream("stdout"))
            .stderr(output.stream("stderr"))
            .max_random_size(MAX_RANDOM);
        deny_network(&mut builder);
        // A folder remembers this at the moment it is added.
        builder.allow_blocking_current_thread(blocking);
        for grant in grants.iter() {
            match grant {
                Grant::Folder(folder) => add_folder(&mut builder, folder)?,
                // Asked for when a connection is made.
                Grant::Tcp(_) => {}
            }
        }
        Ok(Self {
            wasi: builder.build(),
            network,
        })
    }
}

/// Said although it is wasmtime's default: nothing may come to depend on that. The runtime has its own sockets.
fn deny_network(builder: &mut WasiCtxBuilder) -> &mut WasiCtxBuilder {
    builder
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
}

fn add_folder(builder: &mut WasiCtxBuilder, folder: &FolderGrant) -> Result<(), Error> {
    let permissions = match folder.mode {
        FolderMode::Read => FsPerms::ReadOnly,
        FolderMode::Write => FsPerms::ReadWrite,
    };
    match builder.preopened_dir(&folder.host, &folder.guest, permissions) {
        Ok(_) => Ok(()),
        Err(cause) => {
            let host = folder.host.display();
            let message = format!("the granted folder {host} can't be opened: {cause}");
            let error = Error::new(ErrorKind::Configuration, message);
            Err(if folder.host.exists() {
                error
            } else {
                error.remedy(format!("make it: mkdir -p {host:?}"))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(grants: &[Grant]) -> Result<Access, Error> {
        let source = DataSourceName::new("airports").unwrap();
        Access::granted(&grants.into(), &source, &Secrets::new(), false)
    }

    #[test]
    fn a_granted_folder_has_to_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let there = FolderGrant::writable(folder.path(), "/data").unwrap();
        assert!(context(&[there.into()]).is_ok());
        let missing = FolderGrant::read_only(folder.path().join("missing"), "/data").unwrap();
        let error = context(&[missing.into()]).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(
            error.to_string().contains("missing can't be opened"),
            "{error}"
        );
        assert!(
            error
                .remedy_text()
                .is_some_and(|remedy| remedy.starts_with("make it: mkdir -p")),
            "{error}"
        );
    }
}
