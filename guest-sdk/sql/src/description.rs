//! What a backend's own catalogue says of a table.

use tenon_sdk::Generation;

use crate::TableName;

/// Whether a table's records are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// A table, a partitioned or foreign one too.
    Table,
    /// A view, a materialised one too: it has no key unless a model says so.
    View,
}

impl TableKind {
    /// As `schema.collections` names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
        }
    }
}

/// A table or view as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name; with a schema only where that is not the session's own.
    pub name: TableName,
    /// Whether its records are its own.
    pub kind: TableKind,
    /// In their order.
    pub columns: Vec<DescribedColumn>,
    /// The primary key's columns, in the key's order.
    pub key: Vec<String>,
    /// The primary key's constraint, where it has a name.
    pub key_name: Option<String>,
    /// Beside the primary key's, by their names.
    pub indexes: Vec<DescribedIndex>,
    /// Foreign keys, by their names.
    pub references: Vec<DescribedReference>,
    /// A statement that fails changes nothing in it, and a transaction can be undone.
    pub atomic: bool,
}

/// A column as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedColumn {
    /// Its name.
    pub name: String,
    /// Its whole type as the backend writes it: `character varying(40)`, `integer[]`, `decimal(10,2)`.
    pub native_type: String,
    /// The values of an enumeration; empty for other types.
    pub labels: Vec<String>,
    /// What its text is compared by, where it isn't the type's exact order by code point; none where it is, or the type
    /// has no collation.
    pub collation: Option<String>,
    /// It may be null.
    pub nullable: bool,
    /// Its default, as an expression of the backend's; none where there is none, or it only generates values.
    pub default: Option<String>,
    /// Who makes its values: `when-missing` for sequences, identities and defaults that are computed.
    pub generated: Generation,
}

/// An index as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedIndex {
    /// Its name.
    pub name: String,
    /// Its columns, the most significant first, and whether each is descending.
    pub columns: Vec<(String, bool)>,
    /// No two records have the same values there, as a constraint or as an index.
    pub unique: bool,
    /// A constraint stands for it, with the index's name.
    pub constraint: bool,
    /// It is more than a model can say: a part of the records, an expression, a kind or order of its own, nulls that
    /// are alike. `columns` may be incomplete then.
    pub special: bool,
}

/// A foreign key as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedReference {
    /// Its name.
    pub name: String,
    /// This table's columns.
    pub columns: Vec<String>,
    /// The other table.
    pub table: TableName,
    /// The other table's columns, in the order of `columns`.
    pub targets: Vec<String>,
    /// `cascade`, `set null`, `set default`, `restrict`; none for the default, `no action`.
    pub on_delete: Option<String>,
    /// As `on_delete`.
    pub on_update: Option<String>,
}
