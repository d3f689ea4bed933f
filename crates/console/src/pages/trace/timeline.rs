//! What happened, step by step, oldest first.

use maud::{Markup, html};
use qiao_epcis::ItemRole;
use qiao_indexer::{Trace, TraceItem, TraceStep};

use super::graph::told;
use crate::{
    console::Console,
    pages::{events, sealed::OpenedEvents},
    telling::{self, Thing},
    words,
};

pub(super) const STEPS_SHOWN_MAX: usize = 600;

/// So many steps of one kind in a row are told as one.
const ALIKE_MIN: usize = 3;

/// The timeline, by days.
pub(super) fn show(console: &Console, trace: &Trace, opened: &OpenedEvents) -> Markup {
    let steps = &trace.timeline[..trace.timeline.len().min(STEPS_SHOWN_MAX)];
    let day = |step: &TraceStep| words::local_day(step.event_time_ms, &step.time_zone);
    html! {
        section.card aria-labelledby="timeline" {
            header {
                h2 id="timeline" { "What happened" }
                span.soft.small {
                    (words::count(trace.timeline.len() as u64, "event", "events"))
                }
            }
            @for steps in steps.chunk_by(|left, right| day(left) == day(right)) {
                h3.day { (day(&steps[0])) }
                ol.timeline {
                    @for alike in steps.chunk_by(are_alike) {
                        @if alike.len() < ALIKE_MIN {
                            @for one in alike { (step(console, one, opened)) }
                        } @else { (several(console, alike, opened)) }
                    }
                }
            }
            @if trace.timeline.len() > STEPS_SHOWN_MAX {
                p.empty { "The first " (STEPS_SHOWN_MAX) " are shown." }
            }
        }
    }
}

/// Whether two steps say the same of different things.
fn are_alike(left: &TraceStep, right: &TraceStep) -> bool {
    let key = |step: &TraceStep| {
        let told = (step.kind.clone(), step.action.clone(), step.biz_step.clone());
        let place = (step.biz_location.clone(), step.read_point.clone(), step.party);
        (told, step.disposition.clone(), place, step.withdrawn.is_some())
    };
    left.kind != "TransformationEvent" && key(left) == key(right)
}

fn step(console: &Console, step: &TraceStep, opened: &OpenedEvents) -> Markup {
    let is_alarm = is_alarm(step);
    html! {
        li.alarm[is_alarm].missing[step.withdrawn.is_some()] {
            span.when { (words::local_time(step.event_time_ms, &step.time_zone)) " " }
            a.what href=(events::href(&step.event)) { (sentence(console, step)) }
            (tags(step))
            div.soft.small {
                (who_and_where(console, step))
                @for document in &step.documents {
                    " · " (telling::document_kind(document.kind.as_deref())) " "
                    (telling::document_number(&document.id))
                }
                " · " (transaction(step))
            }
            (opened.lines(console, &step.event))
        }
    }
}

/// Steps that are alike, as one with the single ones inside.
fn several(console: &Console, steps: &[TraceStep], opened: &OpenedEvents) -> Markup {
    let (first, last) = (&steps[0], &steps[steps.len() - 1]);
    let time = |step: &TraceStep| words::local_time(step.event_time_ms, &step.time_zone);
    let mut things: Vec<Thing<'_>> =
        steps.iter().flat_map(|step| step.items.iter().filter_map(thing)).collect();
    things.sort_by_key(|thing| (thing.role, thing.id));
    things.dedup_by_key(|thing| (thing.role, thing.id));
    html! {
        li.alarm[is_alarm(first)].missing[first.withdrawn.is_some()] {
            span.when { (time(first)) "–" (time(last)) " " }
            span.what { (telling::sentence(&console.labels, told(first), &things)) }
            (tags(first))
            @if steps.iter().any(|step| opened.has(&step.event)) { " " span.tag { "sealed fields" } }
            div.soft.small { (who_and_where(console, first)) }
            details {
                summary { (steps.len()) " events" }
                ol {
                    @for step in steps {
                        li {
                            span.when { (time(step)) " " }
                            a href=(events::href(&step.event)) { (sentence(console, step)) }
                            span.soft { " · " (transaction(step)) }
                            (opened.lines(console, &step.event))
                        }
                    }
                }
            }
        }
    }
}

fn is_alarm(step: &TraceStep) -> bool {
    step.withdrawn.is_none() && events::is_alarm(step.disposition.as_deref())
}

fn tags(step: &TraceStep) -> Markup {
    html! {
        @if step.withdrawn.is_some() { " " span.tag.warn { "declared wrong" } }
        @if is_alarm(step) {
            " " span.tag.alarm { (events::disposition_word(step.disposition.as_deref())) }
        }
    }
}

fn who_and_where(console: &Console, step: &TraceStep) -> Markup {
    let place = step.biz_location.as_deref().or(step.read_point.as_deref());
    html! {
        (step.party_name.as_deref().unwrap_or("unknown party"))
        @if let Some(place) = place { " · " (console.labels.place(place)) }
    }
}

fn transaction(step: &TraceStep) -> Markup {
    html! {
        a href={ "/transactions/" (step.transaction) } { "block " (words::number(step.place.block)) }
    }
}

fn sentence(console: &Console, step: &TraceStep) -> String {
    let things: Vec<Thing<'_>> = step.items.iter().filter_map(thing).collect();
    telling::sentence(&console.labels, told(step), &things)
}

fn thing(item: &TraceItem) -> Option<Thing<'_>> {
    let role = match item.role.as_str() {
        "object" => ItemRole::Object,
        "parent" => ItemRole::Parent,
        "child" => ItemRole::Child,
        "input" => ItemRole::Input,
        "output" => ItemRole::Output,
        _ => return None,
    };
    let (quantity, uom) = (item.quantity.as_deref(), item.uom.as_deref());
    Some(Thing { role, id: &item.id, quantity, uom })
}
