//! Filters on the wire: flattened, and read back with suspicion.

use proptest::prelude::*;
use tenon_model::contract::FilterNode;
use tenon_model::{Filter, MAX_DEPTH, MAX_NODES, Matcher, Query};

use crate::strategies::any_filter;

proptest! {
    #[test]
    fn a_flattened_filter_reads_back_as_it_was(filter in any_filter()) {
        prop_assert_eq!(Filter::from_nodes(&filter.to_nodes()), Ok(filter));
    }

    #[test]
    fn nodes_refer_to_greater_indexes_and_each_is_referred_to_once(filter in any_filter()) {
        let nodes = filter.to_nodes();
        let mut referred = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            if let FilterNode::AllOf(children) | FilterNode::AnyOf(children) | FilterNode::NoneOf(children) = node {
                prop_assert!(children.iter().all(|child| *child as usize > index));
                referred.extend_from_slice(children);
            }
        }
        referred.sort_unstable();
        let expected: Vec<u32> = (1..nodes.len().max(1) as u32).collect();
        prop_assert_eq!(referred, expected);
    }

    #[test]
    fn nodes_of_any_shape_are_a_tree_or_refused(
        groups in prop::collection::vec(prop::collection::vec(0u32..6, 0..4), 0..6),
    ) {
        let nodes: Vec<FilterNode> = groups.into_iter().map(FilterNode::AnyOf).collect();
        if let Ok(filter) = Filter::from_nodes(&nodes) {
            let count = if nodes.is_empty() { 0 } else { nodes.len() };
            prop_assert_eq!(filter.to_nodes().len(), count);
        }
    }
}

#[test]
fn every_record_is_no_node_at_all() {
    assert_eq!(Filter::all().to_nodes(), vec![]);
    assert_eq!(Filter::from_nodes(&[]), Ok(Filter::all()));
    assert_eq!(
        Filter::from_nodes(&[FilterNode::AllOf(vec![])]),
        Ok(Filter::all())
    );
}

#[test]
fn what_is_no_tree_is_refused_with_its_place() {
    let empty = || FilterNode::AllOf(vec![]);
    for (nodes, place, reason) in [
        (
            vec![FilterNode::AllOf(vec![0])],
            "filter[0]",
            "greater indexes",
        ),
        (
            vec![FilterNode::AllOf(vec![1])],
            "filter[0]",
            "doesn't exist",
        ),
        (
            vec![FilterNode::AllOf(vec![u32::MAX])],
            "filter[0]",
            "doesn't exist",
        ),
        (
            vec![FilterNode::AllOf(vec![1, 1]), empty()],
            "filter[0]",
            "another above it",
        ),
        (
            vec![
                FilterNode::AllOf(vec![1, 2]),
                FilterNode::NoneOf(vec![2]),
                empty(),
            ],
            "filter[0]",
            "another above it",
        ),
        (
            vec![empty(), empty()],
            "filter[1]",
            "no other node refers to it",
        ),
        (
            vec![FilterNode::AllOf(vec![1]), FilterNode::AllOf(vec![0])],
            "filter[1]",
            "greater indexes",
        ),
    ] {
        let problem = Filter::from_nodes(&nodes).unwrap_err();
        assert_eq!(problem.place, place, "{problem}");
        assert!(problem.message.contains(reason), "{problem}");
        assert!(Matcher::from_nodes(&nodes).is_err());
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let chain = |length: u32| -> Vec<FilterNode> {
        let groups = (1..length).map(|next| FilterNode::NoneOf(vec![next]));
        groups.chain([FilterNode::AnyOf(vec![])]).collect()
    };
    assert!(Filter::from_nodes(&chain(MAX_DEPTH as u32)).is_ok());
    assert!(Filter::from_nodes(&chain(MAX_DEPTH as u32 + 1)).is_err());
    let flat = |count: usize| -> Vec<FilterNode> {
        let root = FilterNode::AnyOf((1..count as u32).collect());
        let leaves = (1..count).map(|_| FilterNode::AllOf(vec![]));
        std::iter::once(root).chain(leaves).collect()
    };
    assert!(Filter::from_nodes(&flat(MAX_NODES)).is_ok());
    assert!(Filter::from_nodes(&flat(MAX_NODES + 1)).is_err());
}

#[test]
fn a_query_travels_and_comes_back() {
    let query = Query::filter(Filter::equal("a", 1))
        .descending("b")
        .fields(["a", "b"])
        .limit(3)
        .offset(4);
    assert_eq!(Query::from_contract(query.to_contract()), Ok(query));
}
