//! What the server says of its tables: `information_schema`.
//!
//! The two servers differ in how they write defaults, and in what they tell of indexes.

use tenon_sdk::{Error, Generation, PropertyType, Result, Value};
use tenon_sql::dialects::MySqlFlavour;
use tenon_sql::{
    DescribedColumn, DescribedIndex, DescribedReference, Description, TableKind, TableName,
};

use crate::session::{Reading, Session};

const TABLES: &str = "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema NOT \
                      IN ('information_schema', 'mysql', 'performance_schema', 'sys') AND table_type IN ('BASE TABLE', \
                      'SYSTEM VERSIONED', 'VIEW')";

const TABLE: &str = "SELECT table_name, table_type, COALESCE((SELECT transactions FROM information_schema.engines WHERE \
                     engines.engine = tables.engine), 'YES') FROM information_schema.tables WHERE table_schema = ? AND \
                     table_name = ? AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW')";

const COLUMNS: &str = "SELECT column_name, column_type, collation_name, is_nullable, column_default, extra FROM \
                       information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position";

/// MariaDB keeps JSON as text that is checked to be some.
const JSON_CHECKS: &str = "SELECT constraint_name, check_clause FROM information_schema.check_constraints WHERE \
                           constraint_schema = ? AND table_name = ? AND check_clause LIKE 'json_valid(%'";

/// MySQL tells the expressions of functional indexes, which MariaDB doesn't have.
const INDEXES: [&str; 2] = [
    "SELECT index_name, non_unique + 0, column_name, collation, sub_part + 0, index_type, expression FROM \
     information_schema.statistics WHERE table_schema = ? AND table_name = ? ORDER BY index_name, seq_in_index",
    "SELECT index_name, non_unique + 0, column_name, collation, sub_part + 0, index_type, NULL FROM \
     information_schema.statistics WHERE table_schema = ? AND table_name = ? ORDER BY index_name, seq_in_index",
];

const REFERENCES: &str = "SELECT k.constraint_name, k.column_name, k.referenced_table_schema, k.referenced_table_name, \
                          k.referenced_column_name, r.delete_rule, r.update_rule FROM \
                          information_schema.key_column_usage k JOIN information_schema.referential_constraints r ON \
                          r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND \
                          r.table_name = k.table_name WHERE k.table_schema = ? AND k.table_name = ? AND \
                          k.referenced_table_name IS NOT NULL ORDER BY k.constraint_name, k.ordinal_position";

/// The primary key's index.
const PRIMARY: &str = "PRIMARY";

/// Text as the catalogue has it.
const TEXT: Reading = Reading {
    kind: PropertyType::Text,
    is_json: false,
};

/// Numbers of the catalogue, whose type differs between the servers.
const NUMBER: Reading = Reading {
    kind: PropertyType::Integer,
    is_json: false,
};

/// The tables that a user would call their own.
pub(crate) fn tables(session: &mut Session, database: &str) -> Result<Vec<(TableName, TableKind)>> {
    let mut tables = Vec::new();
    for row in session.fetch(TABLES, &[], &[TEXT; 3])? {
        let mut row = Row::new(row);
        let (schema, name, kind) = (row.text()?, row.text()?, row.text()?);
        tables.push((table_name(schema, name, database), kind_of(&kind)));
    }
    tables.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(tables)
}

/// What the server says of a table; none where there is none.
pub(crate) fn describe(
    session: &mut Session,
    database: &str,
    table: &TableName,
) -> Result<Option<Description>> {
    let schema = table.schema.as_deref().unwrap_or(database);
    let place = [Value::from(schema), Value::from(table.name.as_str())];
    let Some((name, kind, atomic)) = find(session, &table.name, &place)? else {
        return Ok(None);
    };
    let place = [Value::from(schema), Value::from(name.as_str())];
    let mut columns = columns(session, &place)?;
    if session.flavour() == MySqlFlavour::MariaDb {
        find_json(session, &place, &mut columns)?;
    }
    let mut indexes = indexes(session, &place)?;
    let key = match indexes.iter().position(|index| index.name == PRIMARY) {
        Some(primary) => {
            let primary = indexes.remove(primary);
            primary.columns.into_iter().map(|(name, _)| name).collect()
        }
        None => Vec::new(),
    };
    Ok(Some(Description {
        name: table_name(schema.to_owned(), name, database),
        kind,
        columns,
        key,
        key_name: None,
        indexes,
        references: references(session, &place, database)?,
        atomic,
    }))
}

/// The table's name as it is, its kind, and whether its engine has transactions.
fn find(
    session: &mut Session,
    name: &str,
    place: &[Value],
) -> Result<Option<(String, TableKind, bool)>> {
    for row in session.fetch(TABLE, place, &[TEXT; 3])? {
        let mut row = Row::new(row);
        let (found, kind, transactions) = (row.text()?, row.text()?, row.text()?);
        // The catalogue compares without case, whatever tables are found by.
        let is_it = if session.ignores_case {
            found.to_lowercase() == name.to_lowercase()
        } else {
            found == name
        };
        if is_it {
            return Ok(Some((found, kind_of(&kind), transactions != "NO")));
        }
    }
    Ok(None)
}

