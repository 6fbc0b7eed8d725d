//! Pages that a connector makes by itself.

use tenon_model::contract::Page;

use crate::{Limits, Result};

/// Where whole pages come from, for a connector whose backend hands out pages, or that has its own idea of how they are
/// cut. They go out as they are: what a page must keep to is the source's to see to.
pub trait PageSource {
    /// The next page, of at most `max` rows and below the limit `page-size`; none is the end.
    ///
    /// # Errors
    /// Where the backend fails; the source is not asked again.
    fn next(&mut self, max: u32, limits: &Limits) -> Result<Option<Page>>;

    /// Ends the query in the backend. It is not called where [`next`](Self::next) came to the end or failed.
    ///
    /// # Errors
    /// Where the backend fails.
    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}
