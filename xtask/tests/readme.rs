//! The README's code is the code that it says it is.

use std::path::Path;

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    // Where there is no such file, the tests say so.
    std::fs::read_to_string(&path).unwrap_or_default()
}

/// The code as it is whatever its line breaks.
fn code(text: &str) -> String {
    let text: String = text.split_whitespace().collect();
    text.replace(",)", ")").replace(",}", "}")
}

fn rust_blocks() -> Vec<String> {
    let readme = file("README.md");
    readme
        .split("```rust\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(code)
        .collect()
}

#[test]
fn the_connector_is_hello() {
    assert_eq!(rust_blocks()[0], code(&file("guests/hello/src/lib.rs")));
}

#[test]
fn the_program_is_the_example() {
    let example = file("runtime/examples/airports.rs");
    let (_, program) = example.split_once("\n\n").unwrap();
    assert_eq!(rust_blocks()[1], code(program));
}