fn table_name(schema: String, name: String, database: &str) -> TableName {
    TableName {
        schema: (schema != database).then_some(schema),
        name,
    }
}

fn kind_of(table_type: &str) -> TableKind {
    if table_type == "VIEW" {
        TableKind::View
    } else {
        TableKind::Table
    }
}

fn columns(session: &mut Session, place: &[Value]) -> Result<Vec<DescribedColumn>> {
    let flavour = session.flavour();
    let mut columns = Vec::new();
    for row in session.fetch(COLUMNS, place, &[TEXT; 6])? {
        let mut row = Row::new(row);
        let name = row.text()?;
        let native_type = row.text()?;
        let collation = row.optional()?.filter(|collation| !is_exact(collation));
        let nullable = row.text()? == "YES";
        let default = row.optional()?;
        let extra = row.text()?.to_lowercase();
        let default =
            default.and_then(|default| expression(default, &native_type, &extra, flavour));
        let generated = generation(default.as_deref(), &extra);
        columns.push(DescribedColumn {
            labels: labels(&native_type),
            name,
            native_type,
            collation,
            nullable,
            default: default.filter(|_| generated != Generation::Always),
            generated,
        });
    }
    Ok(columns)
}

/// Whether a collation compares by code point, and trailing spaces too.
fn is_exact(collation: &str) -> bool {
    matches!(
        collation,
        "utf8mb4_0900_bin" | "utf8mb4_nopad_bin" | "utf8mb3_nopad_bin" | "ascii_nopad_bin"
    )
}

/// A default as an expression. MariaDB writes one; MySQL writes a literal's bare value, unless it says otherwise.
fn expression(
    default: String,
    native_type: &str,
    extra: &str,
    flavour: MySqlFlavour,
) -> Option<String> {
    if flavour == MySqlFlavour::MariaDb {
        return Some(default).filter(|default| !default.eq_ignore_ascii_case("null"));
    }
    let is_moment = native_type.starts_with("datetime") || native_type.starts_with("timestamp");
    let is_now = is_moment && default.to_lowercase().starts_with("current_timestamp");
    let is_bare = default.starts_with("b'")
        || ["int", "decimal", "float", "double", "bit", "year"]
            .iter()
            .any(|number| native_type.contains(number) && !native_type.contains('\''));
    Some(
        if extra.contains("default_generated") || is_now || is_bare {
            default
        } else {
            format!("'{}'", default.replace('\'', "''"))
        },
    )
}

/// Who makes a column's values.
fn generation(default: Option<&str>, extra: &str) -> Generation {
    let is_expression = extra.contains("virtual generated") || extra.contains("stored generated");
    // A literal has no parentheses outside of its quotes.
    let is_computed = default.is_some_and(|default| {
        let is_literal = default.starts_with(['\'', '-', '+'])
            || default.starts_with("b'")
            || default.starts_with("x'")
            || default.starts_with(|first: char| first.is_ascii_digit());
        !is_literal
            && !default.eq_ignore_ascii_case("true")
            && !default.eq_ignore_ascii_case("false")
    });
    if is_expression {
        Generation::Always
    } else if extra.contains("auto_increment") || is_computed {
        Generation::WhenMissing
    } else {
        Generation::Never
    }
}

/// The values of `enum('a','b''c')`.
fn labels(native_type: &str) -> Vec<String> {
    let Some(list) = native_type.strip_prefix("enum(") else {
        return Vec::new();
    };
    let mut labels = Vec::new();
    let mut label: Option<String> = None;
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        match (&mut label, character) {
            (None, '\'') => label = Some(String::new()),
            (None, _) => {}
            (Some(text), '\'') if characters.peek() == Some(&'\'') => {
                characters.next();
                text.push('\'');
            }
            (Some(_), '\'') => labels.extend(label.take()),
            (Some(text), '\\') => match characters.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('0') => text.push('\0'),
                Some('Z') => text.push('\u{1a}'),
                Some(other) => text.push(other),
                None => {}
            },
            (Some(text), other) => text.push(other),
        }
    }
    labels
}

/// Calls those columns `json` whose text MariaDB checks to be some: their checks have their names.
fn find_json(
    session: &mut Session,
    place: &[Value],
    columns: &mut [DescribedColumn],
) -> Result<()> {
    for row in session.fetch(JSON_CHECKS, place, &[TEXT; 2])? {
        let clause = Row::new(row).nth(1)?;
        let checked = clause
            .strip_prefix("json_valid(`")
            .and_then(|rest| rest.strip_suffix("`)"))
            .map(|name| name.replace("``", "`"));
        let column = columns
            .iter_mut()
            .find(|column| Some(&column.name) == checked.as_ref());
        if let Some(column) = column {
            column.native_type = "json".to_owned();
            column.collation = None;
        }
    }
    Ok(())
}

