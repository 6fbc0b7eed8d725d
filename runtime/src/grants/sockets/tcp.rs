//! `wasi:sockets/tcp`: connections out, and nothing else. Binding and listening are refused.
//!
//! Every connection sends without delay: WASI has no such option, guests' libraries take theirs for set, and a
//! request in two pieces would wait 40 ms for an acknowledgement.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::TcpStream;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::sockets::network::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Network,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, Pollable, subscribe};

use super::Sockets;
use super::bindings::{tcp, tcp_create_socket};
use super::connection::Connection;

/// How long a connection may be quiet before it is probed, and between two probes: what every system can do.
const KEEP_ALIVE: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(i16::MAX as u64);

/// Probes without an answer after which a connection is gone: what every system can do.
const KEEP_ALIVE_PROBES: std::ops::RangeInclusive<u32> = 1..=i8::MAX as u32;

/// The largest buffer that a guest may ask the operating system for, of two a socket.
const BUFFER: u64 = 4 << 20;

/// A socket of the guest's.
pub struct TcpSocket {
    family: IpAddressFamily,
    state: State,
    /// One of the sockets that the session may have; an open connection has it.
    socket: Option<Arc<()>>,
}

enum State {
    Unconnected(tokio::net::TcpSocket),
    Connecting(Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>),
    /// Made, but not yet handed out by `finish-connect`.
    Made(io::Result<TcpStream>),
    Connected(Connection),
    /// Failed; it can't be used again.
    Gone,
}

impl TcpSocket {
    fn new(family: IpAddressFamily, socket: Arc<()>) -> io::Result<Self> {
        let unconnected = match family {
            IpAddressFamily::Ipv4 => tokio::net::TcpSocket::new_v4()?,
            IpAddressFamily::Ipv6 => {
                let unconnected = tokio::net::TcpSocket::new_v6()?;
                sockopt::set_ipv6_v6only(&unconnected, true)?;
                unconnected
            }
        };
        unconnected.set_nodelay(true)?;
        Ok(Self {
            family,
            state: State::Unconnected(unconnected),
            socket: Some(socket),
        })
    }

    /// Whether one can connect to that address by a socket of this family at all.
    fn check(&self, to: SocketAddr) -> Result<(), ErrorCode> {
        let fits = match (self.family, to.ip()) {
            (IpAddressFamily::Ipv4, IpAddr::V4(ip)) => !ip.is_broadcast(),
            (IpAddressFamily::Ipv6, IpAddr::V6(ip)) => ip.to_ipv4_mapped().is_none(),
            _ => false,
        };
        if !fits || to.port() == 0 || to.ip().is_unspecified() || to.ip().is_multicast() {
            return Err(ErrorCode::InvalidArgument);
        }
        Ok(())
    }

    fn poll_made(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let State::Connecting(connecting) = &mut self.state {
            let Poll::Ready(made) = connecting.as_mut().poll(context) else {
                return Poll::Pending;
            };
            self.state = State::Made(made);
        }
        Poll::Ready(())
    }

    fn finish_connect(&mut self) -> Result<&Connection, ErrorCode> {
        let mut context = Context::from_waker(Waker::noop());
        if self.poll_made(&mut context).is_pending() {
            return Err(ErrorCode::WouldBlock);
        }
        match std::mem::replace(&mut self.state, State::Gone) {
            State::Made(made) => {
                let connection = Connection::new(made?, self.socket.take());
                self.state = State::Connected(connection);
            }
            other => {
                self.state = other;
                return Err(ErrorCode::NotInProgress);
            }
        }
        self.connection()
    }

    fn connection(&self) -> Result<&Connection, ErrorCode> {
        match &self.state {
            State::Connected(connection) => Ok(connection),
            _ => Err(ErrorCode::InvalidState),
        }
    }

