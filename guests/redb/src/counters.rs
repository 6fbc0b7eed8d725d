//! The next integers of properties that are counted up. They are stored with the records, in one transaction.

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};
use tenon_sdk::Result;
use tenon_sdk::Value;
use tenon_sdk::generate::Counters;

use crate::catalogue::Defined;
use crate::error::{OrFail, damaged};
use crate::record::{self, Names, Wanted};
use crate::tables;

/// [`name`] to the next integer.
const COUNTERS: TableDefinition<&str, i64> = TableDefinition::new("counters");

/// A counter's name: no other property of any collection has it.
///
/// `collection/property`, unless one of them has a slash itself. Those have none in their name, so that it differs
/// from the others and from every [`old_name`].
fn name(collection: &str, property: &str) -> String {
    if has_old_name(collection, property) {
        let escape = |text: &str| text.replace('\\', "\\\\").replace('/', "\\-");
        return format!("{}\\|{}", escape(collection), escape(property));
    }
    old_name(collection, property)
}

/// Where a counter was before names with slashes were told apart: `a/b` with `c` was `a` with `b/c`.
fn old_name(collection: &str, property: &str) -> String {
    format!("{collection}/{property}")
}

/// Whether a counter may still be under a name that another may have too.
fn has_old_name(collection: &str, property: &str) -> bool {
    collection.contains('/') || property.contains('/')
}

/// The next integer, where there is a counter.
fn next(
    table: &impl ReadableTable<&'static str, i64>,
    collection: &str,
    property: &str,
) -> Result<Option<i64>> {
    let mut stored = table.get(name(collection, property).as_str()).or_fail()?;
    if stored.is_none() && has_old_name(collection, property) {
        // It stays there: another may have it too, and it is beyond the numbers of both.
        stored = table
            .get(old_name(collection, property).as_str())
            .or_fail()?;
    }
    Ok(stored.map(|stored| stored.value()))
}

/// Where a counter begins.
const FIRST: i64 = 1;

/// The counters, as the file has them.
pub(crate) fn read(engine: &WriteTransaction, defined: &Defined) -> Result<Counters> {
    if defined.generators.counted().next().is_none() {
        return Ok(Counters::default());
    }
    let table = engine.open_table(COUNTERS).or_fail()?;
    let mut counters = Vec::new();
    for property in defined.generators.counted() {
        let stored = next(&table, &defined.collection, property)?;
        counters.push(stored.ok_or_else(|| damaged("a counter is missing"))?);
    }
    Ok(Counters::from_next(counters))
}

/// Stores the counters.
pub(crate) fn write(
    engine: &WriteTransaction,
    defined: &Defined,
    counters: &Counters,
) -> Result<()> {
    let mut table = engine.open_table(COUNTERS).or_fail()?;
    for (property, next) in defined.generators.counted().zip(counters.next()) {
        put(&mut table, &defined.collection, property, *next)?;
    }
    Ok(())
}

fn put(table: &mut Table<&str, i64>, collection: &str, property: &str, next: i64) -> Result<()> {
    table
        .insert(name(collection, property).as_str(), next)
        .or_fail()?;
    Ok(())
}

/// Sets counters beyond the records that there are. None goes back: what it gave out and was deleted stays used.
pub(crate) fn count_again(
    engine: &WriteTransaction,
    collection: &str,
    names: &[String],
    counted: &[String],
) -> Result<()> {
    let mut table = engine.open_table(COUNTERS).or_fail()?;
    let mut counters = Vec::new();
    for property in counted {
        counters.push(next(&table, collection, property)?.unwrap_or(FIRST));
    }
    let names = Names::new(names);
    let wanted = Wanted::only(counted.iter().map(String::as_str), &names);
    let records_name = tables::records_name(collection);
    let records = engine
        .open_table(tables::records(&records_name))
        .or_fail()?;
    for row in records.iter().or_fail()? {
        let record = record::decode(row.or_fail()?.1.value(), &names, &wanted)?;
        for (property, next) in counted.iter().zip(&mut counters) {
            if let Some(Value::Integer(value)) = record.get(property) {
                *next = (*next).max(value.saturating_add(1));
            }
        }
    }
    for (property, next) in counted.iter().zip(counters) {
        put(&mut table, collection, property, next)?;
    }
    Ok(())
}

/// Forgets the counters of a collection's properties. An [`old_name`] may be another's too, and stays.
pub(crate) fn forget(
    engine: &WriteTransaction,
    collection: &str,
    properties: &[String],
) -> Result<()> {
    let mut table = engine.open_table(COUNTERS).or_fail()?;
    for property in properties {
        table
            .remove(name(collection, property).as_str())
            .or_fail()?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by it")]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_they_were_unless_there_are_slashes() {
        assert_eq!(name("a", "b\\|c"), "a/b\\|c");
        let pairs = [
            ("a/b", "c"),
            ("a", "b/c"),
            ("a\\-b", "c"),
            ("a/b\\", "c"),
            ("a/b\\|c", "d"),
            ("a/b", "c\\|d"),
            ("a\\/", "|b"),
        ];
        let mut names: Vec<String> = pairs.iter().map(|(a, b)| name(a, b)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), pairs.len());
    }

    #[test]
    fn a_counter_under_its_old_name_goes_on() {
        let folder = tempfile::TempDir::new().unwrap();
        let database = redb::Database::create(folder.path().join("a.redb")).unwrap();
        let engine = database.begin_write().unwrap();
        let now = |collection: &str, property: &str| {
            next(&engine.open_table(COUNTERS).unwrap(), collection, property).unwrap()
        };
        {
            let mut table = engine.open_table(COUNTERS).unwrap();
            table.insert("a/b/c", 7).unwrap();
            put(&mut table, "a/b", "c", 9).unwrap();
        }
        assert_eq!((now("a/b", "c"), now("a", "b/c")), (Some(9), Some(7)));
        forget(&engine, "a/b", &["c".to_owned()]).unwrap();
        assert_eq!(now("a", "b/c"), Some(7));
        assert_eq!(now("a", "b"), None);
    }
}
