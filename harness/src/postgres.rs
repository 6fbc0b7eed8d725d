//! A private PostgreSQL server.
//!
//! Its default collation is ICU's for American English, under which text sorts otherwise than by code point: a
//! statement that forgets to say how it compares is seen. Administrative commands go through a socket in the
//! server's folder, whatever clients from the network have to show.

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

const REMEDY: &str = "apt install postgresql";

/// The administrator, through the socket alone.
const ADMINISTRATOR: &str = "postgres";

/// How the test user shows who it is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Authentication {
    /// By SCRAM-SHA-256, with channel binding where there is TLS.
    #[default]
    Scram,
    /// By a password's MD5 hash.
    Md5,
    /// By the password itself.
    Password,
    /// Not at all.
    Trust,
}

impl Authentication {
    fn method(self) -> &'static str {
        match self {
            Self::Scram => "scram-sha-256",
            Self::Md5 => "md5",
            Self::Password => "password",
            Self::Trust => "trust",
        }
    }

    fn stored_as(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            _ => "scram-sha-256",
        }
    }
}

/// What to start.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Whether it has TLS.
    pub tls: Tls,
    /// How the test user shows who it is.
    pub authentication: Authentication,
    /// How many connections it takes, three of them for the administrator.
    pub max_connections: u32,
    /// Whether what is committed survives the machine. Servers of tests needn't, and are faster.
    pub durable: bool,
    /// More settings, as in `postgresql.conf`.
    pub settings: Vec<(String, String)>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            tls: Tls::Off,
            authentication: Authentication::Scram,
            max_connections: 50,
            durable: false,
            settings: Vec::new(),
        }
    }
}

/// A running server, with a user that owns a database. Dropped, it is gone.
pub struct Postgres {
    server: Server<Programs>,
    options: PostgresOptions,
    certificates: Option<Certificates>,
}

struct Certificates {
    authority: Authority,
    client: Identity,
}

struct Programs {
    postgres: PathBuf,
    psql: PathBuf,
}

impl Program for Programs {
    const STOP: &'static str = "INT";
    // Of the server's processes the first alone is known, and ends the others.
    const KILL: &'static str = "QUIT";
    const NAME: &'static str = "PostgreSQL";

    fn command(&self, folder: &Path, port: u16) -> Command {
        let mut command = as_server_user(&self.postgres, folder);
        command
            .arg("-D")
            .arg(folder.join("data"))
            .arg("-k")
            .arg(folder)
            .args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        command
    }

    fn answers(&self, folder: &Path, port: u16) -> bool {
        run(self.psql(folder, port, ADMINISTRATOR).args(["-c", ""])).is_ok()
    }
}

impl Programs {
    fn find() -> Result<Self> {
        Ok(Self {
            postgres: find("postgres", REMEDY)?,
            psql: find("psql", REMEDY)?,
        })
    }

    fn psql(&self, folder: &Path, port: u16, database: &str) -> Command {
        let mut command = as_server_user(&self.psql, folder);
        command
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h"])
            .arg(folder)
            .args(["-p", &port.to_string()])
            .args(["-U", ADMINISTRATOR, "-d", database]);
        command
    }
}

impl Postgres {
    /// Starts a server.
    ///
    /// # Errors
    /// [`Error::Missing`](crate::Error::Missing) where PostgreSQL isn't installed, or `openssl` where TLS is wanted; what the server
    /// said where it doesn't start.
    pub fn start(options: PostgresOptions) -> Result<Self> {
        let programs = Programs::find()?;
        let folder = nursery::folder("pg")?;
        folder_for_server(&folder)?;
        copy_folder(template()?, &folder.join("data"))?;
        let certificates = match options.tls {
            Tls::Off => None,
            _ => Some(Certificates::write(&folder)?),
        };
        configure(&folder, &options)?;
        let server = Server::start(programs, folder)?;
        let postgres = Self {
            server,
            options,
            certificates,
        };
        let role = format!(
            "create role {} login password '{}'",
            postgres.user(),
            postgres.password()
        );
        postgres.sql_in(ADMINISTRATOR, &role)?;
        postgres.create_database(postgres.database())?;
        Ok(postgres)
    }

