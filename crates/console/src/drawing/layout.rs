//! Where everything goes: layers by longest path, order by barycentres, heights by least squares.

use std::collections::BTreeMap;

use super::{Graph, Shape};

const BOX_WIDTH: f64 = 196.0;
const BOX_HEIGHT: f64 = 50.0;
const STEP_SIZE: f64 = 26.0;
const LAYER_GAP: f64 = 44.0;
const ROW_GAP: f64 = 14.0;
const MARGIN: f64 = 18.0;
const SWEEPS: usize = 12;

/// A node's centre and size.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The drawing: a place per node, the bends of each edge, and the size of it all.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    pub(super) bends: Vec<Vec<(f64, f64)>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Lays a graph out. Edges that close a cycle are drawn against the flow.
pub(super) fn lay_out(graph: &Graph) -> Layout {
    if graph.nodes.is_empty() {
        return Layout::default();
    }
    let arrows = forward(graph);
    let layers = layer(graph.nodes.len(), &arrows);
    let mut grid = Grid::new(graph, &arrows, &layers);
    grid.order();
    grid.settle();
    grid.finish(graph)
}

/// The edges as pairs that run forward: those that close a cycle are turned round.
fn forward(graph: &Graph) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut out = vec![Vec::new(); graph.nodes.len()];
    for (i, edge) in graph.edges.iter().enumerate() {
        out[edge.from].push(i);
    }
    let mut arrows: Vec<(usize, usize)> =
        graph.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    let mut seen = vec![Seen::No; graph.nodes.len()];
    for root in 0..graph.nodes.len() {
        if seen[root] != Seen::No {
            continue;
        }
        seen[root] = Seen::Open;
        let mut path = vec![(root, 0)];
        while let Some((node, next)) = path.last_mut() {
            let Some(&edge) = out[*node].get(*next) else {
                seen[*node] = Seen::Done;
                path.pop();
                continue;
            };
            *next += 1;
            let to = graph.edges[edge].to;
            match seen[to] {
                Seen::Open => arrows[edge] = (to, graph.edges[edge].from),
                Seen::No => {
                    seen[to] = Seen::Open;
                    path.push((to, 0));
                }
                Seen::Done => {}
            }
        }
    }
    arrows.retain(|(from, to)| from != to);
    arrows
}

