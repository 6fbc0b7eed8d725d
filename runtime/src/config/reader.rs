//! Reading typed values out of the document, collecting every mistake on the way.
//!
//! Whatever reads a part returns an option: none where a problem was noted, so that reading goes on with
//! the rest.

use std::path::{Path, PathBuf};

use tenon_model::closest;

use super::error::ConfigProblem;
use super::tree::{Entry, Node, Shape};

/// The mistakes found so far, and where relative paths begin.
pub(crate) struct Reader<'a> {
    problems: Vec<ConfigProblem>,
    folder: &'a Path,
}

/// A table whose keys are all known ones, or have been complained about.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'n> {
    node: &'n Node,
    keys: &'static [&'static str],
}

impl<'n> Fields<'n> {
    /// The value of that key, where there is one.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.node.member(key)
    }

    /// The value of that key, or the problem that it is missing and what to write.
    pub fn required(&self, key: &str, example: &str, reader: &mut Reader) -> Option<&'n Node> {
        let found = self.get(key);
        // A misspelled one has been complained about, with this key as what was likely meant.
        if found.is_none() && !self.has_misspelled(key) {
            reader.problem(
                self.node,
                format!("`{key}` is missing; write, for example, {key} = {example}"),
            );
        }
        found
    }

    fn has_misspelled(&self, key: &str) -> bool {
        let Shape::Table(entries) = &self.node.shape else {
            return false;
        };
        entries
            .iter()
            .filter(|entry| !self.keys.contains(&entry.name.as_str()))
            .any(|entry| closest(&entry.name, self.keys.iter().copied()) == Some(key))
    }
}

impl<'a> Reader<'a> {
    /// Nothing is wrong yet.
    pub fn new(folder: &'a Path) -> Self {
        Self {
            problems: Vec::new(),
            folder,
        }
    }

    /// Notes a mistake about this value.
    pub fn problem(&mut self, node: &Node, message: impl Into<String>) {
        self.problems.push(ConfigProblem {
            place: node.path.clone(),
            message: message.into(),
            span: Some(node.at.clone()),
        });
    }

    /// Notes a mistake inside this value, at a place that may have no bytes of its own.
    pub fn problem_inside(&mut self, node: &Node, place: &str, message: impl Into<String>) {
        let place = match (node.path.as_str(), place) {
            (path, "") => path.to_owned(),
            ("", place) => place.to_owned(),
            (path, place) => format!("{path}.{place}"),
        };
        let nearest = node.nearest(&place);
        self.problems.push(ConfigProblem {
            span: Some(nearest.at.clone()),
            place,
            message: message.into(),
        });
    }

    /// How many mistakes there are so far.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// The mistakes.
    pub fn into_problems(self) -> Vec<ConfigProblem> {
        self.problems
    }

    /// A path of the document: relative ones begin at its folder.
    pub fn path(&mut self, node: &Node) -> Option<PathBuf> {
        let text = self.text(node)?;
        if text.is_empty() || text.contains('\0') {
            self.problem(node, "this is no path");
            return None;
        }
        if text == "~" || text.starts_with("~/") {
            self.problem(
                node,
                "`~` isn't expanded; write the path from `/`, or relative to this file",
            );
            return None;
        }
        // Component by component, so that `./data` becomes `/folder/data`.
        Some(self.folder.join(text).components().collect())
    }

    /// Where relative paths begin.
    pub fn folder(&self) -> &'a Path {
        self.folder
    }

    /// A table of which these are all the keys.
    pub fn table<'n>(
        &mut self,
        node: &'n Node,
        keys: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        for entry in self.entries(node)? {
            if !keys.contains(&entry.name.as_str()) {
                self.problem(
                    &entry.node,
                    unknown("key", &entry.name, keys.iter().copied()),
                );
            }
        }
        Some(Fields { node, keys })
    }

    /// A table whose keys are names.
    pub fn entries<'n>(&mut self, node: &'n Node) -> Option<&'n [Entry]> {
        match &node.shape {
            Shape::Table(entries) => Some(entries),
            _ => self.expected(node, "a table"),
        }
    }

    /// A list.
    pub fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.shape {
            Shape::Array(items) => Some(items),
            _ => self.expected(node, "a list"),
        }
    }

    /// A text.
    pub fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.shape {
            Shape::Text(text) => Some(text),
            _ => self.expected(node, "a text"),
        }
    }

    /// True or false.
    pub fn boolean(&mut self, node: &Node) -> Option<bool> {
        match node.shape {
            Shape::Boolean(boolean) => Some(boolean),
            _ => self.expected(node, "true or false"),
        }
    }

    /// A whole number of that type.
    pub fn number<N: TryFrom<i64>>(&mut self, node: &Node) -> Option<N> {
        let Shape::Integer(number) = node.shape else {
            return self.expected(node, "a whole number");
        };
        let fitting = N::try_from(number).ok();
        if fitting.is_none() {
            self.problem(node, format!("{number} is out of range"));
        }
        fitting
    }

    /// A text that is one of these words.
    pub fn word<T>(
        &mut self,
        node: &Node,
        what: &str,
        words: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(node)?;
        let found = read(text);
        if found.is_none() {
            self.problem(node, unknown(what, text, words.iter().copied()));
        }
        found
    }

    fn expected<T>(&mut self, node: &Node, what: &str) -> Option<T> {
        self.problem(
            node,
            format!("this has to be {what}, but is {}", node.kind()),
        );
        None
    }
}

/// The message about a word that is none of these.
pub(crate) fn unknown<'c>(
    what: &str,
    name: &str,
    candidates: impl Iterator<Item = &'c str> + Clone,
) -> String {
    if let Some(meant) = closest(name, candidates.clone()) {
        return format!("unknown {what}; did you mean {meant:?}?");
    }
    let all: Vec<&str> = candidates.collect();
    if all.is_empty() {
        format!("unknown {what}; there are none")
    } else {
        format!("unknown {what}; there is {}", all.join(", "))
    }
}
