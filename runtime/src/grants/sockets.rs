//! What of `wasi:sockets` is the runtime's own: looking names up, and how many sockets there may be.
//!
//! The rest is wasmtime's, whose every use of an address asks [`Network`]. A version of wasmtime with another
//! version of WASI would leave its own functions in place, which refuse.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::vec;

use tokio::task::JoinHandle;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::p2::bindings::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, Network as NetworkHandle,
};
use wasmtime_wasi::p2::bindings::sockets::tcp_create_socket::Host as _;
use wasmtime_wasi::p2::{DynPollable, Pollable, TcpSocket, UdpSocket, subscribe};
use wasmtime_wasi::sockets::WasiSocketsView as _;

use super::network::{Lookup, Network};

/// The version of WASI that wasmtime implements: functions of the same name take the place of its own.
const WASI: &str = "0.2.12";

/// Sockets that a session may have at once. It is one session with the backend: a few serve its cluster.
const SOCKETS: usize = 64;

/// A store's data that has a network.
pub(crate) trait NetworkView: WasiView {
    /// What the session may reach.
    fn network(&self) -> &Network;
}

/// The addresses of a name, once they are known.
struct Addresses(State);

enum State {
    Asked(JoinHandle<Result<Vec<IpAddr>, ErrorCode>>),
    Known(Result<vec::IntoIter<IpAddr>, ErrorCode>),
}

impl Addresses {
    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<&mut Result<vec::IntoIter<IpAddr>, ErrorCode>> {
        if let State::Asked(lookup) = &mut self.0 {
            let Poll::Ready(found) = Pin::new(lookup).poll(context) else {
                return Poll::Pending;
            };
            let found = found.unwrap_or(Err(ErrorCode::Unknown));
            self.0 = State::Known(found.map(Vec::into_iter));
        }
        match &mut self.0 {
            State::Known(found) => Poll::Ready(found),
            State::Asked(_) => Poll::Pending,
        }
    }
}

impl Drop for Addresses {
    fn drop(&mut self) {
        if let State::Asked(lookup) = &self.0 {
            lookup.abort();
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Addresses {
    async fn ready(&mut self) {
        std::future::poll_fn(|context| self.poll(context).map(drop)).await;
    }
}

/// Puts the runtime's own functions in the place of wasmtime's, which have to be there already.
pub(crate) fn add_to_linker<T: NetworkView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    add_name_lookup(linker)?;
    add_create_socket(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

fn add_name_lookup<T: NetworkView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    type Stream = Resource<Addresses>;

    let mut lookup = linker.instance(&format!("wasi:sockets/ip-name-lookup@{WASI}"))?;
    lookup.resource(
        "resolve-address-stream",
        ResourceType::host::<Addresses>(),
        |mut store, id| {
            let stream = Stream::new_own(id);
            store.data_mut().ctx().table.delete(stream)?;
            Ok(())
        },
    )?;
    lookup.func_wrap(
        "resolve-addresses",
        |mut store: StoreContextMut<'_, T>,
         (_, name): (Resource<NetworkHandle>, String)|
         -> wasmtime::Result<(Result<Stream, ErrorCode>,)> {
            let network = store.data().network().clone();
            let state = match network.begin_lookup(&name) {
                Err(code) => return Ok((Err(code),)),
                Ok(Lookup::Known(addresses)) => State::Known(Ok(addresses.into_iter())),
                Ok(Lookup::Asked(name)) => State::Asked(tokio::spawn(network.look_up(name))),
            };
            let stream = store.data_mut().ctx().table.push(Addresses(state))?;
            Ok((Ok(stream),))
        },
    )?;
    lookup.func_wrap(
        "[method]resolve-address-stream.resolve-next-address",
        |mut store: StoreContextMut<'_, T>,
         (stream,): (Stream,)|
         -> wasmtime::Result<(Result<Option<IpAddress>, ErrorCode>,)> {
            let addresses = store.data_mut().ctx().table.get_mut(&stream)?;
            let mut context = Context::from_waker(Waker::noop());
            Ok((match addresses.poll(&mut context) {
                Poll::Pending => Err(ErrorCode::WouldBlock),
                Poll::Ready(Ok(addresses)) => Ok(addresses.next().map(IpAddress::from)),
                Poll::Ready(Err(code)) => Err(*code),
            },))
        },
    )?;
    lookup.func_wrap(
        "[method]resolve-address-stream.subscribe",
        |mut store: StoreContextMut<'_, T>,
         (stream,): (Stream,)|
         -> wasmtime::Result<(Resource<DynPollable>,)> {
            Ok((subscribe(store.data_mut().ctx().table, stream)?,))
        },
    )
}

fn add_create_socket<T: NetworkView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker
        .instance(&format!("wasi:sockets/tcp-create-socket@{WASI}"))?
        .func_wrap(
            "create-tcp-socket",
            |mut store: StoreContextMut<'_, T>,
             (family,): (IpAddressFamily,)|
             -> wasmtime::Result<(Result<Resource<TcpSocket>, ErrorCode>,)> {
                let state = store.data_mut();
                let resources = state.ctx().table.iter_mut();
                if resources.filter(|entry| entry.is::<TcpSocket>()).count() >= SOCKETS {
                    return Ok((Err(ErrorCode::NewSocketLimit),));
                }
                Ok((match state.sockets().create_tcp_socket(family) {
                    Ok(socket) => Ok(socket),
                    Err(error) => Err(error.downcast()?),
                },))
            },
        )?;
    linker
        .instance(&format!("wasi:sockets/udp-create-socket@{WASI}"))?
        .func_wrap(
            "create-udp-socket",
            |store: StoreContextMut<'_, T>,
             (_,): (IpAddressFamily,)|
             -> wasmtime::Result<(Result<Resource<UdpSocket>, ErrorCode>,)> {
                store.data().network().never("use UDP".to_owned());
                Ok((Err(ErrorCode::AccessDenied),))
            },
        )
}
