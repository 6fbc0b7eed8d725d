//! The statements on tables of each dialect, held against the files in `tests/golden-schema`.
//!
//! `TENON_WRITE_GOLDEN=1 cargo test -p tenon-sql --test golden_schema` writes them anew; what has changed is then to be
//! read.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

#[path = "support/recorder.rs"]
#[allow(dead_code)]
mod recorder;

use std::fmt::Write;
use std::path::Path;

use recorder::{Backend, Recorder};
use tenon_sdk::{
    Connector, Generation, Index, Limits, Model, NoSettings, Property, PropertyType, Reference,
    Schema, SortKey, Value,
};
use tenon_sql::dialects::{MySql, MySqlFlavour, Postgres, Sqlite};
use tenon_sql::{
    DescribedColumn, DescribedIndex, DescribedReference, Description, SchemaDialect, Sql,
    TableKind, TableName,
};

fn property(name: &str, kind: PropertyType) -> Property {
    Property {
        name: name.to_owned(),
        kind,
        column: None,
        native_type: None,
        key: None,
        generated: Generation::Never,
        required: false,
        length: None,
        scale: None,
        default_value: None,
        settings: None,
    }
}

fn model(name: &str, properties: Vec<Property>) -> Model {
    Model {
        name: name.to_owned(),
        collection: None,
        properties,
        indexes: Vec::new(),
        references: Vec::new(),
        strict: true,
        settings: None,
    }
}

/// A model with every kind, and one whose key has two parts and refers to it.
fn models() -> Vec<Model> {
    let id = Property {
        key: Some(1),
        generated: Generation::WhenMissing,
        ..property("id", PropertyType::Integer)
    };
    let kinds = PropertyType::ALL
        .iter()
        .map(|kind| property(kind.name(), *kind));
    let mut thing = model("Thing", std::iter::once(id).chain(kinds).collect());
    thing.properties.push(Property {
        length: Some(40),
        required: true,
        default_value: Some(Value::Text("it's a \\".into())),
        column: Some("odd \"name`".into()),
        ..property("name", PropertyType::Text)
    });
    thing.properties.push(Property {
        length: Some(10),
        scale: Some(2),
        default_value: Some(Value::Decimal("1.50".into())),
        ..property("price", PropertyType::Decimal)
    });
    thing.properties.push(Property {
        generated: Generation::WhenMissing,
        ..property("made", PropertyType::Timestamp)
    });
    let part = |name: &str, descending| SortKey {
        property: name.to_owned(),
        path: Vec::new(),
        descending,
    };
    thing.indexes = vec![Index {
        name: "place".to_owned(),
        properties: vec![part("name", false), part("date", true)],
        unique: true,
        settings: None,
    }];
    let key = |place, property| Property {
        key: Some(place),
        ..property
    };
    let mut order = model(
        "Order",
        vec![
            key(2, property("line", PropertyType::Integer)),
            key(1, property("number", PropertyType::Text)),
            property("thing", PropertyType::Integer),
        ],
    );
    order.collection = Some("sales.\"order.lines\"".into());
    order.references = vec![Reference {
        name: "thing".into(),
        properties: vec!["thing".into()],
        model: "Thing".into(),
        targets: vec!["id".into()],
        settings: Some(r#"{"on-delete": "set null", "on-update": "cascade"}"#.into()),
    }];
    vec![order, thing]
}

/// What has to change until `Old` is what a model has of it.
fn changed() -> Model {
    let mut old = model(
        "Old",
        vec![
            Property {
                key: Some(1),
                ..property("id", PropertyType::Integer)
            },
            Property {
                required: true,
                native_type: Some("varchar(80)".into()),
                default_value: Some(Value::Text("none".into())),
                ..property("name", PropertyType::Text)
            },
            property("new", PropertyType::Boolean),
            property("other", PropertyType::Integer),
        ],
    );
    old.indexes = vec![Index {
        name: "new".into(),
        properties: vec![SortKey {
            property: "new".into(),
            path: Vec::new(),
            descending: false,
        }],
        unique: false,
        settings: None,
    }];
    old.references = vec![Reference {
        name: "other".into(),
        properties: vec!["other".into()],
        model: "Old".into(),
        targets: vec!["id".into()],
        settings: Some(r#"{"on-delete": "cascade"}"#.into()),
    }];
    old
}

fn described(dialect: &impl SchemaDialect, table: &TableName) -> Option<Description> {
    if table.name != "Old" {
        return None;
    }
    let column = |property: &Property| DescribedColumn {
        name: property.name.clone(),
        native_type: dialect.native_type(property).unwrap(),
        labels: Vec::new(),
        collation: None,
        nullable: property.key.is_none(),
        default: None,
        generated: Generation::Never,
    };
    let name = Property {
        length: Some(40),
        ..property("name", PropertyType::Text)
    };
    Some(Description {
        atomic: true,
        name: table.clone(),
        kind: TableKind::Table,
        columns: vec![
            column(&Property {
                key: Some(1),
                ..property("id", PropertyType::Integer)
            }),
            column(&name),
            column(&property("gone", PropertyType::Json)),
            column(&property("other", PropertyType::Integer)),
        ],
        key: vec!["id".into()],
        key_name: Some("Old_pkey".into()),
        indexes: vec![DescribedIndex {
            name: "by_name".into(),
            columns: vec![("name".into(), false)],
            unique: false,
            constraint: false,
            special: false,
        }],
        references: vec![DescribedReference {
            name: "old_other".into(),
            columns: vec!["other".into()],
            table: table.clone(),
            targets: vec!["id".into()],
            on_delete: None,
            on_update: None,
        }],
    })
}

macro_rules! backend {
    ($name:ident, $dialect:ty, $value:expr) => {
        struct $name;
        impl Backend for $name {
            type Dialect = $dialect;
            fn dialect() -> $dialect {
                $value
            }
            fn describe(table: &TableName) -> Option<Description> {
                described(&$value, table)
            }
        }
    };
}

backend!(OnPostgres, Postgres, Postgres);
backend!(
    OnMySql,
    MySql,
    MySql {
        flavour: MySqlFlavour::MySql
    }
);
backend!(
    OnMariaDb,
    MySql,
    MySql {
        flavour: MySqlFlavour::MariaDb
    }
);
backend!(OnSqlite, Sqlite, Sqlite);

fn compare<B: Backend>(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden-schema")
        .join(folder);
    let rewrite = std::env::var_os("TENON_WRITE_GOLDEN").is_some();
    if rewrite {
        std::fs::create_dir_all(&folder).unwrap();
    }
    for (name, models) in [("create", models()), ("change", vec![changed()])] {
        let mut sql = Sql::<Recorder<B>>::initialize(NoSettings {}, &Limits::default()).unwrap();
        let mut text = String::new();
        for step in sql.plan(models).unwrap() {
            let loses = if step.destructive {
                " (can lose data)"
            } else {
                ""
            };
            writeln!(text, "-- {}{loses}: {}", step.kind, step.description).unwrap();
            for command in &step.commands {
                writeln!(text, "{command};").unwrap();
            }
        }
        let path = folder.join(format!("{name}.sql"));
        if rewrite {
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, text, "{}", path.display());
    }
}

#[test]
fn the_statements_of_each_dialect_are_those_that_were_read() {
    compare::<OnPostgres>("postgres");
    compare::<OnMySql>("mysql");
    compare::<OnMariaDb>("mariadb");
    compare::<OnSqlite>("sqlite");
}
