//! What differs between the backends' SQL in statements on records; [`SchemaDialect`](crate::SchemaDialect) is about
//! those on tables. The defaults are the SQL standard's, so that a dialect says only what is different.

use tenon_model::Condition;
use tenon_sdk::{PropertyType, Result, Value};

use crate::{Column, Equality, Fidelity, Fit, Part, Writer};

/// What a statement that writes can hand back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// `INSERT`.
    Insert,
    /// `UPDATE`.
    Update,
}

/// How statements on records are written.
///
/// What is written here must mean exactly what `docs/filters.md` says; where it can't, the answer is
/// [`Fidelity::UNKNOWN`], [`Fit::Unknown`] or [`Part::Nothing`], and the runtime does it.
pub trait Dialect {
    /// Its name in messages and golden files: `postgres`.
    fn name(&self) -> &'static str;

    /// Appends an identifier so that it is exactly that name, whatever is in it.
    fn quote(&self, identifier: &str, out: &mut String) {
        out.push('"');
        out.push_str(&identifier.replace('"', "\"\""));
        out.push('"');
    }

    /// Appends the placeholder of a statement's parameter, counted from 1.
    fn placeholder(&self, number: usize, out: &mut String) {
        let _ = number;
        out.push('?');
    }

    /// How many parameters a statement may have.
    fn max_parameters(&self) -> usize {
        65_535
    }

    /// How deep conditions may be nested, and how long a chain of them may be.
    fn max_nesting(&self) -> usize {
        4_000
    }

    /// How far the backend's own comparisons of a column are the contract's. By default, a column of a kind that has
    /// an order is the kind's, and text has the collation that [`Column::collation`] says.
    fn fidelity(&self, column: &Column) -> Fidelity {
        match column.kind {
            PropertyType::Text if column.collation.is_some() => Fidelity::COLLATED,
            PropertyType::Text | PropertyType::Uuid => Fidelity::TEXT,
            PropertyType::Point | PropertyType::Json | PropertyType::Any => Fidelity::UNKNOWN,
            _ => Fidelity::NATURAL,
        }
    }

    /// Appends a column so that it is compared and sorted as the contract has it.
    fn exact(&self, column: &Column, sql: &mut Writer<'_>) {
        sql.column(column);
    }

    /// Appends a column so that equal values are the same, and what is read as null is null, for groups and counts.
    fn grouped(&self, column: &Column, sql: &mut Writer<'_>) {
        self.exact(column, sql);
    }

    /// Appends a column's text for patterns.
    fn text(&self, column: &Column, sql: &mut Writer<'_>) {
        self.exact(column, sql);
    }

    /// Where an operand, which is of the column's kind, stands to what the column can hold: dialects know the limits of
    /// their types, and how finely they keep time.
    fn fit(&self, column: &Column, operand: Value) -> Fit {
        let _ = column;
        Fit::Value(operand)
    }

    /// Appends an operand for a comparison with a value of that kind.
    fn typed(&self, kind: PropertyType, operand: Value, sql: &mut Writer<'_>) {
        let _ = kind;
        sql.parameter(operand);
    }

    /// Appends an operand for a comparison with a column.
    fn operand(&self, column: &Column, operand: Value, sql: &mut Writer<'_>) {
        self.typed(column.kind, operand, sql);
    }

    /// Appends a value that is to be stored in a column.
    ///
    /// # Errors
    /// `invalid` where the column can't hold it.
    fn stored(&self, column: &Column, value: Value, sql: &mut Writer<'_>) -> Result<()> {
        let _ = column;
        sql.parameter(value);
        Ok(())
    }

    /// Appends what a column is read by.
    fn read(&self, column: &Column, sql: &mut Writer<'_>) {
        sql.column(column);
    }

    /// Whether a column's property is null; where more than SQL's null is read as null, all of it.
    fn is_null(&self, column: &Column, sql: &mut Writer<'_>) -> Part {
        sql.column(column);
        sql.push(" IS NULL");
        Part::Whole
    }

