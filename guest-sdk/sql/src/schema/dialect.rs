//! What differs between the backends' SQL in statements on tables.

use tenon_sdk::{Error, Property, PropertyType, Result, Value};

use super::ddl;
use super::literal::Literal;
use super::shape::{ColumnShape, ColumnSource, IndexShape, ReferenceShape, TableShape};
use crate::{DescribedIndex, Dialect, Statement, TableName};

/// How statements on tables are written. What is left out is standard SQL, and done in place.
///
/// A change is answered with none where the backend can't do it in place: the table is then made anew, and its records
/// are copied.
pub trait SchemaDialect: Dialect {
    /// The type that a property's column gets, unless the property names one.
    ///
    /// # Errors
    /// `invalid` where the backend has no type for it.
    fn native_type(&self, property: &Property) -> Result<String>;

    /// As [`Self::native_type`], of a property in an index or a reference, where the backend can't index every type.
    ///
    /// # Errors
    /// As [`Self::native_type`].
    fn indexed_type(&self, property: &Property) -> Result<String> {
        self.native_type(property)
    }

    /// What a column of this type holds; `any` where its values have no kind of their own.
    fn property_type(&self, native_type: &str) -> PropertyType;

    /// The type in the one spelling that stands for all that mean the same: `int4` and `integer` are one type.
    fn canonical_type(&self, native_type: &str) -> String;

    /// Whether a column of this type, which is there already, holds every value that the property may have, so that
    /// there is no need for the dialect's own type.
    fn suits(&self, property: &Property, indexed: bool, native_type: &str) -> bool;

    /// The collation by which text of this type compares by code point, where the backend has to be told; none for
    /// types without text.
    fn exact_collation(&self, kind: PropertyType, native_type: &str) -> Option<String>;

    /// Whether two names are of one column.
    fn same_column(&self, one: &str, other: &str) -> bool {
        one == other
    }

    /// Refuses a name that the backend would refuse, cut or change.
    ///
    /// # Errors
    /// `invalid`, saying what is wrong with the name.
    fn check_name(&self, name: &str) -> Result<()>;

    /// A name for an index or a foreign key of a table: the model's, so that no other table has the same.
    fn object_name(&self, table: &str, name: &str, ending: &str) -> String;

    /// A value as it stands in a table's definition, as the default of a column of this type; none where the backend
    /// has no literal for it.
    ///
    /// # Errors
    /// `invalid` where the backend can't keep such a value.
    fn literal(&self, value: &Value, native_type: &str) -> Result<Option<String>>;

    /// What a default in the backend's own words says, where it is a literal.
    fn literal_value(&self, expression: &str) -> Option<Literal> {
        Literal::parse(expression, false)
    }

    /// How the backend makes values for a property of this type that has none; none where it can't.
    fn generator(&self, property: &Property, native_type: &str) -> Option<ColumnSource>;

    /// A column as it stands in a table's definition.
    ///
    /// # Errors
    /// `invalid` where there can be no such column.
    fn column(&self, column: &ColumnShape, table: &TableShape) -> Result<String>;

    /// Whether statements on tables can be undone, and take effect together.
    fn changes_are_transactional(&self) -> bool {
        true
    }

    /// Whether foreign keys stand in a table's definition and nowhere else, and may do so before the other table is
    /// there.
    fn references_stand_in_tables(&self) -> bool {
        false
    }

    /// Whether each foreign key needs an index of its own columns, and gets one by itself.
    fn references_need_indexes(&self) -> bool {
        false
    }

    /// What makes a table.
    ///
    /// # Errors
    /// `invalid` where there can be no such table.
    fn create_table(&self, table: &TableShape) -> Result<String> {
        ddl::create_table(self, table)
    }

    /// What adds a column.
    ///
    /// # Errors
    /// `invalid` where there can be no such column.
    fn add_column(&self, table: &TableShape, column: &ColumnShape) -> Result<Option<Vec<String>>> {
        let definition = self.column(column, table)?;
        Ok(Some(vec![format!(
            "ALTER TABLE {} ADD COLUMN {definition}",
            ddl::table_name(self, &table.name)
        )]))
    }

    /// What changes a column.
    ///
    /// # Errors
    /// `unsupported` where the backend can't do it.
    fn alter_column(
        &self,
        table: &TableShape,
        from: &ColumnShape,
        to: &ColumnShape,
    ) -> Result<Option<Vec<String>>>;

    /// What removes a column.
    fn drop_column(&self, table: &TableName, column: &str) -> Option<Vec<String>> {
        Some(vec![format!(
            "ALTER TABLE {} DROP COLUMN {}",
            ddl::table_name(self, table),
            ddl::name(self, column)
        )])
    }

    /// What gives a table another primary key; `there` says whether it has one, and the name of its constraint.
    fn alter_key(
        &self,
        table: &TableName,
        there: bool,
        constraint: Option<&str>,
        key: &[String],
    ) -> Option<Vec<String>>;

    /// What makes an index.
    fn create_index(&self, table: &TableName, index: &IndexShape) -> String {
        ddl::create_index(self, table, index)
    }

    /// What removes an index, or the constraint that stands for it.
    fn drop_index(&self, table: &TableName, index: &DescribedIndex) -> Option<Vec<String>>;

    /// What adds a foreign key.
    fn add_reference(&self, table: &TableName, reference: &ReferenceShape) -> Option<Vec<String>> {
        Some(vec![format!(
            "ALTER TABLE {} ADD {}",
            ddl::table_name(self, table),
            ddl::reference(self, reference)
        )])
    }

    /// What removes a foreign key.
    fn drop_reference(&self, table: &TableName, name: &str) -> Option<Vec<String>> {
        Some(vec![format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            ddl::table_name(self, table),
            ddl::name(self, name)
        )])
    }

    /// Asks for a table's own definition and for those of all that belongs to it and goes with it, as `type` (`table`,
    /// `index`, `trigger`), `name` and `sql`: for a table that has to be made anew.
    fn definitions(&self, table: &TableName) -> Option<Statement> {
        let _ = table;
        None
    }

    /// What makes a table anew in another shape. `definitions` are the answer to [`Self::definitions`], `copied` the
    /// columns whose values stay, and `dropped_indexes` those that go.
    ///
    /// # Errors
    /// `unsupported` where something of the table would be lost, or the backend can't do it.
    fn rebuild_table(
        &self,
        table: &TableShape,
        copied: &[String],
        dropped_indexes: &[String],
        definitions: &[Definition],
    ) -> Result<Vec<String>> {
        let _ = (copied, dropped_indexes, definitions);
        Err(Error::unsupported(format!(
            "{} can't make the table `{}` anew in another shape",
            self.name(),
            table.name
        )))
    }

    /// Statements that a session runs before and after it changes tables, outside of the transaction, and one whose
    /// rows tell of what is broken before the transaction's end. Only for a change that makes a table anew.
    fn around_rebuilds(&self) -> Around {
        Around::default()
    }
}

/// What is done around a change that makes a table anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Before the transaction.
    pub before: &'static [&'static str],
    /// Its rows, if there are any, name in their first column the tables that the change would break.
    pub check: Option<&'static str>,
    /// After the transaction, whatever became of it.
    pub after: &'static [&'static str],
}

/// A definition as the backend keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// `table`, `index` or `trigger`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The statement that made it.
    pub sql: String,
}
