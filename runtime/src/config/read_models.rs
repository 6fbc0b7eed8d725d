//! The `read-models` of the document: which data source keeps each of them.

use std::collections::BTreeMap;

use super::ReadModelConfig;
use super::models::source;
use super::reader::Reader;
use super::tree::Node;

/// The longest name, in bytes: connectors make names of files and tables of it.
const MAX_NAME: usize = 128;

/// The read models of a `read-models` table; `sources` are the data sources that they may be attached to.
pub(super) fn read(
    node: &Node,
    sources: &[&str],
    reader: &mut Reader,
) -> BTreeMap<String, ReadModelConfig> {
    let entries = reader.entries(node).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| {
            let name =
                check_name(&entry.name).map_err(|reason| reader.problem(&entry.node, reason));
            let fields = reader.table(&entry.node, &["source"])?;
            let source = source(&fields, sources, reader)?;
            name.ok()?;
            Some((
                entry.name.clone(),
                ReadModelConfig::new(source, entry.name.as_str()),
            ))
        })
        .collect()
}

/// Whether a read model may have that name; otherwise why not.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    if name.trim().is_empty() {
        return Err("a read model needs a name".to_owned());
    }
    if name.len() > MAX_NAME {
        return Err(format!("a read model's name has at most {MAX_NAME} bytes"));
    }
    if name.contains(char::is_control) {
        return Err("a read model's name has no control characters".to_owned());
    }
    Ok(())
}