    /// Whether a column is equal to an operand that fits it; its [`Fidelity::equal`] is known.
    fn equal(&self, column: &Column, operand: Value, sql: &mut Writer<'_>) {
        match self.fidelity(column).equal {
            Equality::Column => {
                sql.column(column);
                sql.push(" = ");
                self.operand(column, operand, sql);
            }
            Equality::Narrowed => {
                sql.push("(");
                sql.column(column);
                sql.push(" = ");
                self.operand(column, operand.clone(), sql);
                sql.push(" AND ");
                self.exact(column, sql);
                sql.push(" = ");
                self.operand(column, operand, sql);
                sql.push(")");
            }
            Equality::Expression | Equality::Unknown => {
                self.exact(column, sql);
                sql.push(" = ");
                self.operand(column, operand, sql);
            }
        }
    }

    /// Whether a column is equal to one of operands that fit it, of which there are at least two.
    fn one_of(&self, column: &Column, operands: Vec<Value>, sql: &mut Writer<'_>) {
        let narrowed = match self.fidelity(column).equal {
            Equality::Column => {
                sql.column(column);
                false
            }
            Equality::Narrowed => {
                sql.push("(");
                sql.column(column);
                self.operands(column, operands.clone(), sql);
                sql.push(" AND ");
                self.exact(column, sql);
                true
            }
            Equality::Expression | Equality::Unknown => {
                self.exact(column, sql);
                false
            }
        };
        self.operands(column, operands, sql);
        if narrowed {
            sql.push(")");
        }
    }

    /// Appends ` IN (…)`. Their number is rounded up to a power of two by repeating the last, so that few different
    /// statements come of lists of any length.
    fn operands(&self, column: &Column, mut operands: Vec<Value>, sql: &mut Writer<'_>) {
        if let Some(last) = operands.last().cloned() {
            let rounded = operands.len().next_power_of_two();
            if sql.parameters() + rounded <= self.max_parameters() / 2 {
                operands.resize(rounded, last);
            }
        }
        sql.push(" IN (");
        sql.list(operands, ", ", |sql, operand| {
            self.operand(column, operand, sql);
        });
        sql.push(")");
    }

    /// Whether a column's text fits a pattern of the contract's, which is well formed; its [`Fidelity::pattern`] is
    /// known.
    fn like(&self, column: &Column, pattern: &str, sql: &mut Writer<'_>) -> Part {
        self.text(column, sql);
        sql.push(" LIKE ");
        // A backslash means something in the literals of some backends, so another character escapes.
        self.typed(PropertyType::Text, Value::Text(re_escaped(pattern)), sql);
        sql.push(" ESCAPE '|'");
        Part::Whole
    }

    /// As [`Self::like`], with Unicode's simple case folding.
    fn ilike(&self, column: &Column, pattern: &str, sql: &mut Writer<'_>) -> Part {
        let _ = (column, pattern, sql);
        Part::Nothing
    }

    /// Whether a regular expression in RE2's language is found in a column's text; its [`Fidelity::pattern`] is known.
    fn matches(&self, column: &Column, pattern: &str, sql: &mut Writer<'_>) -> Part {
        let _ = (column, pattern, sql);
        Part::Nothing
    }

    /// Whether a column of kind `json` or `any` is an array that has an element equal to the operand, which isn't null.
    fn contains(&self, column: &Column, operand: &Value, sql: &mut Writer<'_>) -> Part {
        let _ = (column, operand, sql);
        Part::Nothing
    }

    /// A condition on what is inside a JSON column: it has a path, and no operand is missing.
    fn inside(&self, column: &Column, condition: &Condition, sql: &mut Writer<'_>) -> Part {
        let _ = (column, condition, sql);
        Part::Nothing
    }

    /// Appends a point's latitude or longitude, in degrees; false where it has no expression.
    fn coordinate(&self, column: &Column, coordinate: Coordinate, sql: &mut Writer<'_>) -> bool {
        let _ = (column, coordinate, sql);
        false
    }

