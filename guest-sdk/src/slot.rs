//! Where an instance keeps its connector, and the order that calls must keep.
//!
//! A call at the wrong moment is an error of kind `invalid`, whatever the caller is; a connector is never
//! asked anything in a state that it doesn't expect.

use std::cell::{RefCell, RefMut};

use schemars::generate::SchemaSettings;

use crate::{Connector, Error, Limits, Need, Result};

/// An instance's connector, from nothing to its disposal.
pub struct Slot<C> {
    state: RefCell<State<C>>,
}

enum State<C> {
    Empty,
    Initialized {
        connector: C,
        limits: Limits,
        connected: bool,
    },
    Disposed,
}

impl<C> Default for Slot<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C> Slot<C> {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self {
            state: RefCell::new(State::Empty),
        }
    }

    fn borrow(&self) -> Result<RefMut<'_, State<C>>> {
        self.state.try_borrow_mut().map_err(|_| {
            Error::invalid("an instance takes one call at a time, and another one is running")
        })
    }
}

impl<C: Connector> Slot<C> {
    /// The JSON Schema (2020-12) of the connector's settings.
    pub fn settings_schema() -> String {
        let generator = SchemaSettings::draft2020_12().into_generator();
        generator
            .into_root_schema_for::<C::Settings>()
            .to_value()
            .to_string()
    }

    /// What an instance with these settings asks for.
    ///
    /// # Errors
    /// Where the settings don't parse or contradict themselves.
    pub fn needs(settings: &str) -> Result<Vec<Need>> {
        C::needs(&parse::<C>(settings)?)
    }

    /// Makes the connector, once.
    ///
    /// # Errors
    /// Where there is one already, or the settings are wrong.
    pub fn initialize(&self, settings: &str, limits: Limits) -> Result<()> {
        let mut state = self.borrow()?;
        if !matches!(*state, State::Empty) {
            return Err(Error::invalid("`initialize` comes once, and first"));
        }
        let connector = C::initialize(parse::<C>(settings)?, &limits)?;
        *state = State::Initialized {
            connector,
            limits,
            connected: false,
        };
        Ok(())
    }

    /// Connects; where it is connected already, nothing happens.
    ///
    /// # Errors
    /// The connector's, and a call before `initialize`.
    pub fn connect(&self) -> Result<()> {
        self.switch(true, C::connect)
    }

    /// Disconnects; where it is not connected, nothing happens.
    ///
    /// # Errors
    /// The connector's, and a call before `initialize`.
    pub fn disconnect(&self) -> Result<()> {
        self.switch(false, C::disconnect)
    }

    fn switch(&self, to: bool, function: impl FnOnce(&mut C) -> Result<()>) -> Result<()> {
        match &mut *self.borrow()? {
            State::Initialized {
                connector,
                connected,
                ..
            } => {
                if *connected == to {
                    return Ok(());
                }
                // A session whose `disconnect` failed is over all the same.
                *connected = false;
                function(connector)?;
                *connected = to;
                Ok(())
            }
            other => Err(other.out_of_order()),
        }
    }

    /// Calls the connected connector.
    ///
    /// # Errors
    /// The function's, and a call before `connect`.
    pub fn call<R>(&self, function: impl FnOnce(&mut C, &Limits) -> Result<R>) -> Result<R> {
        match &mut *self.borrow()? {
            State::Initialized {
                connector,
                limits,
                connected: true,
            } => function(connector, limits),
            other => Err(other.out_of_order()),
        }
    }

    /// Lets the connector go. Whenever it is called, nothing is left after it.
    pub fn dispose(&self) {
        if let Ok(mut state) = self.borrow()
            && let State::Initialized { connector, .. } =
                std::mem::replace(&mut *state, State::Disposed)
        {
            connector.dispose();
        }
    }
}

impl<C> State<C> {
    fn out_of_order(&self) -> Error {
        Error::invalid(match self {
            Self::Empty => {
                "this instance is not initialized: call `initialize` and `connect` first"
            }
            Self::Initialized { .. } => "this instance is not connected: call `connect` first",
            Self::Disposed => "this instance is disposed: nothing can be called any more",
        })
    }
}

fn parse<C: Connector>(settings: &str) -> Result<C::Settings> {
    serde_json::from_str(settings).map_err(|error| {
        Error::invalid(format!(
            "the settings don't fit the connector `{}`: {error}",
            C::manifest().name
        ))
    })
}
