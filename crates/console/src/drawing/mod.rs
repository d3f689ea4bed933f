//! Draws a graph of goods as SVG: layered from left to right, on the server, without scripts.

mod layout;
mod svg;
pub(crate) mod temperature;

pub(crate) use svg::draw;

/// Graphs with more nodes or edges are not drawn: nobody could read them.
const NODES_MAX: usize = 300;
const EDGES_MAX: usize = 2_000;

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
}

/// A thing, or a step in which things become others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) shape: Shape,
    /// First line: the name.
    pub(crate) title: String,
    /// Second line: the number.
    pub(crate) subtitle: String,
    /// Second line where several things are one box.
    pub(crate) shared: String,
    pub(crate) tone: Tone,
    /// It is what was asked for.
    pub(crate) is_focus: bool,
    /// More than 1: so many things of the same kind with the same neighbours.
    pub(crate) count: usize,
    /// Where a click leads.
    pub(crate) href: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// A box.
    Thing,
    /// A small circle between boxes.
    Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    Plain,
    /// Recalled or found wanting.
    Alarm,
    /// Destroyed.
    Gone,
    /// Named by others but never recorded.
    Missing,
}

/// An arrow from what was earlier to what came of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) tone: Tone,
    /// One is packed into the other, rather than turned into it.
    pub(crate) is_inside: bool,
}

impl Graph {
    /// Whether a person could read a drawing of it.
    pub(crate) fn is_readable(&self) -> bool {
        self.nodes.len() <= NODES_MAX && self.edges.len() <= EDGES_MAX
    }

    /// Folds things of the same kind with the same neighbours into one box that counts them.
    ///
    /// `kind` tells which nodes may be one box; things that are alone of their kind stay.
    pub(crate) fn folded(&self, kind: impl Fn(usize) -> Option<String>) -> Self {
        let mut group: Vec<usize> = (0..self.nodes.len()).collect();
        // Folding one layer makes the neighbours of the next alike: a few rounds suffice.
        for _ in 0..4 {
            let next = self.group_again(&group, &kind);
            if next == group {
                break;
            }
            group = next;
        }
        self.with_groups(&group)
    }

    fn group_again(&self, group: &[usize], kind: &impl Fn(usize) -> Option<String>) -> Vec<usize> {
        let mut around: Vec<Vec<(bool, usize, bool)>> = vec![Vec::new(); self.nodes.len()];
        for edge in &self.edges {
            around[edge.from].push((true, group[edge.to], edge.is_inside));
            around[edge.to].push((false, group[edge.from], edge.is_inside));
        }
        let mut first = std::collections::BTreeMap::new();
        let mut next: Vec<usize> = (0..self.nodes.len()).collect();
        for (i, neighbours) in around.iter_mut().enumerate() {
            neighbours.sort_unstable();
            neighbours.dedup();
            if let Some(kind) = kind(i) {
                let node = &self.nodes[i];
                let signature = (kind, node.shape, node.tone, neighbours.clone());
                next[i] = *first.entry(signature).or_insert(i);
            }
        }
        next
    }

    fn with_groups(&self, group: &[usize]) -> Self {
        let mut place = vec![usize::MAX; self.nodes.len()];
        let mut nodes: Vec<Node> = Vec::new();
        for (i, node) in self.nodes.iter().enumerate() {
            let leader = group[i];
            if leader == i {
                place[i] = nodes.len();
                nodes.push(node.clone());
            } else {
                place[i] = place[leader];
                nodes[place[leader]].count += node.count;
            }
        }
        let mut edges: Vec<Edge> = self
            .edges
            .iter()
            .map(|edge| Edge { from: place[edge.from], to: place[edge.to], ..edge.clone() })
            .filter(|edge| edge.from != edge.to)
            .collect();
        edges.sort();
        edges.dedup();
        Self { nodes, edges }
    }
}
