//! A filter's tree, flattened for the wire and back.
//!
//! What comes back is another side's word, so every index is checked before it is followed: a list that is no
//! tree, or too large a one, is refused.

use super::{Filter, MAX_DEPTH, MAX_NODES, MAX_OPERANDS, MAX_PATH};
use crate::contract::{self, Extension, FilterNode, Value};
use crate::problem::Problem;

/// The extension that a condition on related records becomes, which no connector knows.
const RELATED: &str = "tenon:related";

impl Filter {
    /// As the contract has it: an empty list for every record, else the root first. Conditions on related
    /// records are rewritten before; one that is left becomes an extension that no connector does.
    pub fn to_nodes(&self) -> contract::Filter {
        if self.is_all() {
            return Vec::new();
        }
        let mut queue = vec![self];
        let mut nodes = Vec::new();
        while let Some(filter) = queue.get(nodes.len()).copied() {
            let first = queue.len();
            queue.extend(filter.parts());
            let children = (first..queue.len())
                .map(|index| u32::try_from(index).unwrap_or(u32::MAX))
                .collect();
            nodes.push(match filter {
                Self::Condition(condition) => FilterNode::Condition(condition.clone()),
                Self::Extension(extension) => FilterNode::Extension(extension.clone()),
                Self::AllOf(_) => FilterNode::AllOf(children),
                Self::AnyOf(_) => FilterNode::AnyOf(children),
                Self::NoneOf(_) => FilterNode::NoneOf(children),
                // The contract knows no relations. Whoever is asked all the same must refuse, not match more.
                Self::Related { relation, .. } => FilterNode::Extension(Extension {
                    name: RELATED.to_owned(),
                    property: relation.clone(),
                    path: Vec::new(),
                    operands: Vec::new(),
                }),
            });
        }
        nodes
    }

    /// The filter of the contract's nodes.
    ///
    /// # Errors
    /// Where the nodes are no tree with greater indexes below, or one beyond the bounds of this module.
    pub fn from_nodes(nodes: &[FilterNode]) -> Result<Self, Problem> {
        if nodes.is_empty() {
            return Ok(Self::all());
        }
        if nodes.len() > MAX_NODES {
            let count = nodes.len();
            return Err(whole(format!(
                "a filter of {count} nodes; {MAX_NODES} are the most"
            )));
        }
        if nodes.iter().map(|node| operands(node).len()).sum::<usize>() > MAX_OPERANDS {
            return Err(whole(format!(
                "a filter has at most {MAX_OPERANDS} operands in all"
            )));
        }
        let mut built = Builder {
            filters: nodes.iter().map(|_| None).collect(),
        };
        // From the last to the first, so that whatever a node refers to is there already.
        for (index, node) in nodes.iter().enumerate().rev() {
            let filter = built.filter(index, node)?;
            built.put(index, filter);
        }
        let (root, _) = built.take(0, 0)?;
        match built.filters.iter().position(Option::is_some) {
            None => Ok(root),
            Some(index) => Err(at(
                index,
                "no other node refers to it; every node but the first has one",
            )),
        }
    }
}

/// The filters built so far, each with its depth, until the node above takes them.
struct Builder {
    filters: Vec<Option<(Filter, usize)>>,
}

impl Builder {
    fn filter(&mut self, index: usize, node: &FilterNode) -> Result<(Filter, usize), Problem> {
        let path = match node {
            FilterNode::Condition(condition) => condition.path.len(),
            FilterNode::Extension(extension) => extension.path.len(),
            _ => 0,
        };
        if path > MAX_PATH {
            return Err(at(
                index,
                format!("a path of {path} steps; {MAX_PATH} are the most"),
            ));
        }
        let leaf = match node {
            FilterNode::Condition(condition) => Filter::Condition(condition.clone()),
            FilterNode::Extension(extension) => Filter::Extension(extension.clone()),
            FilterNode::AllOf(children) => return self.group(index, children, Filter::AllOf),
            FilterNode::AnyOf(children) => return self.group(index, children, Filter::AnyOf),
            FilterNode::NoneOf(children) => return self.group(index, children, Filter::NoneOf),
        };
        Ok((leaf, 1))
    }

    fn group(
        &mut self,
        index: usize,
        children: &[u32],
        join: fn(Vec<Filter>) -> Filter,
    ) -> Result<(Filter, usize), Problem> {
        let mut parts = Vec::new();
        let mut deepest = 0;
        for child in children {
            let child = usize::try_from(*child).unwrap_or(usize::MAX);
            if child <= index {
                return Err(at(
                    index,
                    format!(
                        "it refers to node {child}; a node refers to greater indexes than its own"
                    ),
                ));
            }
            let (part, depth) = self.take(index, child)?;
            parts.push(part);
            deepest = deepest.max(depth);
        }
        if deepest >= MAX_DEPTH {
            return Err(at(index, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok((join(parts), deepest + 1))
    }

    fn take(&mut self, index: usize, child: usize) -> Result<(Filter, usize), Problem> {
        match self.filters.get_mut(child) {
            Some(slot) => slot.take().ok_or_else(|| {
                at(
                    index,
                    format!("it refers to node {child}, which has another above it already"),
                )
            }),
            None => Err(at(
                index,
                format!("it refers to node {child}, which doesn't exist"),
            )),
        }
    }

    fn put(&mut self, index: usize, filter: (Filter, usize)) {
        if let Some(slot) = self.filters.get_mut(index) {
            *slot = Some(filter);
        }
    }
}

fn operands(node: &FilterNode) -> &[Value] {
    match node {
        FilterNode::Condition(condition) => &condition.operands,
        FilterNode::Extension(extension) => &extension.operands,
        _ => &[],
    }
}

fn at(index: usize, message: impl Into<String>) -> Problem {
    Problem::new(format!("filter[{index}]"), message)
}

fn whole(message: String) -> Problem {
    Problem::new("filter", message)
}
