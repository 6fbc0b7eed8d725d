//! A model as SQL sees it.

use tenon_sdk::{Error, Generation, Model, Property, PropertyType, Result};

use crate::{DescribedIndex, Description, Driver, ResultColumn, SchemaDialect, TableName};

/// A defined model: its table, and a column for each property.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The model that it is of.
    pub model: Model,
    /// The table's name.
    pub name: TableName,
    /// In the order of the model's properties.
    pub columns: Vec<Column>,
    /// The places in `columns` of the primary key's, in the key's order.
    pub key: Vec<usize>,
    /// Each unique key beside the primary one that the table has, as names of columns; also of those that the model
    /// doesn't know.
    pub unique: Vec<Vec<String>>,
    /// The backend sees to it that no two records have the same key: as the primary key, or by a unique index. A view
    /// and a table without a key have only the model's word for it.
    pub has_key: bool,
    /// There are unique keys, or constraints like them, that names of columns don't say all about: of a part of the
    /// records, of expressions, or looked at only when the transaction ends.
    pub has_special_keys: bool,
    /// It is known from the catalogue, and not from the model alone.
    pub is_described: bool,
    /// As in [`Description::atomic`].
    pub atomic: bool,
}

/// A property's column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The property.
    pub property: String,
    /// The column's own name.
    pub name: String,
    /// What the property holds.
    pub kind: PropertyType,
    /// The column's type as the backend has it; as the dialect would make it where there is no table yet.
    pub native_type: String,
    /// As in [`DescribedColumn::collation`](crate::DescribedColumn::collation).
    pub collation: Option<String>,
    /// The values of an enumeration; empty for other types.
    pub labels: Vec<String>,
    /// Never null: by the catalogue's word where there is a table, else by the model's.
    pub required: bool,
    /// Who makes its values.
    pub generated: Generation,
}

impl Table {
    /// The table that a model names, or its own name where it names none, with what the catalogue says of it.
    ///
    /// # Errors
    /// `invalid` where the collection is no name, or the backend has no type for a property.
    pub fn look_up<D: Driver>(model: &Model, driver: &mut D) -> Result<Self> {
        let name = match &model.collection {
            Some(collection) => TableName::parse(collection)?,
            None => TableName::new(model.name.clone()),
        };
        let mut described = driver.describe(std::slice::from_ref(&name))?.into_iter();
        let description = described.next().flatten();
        Self::new(model, name, description.as_ref(), driver.dialect())
    }

    /// The table of a model, as the catalogue describes it, or as the dialect would make it.
    ///
    /// # Errors
    /// `invalid` where the backend has no type for a property.
    pub fn new(
        model: &Model,
        name: TableName,
        description: Option<&Description>,
        dialect: &impl SchemaDialect,
    ) -> Result<Self> {
        let columns = model
            .properties
            .iter()
            .map(|property| Column::new(property, description, dialect))
            .collect::<Result<Vec<_>>>()
            .map_err(|error| error.context(format!("the model `{}`", model.name)))?;
        let mut key: Vec<(u8, usize)> = (0..)
            .zip(&model.properties)
            .filter_map(|(place, property)| Some((property.key?, place)))
            .collect();
        key.sort_unstable();
        let indexes = description.map_or(&[][..], |description| &description.indexes);
        let plain = indexes
            .iter()
            .filter(|index| index.unique && !index.special);
        let columns_of = |index: &DescribedIndex| {
            let columns = index.columns.iter();
            columns.map(|(name, _)| name.clone()).collect()
        };
        let mut table = Self {
            model: model.clone(),
            name,
            columns,
            key: key.into_iter().map(|(_, place)| place).collect(),
            unique: plain.map(columns_of).collect(),
            has_key: true,
            has_special_keys: indexes
                .iter()
                .any(|index| index.special && (index.unique || index.constraint)),
            is_described: description.is_some(),
            atomic: description.is_none_or(|description| description.atomic),
        };
        if let Some(description) = description {
            let mut unique = table.unique.iter().chain([&description.key]);
            table.has_key = unique.any(|names| {
                names.len() == table.key.len()
                    && table
                        .key_columns()
                        .all(|column| names.contains(&column.name))
            });
        }
        Ok(table)
    }

    /// The column of a property.
    pub fn column(&self, property: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.property == property)
    }

    /// The primary key's columns, in the key's order.
    pub fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().filter_map(|place| self.columns.get(*place))
    }
}

impl Column {
    /// The column in a statement's result.
    pub fn result(&self) -> ResultColumn {
        ResultColumn {
            name: self.property.clone(),
            kind: self.kind,
            native_type: self.native_type.clone(),
        }
    }

    fn new(
        property: &Property,
        description: Option<&Description>,
        dialect: &impl SchemaDialect,
    ) -> Result<Self> {
        let name = property.column.as_ref().unwrap_or(&property.name);
        if name.contains('\0') {
            return Err(Error::invalid(format!(
                "the column of `{}` has a NUL character in its name",
                property.name
            )));
        }
        let described = description.and_then(|table| {
            let mut columns = table.columns.iter();
            columns.find(|column| column.name == *name)
        });
        let native_type = match described {
            Some(column) => column.native_type.clone(),
            None => dialect.native_type(property)?,
        };
        Ok(Self {
            property: property.name.clone(),
            name: name.clone(),
            kind: property.kind,
            native_type,
            collation: described.and_then(|column| column.collation.clone()),
            labels: described.map_or_else(Vec::new, |column| column.labels.clone()),
            required: described.map_or(property.required, |column| !column.nullable),
            generated: property.generated,
        })
    }
}
