//! What a model says about its key and indexes: [`HASH`] in a model's or an index's settings keeps the key or index
//! as a hash alone; without it they are ordered. Other settings are other connectors'.

use serde::Deserialize;
use tenon_sdk::generate::Generators;
use tenon_sdk::layout::Layout;
use tenon_sdk::{Error, Model, Result};

use crate::shape::Shape;

/// Settings of a key or index that finds what equals, and has no order.
pub(crate) const HASH: &str = r#"{"kind": "hash"}"#;

#[derive(Deserialize, Default)]
struct IndexSettings {
    #[serde(default)]
    kind: Kind,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Ordered,
    Hash,
}

/// A model, as this connector needs it.
pub(crate) struct Definition {
    pub(crate) layout: Layout,
    pub(crate) generators: Generators,
    pub(crate) shape: Shape,
}

impl Definition {
    pub(crate) fn new(model: &Model) -> Result<Self> {
        let mut layout = Layout::new(model)?;
        layout.key_ordered = kind(
            &format!("the model `{}`", model.name),
            model.settings.as_deref(),
        )? == Kind::Ordered;
        for index in &mut layout.indexes {
            let owner = format!("the index `{}` of the model `{}`", index.name, model.name);
            index.ordered = kind(&owner, index.settings.as_deref())? == Kind::Ordered;
        }
        Ok(Self {
            shape: Shape::new(model, &layout),
            layout,
            generators: Generators::new(model)?,
        })
    }
}

fn kind(owner: &str, settings: Option<&str>) -> Result<Kind> {
    let Some(settings) = settings else {
        return Ok(Kind::Ordered);
    };
    serde_json::from_str::<IndexSettings>(settings)
        .map(|settings| settings.kind)
        .map_err(|error| Error::invalid(format!("the settings of {owner}: {error}")))
}
