//! A private MariaDB server.
//!
//! Its default collation ignores case and trailing spaces, as is usual there: a statement that forgets to say
//! how it compares is seen. Administrative commands go through a socket in the server's folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::Tls;
use crate::certificates::{Authority, Identity};
use crate::error::Result;
use crate::nursery;
use crate::process::{Program, Server};
use crate::programs::{
    as_server_user, copy_folder, find, folder_for_server, run, write_for_server,
};

const REMEDY: &str = "apt install mariadb-server";

/// What to start.
#[derive(Clone, Debug)]
pub struct MariaDbOptions {
    /// Whether it has TLS.
    pub tls: Tls,
    /// How many connections it takes, and one more for the administrator.
    pub max_connections: u32,
    /// Whether what is committed survives the machine. Servers of tests needn't, and are faster.
    pub durable: bool,
    /// More settings, as options of the server without their dashes.
    pub settings: Vec<(String, String)>,
}

impl Default for MariaDbOptions {
    fn default() -> Self {
        Self {
            tls: Tls::Off,
            max_connections: 50,
            durable: false,
            settings: Vec::new(),
        }
    }
}

/// A running server, with a user that owns a database. Dropped, it is gone.
pub struct MariaDb {
    server: Server<Programs>,
    certificates: Option<(Authority, Identity)>,
}

struct Programs {
    mariadbd: PathBuf,
    mariadb: PathBuf,
    options: MariaDbOptions,
}

impl Program for Programs {
    const STOP: &'static str = "TERM";
    const KILL: &'static str = "KILL";
    const NAME: &'static str = "MariaDB";

    fn command(&self, folder: &Path, port: u16) -> Command {
        let mut command = as_server_user(&self.mariadbd, folder);
        // Before all others.
        command.arg("--no-defaults");
        let mut option = |name: &str, value: &str| {
            command.arg(format!("--{name}={value}"));
        };
        let path = |name: &str| folder.join(name).display().to_string();
        option("datadir", &path("data"));
        option("socket", &path("socket"));
        option("pid-file", &path("pid"));
        option("bind-address", "127.0.0.1");
        option("port", &port.to_string());
        option("max-connections", &self.options.max_connections.to_string());
        option("character-set-server", "utf8mb4");
        option("collation-server", "utf8mb4_general_ci");
        option("skip-name-resolve", "ON");
        option("innodb-buffer-pool-size", "64M");
        if !self.options.durable {
            option("innodb-flush-log-at-trx-commit", "0");
            option("innodb-flush-method", "nosync");
        }
        if self.options.tls != Tls::Off {
            option("ssl-ca", &path("ca.crt"));
            option("ssl-cert", &path("server.crt"));
            option("ssl-key", &path("server.key"));
        }
        for (name, value) in &self.options.settings {
            option(name, value);
        }
        command
    }

    fn answers(&self, folder: &Path, _: u16) -> bool {
        run(self.client(folder).args(["-e", ""])).is_ok()
    }
}

impl Programs {
    fn find(options: MariaDbOptions) -> Result<Self> {
        Ok(Self {
            mariadbd: find("mariadbd", REMEDY)?,
            mariadb: find("mariadb", REMEDY)?,
            options,
        })
    }

    fn client(&self, folder: &Path) -> Command {
        let mut command = as_server_user(&self.mariadb, folder);
        command
            .args(["--no-defaults", "--batch", "--skip-column-names", "--raw"])
            .args(["--protocol=socket", "--default-character-set=utf8mb4"])
            .args(["--user=root", "--socket"])
            .arg(folder.join("socket"));
        command
    }
}

impl MariaDb {
    /// Starts a server.
    ///
    /// # Errors
    /// [`Error::Missing`](crate::Error::Missing) where MariaDB isn't installed, or `openssl` where TLS is
    /// wanted; what the server said where it doesn't start.
    pub fn start(options: MariaDbOptions) -> Result<Self> {
        let tls = options.tls;
        let programs = Programs::find(options)?;
        let folder = nursery::folder("my")?;
        folder_for_server(&folder)?;
        copy_folder(template()?, &folder.join("data"))?;
        let certificates = match tls {
            Tls::Off => None,
            _ => Some(certificates(&folder)?),
        };
        let mariadb = Self {
            server: Server::start(programs, folder)?,
            certificates,
        };
        let needs = match tls {
            Tls::Off | Tls::Offered => "none",
            Tls::Required => "ssl",
            Tls::ClientCertificate => "x509",
        };
        let (user, password) = (mariadb.user(), mariadb.password());
        mariadb.execute(
            None,
            &format!("create user '{user}'@'%' identified by '{password}' require {needs}"),
        )?;
        mariadb.create_database(mariadb.database())?;
        Ok(mariadb)
    }

