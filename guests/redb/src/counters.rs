//! The next integers of properties that are counted up. They are stored with the records, in one transaction.

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};
use tenon_sdk::Result;
use tenon_sdk::Value;
use tenon_sdk::generate::Counters;

use crate::catalogue::Defined;
use crate::error::{OrFail, damaged};
use crate::record::{self, Names, Wanted};
use crate::tables;

/// `collection/property` to the next integer.
const COUNTERS: TableDefinition<&str, i64> = TableDefinition::new("counters");

fn name(collection: &str, property: &str) -> String {
    format!("{collection}/{property}")
}

/// Where a counter begins.
const FIRST: i64 = 1;

/// The counters, as the file has them.
pub(crate) fn read(engine: &WriteTransaction, defined: &Defined) -> Result<Counters> {
    if defined.generators.counted().next().is_none() {
        return Ok(Counters::default());
    }
    let table = engine.open_table(COUNTERS).or_fail()?;
    let mut next = Vec::new();
    for property in defined.generators.counted() {
        let stored = table
            .get(name(&defined.collection, property).as_str())
            .or_fail()?;
        next.push(
            stored
                .ok_or_else(|| damaged("a counter is missing"))?
                .value(),
        );
    }
    Ok(Counters::from_next(next))
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
    let mut next = Vec::new();
    for property in counted {
        let stored = table.get(name(collection, property).as_str()).or_fail()?;
        next.push(stored.map_or(FIRST, |stored| stored.value()));
    }
    let names = Names::new(names);
    let wanted = Wanted::only(counted.iter().map(String::as_str), &names);
    let records_name = tables::records_name(collection);
    let records = engine
        .open_table(tables::records(&records_name))
        .or_fail()?;
    for row in records.iter().or_fail()? {
        let record = record::decode(row.or_fail()?.1.value(), &names, &wanted)?;
        for (property, next) in counted.iter().zip(&mut next) {
            if let Some(Value::Integer(value)) = record.get(property) {
                *next = (*next).max(value.saturating_add(1));
            }
        }
    }
    for (property, next) in counted.iter().zip(next) {
        put(&mut table, collection, property, next)?;
    }
    Ok(())
}

/// Forgets the counters of a collection's properties.
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
