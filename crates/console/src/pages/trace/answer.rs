//! The answer in plain language: origin, whereabouts, siblings, recall.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use qiao_indexer::{
    Direction, NodeRole, Relation, ThingKind, ThingState, Trace, TraceNode, TraceStep,
};

use super::graph::{self, Alarms};
use crate::{console::Console, pages::events, words};

/// Origins or places named in one sentence.
const NAMED_MAX: usize = 5;

/// The answer as a card, with the alarm above it if there is one.
pub(super) fn show(console: &Console, trace: &Trace, alarms: &Alarms) -> Markup {
    let Some(root) = trace.nodes.first() else { return html! {} };
    html! {
        @if alarms.contains(&trace.root) { (alarm(trace)) }
        section.card aria-label="Answer" {
            div.pad.answer {
                p { (whereabouts(console, trace, root)) }
                @if trace.direction != Direction::Forward {
                    @if let Some(text) = origin(console, trace) { p { (text) } }
                }
                @if let Some(text) = siblings(console, trace) { p { (text) } }
                @if trace.direction != Direction::Back {
                    @if let Some(text) = became(console, trace) { p { (text) } }
                }
                @if trace.nodes.iter().any(|node| node.missing) {
                    p { "Some links are missing: a thing is named that nobody recorded. They are \
                         dashed in the drawing." }
                }
                @if trace.truncated {
                    p.soft { "The whole trace is longer than what is shown here." }
                }
            }
        }
    }
}

/// Who recalled it or found it wanting, and when.
fn alarm(trace: &Trace) -> Markup {
    let is_alarm = |step: &&TraceStep| {
        step.withdrawn.is_none() && events::is_alarm(step.disposition.as_deref())
    };
    let named = |step: &&TraceStep| step.concerns.contains(&trace.root);
    let of = |word: &str| {
        let mut steps = trace.timeline.iter().filter(is_alarm);
        let own =
            steps.clone().filter(named).find(|step| step.disposition.as_deref() == Some(word));
        own.or_else(|| steps.find(|step| step.disposition.as_deref() == Some(word)))
    };
    let line = |word: &str, step: &TraceStep| {
        let party = step.party_name.as_deref().unwrap_or("an unknown party");
        let time = words::local_instant(step.event_time_ms, &step.time_zone);
        html! {
            p { (word) " by " a href=(events::href(&step.event)) { (party) } " on " (time) "." }
        }
    };
    html! {
        div.state.alarm role="alert" {
            span.dot {}
            div {
                @if let Some(step) = of("recalled") { (line("Recalled", step)) }
                @else { p { "Something is wrong with it." } }
                @if let Some(step) = of("non_conformant") { (line("Found wanting", step)) }
            }
        }
    }
}

fn whereabouts(console: &Console, trace: &Trace, root: &TraceNode) -> String {
    let name = console.labels.line(&root.id);
    let zone = trace.timeline.last().map_or("+00:00", |step| step.time_zone.as_str());
    let since = root.since_ms.map(|ms| words::local_instant(ms, zone));
    let since = since.map(|time| format!(" on {time}")).unwrap_or_default();
    let place = root.present_place.as_deref().map(|id| console.labels.place(id));
    let holder = root.holder.as_ref().and_then(|holder| holder.name.clone());
    let holder = holder.unwrap_or_else(|| "an unknown party".to_owned());
    let seller = place.as_ref().map_or_else(String::new, |place| format!(" at {place}"));
    match (root.state, place) {
        (ThingState::Present, Some(place)) => {
            format!("{name} is at {place}, recorded by {holder}{since}.")
        }
        (ThingState::Present, None) => format!("{name} is with {holder}, recorded{since}."),
        (ThingState::InTransit, _) => format!("{name} is on its way; {holder} recorded it{since}."),
        (ThingState::Sold, _) => format!("{name} was sold by {holder}{seller}{since}."),
        (ThingState::Consumed, _) => format!("{name} was used up by {holder}{since}."),
        (ThingState::Gone, _) => format!("{name} was destroyed by {holder}{since}."),
        (ThingState::Unknown, _) => format!("Nothing says where {name} is."),
    }
}

