//! What records have: the model's properties in their order, or those that were asked for.

use std::borrow::Cow;

use tenon_model::{Entity, Model, Models, PropertyType, Query, Value};

/// The most columns that an open model's records may add.
const MAX_ADDED: usize = 1_000;

/// The most names of left-out properties that are remembered, to be named to the user.
const MAX_LEFT_OUT: usize = 20;

/// One property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds; `any` where nothing declares it.
    pub kind: PropertyType,
}

/// The properties of records that are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    columns: Vec<Column>,
    /// Records may have others.
    open: bool,
    /// The relations that are loaded with the records, and what those records have.
    relations: Vec<(String, Columns)>,
}

impl Columns {
    /// A model's: all, or these fields of it in their order.
    pub fn of_model(model: &Model, fields: &[String]) -> Self {
        if fields.is_empty() {
            let columns = model.visible();
            return Self {
                columns: columns
                    .map(|property| Column {
                        name: property.name.clone(),
                        kind: property.kind,
                    })
                    .collect(),
                open: !model.strict,
                relations: Vec::new(),
            };
        }
        let kind = |name: &String| {
            model
                .find_property(name)
                .map_or(PropertyType::Any, |property| property.kind)
        };
        Self {
            columns: fields
                .iter()
                .map(|name| Column {
                    name: name.clone(),
                    kind: kind(name),
                })
                .collect(),
            open: false,
            relations: Vec::new(),
        }
    }

    /// Those of a query's records, with the relations that it loads: each of these is a column too, for how many
    /// records there are.
    pub fn of_query(model: &Model, query: &Query, models: &dyn Models) -> Self {
        let scope = model.scope.as_deref();
        let or = |own: &[String], of: fn(&Query) -> &Vec<String>| match (own, scope) {
            ([], Some(scope)) => of(scope).clone(),
            (own, _) => own.to_vec(),
        };
        let mut columns = Self::of_model(model, &or(&query.fields, |scope| &scope.fields));
        let include = match (query.include.as_slice(), scope) {
            ([], Some(scope)) => &scope.include,
            _ => &query.include,
        };
        for each in include {
            let relation = model.find_relation(&each.relation);
            let Some(related) = relation.and_then(|found| models.find_model(&found.model)) else {
                continue;
            };
            columns.columns.push(Column {
                name: each.relation.clone(),
                kind: PropertyType::Integer,
            });
            // Scopes of related models load nothing further, so that this comes to an end.
            let inner = Self::of_related(related, &each.scope, models);
            columns.relations.push((each.relation.clone(), inner));
        }
        columns
    }

    fn of_related(model: &Model, scope: &Query, models: &dyn Models) -> Self {
        let mut columns = Self::of_model(model, &scope.fields);
        for each in &scope.include {
            let relation = model.find_relation(&each.relation);
            if let Some(related) = relation.and_then(|found| models.find_model(&found.model)) {
                let inner = Self::of_related(related, &each.scope, models);
                columns.relations.push((each.relation.clone(), inner));
            }
        }
        columns
    }

    /// What the records of a relation have.
    pub fn related(&self, relation: &str) -> Option<&Self> {
        let mut relations = self.relations.iter();
        relations
            .find(|(name, _)| name == relation)
            .map(|(_, columns)| columns)
    }

    /// What a column shows of a record: a property, or how many records a relation leads to.
    pub fn value<'a>(column: &Column, record: &'a Entity) -> Option<Cow<'a, Value>> {
        match record.get(&column.name) {
            Some(value) => Some(Cow::Borrowed(value)),
            None => {
                let related = record.related(&column.name)?.iter().count();
                let count = i64::try_from(related).unwrap_or(i64::MAX);
                Some(Cow::Owned(Value::Integer(count)))
            }
        }
    }

    /// Columns of no model's, with their kinds.
    pub fn of<N: Into<String>>(columns: impl IntoIterator<Item = (N, PropertyType)>) -> Self {
        let columns = columns.into_iter().map(|(name, kind)| Column {
            name: name.into(),
            kind,
        });
        Self {
            columns: columns.collect(),
            open: false,
            relations: Vec::new(),
        }
    }

    /// A record's own properties, each of the kind that its value has.
    pub fn of_record(record: &Entity) -> Self {
        let columns = record.iter().map(|(name, value)| Column {
            name: name.to_owned(),
            kind: kind_of(value),
        });
        Self {
            columns: columns.collect(),
            open: false,
            relations: Vec::new(),
        }
    }

    /// The columns, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Column> {
        self.columns.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether records may have properties beside these.
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Takes a record's other properties as columns too.
    pub fn widen(&mut self, record: &Entity) {
        if !self.open {
            return;
        }
        for (name, _) in record.iter() {
            if !self.contains(name) && self.columns.len() < MAX_ADDED {
                self.columns.push(Column {
                    name: name.to_owned(),
                    kind: PropertyType::Any,
                });
            }
        }
    }

    /// The properties of a record that have no column.
    pub fn others<'a>(&'a self, record: &'a Entity) -> impl Iterator<Item = (&'a str, &'a Value)> {
        record.iter().filter(|(name, _)| !self.contains(name))
    }

    fn contains(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// Remembers the properties of a record that have no column.
    pub(super) fn note_left_out(&self, record: &Entity, left_out: &mut Vec<String>) {
        for (name, _) in self.others(record) {
            if left_out.len() < MAX_LEFT_OUT && !left_out.iter().any(|known| known == name) {
                left_out.push(name.to_owned());
            }
        }
    }
}

/// The kind that says what such a value is.
pub const fn kind_of(value: &Value) -> PropertyType {
    match value {
        Value::Boolean(_) => PropertyType::Boolean,
        Value::Integer(_) => PropertyType::Integer,
        Value::Float(_) => PropertyType::Float,
        Value::Text(_) => PropertyType::Text,
        Value::Timestamp(_) => PropertyType::Timestamp,
        Value::Json(_) => PropertyType::Json,
        _ => PropertyType::Any,
    }
}
