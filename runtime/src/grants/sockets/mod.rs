//! What of `wasi:sockets` is the runtime's own: looking names up, and connecting.
//!
//! wasmtime's own sockets can't be told to send without delay, and know addresses but no names; they stay denied.
//! Where another version of wasmtime brought another version of WASI, its functions would be found instead of
//! these, and refuse.

mod bindings;
mod connection;
mod lookup;
mod tcp;

use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::p2::UdpSocket;
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddressFamily};

use super::network::Network;
use bindings::{ip_name_lookup, tcp as tcp_interface, tcp_create_socket, udp_create_socket};

/// A store's data that has a network.
pub(crate) trait NetworkView: WasiView {
    /// What the session may reach, and its host resources.
    fn network(&mut self) -> (&Network, &mut ResourceTable);
}

/// A session's sockets, for as long as one call of the guest's takes.
struct Sockets<'a> {
    network: &'a Network,
    table: &'a mut ResourceTable,
}

/// [`Sockets`] of any lifetime.
struct OwnSockets;

impl HasData for OwnSockets {
    type Data<'a> = Sockets<'a>;
}

/// Puts the runtime's own functions in the place of wasmtime's, which have to be there already.
pub(crate) fn add_to_linker<T: NetworkView + 'static>(
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    fn sockets<T: NetworkView>(state: &mut T) -> Sockets<'_> {
        let (network, table) = state.network();
        Sockets { network, table }
    }

    linker.allow_shadowing(true);
    ip_name_lookup::add_to_linker::<T, OwnSockets>(linker, sockets)?;
    tcp_interface::add_to_linker::<T, OwnSockets>(linker, sockets)?;
    tcp_create_socket::add_to_linker::<T, OwnSockets>(linker, sockets)?;
    udp_create_socket::add_to_linker::<T, OwnSockets>(linker, sockets)?;
    linker.allow_shadowing(false);
    Ok(())
}

impl udp_create_socket::Host for Sockets<'_> {
    fn create_udp_socket(
        &mut self,
        _: IpAddressFamily,
    ) -> wasmtime::Result<Result<Resource<UdpSocket>, ErrorCode>> {
        self.network.never("use UDP".to_owned());
        Ok(Err(ErrorCode::AccessDenied))
    }
}
