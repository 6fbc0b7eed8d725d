//! Groups that nobody asked for, as the model's name says; of any other model it does none.

use tenon_sdk::{AggregateRequest, Aggregates, Entity, Error, Result, Rows};

use crate::Evil;

impl Aggregates for Evil {
    fn aggregate(&mut self, model: &str, _request: AggregateRequest) -> Result<Rows> {
        let row = Entity::new().with("n", 7);
        Ok(match model {
            "Seven" => Rows::from_iter([row]),
            "Endless" => Rows::from_iter(std::iter::repeat_with(move || row.clone())),
            "Nothing" => Rows::none(),
            "Misfit" => Rows::from_iter([row.with("n", "seven")]),
            "Uninvited" => Rows::from_iter([row.with("more", 1)]),
            "Broken" => Rows::try_from_iter([Ok(row), Err(Error::invalid("no more"))]),
            _ => return Err(Error::unsupported("no groups of these")),
        })
    }
}
