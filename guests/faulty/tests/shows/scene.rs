//! Where an act happens: two sessions over a folder, and what came out.

use std::fmt::Debug;

use tempfile::TempDir;
use tenon_faulty::{Fault, Faulty, Settings};
use tenon_model::contract::Page;
use tenon_sdk::{
    Connector, Crud, Entity, Filter, Generation, Limits, PropertyType, Query, Result, Rows, Secret,
};

/// Something that happens.
pub type Act = fn(&mut Scene);

pub struct Scene {
    pub one: Faulty,
    pub other: Faulty,
    pub folder: TempDir,
    pub fault: Option<Fault>,
    pub log: Vec<String>,
}

fn session(folder: &TempDir, fault: Option<Fault>) -> Faulty {
    let settings = Settings {
        path: folder.path().to_str().unwrap().into(),
        fault,
        token: Some(Secret::from("swordfish".to_owned())),
        wait: 20,
    };
    let mut session = Faulty::initialize(settings, &Limits::default()).unwrap();
    session.connect().unwrap();
    for model in [thing(), strict(), pair(), named()] {
        session.define(model.to_contract()).unwrap();
    }
    session
}

impl Scene {
    pub fn new(fault: Option<Fault>) -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            one: session(&folder, fault),
            other: session(&folder, fault),
            folder,
            fault,
            log: Vec::new(),
        }
    }

    /// Takes down what came out.
    pub fn note(&mut self, came_out: impl Debug) {
        self.log.push(format!("{}: {came_out:?}", self.log.len()));
    }

    /// Takes down all records of a model, as the first session has them.
    pub fn all(&mut self, model: &str) {
        let rows = read(&mut self.one, model, Query::default());
        self.note(rows);
    }

    /// The same as the other session has them.
    pub fn others(&mut self, model: &str) {
        let rows = read(&mut self.other, model, Query::default());
        self.note(rows);
    }

    /// Takes down what a question in JSON comes to.
    pub fn ask(&mut self, json: &str) {
        let query = tenon_model::Query::parse(json).unwrap().to_contract();
        self.ask_query(query);
    }

    pub fn ask_filter(&mut self, filter: Filter) {
        self.ask_query(Query {
            filter,
            ..Query::default()
        });
    }

    pub fn ask_query(&mut self, query: Query) {
        let counted = self.one.count("Thing", query.filter.clone());
        let rows = read(&mut self.one, "Thing", query);
        self.note((counted, rows));
    }
}

/// The rows of a query, page by page, and what was done of it.
pub fn read(session: &mut Faulty, model: &str, query: Query) -> Result<(Vec<Page>, String)> {
    let answer = session.all(model, query)?;
    let pages = pages(answer.rows, 3, &Limits::default())?;
    Ok((pages, format!("{:?}", answer.done)))
}

pub fn pages(mut rows: Rows, max: u32, limits: &Limits) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    while let Some(page) = rows.next(max, limits)? {
        pages.push(page);
    }
    rows.close()?;
    Ok(pages)
}

fn properties(
    model: tenon_model::Model,
    properties: &[(&str, PropertyType)],
) -> tenon_model::Model {
    let property = |model: tenon_model::Model, (name, kind): &(&str, PropertyType)| {
        model.property(tenon_model::Property::new(*name, *kind))
    };
    properties.iter().fold(model, property)
}

/// An open model of every kind, with a generated key.
pub fn thing() -> tenon_model::Model {
    let model = tenon_model::Model::new("Thing")
        .open()
        .key("id", PropertyType::Integer);
    let mut model = properties(
        model,
        &[
            ("n", PropertyType::Integer),
            ("f", PropertyType::Float),
            ("d", PropertyType::Decimal),
            ("t", PropertyType::Text),
            ("b", PropertyType::Boolean),
            ("at", PropertyType::Timestamp),
            ("x", PropertyType::Bytes),
            ("p", PropertyType::Point),
            ("j", PropertyType::Json),
            ("u", PropertyType::Uuid),
            ("tm", PropertyType::Time),
        ],
    );
    model.properties[0].generated = Generation::WhenMissing;
    model
}

/// A strict model with all kinds of rules.
pub fn strict() -> tenon_model::Model {
    let mut model = properties(
        tenon_model::Model::new("Strict").key("id", PropertyType::Text),
        &[
            ("name", PropertyType::Text),
            ("one", PropertyType::Text),
            ("two", PropertyType::Text),
            ("serial", PropertyType::Integer),
        ],
    )
    .index(&["one", "two"], true);
    model.properties[1].required = true;
    model.properties[1].length = Some(5);
    model.properties[4].generated = Generation::Always;
    model
}

/// A key of two properties.
pub fn pair() -> tenon_model::Model {
    properties(
        tenon_model::Model::new("Pair")
            .key("one", PropertyType::Text)
            .key("two", PropertyType::Integer),
        &[("n", PropertyType::Integer)],
    )
}

/// A unique name beside a generated key.
pub fn named() -> tenon_model::Model {
    let mut model = properties(
        tenon_model::Model::new("Named").key("id", PropertyType::Integer),
        &[("name", PropertyType::Text), ("n", PropertyType::Integer)],
    )
    .index(&["name"], true);
    model.properties[0].generated = Generation::WhenMissing;
    model
}

pub fn some_name(name: &str, n: i64) -> Entity {
    Entity::new().with("name", name).with("n", n)
}

/// A number of things.
pub fn numbered(session: &mut Faulty, numbers: impl IntoIterator<Item = i64>) {
    let numbers = numbers.into_iter();
    let things = numbers.map(|n| Entity::new().with("n", n));
    session.create_all("Thing", things.collect()).unwrap();
}
