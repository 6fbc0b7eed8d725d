//! Names of tables, as models and people write them.

use std::fmt;

use tenon_sdk::{Error, Result};

/// A table's or view's name, perhaps in a schema: `orders`, `sales.orders`, `sales."odd.name"`.
///
/// Each step may stand in double quotes, within which a double quote is written twice; it must where it holds a dot
/// or a double quote.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema (in MySQL the database); none means the session's own.
    pub schema: Option<String>,
    /// The table's own name.
    pub name: String,
}

impl TableName {
    /// A table of the session's own schema.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            schema: None,
            name: name.into(),
        }
    }

    /// A table of a schema.
    pub fn within(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: Some(schema.into()),
            name: name.into(),
        }
    }

    /// Reads a name as models write it.
    ///
    /// # Errors
    /// `invalid` where a quote is not closed, a step is empty, or there are more than two of them.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |reason: &str| {
            Error::invalid(format!(
                "the collection `{text}` {reason}; write `table`, `schema.table`, or steps in double quotes"
            ))
        };
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            let (step, after) =
                step(rest).ok_or_else(|| wrong("has a quote that is not closed"))?;
            if step.is_empty() {
                return Err(wrong("has an empty step"));
            }
            if step.contains('\0') {
                return Err(wrong("has a NUL character in it"));
            }
            steps.push(step);
            match after.strip_prefix('.') {
                Some(after) => rest = after,
                None if after.is_empty() => break,
                None => return Err(wrong("goes on behind a closing quote")),
            }
        }
        let mut steps = steps.into_iter();
        match (steps.next(), steps.next(), steps.next()) {
            (Some(name), None, None) => Ok(Self::new(name)),
            (Some(schema), Some(name), None) => Ok(Self::within(schema, name)),
            _ => Err(wrong("has more than two steps")),
        }
    }
}

/// The first step of a name, and what comes after it; none where its quote is not closed.
fn step(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        let (step, after) = text.split_at(end);
        return Some((step.to_owned(), after));
    };
    let mut name = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        name.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write_step(schema, f)?;
            f.write_str(".")?;
        }
        write_step(&self.name, f)
    }
}

fn write_step(step: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if step.contains(['.', '"']) || step.is_empty() {
        write!(f, "\"{}\"", step.replace('"', "\"\""))
    } else {
        f.write_str(step)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_has_one_step_or_two() {
        let parsed = |text| TableName::parse(text).map_err(|error| error.message.clone());
        assert_eq!(parsed("orders"), Ok(TableName::new("orders")));
        assert_eq!(
            parsed("sales.orders"),
            Ok(TableName::within("sales", "orders"))
        );
        assert_eq!(
            parsed("sales.\"odd.\"\"name\""),
            Ok(TableName::within("sales", "odd.\"name"))
        );
        assert_eq!(
            parsed("Drop Table; --"),
            Ok(TableName::new("Drop Table; --"))
        );
        for (wrong, reason) in [
            ("", "empty step"),
            ("a..b", "empty step"),
            ("a.b.c", "more than two"),
            ("\"a", "not closed"),
            ("\"a\"b", "behind a closing quote"),
        ] {
            let message = parsed(wrong).unwrap_err();
            assert!(message.contains(reason), "{wrong}: {message}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            schema in proptest::option::of("[^\0]{1,8}"),
            name in "[^\0]{1,8}",
        ) {
            let name = TableName { schema, name };
            prop_assert_eq!(TableName::parse(&name.to_string()).unwrap(), name);
        }
    }
}
