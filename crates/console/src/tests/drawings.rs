//! Drawings of graphs.

use crate::drawing::{Edge, Graph, Node, Shape, Tone, draw};

fn graph(nodes: usize, edges: &[(usize, usize)]) -> Graph {
    let node = |i| Node {
        shape: Shape::Thing,
        title: format!("thing {i}"),
        subtitle: String::new(),
        shared: "shared".to_owned(),
        tone: Tone::Plain,
        is_focus: false,
        count: 1,
        href: String::new(),
    };
    let edge =
        |&(from, to): &(usize, usize)| Edge { from, to, tone: Tone::Plain, is_inside: false };
    Graph { nodes: (0..nodes).map(node).collect(), edges: edges.iter().map(edge).collect() }
}

/// The left edges of the boxes, by title.
fn lefts(graph: &Graph) -> Vec<i64> {
    let svg = draw(graph, "test").into_string();
    let boxes = svg.split("class=\"box\" x=\"").skip(1);
    boxes.map(|text| text.split('"').next().unwrap().parse::<f64>().unwrap() as i64).collect()
}

#[test]
fn what_comes_later_stands_further_right() {
    let graph = graph(5, &[(0, 1), (1, 2), (0, 3), (3, 2), (2, 4)]);
    let x = lefts(&graph);
    for edge in &graph.edges {
        assert!(x[edge.from] < x[edge.to], "{edge:?}");
    }
}

#[test]
fn a_cycle_is_drawn_and_does_not_hang() {
    let svg = draw(&graph(3, &[(0, 1), (1, 2), (2, 0)]), "test").into_string();
    assert_eq!(svg.matches("<path").count(), 3);
}

#[test]
fn nothing_is_drawn_of_nothing() {
    assert!(draw(&graph(0, &[]), "test").into_string().contains("<svg"));
}

#[test]
fn boxes_of_one_column_do_not_overlap() {
    let edges: Vec<(usize, usize)> = (1..9).map(|i| (0, i)).collect();
    let svg = draw(&graph(9, &edges), "test").into_string();
    let mut tops: Vec<f64> = svg
        .split("class=\"box\"")
        .skip(2)
        .map(|text| text.split(" y=\"").nth(1).unwrap().split('"').next().unwrap())
        .map(|top| top.parse().unwrap())
        .collect();
    tops.sort_by(f64::total_cmp);
    assert!(tops.windows(2).all(|pair| pair[1] - pair[0] >= 50.0), "{tops:?}");
}

#[test]
fn alike_things_with_alike_neighbours_become_one_box() {
    let folded = graph(5, &[(0, 1), (0, 2), (0, 3), (3, 4)]).folded(|_| Some("pack".to_owned()));
    let counts: Vec<usize> = folded.nodes.iter().map(|node| node.count).collect();
    assert_eq!(counts, [1, 2, 1, 1], "1 and 2 are alike; 3 leads on to 4");
    assert_eq!(folded.edges.len(), 3);
}

#[test]
fn a_thousand_links_are_laid_out_quickly() {
    let edges: Vec<(usize, usize)> = (0..1_000).map(|i| (i % 100, 100 + i * 7 % 200)).collect();
    assert!(draw(&graph(300, &edges), "test").into_string().len() > 10_000);
}
