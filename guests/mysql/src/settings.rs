//! What an operator sets: where the server is, who connects, and how the connection is protected.

use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::{Error, Need, Result, Secret};
use tenon_tls::{TlsMode, TlsOptions};

use crate::connection::rsa;

/// The settings of `mysql`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The server's name or address, as the grant names it.
    pub host: String,
    /// The server's port.
    #[serde(default = "default_port")]
    pub port: u16,
    /// Who connects.
    pub user: String,
    /// The user's password; none is an empty one.
    pub password: Option<Secret>,
    /// The database whose tables are meant where a name has no database before it.
    pub database: String,
    /// Whether the connection is encrypted, and how sure it is who answers: `disable`, `prefer` (as without it), `require`
    /// or `verify-full`.
    #[serde(default)]
    pub tls: TlsMode,
    /// The authorities that the server's certificate may be of, as PEM; without it those that browsers believe.
    pub ca: Option<String>,
    /// The certificate that the server is shown, as PEM, with those that lead to its authority.
    pub client_certificate: Option<String>,
    /// The private key of `client-certificate`, as PEM.
    pub client_key: Option<Secret>,
    /// The server's public key, as PEM: under it, the password leaves without TLS.
    pub server_public_key: Option<String>,
    /// Without TLS, the password leaves under whatever public key comes from whoever answers.
    #[serde(default)]
    pub allow_public_key_retrieval: bool,
}

const fn default_port() -> u16 {
    3306
}

impl Settings {
    /// Whether they can be used, as far as that can be told without a server.
    ///
    /// # Errors
    /// `invalid` where a text is empty or has a NUL character, or a certificate or key can't be read.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, text) in [
            ("host", &self.host),
            ("user", &self.user),
            ("database", &self.database),
        ] {
            if text.is_empty() || text.contains('\0') {
                return Err(Error::invalid(format!(
                    "`{name}` is empty or has a NUL character in it"
                )));
            }
        }
        if self.password().contains('\0') {
            return Err(Error::invalid("`password` has a NUL character in it"));
        }
        let key = self.server_public_key.as_deref();
        if key.is_some_and(|pem| !rsa::is_usable(pem.as_bytes())) {
            return Err(Error::invalid(
                "`server-public-key` is no RSA public key of 1,024 bits or more as PEM text (`-----BEGIN PUBLIC KEY-----`)",
            ));
        }
        self.tls_options().client_config().map(|_| ())
    }

    pub(crate) fn need(&self) -> Need {
        Need::tcp(&self.host, self.port)
    }

    pub(crate) fn password(&self) -> &str {
        self.password.as_ref().map_or("", Secret::reveal)
    }

    pub(crate) fn tls_options(&self) -> TlsOptions<'_> {
        TlsOptions {
            mode: self.tls,
            ca: self.ca.as_deref(),
            client_certificate: self.client_certificate.as_deref(),
            client_key: self.client_key.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Settings, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn host_user_and_database_are_enough() {
        let settings = parse(r#"{"host": "db", "user": "ann", "database": "shop"}"#).unwrap();
        assert_eq!(settings.need(), Need::tcp("db", 3306));
        assert_eq!(settings.tls, TlsMode::Prefer);
        assert_eq!(settings.password(), "");
        settings.check().unwrap();
    }

    #[test]
    fn what_the_protocol_ends_texts_by_is_refused() {
        let json = r#"{"host": "db", "user": "ann\u0000root", "database": "shop"}"#;
        let error = parse(json).unwrap().check().unwrap_err();
        assert!(error.message.contains("`user`"), "{error}");
    }

    #[test]
    fn secrets_do_not_print() {
        let json = r#"{"host": "db", "user": "ann", "database": "shop", "password": "swordfish", "client-key": "swordfish"}"#;
        let settings = parse(json).unwrap();
        assert!(!format!("{settings:?}").contains("swordfish"));
        let error = settings.check().unwrap_err();
        assert!(!error.message.contains("swordfish"), "{error}");
    }

    #[test]
    fn a_public_key_that_is_none_is_refused_before_it_is_needed() {
        let settings = |key: &str| Settings {
            server_public_key: Some(key.to_owned()),
            ..parse(r#"{"host": "db", "user": "ann", "database": "shop"}"#).unwrap()
        };
        let key = include_str!("../tests/data/rsa-public-key.pem");
        settings(key).check().unwrap();
        let empty = "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n";
        for other in ["", "server-key.pem", empty] {
            let error = settings(other).check().unwrap_err();
            assert!(error.message.contains("`server-public-key`"), "{error}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(
            parse(r#"{"host": "db", "user": "a", "database": "b", "local-infile": true}"#).is_err()
        );
    }
}
