//! Colours, on a terminal alone and not where `NO_COLOR` is set.

use std::io::IsTerminal;
use std::sync::LazyLock;

static COLOURS: LazyLock<bool> = LazyLock::new(|| {
    std::io::stdout().is_terminal()
        && std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
});

/// For headings.
pub fn bold(text: &str) -> String {
    paint("1", text)
}

/// For what can be typed.
pub fn cyan(text: &str) -> String {
    paint("36", text)
}

/// For what is well.
pub fn green(text: &str) -> String {
    paint("32", text)
}

/// For what isn't.
pub fn red(text: &str) -> String {
    paint("31", text)
}

fn paint(code: &str, text: &str) -> String {
    if *COLOURS {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