/// The things from which nothing leads further back, by the party that recorded them first.
fn origin(console: &Console, trace: &Trace) -> Option<String> {
    let made: BTreeSet<&str> = trace
        .links
        .iter()
        .filter(|link| link.relation == Relation::Became)
        .map(|link| link.to.as_str())
        .collect();
    let origins = trace.nodes.iter().filter(|node| {
        node.roles.contains(&NodeRole::Source) && is_goods(node) && !made.contains(node.id.as_str())
    });
    let mut groups: BTreeMap<(String, String), u64> = BTreeMap::new();
    for node in origins {
        let first = trace.timeline.iter().find(|step| step.concerns.contains(&node.id));
        let party = first.and_then(|step| step.party_name.clone());
        let party = party.unwrap_or_else(|| "an unknown party".to_owned());
        *groups.entry((party, console.labels.thing(&node.id).kind)).or_default() += 1;
    }
    let named: Vec<String> = groups
        .iter()
        .map(|((party, kind), count)| match count {
            1 => format!("{kind} of {party}"),
            count => format!("{count} × {kind} of {party}"),
        })
        .collect();
    (!named.is_empty()).then(|| format!("It came from {}.", listed(&named)))
}

/// Whether it is goods rather than what carries them.
fn is_goods(node: &TraceNode) -> bool {
    matches!(node.kind, ThingKind::Item | ThingKind::Lot | ThingKind::Other)
}

/// How many others were made together with the root.
fn siblings(console: &Console, trace: &Trace) -> Option<String> {
    let made_root = |step: &&TraceStep| {
        let mut items = step.items.iter();
        step.withdrawn.is_none() && items.any(|item| item.role == "output" && item.id == trace.root)
    };
    let step = trace.timeline.iter().find(made_root)?;
    let kind = console.labels.thing(&trace.root).kind;
    let others = step.items.iter().filter(|item| {
        item.role == "output"
            && item.id != trace.root
            && console.labels.thing(&item.id).kind == kind
    });
    let count = others.count() as u64;
    (count > 0).then(|| {
        format!(
            "{} of the same product were made together with it.",
            words::count(count, "other", "others")
        )
    })
}

/// What the root became, by what became of that.
fn became(console: &Console, trace: &Trace) -> Option<String> {
    let used: BTreeSet<&str> = trace
        .links
        .iter()
        .filter(|link| link.relation == Relation::Became)
        .map(|link| link.from.as_str())
        .collect();
    let products = trace.nodes.iter().filter(|node| {
        node.roles.contains(&NodeRole::Product)
            && is_goods(node)
            && !node.roles.contains(&NodeRole::Root)
            && !used.contains(node.id.as_str())
    });
    let mut groups: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for node in products {
        let kind = console.labels.thing(&node.id).kind;
        let state = graph::state_words(console, node);
        *groups.entry(kind).or_default().entry(state).or_default() += 1;
    }
    let named: Vec<String> = groups
        .iter()
        .map(|(kind, states)| {
            let total: u64 = states.values().sum();
            let states: Vec<String> = states
                .iter()
                .map(|(state, count)| format!("{} {state}", words::number(*count)))
                .collect();
            format!("{} × {kind} ({})", words::number(total), listed(&states))
        })
        .collect();
    (!named.is_empty()).then(|| format!("It became {}.", listed(&named)))
}

/// `a, b and c`, cut where it gets long.
fn listed(names: &[String]) -> String {
    if names.len() > NAMED_MAX {
        let rest = names.len() - NAMED_MAX + 1;
        return format!("{} and {rest} more", names[..NAMED_MAX - 1].join(", "));
    }
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
