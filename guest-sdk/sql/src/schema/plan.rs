//! The steps from the tables that are there to those that models want.
//!
//! References go first and come last, so that tables may be made in any order. Where the backend can't change a table
//! in place, all of the table's changes are one step that makes it anew.

use tenon_sdk::{Error, Result, Step};

use super::shape::{
    ColumnShape, ColumnSource, IndexShape, ReferenceShape, TableShape, column_name,
};
use super::wanted::{Tables, Wanted, WantedReference, same_columns, same_reference};
use crate::schema::Definition;
use crate::{DescribedIndex, DescribedReference, Description, SchemaDialect, TableName};

/// The steps of a plan, in the order of their kinds.
#[derive(Default)]
pub(super) struct Steps {
    drop_references: Vec<Step>,
    changes: Vec<Step>,
    add_references: Vec<Step>,
}

impl Steps {
    pub(super) fn into_steps(self) -> Vec<Step> {
        let mut steps = self.drop_references;
        steps.extend(self.changes);
        steps.extend(self.add_references);
        steps
    }
}

/// A change of one table.
struct Change {
    kind: &'static str,
    name: Option<String>,
    description: String,
    destructive: bool,
    /// None where the table has to be made anew.
    commands: Option<Vec<String>>,
}

impl Change {
    fn new(kind: &'static str, name: &str, description: String) -> Self {
        Self {
            kind,
            name: Some(name.to_owned()),
            description,
            destructive: false,
            commands: None,
        }
    }

    fn commands(mut self, commands: Option<Vec<String>>) -> Self {
        self.commands = commands;
        self
    }

    fn destructive(mut self, destructive: bool) -> Self {
        self.destructive = destructive;
        self
    }

    fn step(self, table: &TableName) -> Step {
        Step {
            kind: self.kind.to_owned(),
            collection: table.to_string(),
            name: self.name,
            description: self.description,
            commands: self.commands.unwrap_or_default(),
            destructive: self.destructive,
        }
    }
}

/// What asks the backend for the definitions of a table that has to be made anew.
pub(super) type Definitions<'a> = &'a mut dyn FnMut(&TableName) -> Result<Vec<Definition>>;

/// Adds the steps to one table.
///
/// # Errors
/// `invalid` where there can be no such table, `unsupported` where the backend can't change it so.
pub(super) fn plan_table<D: SchemaDialect>(
    dialect: &D,
    tables: &Tables<'_>,
    wanted: &Wanted<'_>,
    definitions: Definitions<'_>,
    steps: &mut Steps,
) -> Result<()> {
    match wanted.there {
        None => create(dialect, wanted, steps),
        Some(there) if wanted.is_view() => check_view(dialect, wanted, there),
        Some(there) => {
            let table = Altered::new(dialect, tables, wanted, there)?;
            table.plan(definitions, steps)
        }
    }
}

fn create<D: SchemaDialect>(dialect: &D, wanted: &Wanted<'_>, steps: &mut Steps) -> Result<()> {
    let columns = wanted.properties.iter().map(|property| {
        let indexed = wanted.is_indexed(column_name(property), dialect);
        ColumnShape::wanted(property, indexed, None, dialect)
    });
    let references = wanted
        .references
        .iter()
        .map(|reference| reference.shape.clone());
    let inside = dialect.references_stand_in_tables();
    let table = TableShape {
        name: wanted.name.clone(),
        columns: columns.collect::<Result<_>>()?,
        key: if wanted.keyless {
            Vec::new()
        } else {
            wanted.key.clone()
        },
        unique: Vec::new(),
        references: if inside {
            references.collect()
        } else {
            Vec::new()
        },
    };
    if table.columns.is_empty() {
        return Err(Error::invalid(format!(
            "the table `{}` would have no columns: declare a property",
            table.name
        )));
    }
    let description = format!("make the table `{}`", table.name);
    steps.changes.push(Step {
        kind: "create-collection".to_owned(),
        collection: table.name.to_string(),
        name: None,
        description,
        commands: vec![dialect.create_table(&table)?],
        destructive: false,
    });
    for index in &wanted.indexes {
        let change = create_index(dialect, &wanted.name, index);
        steps.changes.push(change.step(&wanted.name));
    }
    if !inside {
        for reference in &wanted.references {
            let change = add_reference(dialect, &wanted.name, &reference.shape);
            steps.add_references.push(change.step(&wanted.name));
        }
    }
    Ok(())
}

