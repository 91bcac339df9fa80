//! The strongly connected components of a graph: sets of nodes each of which reaches every other.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Components of two nodes or more, and nodes with an edge to themselves (Sharir 1981: two walks, neither of them recursive).
///
/// Nodes are small numbers; those that no edge names may be left out of the count, as they are in no component.
pub fn strongly_connected(edges: &[(u32, u32)]) -> Vec<Vec<u32>> {
    let graph: DiGraph<(), ()> = DiGraph::from_edges(edges);
    let reaches_itself = |node: NodeIndex| graph.contains_edge(node, node);
    kosaraju_scc(&graph)
        .into_iter()
        .filter(|part| part.len() > 1 || reaches_itself(part[0]))
        .map(|part| part.into_iter().map(|node| node.index() as u32).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::strongly_connected;

    fn sorted(edges: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let mut parts = strongly_connected(edges);
        parts.iter_mut().for_each(|part| part.sort_unstable());
        parts.sort_unstable();
        parts
    }

    #[test]
    fn nodes_that_reach_each_other_are_one_component() {
        let edges = [
            (0, 1),
            (1, 2),
            (2, 0),
            (2, 3),
            (3, 4),
            (4, 3),
            (5, 5),
            (6, 0),
        ];
        assert_eq!(sorted(&edges), [vec![0, 1, 2], vec![3, 4], vec![5]]);
        assert_eq!(sorted(&[]), Vec::<Vec<u32>>::new());
    }

    #[test]
    fn a_long_chain_does_not_use_up_the_stack() {
        let last = 300_000;
        let mut edges: Vec<_> = (0..last).map(|node| (node, node + 1)).collect();
        assert_eq!(sorted(&edges), Vec::<Vec<u32>>::new());
        edges.push((last, 0));
        assert_eq!(sorted(&edges)[0].len(), last as usize + 1);
    }
}