/// The layer of each node: one more than its latest predecessor, and sources next to what they
/// feed.
fn layer(nodes: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut waiting = vec![0_usize; nodes];
    let mut out = vec![Vec::new(); nodes];
    for &(from, to) in arrows {
        waiting[to] += 1;
        out[from].push(to);
    }
    let is_source: Vec<bool> = waiting.iter().map(|count| *count == 0).collect();
    let mut ready: Vec<usize> = (0..nodes).filter(|node| is_source[*node]).collect();
    let mut layers = vec![0; nodes];
    while let Some(node) = ready.pop() {
        for &to in &out[node] {
            layers[to] = layers[to].max(layers[node] + 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    for node in (0..nodes).filter(|node| is_source[*node]) {
        if let Some(nearest) = out[node].iter().map(|to| layers[*to]).min() {
            layers[node] = nearest - 1;
        }
    }
    layers
}

/// A cell of the grid: a node of the graph, or a bend of an edge that passes its layer.
struct Cell {
    node: Option<usize>,
    height: f64,
    before: Vec<usize>,
    after: Vec<usize>,
    y: f64,
}

struct Grid {
    cells: Vec<Cell>,
    layers: Vec<Vec<usize>>,
    /// The cells that each arrow passes, from end to end.
    routes: BTreeMap<(usize, usize), Vec<usize>>,
}

impl Grid {
    fn new(graph: &Graph, arrows: &[(usize, usize)], layers: &[usize]) -> Self {
        let depth = layers.iter().max().map_or(0, |last| last + 1);
        let cell = |node, height| Cell { node, height, before: vec![], after: vec![], y: 0.0 };
        let mut grid =
            Self { cells: Vec::new(), layers: vec![Vec::new(); depth], routes: BTreeMap::new() };
        for (i, node) in graph.nodes.iter().enumerate() {
            grid.cells.push(cell(Some(i), size(node.shape).1));
            grid.layers[layers[i]].push(i);
        }
        for &(from, to) in arrows {
            let mut route = vec![from];
            for passed in &mut grid.layers[layers[from] + 1..layers[to]] {
                passed.push(grid.cells.len());
                route.push(grid.cells.len());
                grid.cells.push(cell(None, 4.0));
            }
            route.push(to);
            for pair in route.windows(2) {
                grid.cells[pair[0]].after.push(pair[1]);
                grid.cells[pair[1]].before.push(pair[0]);
            }
            grid.routes.insert((from, to), route);
        }
        grid
    }

    /// Sorts each layer by the mean position of its neighbours, back and forth.
    fn order(&mut self) {
        for sweep in 0..SWEEPS {
            let depth = self.layers.len();
            for step in 1..depth {
                let is_forward = sweep % 2 == 0;
                let layer = if is_forward { step } else { depth - 1 - step };
                let mut positions = vec![0.0; self.cells.len()];
                for cells in &self.layers {
                    for (i, cell) in cells.iter().enumerate() {
                        positions[*cell] = i as f64 - cells.len() as f64 / 2.0;
                    }
                }
                let mut keyed: Vec<(f64, usize)> = self.layers[layer]
                    .iter()
                    .map(|&cell| {
                        let around = self.neighbours(cell, is_forward);
                        (mean(around, &positions).unwrap_or(positions[cell]), cell)
                    })
                    .collect();
                keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
                self.layers[layer] = keyed.into_iter().map(|(_, cell)| cell).collect();
            }
        }
    }

    fn neighbours(&self, cell: usize, before: bool) -> &[usize] {
        if before { &self.cells[cell].before } else { &self.cells[cell].after }
    }

    /// Moves every cell as near to its neighbours as the order and the distances allow.
    fn settle(&mut self) {
        for cells in self.layers.clone() {
            let wanted = vec![0.0; cells.len()];
            self.put(&cells, &wanted);
        }
        for sweep in 0..SWEEPS {
            let depth = self.layers.len();
            for step in 0..depth {
                let layer = if sweep % 2 == 0 { step } else { depth - 1 - step };
                let cells = self.layers[layer].clone();
                let heights: Vec<f64> = self.cells.iter().map(|cell| cell.y).collect();
                let wanted: Vec<f64> = cells
                    .iter()
                    .map(|&cell| {
                        let Cell { before, after, y, .. } = &self.cells[cell];
                        let both: Vec<usize> = before.iter().chain(after).copied().collect();
                        mean(&both, &heights).unwrap_or(*y)
                    })
                    .collect();
                self.put(&cells, &wanted);
            }
        }
    }

    /// Puts the cells of a layer at the heights that are nearest to the wanted ones (least
    /// squares) with room between them: isotonic regression by pooling adjacent violators.
    fn put(&mut self, cells: &[usize], wanted: &[f64]) {
        let mut offsets = Vec::with_capacity(cells.len());
        let mut offset = 0.0;
        for (i, &cell) in cells.iter().enumerate() {
            if i > 0 {
                offset += (self.cells[cells[i - 1]].height + self.cells[cell].height) / 2.0;
                offset += ROW_GAP;
            }
            offsets.push(offset);
        }
        // Pools of (sum of wanted heights without offsets, number of cells).
        let mut pools: Vec<(f64, usize)> = Vec::new();
        for (height, offset) in wanted.iter().zip(&offsets) {
            pools.push((height - offset, 1));
            while let [.., left, right] = pools.as_slice()
                && left.0 / left.1 as f64 > right.0 / right.1 as f64
            {
                let merged = (left.0 + right.0, left.1 + right.1);
                pools.truncate(pools.len() - 2);
                pools.push(merged);
            }
        }
        let mut next = 0;
        for (sum, count) in pools {
            for _ in 0..count {
                self.cells[cells[next]].y = sum / count as f64 + offsets[next];
                next += 1;
            }
        }
    }

    fn finish(self, graph: &Graph) -> Layout {
        let top = self.cells.iter().map(|cell| cell.y - cell.height / 2.0);
        let top = top.fold(f64::INFINITY, f64::min) - MARGIN;
        let bottom = self.cells.iter().map(|cell| cell.y + cell.height / 2.0);
        let bottom = bottom.fold(f64::NEG_INFINITY, f64::max) + MARGIN;
        let mut layout = Layout {
            places: vec![Place::default(); graph.nodes.len()],
            height: bottom - top,
            ..Layout::default()
        };
        let mut centres = vec![(0.0, 0.0); self.cells.len()];
        let mut x = MARGIN;
        for cells in &self.layers {
            let width = |cell: &usize| self.cells[*cell].node.map(|i| size(graph.nodes[i].shape).0);
            let column = cells.iter().filter_map(width).fold(STEP_SIZE, f64::max);
            for &cell in cells {
                let Cell { node, height, y, .. } = self.cells[cell];
                centres[cell] = (x + column / 2.0, y - top);
                if let Some(i) = node {
                    let width = size(graph.nodes[i].shape).0;
                    layout.places[i] = Place { x: x + column / 2.0, y: y - top, width, height };
                }
            }
            x += column + LAYER_GAP;
        }
        layout.width = x - LAYER_GAP + MARGIN;
        layout.bends =
            graph.edges.iter().map(|edge| self.bends_of((edge.from, edge.to), &centres)).collect();
        layout
    }

    /// The points between the two ends of an edge; against the flow for one that was turned.
    fn bends_of(&self, ends: (usize, usize), centres: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let along = |arrow: (usize, usize)| {
            let route = self.routes.get(&arrow)?;
            Some(route[1..route.len() - 1].iter().map(|cell| centres[*cell]).collect::<Vec<_>>())
        };
        let turned = || {
            let mut bends = along((ends.1, ends.0))?;
            bends.reverse();
            Some(bends)
        };
        along(ends).or_else(turned).unwrap_or_default()
    }
}

fn size(shape: Shape) -> (f64, f64) {
    match shape {
        Shape::Thing => (BOX_WIDTH, BOX_HEIGHT),
        Shape::Step => (STEP_SIZE, STEP_SIZE),
    }
}

fn mean(cells: &[usize], values: &[f64]) -> Option<f64> {
    let sum: f64 = cells.iter().map(|cell| values[*cell]).sum();
    (!cells.is_empty()).then(|| sum / cells.len() as f64)
}
