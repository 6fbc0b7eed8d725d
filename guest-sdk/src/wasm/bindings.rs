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

/// Find-or-write in one atomic step.
pub mod upsert {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world upsert-piece { export tenon:connector/upsert@0.1.0; }",
        world: "tenon:sdk/upsert-piece",
        pub_export_macro: true,
        export_macro_name: "export_upsert",
        default_bindings_module: "tenon_sdk::wasm::bindings::upsert",
        with: { "tenon:connector/types@0.1.0": ::tenon_model::contract },
    });
}

/// Transactions.
pub mod transactions {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world transactions-piece { export tenon:connector/transactions@0.1.0; }",
        world: "tenon:sdk/transactions-piece",
        pub_export_macro: true,
        export_macro_name: "export_transactions",
        default_bindings_module: "tenon_sdk::wasm::bindings::transactions",
        with: { "tenon:connector/types@0.1.0": ::tenon_model::contract },
    });
}

/// Making, changing, discovering and dropping collections.
pub mod schema {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world schema-piece { export tenon:connector/schema@0.1.0; }",
        world: "tenon:sdk/schema-piece",
        pub_export_macro: true,
        export_macro_name: "export_schema",
        default_bindings_module: "tenon_sdk::wasm::bindings::schema",
        with: { "tenon:connector/types@0.1.0": ::tenon_model::contract },
    });
}

/// The backend's own command language.
pub mod native {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world native-piece { export tenon:connector/native@0.1.0; }",
        world: "tenon:sdk/native-piece",
        pub_export_macro: true,
        export_macro_name: "export_native",
        default_bindings_module: "tenon_sdk::wasm::bindings::native",
        with: {
            "tenon:connector/types@0.1.0": ::tenon_model::contract,
            "tenon:connector/pages@0.1.0": ::tenon_model::contract,
        },
    });
}

/// Groups of records, and what they amount to.
pub mod aggregates {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world aggregates-piece { export tenon:connector/aggregates@0.1.0; }",
        world: "tenon:sdk/aggregates-piece",
        pub_export_macro: true,
        export_macro_name: "export_aggregates",
        default_bindings_module: "tenon_sdk::wasm::bindings::aggregates",
        with: {
            "tenon:connector/types@0.1.0": ::tenon_model::contract,
            "tenon:connector/pages@0.1.0": ::tenon_model::contract,
        },
    });
}

/// An event-sourced read model's storage.
pub mod read_model {
    ::wit_bindgen::generate!({
        path: "../wit",
        inline: "package tenon:sdk; world read-model-piece { export tenon:connector/read-model@0.1.0; }",
        world: "tenon:sdk/read-model-piece",
        pub_export_macro: true,
        export_macro_name: "export_read_model",
        default_bindings_module: "tenon_sdk::wasm::bindings::read_model",
        with: {
            "tenon:connector/types@0.1.0": ::tenon_model::contract,
            "tenon:connector/pages@0.1.0": ::tenon_model::contract,
        },
    });
}
