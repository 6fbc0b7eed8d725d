//! The interfaces that an instance exports beside `lifecycle`, by capability: looked up once for a connector,
//! loaded once for a session.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use crate::bindings::exports::tenon::connector as exports;
use crate::capability::Capability;
use crate::session::SessionState;

macro_rules! interfaces {
    ($($field:ident = $capability:ident,)+) => {
        /// Where a component's functions are.
        pub(crate) struct InterfaceIndices {
            $($field: Option<exports::$field::GuestIndices>,)+
        }

        impl InterfaceIndices {
            /// Looks them up for the capabilities that the component has.
            pub(crate) fn new(
                pre: &InstancePre<SessionState>,
                capabilities: &[Capability],
            ) -> wasmtime::Result<Self> {
                Ok(Self {
                    $($field: capabilities
                        .contains(&Capability::$capability)
                        .then(|| exports::$field::GuestIndices::new(pre))
                        .transpose()?,)+
                })
            }

            /// The functions of one instance.
            pub(crate) fn load(
                &self,
                store: &mut Store<SessionState>,
                instance: &Instance,
            ) -> wasmtime::Result<Interfaces> {
                Ok(Interfaces {
                    $($field: match &self.$field {
                        Some(indices) => Some(indices.load(&mut *store, instance)?),
                        None => None,
                    },)+
                })
            }
        }

        /// An instance's functions.
        pub(crate) struct Interfaces {
            $(pub $field: Option<exports::$field::Guest>,)+
        }
    };
}

interfaces! {
    crud = Crud,
    upsert = Upsert,
    transactions = Transactions,
    native = Native,
    schema = Schema,
    aggregates = Aggregates,
    read_model = ReadModel,
}