/// A view is as it is, and has to have what a model declares.
fn check_view(
    dialect: &impl SchemaDialect,
    wanted: &Wanted<'_>,
    there: &Description,
) -> Result<()> {
    for property in &wanted.properties {
        let name = column_name(property);
        let mut columns = there.columns.iter();
        if !columns.any(|column| dialect.same_column(&column.name, name)) {
            return Err(Error::invalid(format!(
                "the view `{}` has no column `{name}`, and views are not changed: take `{}` out of the model, or make \
                 the view anew",
                wanted.name, property.name
            )));
        }
    }
    Ok(())
}

fn create_index(dialect: &impl SchemaDialect, table: &TableName, index: &IndexShape) -> Change {
    let columns = index.columns.iter().map(|(column, descending)| {
        let order = if *descending { " descending" } else { "" };
        format!("{column}{order}")
    });
    let columns: Vec<String> = columns.collect();
    let what = if index.unique {
        "unique index"
    } else {
        "index"
    };
    let description = format!(
        "build the {what} `{}` over {}",
        index.name,
        columns.join(", ")
    );
    Change::new("create-index", &index.name, description)
        .commands(Some(vec![dialect.create_index(table, index)]))
}

fn add_reference(
    dialect: &impl SchemaDialect,
    table: &TableName,
    reference: &ReferenceShape,
) -> Change {
    let description = format!(
        "have {} refer to {} of `{}`",
        reference.columns.join(", "),
        reference.targets.join(", "),
        reference.table
    );
    Change::new("add-reference", &reference.name, description)
        .commands(dialect.add_reference(table, reference))
}

/// A table that is there, and what is to become of it.
struct Altered<'a, D> {
    dialect: &'a D,
    wanted: &'a Wanted<'a>,
    there: &'a Description,
    shape: TableShape,
    /// The indexes that stay.
    kept_indexes: Vec<&'a DescribedIndex>,
    new_indexes: Vec<&'a IndexShape>,
    kept_references: Vec<&'a DescribedReference>,
    new_references: Vec<&'a WantedReference>,
}

impl<'a, D: SchemaDialect> Altered<'a, D> {
    fn new(
        dialect: &'a D,
        tables: &Tables<'_>,
        wanted: &'a Wanted<'a>,
        there: &'a Description,
    ) -> Result<Self> {
        let mut columns = Vec::new();
        let property_of = |name: &str| {
            let mut properties = wanted.properties.iter();
            properties.find(|property| dialect.same_column(column_name(property), name))
        };
        for column in &there.columns {
            if let Some(property) = property_of(&column.name) {
                let indexed = wanted.is_indexed(&column.name, dialect);
                let is = ColumnShape::described(column);
                let mut column = ColumnShape::wanted(property, indexed, Some(&is), dialect)?;
                if wanted.keyless && property.key.is_some() {
                    column.nullable = is.nullable;
                }
                columns.push(column);
            }
        }
        for property in &wanted.properties {
            let name = column_name(property);
            let is_there = |column: &ColumnShape| dialect.same_column(&column.name, name);
            if !columns.iter().any(is_there) {
                let indexed = wanted.is_indexed(name, dialect);
                columns.push(ColumnShape::wanted(property, indexed, None, dialect)?);
            }
        }
        let (kept_references, new_references) = references(dialect, tables, wanted, there);
        let (kept_indexes, new_indexes) = indexes(dialect, wanted, there, &kept_references);
        let key = if keeps_key(dialect, wanted, there) {
            there.key.clone()
        } else {
            wanted.key.clone()
        };
        let unique = kept_indexes
            .iter()
            .filter(|index| index.constraint && index.unique)
            .map(|index| index.columns.iter().map(|(name, _)| name.clone()).collect());
        let old = kept_references.iter().map(|reference| described(reference));
        let new = new_references
            .iter()
            .map(|reference| reference.shape.clone());
        Ok(Self {
            dialect,
            wanted,
            there,
            shape: TableShape {
                name: there.name.clone(),
                columns,
                key,
                unique: unique.collect(),
                references: old.chain(new).collect(),
            },
            kept_indexes,
            new_indexes,
            kept_references,
            new_references,
        })
    }

