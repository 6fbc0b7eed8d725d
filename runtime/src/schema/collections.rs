//! The collections that a backend has, and what they would be as models.
//!
//! Names come from the connector and go back to it, so none is changed: one that can't be shown as it is, is refused.

use tenon_model::{Model, contract};

use super::needs_schema;
use crate::dao::trace::Operation;
use crate::data_source::DataSource;
use crate::error::{Error, ErrorKind, Result, printable};
use crate::session::{Collections, Discover};

/// How many collections are taken from a connector.
const MOST_COLLECTIONS: usize = 100_000;

/// How many properties, indexes and references together a discovered model may have.
const MOST_PARTS: usize = 20_000;

/// The longest name, in bytes.
const LONGEST_NAME: usize = 1_024;

/// A collection of a backend's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// As [`DataSource::discover`] and a model's `collection` take it.
    pub name: String,
    /// `table`, `view`, or another.
    pub kind: String,
}

impl DataSource {
    /// The collections that its backend has.
    ///
    /// # Errors
    /// `unsupported` where the connector doesn't manage its collections, and whatever the backend reports.
    pub async fn collections(&self) -> Result<Vec<Collection>> {
        let trace = Operation::of_source(&self.name, "collections");
        let work = async {
            needs_schema(self)?;
            let collections = self.pool().await?.attempt(Collections {}).await?;
            check_count(collections.len(), MOST_COLLECTIONS, "collections")
                .map_err(|reason| self.broken(&reason))?;
            collections
                .into_iter()
                .map(|collection| {
                    check_name(&collection.name).map_err(|reason| self.broken(&reason))?;
                    Ok(Collection {
                        kind: printable(&collection.kind),
                        name: collection.name,
                    })
                })
                .collect()
        };
        trace.run(work).await
    }

    /// Collections of its backend as models of the same names, in their order, with keys, indexes and references.
    ///
    /// # Errors
    /// `not-found` where there is no such collection, `unsupported` where the connector doesn't manage its
    /// collections, and whatever the backend reports.
    pub async fn discover(&self, collections: &[String]) -> Result<Vec<Model>> {
        let trace = Operation::of_source(&self.name, "discover");
        let work = async {
            needs_schema(self)?;
            if collections.is_empty() {
                return Ok(Vec::new());
            }
            let discover = Discover {
                collections: collections.to_owned(),
            };
            let models = self.pool().await?.attempt(discover).await?;
            if models.len() != collections.len() {
                return Err(self.broken(&format!(
                    "it was asked for {} collections, and came with {}",
                    collections.len(),
                    models.len()
                )));
            }
            models
                .into_iter()
                .map(|model| discovered(model).map_err(|reason| self.broken(&reason)))
                .collect()
        };
        trace.run(work).await
    }

    fn broken(&self, reason: &str) -> Error {
        Error::new(
            ErrorKind::Backend,
            format!(
                "the connector returned what the contract does not allow: {}",
                printable(reason)
            ),
        )
        .remedy("report this to the connector's author")
        .at(&self.name)
    }
}

/// The model, once everything in it is sound.
fn discovered(model: contract::Model) -> Result<Model, String> {
    check_name(&model.name)?;
    let parts = model.properties.len() + model.indexes.len() + model.references.len();
    check_count(parts, MOST_PARTS, "properties, indexes and references")?;
    let inner = |reason: String| format!("the model {:?}: {reason}", model.name);
    let properties = model.properties.iter().flat_map(|property| {
        [
            Some(&property.name),
            property.column.as_ref(),
            property.native_type.as_ref(),
        ]
    });
    let indexes = model.indexes.iter().map(|index| Some(&index.name));
    let references = model
        .references
        .iter()
        .flat_map(|reference| [Some(&reference.name), Some(&reference.model)]);
    let names = properties.chain(indexes).chain(references);
    for name in names.chain([model.collection.as_ref()]).flatten() {
        check_name(name).map_err(inner)?;
    }
    let name = model.name.clone();
    Model::from_contract(model).map_err(|problems| format!("the model {name:?}: {problems}"))
}

fn check_count(count: usize, most: usize, what: &str) -> Result<(), String> {
    if count > most {
        return Err(format!("{count} {what} are more than {most}"));
    }
    Ok(())
}

/// A name that can be shown, written down and sent back.
fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.len() > LONGEST_NAME || name.contains(char::is_control) {
        let start: String = name.chars().take(60).collect();
        return Err(format!(
            "{start:?} is no name: a name has 1 to {LONGEST_NAME} bytes, and no control characters"
        ));
    }
    Ok(())
}
