//! What wasmtime generates for the contract, and nothing else.
//!
//! The types are `tenon-model`'s own, so that nothing is converted between two of them.

// Generated names are not documented twice, and the generated code needs more than it calls.
#![allow(missing_docs, dead_code)]

/// The contract's types as the generated code wants to find them.
pub mod types {
    pub use tenon_model::contract::*;

    use wasmtime::component::{HasData, Linker};

    // The generated code treats a mapped interface as one that the host implements: these three names must
    // be there. The interfaces hold types alone, so there is nothing to implement.

    pub trait Host {}

    impl<T: ?Sized> Host for &mut T {}

    pub trait HostWithStore<T: 'static>: HasData {}

    impl<T: 'static, D: HasData> HostWithStore<T> for D {}

    pub fn add_to_linker<T: 'static, D: HasData>(
        _linker: &mut Linker<T>,
        _host: fn(&mut T) -> D::Data<'_>,
    ) -> wasmtime::Result<()> {
        Ok(())
    }
}

wasmtime::component::bindgen!({
    path: "../wit",
    inline: "
        package tenon:host;
        world every-capability {
            import tenon:connector/context@0.1.0;
            export tenon:connector/lifecycle@0.1.0;
            export tenon:connector/crud@0.1.0;
            export tenon:connector/upsert@0.1.0;
            export tenon:connector/transactions@0.1.0;
            export tenon:connector/native@0.1.0;
            export tenon:connector/schema@0.1.0;
            export tenon:connector/aggregates@0.1.0;
            export tenon:connector/key-value@0.1.0;
            export tenon:connector/operations@0.1.0;
            export tenon:connector/mail@0.1.0;
            export tenon:connector/push@0.1.0;
            export tenon:connector/storage@0.1.0;
            export tenon:connector/read-model@0.1.0;
        }
    ",
    world: "tenon:host/every-capability",
    exports: { default: async },
    with: {
        "tenon:connector/types": types,
        "tenon:connector/pages": types,
    },
});