    fn descriptor(&self) -> Result<BorrowedFd<'_>, ErrorCode> {
        match &self.state {
            State::Unconnected(socket) => Ok(socket.as_fd()),
            State::Connected(connection) => Ok(connection.stream().as_fd()),
            _ => Err(ErrorCode::InvalidState),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for TcpSocket {
    async fn ready(&mut self) {
        std::future::poll_fn(|context| self.poll_made(context)).await;
    }
}

/// What a function of WASI's returns: a trap, an error code, or a value.
type Answer<T> = wasmtime::Result<Result<T, ErrorCode>>;

impl Sockets<'_> {
    /// An option of the socket's, read or set.
    fn option<T>(
        &mut self,
        socket: &Resource<TcpSocket>,
        option: impl FnOnce(BorrowedFd<'_>) -> rustix::io::Result<T>,
    ) -> Answer<T> {
        let descriptor = self.table.get(socket)?.descriptor();
        Ok(descriptor.and_then(|descriptor| Ok(option(descriptor)?)))
    }

    /// The same, of an option that can't be set to nothing.
    fn set_option(
        &mut self,
        socket: &Resource<TcpSocket>,
        value: u64,
        option: impl FnOnce(BorrowedFd<'_>) -> rustix::io::Result<()>,
    ) -> Answer<()> {
        if value == 0 {
            return Ok(Err(ErrorCode::InvalidArgument));
        }
        self.option(socket, option)
    }
}

impl tcp_create_socket::Host for Sockets<'_> {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> Answer<Resource<TcpSocket>> {
        let Some(socket) = self.network.new_socket() else {
            return Ok(Err(ErrorCode::NewSocketLimit));
        };
        Ok(match TcpSocket::new(family, socket) {
            Ok(socket) => Ok(self.table.push(socket)?),
            Err(cause) => Err(cause.into()),
        })
    }
}

impl tcp::Host for Sockets<'_> {}

impl tcp::HostTcpSocket for Sockets<'_> {
    fn start_connect(
        &mut self,
        socket: Resource<TcpSocket>,
        _: Resource<Network>,
        to: IpSocketAddress,
    ) -> Answer<()> {
        let to = SocketAddr::from(to);
        let socket = self.table.get_mut(&socket)?;
        if matches!(socket.state, State::Connecting(_) | State::Made(_)) {
            return Ok(Err(ErrorCode::ConcurrencyConflict));
        }
        if !matches!(socket.state, State::Unconnected(_)) {
            return Ok(Err(ErrorCode::InvalidState));
        }
        if let Err(code) = socket.check(to) {
            return Ok(Err(code));
        }
        let state = std::mem::replace(&mut socket.state, State::Gone);
        if !self.network.may_connect(to) {
            return Ok(Err(ErrorCode::AccessDenied));
        }
        if let State::Unconnected(unconnected) = state {
            socket.state = State::Connecting(Box::pin(unconnected.connect(to)));
        }
        Ok(Ok(()))
    }

    fn finish_connect(
        &mut self,
        socket: Resource<TcpSocket>,
    ) -> Answer<(Resource<DynInputStream>, Resource<DynOutputStream>)> {
        let connection = match self.table.get_mut(&socket)?.finish_connect() {
            Ok(connection) => connection.clone(),
            Err(code) => return Ok(Err(code)),
        };
        let input = self.table.push_child(connection.input(), &socket)?;
        let output = self.table.push_child(connection.output(), &socket)?;
        Ok(Ok((input, output)))
    }

    fn start_bind(
        &mut self,
        _: Resource<TcpSocket>,
        _: Resource<Network>,
        to: IpSocketAddress,
    ) -> Answer<()> {
        self.network
            .never(format!("bind to {}", SocketAddr::from(to)));
        Ok(Err(ErrorCode::AccessDenied))
    }

    fn finish_bind(&mut self, _: Resource<TcpSocket>) -> Answer<()> {
        Ok(Err(ErrorCode::NotInProgress))
    }

    fn start_listen(&mut self, _: Resource<TcpSocket>) -> Answer<()> {
        self.network.never("listen for connections".to_owned());
        Ok(Err(ErrorCode::AccessDenied))
    }

    fn finish_listen(&mut self, _: Resource<TcpSocket>) -> Answer<()> {
        Ok(Err(ErrorCode::NotInProgress))
    }

    fn accept(
        &mut self,
        _: Resource<TcpSocket>,
    ) -> Answer<(
        Resource<TcpSocket>,
        Resource<DynInputStream>,
        Resource<DynOutputStream>,
    )> {
        Ok(Err(ErrorCode::InvalidState))
    }

    fn is_listening(&mut self, _: Resource<TcpSocket>) -> wasmtime::Result<bool> {
        Ok(false)
    }

    fn set_listen_backlog_size(&mut self, _: Resource<TcpSocket>, _: u64) -> Answer<()> {
        Ok(Err(ErrorCode::NotSupported))
    }

    fn local_address(&mut self, socket: Resource<TcpSocket>) -> Answer<IpSocketAddress> {
        let connection = self.table.get(&socket)?.connection();
        Ok(connection.and_then(|connection| Ok(connection.stream().local_addr()?.into())))
    }

    fn remote_address(&mut self, socket: Resource<TcpSocket>) -> Answer<IpSocketAddress> {
        let connection = self.table.get(&socket)?.connection();
        Ok(connection.and_then(|connection| Ok(connection.stream().peer_addr()?.into())))
    }

    fn address_family(&mut self, socket: Resource<TcpSocket>) -> wasmtime::Result<IpAddressFamily> {
        Ok(self.table.get(&socket)?.family)
    }

    fn keep_alive_enabled(&mut self, socket: Resource<TcpSocket>) -> Answer<bool> {
        self.option(&socket, |socket| sockopt::socket_keepalive(socket))
    }

    fn set_keep_alive_enabled(&mut self, socket: Resource<TcpSocket>, value: bool) -> Answer<()> {
        self.option(&socket, |socket| {
            sockopt::set_socket_keepalive(socket, value)
        })
    }

