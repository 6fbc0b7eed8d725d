//! The line that makes a crate a connector.

/// Exports a [`Connector`](crate::Connector) with its capabilities: `export!(Airports: crud);`. They are `crud`,
/// `upsert`, `transactions`, `schema`, `native`, `aggregates` and `read_model`, each with a trait of its name.
///
/// It does something in WebAssembly only. Natively the crate is an ordinary library, so that a connector's
/// logic is tested like any other code.
#[macro_export]
macro_rules! export {
    ($connector:ty: $($capability:ident),+ $(,)?) => {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code)]
        const _: () = {
            ::std::thread_local! {
                static SLOT: $crate::Slot<$connector> = const { $crate::Slot::new() };
            }

            struct Export;

            impl $crate::wasm::Exported for Export {
                type Connector = $connector;

                fn with<R>(function: impl FnOnce(&$crate::Slot<$connector>) -> R) -> R {
                    SLOT.with(function)
                }
            }

            type Component = $crate::wasm::Adapter<Export>;

            $crate::wasm::bindings::lifecycle::export_lifecycle!(
                Component with_types_in $crate::wasm::bindings::lifecycle
            );
            $($crate::__export_capability!($capability Component);)+
        };
    };
}

/// One capability of [`export!`]; a name that is not here has no binding yet.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_capability {
    (crud $component:ident) => {
        $crate::wasm::bindings::crud::export_crud!(
            $component with_types_in $crate::wasm::bindings::crud
        );
    };
    (upsert $component:ident) => {
        $crate::wasm::bindings::upsert::export_upsert!(
            $component with_types_in $crate::wasm::bindings::upsert
        );
    };
    (transactions $component:ident) => {
        $crate::wasm::bindings::transactions::export_transactions!(
            $component with_types_in $crate::wasm::bindings::transactions
        );
    };
    (schema $component:ident) => {
        $crate::wasm::bindings::schema::export_schema!(
            $component with_types_in $crate::wasm::bindings::schema
        );
    };
    (native $component:ident) => {
        $crate::wasm::bindings::native::export_native!(
            $component with_types_in $crate::wasm::bindings::native
        );
    };
    (read_model $component:ident) => {
        $crate::wasm::bindings::read_model::export_read_model!(
            $component with_types_in $crate::wasm::bindings::read_model
        );
    };
    (aggregates $component:ident) => {
        $crate::wasm::bindings::aggregates::export_aggregates!(
            $component with_types_in $crate::wasm::bindings::aggregates
        );
    };
}
