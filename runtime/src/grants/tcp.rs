//! TCP grants: `"db.internal:5432"`, or `{ to = "db.internal:5432", private = true }`.
//!
//! A grant names one host and one port. Whatever the name resolves to, addresses that are not everybody's
//! need more than the name: see [`TcpGrant::allows`].

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use toml_edit::Value;

use super::address::AddressKind;
use crate::config::{Node, Reader};

/// The name that means this machine, whatever a resolver says of it (RFC 6761).
const LOCALHOST: &str = "localhost";

/// What a grant connects to: a name, or an address itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name to look up, in lower case.
    Name(String),
    /// An address; IPv4 as IPv4, however it was written.
    Address(IpAddr),
}

impl Host {
    /// The host of that name or address.
    ///
    /// # Errors
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        let bare = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let address = match bare {
            Some(inside) => Some(inside.parse::<Ipv6Addr>().map(IpAddr::V6).map_err(|_| {
                format!("{text} is no IPv6 address, which is what stands in brackets")
            })?),
            None => text.parse::<IpAddr>().ok(),
        };
        if let Some(address) = address {
            return Ok(Self::Address(address.to_canonical()));
        }
        check_name(text)?;
        Ok(Self::Name(text.to_ascii_lowercase()))
    }

    /// Whether a name that a connector looks up is this one.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let undotted = |name: &str| name.strip_suffix('.').unwrap_or(name).to_owned();
        match self {
            Self::Name(own) => undotted(own).eq_ignore_ascii_case(&undotted(name)),
            Self::Address(_) => false,
        }
    }

    /// Whether this is the name of this machine.
    pub(super) fn is_localhost(&self) -> bool {
        self.is_named(LOCALHOST)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// A host and port that sessions may connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpGrant {
    /// The name or address.
    pub host: Host,
    /// The port, not 0.
    pub port: u16,
    /// Whether the name may lead to a private address.
    pub private: bool,
}

impl TcpGrant {
    /// The grant of `host:port`; an IPv6 address stands in brackets.
    ///
    /// # Errors
    /// Why nobody can connect to that.
    pub fn new(to: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{to:?} is no host and port, as in \"db.internal:5432\" or \"[2001:db8::7]:5432\""
            )
        };
        let (host, port) = to.rsplit_once(':').ok_or_else(wrong)?;
        // Without brackets, an IPv6 address's last part would pass for a port.
        if host.contains(':') && !host.starts_with('[') {
            return Err(wrong());
        }
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port: u16 = port.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
        if port == 0 {
            return Err("there is no port 0 to connect to".to_owned());
        }
        let host = Host::new(host)?;
        if let Host::Address(address) = &host {
            check_address(*address)?;
        }
        Ok(Self {
            host,
            port,
            private: false,
        })
    }

    /// The same, also where the name leads to a private address.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    pub(super) fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = reader.table(node, &["to", "private"])?;
        let grant = fields
            .required("to", "\"db.internal:5432\"", reader)
            .and_then(|node| Self::read_text(node, reader));
        let private = match fields.get("private") {
            Some(node) => reader.boolean(node),
            None => Some(false),
        };
        Some(Self {
            private: private?,
            ..grant?
        })
    }

    pub(super) fn read_text(node: &Node, reader: &mut Reader) -> Option<Self> {
        Self::new(reader.text(node)?)
            .map_err(|reason| reader.problem(node, reason))
            .ok()
    }

    /// Whether it could be written in a configuration, for one that was made by a program.
    pub(super) fn check(&self) -> Result<(), String> {
        Self::new(&format!("{}:{}", self.host, self.port)).map(drop)
    }

    /// Whether this is a grant for the same host and port.
    pub(super) fn is_for(&self, other: &Self) -> bool {
        let same_host = match &other.host {
            Host::Name(name) => self.host.is_named(name),
            Host::Address(_) => self.host == other.host,
        };
        same_host && self.port == other.port
    }

    /// Whether this is a grant of the address itself.
    pub(super) fn is_literally(&self, to: SocketAddr) -> bool {
        self.port == to.port() && self.host == Host::Address(to.ip().to_canonical())
    }

    /// Whether a connection to an address that this grant's host resolved to needs nothing more than this
    /// grant. Of other addresses a grant must have the address itself: a name is as good as whoever serves it.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        match AddressKind::of(address) {
            AddressKind::Nowhere => false,
            _ if matches!(self.host, Host::Address(own) if own == address.to_canonical()) => true,
            AddressKind::Public => true,
            AddressKind::Private => self.private,
            AddressKind::Loopback => self.host.is_localhost(),
            AddressKind::Reserved | AddressKind::LinkLocal | AddressKind::Metadata => false,
        }
    }
}

impl fmt::Display for TcpGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = Value::from(format!("{}:{}", self.host, self.port));
        if self.private {
            write!(f, "{{ to = {to}, private = true }}")
        } else {
            write!(f, "{to}")
        }
    }
}

