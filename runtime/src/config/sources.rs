//! The `sources` of the document: connector, settings, grants and limits of each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::reader::{Fields, Reader};
use super::tree::{Entry, Node, Shape};
use super::{Config, SourceConfig};
use crate::grants::{self, Grant};
use crate::limits::Limits;
use crate::names::DataSourceName;
use crate::reference::ConnectorReference;
use crate::secrets::{SecretSource, SettingValue, Settings};

/// What a data source's table may have.
const KEYS: &[&str] = &[
    "connector",
    "settings",
    "grants",
    "limits",
    "native",
    "schema-check",
];

/// The data sources of a `sources` table.
pub(super) fn read(node: &Node, reader: &mut Reader) -> BTreeMap<DataSourceName, SourceConfig> {
    let entries = reader.entries(node).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| {
            let name = DataSourceName::new(&entry.name)
                .map_err(|reason| reader.problem(&entry.node, reason.to_string()))
                .ok();
            let fields = reader.table(&entry.node, KEYS)?;
            let source = source(name, &fields, reader)?;
            Some((source.name.clone(), source))
        })
        .collect()
}

fn source(
    name: Option<DataSourceName>,
    fields: &Fields,
    reader: &mut Reader,
) -> Option<SourceConfig> {
    // All are read before one of them can end it, so that each gets to complain.
    let connector = fields
        .required("connector", "\"redb\"", reader)
        .and_then(|node| connector(node, reader));
    let settings = fields
        .get("settings")
        .map_or(Some(Settings::new()), |node| settings(node, reader));
    let grants = fields
        .get("grants")
        .map_or(Some(Vec::new()), |node| grants::read(node, reader));
    let limits = fields
        .get("limits")
        .map_or(Some(Limits::default()), |node| Limits::read(node, reader));
    let native = flag(fields, "native", false, reader);
    let schema_check = flag(fields, "schema-check", true, reader);
    Some(SourceConfig {
        name: name?,
        connector: connector?,
        settings: settings?,
        grants: grants?,
        limits: limits?,
        native: native?,
        schema_check: schema_check?,
    })
}

fn flag(fields: &Fields, name: &str, usual: bool, reader: &mut Reader) -> Option<bool> {
    fields
        .get(name)
        .map_or(Some(usual), |node| reader.boolean(node))
}

fn connector(node: &Node, reader: &mut Reader) -> Option<ConnectorReference> {
    match reader.text(node)?.parse::<ConnectorReference>() {
        Ok(reference) => Some(reference.seen_from(reader.folder())),
        Err(reason) => {
            reader.problem(node, reason.to_string());
            None
        }
    }
}

fn settings(node: &Node, reader: &mut Reader) -> Option<Settings> {
    reader
        .entries(node)?
        .iter()
        .map(|entry| Some((entry.name.clone(), setting(&entry.node, reader)?)))
        .collect()
}

fn setting(node: &Node, reader: &mut Reader) -> Option<SettingValue> {
    Some(match &node.shape {
        Shape::Array(items) => SettingValue::List(
            items
                .iter()
                .map(|item| setting(item, reader))
                .collect::<Option<_>>()?,
        ),
        Shape::Table(entries) => match entries.as_slice() {
            [Entry { name, node: target }]
                if matches!(target.shape, Shape::Text(_)) && name == "env" =>
            {
                SettingValue::Secret(SecretSource::Env(variable(target, reader)?))
            }
            [Entry { name, node: target }]
                if matches!(target.shape, Shape::Text(_)) && name == "file" =>
            {
                SettingValue::Secret(SecretSource::File(reader.path(target)?))
            }
            _ => SettingValue::Object(settings(node, reader)?),
        },
        _ => match node.to_json() {
            Ok(json) => SettingValue::Plain(json),
            Err(float) => {
                reader.problem(float, "JSON, which settings travel as, has no such number");
                return None;
            }
        },
    })
}

fn variable(node: &Node, reader: &mut Reader) -> Option<String> {
    let name = reader.text(node)?;
    if name.is_empty() || name.contains(['=', '\0']) {
        reader.problem(node, "an environment variable has no such name");
        return None;
    }
    Some(name.to_owned())
}

/// Notes the grants that a connector could free itself with.
pub(super) fn check_grants(node: &Node, config: &Config, reader: &mut Reader) {
    for (name, source) in &config.sources {
        for (index, grant) in source.grants.iter().enumerate() {
            if let Err(message) = check_grant(grant, config) {
                reader.problem_inside(node, &format!("{name}.grants[{index}]"), message);
            }
        }
    }
}

/// Whether the grant leaves the runtime's own files alone: who writes those decides what runs, with which
/// grants.
pub(super) fn check_grant(grant: &Grant, config: &Config) -> Result<(), String> {
    let Some(grant) = grant.as_folder().filter(|_| grant.writes_files()) else {
        return Ok(());
    };
    let (granted, registry) = (real(&grant.host), real(&config.registry));
    if registry.starts_with(&granted) || granted.starts_with(&registry) {
        return Err(
            "this would let the connector write to the registry, and so decide what runs; \
             grant another folder, or only read it"
                .to_owned(),
        );
    }
    if real(&config.folder()).starts_with(&granted) {
        return Err(
            "this would let the connector write to tenon.toml, and so grant itself more; \
             grant a folder below it, or only read it"
                .to_owned(),
        );
    }
    for (name, source) in &config.sources {
        for other in source.grants.iter().filter_map(Grant::as_folder) {
            // As written, since a link could hide it, and as it is.
            let inside = |inner: &Path, outer: &Path| inner != outer && inner.starts_with(outer);
            if inside(&other.host, &grant.host) || inside(&real(&other.host), &granted) {
                return Err(format!(
                    "{} is inside it, granted to {name}: whoever writes here could put a link to \
                     anywhere in its place; grant folders beside each other",
                    other.host.display()
                ));
            }
        }
    }
    Ok(())
}

/// The path with links followed as far as it exists.
fn real(path: &Path) -> PathBuf {
    path.ancestors()
        .find_map(|ancestor| {
            let rest = path.strip_prefix(ancestor).ok()?;
            Some(
                ancestor
                    .canonicalize()
                    .ok()?
                    .join(rest)
                    .components()
                    .collect(),
            )
        })
        .unwrap_or_else(|| path.to_owned())
}
