//! `wasi:sockets/ip-name-lookup`: the names of a session's grants, and no others.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::vec;

use tokio::task::JoinHandle;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress, Network};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use super::Sockets;
use super::bindings::ip_name_lookup;
use crate::grants::network::Lookup;

/// The addresses of a name, once they are known.
pub struct Addresses(State);

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

impl ip_name_lookup::Host for Sockets<'_> {
    fn resolve_addresses(
        &mut self,
        _: Resource<Network>,
        name: String,
    ) -> wasmtime::Result<Result<Resource<Addresses>, ErrorCode>> {
        let state = match self.network.begin_lookup(&name) {
            Err(code) => return Ok(Err(code)),
            Ok(Lookup::Known(addresses)) => State::Known(Ok(addresses.into_iter())),
            Ok(Lookup::Asked(name)) => {
                State::Asked(tokio::spawn(self.network.clone().look_up(name)))
            }
        };
        Ok(Ok(self.table.push(Addresses(state))?))
    }
}

impl ip_name_lookup::HostResolveAddressStream for Sockets<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<Addresses>,
    ) -> wasmtime::Result<Result<Option<IpAddress>, ErrorCode>> {
        let addresses = self.table.get_mut(&stream)?;
        let mut context = Context::from_waker(Waker::noop());
        Ok(match addresses.poll(&mut context) {
            Poll::Pending => Err(ErrorCode::WouldBlock),
            Poll::Ready(Ok(addresses)) => Ok(addresses.next().map(IpAddress::from)),
            Poll::Ready(Err(code)) => Err(*code),
        })
    }

    fn subscribe(
        &mut self,
        stream: Resource<Addresses>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        subscribe(self.table, stream)
    }

    fn drop(&mut self, stream: Resource<Addresses>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}
