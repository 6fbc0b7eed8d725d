//! Texts of connectors, made safe to be shown: what a terminal would obey, or what no XML can hold, is written out.

/// Whether a terminal would obey the character, or show the text around it in another order or not at all.
/// What is no character is among them.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The text with its line breaks, and with other hidden characters as Rust writes them: `\u{1b}`.
pub fn lines(text: &str) -> String {
    written_out(text, |letter| letter != '\n' && is_hidden(letter))
}

/// The text on one line.
pub fn line(text: &str) -> String {
    written_out(text, is_hidden)
}

/// As XML's text, or as an attribute's value between double quotes. What XML can't hold at all is hidden too.
pub fn xml(text: &str) -> String {
    let visible = lines(text);
    let mut escaped = String::with_capacity(visible.len());
    for letter in visible.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // `]]>` is forbidden in a text.
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // In an attribute, a bare one is read as a space.
            '\n' => escaped.push_str("&#10;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn written_out(text: &str, hide: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if hide(letter) {
            out.extend(letter.escape_default());
        } else {
            out.push(letter);
        }
    }
    out
}
