//! A trace as a graph to draw: things, the steps between them, and what is recalled.

use std::collections::{BTreeMap, BTreeSet};

use qiao_indexer::{Relation, ThingKind, ThingState, Trace, TraceNode, TraceStep};

use crate::{
    console::Console,
    drawing::{Edge, Graph, Node, Shape, Tone},
    pages::{events, search::encoded},
    telling::{self, Told},
    words,
};

/// Identifiers that are recalled or found wanting, or made from such.
pub(super) type Alarms = BTreeSet<String>;

/// Finds what is recalled: what an event says is, and everything that was made of it.
pub(super) fn alarms(trace: &Trace) -> Alarms {
    let mut alarms = Alarms::new();
    for step in &trace.timeline {
        if step.withdrawn.is_none() && events::is_alarm(step.disposition.as_deref()) {
            alarms.extend(step.concerns.iter().cloned());
        }
    }
    let mut made: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for link in trace.links.iter().filter(|link| link.relation == Relation::Became) {
        made.entry(&link.from).or_default().push(&link.to);
    }
    let mut open: Vec<String> = alarms.iter().cloned().collect();
    while let Some(id) = open.pop() {
        for made in made.get(id.as_str()).into_iter().flatten() {
            if alarms.insert((*made).to_owned()) {
                open.push((*made).to_owned());
            }
        }
    }
    alarms
}

/// The state of a thing in a few words.
pub(super) fn state_words(console: &Console, node: &TraceNode) -> String {
    let place = node.present_place.as_deref().map(|id| console.labels.place(id));
    match (node.state, place) {
        (ThingState::Present, Some(place)) => format!("at {place}"),
        (ThingState::Present, None) => "in stock".to_owned(),
        (ThingState::InTransit, _) => "on its way".to_owned(),
        (ThingState::Sold, _) => "sold".to_owned(),
        (ThingState::Consumed, _) => "used up".to_owned(),
        (ThingState::Gone, _) => "destroyed".to_owned(),
        (ThingState::Unknown, _) => "whereabouts not recorded".to_owned(),
    }
}

/// The graph, with things of the same kind and way folded into one box.
pub(super) fn of(console: &Console, trace: &Trace, alarms: &Alarms) -> Graph {
    let mut graph = Graph::default();
    let mut kinds = Vec::new();
    let mut places = BTreeMap::new();
    for node in trace.nodes.iter().filter(|node| node.kind != ThingKind::Place) {
        places.insert(node.id.as_str(), graph.nodes.len());
        kinds.push(fold_kind(console, trace, node));
        graph.nodes.push(thing(console, trace, node, alarms));
    }
    let steps: BTreeMap<&str, &TraceStep> =
        trace.timeline.iter().map(|step| (step.event.as_str(), step)).collect();
    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    for link in &trace.links {
        let (Some(&from), Some(&to)) =
            (places.get(link.from.as_str()), places.get(link.to.as_str()))
        else {
            continue;
        };
        if link.relation != Relation::Became {
            graph.edges.push(Edge { from, to, tone: Tone::Plain, is_inside: true });
            continue;
        }
        let middle = *made.entry(&link.event).or_insert_with(|| {
            kinds.push(None);
            graph.nodes.push(step(console, &link.event, steps.get(link.event.as_str()).copied()));
            graph.nodes.len() - 1
        });
        for (from, to) in [(from, middle), (middle, to)] {
            graph.edges.push(Edge { from, to, tone: Tone::Plain, is_inside: false });
        }
    }
    colour(&mut graph);
    graph.folded(|i| kinds[i].clone())
}

/// Edges take the alarm of both their ends, and the gap of one.
fn colour(graph: &mut Graph) {
    let tones: Vec<(Tone, Shape)> =
        graph.nodes.iter().map(|node| (node.tone, node.shape)).collect();
    let starts_alarm: BTreeSet<usize> = graph
        .edges
        .iter()
        .filter(|edge| tones[edge.from].0 == Tone::Alarm)
        .map(|edge| edge.to)
        .collect();
    for edge in &mut graph.edges {
        let ends = (tones[edge.from], tones[edge.to]);
        let out_of_step = ends.0.1 == Shape::Step && starts_alarm.contains(&edge.from);
        edge.tone = match (ends.0.0, ends.1.0) {
            (Tone::Missing, _) | (_, Tone::Missing) => Tone::Missing,
            (Tone::Alarm, Tone::Alarm) => Tone::Alarm,
            (Tone::Alarm, _) if ends.1.1 == Shape::Step => Tone::Alarm,
            (_, Tone::Alarm) if out_of_step => Tone::Alarm,
            _ => Tone::Plain,
        };
    }
    graph.edges.sort();
    graph.edges.dedup();
}

/// Which things may be one box: items and units of one name in one state; never the root.
fn fold_kind(console: &Console, trace: &Trace, node: &TraceNode) -> Option<String> {
    let may_fold = matches!(node.kind, ThingKind::Item | ThingKind::LogisticUnit);
    (may_fold && node.id != trace.root).then(|| {
        let name = console.labels.thing(&node.id).kind;
        format!("{name}\n{}\n{}", state_words(console, node), node.missing)
    })
}

fn thing(console: &Console, trace: &Trace, node: &TraceNode, alarms: &Alarms) -> Node {
    let name = console.labels.thing(&node.id);
    let state = state_words(console, node);
    Node {
        shape: Shape::Thing,
        title: name.kind,
        subtitle: if name.number.is_empty() { state.clone() } else { name.number },
        shared: state,
        tone: match node.state {
            _ if node.missing => Tone::Missing,
            _ if alarms.contains(&node.id) => Tone::Alarm,
            ThingState::Gone => Tone::Gone,
            _ => Tone::Plain,
        },
        is_focus: node.id == trace.root,
        count: 1,
        href: format!("/trace?id={}", encoded(&node.id)),
    }
}

fn step(console: &Console, event: &str, step: Option<&TraceStep>) -> Node {
    let (title, subtitle) = match step {
        Some(step) => {
            let place = step.biz_location.as_deref().or(step.read_point.as_deref());
            let place = place.map(|id| console.labels.place(id)).unwrap_or_default();
            let time = words::local_instant(step.event_time_ms, &step.time_zone);
            (telling::verb(told(step)), format!("{place}, {time}"))
        }
        None => ("Made".to_owned(), String::new()),
    };
    Node {
        shape: Shape::Step,
        title,
        shared: subtitle.clone(),
        subtitle,
        tone: Tone::Plain,
        is_focus: false,
        count: 1,
        href: events::href(event),
    }
}

pub(super) fn told(step: &TraceStep) -> Told<'_> {
    Told {
        kind: &step.kind,
        action: step.action.as_deref(),
        step: step.biz_step.as_deref(),
        disposition: step.disposition.as_deref(),
    }
}
