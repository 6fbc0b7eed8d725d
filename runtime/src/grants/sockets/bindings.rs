//! What wasmtime generates for the parts of `wasi:sockets` that the runtime does itself, and nothing else.
//!
//! The version is the one that wasmtime implements: under the same name, these take the place of its own. Types of
//! the interfaces that stay wasmtime's are its own; of them, only what is used here is written down.

// Generated names are not documented twice, and the generated code needs more than it calls.
#![allow(missing_docs, dead_code)]

/// WASI's addresses and errors, which are wasmtime's, as the generated code wants to find them.
pub mod network {
    pub use wasmtime_wasi::p2::bindings::sockets::network::*;

    use wasmtime::component::{HasData, Linker};

    // The generated code treats a mapped interface as one that the host implements here. wasmtime does.

    pub trait Host {}

    impl<T: ?Sized> Host for &mut T {}

    pub trait HostWithStore<T: 'static>: HasData {}

    impl<T: 'static, D: HasData> HostWithStore<T> for D {}

    pub fn add_to_linker<T: 'static, D: HasData>(
        _linker: &mut Linker<T>,
        _host: fn(&mut T) -> D::Data<'_>,
    ) -> wasmtime::Result<()> {
        Ok(())
    }
}

wasmtime::component::bindgen!({
    inline: "
        package tenon:network;

        world host {
            import wasi:sockets/ip-name-lookup@0.2.12;
            import wasi:sockets/tcp@0.2.12;
            import wasi:sockets/tcp-create-socket@0.2.12;
            import wasi:sockets/udp-create-socket@0.2.12;
        }

        package wasi:io@0.2.12 {
            interface poll {
                resource pollable;
            }
            interface streams {
                resource input-stream;
                resource output-stream;
            }
        }

        package wasi:sockets@0.2.12 {
            interface network {
                resource network;
                enum error-code {
                    unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout,
                    concurrency-conflict, not-in-progress, would-block, invalid-state, new-socket-limit,
                    address-not-bindable, address-in-use, remote-unreachable, connection-refused,
                    connection-reset, connection-aborted, datagram-too-large, name-unresolvable,
                    temporary-resolver-failure, permanent-resolver-failure,
                }
                enum ip-address-family { ipv4, ipv6 }
                type ipv4-address = tuple<u8, u8, u8, u8>;
                type ipv6-address = tuple<u16, u16, u16, u16, u16, u16, u16, u16>;
                variant ip-address { ipv4(ipv4-address), ipv6(ipv6-address) }
                record ipv4-socket-address { port: u16, address: ipv4-address }
                record ipv6-socket-address {
                    port: u16, flow-info: u32, address: ipv6-address, scope-id: u32,
                }
                variant ip-socket-address {
                    ipv4(ipv4-socket-address), ipv6(ipv6-socket-address),
                }
            }

            interface ip-name-lookup {
                use wasi:io/poll@0.2.12.{pollable};
                use network.{network, error-code, ip-address};
                resource resolve-address-stream {
                    resolve-next-address: func() -> result<option<ip-address>, error-code>;
                    subscribe: func() -> pollable;
                }
                resolve-addresses: func(network: borrow<network>, name: string)
                    -> result<resolve-address-stream, error-code>;
            }

            interface tcp {
                use wasi:io/streams@0.2.12.{input-stream, output-stream};
                use wasi:io/poll@0.2.12.{pollable};
                use network.{network, error-code, ip-socket-address, ip-address-family};
                enum shutdown-type { receive, send, both }
                resource tcp-socket {
                    start-bind: func(network: borrow<network>, local-address: ip-socket-address)
                        -> result<_, error-code>;
                    finish-bind: func() -> result<_, error-code>;
                    start-connect: func(network: borrow<network>, remote-address: ip-socket-address)
                        -> result<_, error-code>;
                    finish-connect: func() -> result<tuple<input-stream, output-stream>, error-code>;
                    start-listen: func() -> result<_, error-code>;
                    finish-listen: func() -> result<_, error-code>;
                    accept: func() -> result<tuple<tcp-socket, input-stream, output-stream>, error-code>;
                    local-address: func() -> result<ip-socket-address, error-code>;
                    remote-address: func() -> result<ip-socket-address, error-code>;
                    is-listening: func() -> bool;
                    address-family: func() -> ip-address-family;
                    set-listen-backlog-size: func(value: u64) -> result<_, error-code>;
                    keep-alive-enabled: func() -> result<bool, error-code>;
                    set-keep-alive-enabled: func(value: bool) -> result<_, error-code>;
                    keep-alive-idle-time: func() -> result<u64, error-code>;
                    set-keep-alive-idle-time: func(value: u64) -> result<_, error-code>;
                    keep-alive-interval: func() -> result<u64, error-code>;
                    set-keep-alive-interval: func(value: u64) -> result<_, error-code>;
                    keep-alive-count: func() -> result<u32, error-code>;
                    set-keep-alive-count: func(value: u32) -> result<_, error-code>;
                    hop-limit: func() -> result<u8, error-code>;
                    set-hop-limit: func(value: u8) -> result<_, error-code>;
                    receive-buffer-size: func() -> result<u64, error-code>;
                    set-receive-buffer-size: func(value: u64) -> result<_, error-code>;
                    send-buffer-size: func() -> result<u64, error-code>;
                    set-send-buffer-size: func(value: u64) -> result<_, error-code>;
                    subscribe: func() -> pollable;
                    shutdown: func(shutdown-type: shutdown-type) -> result<_, error-code>;
                }
            }

            interface tcp-create-socket {
                use network.{error-code, ip-address-family};
                use tcp.{tcp-socket};
                create-tcp-socket: func(address-family: ip-address-family)
                    -> result<tcp-socket, error-code>;
            }

            interface udp {
                resource udp-socket;
            }

            interface udp-create-socket {
                use network.{error-code, ip-address-family};
                use udp.{udp-socket};
                create-udp-socket: func(address-family: ip-address-family)
                    -> result<udp-socket, error-code>;
            }
        }
    ",
    world: "tenon:network/host",
    imports: { default: trappable },
    require_store_data_send: true,
    with: {
        "wasi:io/poll": wasmtime_wasi::p2::bindings::io::poll,
        "wasi:io/streams": wasmtime_wasi::p2::bindings::io::streams,
        "wasi:sockets/network": network,
        "wasi:sockets/udp.udp-socket": wasmtime_wasi::p2::UdpSocket,
        "wasi:sockets/ip-name-lookup.resolve-address-stream": super::lookup::Addresses,
        "wasi:sockets/tcp.tcp-socket": super::tcp::TcpSocket,
    },
});

pub(super) use wasi::sockets::*;
