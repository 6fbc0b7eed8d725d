//! The interface `lifecycle`, done with a [`Connector`].

use tenon_model::contract::{Error, Model};

use super::bindings::lifecycle::exports::tenon::connector::lifecycle as wit;
use super::{Adapter, Exported};
use crate::{Connector, Limits, Need, Sharing, Slot};

impl<E: Exported> wit::Guest for Adapter<E> {
    fn describe() -> wit::Manifest {
        let manifest = E::Connector::manifest();
        wit::Manifest {
            name: manifest.name,
            version: manifest.version,
            description: manifest.description,
            category: manifest.category,
            sharing: match manifest.sharing {
                Sharing::Exclusive => wit::Sharing::Exclusive,
                Sharing::Pooled => wit::Sharing::Pooled,
            },
            interleaving: manifest.interleaving,
            generated_key: manifest.generated_key,
            keeps_undeclared: manifest.keeps_undeclared,
            settings_schema: Slot::<E::Connector>::settings_schema(),
            annotations: manifest.annotations,
        }
    }

    fn needs(settings: String) -> Result<Vec<wit::Need>, Error> {
        let needs = Slot::<E::Connector>::needs(&settings).map_err(crate::Error::into_contract)?;
        Ok(needs
            .into_iter()
            .map(|Need { kind, target }| wit::Need { kind, target })
            .collect())
    }

    fn initialize(settings: String, limits: Vec<(String, u64)>) -> Result<(), Error> {
        let limits = Limits::from_pairs(limits.iter().map(|(name, value)| (name.as_str(), *value)));
        E::with(|slot| slot.initialize(&settings, limits)).map_err(crate::Error::into_contract)
    }

    fn connect() -> Result<(), Error> {
        E::with(Slot::connect).map_err(crate::Error::into_contract)
    }

    fn define(model: Model) -> Result<(), Error> {
        E::with(|slot| slot.call(|connector, _| connector.define(model)))
            .map_err(crate::Error::into_contract)
    }

    fn ping() -> Result<(), Error> {
        E::with(|slot| slot.call(|connector, _| connector.ping()))
            .map_err(crate::Error::into_contract)
    }

    fn reset() -> Result<(), Error> {
        E::with(|slot| slot.call(|connector, _| connector.reset()))
            .map_err(crate::Error::into_contract)
    }

    fn disconnect() -> Result<(), Error> {
        E::with(Slot::disconnect).map_err(crate::Error::into_contract)
    }

    fn dispose() {
        E::with(Slot::dispose);
    }
}
