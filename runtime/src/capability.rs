//! Capabilities: the interfaces of the contract that a component can export beside `lifecycle`.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use crate::bindings::exports::tenon::connector as exports;
use crate::session::SessionState;

macro_rules! capabilities {
    ($( $(#[$meta:meta])* $case:ident = $name:literal in $module:ident, )+) => {
        /// An interface that a connector exports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Capability {
            $( $(#[$meta])* $case, )+
        }

        impl Capability {
            /// Every capability that the contract has.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// Its interface's name in the contract.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$case => $name,)+
                }
            }

            /// Looks every function of the interface up, and checks its type.
            ///
            /// # Errors
            /// wasmtime's, naming the function that is missing or differs.
            pub(crate) fn check(
                self,
                pre: &InstancePre<SessionState>,
                store: &mut Store<SessionState>,
                instance: &Instance,
            ) -> wasmtime::Result<()> {
                match self {
                    $(Self::$case => exports::$module::GuestIndices::new(pre)?
                        .load(store, instance)
                        .map(drop),)+
                }
            }
        }
    };
}

capabilities! {
    /// Create, read, update and delete.
    Crud = "crud" in crud,
    /// Find-or-write in one atomic step.
    Upsert = "upsert" in upsert,
    /// Transactions.
    Transactions = "transactions" in transactions,
    /// The backend's own command language.
    Native = "native" in native,
    /// Making, changing and discovering collections.
    Schema = "schema" in schema,
    /// Groups of records, and what they amount to.
    Aggregates = "aggregates" in aggregates,
    /// Keys and values with a time to live.
    KeyValue = "key-value" in key_value,
    /// Named operations.
    Operations = "operations" in operations,
    /// Sending mail.
    Mail = "mail" in mail,
    /// Push notifications.
    Push = "push" in push,
    /// Containers of files.
    Storage = "storage" in storage,
    /// An event-sourced read model's storage.
    ReadModel = "read-model" in read_model,
}

impl Capability {
    /// The capability of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|capability| capability.name() == name)
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