    /// One server with the default options for all tests of a program, which is stopped at its end.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<MariaDb>> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::start(MariaDbOptions::default()))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The address that it listens on.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port that it listens on, which it keeps when it is started again.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// The test user, who isn't an administrator.
    pub fn user(&self) -> &'static str {
        "tenon"
    }

    /// The test user's password at the start.
    pub fn password(&self) -> &'static str {
        "for tests alone"
    }

    /// The test user's database.
    pub fn database(&self) -> &'static str {
        "tenon"
    }

    /// How the server was started.
    pub fn options(&self) -> &MariaDbOptions {
        &self.server.program().options
    }

    /// The certificate of the authority that signed the server's, as PEM, where it has TLS.
    pub fn authority(&self) -> Option<&str> {
        let (authority, _) = self.certificates.as_ref()?;
        Some(&authority.certificate)
    }

    /// A certificate of the test user, where the server has TLS.
    pub fn client(&self) -> Option<&Identity> {
        let (_, client) = self.certificates.as_ref()?;
        Some(client)
    }

    /// Makes a database for the test user.
    ///
    /// # Errors
    /// The server refuses.
    pub fn create_database(&self, name: &str) -> Result<()> {
        let user = self.user();
        let statements =
            format!("create database `{name}`; grant all on `{name}`.* to '{user}'@'%'");
        self.execute(None, &statements).map(drop)
    }

    /// Runs commands as the administrator in the test user's database; rows are lines, with tabs between
    /// columns.
    ///
    /// # Errors
    /// What the server said.
    pub fn sql(&self, commands: &str) -> Result<String> {
        self.sql_in(self.database(), commands)
    }

    /// Runs commands as the administrator in that database.
    ///
    /// # Errors
    /// What the server said.
    pub fn sql_in(&self, database: &str, commands: &str) -> Result<String> {
        self.execute(Some(database), commands)
    }

    fn execute(&self, database: Option<&str>, commands: &str) -> Result<String> {
        let mut client = self.server.program().client(self.server.folder());
        run(client.args(["-e", commands]).args(database))
    }

    /// Stops the server in order: connections are cut, and what is committed is kept.
    ///
    /// # Errors
    /// It doesn't stop.
    pub fn stop(&self) -> Result<()> {
        self.server.stop()
    }

    /// Stops the server as a crash does.
    ///
    /// # Errors
    /// It doesn't stop.
    pub fn kill(&self) -> Result<()> {
        self.server.kill()
    }

    /// Starts a stopped server again, with its port and its data.
    ///
    /// # Errors
    /// It runs already, or doesn't start.
    pub fn restart(&self) -> Result<()> {
        self.server.restart()
    }
}

/// A data folder as `mariadb-install-db` leaves it, made once.
fn template() -> Result<&'static Path> {
    static TEMPLATE: OnceLock<Result<PathBuf>> = OnceLock::new();
    let made = TEMPLATE.get_or_init(|| {
        let folder = nursery::folder("install")?;
        folder_for_server(&folder)?;
        let data = folder.join("data");
        let mut install = as_server_user(&find("mariadb-install-db", REMEDY)?, &folder);
        install
            .args(["--no-defaults", "--auth-root-authentication-method=normal"])
            .args(["--skip-test-db", "--innodb-flush-method=nosync"])
            .arg(format!("--datadir={}", data.display()));
        run(&mut install)?;
        Ok(data)
    });
    made.as_deref().map_err(Clone::clone)
}

/// Makes certificates where the server finds them; the authority, and the test user's.
fn certificates(folder: &Path) -> Result<(Authority, Identity)> {
    let authority = Authority::new()?;
    let server = authority.server(&["DNS:localhost", "IP:127.0.0.1"])?;
    write_for_server(&folder.join("ca.crt"), &authority.certificate)?;
    write_for_server(&folder.join("server.crt"), &server.certificate)?;
    write_for_server(&folder.join("server.key"), &server.key)?;
    let client = authority.client("tenon")?;
    Ok((authority, client))
}
