//! Proving who connects.
//!
//! A password crosses an unencrypted connection only mixed with the server's random text, or under its public key: one
//! that the operator gave, or where they allow it, one that came from whoever answers. A server that asks for the password
//! in the clear (`mysql_clear_password`) is refused.

use mysql_common::auth::plugins::caching_sha2_password::scramble_sha256;
use mysql_common::auth::plugins::mysql_native_password::scramble_native;
use tenon_sdk::{Error, ErrorKind, Result};
use tenon_sql::dialects::MySqlFlavour;

use super::answer::{self, EOF, ERROR, OK};
use super::handshake::Greeting;
use super::packets::Packets;
use super::reader::Reader;
use super::rsa;
use crate::Settings;
use crate::error;

/// What a server says in between begins so.
const MORE: u8 = 0x01;

/// What `caching_sha2_password` says in between.
const PUBLIC_KEY_WANTED: u8 = 0x02;
const KNOWN_ALREADY: u8 = 0x03;
const PASSWORD_WANTED: u8 = 0x04;

/// A server that says more in between is going in circles.
const MOST_ROUNDS: usize = 8;

/// How a password is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Native,
    CachingSha2,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::Native => "mysql_native_password",
            Self::CachingSha2 => "caching_sha2_password",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Native, Self::CachingSha2]
            .into_iter()
            .find(|method| method.name() == name)
    }

    /// What proves that one has the password; nothing for an empty one.
    fn proof(self, scramble: &[u8], password: &str) -> Result<Vec<u8>> {
        let password = password.as_bytes();
        let proof = match self {
            Self::Native => scramble_native(scramble, password).map(Vec::from),
            Self::CachingSha2 => {
                let scramble = scramble
                    .try_into()
                    .map_err(|_| error::out_of_step("its scramble has a wrong length"))?;
                scramble_sha256(scramble, password).map(Vec::from)
            }
        };
        Ok(proof.unwrap_or_default())
    }
}

/// Says who connects, and proves it.
///
/// # Errors
/// `denied` where the server refuses, or wants what it doesn't get.
pub(crate) fn authenticate(
    packets: &mut Packets,
    greeting: &Greeting,
    settings: &Settings,
) -> Result<()> {
    let password = settings.password();
    // The user's entry may have another method, which the server then says.
    let mut method = Method::named(&greeting.method).unwrap_or(match greeting.flavour {
        MySqlFlavour::MySql => Method::CachingSha2,
        MySqlFlavour::MariaDb => Method::Native,
    });
    let mut scramble = greeting.scramble.clone();
    let response = greeting.response(
        packets.transport.is_encrypted(),
        &settings.user,
        &settings.database,
        method.name(),
        &method.proof(&scramble, password)?,
    );
    packets.send(&response)?;
    let mut is_key_due = false;
    for _ in 0..MOST_ROUNDS {
        packets.advance()?;
        let packet = packets.current();
        match packet.first() {
            Some(&OK) => return Ok(()),
            Some(&ERROR) => return Err(answer::failure(packet)),
            Some(&EOF) => {
                (method, scramble) = switch(packet)?;
                let proof = method.proof(&scramble, password)?;
                packets.send(&proof)?;
            }
            Some(&MORE) if method == Method::CachingSha2 => {
                let reply = match packet {
                    [_, KNOWN_ALREADY] => continue,
                    [_, PASSWORD_WANTED] if packets.transport.is_encrypted() => {
                        [password.as_bytes(), &[0]].concat()
                    }
                    [_, PASSWORD_WANTED] => match &settings.server_public_key {
                        Some(pem) => rsa::encrypt(password, &scramble, pem.as_bytes())?,
                        None if settings.allow_public_key_retrieval => {
                            is_key_due = true;
                            vec![PUBLIC_KEY_WANTED]
                        }
                        None => return Err(unprotected()),
                    },
                    // Asked for only where it is allowed, and taken only then.
                    [_, pem @ ..] if is_key_due => {
                        is_key_due = false;
                        rsa::encrypt(password, &scramble, pem)?
                    }
                    _ => return Err(error::out_of_step("it asks for something unknown")),
                };
                packets.send(&reply)?;
            }
            _ => return Err(error::out_of_step("its answer to the password is unknown")),
        }
    }
    Err(error::out_of_step(
        "it never comes to an end about the password",
    ))
}

fn unprotected() -> Error {
    Error::new(
        ErrorKind::Denied,
        "the server wants the whole password, and the connection isn't encrypted: use `tls`, give the server's public key \
         in `server-public-key`, or, where nobody can sit in between, set `allow-public-key-retrieval`",
    )
}

/// The method that the server wants instead, and its random text.
fn switch(packet: &[u8]) -> Result<(Method, Vec<u8>)> {
    /// How long the random text is.
    const SCRAMBLE: usize = 20;
    let mut reader = Reader::new(packet);
    reader.u8()?;
    let name = String::from_utf8_lossy(reader.terminated()).into_owned();
    let Some(method) = Method::named(&name) else {
        let name: String = name.chars().take(64).collect();
        return Err(Error::new(
            ErrorKind::Denied,
            format!(
                "the server wants the user's password by {name:?}, which this connector doesn't do; give the user \
                 `caching_sha2_password` (MySQL) or `mysql_native_password`"
            ),
        ));
    };
    let scramble = reader.rest();
    let scramble = scramble.get(..SCRAMBLE).unwrap_or(scramble);
    if scramble.len() != SCRAMBLE {
        return Err(error::out_of_step("its scramble has a wrong length"));
    }
    Ok((method, scramble.to_vec()))
}
