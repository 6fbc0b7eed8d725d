//! Covering the texts of settings in a document that is going to be shown beside its mistakes.
//!
//! A password that somebody wrote out must not end up in a terminal's history or a log. Covered text has the
//! same length, in bytes and in letters, so that every mistake's place stays where it was.

use std::ops::Range;

use super::tree::{Node, Shape};

/// The text with the texts in all data sources' settings covered.
pub(super) fn settings(text: &str, root: &Node) -> String {
    let mut spans = Vec::new();
    if let Some(Shape::Table(sources)) = root.member("sources").map(|node| &node.shape) {
        for source in sources {
            if let Some(settings) = source.node.member("settings") {
                text_spans(settings, &mut spans);
            }
        }
    }
    cover(text, spans)
}

fn text_spans(node: &Node, spans: &mut Vec<Range<usize>>) {
    match &node.shape {
        Shape::Text(_) => spans.push(node.span.clone()),
        Shape::Array(items) => items.iter().for_each(|item| text_spans(item, spans)),
        Shape::Table(entries) => entries
            .iter()
            .for_each(|entry| text_spans(&entry.node, spans)),
        Shape::Integer(_) | Shape::Float(_) | Shape::Boolean(_) | Shape::Datetime(_) => {}
    }
}

/// The same for a text that can't be parsed, by its lines: from each that speaks of settings to the next
/// header that doesn't, everything but the keys is covered.
pub(super) fn unparsed(text: &str) -> String {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if line.contains("settings") {
            inside = true;
        } else if is_header(line) {
            inside = false;
        }
        if inside && !is_header(line) {
            spans.push(start + key_length(line)..end);
        }
        start = end;
    }
    cover(text, spans)
}

fn is_header(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('[') && line.ends_with(']') && !line.contains(['"', '\'', ',', '='])
}

/// How much of the line is a key and its `=`; nothing where the `=` may as well be the padding of base64.
fn key_length(line: &str) -> usize {
    let is_key = |key: &str| {
        key.chars()
            .all(|c| c.is_alphanumeric() || "-_. \t".contains(c))
    };
    match line.split_once('=') {
        Some((key, value)) if is_key(key) && !value.trim_start_matches('=').trim().is_empty() => {
            key.len() + 1
        }
        _ => 0,
    }
}

fn cover(text: &str, mut spans: Vec<Range<usize>>) -> String {
    spans.sort_by_key(|span| span.start);
    let mut spans = spans.into_iter().peekable();
    let mut covered = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        while spans.next_if(|span| span.end <= at).is_some() {}
        let hidden = spans.peek().is_some_and(|span| span.contains(&at));
        // Quotes and brackets stay, so that it can be seen what kind of thing is there.
        if hidden && !c.is_whitespace() && !"\"'[]{},=".contains(c) {
            covered.push(match c.len_utf8() {
                1 => '*',
                2 => '×',
                3 => '•',
                _ => '𝄽',
            });
        } else {
            covered.push(c);
        }
    }
    covered
}
