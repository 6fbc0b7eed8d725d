//! Generated bindings, an interface each, so that a connector exports any subset of the contract.

#![allow(missing_docs, unsafe_code, clippy::all, clippy::restriction)]

/// What every connector exports.
pub mod lifecycle {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world lifecycle-piece { export tenon:connector/lifecycle@0.1.0; }",
        world: "tenon:sdk/lifecycle-piece",
        pub_export_macro: true,
        export_macro_name: "export_lifecycle",
        default_bindings_module: "tenon_sdk::wasm::bindings::lifecycle",
        with: { "tenon:connector/types@0.1.0": ::tenon_model::contract },
    });
}

/// Create, read, update and delete.
pub mod crud {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world crud-piece { export tenon:connector/crud@0.1.0; }",
        world: "tenon:sdk/crud-piece",
        pub_export_macro: true,
        export_macro_name: "export_crud",
        default_bindings_module: "tenon_sdk::wasm::bindings::crud",
        with: {
            "tenon:connector/types@0.1.0": ::tenon_model::contract,
            "tenon:connector/pages@0.1.0": ::tenon_model::contract,
        },
    });
}

/// What the call is part of, for connectors that ask.
pub mod context {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world context-piece { import tenon:connector/context@0.1.0; }",
        world: "tenon:sdk/context-piece",
        generate_all,
    });
}
