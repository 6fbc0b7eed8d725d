//! The WebAssembly side: generated bindings, and the adapters between them and the SDK's traits.
//!
//! The contract's records and variants are `tenon-model`'s own types in here too, so nothing is converted.

mod aggregates;
pub mod bindings;
mod crud;
mod lifecycle;
mod native;
mod read_model;
mod rows;
mod schema;
mod transactions;
mod upsert;

use std::marker::PhantomData;

use tenon_model::contract::Error;

use crate::{Connector, Limits, Result as SdkResult, Slot};

/// A type that knows where its instance's connector is. [`export!`](crate::export!) writes one.
pub trait Exported: 'static {
    /// The connector.
    type Connector: Connector;

    /// Lends the instance's slot.
    fn with<R>(function: impl FnOnce(&Slot<Self::Connector>) -> R) -> R;
}

/// Implements the contract's interfaces with a connector.
pub struct Adapter<E>(PhantomData<E>);

/// Calls the instance's connector, if it is connected.
fn call<E: Exported, R>(
    function: impl FnOnce(&mut E::Connector, &Limits) -> SdkResult<R>,
) -> Result<R, Error> {
    E::with(|slot| slot.call(function)).map_err(crate::Error::into_contract)
}
