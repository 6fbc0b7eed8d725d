//! Where the demo keeps its airports: a file, or a private server that the demo starts and that ends with it.

use std::fs;
use std::path::Path;

use tenon_harness::{Error, MariaDb, MariaDbOptions, Postgres, PostgresOptions};

/// The file with the server's password, in the demo's folder.
const PASSWORD: &str = "password";

/// A backend of the data source `airports`.
pub enum Backend {
    /// A file, as in the example's configuration.
    Redb,
    /// A file of SQLite's.
    Sqlite,
    /// A private PostgreSQL server.
    Postgres(Postgres),
    /// A private MariaDB server.
    Mysql(MariaDb),
}

impl Backend {
    /// What can be named behind `--on`.
    pub const NAMES: &[&str] = &["redb", "sqlite", "postgres", "mysql"];

    /// Starts what the connector of that name needs.
    ///
    /// # Errors
    /// There is none of that name, its server isn't installed, or doesn't start.
    pub fn start(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "redb" => Self::Redb,
            "sqlite" => Self::Sqlite,
            "postgres" => Self::Postgres(Postgres::start(PostgresOptions::default())?),
            "mysql" => Self::Mysql(MariaDb::start(MariaDbOptions::default())?),
            other => {
                return Err(Error::Failed(format!(
                    "the demo runs on {}, not on {other}",
                    Self::NAMES.join(", ")
                )));
            }
        })
    }

    /// The connector's name.
    pub fn connector(&self) -> &'static str {
        match self {
            Self::Redb => "redb",
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
            Self::Mysql(_) => "mysql",
        }
    }

    /// What its records are in, for the tour.
    pub fn place(&self) -> &'static str {
        match self {
            Self::Redb | Self::Sqlite => "one durable file",
            Self::Postgres(_) => "a PostgreSQL server of the demo's own",
            Self::Mysql(_) => "a MariaDB server of the demo's own",
        }
    }

    /// What its grant names.
    pub fn granted(&self) -> &'static str {
        match self {
            Self::Redb | Self::Sqlite => "/data",
            Self::Postgres(_) | Self::Mysql(_) => "127.0.0.1",
        }
    }

    /// Whether it has tables, which are made before the import.
    pub fn has_tables(&self) -> bool {
        !matches!(self, Self::Redb)
    }

    /// Who finds records by a regular expression.
    pub fn regexp_place(&self) -> &'static str {
        match self {
            Self::Sqlite => "connector",
            _ => "runtime",
        }
    }

    /// Whether it ends with the demo.
    pub fn is_server(&self) -> bool {
        matches!(self, Self::Postgres(_) | Self::Mysql(_))
    }

    /// Changes the example's configuration in the folder to this backend.
    pub fn configure(&self, folder: &Path) -> Result<(), String> {
        let section = match self {
            Self::Redb => return Ok(()),
            Self::Sqlite => r#"connector = "sqlite"
settings = { path = "/data/airports.sqlite" } # a path as the connector sees it
# The connector sees this folder, as /data, and nothing else of the machine.
grants = [{ folder = "./data", as = "/data", mode = "write" }]"#
                .to_owned(),
            Self::Postgres(server) => self.server(
                folder,
                server.port(),
                server.user(),
                server.database(),
                server.password(),
            )?,
            Self::Mysql(server) => self.server(
                folder,
                server.port(),
                server.user(),
                server.database(),
                server.password(),
            )?,
        };
        let file = folder.join("tenon.toml");
        let failed = |cause: std::io::Error| format!("changing {}: {cause}", file.display());
        let example = fs::read_to_string(&file).map_err(failed)?;
        let changed =
            with_source(&example, &section).ok_or("tenon.toml has no [sources.airports]")?;
        fs::write(&file, changed).map_err(failed)
    }

    fn server(
        &self,
        folder: &Path,
        port: u16,
        user: &str,
        database: &str,
        password: &str,
    ) -> Result<String, String> {
        let connector = self.connector();
        let file = folder.join(PASSWORD);
        fs::write(&file, password)
            .map_err(|cause| format!("writing {}: {cause}", file.display()))?;
        Ok(format!(
            r#"connector = "{connector}"
settings = {{ host = "127.0.0.1", port = {port}, user = "{user}", database = "{database}", password = {{ file = "{PASSWORD}" }} }}
# The connector reaches this address and port, and nothing else of the network.
grants = [{{ to = "127.0.0.1:{port}" }}]"#
        ))
    }
}

/// The configuration with another data source `airports`: these lines are its table.
fn with_source(toml: &str, lines: &str) -> Option<String> {
    const HEADER: &str = "[sources.airports]\n";
    let (before, rest) = toml.split_once(HEADER)?;
    let (_, after) = rest.split_once("\n\n")?;
    Some(format!("{before}{HEADER}{lines}\n\n{after}"))
}

#[cfg(test)]
mod tests {
    use super::with_source;

    #[test]
    fn one_data_source_is_another_and_the_rest_stays() {
        let toml =
            "# A\n[sources.airports]\nconnector = \"redb\"\nb = 1\n\n[sources.more]\nc = 2\n";
        assert_eq!(
            with_source(toml, "connector = \"sqlite\"").unwrap(),
            "# A\n[sources.airports]\nconnector = \"sqlite\"\n\n[sources.more]\nc = 2\n"
        );
        assert_eq!(with_source("[sources.more]\n", ""), None);
    }
}