fn indexes(session: &mut Session, place: &[Value]) -> Result<Vec<DescribedIndex>> {
    let query = match session.flavour() {
        MySqlFlavour::MySql => INDEXES[0],
        MySqlFlavour::MariaDb => INDEXES[1],
    };
    let readings = [TEXT, NUMBER, TEXT, TEXT, NUMBER, TEXT, TEXT];
    let mut indexes: Vec<DescribedIndex> = Vec::new();
    for row in session.fetch(query, place, &readings)? {
        let mut row = Row::new(row);
        let name = row.text()?;
        let unique = row.next()? == Value::Integer(0);
        let column = row.optional()?;
        let descending = row.optional()?.as_deref() == Some("D");
        let is_prefix = !row.next()?.is_null();
        let kind = row.text()?;
        let is_expression = row.optional()?.is_some();
        let is_tree = matches!(kind.as_str(), "BTREE" | "HASH");
        if indexes.last().is_none_or(|last| last.name != name) {
            indexes.push(DescribedIndex {
                name,
                columns: Vec::new(),
                unique,
                constraint: false,
                special: false,
            });
        }
        if let Some(index) = indexes.last_mut() {
            index.special |= is_prefix || is_expression || !is_tree || column.is_none();
            index
                .columns
                .extend(column.map(|column| (column, descending)));
        }
    }
    Ok(indexes)
}

fn references(
    session: &mut Session,
    place: &[Value],
    database: &str,
) -> Result<Vec<DescribedReference>> {
    let mut references: Vec<DescribedReference> = Vec::new();
    for row in session.fetch(REFERENCES, place, &[TEXT; 7])? {
        let mut row = Row::new(row);
        let (name, column) = (row.text()?, row.text()?);
        let (schema, table, target) = (row.text()?, row.text()?, row.text()?);
        let (on_delete, on_update) = (action(&row.text()?), action(&row.text()?));
        if references.last().is_none_or(|last| last.name != name) {
            references.push(DescribedReference {
                name,
                columns: Vec::new(),
                table: table_name(schema, table, database),
                targets: Vec::new(),
                on_delete,
                on_update,
            });
        }
        if let Some(reference) = references.last_mut() {
            reference.columns.push(column);
            reference.targets.push(target);
        }
    }
    Ok(references)
}

/// What a rule does; to restrict is the default here, and the same as no action.
fn action(rule: &str) -> Option<String> {
    match rule {
        "NO ACTION" | "RESTRICT" => None,
        other => Some(other.to_lowercase()),
    }
}

/// A row of the catalogue, read from its beginning.
struct Row(std::vec::IntoIter<Value>);

impl Row {
    fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    fn next(&mut self) -> Result<Value> {
        self.0.next().ok_or_else(unreadable)
    }

    fn optional(&mut self) -> Result<Option<String>> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(unreadable()),
        }
    }

    fn text(&mut self) -> Result<String> {
        self.optional()?.ok_or_else(unreadable)
    }

    fn nth(mut self, place: usize) -> Result<String> {
        match self.0.nth(place) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(unreadable()),
        }
    }
}

fn unreadable() -> Error {
    Error::backend("the server's catalogue isn't as it should be")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_labels_of_an_enumeration_are_read_out_of_its_type() {
        assert_eq!(
            labels("enum('a','it''s','a,b','')"),
            ["a", "it's", "a,b", ""]
        );
        assert_eq!(labels("set('a','b')"), [""; 0]);
        assert_eq!(labels("varchar(10)"), [""; 0]);
    }

    #[test]
    fn defaults_are_expressions_in_both_servers() {
        use MySqlFlavour::{MariaDb, MySql};
        let read = |default: &str, native_type, extra, flavour| {
            expression(default.to_owned(), native_type, extra, flavour)
        };
        assert_eq!(
            read("'it''s'", "varchar(9)", "", MariaDb).as_deref(),
            Some("'it''s'")
        );
        assert_eq!(read("NULL", "varchar(9)", "", MariaDb), None);
        assert_eq!(
            read("it's", "varchar(9)", "", MySql).as_deref(),
            Some("'it''s'")
        );
        assert_eq!(
            read("12.50", "decimal(10,2)", "", MySql).as_deref(),
            Some("12.50")
        );
        assert_eq!(
            read(
                "CURRENT_TIMESTAMP(6)",
                "datetime(6)",
                "default_generated",
                MySql
            )
            .as_deref(),
            Some("CURRENT_TIMESTAMP(6)")
        );
        assert_eq!(
            read("2024-01-01", "date", "", MySql).as_deref(),
            Some("'2024-01-01'")
        );
        assert_eq!(read("b'1'", "bit(1)", "", MySql).as_deref(), Some("b'1'"));
    }

    #[test]
    fn who_makes_values_is_told_by_extras_and_defaults() {
        assert_eq!(generation(None, "auto_increment"), Generation::WhenMissing);
        assert_eq!(generation(None, "stored generated"), Generation::Always);
        assert_eq!(
            generation(Some("current_timestamp()"), ""),
            Generation::WhenMissing
        );
        assert_eq!(generation(Some("'now()'"), ""), Generation::Never);
        assert_eq!(generation(Some("-1"), ""), Generation::Never);
        assert_eq!(generation(None, ""), Generation::Never);
    }
}
