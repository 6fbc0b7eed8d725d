//! The interface `transactions`, done with a [`Transactions`].

use tenon_model::contract::Error;

use super::bindings::transactions::exports::tenon::connector::transactions as wit;
use super::{Adapter, Exported, call};
use crate::{Isolation, TransactionOptions, Transactions};

impl From<wit::Options> for TransactionOptions {
    fn from(options: wit::Options) -> Self {
        Self {
            isolation: options.isolation.map(|isolation| match isolation {
                wit::Isolation::ReadUncommitted => Isolation::ReadUncommitted,
                wit::Isolation::ReadCommitted => Isolation::ReadCommitted,
                wit::Isolation::RepeatableRead => Isolation::RepeatableRead,
                wit::Isolation::Serializable => Isolation::Serializable,
            }),
            read_only: options.read_only,
        }
    }
}

impl<E: Exported<Connector: Transactions>> wit::Guest for Adapter<E> {
    fn begin(options: wit::Options) -> Result<(), Error> {
        call::<E, _>(|c, _| c.begin(options.into()))
    }

    fn commit() -> Result<(), Error> {
        call::<E, _>(|c, _| c.commit())
    }

    fn rollback() -> Result<(), Error> {
        call::<E, _>(|c, _| c.rollback())
    }
}
