//! Airports with routes between them, and who flies there: models with every kind of relation.

use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;
use tenon_model::{Entity, Keys, Model, Property, PropertyType, Relation, RelationKind, Through};
use tenon_runtime::config::{Config, ModelConfig, SourceConfig};
use tenon_runtime::registry::Compiler;
use tenon_runtime::{ConnectorReference, Dao, DataSourceName, Limits, Runtime};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

use super::{entity, guest, target_folder};

/// Airports A to E, the first three with routes.
pub struct Air {
    pub runtime: Runtime,
    #[allow(dead_code)]
    folder: TempDir,
}

impl Air {
    /// All models on one data source.
    pub async fn on_one_source(limits: Limits) -> Self {
        Self::new(&["here"], |_| "here", limits, models()).await
    }

    /// Airports on one data source, and what leads to them on others.
    pub async fn across_sources() -> Self {
        let place = |model: &str| match model {
            "Airport" => "here",
            "Route" => "there",
            _ => "elsewhere",
        };
        let sources = ["here", "there", "elsewhere"];
        Self::new(&sources, place, Limits::default(), models()).await
    }

    /// These models, without the records where they have other names.
    pub async fn new(
        sources: &[&str],
        place: impl Fn(&str) -> &'static str,
        limits: Limits,
        models: Vec<Model>,
    ) -> Self {
        let air = Self::empty(sources, place, limits, models);
        air.fill().await;
        air
    }

    pub fn empty(
        sources: &[&str],
        place: impl Fn(&str) -> &'static str,
        limits: Limits,
        models: Vec<Model>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config::new(folder.path());
        let name = |name: &str| DataSourceName::new(name).expect("a good name");
        for source in sources {
            let component = ConnectorReference::Path(guest("memory"));
            config =
                config.source(SourceConfig::new(name(source), component).limits(limits.clone()));
        }
        for model in models {
            let source = name(place(&model.name));
            config = config.model(ModelConfig::new(source, model));
        }
        config.registry = target_folder().join("test-registry");
        let runtime = Runtime::builder(config)
            .compiler(Compiler::InProcess)
            .build()
            .expect("a runtime");
        Self { runtime, folder }
    }

    pub async fn model(&self, name: &str) -> Dao {
        self.runtime.model(name).await.expect("the model is there")
    }

    pub async fn shut_down(self) {
        self.runtime.shut_down().await.expect("an orderly end");
    }

    async fn fill(&self) {
        let airports = self.model("Airport").await;
        for (iata, state) in [
            ("A", "NY"),
            ("B", "NY"),
            ("C", "NJ"),
            ("D", "TX"),
            ("E", ""),
        ] {
            let state = if state.is_empty() {
                tenon_model::Value::Null
            } else {
                state.into()
            };
            let airport = entity([("iata", iata.into()), ("state", state)]);
            airports.create(airport).await.expect("an airport");
        }
        let carriers = self.model("Carrier").await;
        let one = entity([("id", 1.into()), ("name", "One".into())]);
        carriers.create(one).await.expect("a carrier");
        let routes = self.model("Route").await;
        for (origin, destination, count) in [
            ("A", "B", 10),
            ("A", "C", 20),
            ("B", "A", 30),
            ("C", "A", 40),
            ("C", "B", 50),
        ] {
            let mut route = entity([
                ("origin", origin.into()),
                ("destination", destination.into()),
                ("count", count.into()),
            ]);
            if count == 10 {
                route.set("carrierId", 1);
            }
            routes.create(route).await.expect("a route");
        }
        let runways = self.model("Runway").await;
        for (id, airport, length) in [(1, "A", 3000), (2, "B", 2000)] {
            let runway = entity([
                ("id", id.into()),
                ("airportId", airport.into()),
                ("length", length.into()),
            ]);
            runways.create(runway).await.expect("a runway");
        }
    }
}

/// Airports, routes, carriers and runways.
pub fn models() -> Vec<Model> {
    let text = |name: &str| Property::new(name, PropertyType::Text);
    let integer = |name: &str| Property::new(name, PropertyType::Integer);
    let airport = Model::new("Airport")
        .key("iata", PropertyType::Text)
        .property(text("state"))
        .relation(Relation::has_many("departures", "Route", &["origin"]))
        .relation(Relation::new(
            "destinations",
            "Airport",
            RelationKind::HasManyThrough(Through::new("Route", &["origin"], &["destination"])),
        ))
        .relation(Relation::has_one("runway", "Runway", &[]));
    let route = Model::new("Route")
        .key("origin", PropertyType::Text)
        .key("destination", PropertyType::Text)
        .property(integer("count"))
        .property(integer("carrierId"))
        .relation(Relation::belongs_to("from", "Airport", &["origin"]))
        .relation(Relation::belongs_to("to", "Airport", &["destination"]))
        .relation(Relation::new(
            "carrier",
            "Carrier",
            RelationKind::BelongsTo(Keys::default()),
        ));
    let carrier = Model::new("Carrier")
        .key("id", PropertyType::Integer)
        .property(text("name"))
        .relation(Relation::has_many("routes", "Route", &[]));
    let runway = Model::new("Runway")
        .key("id", PropertyType::Integer)
        .property(text("airportId"))
        .property(integer("length"));
    vec![airport, route, carrier, runway]
}

/// The models that connectors were asked for records of, in the order of the queries.
pub struct Queries {
    seen: Arc<Mutex<Vec<String>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Queries {
    /// Watches this thread's queries until it is dropped.
    pub fn watch() -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let layer = Counting(Arc::clone(&seen));
        let guard = tracing_subscriber::registry().with(layer).set_default();
        Self {
            seen,
            _guard: guard,
        }
    }

    /// What was asked for since the last time.
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Counting(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Counting {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut found = Fields::default();
        event.record(&mut found);
        if found.is_query
            && let Some(model) = found.model
        {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(model);
        }
    }
}

#[derive(Default)]
struct Fields {
    is_query: bool,
    model: Option<String>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.is_query = format!("{value:?}") == "query";
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "model" {
            self.model = Some(value.to_owned());
        }
    }
}

/// Records of a CSV of the example's, each property as the model has it.
pub fn example(file: &str, model: &Model) -> Vec<Entity> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/airports");
    let text = std::fs::read_to_string(path.join(file)).expect("the example is there");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a line of names").split(',').collect();
    lines
        .map(|line| {
            let cells = names.iter().zip(line.split(','));
            let known = cells.filter_map(|(name, cell)| Some((model.find_property(name)?, cell)));
            known
                .map(|(property, cell)| {
                    let json = serde_json::Value::from(cell);
                    let value = match property.kind {
                        PropertyType::Integer => cell.parse::<i64>().expect("a number").into(),
                        kind => tenon_model::Value::from_json(&json, kind).expect("a value"),
                    };
                    (property.name.as_str(), value)
                })
                .collect()
        })
        .collect()
}
