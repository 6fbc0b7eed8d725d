//! The interface `native`, done with a [`Native`].

use std::cell::RefCell;

use tenon_model::contract::{Error, Page, Value};

use super::bindings::native::exports::tenon::connector::native as wit;
use super::{Adapter, Exported, call};
use crate::{CommandResult, Limits, Native};

/// A command's open result, and what its pages must keep to.
pub struct OpenCommand {
    result: RefCell<CommandResult>,
    limits: Limits,
}

impl wit::GuestRows for OpenCommand {
    fn next(&self, max: u32) -> Result<Option<Page>, Error> {
        self.result
            .borrow_mut()
            .next(max, &self.limits)
            .map_err(crate::Error::into_contract)
    }

    fn affected(&self) -> Option<u64> {
        self.result.borrow().affected.get()
    }

    fn close(&self) -> Result<(), Error> {
        self.result
            .borrow_mut()
            .rows
            .close()
            .map_err(crate::Error::into_contract)
    }
}

impl<E: Exported<Connector: Native>> wit::Guest for Adapter<E> {
    type Rows = OpenCommand;

    fn execute(command: String, parameters: Vec<Value>) -> Result<wit::Rows, Error> {
        call::<E, _>(|connector, limits| {
            let result = connector.execute(&command, parameters)?;
            Ok(wit::Rows::new(OpenCommand {
                result: RefCell::new(result),
                limits: limits.clone(),
            }))
        })
    }
}
