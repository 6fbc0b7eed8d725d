//! The interface `aggregates`, done with an [`Aggregates`].

use tenon_model::contract::{Error, Page};

use super::bindings::aggregates::exports::tenon::connector::aggregates as wit;
use super::rows::OpenRows;
use super::{Adapter, Exported, call};
use crate::{Aggregate, AggregateFunction, AggregateRequest, Aggregates};

impl From<wit::Aggregation> for Aggregate {
    fn from(aggregate: wit::Aggregation) -> Self {
        Self {
            name: aggregate.name,
            function: match aggregate.function {
                wit::Function::Count => AggregateFunction::Count,
                wit::Function::Sum => AggregateFunction::Sum,
                wit::Function::Average => AggregateFunction::Average,
                wit::Function::Minimum => AggregateFunction::Minimum,
                wit::Function::Maximum => AggregateFunction::Maximum,
            },
            property: aggregate.property,
            path: aggregate.path,
            distinct: aggregate.distinct,
        }
    }
}

impl From<wit::Request> for AggregateRequest {
    fn from(request: wit::Request) -> Self {
        Self {
            filter: request.filter,
            group_by: request.group_by,
            aggregates: request.aggregates.into_iter().map(Into::into).collect(),
            order: request.order,
            limit: request.limit,
            offset: request.offset,
        }
    }
}

impl wit::GuestGroups for OpenRows {
    fn next(&self, max: u32) -> Result<Option<Page>, Error> {
        self.next(max)
    }

    fn close(&self) -> Result<(), Error> {
        self.close()
    }
}

impl<E: Exported<Connector: Aggregates>> wit::Guest for Adapter<E> {
    type Groups = OpenRows;

    fn aggregate(model: String, request: wit::Request) -> Result<wit::Groups, Error> {
        call::<E, _>(|connector, limits| {
            let rows = connector.aggregate(&model, request.into())?;
            Ok(wit::Groups::new(OpenRows::new(rows, limits)))
        })
    }
}
