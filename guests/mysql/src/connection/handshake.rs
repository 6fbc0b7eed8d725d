//! The first exchange: what the server is, and what the two can do.

use mysql_common::constants::{CapabilityFlags as Capability, MariadbCapabilities};
use mysql_common::packets::{AuthPlugin, HandshakeResponse, SslRequest};
use mysql_common::proto::MySerialize;
use tenon_sdk::{Error, ErrorKind, Result};
use tenon_sql::dialects::MySqlFlavour;

use super::packets::LARGEST;
use super::reader::Reader;
/// What this client can do, if the server can. It never gives files away (`CLIENT_LOCAL_FILES`), sends one statement
/// at a time (`CLIENT_MULTI_STATEMENTS`), and counts what matched (`CLIENT_FOUND_ROWS`).
const WANTED: Capability = Capability::CLIENT_FOUND_ROWS
    .union(Capability::CLIENT_LONG_FLAG)
    .union(Capability::CLIENT_CONNECT_WITH_DB)
    .union(Capability::CLIENT_PROTOCOL_41)
    .union(Capability::CLIENT_TRANSACTIONS)
    .union(Capability::CLIENT_SECURE_CONNECTION)
    .union(Capability::CLIENT_MULTI_RESULTS)
    .union(Capability::CLIENT_PS_MULTI_RESULTS)
    .union(Capability::CLIENT_PLUGIN_AUTH)
    .union(Capability::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA)
    .union(Capability::CLIENT_DEPRECATE_EOF);

/// What a server must be able to do.
const NEEDED: Capability = Capability::CLIENT_PROTOCOL_41
    .union(Capability::CLIENT_SECURE_CONNECTION)
    .union(Capability::CLIENT_PLUGIN_AUTH);

/// Says that the server is MySQL; MariaDB leaves it out and has more to offer.
const IS_MYSQL: Capability = Capability::CLIENT_LONG_PASSWORD;

/// `utf8mb4_general_ci`, until the session is set up.
const COLLATION: u8 = 45;

/// How long the random text is that a password is mixed with.
const SCRAMBLE: usize = 20;

/// What a server says when one connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Greeting {
    pub(crate) flavour: MySqlFlavour,
    /// As in `8.0.36`.
    pub(crate) version: (u16, u16, u16),
    /// The connection's number, for `KILL`.
    pub(crate) id: u32,
    pub(crate) scramble: Vec<u8>,
    pub(crate) capabilities: Capability,
    pub(crate) extended: MariadbCapabilities,
    /// How passwords are checked, unless the user's entry says otherwise.
    pub(crate) method: String,
}

impl Greeting {
    /// Reads the server's first packet, which isn't an error.
    ///
    /// # Errors
    /// `unsupported` where the server is too old.
    pub(crate) fn read(packet: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(packet);
        if reader.u8()? != 10 {
            return Err(Error::unsupported(
                "whoever answers doesn't speak MySQL's protocol, version 10",
            ));
        }
        let words = String::from_utf8_lossy(reader.terminated()).into_owned();
        let id = reader.u32()?;
        let mut scramble = reader.bytes(8)?.to_vec();
        reader.u8()?;
        let low = reader.u16()?;
        reader.u8()?;
        reader.u16()?;
        let high = reader.u16()?;
        let capabilities = Capability::from_bits_retain(u32::from(low) | u32::from(high) << 16);
        let scrambled = reader.u8()?;
        reader.bytes(6)?;
        let extended = reader.u32()?;
        if !capabilities.contains(NEEDED) {
            return Err(Error::unsupported(format!(
                "the server's version {words:?} is too old: MySQL 8.0.17 or MariaDB 10.5 is needed"
            )));
        }
        // The rest of the scramble, which has a NUL behind it.
        let rest = reader.bytes(usize::from(scrambled).saturating_sub(8).max(13))?;
        scramble.extend(rest.iter().take(SCRAMBLE - 8));
        let method = String::from_utf8_lossy(reader.terminated()).into_owned();
        let extended = if capabilities.contains(IS_MYSQL) {
            0
        } else {
            extended
        };
        let (flavour, version) = version(&words)?;
        Ok(Self {
            flavour,
            version,
            id,
            scramble,
            capabilities,
            extended: MariadbCapabilities::from_bits_retain(extended),
            method,
        })
    }

    /// What both can do.
    pub(crate) fn agreed(&self, tls: bool) -> Capability {
        let mut agreed = WANTED & self.capabilities;
        if tls {
            agreed |= Capability::CLIENT_SSL;
        }
        agreed
    }

