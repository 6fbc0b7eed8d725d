//! The order of one property, of every kind.

use super::{ask, ask_pages, ordered, sort};
use crate::ask::Known;
use crate::bench::Bench;
use crate::finding::{Checked, Stop};
use crate::generate::records::UNDECLARED;
use crate::suites::filters::rich::{self, condition};
use tenon_model::contract::{Comparison, PropertyType, Query, Value};

pub fn of_kind(bench: &mut Bench<'_>, kind: PropertyType) -> Checked {
    if !bench.facts().keeps(kind) {
        return Err(Stop::skipped(format!(
            "no property of kind `{kind}` is kept"
        )));
    }
    let (known, asked) = rich::orderly(bench, &[kind], false)?;
    for asked in &asked {
        by_one(bench, &known, &asked.name)?;
    }
    if bench.facts().open {
        let (known, asked) = rich::orderly(bench, &[kind], true)?;
        for asked in asked.iter().filter(|asked| asked.name != UNDECLARED) {
            by_one(bench, &known, &asked.name)?;
        }
    }
    Ok(())
}

pub fn undeclared(bench: &mut Bench<'_>) -> Checked {
    if !bench.facts().open {
        return Err(Stop::skipped("undeclared properties are not kept"));
    }
    let (known, _) = rich::orderly(bench, &[], true)?;
    by_one(bench, &known, UNDECLARED)?;
    by_one(bench, &known, "nobody has it")
}

/// Orders by one property in every way.
pub fn by_one(bench: &mut Bench<'_>, known: &Known, name: &str) -> Checked {
    let count = known.records().len() as u64;
    for descending in [false, true] {
        for key_descending in [false, true] {
            let order = vec![sort(name, descending), sort("id", key_descending)];
            ask(bench, known, &ordered(order.clone()))?;
            for (limit, offset) in [
                (1, 0),
                (3, 0),
                (2, 1),
                (count / 2, 0),
                (5, count / 2),
                (3, count - 1),
            ] {
                let query = Query {
                    limit: Some(limit),
                    offset,
                    ..ordered(order.clone())
                };
                ask(bench, known, &query)?;
            }
            let fields = Query {
                fields: vec!["id".to_owned()],
                limit: Some(4),
                ..ordered(order.clone())
            };
            ask(bench, known, &fields)?;
            for (comparison, operand) in [
                (Comparison::NotEqual, Value::Null),
                (Comparison::Equal, Value::Null),
            ] {
                let filter = condition(name, &[], comparison, vec![operand]);
                let filtered = Query {
                    filter,
                    ..ordered(order.clone())
                };
                ask(bench, known, &filtered)?;
                let part = Query {
                    limit: Some(3),
                    offset: 1,
                    ..filtered
                };
                ask(bench, known, &part)?;
            }
            let key = condition("id", &[], Comparison::Greater, vec![Value::Integer(4)]);
            let filtered = Query {
                filter: key,
                limit: Some(7),
                ..ordered(order.clone())
            };
            ask_pages(bench, known, &filtered, 2)?;
        }
    }
    Ok(())
}
