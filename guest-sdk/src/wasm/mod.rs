//! The WebAssembly side: generated bindings, and the adapters between them and the SDK's traits.
//!
//! The contract's records and variants are `tenon-model`'s own types in here too, so nothing is converted.

pub mod bindings;
mod crud;
mod lifecycle;

use std::marker::PhantomData;

use crate::{Connector, Slot};

/// A type that knows where its instance's connector is. [`export!`](crate::export!) writes one.
pub trait Exported: 'static {
    /// The connector.
    type Connector: Connector;

    /// Lends the instance's slot.
    fn with<R>(function: impl FnOnce(&Slot<Self::Connector>) -> R) -> R;
}

/// Implements the contract's interfaces with a connector.
pub struct Adapter<E>(PhantomData<E>);
