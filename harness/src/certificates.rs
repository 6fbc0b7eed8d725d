//! Certificates, made by the program `openssl`: an authority of a server's own, and what it signs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::{nursery, programs};

/// What to type to have the program.
const REMEDY: &str = "apt install openssl";

/// A certificate authority in a folder.
#[derive(Debug)]
pub struct Authority {
    folder: PathBuf,
    /// Its certificate, as PEM.
    pub certificate: String,
}

/// A certificate with its key, both as PEM.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// The private key, in PKCS #8.
    pub key: String,
}

impl Authority {
    /// An authority in a temporary folder of its own.
    ///
    /// # Errors
    /// `openssl` is missing or fails.
    pub fn new() -> Result<Self> {
        let folder = nursery::folder("authority")?;
        std::fs::create_dir(&folder).map_err(|cause| Error::io("creating", &folder, &cause))?;
        let certificate = folder.join("ca.crt");
        let mut command = request(&folder, "ca", "Tenon's test authority")?;
        programs::run(command.args(["-addext", "keyUsage=critical,keyCertSign,cRLSign"]))?;
        let certificate = read(&certificate)?;
        Ok(Self {
            folder,
            certificate,
        })
    }

    /// Signs a server's certificate for these names and addresses, such as `DNS:localhost` and `IP:127.0.0.1`.
    ///
    /// # Errors
    /// `openssl` fails.
    pub fn server(&self, names: &[&str]) -> Result<Identity> {
        let names = format!("subjectAltName={}", names.join(","));
        self.sign("server", "server", &["-addext", &names])
    }

    /// Signs a client's certificate for that user.
    ///
    /// # Errors
    /// `openssl` fails.
    pub fn client(&self, user: &str) -> Result<Identity> {
        self.sign("client", user, &["-addext", "extendedKeyUsage=clientAuth"])
    }

    fn sign(&self, file: &str, name: &str, extensions: &[&str]) -> Result<Identity> {
        let mut command = request(&self.folder, file, name)?;
        command
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(extensions)
            .arg("-CA")
            .arg(self.folder.join("ca.crt"))
            .arg("-CAkey")
            .arg(self.folder.join("ca.key"));
        programs::run(&mut command)?;
        Ok(Identity {
            certificate: read(&self.folder.join(format!("{file}.crt")))?,
            key: read(&self.folder.join(format!("{file}.key")))?,
        })
    }
}

/// The command that makes `<file>.crt` and `<file>.key` in that folder, signed by itself unless it says more.
fn request(folder: &Path, file: &str, name: &str) -> Result<Command> {
    let mut command = Command::new(programs::find("openssl", REMEDY)?);
    command
        .args(["req", "-x509", "-sha256", "-nodes", "-days", "30"])
        .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-subj", &format!("/CN={name}")])
        .arg("-keyout")
        .arg(folder.join(format!("{file}.key")))
        .arg("-out")
        .arg(folder.join(format!("{file}.crt")));
    Ok(command)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|cause| Error::io("reading", path, &cause))
}