    fn keep_alive_idle_time(&mut self, socket: Resource<TcpSocket>) -> Answer<u64> {
        self.option(&socket, |socket| {
            sockopt::tcp_keepidle(socket).map(nanoseconds)
        })
    }

    fn set_keep_alive_idle_time(&mut self, socket: Resource<TcpSocket>, value: u64) -> Answer<()> {
        self.set_option(&socket, value, |socket| {
            sockopt::set_tcp_keepidle(socket, keep_alive(value))
        })
    }

    fn keep_alive_interval(&mut self, socket: Resource<TcpSocket>) -> Answer<u64> {
        self.option(&socket, |socket| {
            sockopt::tcp_keepintvl(socket).map(nanoseconds)
        })
    }

    fn set_keep_alive_interval(&mut self, socket: Resource<TcpSocket>, value: u64) -> Answer<()> {
        self.set_option(&socket, value, |socket| {
            sockopt::set_tcp_keepintvl(socket, keep_alive(value))
        })
    }

    fn keep_alive_count(&mut self, socket: Resource<TcpSocket>) -> Answer<u32> {
        self.option(&socket, |socket| sockopt::tcp_keepcnt(socket))
    }

    fn set_keep_alive_count(&mut self, socket: Resource<TcpSocket>, value: u32) -> Answer<()> {
        let probes = value.clamp(*KEEP_ALIVE_PROBES.start(), *KEEP_ALIVE_PROBES.end());
        self.set_option(&socket, value.into(), |socket| {
            sockopt::set_tcp_keepcnt(socket, probes)
        })
    }

    fn hop_limit(&mut self, socket: Resource<TcpSocket>) -> Answer<u8> {
        let family = self.table.get(&socket)?.family;
        self.option(&socket, |socket| match family {
            IpAddressFamily::Ipv4 => {
                sockopt::ip_ttl(socket).map(|hops| u8::try_from(hops).unwrap_or(u8::MAX))
            }
            IpAddressFamily::Ipv6 => sockopt::ipv6_unicast_hops(socket),
        })
    }

    fn set_hop_limit(&mut self, socket: Resource<TcpSocket>, value: u8) -> Answer<()> {
        let family = self.table.get(&socket)?.family;
        self.set_option(&socket, value.into(), |socket| match family {
            IpAddressFamily::Ipv4 => sockopt::set_ip_ttl(socket, value.into()),
            IpAddressFamily::Ipv6 => sockopt::set_ipv6_unicast_hops(socket, Some(value)),
        })
    }

    fn receive_buffer_size(&mut self, socket: Resource<TcpSocket>) -> Answer<u64> {
        self.option(&socket, |socket| {
            sockopt::socket_recv_buffer_size(socket).map(asked_for)
        })
    }

    fn set_receive_buffer_size(&mut self, socket: Resource<TcpSocket>, value: u64) -> Answer<()> {
        self.set_option(&socket, value, |socket| {
            sockopt::set_socket_recv_buffer_size(socket, buffer(value))
        })
    }

    fn send_buffer_size(&mut self, socket: Resource<TcpSocket>) -> Answer<u64> {
        self.option(&socket, |socket| {
            sockopt::socket_send_buffer_size(socket).map(asked_for)
        })
    }

    fn set_send_buffer_size(&mut self, socket: Resource<TcpSocket>, value: u64) -> Answer<()> {
        self.set_option(&socket, value, |socket| {
            sockopt::set_socket_send_buffer_size(socket, buffer(value))
        })
    }

    fn subscribe(
        &mut self,
        socket: Resource<TcpSocket>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        subscribe(self.table, socket)
    }

    fn shutdown(&mut self, socket: Resource<TcpSocket>, how: tcp::ShutdownType) -> Answer<()> {
        let how = match how {
            tcp::ShutdownType::Receive => Shutdown::Read,
            tcp::ShutdownType::Send => Shutdown::Write,
            tcp::ShutdownType::Both => Shutdown::Both,
        };
        let connection = self.table.get(&socket)?.connection();
        Ok(connection.map(|connection| connection.shut_down(how)))
    }

    fn drop(&mut self, socket: Resource<TcpSocket>) -> wasmtime::Result<()> {
        self.table.delete(socket)?;
        Ok(())
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn keep_alive(nanoseconds: u64) -> Duration {
    Duration::from_nanos(nanoseconds).clamp(*KEEP_ALIVE.start(), *KEEP_ALIVE.end())
}

fn buffer(size: u64) -> usize {
    usize::try_from(size.min(BUFFER)).unwrap_or(usize::MAX)
}

/// Linux doubles what it is asked for, to have room for its own records.
fn asked_for(size: usize) -> u64 {
    let size = if cfg!(target_os = "linux") {
        size / 2
    } else {
        size
    };
    u64::try_from(size).unwrap_or(u64::MAX)
}