    fn plan(&self, definitions: Definitions<'_>, steps: &mut Steps) -> Result<()> {
        let dropped_references: Vec<Change> = self.dropped_references();
        let changes = self.changes()?;
        let added_references: Vec<Change> = self
            .new_references
            .iter()
            .map(|reference| add_reference(self.dialect, &self.there.name, &reference.shape))
            .collect();
        let mut all = dropped_references
            .iter()
            .chain(&changes)
            .chain(&added_references);
        if all.any(|change| change.commands.is_none()) {
            let all = dropped_references
                .into_iter()
                .chain(changes)
                .chain(added_references);
            let step = self.rebuild(all.collect(), definitions)?;
            steps.changes.push(step);
            return Ok(());
        }
        let table = &self.there.name;
        let step = |change: Change| change.step(table);
        steps
            .drop_references
            .extend(dropped_references.into_iter().map(step));
        steps.changes.extend(changes.into_iter().map(step));
        steps
            .add_references
            .extend(added_references.into_iter().map(step));
        Ok(())
    }

    /// What changes of columns, key and indexes, in an order in which it can be done.
    fn changes(&self) -> Result<Vec<Change>> {
        let mut changes = self.dropped_indexes();
        changes.extend(self.dropped_columns());
        let mut after_the_key = Vec::new();
        for column in &self.shape.columns {
            let mut there = self.there.columns.iter();
            match there.find(|is| is.name == column.name) {
                Some(is) => {
                    let is = ColumnShape::described(is);
                    if self.leaves_key(column) && column.nullable && !is.nullable {
                        // As long as it is in the key, it can't be null.
                        let mut not_yet = column.clone();
                        not_yet.nullable = false;
                        changes.extend(self.altered_column(&is, &not_yet)?);
                        after_the_key.extend(self.altered_column(&not_yet, column)?);
                    } else {
                        changes.extend(self.altered_column(&is, column)?);
                    }
                }
                None => changes.push(
                    Change::new(
                        "add-column",
                        &column.name,
                        format!("add the column `{}`: {}", column.name, words(column)),
                    )
                    .commands(self.dialect.add_column(&self.shape, column)?),
                ),
            }
        }
        changes.extend(self.altered_key());
        changes.extend(after_the_key);
        for index in &self.new_indexes {
            changes.push(create_index(self.dialect, &self.there.name, index));
        }
        Ok(changes)
    }

    fn dropped_references(&self) -> Vec<Change> {
        let dropped = self.there.references.iter().filter(|reference| {
            !self
                .kept_references
                .iter()
                .any(|kept| std::ptr::eq(*kept, *reference))
        });
        dropped
            .map(|reference| {
                let description = format!(
                    "let {} no longer refer to `{}`",
                    reference.columns.join(", "),
                    reference.table
                );
                Change::new("drop-reference", &reference.name, description).commands(
                    self.dialect
                        .drop_reference(&self.there.name, &reference.name),
                )
            })
            .collect()
    }

    fn dropped_indexes(&self) -> Vec<Change> {
        self.indexes_that_go()
            .map(|index| {
                let what = if index.unique {
                    "unique index"
                } else {
                    "index"
                };
                let description = format!("remove the {what} `{}`", index.name);
                Change::new("drop-index", &index.name, description)
                    .commands(self.dialect.drop_index(&self.there.name, index))
            })
            .collect()
    }

    fn indexes_that_go(&self) -> impl Iterator<Item = &DescribedIndex> {
        self.there.indexes.iter().filter(|index| {
            !self
                .kept_indexes
                .iter()
                .any(|kept| std::ptr::eq(*kept, *index))
        })
    }

    fn dropped_columns(&self) -> Vec<Change> {
        let stays = |name: &str| self.shape.columns.iter().any(|column| column.name == name);
        let dropped = self
            .there
            .columns
            .iter()
            .filter(|column| !stays(&column.name));
        dropped
            .map(|column| {
                let description = format!(
                    "remove the column `{}` ({}) and all that is in it",
                    column.name, column.native_type
                );
                // A key, a constraint or a reference with the column in it needs the table anew, where it stands there.
                let is_bound = self.there.key.contains(&column.name)
                    || self
                        .there
                        .references
                        .iter()
                        .any(|it| it.columns.contains(&column.name));
                let commands = if is_bound && self.dialect.references_stand_in_tables() {
                    None
                } else {
                    self.dialect.drop_column(&self.there.name, &column.name)
                };
                Change::new("drop-column", &column.name, description)
                    .destructive(true)
                    .commands(commands)
            })
            .collect()
    }

