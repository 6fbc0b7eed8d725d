//! What models ask of tables: several models may be of one table, and a reference leads to another model's.

use std::collections::HashMap;

use tenon_sdk::{Error, Index, Model, Property, Reference, Result};

use super::settings::{ReferenceSettings, TableSettings};
use super::shape::{IndexShape, ReferenceShape, column_name};
use crate::{Description, SchemaDialect, TableKind, TableName};

/// A table as models want it.
pub(super) struct Wanted<'a> {
    /// As it is there, or is to be.
    pub(super) name: TableName,
    pub(super) there: Option<&'a Description>,
    /// One for each column, in the order of the models.
    pub(super) properties: Vec<&'a Property>,
    pub(super) key: Vec<String>,
    /// The key is the models' alone.
    pub(super) keyless: bool,
    pub(super) indexes: Vec<IndexShape>,
    pub(super) references: Vec<WantedReference>,
}

/// A foreign key as a model wants it.
pub(super) struct WantedReference {
    pub(super) shape: ReferenceShape,
    /// Something is said of what it does; otherwise what is there may do as it likes.
    pub(super) says_actions: bool,
}

/// A model's table by its own rule.
pub(super) fn table_of(model: &Model) -> Result<TableName> {
    match &model.collection {
        Some(collection) => TableName::parse(collection),
        None => TableName::parse(&model.name),
    }
}

/// What the models that are planned, and those that are known besides, have for tables.
pub(super) struct Tables<'a> {
    planned: &'a [Model],
    known: &'a [Model],
    described: &'a HashMap<TableName, Description>,
}

impl<'a> Tables<'a> {
    /// Of tables that are described under the names that models have for them.
    pub(super) fn new(
        planned: &'a [Model],
        known: &'a [Model],
        described: &'a HashMap<TableName, Description>,
    ) -> Self {
        Self {
            planned,
            known,
            described,
        }
    }

    /// The tables that the planned models want, in the models' order.
    pub(super) fn wanted(&self, dialect: &impl SchemaDialect) -> Result<Vec<Wanted<'a>>> {
        let mut tables: Vec<Wanted<'a>> = Vec::new();
        for model in self.planned {
            let named = |error: Error| error.context(format!("the model `{}`", model.name));
            let name = self.real_name(table_of(model).map_err(named)?);
            if let Some(schema) = &name.schema {
                dialect.check_name(schema).map_err(named)?;
            }
            dialect.check_name(&name.name).map_err(named)?;
            let at = tables
                .iter()
                .position(|table| same_table(dialect, &table.name, &name));
            let mut table = match at {
                Some(at) => tables.remove(at),
                None => Wanted {
                    there: self.described.get(&table_of(model)?),
                    name,
                    properties: Vec::new(),
                    key: Vec::new(),
                    keyless: TableSettings::of(model).map_err(named)?.keyless,
                    indexes: Vec::new(),
                    references: Vec::new(),
                },
            };
            self.add(&mut table, model, dialect).map_err(named)?;
            tables.insert(at.unwrap_or(tables.len()), table);
        }
        Ok(tables)
    }

    fn add(
        &self,
        table: &mut Wanted<'a>,
        model: &'a Model,
        dialect: &impl SchemaDialect,
    ) -> Result<()> {
        if !model.strict {
            return Err(Error::invalid(
                "it is open, and a table keeps declared properties only: make it strict",
            ));
        }
        let key = columns_of_key(model);
        if table.properties.is_empty() {
            table.key = key;
        } else if table.key.is_empty() {
            // The other's, so that it comes first where one has none.
            table.key = key;
        } else if !key.is_empty() && !same_columns(dialect, &key, &table.key) {
            return Err(Error::invalid(format!(
                "another model has the table `{}` too, with another key",
                table.name
            )));
        }
        let mut own: Vec<&str> = Vec::new();
        for property in &model.properties {
            let column = column_name(property);
            dialect.check_name(column)?;
            if own.iter().any(|own| dialect.same_column(own, column)) {
                return Err(Error::invalid(format!(
                    "two properties have the column `{column}`"
                )));
            }
            own.push(column);
            let is_there = |there: &&Property| dialect.same_column(column_name(there), column);
            match table.properties.iter().find(|there| is_there(there)) {
                None => table.properties.push(property),
                Some(there) if there.kind != property.kind => {
                    return Err(Error::invalid(format!(
                        "another model has the column `{column}` of `{}` too, and of the kind {}",
                        table.name,
                        there.kind.name()
                    )));
                }
                Some(_) => {}
            }
        }
        for index in &model.indexes {
            let index = index_shape(&table.name, model, index, dialect)?;
            if !table.indexes.contains(&index) {
                table.indexes.push(index);
            }
        }
        for reference in &model.references {
            // One to a model that isn't planned along and to no table is left alone, as all that isn't mentioned.
            let Some(reference) = self.reference(&table.name, model, reference, dialect)? else {
                continue;
            };
            let same = |there: &WantedReference| {
                same_reference(dialect, &there.shape, &reference.shape)
                    && there.shape.on_delete == reference.shape.on_delete
                    && there.shape.on_update == reference.shape.on_update
            };
            if !table.references.iter().any(same) {
                table.references.push(reference);
            }
        }
        Ok(())
    }

    fn reference(
        &self,
        table: &TableName,
        model: &Model,
        reference: &Reference,
        dialect: &impl SchemaDialect,
    ) -> Result<Option<WantedReference>> {
        let settings = ReferenceSettings::of(reference)?;
        let columns = columns(model, &reference.properties)?;
        let mut models = self.planned.iter().chain(self.known);
        let other = models.find(|other| other.name == reference.model);
        // What a view holds, or a table without a key, nothing in the backend can refer to.
        if let Some(other) = other {
            let there = self.described.get(&table_of(other)?);
            let is_view = there.is_some_and(|there| there.kind == TableKind::View);
            if is_view || TableSettings::of(other)?.keyless {
                return Ok(None);
            }
        }
        let (target, targets) = match other {
            Some(other) => (
                self.real_name(table_of(other)?),
                self::columns(other, &reference.targets)?,
            ),
            // As `discover` names what is not planned along.
            None => {
                let Ok(name) = TableName::parse(&reference.model) else {
                    return Ok(None);
                };
                if !self.described.contains_key(&name) {
                    return Ok(None);
                }
                (self.real_name(name), reference.targets.clone())
            }
        };
        let says_actions = settings != ReferenceSettings::default();
        let done = |action: Option<String>| action.filter(|action| action != "no action");
        Ok(Some(WantedReference {
            shape: ReferenceShape {
                name: dialect.object_name(&table.name, &reference.name, "fkey"),
                columns,
                table: target,
                targets,
                on_delete: done(settings.on_delete),
                on_update: done(settings.on_update),
            },
            says_actions,
        }))
    }

    /// Whether a model that is planned or known has that table.
    pub(super) fn has(&self, dialect: &impl SchemaDialect, table: &TableName) -> bool {
        let mut names = self.planned.iter().chain(self.known).filter_map(|model| {
            let name = table_of(model).ok()?;
            Some(self.real_name(name))
        });
        names.any(|name| same_table(dialect, &name, table))
    }

    /// The name that the backend has for a table.
    fn real_name(&self, name: TableName) -> TableName {
        match self.described.get(&name) {
            Some(there) => there.name.clone(),
            None => name,
        }
    }
}

