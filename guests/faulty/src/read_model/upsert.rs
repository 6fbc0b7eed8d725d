//! What an upsert inserts before its edits.

use tenon_model::contract::{Comparison, FilterNode};
use tenon_sdk::{Edit, Entity, Filter, Result};

use super::edit;
use crate::fault::{Fault, Planted};

/// What a document must have to match: the values that the filter wants something to be equal to.
pub(super) fn equal_values(planted: Planted, filter: &Filter) -> Result<Entity> {
    let mut document = Entity::new();
    let mut left = vec![0];
    while let Some(node) = left.pop() {
        match filter.get(node) {
            Some(FilterNode::AllOf(nodes)) => {
                let nodes = nodes.iter().filter_map(|next| usize::try_from(*next).ok());
                // Nodes refer to later ones alone, so this ends.
                left.extend(nodes.filter(|next| *next > node));
            }
            Some(FilterNode::Condition(condition)) => {
                let takes = condition.comparison == Comparison::Equal
                    || planted.is(Fault::UpsertTakesEveryOperand);
                let value = condition.operands.first().filter(|_| takes);
                if let Some(value) = value {
                    let steps = std::iter::once(condition.property.clone());
                    let path = steps.chain(condition.path.iter().cloned()).collect();
                    let set = Edit::Set(path, value.clone());
                    edit::apply(Planted::default(), &mut document, &set)?;
                }
            }
            _ => {}
        }
    }
    Ok(document)
}
