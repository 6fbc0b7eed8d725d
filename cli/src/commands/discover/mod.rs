//! `discover`: a backend's collections, as models of a `tenon.toml`.

mod complete;
mod names;

use tenon_model::{Entity, PropertyType};
use tenon_runtime::DataSource;
use tenon_runtime::config::{Config, ModelConfig, add_models, render_model};

use self::complete::Declared;

use super::context::{Context, with_runtime};
use super::show;
use crate::args::Discover;
use crate::exit;
use crate::output::Columns;
use crate::report::Report;

/// Lists the collections, or shows them as models, or adds them to the configuration.
pub async fn run(args: &Discover, context: &Context) -> Result<u8, Report> {
    with_runtime(context.config()?, async |runtime| {
        let source = runtime.data_source(&args.source).await?;
        if args.list {
            return list(&source, context).await;
        }
        let mut names = args.collections.clone();
        if names.is_empty() {
            let all = source.collections().await?;
            names = all.into_iter().map(|collection| collection.name).collect();
        }
        let declared = declared(runtime.config(), &source);
        if args.write {
            names.retain(|name| match declared.of(name) {
                Some(model) => {
                    show::note(&format!("{name} is there already, as the model {model}"));
                    false
                }
                None => true,
            });
        }
        let (models, notes) = declared.complete(source.discover(&names).await?);
        for note in notes {
            show::note(&note);
        }
        let models: Vec<ModelConfig> = models
            .into_iter()
            .map(|model| ModelConfig::new(source.name().clone(), model))
            .collect();
        if models.is_empty() {
            show::note("there is no collection to show");
            return Ok(exit::OK);
        }
        if args.write {
            add_models(context.path(), &models)?;
            let names: Vec<&str> = models
                .iter()
                .map(|model| model.model.name.as_str())
                .collect();
            let path = context.path().display();
            show::note(&format!("added to {path}: {}", names.join(", ")));
            return Ok(exit::OK);
        }
        let texts: Result<Vec<String>, Report> = models.iter().map(render).collect();
        show::print(&texts?.join("\n"))
    })
    .await
}

/// The models that the data source has already.
fn declared(config: &Config, source: &DataSource) -> Declared {
    let models = config.models.values();
    let of_source = models.filter(|model| model.source == *source.name());
    Declared::new(of_source.map(|model| &model.model), config.models.keys())
}

async fn list(source: &DataSource, context: &Context) -> Result<u8, Report> {
    let collections = source.collections().await?;
    let row = |collection: &tenon_runtime::Collection| {
        Entity::new()
            .with("name", collection.name.as_str())
            .with("kind", collection.kind.as_str())
    };
    let rows: Vec<Entity> = collections.iter().map(row).collect();
    let columns = ["name", "kind"].map(|name| (name, PropertyType::Text));
    show::all(&rows, Columns::of(columns), context)
}

fn render(model: &ModelConfig) -> Result<String, Report> {
    render_model(model).map_err(|reason| {
        let name = &model.model.name;
        Report::new(
            exit::FAILURE,
            format!("the model {name} can't be written down: {reason}"),
        )
    })
}