/// Whether this can be a host's name (RFC 1123, and underscores, which container networks use).
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let wrong = |reason: &str| Err(format!("{name:?} is no name of a host: {reason}"));
    if !name.is_ascii() {
        return wrong("write it in its ASCII form, which begins with `xn--`");
    }
    let whole = name.strip_suffix('.').unwrap_or(name);
    if whole.len() > 253 {
        return wrong("it is longer than 253 characters");
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if !whole.split('.').all(label) {
        return wrong("it consists of letters, digits, `-` and `_`, with dots between");
    }
    // Resolvers read these as addresses, each in a way of its own: `127.1`, `0x7f.0.0.1`, `2130706433`.
    let last = whole.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.starts_with("0x") || last.starts_with("0X");
    if hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong("it ends in a number; write an address as four decimal numbers");
    }
    Ok(())
}

/// Whether one can connect to an address.
fn check_address(address: IpAddr) -> Result<(), String> {
    match AddressKind::of(address) {
        AddressKind::Nowhere => Err(format!(
            "{address} is {}, so that nobody can connect to it",
            AddressKind::Nowhere.name()
        )),
        AddressKind::LinkLocal if address.is_ipv6() => Err(format!(
            "{address} is a link-local address of IPv6, which says nothing without its interface; \
             grant another address of that machine"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_a_host_and_a_port() {
        for (written, shown) in [
            ("db.internal:5432", "\"db.internal:5432\""),
            ("DB.Internal.:5432", "\"db.internal.:5432\""),
            ("my_db:1", "\"my_db:1\""),
            ("10.0.0.1:65535", "\"10.0.0.1:65535\""),
            ("[2001:DB8::7]:5432", "\"[2001:db8::7]:5432\""),
            ("[::ffff:10.0.0.1]:5432", "\"10.0.0.1:5432\""),
        ] {
            assert_eq!(TcpGrant::new(written).unwrap().to_string(), shown);
        }
        assert_eq!(
            TcpGrant::new("db:1").unwrap().private().to_string(),
            "{ to = \"db:1\", private = true }"
        );
    }

    #[test]
    fn what_nobody_can_connect_to_is_refused() {
        for (wrong, reason) in [
            ("db.internal", "no host and port"),
            ("db.internal:", "no host and port"),
            ("db.internal:+5432", "no host and port"),
            ("db.internal:65536", "no host and port"),
            ("db.internal:0", "no port 0"),
            (":5432", "letters, digits"),
            ("2001:db8::7:5432", "no host and port"),
            ("[db.internal]:5432", "no IPv6 address"),
            ("https://db.internal:443", "no host and port"),
            ("a b:1", "letters, digits"),
            ("*.internal:1", "letters, digits"),
            ("a..b:1", "letters, digits"),
            ("bücher.example:1", "ASCII form"),
            ("127.1:1", "ends in a number"),
            ("0x7f.0.0.0x1:1", "ends in a number"),
            ("2130706433:1", "ends in a number"),
            ("0.0.0.0:1", "no address of one machine"),
            ("[ff02::1]:1", "no address of one machine"),
            ("255.255.255.255:1", "no address of one machine"),
            ("[fe80::1]:1", "without its interface"),
        ] {
            let error = TcpGrant::new(wrong).unwrap_err();
            assert!(error.contains(reason), "{wrong}: {error}");
        }
        assert!(TcpGrant::new(&format!("{}:1", "a.".repeat(130))).is_err());
    }

    #[test]
    fn a_name_leads_only_where_everybody_may_go() {
        let allows = |grant: &TcpGrant, address: &str| grant.allows(address.parse().unwrap());
        let name = TcpGrant::new("db.example:1").unwrap();
        assert!(allows(&name, "1.1.1.1") && allows(&name, "64:ff9b::1.1.1.1"));
        for address in [
            "10.0.0.1",
            "::ffff:10.0.0.1",
            "127.0.0.1",
            "::1",
            "169.254.169.254",
        ] {
            assert!(!allows(&name, address), "{address}");
        }
        let private = name.private();
        assert!(allows(&private, "10.0.0.1") && allows(&private, "fd00::1"));
        for address in [
            "127.0.0.1",
            "2002:7f00:1::",
            "fd00:ec2::254",
            "169.254.0.1",
            "0.0.0.0",
        ] {
            assert!(!allows(&private, address), "{address}");
        }
        let localhost = TcpGrant::new("LocalHost:1").unwrap();
        assert!(allows(&localhost, "127.0.0.1") && allows(&localhost, "::1"));
        assert!(!allows(&localhost, "10.0.0.1"));
    }

    #[test]
    fn an_address_itself_needs_nothing_more() {
        for address in ["127.0.0.1", "169.254.169.254", "10.0.0.1"] {
            let grant = TcpGrant::new(&format!("{address}:1")).unwrap();
            assert!(grant.allows(address.parse().unwrap()));
            assert!(!grant.allows("127.0.0.2".parse().unwrap()));
        }
    }

    #[test]
    fn a_name_is_the_same_in_capitals_and_with_a_last_dot() {
        let host = Host::new("db.internal").unwrap();
        assert!(host.is_named("DB.internal.") && !host.is_named("db.internal.."));
        assert!(!host.is_named("db") && !Host::new("127.0.0.1").unwrap().is_named("127.0.0.1"));
    }
}
