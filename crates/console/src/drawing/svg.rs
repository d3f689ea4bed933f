//! The drawing as SVG elements; colours come from the style sheet.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{
    Edge, Graph, Node, Shape, Tone,
    layout::{Place, lay_out},
};

/// Letters that fit on a line of a box.
const TITLE_LETTERS: usize = 25;
const SUBTITLE_LETTERS: usize = 30;

/// Draws the graph in its natural size.
pub(crate) fn draw(graph: &Graph, label: &str) -> Markup {
    let layout = lay_out(graph);
    let (width, height) = (layout.width.ceil(), layout.height.ceil());
    html! {
        svg width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) }
            role="group" aria-label=(label) {
            @for (edge, bends) in graph.edges.iter().zip(&layout.bends) {
                path class=(edge_class(edge))
                    d=(path(&layout.places[edge.from], bends, &layout.places[edge.to])) {}
            }
            @for (node, place) in graph.nodes.iter().zip(&layout.places) {
                @match node.shape {
                    Shape::Thing => (thing(node, place)),
                    Shape::Step => (step(node, place)),
                }
            }
        }
    }
}

fn edge_class(edge: &Edge) -> String {
    let inside = if edge.is_inside { " inside" } else { "" };
    match edge.tone {
        Tone::Alarm => format!("edge alarm{inside}"),
        Tone::Missing => "edge missing".to_owned(),
        _ => format!("edge{inside}"),
    }
}

fn node_class(node: &Node) -> String {
    let tone = match node.tone {
        Tone::Plain => "",
        Tone::Alarm => " alarm",
        Tone::Gone => " gone",
        Tone::Missing => " missing",
    };
    format!("node{tone}{}", if node.is_focus { " focus" } else { "" })
}

/// A smooth line that leaves to the right and arrives from the left.
fn path(from: &Place, bends: &[(f64, f64)], to: &Place) -> String {
    let is_forward = from.x <= to.x;
    let side = if is_forward { 1.0 } else { -1.0 };
    let start = (from.x + side * from.width / 2.0, from.y);
    let end = (to.x - side * to.width / 2.0, to.y);
    let mut out = format!("M{:.0} {:.0}", start.0, start.1);
    let mut last = start;
    for &(x, y) in bends.iter().chain([&end]) {
        let middle = (last.0 + x) / 2.0;
        let _ = write!(out, "C{middle:.0} {:.0} {middle:.0} {y:.0} {x:.0} {y:.0}", last.1);
        last = (x, y);
    }
    out
}

fn thing(node: &Node, place: &Place) -> Markup {
    let (x, y) = (place.x - place.width / 2.0, place.y - place.height / 2.0);
    let count = if node.count > 1 { format!("{} × ", node.count) } else { String::new() };
    let title = shortened(&format!("{count}{}", node.title), TITLE_LETTERS);
    let subtitle = if node.count > 1 { &node.shared } else { &node.subtitle };
    html! {
        a href=(node.href) data-focus[node.is_focus] {
            g class=(node_class(node)) {
                title { (count) (node.title) " " (subtitle) }
                @if node.count > 1 {
                    rect.box.stack-box x=(x + 5.0) y=(y + 5.0) width=(place.width)
                        height=(place.height) rx="9" {}
                }
                rect.box x=(x) y=(y) width=(place.width) height=(place.height) rx="9" {}
                @if node.is_focus {
                    rect.ring x=(x - 4.0) y=(y - 4.0) width=(place.width + 8.0)
                        height=(place.height + 8.0) rx="12" {}
                }
                text.title x=(x + 12.0) y=(y + 21.0) { (title) }
                text.sub x=(x + 12.0) y=(y + 38.0) {
                    (shortened(subtitle, SUBTITLE_LETTERS))
                }
            }
        }
    }
}

fn step(node: &Node, place: &Place) -> Markup {
    html! {
        a href=(node.href) {
            g.step {
                title { (node.title) " " (node.subtitle) }
                circle.box cx=(place.x) cy=(place.y) r=(place.width / 2.0) {}
                text x=(place.x) y=(place.y + 4.5) text-anchor="middle" { "→" }
            }
        }
    }
}

fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(letters - 1).collect();
    format!("{}…", kept.trim_end())
}