    /// Whether a column is in the table's key, and isn't to be.
    fn leaves_key(&self, column: &ColumnShape) -> bool {
        self.there.key.contains(&column.name) && !self.shape.key.contains(&column.name)
    }

    fn altered_column(&self, from: &ColumnShape, to: &ColumnShape) -> Result<Option<Change>> {
        if from == to {
            return Ok(None);
        }
        let loses = from.native_type != to.native_type;
        let description = format!("`{}` from {} to {}", to.name, words(from), words(to));
        let commands = self.dialect.alter_column(&self.shape, from, to)?;
        let change = Change::new("alter-column", &to.name, description)
            .destructive(loses)
            .commands(commands);
        Ok(Some(change))
    }

    fn altered_key(&self) -> Option<Change> {
        if same_columns(self.dialect, &self.shape.key, &self.there.key) {
            return None;
        }
        let words = |key: &[String]| match key {
            [] => "none".to_owned(),
            key => key.join(", "),
        };
        let description = format!(
            "another primary key: from {} to {}",
            words(&self.there.key),
            words(&self.shape.key)
        );
        Some(Change {
            kind: "alter-key",
            name: None,
            description,
            destructive: true,
            commands: self.dialect.alter_key(
                &self.there.name,
                !self.there.key.is_empty(),
                self.there.key_name.as_deref(),
                &self.shape.key,
            ),
        })
    }

    /// One step for all of the changes, since one of them needs the table anew.
    fn rebuild(&self, changes: Vec<Change>, definitions: Definitions<'_>) -> Result<Step> {
        let there = definitions(&self.there.name)?;
        let copied: Vec<String> = self
            .shape
            .columns
            .iter()
            .filter(|column| {
                let is_there = self.there.columns.iter().any(|is| is.name == column.name);
                is_there && !matches!(column.source, ColumnSource::Computed(_))
            })
            .map(|column| column.name.clone())
            .collect();
        let dropped: Vec<String> = self
            .indexes_that_go()
            .map(|index| index.name.clone())
            .collect();
        let words: Vec<&str> = changes
            .iter()
            .map(|change| change.description.as_str())
            .collect();
        let words = words.join("; ");
        let rebuilt = self
            .dialect
            .rebuild_table(&self.shape, &copied, &dropped, &there);
        let mut commands = rebuilt.map_err(|error| error.context(&words))?;
        for index in &self.new_indexes {
            commands.push(self.dialect.create_index(&self.there.name, index));
        }
        Ok(Step {
            kind: "alter-collection".to_owned(),
            collection: self.wanted.name.to_string(),
            name: None,
            description: format!("make the table anew, and copy its records: {words}"),
            commands,
            destructive: changes.iter().any(|change| change.destructive),
        })
    }
}

/// A column for a person: `bigint, not null, default 1`.
fn words(column: &ColumnShape) -> String {
    let mut words = match column.native_type.as_str() {
        "" => "no type".to_owned(),
        native_type => native_type.to_owned(),
    };
    if let Some(collation) = &column.collation {
        words.push_str(&format!(" (collation {collation})"));
    }
    if !column.nullable {
        words.push_str(", not null");
    }
    match &column.source {
        ColumnSource::Given => {}
        ColumnSource::Default(expression) => words.push_str(&format!(", default {expression}")),
        ColumnSource::Identity => words.push_str(", counted up"),
        ColumnSource::IdentityAlways => words.push_str(", always counted up"),
        ColumnSource::Computed(expression) => {
            words.push_str(&format!(", always computed as {expression}"));
        }
    }
    words
}

fn described(reference: &DescribedReference) -> ReferenceShape {
    ReferenceShape {
        name: reference.name.clone(),
        columns: reference.columns.clone(),
        table: reference.table.clone(),
        targets: reference.targets.clone(),
        on_delete: reference.on_delete.clone(),
        on_update: reference.on_update.clone(),
    }
}

