//! Commands on the registry: `register`, `connectors`, `inspect` and `remove`.

use std::path::Path;
use std::time::Instant;

use tenon_model::{Entity, PropertyType, Value};
use tenon_runtime::config::{Config, Lock};
use tenon_runtime::registry::Entry;
use tenon_runtime::{ConnectorReference, ErrorKind};

use super::context::{Context, Shelf};
use super::inspect::describe;
use super::show;
use crate::args::{Inspect, Register, Remove};
use crate::exit;
use crate::output::Columns;
use crate::report::Report;

/// Checks connectors, and takes them into the registry. One that is refused doesn't keep the others out.
pub async fn register(args: &Register, context: &Context) -> Result<u8, Report> {
    let shelf = Shelf::open(&context.config_or_empty()?)?;
    let mut code = exit::OK;
    for (index, file) in args.files.iter().enumerate() {
        match register_one(file, &shelf).await {
            Ok(shown) => {
                if index > 0 && context.output().is_none() {
                    show::print("\n")?;
                }
                show::one(&shown, Columns::of_record(&shown), context)?;
            }
            Err(report) => {
                report.print();
                code = if code == exit::OK {
                    report.exit()
                } else {
                    code
                };
            }
        }
    }
    Ok(code)
}

async fn register_one(file: &Path, shelf: &Shelf) -> Result<Entity, Report> {
    let started = Instant::now();
    let registered = shelf
        .registry
        .register_file(&shelf.engine, file)
        .await
        .map_err(|error| match error.kind() {
            // It isn't the user's configuration that is wrong, but the component.
            ErrorKind::Configuration => Report::from(&error).exits(exit::INVALID),
            _ => Report::from(&error),
        })?;
    let entry = registered.entry;
    let size = std::fs::metadata(file)
        .map(|metadata| metadata.len())
        .unwrap_or_default();
    let outcome = if registered.already {
        "was registered already"
    } else {
        "registered"
    };
    Ok(Entity::new()
        .with("name", entry.name().as_str())
        .with("version", entry.version().to_string())
        .with("outcome", outcome)
        .with("digest", entry.digest.to_string())
        .with("capabilities", show::list(&entry.capabilities))
        .with(
            "bytes",
            Value::Integer(i64::try_from(size).unwrap_or(i64::MAX)),
        )
        .with(
            "seconds",
            Value::Float((started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0),
        ))
}

/// Lists the registered connectors.
pub async fn list(context: &Context) -> Result<u8, Report> {
    let config = context.config_or_empty()?;
    let entries = entries(&config).await?;
    if entries.is_empty() && context.output().is_none() {
        show::note(&format!(
            "no connector is registered in {}; add one with `tenon register FILE.wasm`",
            config.registry.display()
        ));
        return Ok(exit::OK);
    }
    let rows: Vec<Entity> = entries.iter().map(row).collect();
    let columns = [
        ("name", PropertyType::Text),
        ("version", PropertyType::Text),
        ("sharing", PropertyType::Text),
        ("capabilities", PropertyType::Json),
        ("description", PropertyType::Text),
        ("registered", PropertyType::Timestamp),
        ("digest", PropertyType::Text),
    ];
    show::all(&rows, Columns::of(columns), context)
}

/// What is registered. Looking doesn't make a registry.
async fn entries(config: &Config) -> Result<Vec<Entry>, Report> {
    if !config.registry.exists() {
        return Ok(Vec::new());
    }
    let registry = tenon_runtime::registry::Registry::open(&config.registry)?;
    Ok(registry.list().await?)
}

fn row(entry: &Entry) -> Entity {
    let registered = entry.registered.map_or(Value::Null, Value::Timestamp);
    Entity::new()
        .with("name", entry.name().as_str())
        .with("version", entry.version().to_string())
        .with("sharing", entry.manifest.sharing.to_string())
        .with("capabilities", show::list(&entry.capabilities))
        .with("description", entry.manifest.description.as_str())
        .with("registered", registered)
        .with("digest", entry.digest.to_string())
}

/// Shows all that is known of a connector.
pub async fn inspect(args: &Inspect, context: &Context) -> Result<u8, Report> {
    let config = context.config_or_empty()?;
    let shelf = Shelf::open(&config)?;
    let reference = reference(&args.connector)?;
    let entry = shelf.registry.inspect(&shelf.engine, &reference).await?;
    let users = users_now(&shelf, &config, &entry).await?;
    match context.output() {
        None => show::print(&describe(&entry, &users)),
        Some(_) => {
            let manifest = &entry.manifest;
            let shown = row(&entry)
                .with("category", manifest.category.as_str())
                .with("interleaving", manifest.interleaving)
                .with("keeps-undeclared", manifest.keeps_undeclared)
                .with(
                    "generated-key",
                    manifest
                        .generated_key
                        .map_or(Value::Null, |kind| kind.name().into()),
                )
                .with(
                    "settings-schema",
                    Value::Json(manifest.settings_schema.to_string()),
                )
                .with("used-by", show::list(users));
            show::one(&shown, Columns::of_record(&shown), context)
        }
    }
}

/// Takes a connector out of the registry, unless a data source is locked to it.
pub async fn remove(args: &Remove, context: &Context) -> Result<u8, Report> {
    let config = context.config_or_empty()?;
    let reference = reference(&args.connector)?;
    let shelf = Shelf::open(&config)?;
    let meant: Vec<Entry> = shelf.registry.list().await?;
    let meant: Vec<&Entry> = meant
        .iter()
        .filter(|entry| stands_for(&reference, entry))
        .collect();
    // Where several are meant, or none, the registry says so.
    if let [entry] = meant.as_slice() {
        let users = users(&config, entry)?;
        if !users.is_empty() {
            return Err(Report::new(
                exit::CONFLICT,
                format!(
                    "{} {} is used by: {}",
                    entry.name(),
                    entry.version(),
                    users.join(", ")
                ),
            )
            .help(
                "move them to another version with `tenon upgrade`, or give them another connector",
            ));
        }
    }
    let entry = shelf.registry.remove(&reference).await?;
    show::print(&format!(
        "removed {} {}, {}\n",
        entry.name(),
        entry.version(),
        entry.digest
    ))
}

fn stands_for(reference: &ConnectorReference, entry: &Entry) -> bool {
    match reference {
        ConnectorReference::Name { name, version } => {
            name == entry.name()
                && version
                    .as_ref()
                    .is_none_or(|version| version.matches(entry.version()))
        }
        ConnectorReference::Digest(digest) => *digest == entry.digest,
        ConnectorReference::Path(_) => false,
    }
}

/// The data sources that this is the connector of, or would be if they were used now.
async fn users_now(shelf: &Shelf, config: &Config, entry: &Entry) -> Result<Vec<String>, Report> {
    let mut users = users(config, entry)?;
    let lock = Lock::load(&config.lock_path()).map_err(tenon_runtime::Error::from)?;
    for source in config.sources.values() {
        let unsettled = matches!(source.connector, ConnectorReference::Name { .. })
            && lock.get(&source.connector).is_none();
        if !unsettled {
            continue;
        }
        // What a source of another connector lacks is no reason to say nothing of this one.
        let stands_for = shelf
            .registry
            .resolve(&shelf.engine, &source.connector)
            .await;
        if stands_for.is_ok_and(|resolved| resolved.digest == entry.digest) {
            users.push(source.name.to_string());
        }
    }
    Ok(users)
}

/// The data sources that this is the connector of, as far as that is settled.
fn users(config: &Config, entry: &Entry) -> Result<Vec<String>, Report> {
    let lock = Lock::load(&config.lock_path()).map_err(tenon_runtime::Error::from)?;
    let uses = |reference: &ConnectorReference| match reference {
        ConnectorReference::Digest(digest) => *digest == entry.digest,
        reference => lock
            .get(reference)
            .is_some_and(|locked| locked.digest == entry.digest),
    };
    let users = config
        .sources
        .values()
        .filter(|source| uses(&source.connector));
    Ok(users.map(|source| source.name.to_string()).collect())
}

fn reference(text: &str) -> Result<ConnectorReference, Report> {
    text.parse().map_err(|error| {
        Report::new(exit::USAGE, format!("{error}")).help(
            "name a connector as `redb`, `redb@0.1`, `./path/to.wasm` or `sha256:` and 64 digits",
        )
    })
}
