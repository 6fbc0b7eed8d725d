//! One condition.
//!
//! A comparison with null, and with what can't be a value of the column, is decided here; what is left is written by the
//! dialect, of columns that it says it compares as the contract does.

use tenon_model::{Comparison, Condition, PropertyType, Value, compare};

use super::{Builder, literal};
use crate::fit::fit;
use crate::near::Area;
use crate::{Column, Equality, Fit, Guard, Part, Reach, Writer};

/// How many parameters are left for what comes behind the conditions.
const RESERVE: usize = 8;

impl Builder<'_> {
    /// Appends a condition, if it can be written.
    pub(super) fn condition(&self, condition: &Condition, sql: &mut Writer<'_>) -> Part {
        let Some(column) = self.table.column(&condition.property) else {
            return Part::Nothing;
        };
        let mark = sql.mark();
        let part = self.comparison(column, condition, sql);
        let too_many = sql.parameters() + RESERVE > self.dialect.max_parameters();
        if part == Part::Nothing || too_many {
            sql.reset(mark);
            return Part::Nothing;
        }
        part
    }

    fn comparison(&self, column: &Column, condition: &Condition, sql: &mut Writer<'_>) -> Part {
        use Comparison as C;
        let positive = match condition.comparison {
            C::NotEqual => C::Equal,
            C::NotOneOf => C::OneOf,
            // Text alone isn't like a pattern, so that null stays null.
            C::NotLike => return self.unlike(column, condition, C::Like, sql),
            C::NotIlike => return self.unlike(column, condition, C::Ilike, sql),
            positive => positive,
        };
        let write = |sql: &mut Writer<'_>| {
            if condition.path.is_empty() {
                self.positive(column, positive, &condition.operands, sql)
            } else {
                self.inside(column, positive, condition, sql)
            }
        };
        if positive == condition.comparison {
            write(sql)
        } else {
            self.negated(sql, write)
        }
    }

    /// A condition inside JSON. Operands that are null ask what is absent, which the runtime knows.
    fn inside(
        &self,
        column: &Column,
        positive: Comparison,
        condition: &Condition,
        sql: &mut Writer<'_>,
    ) -> Part {
        if condition.operands.iter().any(Value::is_null) {
            return Part::Nothing;
        }
        let condition = Condition {
            comparison: positive,
            ..condition.clone()
        };
        self.dialect.inside(column, &condition, sql)
    }

    fn positive(
        &self,
        column: &Column,
        comparison: Comparison,
        operands: &[Value],
        sql: &mut Writer<'_>,
    ) -> Part {
        use Comparison as C;
        match (comparison, operands) {
            (C::OneOf, operands) => self.one_of(column, operands, sql),
            (C::Equal, [Value::Null]) => self.dialect.is_null(column, sql),
            (C::Equal, [operand]) => self.equal(column, operand, sql),
            // A table has every property of its model.
            (C::Exists, [Value::Boolean(true)]) => literal("TRUE", sql),
            (C::Exists, [Value::Boolean(false)]) => literal("FALSE", sql),
            (C::Near, [point, bounds @ ..]) => match Area::new(point, bounds) {
                Some(area) => area.write(column, sql),
                None if point.is_null() => literal("FALSE", sql),
                None => Part::Nothing,
            },
            (_, operands) if operands.iter().any(Value::is_null) => literal("FALSE", sql),
            (C::Greater, [operand]) => self.ordered(column, " > ", operand, sql),
            (C::GreaterOrEqual, [operand]) => self.ordered(column, " >= ", operand, sql),
            (C::Less, [operand]) => self.ordered(column, " < ", operand, sql),
            (C::LessOrEqual, [operand]) => self.ordered(column, " <= ", operand, sql),
            (C::Between, [least, greatest]) => self.between(column, least, greatest, sql),
            (C::Contains, [operand]) => self.dialect.contains(column, operand, sql),
            (C::Like | C::Ilike | C::Matches, [Value::Text(pattern)]) => {
                self.pattern(column, comparison, pattern, sql)
            }
            _ => Part::Nothing,
        }
    }

    fn fit(&self, column: &Column, operand: &Value) -> Fit {
        match fit(column.kind, operand) {
            Fit::Value(value) => self.dialect.fit(column, value),
            other => other,
        }
    }

    fn equal(&self, column: &Column, operand: &Value, sql: &mut Writer<'_>) -> Part {
        match self.fit(column, operand) {
            Fit::Unknown => Part::Nothing,
            Fit::Value(value) => {
                if self.dialect.fidelity(column).equal == Equality::Unknown {
                    return Part::Nothing;
                }
                self.dialect.equal(column, value, sql);
                Part::Whole
            }
            Fit::Below | Fit::Above | Fit::Apart | Fit::Unequal => literal("FALSE", sql),
        }
    }

    fn one_of(&self, column: &Column, operands: &[Value], sql: &mut Writer<'_>) -> Part {
        let mut values = Vec::with_capacity(operands.len());
        let mut null = false;
        for operand in operands {
            match self.fit(column, operand) {
                _ if operand.is_null() => null = true,
                Fit::Value(value) => values.push(value),
                Fit::Unknown => return Part::Nothing,
                Fit::Below | Fit::Above | Fit::Apart | Fit::Unequal => {}
            }
        }
        if !values.is_empty() && self.dialect.fidelity(column).equal == Equality::Unknown {
            return Part::Nothing;
        }
        if column.kind == PropertyType::Boolean {
            // Of the two it is one of, it is one or it is there.
            values.sort_by(compare);
            values.dedup();
            if values.len() > 1 {
                return if null {
                    literal("TRUE", sql)
                } else {
                    present(column, sql)
                };
            }
        }
        let write_values = |mut values: Vec<Value>, sql: &mut Writer<'_>| match values.len() {
            1 => {
                if let Some(value) = values.pop() {
                    self.dialect.equal(column, value, sql);
                }
            }
            _ => self.dialect.one_of(column, values, sql),
        };
        match (null, values.is_empty()) {
            (false, true) => literal("FALSE", sql),
            (true, true) => self.dialect.is_null(column, sql),
            (false, false) => {
                write_values(values, sql);
                Part::Whole
            }
            (true, false) => {
                sql.push("(");
                let part = self.dialect.is_null(column, sql);
                sql.push(" OR ");
                write_values(values, sql);
                sql.push(")");
                part
            }
        }
    }

    fn ordered(
        &self,
        column: &Column,
        operator: &'static str,
        operand: &Value,
        sql: &mut Writer<'_>,
    ) -> Part {
        let greater = operator.contains('>');
        let value = match self.fit(column, operand) {
            Fit::Value(value) => value,
            Fit::Below | Fit::Above if !self.dialect.fidelity(column).order => {
                return Part::Nothing;
            }
            Fit::Below if greater => return self.in_order(column, sql),
            Fit::Above if !greater => return self.in_order(column, sql),
            Fit::Below | Fit::Above | Fit::Apart => return literal("FALSE", sql),
            Fit::Unequal | Fit::Unknown => return Part::Nothing,
        };
        if !self.dialect.fidelity(column).order {
            return Part::Nothing;
        }
        let reach = Reach {
            least: !greater,
            greatest: greater,
        };
        self.guarded(column, reach, sql, |sql| {
            self.dialect.exact(column, sql);
            sql.push(operator);
            self.dialect.operand(column, value, sql);
        })
    }

    /// Whatever is in the order of the column's kind.
    fn in_order(&self, column: &Column, sql: &mut Writer<'_>) -> Part {
        let reach = Reach {
            least: true,
            greatest: true,
        };
        self.guarded(column, reach, sql, |sql| {
            present(column, sql);
        })
    }

    /// A comparison, and what keeps it from values that are in no order.
    fn guarded(
        &self,
        column: &Column,
        reach: Reach,
        sql: &mut Writer<'_>,
        write: impl FnOnce(&mut Writer<'_>),
    ) -> Part {
        let guards = self.dialect.guards(column, reach);
        let bounded = column.kind == PropertyType::Float && self.dialect.has_strange_floats();
        let bounds = [
            (reach.least, " >= ", f64::MIN),
            (reach.greatest, " <= ", f64::MAX),
        ];
        let bounds = bounds.into_iter().filter(|(open, ..)| bounded && *open);
        if guards.is_empty() && bounds.clone().next().is_none() {
            write(sql);
            return Part::Whole;
        }
        sql.push("(");
        write(sql);
        for (_, operator, bound) in bounds {
            // The infinite, and what is no number, is neither greater nor less.
            sql.push(" AND ");
            self.dialect.exact(column, sql);
            sql.push(operator);
            self.dialect.operand(column, Value::Float(bound), sql);
        }
        for Guard(before, behind) in guards {
            sql.push(" AND ");
            sql.push(before);
            sql.column(column);
            sql.push(behind);
        }
        sql.push(")");
        Part::Whole
    }

    fn between(
        &self,
        column: &Column,
        least: &Value,
        greatest: &Value,
        sql: &mut Writer<'_>,
    ) -> Part {
        if let (Fit::Value(least), Fit::Value(greatest)) =
            (self.fit(column, least), self.fit(column, greatest))
        {
            if !self.dialect.fidelity(column).order {
                return Part::Nothing;
            }
            let reach = Reach {
                least: false,
                greatest: false,
            };
            return self.guarded(column, reach, sql, |sql| {
                self.dialect.exact(column, sql);
                sql.push(" BETWEEN ");
                self.dialect.operand(column, least, sql);
                sql.push(" AND ");
                self.dialect.operand(column, greatest, sql);
            });
        }
        sql.push("(");
        let from = self.ordered(column, " >= ", least, sql);
        if from == Part::Nothing {
            return Part::Nothing;
        }
        sql.push(" AND ");
        let to = self.ordered(column, " <= ", greatest, sql);
        sql.push(")");
        to
    }

    fn pattern(
        &self,
        column: &Column,
        comparison: Comparison,
        pattern: &str,
        sql: &mut Writer<'_>,
    ) -> Part {
        if !matches!(
            column.kind,
            PropertyType::Text
                | PropertyType::Date
                | PropertyType::Time
                | PropertyType::Uuid
                | PropertyType::Any
        ) {
            return literal("FALSE", sql);
        }
        if !self.dialect.fidelity(column).pattern || !is_well_formed(comparison, pattern) {
            return Part::Nothing;
        }
        match comparison {
            Comparison::Like => self.dialect.like(column, pattern, sql),
            Comparison::Ilike => self.dialect.ilike(column, pattern, sql),
            _ => self.dialect.matches(column, pattern, sql),
        }
    }

    /// Text that doesn't fit a pattern: what isn't text doesn't count.
    fn unlike(
        &self,
        column: &Column,
        condition: &Condition,
        positive: Comparison,
        sql: &mut Writer<'_>,
    ) -> Part {
        if !condition.path.is_empty() {
            return Part::Nothing;
        }
        if condition.operands.iter().any(Value::is_null) {
            return literal("FALSE", sql);
        }
        sql.push("(");
        present(column, sql);
        sql.push(" AND ");
        let part = self.negated(sql, |sql| {
            self.positive(column, positive, &condition.operands, sql)
        });
        sql.push(")");
        // What can hold no text is unlike nothing.
        match column.kind {
            PropertyType::Text | PropertyType::Date | PropertyType::Time | PropertyType::Uuid => {
                part
            }
            _ => Part::Nothing,
        }
    }
}

fn present(column: &Column, sql: &mut Writer<'_>) -> Part {
    sql.column(column);
    sql.push(" IS NOT NULL");
    Part::Whole
}

/// A pattern that ends in a single backslash has no meaning; the runtime says so.
fn is_well_formed(comparison: Comparison, pattern: &str) -> bool {
    if comparison == Comparison::Matches {
        return true;
    }
    let backslashes = pattern.chars().rev().take_while(|c| *c == '\\').count();
    backslashes.is_multiple_of(2)
}
