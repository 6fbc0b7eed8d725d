//! Open results, for every interface that has them.

use std::cell::RefCell;

use tenon_model::contract::{Error, Page};

use crate::{Limits, Rows};

/// Rows, and what their pages must keep to.
pub struct OpenRows {
    rows: RefCell<Rows>,
    limits: Limits,
}

impl OpenRows {
    pub(super) fn new(rows: Rows, limits: &Limits) -> Self {
        Self {
            rows: RefCell::new(rows),
            limits: limits.clone(),
        }
    }

    pub(super) fn next(&self, max: u32) -> Result<Option<Page>, Error> {
        self.rows
            .borrow_mut()
            .next(max, &self.limits)
            .map_err(crate::Error::into_contract)
    }

    pub(super) fn close(&self) -> Result<(), Error> {
        self.rows
            .borrow_mut()
            .close()
            .map_err(crate::Error::into_contract)
    }
}