/// Each table that has to be described before models are planned: their own, and those of names that only references
/// have.
pub(super) fn tables_to_describe(planned: &[Model], known: &[Model]) -> Result<Vec<TableName>> {
    let mut names = Vec::new();
    for model in planned.iter().chain(known) {
        names.push(table_of(model)?);
    }
    for reference in planned.iter().flat_map(|model| &model.references) {
        let mut models = planned.iter().chain(known);
        if !models.any(|model| model.name == reference.model) {
            names.extend(TableName::parse(&reference.model));
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn index_shape(
    table: &TableName,
    model: &Model,
    index: &Index,
    dialect: &impl SchemaDialect,
) -> Result<IndexShape> {
    let mut parts = Vec::new();
    for part in &index.properties {
        if !part.path.is_empty() {
            return Err(Error::invalid(format!(
                "the index `{}` is on a path into `{}`, and this connector has indexes of whole columns only",
                index.name, part.property
            )));
        }
        parts.push((column_of(model, &part.property)?, part.descending));
    }
    let ending = if index.unique { "key" } else { "idx" };
    Ok(IndexShape {
        name: dialect.object_name(&table.name, &index.name, ending),
        columns: parts,
        unique: index.unique,
    })
}

fn columns_of_key(model: &Model) -> Vec<String> {
    let properties = model.properties.iter();
    let mut key: Vec<(u8, String)> = properties
        .filter_map(|property| Some((property.key?, column_name(property).to_owned())))
        .collect();
    key.sort_unstable();
    key.into_iter().map(|(_, column)| column).collect()
}

fn columns(model: &Model, properties: &[String]) -> Result<Vec<String>> {
    properties
        .iter()
        .map(|name| column_of(model, name))
        .collect()
}

fn column_of(model: &Model, name: &str) -> Result<String> {
    let mut properties = model.properties.iter();
    match properties.find(|property| property.name == name) {
        Some(property) => Ok(column_name(property).to_owned()),
        None => Err(Error::invalid(format!(
            "the model `{}` has no property `{name}`",
            model.name
        ))),
    }
}

/// Whether two lists are of the same columns in the same order.
pub(super) fn same_columns(dialect: &impl SchemaDialect, one: &[String], other: &[String]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| dialect.same_column(one, other))
}

/// Whether two names are of one table.
pub(super) fn same_table(dialect: &impl SchemaDialect, one: &TableName, other: &TableName) -> bool {
    let same_schema = match (&one.schema, &other.schema) {
        (Some(one), Some(other)) => dialect.same_column(one, other),
        (None, None) => true,
        _ => false,
    };
    same_schema && dialect.same_column(&one.name, &other.name)
}

/// Whether two foreign keys lead from and to the same, whatever they are called and do.
pub(super) fn same_reference(
    dialect: &impl SchemaDialect,
    one: &ReferenceShape,
    other: &ReferenceShape,
) -> bool {
    same_table(dialect, &one.table, &other.table)
        && same_columns(dialect, &one.columns, &other.columns)
        && same_columns(dialect, &one.targets, &other.targets)
}

impl Wanted<'_> {
    /// It is a view, which is never changed.
    pub(super) fn is_view(&self) -> bool {
        self.there
            .is_some_and(|there| there.kind == TableKind::View)
    }

    /// Whether an index or a reference is on a column, beside the key.
    pub(super) fn is_indexed(&self, column: &str, dialect: &impl SchemaDialect) -> bool {
        let same = |name: &String| dialect.same_column(name, column);
        self.indexes
            .iter()
            .any(|index| index.columns.iter().any(|(name, _)| same(name)))
            || self
                .references
                .iter()
                .any(|reference| reference.shape.columns.iter().any(same))
    }
}