    /// What both can do beyond MySQL.
    pub(crate) fn agreed_extended(&self) -> MariadbCapabilities {
        MariadbCapabilities::MARIADB_CLIENT_EXTENDED_METADATA & self.extended
    }

    /// The request to go on with TLS.
    pub(crate) fn tls_request(&self) -> Vec<u8> {
        let mut message = Vec::new();
        SslRequest::new(self.agreed(true), largest(), COLLATION)
            .with_mariadb_capabilities(self.agreed_extended())
            .serialize(&mut message);
        message
    }

    /// Who connects, to which database.
    pub(crate) fn response(
        &self,
        tls: bool,
        user: &str,
        database: &str,
        method: &str,
        proof: &[u8],
    ) -> Vec<u8> {
        let mut message = Vec::new();
        HandshakeResponse::new(
            Some(proof),
            self.version,
            Some(user.as_bytes()),
            Some(database.as_bytes()),
            Some(AuthPlugin::from_bytes(method.as_bytes())),
            self.agreed(tls),
            None,
            largest(),
        )
        .with_mariadb_ext_capabilities(self.agreed_extended())
        .serialize(&mut message);
        message
    }
}

fn largest() -> u32 {
    u32::try_from(LARGEST).unwrap_or(u32::MAX)
}

/// The server's kind and version, of `8.0.36`, `5.5.5-10.11.6-MariaDB-1` or `11.4.2-MariaDB`.
fn version(words: &str) -> Result<(MySqlFlavour, (u16, u16, u16))> {
    let is_mariadb = words.contains("MariaDB");
    // MariaDB says so first, lest old replicas refuse it.
    let own = words
        .strip_prefix("5.5.5-")
        .filter(|_| is_mariadb)
        .unwrap_or(words);
    let mut numbers = own
        .split(|character: char| !character.is_ascii_digit())
        .map(|number| number.parse::<u16>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    let version = (next(), next(), next());
    let (flavour, least) = if is_mariadb {
        (MySqlFlavour::MariaDb, (10, 5, 0))
    } else {
        // The first with a collation by code point that minds spaces at the end.
        (MySqlFlavour::MySql, (8, 0, 17))
    };
    if version < least {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "the server's version {words:?} is too old: MySQL 8.0.17 or MariaDB 10.5 is needed"
            ),
        ));
    }
    Ok((flavour, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_the_two_apart() {
        use MySqlFlavour::{MariaDb, MySql};
        assert_eq!(version("8.0.36").unwrap(), (MySql, (8, 0, 36)));
        assert_eq!(version("8.4.0-commercial").unwrap(), (MySql, (8, 4, 0)));
        assert_eq!(
            version("5.5.5-10.11.6-MariaDB-0+deb12u1").unwrap(),
            (MariaDb, (10, 11, 6))
        );
        assert_eq!(
            version("11.4.2-MariaDB-log").unwrap(),
            (MariaDb, (11, 4, 2))
        );
        for old in ["5.7.44", "5.5.5-10.4.34-MariaDB", "", "x"] {
            assert_eq!(
                version(old).unwrap_err().kind,
                ErrorKind::Unsupported,
                "{old}"
            );
        }
    }

    #[test]
    fn files_and_several_statements_are_never_offered() {
        assert!(
            !WANTED.intersects(
                Capability::CLIENT_LOCAL_FILES
                    .union(Capability::CLIENT_MULTI_STATEMENTS)
                    .union(Capability::CLIENT_COMPRESS)
            )
        );
    }

    #[test]
    fn a_greeting_that_is_cut_short_is_an_error() {
        let mut whole = b"\x0a8.0.36\0\x07\0\0\0abcdefgh\0".to_vec();
        whole.extend([0xff, 0xff, 45, 2, 0, 0xff, 0xdf, 21]);
        whole.extend([0; 10]);
        whole.extend(b"ijklmnopqrst\0caching_sha2_password\0");
        let greeting = Greeting::read(&whole).unwrap();
        assert_eq!(greeting.id, 7);
        assert_eq!(greeting.scramble, b"abcdefghijklmnopqrst");
        assert_eq!(greeting.method, "caching_sha2_password");
        for length in 0..whole.len() - 24 {
            let part = whole.get(..length).unwrap();
            assert!(Greeting::read(part).is_err(), "{length}");
        }
    }
}
