//! What differs between the backends' SQL.
//!
//! [`Dialect`] is about statements on records, [`SchemaDialect`] about those on tables. The defaults are the SQL
//! standard's, so that a dialect says only what is different.

use tenon_sdk::{Property, PropertyType, Result};

/// How statements on records are written.
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
}

/// How statements on tables are written.
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
}