/// The foreign keys that stay, and those that are new. One to a table that no model has stays: no model could say it.
fn references<'a>(
    dialect: &impl SchemaDialect,
    tables: &Tables<'_>,
    wanted: &'a Wanted<'_>,
    there: &'a Description,
) -> (Vec<&'a DescribedReference>, Vec<&'a WantedReference>) {
    let mut kept = Vec::new();
    let mut new: Vec<&WantedReference> = wanted.references.iter().collect();
    for reference in &there.references {
        let is = described(reference);
        let leads_so = |wanted: &&WantedReference| same_reference(dialect, &is, &wanted.shape);
        let does_so = |wanted: &&WantedReference| {
            same_action(dialect, &is.on_delete, &wanted.shape.on_delete)
                && same_action(dialect, &is.on_update, &wanted.shape.on_update)
        };
        let same = new.iter().position(|it| leads_so(it) && does_so(it));
        let found = same.or_else(|| new.iter().position(|it| leads_so(it) && !it.says_actions));
        if let Some(at) = found {
            new.remove(at);
            kept.push(reference);
        } else if !tables.has(dialect, &reference.table)
            && !wanted
                .references
                .iter()
                .any(|it| same_reference(dialect, &is, &it.shape))
        {
            kept.push(reference);
        }
    }
    (kept, new)
}

/// Whether two actions are one: where references need indexes, `restrict` is another word for `no action`.
fn same_action(dialect: &impl SchemaDialect, one: &Option<String>, other: &Option<String>) -> bool {
    let normal = |action: &Option<String>| {
        let is_default = |action: &String| {
            action == "no action" || (action == "restrict" && dialect.references_need_indexes())
        };
        action.clone().filter(|action| !is_default(action))
    };
    normal(one) == normal(other)
}

/// The indexes that stay, and those that are new. One that no model can say stays, and so does one that a key or a
/// reference lives by.
fn indexes<'a>(
    dialect: &impl SchemaDialect,
    wanted: &'a Wanted<'_>,
    there: &'a Description,
    references: &[&DescribedReference],
) -> (Vec<&'a DescribedIndex>, Vec<&'a IndexShape>) {
    let mut kept = Vec::new();
    let mut new: Vec<&IndexShape> = wanted.indexes.iter().collect();
    for index in &there.indexes {
        let same = |wanted: &&IndexShape| {
            index.unique == wanted.unique
                && index.columns.len() == wanted.columns.len()
                && index
                    .columns
                    .iter()
                    .zip(&wanted.columns)
                    .all(|(one, other)| one.1 == other.1 && dialect.same_column(&one.0, &other.0))
        };
        if index.special {
            kept.push(index);
            continue;
        }
        let columns: Vec<String> = index.columns.iter().map(|(name, _)| name.clone()).collect();
        let begins_with = |columns_of: &[String]| {
            columns
                .get(..columns_of.len())
                .is_some_and(|start| same_columns(dialect, start, columns_of))
        };
        let is_needed = || {
            let new = wanted.references.iter().map(|it| &it.shape.columns);
            let mut all = references.iter().map(|it| &it.columns).chain(new);
            dialect.references_need_indexes()
                && !index.unique
                && all.any(|columns| begins_with(columns))
        };
        if let Some(at) = new.iter().position(same) {
            new.remove(at);
            kept.push(index);
        } else if (index.unique && is_key(dialect, wanted, there, &columns)) || is_needed() {
            kept.push(index);
        }
    }
    (kept, new)
}

/// Whether these columns are the models' key though they are not the table's.
fn is_key(
    dialect: &impl SchemaDialect,
    wanted: &Wanted<'_>,
    there: &Description,
    columns: &[String],
) -> bool {
    !same_columns(dialect, &wanted.key, &there.key) && same_set(dialect, &wanted.key, columns)
}

fn same_set(dialect: &impl SchemaDialect, one: &[String], other: &[String]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|one| other.iter().any(|other| dialect.same_column(one, other)))
}

/// Whether the table's key does as the models' key: it is the same, none is wanted, or an index keeps that apart.
fn keeps_key(dialect: &impl SchemaDialect, wanted: &Wanted<'_>, there: &Description) -> bool {
    let never_null = |name: &str| {
        let mut columns = there.columns.iter();
        columns.any(|column| dialect.same_column(&column.name, name) && !column.nullable)
    };
    wanted.key.is_empty()
        || (wanted.keyless && there.key.is_empty())
        || same_columns(dialect, &wanted.key, &there.key)
        || there.indexes.iter().any(|index| {
            let columns: Vec<String> = index.columns.iter().map(|(name, _)| name.clone()).collect();
            index.unique
                && !index.special
                && same_set(dialect, &wanted.key, &columns)
                && columns.iter().all(|name| never_null(name))
        })
}
