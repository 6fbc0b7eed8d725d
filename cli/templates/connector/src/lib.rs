//! The connector `{{name}}`: a record for each line `name: text` of a file.
//!
//! The file is read for each query. What isn't written here (finding by key, counting, …) the runtime does
//! with what is.

mod entries;
mod settings;

use tenon_sdk::{
    Answer, Connector, Crud, Limits, Manifest, Need, Query, Result, evaluate, manifest,
};

pub use settings::Settings;

/// One session. Here it has nothing to keep but its settings; a connection would be here too.
pub struct Session {
    settings: Settings,
}

impl Connector for Session {
    type Settings = Settings;

    fn manifest() -> Manifest {
        manifest!("{{name}}")
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        Ok(vec![Need::read_folder(settings.folder()?)])
    }

    fn initialize(settings: Settings, _: &Limits) -> Result<Self> {
        Ok(Self { settings })
    }

    fn connect(&mut self) -> Result<()> {
        println!("debug: reading {}", self.settings.path);
        self.ping()
    }

    fn ping(&mut self) -> Result<()> {
        entries::open(&self.settings.path).map(drop)
    }
}

impl Crud for Session {
    fn all(&mut self, _model: &str, query: Query) -> Result<Answer> {
        // The filter, the order, the paging and the fields, done on records that are all there.
        evaluate(query, entries::read(&self.settings.path)?)
    }
}

tenon_sdk::export!(Session: crud);
