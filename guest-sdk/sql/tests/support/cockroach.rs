//! An afternoon's dialect: CockroachDB, as far as it is not the standard's SQL. `docs/sql.md` walks through it.

use tenon_sdk::{Property, PropertyType, Result, Value};
use tenon_sql::dialects::Postgres;
use tenon_sql::schema::{ColumnShape, ColumnSource, TableShape};
use tenon_sql::{
    Column, DescribedIndex, Dialect, SchemaDialect, Summing, TableName, Writer, Writing,
};

/// CockroachDB, which speaks PostgreSQL's protocol.
pub struct Cockroach;

impl Dialect for Cockroach {
    fn name(&self) -> &'static str {
        "cockroach"
    }

    fn placeholder(&self, number: usize, out: &mut String) {
        out.push('$');
        out.push_str(&number.to_string());
    }

    // A parameter's type is known before its value.
    fn typed(&self, kind: PropertyType, operand: Value, sql: &mut Writer<'_>) {
        sql.parameter(operand);
        sql.push(match kind {
            PropertyType::Boolean => "::BOOL",
            PropertyType::Integer => "::INT8",
            PropertyType::Float => "::FLOAT8",
            PropertyType::Decimal => "::DECIMAL",
            PropertyType::Timestamp => "::TIMESTAMPTZ",
            PropertyType::Date => "::DATE",
            PropertyType::Time => "::TIME",
            PropertyType::Bytes => "::BYTES",
            PropertyType::Uuid => "::UUID",
            _ => "::STRING",
        });
    }

    // Strings compare by code point there, unless a column has a collation of its own.
    fn exact(&self, column: &Column, sql: &mut Writer<'_>) {
        sql.column(column);
        if column.collation.is_some() {
            sql.push("::STRING");
        }
    }

    fn text(&self, column: &Column, sql: &mut Writer<'_>) {
        sql.column(column);
        sql.push("::STRING");
    }

    fn sorts_nulls_first(&self) -> bool {
        true
    }

    fn returns(&self, _: Writing) -> bool {
        true
    }

    fn sum(&self, column: &Column, _: bool) -> Summing {
        match column.kind {
            PropertyType::Integer | PropertyType::Decimal => Summing::Exact("::DECIMAL"),
            _ => Summing::Unknown,
        }
    }
}

// Its tables are made as PostgreSQL's are.
impl SchemaDialect for Cockroach {
    fn native_type(&self, property: &Property) -> Result<String> {
        Postgres.native_type(property)
    }

    fn property_type(&self, native_type: &str) -> PropertyType {
        Postgres.property_type(native_type)
    }

    fn canonical_type(&self, native_type: &str) -> String {
        Postgres.canonical_type(native_type)
    }

    fn suits(&self, property: &Property, indexed: bool, native_type: &str) -> bool {
        Postgres.suits(property, indexed, native_type)
    }

    // Strings have no collation of their own there, and compare by code point.
    fn exact_collation(&self, _: PropertyType, _: &str) -> Option<String> {
        None
    }

    fn check_name(&self, name: &str) -> Result<()> {
        Postgres.check_name(name)
    }

    fn object_name(&self, table: &str, name: &str, ending: &str) -> String {
        Postgres.object_name(table, name, ending)
    }

    fn literal(&self, value: &Value, native_type: &str) -> Result<Option<String>> {
        Postgres.literal(value, native_type)
    }

    fn generator(&self, property: &Property, native_type: &str) -> Option<ColumnSource> {
        Postgres.generator(property, native_type)
    }

    fn column(&self, column: &ColumnShape, table: &TableShape) -> Result<String> {
        Postgres.column(column, table)
    }

    fn alter_column(
        &self,
        table: &TableShape,
        from: &ColumnShape,
        to: &ColumnShape,
    ) -> Result<Option<Vec<String>>> {
        Postgres.alter_column(table, from, to)
    }

    fn alter_key(
        &self,
        table: &TableName,
        there: bool,
        constraint: Option<&str>,
        key: &[String],
    ) -> Option<Vec<String>> {
        Postgres.alter_key(table, there, constraint, key)
    }

    fn drop_index(&self, table: &TableName, index: &DescribedIndex) -> Option<Vec<String>> {
        Postgres.drop_index(table, index)
    }
}
