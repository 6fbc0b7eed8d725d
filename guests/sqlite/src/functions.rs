//! What the connection can do beside SQLite's own: patterns, and the order of decimals, as the runtime has them.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use tenon_sdk::Result;
use tenon_sql::dialects::sqlite::functions::{
    DECIMAL_COLLATION, ILIKE, LIKE, MATCHES, Pattern, compare_decimals,
};

use crate::error::OrFail;

/// Makes a pattern of its text.
type Compile = fn(&str) -> std::result::Result<Pattern, String>;

/// Adds them to a connection. They are not for indexes, views and triggers: other programs don't have them.
pub(crate) fn add(connection: &Connection) -> Result<()> {
    let patterns: [(&str, Compile); 3] = [
        (LIKE, Pattern::like),
        (ILIKE, Pattern::ilike),
        (MATCHES, Pattern::matches),
    ];
    for (name, compile) in patterns {
        let flags = FunctionFlags::SQLITE_UTF8
            | FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_DIRECTONLY;
        connection
            .create_scalar_function(name, 2, flags, move |context| fits(context, compile))
            .or_fail()?;
    }
    connection
        .create_collation(DECIMAL_COLLATION, compare_decimals)
        .or_fail()
}

/// `function(pattern, value)`: none is SQL's null.
fn fits(context: &Context<'_>, compile: Compile) -> rusqlite::Result<Option<bool>> {
    let (pattern, value) = (context.get_raw(0), context.get_raw(1));
    if matches!(pattern, ValueRef::Null) || matches!(value, ValueRef::Null) {
        return Ok(None);
    }
    // It stays with the statement as long as the pattern is the same.
    let compiled: Arc<Pattern> = context.get_or_create_aux(0, |pattern| {
        let text = pattern.as_str().map_err(|error| error.to_string())?;
        compile(text)
    })?;
    Ok(Some(match value {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).is_ok_and(|text| compiled.fits(text)),
        _ => false,
    }))
}
