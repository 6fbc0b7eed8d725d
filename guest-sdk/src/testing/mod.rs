//! Testing a connector's parts natively, without WebAssembly (feature `testing`).
//!
//! Whether a connector does what the contract asks of it is found out by the conformance kit, `tenon check`. What is here
//! is for a connector's own tests: [`scenario`] invents a model and calls, [`Reference`] is a connector of a few lines that
//! keeps records in a list, [`read_all`] reads rows to their end, and [`settings_are_documented`] keeps a connector's
//! page in the documents true.

mod documentation;
mod reference;
mod scenario;

use tenon_model::{Entity, into_entities};

pub use documentation::settings_are_documented;
pub use reference::Reference;
pub use scenario::{Scenario, Step, scenario};

use crate::{Error, ErrorKind, Limits, Result, Rows};

/// Reads rows to their end, in pages of at most `max`.
///
/// # Errors
/// The rows' own, and `backend` where a page is not well formed.
pub fn read_all(rows: &mut Rows, max: u32) -> Result<Vec<Entity>> {
    let mut all = Vec::new();
    while let Some(page) = rows.next(max, &Limits::default())? {
        let entities = into_entities(page).map_err(|reason| {
            let message = format!("the page is not well formed: {reason}");
            Error::new(ErrorKind::Backend, message)
        })?;
        all.extend(entities);
    }
    rows.close()?;
    Ok(all)
}
