//! The connector `icalendar`: a record for each event of the iCalendar files in a granted folder, to be read.
//!
//! Files are read for each query, so what other programs write is seen. The format is RFC 5545's.

mod event;
mod files;
mod lines;
mod settings;
mod time;

use tenon_sdk::{
    Answer, Connector, Crud, Error, Limits, Manifest, Model, Need, PropertyType, Query, Result,
    evaluate, manifest,
};

pub use settings::Settings;

/// One session: nothing is kept between calls but the settings.
pub struct ICalendar {
    settings: Settings,
}

impl Connector for ICalendar {
    type Settings = Settings;

    fn manifest() -> Manifest {
        manifest!("icalendar")
    }

    fn needs(settings: &Settings) -> Result<Vec<Need>> {
        Ok(vec![Need::read_folder(&settings.folder)])
    }

    fn initialize(settings: Settings, _: &Limits) -> Result<Self> {
        Ok(Self { settings })
    }

    fn connect(&mut self) -> Result<()> {
        self.ping()
    }

    fn define(&mut self, model: Model) -> Result<()> {
        for property in &model.properties {
            let kind = event::kind(&property.name).ok_or_else(|| {
                Error::invalid(format!(
                    "an event has no `{}`: there are {}",
                    property.name,
                    event::names()
                ))
                .detail("property", &property.name)
            })?;
            if property.kind != kind && property.kind != PropertyType::Any {
                return Err(
                    Error::invalid(format!("an event's `{}` is a {kind}", property.name))
                        .detail("property", &property.name),
                );
            }
        }
        Ok(())
    }

    fn ping(&mut self) -> Result<()> {
        files::list(&self.settings.folder).map(drop)
    }
}

impl Crud for ICalendar {
    fn all(&mut self, _model: &str, query: Query) -> Result<Answer> {
        let mut events = Vec::new();
        for file in files::list(&self.settings.folder)? {
            match files::events(&file) {
                Ok(found) => events.extend(found),
                // One broken file doesn't keep the others from being read, unless the operator wants that.
                Err(error) if self.settings.skip_broken => eprintln!("warn: {error}"),
                Err(error) => return Err(error),
            }
        }
        evaluate(query, events)
    }
}

tenon_sdk::export!(ICalendar: crud);
