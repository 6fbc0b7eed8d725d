//! Connectors of a few hundred bytes, of any name and version: made on the spot, without a compiler for guests.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, SourceMap};

/// A connector that exports `lifecycle` alone, and can do nothing but describe itself.
pub fn connector(name: &str, version: &str) -> Vec<u8> {
    connector_against(name, version, str::to_owned)
}

/// The same, built against another contract: `change` is given each of its files' text.
pub fn connector_against(name: &str, version: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut module = wat::parse_str(module(name, version)).expect("the module is good");
    let mut sources = SourceMap::new();
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");
    for entry in std::fs::read_dir(contract).expect("the contract is there") {
        let file = entry.expect("a file").path();
        if file.extension().is_some_and(|extension| extension == "wit") {
            let text = std::fs::read_to_string(&file).expect("the contract reads");
            sources.push(&file, change(&text));
        }
    }
    let mut contract = Resolve::default();
    let package = contract
        .push_group(sources.parse().expect("the contract parses"))
        .expect("the contract resolves");
    let world = contract
        .select_world(&[package], Some("connector"))
        .expect("the contract has the world `connector`");
    embed_component_metadata(&mut module, &contract, world, StringEncoding::UTF8)
        .expect("the world embeds");
    ComponentEncoder::default()
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .expect("the component encodes")
}

/// Another component of the same meaning: with a custom section more.
pub fn variant(mut component: Vec<u8>, note: &str) -> Vec<u8> {
    let length = u8::try_from(note.len()).expect("a short note");
    // Section 0: its length, the length of its name, its name, and no content.
    component.extend([0, length + 1, length]);
    component.extend(note.as_bytes());
    component
}

/// A module whose `describe` returns a manifest that lies ready in its memory.
fn module(name: &str, version: &str) -> String {
    let texts = [name, version, "A connector for tests.", "database"];
    let schema = r#"{"type": "object"}"#;
    let mut data = String::new();
    let mut next = 256;
    let mut place = |at: usize, text: &str| {
        let (address, length) = (next, text.len());
        next += length;
        data.push_str(&format!(
            "(data (i32.const {address}) \"{}\")\n",
            text.escape_default()
        ));
        data.push_str(&format!(
            "(data (i32.const {at}) \"{}\")\n",
            bytes(&[address, length])
        ));
    };
    for (index, text) in texts.into_iter().enumerate() {
        place(16 + index * 8, text);
    }
    // After the texts, at 48: sharing, interleaving, no generated key, keeps-undeclared, all zero.
    place(56, schema);
    let ints = |count: usize| "i32 ".repeat(count);
    let function = |function: &str, params: usize, result: &str| {
        format!(
            "(func (export \"tenon:connector/lifecycle@0.1.0#{function}\") (param {}) {result} unreachable)\n",
            ints(params)
        )
    };
    let fails = "(result i32)";
    let functions = [
        function("needs", 2, fails),
        function("initialize", 4, fails),
        function("connect", 0, fails),
        function("define", 15, fails),
        function("ping", 0, fails),
        function("reset", 0, fails),
        function("disconnect", 0, fails),
        function("dispose", 0, ""),
    ]
    .concat();
    format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "tenon:connector/lifecycle@0.1.0#describe") (result i32) i32.const 16)
            {functions}
            {data})"#
    )
}

/// Numbers as they lie in memory, escaped for a data segment.
fn bytes(numbers: &[usize]) -> String {
    numbers
        .iter()
        .flat_map(|number| {
            u32::try_from(*number)
                .expect("a small number")
                .to_le_bytes()
        })
        .map(|byte| format!("\\{byte:02x}"))
        .collect()
}
