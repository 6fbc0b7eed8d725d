//! What an operator sets: which server, as whom, and how sure to be that it is the right one.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::{Error, Limits, Need, Result, Secret};
use tenon_tls::{TlsMode, TlsOptions};

/// The settings of `postgres`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The server's name or address.
    pub host: String,
    /// The server's port.
    #[serde(default = "default_port")]
    pub port: u16,
    /// Whom to connect as.
    pub user: String,
    /// The user's password; not needed where the server asks for none, or for a certificate alone.
    pub password: Option<Secret>,
    /// The database. Without it, the one with the user's name.
    pub database: Option<String>,
    /// Schemas to look for tables in, the first of them for new ones. Without it, as the server has it for the user:
    /// mostly `public`.
    #[serde(default)]
    pub search_path: Vec<String>,
    /// Whether the connection is encrypted, and whether the server's certificate is checked: `disable`, `prefer` (as
    /// without it, and as in PostgreSQL's own clients), `require` or `verify-full`.
    #[serde(default)]
    pub tls: TlsMode,
    /// The authorities whose certificates are believed, as PEM text. Without it, those that browsers believe.
    pub ca: Option<String>,
    /// The certificate to show to the server, as PEM text, with those that lead to its authority.
    pub client_certificate: Option<String>,
    /// The private key of `client-certificate`, as PEM text.
    pub client_key: Option<Secret>,
    /// What the server's lists of sessions call this one. Without it, `tenon`.
    pub application_name: Option<String>,
}

/// A name, and what it is set to.
pub(crate) type SessionParameter = (&'static str, String);

fn default_port() -> u16 {
    5432
}

/// What of a call's time is left for the answer of a server that has stopped a statement.
const SHARE: u32 = 10;
const LEAST_MARGIN: Duration = Duration::from_millis(20);
const GREATEST_MARGIN: Duration = Duration::from_secs(1);

impl Settings {
    /// The connection that must be granted.
    pub(crate) fn need(&self) -> Need {
        Need::tcp(&self.host, self.port)
    }

    /// Refuses what no server could be asked for.
    pub(crate) fn check(&self) -> Result<()> {
        let texts = [
            ("host", Some(self.host.as_str())),
            ("user", Some(self.user.as_str())),
            ("database", self.database.as_deref()),
            ("application-name", self.application_name.as_deref()),
            ("password", self.password.as_ref().map(Secret::reveal)),
        ];
        let schemas = self.search_path.iter();
        let schemas = schemas.map(|schema| ("search-path", Some(schema.as_str())));
        for (name, text) in texts.into_iter().chain(schemas) {
            match text {
                Some("") => {
                    return Err(Error::invalid(format!(
                        "`{name}` is empty: leave it out, or say what it is"
                    )));
                }
                Some(text) if text.contains('\0') => {
                    return Err(Error::invalid(format!(
                        "`{name}` has a NUL character in it, which PostgreSQL has no place for"
                    )));
                }
                _ => {}
            }
        }
        if self.port == 0 {
            return Err(Error::invalid("`port` is 0: a server has one from 1 on"));
        }
        self.tls().client_config().map(drop)
    }

    pub(crate) fn tls(&self) -> TlsOptions<'_> {
        TlsOptions {
            mode: self.tls,
            ca: self.ca.as_deref(),
            client_certificate: self.client_certificate.as_deref(),
            client_key: self.client_key.as_ref(),
        }
    }

    /// The session's parameters, to which `DISCARD ALL` brings it back. The second list is of those that the server may
    /// be too old for, or another product.
    pub(crate) fn parameters(
        &self,
        limits: &Limits,
    ) -> (Vec<SessionParameter>, Vec<SessionParameter>) {
        let mut parameters = vec![
            ("client_encoding", "UTF8".to_owned()),
            ("user", self.user.clone()),
            // Values are read in these forms, whatever the server's are.
            ("DateStyle", "ISO".to_owned()),
            ("TimeZone", "UTC".to_owned()),
        ];
        if let Some(database) = &self.database {
            parameters.push(("database", database.clone()));
        }
        let name = self.application_name.as_deref().unwrap_or("tenon");
        parameters.push(("application_name", name.to_owned()));
        if !self.search_path.is_empty() {
            let quoted = self.search_path.iter();
            let quoted = quoted.map(|schema| format!("\"{}\"", schema.replace('"', "\"\"")));
            parameters.push(("search_path", quoted.collect::<Vec<_>>().join(", ")));
        }
        if let Some(timeout) = limits.call_timeout {
            let millis = statement_timeout(timeout).as_millis().max(1);
            parameters.push((
                "statement_timeout",
                millis.min(i32::MAX as u128).to_string(),
            ));
        }
        let optional = [
            ("IntervalStyle", "iso_8601"),
            // A statement whose session was ended by the runtime doesn't run on, and holds no locks for hours.
            ("client_connection_check_interval", "1000"),
            ("tcp_keepalives_idle", "60"),
            ("tcp_keepalives_interval", "10"),
            ("tcp_keepalives_count", "6"),
        ];
        let optional = optional.map(|(name, value)| (name, value.to_owned()));
        (parameters, optional.into())
    }
}

/// A little less than a call may take, so that the server says first that it has stopped.
fn statement_timeout(call: Duration) -> Duration {
    call.saturating_sub((call / SHARE).clamp(LEAST_MARGIN, GREATEST_MARGIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Result<Settings, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn the_server_is_what_is_needed() {
        let settings = settings(r#"{"host": "db.internal", "user": "ann"}"#).unwrap();
        assert_eq!(settings.need(), Need::tcp("db.internal", 5432));
        assert_eq!(settings.tls, TlsMode::Prefer);
        settings.check().unwrap();
    }

    #[test]
    fn what_no_server_could_be_asked_for_is_refused() {
        for (json, reason) in [
            (r#"{"host": "", "user": "ann"}"#, "`host` is empty"),
            (r#"{"host": "a", "user": "ann\u0000"}"#, "NUL"),
            (
                r#"{"host": "a", "user": "ann", "search-path": ["", "b"]}"#,
                "`search-path` is empty",
            ),
            (r#"{"host": "a", "user": "ann", "port": 0}"#, "`port` is 0"),
            (
                r#"{"host": "a", "user": "ann", "ca": "none"}"#,
                "`ca` has no certificate",
            ),
        ] {
            let error = settings(json).unwrap().check().unwrap_err();
            assert!(error.message.contains(reason), "{json}: {error}");
        }
        assert!(settings(r#"{"host": "a", "user": "ann", "ssl": true}"#).is_err());
    }

    #[test]
    fn secrets_are_never_printed() {
        let json =
            r#"{"host": "a", "user": "ann", "password": "swordfish", "client-key": "swordfish"}"#;
        assert!(!format!("{:?}", settings(json).unwrap()).contains("swordfish"));
    }

    #[test]
    fn the_server_stops_a_statement_before_the_call_is_over() {
        let millis = |millis| statement_timeout(Duration::from_millis(millis)).as_millis();
        assert_eq!(millis(30_000), 29_000);
        assert_eq!(millis(1_000), 900);
        assert_eq!(millis(100), 80);
        assert_eq!(millis(10), 0);
    }

    #[test]
    fn schemas_are_quoted_in_the_search_path() {
        let json = r#"{"host": "a", "user": "ann", "search-path": ["sales", "a\", b"]}"#;
        let (parameters, _) = settings(json).unwrap().parameters(&Limits::default());
        let path = parameters.iter().find(|(name, _)| *name == "search_path");
        assert_eq!(path.unwrap().1, r#""sales", "a"", b""#);
    }
}
