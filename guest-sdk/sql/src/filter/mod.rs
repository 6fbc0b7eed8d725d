//! Filters as conditions of SQL.
//!
//! SQL has a third answer where a null is compared. It is no match where a condition stands by itself or in AND and OR,
//! so there it can stay; a negation asks whether a condition is not true. What can't be written exactly is left out
//! where that leaves more rows, which is said of the whole: within a negation it would leave fewer, so there a part is
//! exact or is left out with what is around it.

mod condition;

use tenon_model::Filter;

use crate::{Dialect, Part, Table, Writer};

/// How many conditions stand in one chain: databases read a chain as a tree as deep as it is long.
const CHAIN: usize = 64;

/// Appends a filter's conditions, as far as they can be written.
pub(crate) fn conditions(table: &Table, filter: &Filter, sql: &mut Writer<'_>) -> Part {
    let builder = Builder {
        table,
        dialect: sql.dialect(),
    };
    let budget = builder.dialect.max_nesting();
    match filter {
        Filter::AllOf(parts) if !parts.is_empty() => {
            builder.each(parts, " AND ", sql, budget, |builder, part, sql, budget| {
                builder.node(part, sql, budget)
            })
        }
        _ => builder.node(filter, sql, budget),
    }
}

/// Appends `WHERE` with a filter's conditions; nothing where all records match.
pub(crate) fn where_clause(table: &Table, filter: &Filter, sql: &mut Writer<'_>) -> Part {
    if filter.is_all() {
        return Part::Whole;
    }
    let mark = sql.mark();
    sql.push(" WHERE ");
    let part = conditions(table, filter, sql);
    if part == Part::Nothing {
        sql.reset(mark);
    }
    part
}

struct Builder<'a> {
    table: &'a Table,
    dialect: &'a dyn Dialect,
}

impl Builder<'_> {
    fn node(&self, filter: &Filter, sql: &mut Writer<'_>, budget: usize) -> Part {
        match filter {
            Filter::Condition(condition) => self.condition(condition, sql),
            Filter::AllOf(parts) => match parts.as_slice() {
                [] => literal("TRUE", sql),
                [one] => self.node(one, sql, budget),
                parts => self.all(parts, sql, budget),
            },
            Filter::AnyOf(parts) => match parts.as_slice() {
                [] => literal("FALSE", sql),
                [one] => self.node(one, sql, budget),
                parts => self.any(parts, sql, budget),
            },
            Filter::NoneOf(parts) => match parts.as_slice() {
                [] => literal("TRUE", sql),
                [one] => self.none(one, sql, budget),
                parts => {
                    sql.push("(");
                    let part = self.each(parts, " AND ", sql, budget, Self::none);
                    sql.push(")");
                    part
                }
            },
            Filter::Extension(_) | Filter::Related { .. } => Part::Nothing,
        }
    }

    fn all(&self, parts: &[Filter], sql: &mut Writer<'_>, budget: usize) -> Part {
        sql.push("(");
        let part = self.each(parts, " AND ", sql, budget, Self::node);
        sql.push(")");
        part
    }

    /// Each of the parts that can be written; a part that can't be leaves the others.
    fn each<T>(
        &self,
        parts: &[T],
        between: &'static str,
        sql: &mut Writer<'_>,
        budget: usize,
        write: fn(&Self, &T, &mut Writer<'_>, usize) -> Part,
    ) -> Part {
        let Some(budget) = budget.checked_sub(parts.len().min(CHAIN) + 1) else {
            return Part::Nothing;
        };
        let mut written = false;
        let mut whole = true;
        for chunk in chunks(parts) {
            let before = sql.mark();
            if written {
                sql.push(between);
            }
            let part = match chunk {
                [one] => write(self, one, sql, budget),
                several => {
                    sql.push("(");
                    let part = self.each(several, between, sql, budget, write);
                    sql.push(")");
                    part
                }
            };
            if part == Part::Nothing {
                sql.reset(before);
            } else {
                written = true;
            }
            whole &= part == Part::Whole;
        }
        match (written, whole) {
            (false, _) => Part::Nothing,
            (true, true) => Part::Whole,
            (true, false) => Part::Wider,
        }
    }

    /// Any of the parts: each must be there, be it wider.
    fn any(&self, parts: &[Filter], sql: &mut Writer<'_>, budget: usize) -> Part {
        let Some(budget) = budget.checked_sub(parts.len().min(CHAIN) + 1) else {
            return Part::Nothing;
        };
        let mark = sql.mark();
        let mut whole = true;
        sql.push("(");
        for (place, chunk) in chunks(parts).enumerate() {
            if place > 0 {
                sql.push(" OR ");
            }
            let part = match chunk {
                [one] => self.node(one, sql, budget),
                several => self.any(several, sql, budget),
            };
            if part == Part::Nothing {
                sql.reset(mark);
                return Part::Nothing;
            }
            whole &= part == Part::Whole;
        }
        sql.push(")");
        if whole { Part::Whole } else { Part::Wider }
    }

    /// The contrary of a part, which must be exact for that.
    fn none(&self, filter: &Filter, sql: &mut Writer<'_>, budget: usize) -> Part {
        let Some(budget) = budget.checked_sub(1) else {
            return Part::Nothing;
        };
        self.negated(sql, |sql| self.node(filter, sql, budget))
    }

    fn negated(&self, sql: &mut Writer<'_>, write: impl FnOnce(&mut Writer<'_>) -> Part) -> Part {
        let mark = sql.mark();
        sql.push("(");
        if write(sql) != Part::Whole {
            sql.reset(mark);
            return Part::Nothing;
        }
        sql.push(") IS NOT TRUE");
        Part::Whole
    }
}

/// At most [`CHAIN`] parts of a slice, in their order.
fn chunks<T>(parts: &[T]) -> std::slice::Chunks<'_, T> {
    parts.chunks(parts.len().div_ceil(CHAIN).max(1))
}

fn literal(truth: &'static str, sql: &mut Writer<'_>) -> Part {
    sql.push(truth);
    Part::Whole
}
