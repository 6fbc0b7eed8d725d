//! A statement in the making.
//!
//! Text gets in here in three ways: as a literal of the program, as a name that the dialect quotes, and as a
//! placeholder whose value travels beside it. There is no way for anything else, so nothing that a caller gives becomes
//! part of a statement's text.

use crate::{Column, Dialect, Parameter, Statement, TableName};

/// A statement that is being written, in a dialect.
pub struct Writer<'d> {
    dialect: &'d dyn Dialect,
    statement: Statement,
    /// What columns are written as of.
    table: Option<String>,
}

/// A place in a statement to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    text: usize,
    parameters: usize,
}

impl<'d> Writer<'d> {
    /// An empty statement.
    pub fn new(dialect: &'d dyn Dialect) -> Self {
        Self {
            dialect,
            statement: Statement::default(),
            table: None,
        }
    }

    /// The dialect that it is written in.
    pub fn dialect(&self) -> &'d dyn Dialect {
        self.dialect
    }

    /// Appends SQL that is part of the program.
    pub fn push(&mut self, sql: &'static str) {
        self.statement.text.push_str(sql);
    }

    /// Appends a whole number.
    pub fn number(&mut self, number: u64) {
        self.statement.text.push_str(&number.to_string());
    }

    /// Appends a name, quoted.
    pub fn name(&mut self, identifier: &str) {
        self.dialect.quote(identifier, &mut self.statement.text);
    }

    /// Appends a column's name, quoted; behind its table's, where it is within [`of_table`](Self::of_table).
    pub fn column(&mut self, column: &Column) {
        if let Some(table) = &self.table {
            self.dialect.quote(table, &mut self.statement.text);
            self.statement.text.push('.');
        }
        self.name(&column.name);
    }

    /// Has every column that is written meanwhile be one of that table, where a statement has two of that name.
    pub fn of_table(&mut self, table: &str, write: impl FnOnce(&mut Self)) {
        let before = self.table.replace(table.to_owned());
        write(self);
        self.table = before;
    }

    /// Appends a table's name, quoted.
    pub fn table(&mut self, table: &TableName) {
        if let Some(schema) = &table.schema {
            self.name(schema);
            self.push(".");
        }
        self.name(&table.name);
    }

    /// Appends a placeholder, and keeps what stands for it.
    pub fn parameter(&mut self, parameter: impl Into<Parameter>) {
        self.statement.parameters.push(parameter.into());
        let number = self.statement.parameters.len();
        self.dialect.placeholder(number, &mut self.statement.text);
    }

    /// Appends the items, with something between each two.
    pub fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        between: &'static str,
        mut write: impl FnMut(&mut Self, T),
    ) {
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.push(between);
            }
            write(self, item);
        }
    }

    /// How many parameters there are so far.
    pub fn parameters(&self) -> usize {
        self.statement.parameters.len()
    }

    /// Where it has come to.
    pub fn mark(&self) -> Mark {
        Mark {
            text: self.statement.text.len(),
            parameters: self.statement.parameters.len(),
        }
    }

    /// Forgets everything since the mark.
    pub fn reset(&mut self, mark: Mark) {
        self.statement.text.truncate(mark.text);
        self.statement.parameters.truncate(mark.parameters);
    }

    /// The statement.
    pub fn finish(self) -> Statement {
        self.statement
    }
}