    /// What a column must be besides, so that an ordered comparison which reaches that far is the contract's: values of
    /// the backend's own are neither greater nor less than anything there, and what is read as null is neither.
    fn guards(&self, column: &Column, reach: Reach) -> &'static [Guard] {
        let _ = (column, reach);
        &[]
    }

    /// Whether numbers can be infinite or none, which the contract has no order for.
    fn has_strange_floats(&self) -> bool {
        true
    }

    /// Whether nulls come first of themselves, and last where the order is descending.
    fn sorts_nulls_first(&self) -> bool {
        false
    }

    /// Appends how many rows are wanted, and how many are left out first.
    fn page(&self, limit: Option<u64>, offset: u64, sql: &mut Writer<'_>) {
        if let Some(limit) = limit {
            sql.push(" LIMIT ");
            self.typed(PropertyType::Integer, whole_number(limit), sql);
        }
        if offset > 0 {
            sql.push(" OFFSET ");
            self.typed(PropertyType::Integer, whole_number(offset), sql);
        }
    }

    /// Whether a statement that writes can hand back what it has written, with `RETURNING`.
    fn returns(&self, writing: Writing) -> bool {
        let _ = writing;
        false
    }

    /// Appends a new record of defaults alone, after the table's name.
    fn default_values(&self, sql: &mut Writer<'_>) {
        sql.push(" DEFAULT VALUES");
    }

    /// Whether `INSERT … ON CONFLICT (…) DO UPDATE` is there, and the expression that then says, in what it returns, whether
    /// the record is new.
    fn on_conflict(&self) -> Option<&'static str> {
        None
    }

    /// Where an error ends the transaction that it is in: what an `INSERT` ends with to do nothing about a duplicate.
    fn spares_transaction(&self) -> Option<&'static str> {
        None
    }

    /// A query for how far apart the keys are that the backend makes for the records of one statement, where
    /// [`Executed::last_id`](crate::Executed::last_id) tells the first of them and nothing else does; none where
    /// they can't be known.
    fn key_step(&self) -> Option<&'static str> {
        None
    }

    /// How a sum of a column is had exactly.
    fn sum(&self, column: &Column, distinct: bool) -> Summing {
        let _ = (column, distinct);
        Summing::Unknown
    }

    /// How the least or greatest value of a column is had.
    fn extreme(&self, column: &Column) -> Extreme {
        if self.fidelity(column).order && column.kind != PropertyType::Boolean {
            Extreme::MinMax
        } else {
            Extreme::Unknown
        }
    }
}

/// Which ends of a column's values a comparison takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// However small they are.
    pub least: bool,
    /// However great they are.
    pub greatest: bool,
}

/// A condition that a comparison brings with it: what stands before the column's name, and what behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard(pub &'static str, pub &'static str);

/// Which number of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinate {
    /// From south to north.
    Latitude,
    /// From west to east.
    Longitude,
}

/// How a backend adds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summing {
    /// Not as the contract has it.
    Unknown,
    /// `SUM` is exact, a decimal of any size with this cast behind it.
    Exact(&'static str),
    /// `SUM` overflows, so 64 bits are added as two halves: the greater one with its sign, and the less one.
    Halves,
    /// `SUM` of floats keeps what rounding loses.
    Compensated,
}

/// How a backend finds the least and greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extreme {
    /// Not as the contract has it.
    Unknown,
    /// `MIN` and `MAX` of [`Dialect::exact`].
    MinMax,
    /// `MIN` and `MAX` of [`Dialect::text`].
    TextMinMax,
    /// `BOOL_AND` and `BOOL_OR`.
    BoolAndOr,
}

/// A number of rows as an operand.
pub(crate) fn whole_number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A pattern of the contract's with `|` in the place of the backslash.
pub(crate) fn re_escaped(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                if let Some(escaped) = characters.next() {
                    if matches!(escaped, '%' | '_' | '|') {
                        out.push('|');
                    }
                    out.push(escaped);
                }
            }
            '|' => out.push_str("||"),
            plain => out.push(plain),
        }
    }
    out
}
