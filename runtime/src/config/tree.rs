//! A TOML document as one plain tree in which every value knows its dotted path and its bytes.
//!
//! TOML writes a table in four ways; what reads a configuration shall know of one. How deep a document
//! nests is bounded by the parser.

use std::ops::Range;

use serde_json::{Map, Number, Value as Json};
use toml_edit::{Document, Item, Key, TableLike, Value};

/// A value of the document.
pub(crate) struct Node {
    /// `sources.airports.grants[0]`; empty for the whole document.
    pub path: String,
    /// The bytes of its key, or of itself where it has none: what a message points at.
    pub at: Range<usize>,
    /// The bytes of the value itself.
    pub span: Range<usize>,
    pub shape: Shape,
}

pub(crate) enum Shape {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// As it was written.
    Datetime(String),
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

/// A named value of a table, in the order of the document.
pub(crate) struct Entry {
    pub name: String,
    pub node: Node,
}

impl Node {
    /// The document's root table.
    pub fn of_document<S: AsRef<str>>(document: &Document<S>) -> Self {
        Self {
            path: String::new(),
            at: 0..0,
            span: 0..0,
            shape: table(document.as_table(), ""),
        }
    }

    fn new(
        path: String,
        key: Option<Range<usize>>,
        span: Option<Range<usize>>,
        shape: Shape,
    ) -> Self {
        // A table that only a longer header implies has no bytes of its own, but its name has.
        let span = span.or_else(|| key.clone()).unwrap_or_default();
        Self {
            path,
            at: key.unwrap_or_else(|| span.clone()),
            span,
            shape,
        }
    }

    /// What it is, for a message that expected something else.
    pub fn kind(&self) -> &'static str {
        match self.shape {
            Shape::Text(_) => "a text",
            Shape::Integer(_) => "a whole number",
            Shape::Float(_) => "a float",
            Shape::Boolean(_) => "a boolean",
            Shape::Datetime(_) => "a date or time",
            Shape::Array(_) => "a list",
            Shape::Table(_) => "a table",
        }
    }

    /// The member of that name, where it is a table that has one.
    pub fn member(&self, name: &str) -> Option<&Node> {
        match &self.shape {
            Shape::Table(entries) => entries
                .iter()
                .find(|entry| entry.name == name)
                .map(|entry| &entry.node),
            _ => None,
        }
    }

    /// The node with that path, or the nearest one around it.
    pub fn nearest(&self, path: &str) -> &Node {
        let children: Box<dyn Iterator<Item = &Node>> = match &self.shape {
            Shape::Array(items) => Box::new(items.iter()),
            Shape::Table(entries) => Box::new(entries.iter().map(|entry| &entry.node)),
            _ => return self,
        };
        children
            .filter(|child| {
                path.strip_prefix(child.path.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
            .map(|child| child.nearest(path))
            .next()
            .unwrap_or(self)
    }

    /// The same as JSON, dates and times as texts.
    ///
    /// # Errors
    /// The float that JSON has no form for.
    pub fn to_json(&self) -> Result<Json, &Node> {
        Ok(match &self.shape {
            Shape::Text(text) | Shape::Datetime(text) => Json::String(text.clone()),
            Shape::Integer(number) => Json::Number((*number).into()),
            Shape::Float(number) => Json::Number(Number::from_f64(*number).ok_or(self)?),
            Shape::Boolean(boolean) => Json::Bool(*boolean),
            Shape::Array(items) => {
                Json::Array(items.iter().map(Node::to_json).collect::<Result<_, _>>()?)
            }
            Shape::Table(entries) => Json::Object(
                entries
                    .iter()
                    .map(|entry| Ok((entry.name.clone(), entry.node.to_json()?)))
                    .collect::<Result<Map<_, _>, &Node>>()?,
            ),
        })
    }
}

/// `path` and a further step, written as TOML would write it.
pub(crate) fn join(path: &str, name: &str) -> String {
    let name = Key::new(name).display_repr().into_owned();
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

fn table(table: &dyn TableLike, path: &str) -> Shape {
    let entries = table.iter().map(|(name, item)| {
        let key = table.key(name).and_then(Key::span);
        Entry {
            name: name.to_owned(),
            node: item_node(item, join(path, name), key),
        }
    });
    Shape::Table(entries.collect())
}

fn item_node(item: &Item, path: String, key: Option<Range<usize>>) -> Node {
    match item {
        Item::Value(value) => value_node(value, path, key),
        Item::Table(inner) => {
            let shape = table(inner, &path);
            Node::new(path, key, inner.span(), shape)
        }
        Item::ArrayOfTables(tables) => {
            let items = tables.iter().enumerate().map(|(index, inner)| {
                let path = format!("{path}[{index}]");
                let shape = table(inner, &path);
                Node::new(path, None, inner.span(), shape)
            });
            let shape = Shape::Array(items.collect());
            Node::new(path, key, tables.span(), shape)
        }
        // A parsed document has none of these.
        Item::None => Node::new(path, key, None, Shape::Table(Vec::new())),
    }
}

fn value_node(value: &Value, path: String, key: Option<Range<usize>>) -> Node {
    let shape = match value {
        Value::String(text) => Shape::Text(text.value().clone()),
        Value::Integer(number) => Shape::Integer(*number.value()),
        Value::Float(number) => Shape::Float(*number.value()),
        Value::Boolean(boolean) => Shape::Boolean(*boolean.value()),
        Value::Datetime(moment) => Shape::Datetime(moment.value().to_string()),
        Value::Array(items) => Shape::Array(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| value_node(item, format!("{path}[{index}]"), None))
                .collect(),
        ),
        Value::InlineTable(inner) => table(inner, &path),
    };
    Node::new(path, key, value.span(), shape)
}
