//! What kind of address an address is: whether a name may lead to it, and what a grant has to say for it.
//!
//! The ranges are those of IANA's special-purpose registries for IPv4 and IPv6, and the addresses at which
//! clouds serve credentials to whoever asks. IPv4 inside IPv6 is what it is: an address that embeds another is
//! of the stricter kind of both. A NAT64 prefix of a network's own can't be told from other addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Kinds of addresses; the later needs the more to be said in a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AddressKind {
    /// Anywhere on the internet: the name is enough.
    Public,
    /// In somebody's own network: `private = true`, or the address itself.
    Private,
    /// Set apart for documentation, translation or the future: the address itself.
    Reserved,
    /// On this link, not routed: the address itself.
    LinkLocal,
    /// This machine: the address itself, or `localhost`.
    Loopback,
    /// Where a cloud hands out credentials: the address itself.
    Metadata,
    /// Nothing that one connects to: never.
    Nowhere,
}

impl AddressKind {
    /// The kind of an address.
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    /// As a message names an address of this kind.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Private => "a private address",
            Self::Reserved => "a reserved address",
            Self::LinkLocal => "a link-local address",
            Self::Loopback => "a loopback address",
            Self::Metadata => "an address where a cloud hands out credentials",
            Self::Nowhere => "no address of one machine",
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        /// AWS, Google, Azure and others; Alibaba; Oracle; Azure's host agent.
        const METADATA: [Ipv4Addr; 4] = [
            Ipv4Addr::new(169, 254, 169, 254),
            Ipv4Addr::new(100, 100, 100, 200),
            Ipv4Addr::new(192, 0, 0, 192),
            Ipv4Addr::new(168, 63, 129, 16),
        ];
        if METADATA.contains(&address) {
            return Self::Metadata;
        }
        match address.octets() {
            [0, ..] | [224..=239, ..] | [255, 255, 255, 255] => Self::Nowhere,
            [127, ..] => Self::Loopback,
            [169, 254, ..] => Self::LinkLocal,
            // RFC 1918, RFC 6598 (carriers' own), RFC 2544 (laboratories' own).
            [10, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [100, 64..=127, ..]
            | [198, 18..=19, ..] => Self::Private,
            [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [240..=255, ..] => Self::Reserved,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let own = Self::of_v6_itself(address);
        embedded(address)
            .into_iter()
            .flatten()
            .map(Self::of_v4)
            .fold(own, Self::max)
    }

    /// The kind of an IPv6 address, whatever it embeds.
    fn of_v6_itself(address: Ipv6Addr) -> Self {
        /// AWS; Google.
        const METADATA: [Ipv6Addr; 2] = [
            Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
            Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
        ];
        if address.is_unspecified() || address.is_multicast() {
            return Self::Nowhere;
        }
        if address.is_loopback() {
            return Self::Loopback;
        }
        if METADATA.contains(&address) {
            return Self::Metadata;
        }
        match address.segments() {
            // What these embed decides: compatible, mapped and translated IPv4, and NAT64's own prefix.
            [0, 0, 0, 0, 0, 0 | 0xffff, ..]
            | [0, 0, 0, 0, 0xffff, 0, ..]
            | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Self::Public,
            // NAT64 of a network's own (RFC 8215).
            [0x64, 0xff9b, 1, ..] => Self::Private,
            // Unique local, and its forerunner, site-local.
            [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Self::Private,
            [0xfe80..=0xfebf, ..] => Self::LinkLocal,
            // Teredo: what it embeds decides.
            [0x2001, 0, ..] => Self::Public,
            // Protocols' own and documentation.
            [0x2001, 0x1..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Self::Reserved,
            // All that is given out (RFC 4291).
            [0x2000..=0x3fff, ..] => Self::Public,
            _ => Self::Reserved,
        }
    }
}

/// The IPv4 addresses that an IPv6 address leads to, or may lead to.
fn embedded(address: Ipv6Addr) -> [Option<Ipv4Addr>; 4] {
    let [
        _,
        _,
        b2,
        b3,
        b4,
        b5,
        b6,
        b7,
        _,
        b9,
        b10,
        b11,
        b12,
        b13,
        b14,
        b15,
    ] = address.octets();
    let last = Ipv4Addr::new(b12, b13, b14, b15);
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => [None; 4],
        // Compatible (deprecated), mapped, translated, NAT64.
        [0, 0, 0, 0, 0, 0, ..]
        | [0, 0, 0, 0, 0, 0xffff, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, ..] => [Some(last), None, None, None],
        // The network decides how long the prefix is (RFC 6052, section 2.2); read with a wrong length, an address
        // is nowhere, mostly.
        [0x64, 0xff9b, 1, ..] => [
            last,
            Ipv4Addr::new(b6, b7, b9, b10),
            Ipv4Addr::new(b7, b9, b10, b11),
            Ipv4Addr::new(b9, b10, b11, b12),
        ]
        .map(|read| Some(read).filter(|read| AddressKind::of_v4(*read) != AddressKind::Nowhere)),
        // 6to4.
        [0x2002, ..] => [Some(Ipv4Addr::new(b2, b3, b4, b5)), None, None, None],
        // Teredo: the server, and the client with its bits turned over.
        [0x2001, 0, ..] => [
            Some(Ipv4Addr::new(b4, b5, b6, b7)),
            Some(Ipv4Addr::new(!b12, !b13, !b14, !b15)),
            None,
            None,
        ],
        // ISATAP, under any prefix.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => [Some(last), None, None, None],
        _ => [None; 4],
    }
}

#[cfg(test)]
mod tests {
    use super::AddressKind::{self, *};

    #[test]
    fn every_address_is_of_its_kind() {
        let kinds: &[(AddressKind, &[&str])] = &[
            (
                Public,
                &[
                    "1.1.1.1",
                    "100.63.255.255",
                    "100.128.0.0",
                    "172.15.0.1",
                    "172.32.0.1",
                    "192.169.0.1",
                ],
            ),
            (
                Public,
                &["2606:4700:4700::1111", "2a00::1", "2002:101:101::1"],
            ),
            (
                Public,
                &[
                    "::ffff:1.1.1.1",
                    "64:ff9b::1.1.1.1",
                    "2001:0:101:101::fefe:fefe",
                ],
            ),
            (
                Private,
                &[
                    "10.0.0.1",
                    "172.16.0.1",
                    "172.31.255.255",
                    "192.168.1.1",
                    "100.64.0.1",
                    "198.18.0.1",
                ],
            ),
            (
                Private,
                &[
                    "fc00::1",
                    "fdff::1",
                    "fec0::1",
                    "2a00::5efe:10.0.0.1",
                    "2a00::200:5efe:10.0.0.1",
                ],
            ),
            (
                Private,
                &[
                    "::ffff:10.0.0.1",
                    "::10.0.0.1",
                    "::ffff:0:10.0.0.1",
                    "64:ff9b::10.0.0.1",
                    "2002:a00:1::1",
                ],
            ),
            (
                Private,
                &[
                    "64:ff9b:1:808:8:800::",
                    "2001:0:101:101::f5ff:fffe",
                    "2001:0:a00:1::fefe:fefe",
                ],
            ),
            (
                Reserved,
                &[
                    "192.0.0.1",
                    "192.0.2.1",
                    "198.51.100.1",
                    "203.0.113.1",
                    "240.0.0.1",
                    "192.88.99.1",
                ],
            ),
            (
                Reserved,
                &[
                    "2001:db8::1",
                    "3fff::1",
                    "100::1",
                    "2001:20::1",
                    "2001:2::1",
                    "5f00::1",
                    "4000::1",
                ],
            ),
            (
                LinkLocal,
                &[
                    "169.254.0.1",
                    "fe80::1",
                    "febf::1",
                    "::ffff:169.254.0.1",
                    "2002:a9fe:1::1",
                ],
            ),
            (
                Loopback,
                &[
                    "127.0.0.1",
                    "127.255.255.254",
                    "::1",
                    "::ffff:127.0.0.1",
                    "::127.0.0.1",
                ],
            ),
            (
                Loopback,
                &[
                    "64:ff9b::127.0.0.1",
                    "2002:7f00:1::",
                    "2a00::5efe:127.0.0.1",
                    "2001:0:101:101::80ff:fffe",
                ],
            ),
            (
                Loopback,
                &[
                    "64:ff9b:1:7f00:0:100::",
                    "64:ff9b:1:7f:0:1::",
                    "64:ff9b:1:0:7f:0:100:0",
                ],
            ),
            (
                Metadata,
                &[
                    "169.254.169.254",
                    "100.100.100.200",
                    "192.0.0.192",
                    "168.63.129.16",
                    "fd00:ec2::254",
                ],
            ),
            (
                Metadata,
                &[
                    "::ffff:169.254.169.254",
                    "64:ff9b::169.254.169.254",
                    "2002:a9fe:a9fe::",
                    "fd20:ce::254",
                ],
            ),
            (
                Nowhere,
                &[
                    "0.0.0.0",
                    "0.1.2.3",
                    "224.0.0.1",
                    "239.255.255.255",
                    "255.255.255.255",
                ],
            ),
            (
                Nowhere,
                &[
                    "::",
                    "ff02::1",
                    "::ffff:0.0.0.0",
                    "::ffff:224.0.0.1",
                    "64:ff9b::255.255.255.255",
                ],
            ),
        ];
        for (kind, addresses) in kinds {
            for address in *addresses {
                let found = AddressKind::of(address.parse().unwrap());
                assert_eq!(found, *kind, "{address}");
            }
        }
    }
}