    /// One server with the default options for all tests of a program, which is stopped at its end.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<Postgres>> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::start(PostgresOptions::default()))
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
    pub fn options(&self) -> &PostgresOptions {
        &self.options
    }

    /// The certificate of the authority that signed the server's, as PEM, where it has TLS.
    pub fn authority(&self) -> Option<&str> {
        let certificates = self.certificates.as_ref()?;
        Some(&certificates.authority.certificate)
    }

    /// A certificate of the test user, where the server has TLS.
    pub fn client(&self) -> Option<&Identity> {
        Some(&self.certificates.as_ref()?.client)
    }

    /// Makes a database for the test user.
    ///
    /// # Errors
    /// The server refuses.
    pub fn create_database(&self, name: &str) -> Result<()> {
        let statement = format!("create database \"{name}\" owner {}", self.user());
        self.sql_in(ADMINISTRATOR, &statement).map(drop)
    }

    /// Runs commands as the administrator in the test user's database; rows are lines, with `|` between columns.
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
        let (folder, port) = (self.server.folder(), self.server.port());
        let programs = self.server.program();
        run(programs.psql(folder, port, database).args(["-c", commands]))
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

/// A data folder as `initdb` leaves it, made once.
fn template() -> Result<&'static Path> {
    static TEMPLATE: OnceLock<Result<PathBuf>> = OnceLock::new();
    let made = TEMPLATE.get_or_init(|| {
        let folder = nursery::folder("initdb")?;
        folder_for_server(&folder)?;
        let mut initdb = as_server_user(&find("initdb", REMEDY)?, &folder);
        initdb
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8"])
            .args([
                "--locale=C.UTF-8",
                "--locale-provider=icu",
                "--icu-locale=en-US",
            ])
            .args(["-U", ADMINISTRATOR, "-D"])
            .arg(folder.join("data"));
        run(&mut initdb)?;
        Ok(folder.join("data"))
    });
    made.as_deref().map_err(Clone::clone)
}

impl Certificates {
    /// Makes them where the server finds them.
    fn write(folder: &Path) -> Result<Self> {
        let authority = Authority::new()?;
        let server = authority.server(&["DNS:localhost", "IP:127.0.0.1"])?;
        write_for_server(&folder.join("ca.crt"), &authority.certificate)?;
        write_for_server(&folder.join("server.crt"), &server.certificate)?;
        write_for_server(&folder.join("server.key"), &server.key)?;
        let client = authority.client("tenon")?;
        Ok(Self { authority, client })
    }
}

/// Writes who may connect, and the settings.
fn configure(folder: &Path, options: &PostgresOptions) -> Result<()> {
    let method = options.authentication.method();
    let network = match options.tls {
        Tls::Off | Tls::Offered => format!("host all all 127.0.0.1/32 {method}"),
        Tls::Required => format!("hostssl all all 127.0.0.1/32 {method}"),
        Tls::ClientCertificate => {
            format!("hostssl all all 127.0.0.1/32 {method} clientcert=verify-full")
        }
    };
    let rules = format!("local all all trust\n{network}\n");
    write_for_server(&folder.join("data/pg_hba.conf"), &rules)?;

    let mut settings = vec![
        ("max_connections", options.max_connections.to_string()),
        (
            "password_encryption",
            options.authentication.stored_as().to_owned(),
        ),
        ("listen_addresses", "127.0.0.1".to_owned()),
    ];
    if !options.durable {
        let off = ["fsync", "synchronous_commit", "full_page_writes"];
        settings.extend(off.map(|name| (name, "off".to_owned())));
    }
    if options.tls != Tls::Off {
        settings.push(("ssl", "on".to_owned()));
        for (name, file) in [
            ("ssl_ca_file", "ca.crt"),
            ("ssl_cert_file", "server.crt"),
            ("ssl_key_file", "server.key"),
        ] {
            settings.push((name, folder.join(file).display().to_string()));
        }
    }
    let more = options.settings.iter();
    settings.extend(more.map(|(name, value)| (name.as_str(), value.clone())));
    let text: String = settings
        .iter()
        .map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")))
        .collect();
    // Read after `postgresql.conf`.
    write_for_server(&folder.join("data/postgresql.auto.conf"), &text)
}
