//! The connector `hello`: the least that one can write. It hands out a record for each name in its settings;
//! the runtime finds, filters, orders and counts them.

mod settings;

use tenon_sdk::{Answer, Connector, Crud, Entity, Limits, Manifest, Query, Result, Rows, manifest};

pub use settings::Settings;

/// The connector.
pub struct Hello(Settings);

impl Connector for Hello {
    type Settings = Settings;

    fn manifest() -> Manifest {
        manifest!("hello")
    }

    fn initialize(settings: Settings, _: &Limits) -> Result<Self> {
        Ok(Self(settings))
    }
}

impl Crud for Hello {
    fn all(&mut self, _model: &str, _query: Query) -> Result<Answer> {
        let greet = |name: String| {
            Entity::new()
                .with("greeting", format!("Hello, {name}!"))
                .with("name", name)
        };
        Ok(Answer::everything(Rows::from_iter(
            self.0.names.clone().into_iter().map(greet),
        )))
    }
}

tenon_sdk::export!(Hello: crud);
