//! TLS for connectors that speak over a socket: an operator's settings become a client's configuration.
//!
//! What a mode promises is what PostgreSQL's clients made common. Certificates come as PEM text, since a connector
//! may have no folder to read them from. A private key never shows in an error.

mod verify;

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use schemars::JsonSchema;
use serde::Deserialize;
use tenon_sdk::{Error, Result, Secret};

pub use rustls;
use verify::{AnyCertificate, AnyName};

/// Whether a connection is encrypted, and how sure it is who answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Never encrypted.
    Disable,
    /// Encrypted where the server can do it. Someone in between can read along all the same.
    #[default]
    Prefer,
    /// Encrypted, or there is no connection. Without `ca` nobody checks who answers.
    Require,
    /// Encrypted, and the server's certificate is of a known authority and bears the host's name.
    VerifyFull,
}

/// What the settings say of TLS.
#[derive(Clone, Copy, Debug, Default)]
pub struct TlsOptions<'a> {
    /// Whether and how strictly.
    pub mode: TlsMode,
    /// The authorities to believe, as PEM; without it those that browsers believe.
    pub ca: Option<&'a str>,
    /// This client's certificate and those that lead to its authority, as PEM.
    pub client_certificate: Option<&'a str>,
    /// The private key of this client's certificate, as PEM.
    pub client_key: Option<&'a Secret>,
}

impl TlsOptions<'_> {
    /// The configuration of a client; none where TLS is disabled.
    ///
    /// A server's certificate is checked with its name by `verify-full`; by the other modes against `ca` where there
    /// is one, without the name, and otherwise not at all.
    ///
    /// # Errors
    /// `invalid` where a certificate or key can't be read, they don't belong together, or one is missing.
    pub fn client_config(&self) -> Result<Option<Arc<ClientConfig>>> {
        if self.mode == TlsMode::Disable {
            return Ok(None);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::backend(format!("TLS can't be set up: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier(&provider)?);
        let config = match (self.client_certificate, self.client_key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(chain), Some(key)) => {
                let chain = certificates(chain, "client-certificate")?;
                // The reason is left out: it could tell of the key.
                let key = PrivateKeyDer::from_pem_slice(key.reveal().as_bytes()).map_err(|_| {
                    Error::invalid(
                        "`client-key` is no private key in PEM: PKCS #8, PKCS #1 or SEC 1",
                    )
                })?;
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    Error::invalid(format!(
                        "`client-certificate` and `client-key` can't be used together: {error}"
                    ))
                })?
            }
            (Some(_), None) => return Err(missing("client-certificate", "client-key")),
            (None, Some(_)) => return Err(missing("client-key", "client-certificate")),
        };
        Ok(Some(Arc::new(config)))
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>> {
        let mut roots = RootCertStore::empty();
        match self.ca {
            Some(ca) => {
                for certificate in certificates(ca, "ca")? {
                    roots.add(certificate).map_err(|error| {
                        Error::invalid(format!(
                            "`ca` has a certificate that can't be used: {error}"
                        ))
                    })?;
                }
            }
            None if self.mode == TlsMode::VerifyFull => {
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            }
            None => return Ok(Arc::new(AnyCertificate::new(provider))),
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
                .build()
                .map_err(|error| Error::invalid(format!("`ca` can't be used: {error}")))?;
        Ok(match self.mode {
            TlsMode::VerifyFull => verifier,
            _ => Arc::new(AnyName(verifier)),
        })
    }
}

/// The name that a server's certificate must bear, or its address.
///
/// # Errors
/// `invalid` where the host is neither a name nor an address.
pub fn server_name(host: &str) -> Result<ServerName<'static>> {
    ServerName::try_from(host.to_owned())
        .map_err(|_| Error::invalid(format!("`{host}` is neither a host's name nor an address")))
}

fn certificates(pem: &str, setting: &str) -> Result<Vec<CertificateDer<'static>>> {
    let read: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| Error::invalid(format!("`{setting}` can't be read as PEM: {error}")))?;
    if read.is_empty() {
        return Err(Error::invalid(format!(
            "`{setting}` has no certificate in it; it takes PEM text, from `-----BEGIN CERTIFICATE-----` on"
        )));
    }
    Ok(read)
}

fn missing(there: &str, missing: &str) -> Error {
    Error::invalid(format!(
        "`{there}` is given and `{missing}` is not: both or neither"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options<'a>() -> TlsOptions<'a> {
        TlsOptions {
            mode: TlsMode::Require,
            ..TlsOptions::default()
        }
    }

    #[test]
    fn without_certificates_there_is_a_configuration_unless_tls_is_disabled() {
        assert!(options().client_config().unwrap().is_some());
        let disabled = TlsOptions {
            mode: TlsMode::Disable,
            ..options()
        };
        assert!(disabled.client_config().unwrap().is_none());
    }

    #[test]
    fn what_is_no_certificate_is_refused_by_its_setting() {
        let with_ca = TlsOptions {
            ca: Some("hello"),
            ..options()
        };
        let error = with_ca.client_config().unwrap_err();
        assert!(error.message.contains("`ca` has no certificate"), "{error}");
    }

    #[test]
    fn a_certificate_and_its_key_come_together_and_the_key_is_never_shown() {
        let key = Secret::from("swordfish".to_owned());
        let alone = TlsOptions {
            client_key: Some(&key),
            ..options()
        };
        let error = alone.client_config().unwrap_err();
        assert!(
            error.message.contains("`client-certificate` is not"),
            "{error}"
        );
        assert!(!error.message.contains("swordfish"));
    }

    #[test]
    fn a_host_is_a_name_or_an_address() {
        assert!(server_name("db.internal").is_ok());
        assert!(server_name("127.0.0.1").is_ok());
        assert!(server_name("::1").is_ok());
        assert!(server_name("no host").is_err());
    }
}
