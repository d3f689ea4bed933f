//! `/trace?id=…&direction=…`: where a thing came from and what became of it.

mod answer;
mod graph;
mod input;
mod timeline;

pub(crate) use self::input::identifier;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use maud::{Markup, html};
use qiao_api::recalls;
use qiao_epcis::{EventHash, Identifier};
use qiao_goods::journey::{Stop, StopKind};
use qiao_indexer::{Direction, EventQuery, NodeRole, Trace, TraceLimits, TraceNode};
use serde::Deserialize;

use crate::{
    console::{Console, Trouble},
    drawing,
    pages::{goods::suspect_href, sealed::OpenedEvents, search::encoded},
    shell::{Page, Section},
    words,
};

/// What a page asks of the index: more would neither be read nor drawn.
const LIMITS_IDENTIFIERS: usize = 2_000;
const LIMITS_STEPS: usize = 1_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    id: String,
    #[serde(default)]
    direction: String,
}

/// `GET /trace`.
pub(crate) async fn page(
    State(console): State<Console>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Query(asked) = match asked {
        Ok(asked) => asked,
        Err(rejection) => return console.trouble(&rejection.into()),
    };
    let wanted = asked.id.trim();
    let made = if wanted.is_empty() {
        invitation(&console).await
    } else {
        traced(&console, wanted, &asked.direction).await
    };
    console.answer(made)
}

fn form(id: &str, direction: &str) -> Markup {
    html! {
        form.search role="search" action="/trace" {
            label.visually-hidden for="id" { "Identifier of a product, lot, case or pallet" }
            input id="id" type="search" name="id" value=(id) autocomplete="off" spellcheck="false"
                placeholder="GS1 Digital Link, EPC URN or number on the label";
            @if !direction.is_empty() { input type="hidden" name="direction" value=(direction); }
            button { "Trace" }
        }
    }
}

/// The page without a question: what can be asked.
async fn invitation(console: &Console) -> Result<Response, Trouble> {
    let examples = examples(console).await?;
    let body = html! {
        div.lead {
            h1 { "Trace" }
            p.soft {
                "Where did it come from, what became of it, and who has it now? Enter the code of \
                 a pack, a lot, a case or a pallet."
            }
        }
        (form("", ""))
        @if examples.is_empty() {
            p.soft {
                "For example " code { "https://id.gs1.org/01/09521002000566/21/M0318-007" } ", "
                code { "urn:epc:class:lgtin:9521002.000036.M0318" } " or "
                code { "(00)195210020000051008" } "."
            }
        } @else {
            section.card aria-labelledby="examples" {
                header { h2 id="examples" { "To try" } }
                ul.rows {
                    @for (id, why) in &examples {
                        li {
                            div.main {
                                a href={ "/trace?id=" (encoded(id)) } { (why) }
                                span.line.whole { (id) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(Page { title: "Trace", section: Section::Trace, body }.render(&console.status()))
}

/// Those examples of the sample trade that this chain knows.
async fn examples(console: &Console) -> Result<Vec<(String, &'static str)>, Trouble> {
    let mut known = Vec::new();
    for (id, why) in qiao_sample::examples() {
        let is_class = Identifier::parse(&id).is_ok_and(|id| id.is_class());
        let name = if is_class { "MATCH_anyEPCClass" } else { "MATCH_anyEPC" };
        let query = EventQuery::parse([(name, id.as_str())])
            .map_err(|problem| Trouble::Failed(problem.to_string()))?;
        if !console.chain.index().events(&query.per_page(1)).await?.items.is_empty() {
            known.push((id, why));
        }
    }
    Ok(known)
}

async fn traced(console: &Console, wanted: &str, direction: &str) -> Result<Response, Trouble> {
    let id = input::identifier(wanted).map_err(Trouble::Unclear)?;
    let way: Direction = match direction {
        "" => Direction::Both,
        other => other.parse().map_err(|_| {
            Trouble::Unclear(format!("“{other}” is not a direction: back, forward or both."))
        })?,
    };
    let limits = TraceLimits {
        identifiers_max: LIMITS_IDENTIFIERS,
        steps_max: LIMITS_STEPS,
        ..TraceLimits::default()
    };
    let trace = console.chain.index().trace(&id, way, &limits).await?;
    if !trace.found {
        let name = console.labels.line(&trace.root);
        let text = format!("Nobody has recorded anything about {name} ({}).", trace.root);
        return Err(Trouble::Missing(text));
    }
    let stops = stops(console, &trace).await?;
    let shown = trace.timeline.iter().take(timeline::STEPS_SHOWN_MAX);
    let hashes: Vec<EventHash> = shown.filter_map(|step| step.event.parse().ok()).collect();
    let opened = OpenedEvents::read(console, &hashes).await?;
    Ok(show(console, (wanted, direction), &trace, (&stops, &opened)))
}

/// What the chain has against the thing, or against what it was made of.
async fn stops(console: &Console, trace: &Trace) -> Result<Vec<Stop>, Trouble> {
    let is_of_it = |node: &&TraceNode| {
        [NodeRole::Root, NodeRole::Source].iter().any(|role| node.roles.contains(role))
    };
    let things = trace.nodes.iter().filter(is_of_it).map(|node| node.id.clone()).collect();
    let holder = trace.nodes.first().and_then(|root| root.holder.as_ref());
    let present = holder.map(|holder| (trace.root.as_str(), holder.party));
    Ok(recalls::stops(&*console.chain, &things, present).await?)
}

fn show(
    console: &Console,
    (wanted, direction): (&str, &str),
    trace: &Trace,
    (stops, opened): (&[Stop], &OpenedEvents),
) -> Response {
    let name = console.labels.thing(&trace.root);
    let alarms = graph::alarms(trace);
    let body = html! {
        (form(wanted, direction))
        div.lead {
            h1 { (name.kind) }
            @if !name.number.is_empty() { p { (name.number) } }
            p.whole.soft { (trace.root) }
        }
        (uses(&trace.root))
        (stopped(console, stops, &trace.root))
        (answer::show(console, trace, &alarms))
        (directions(&trace.root, trace.direction))
        (picture(console, trace, &alarms))
        (timeline::show(console, trace, opened))
    };
    let title = format!("{} · Trace", console.labels.line(&trace.root));
    Page { title: &title, section: Section::Trace, body }.render(&console.status())
}

/// Recalls and holds that are in force on the chain.
fn stopped(console: &Console, stops: &[Stop], root: &str) -> Markup {
    html! {
        @for stop in stops {
            div.state.alarm[stop.kind == StopKind::Recall].waiting[stop.kind == StopKind::Hold] role="alert" {
                span.dot {}
                div {
                    p {
                        @let party = stop.party.as_deref().unwrap_or("an unknown party");
                        @match stop.kind {
                            StopKind::Recall => {
                                a href={ "/quality/recalls/" (stop.number) } { "Recall " (stop.number) }
                                " of " (party)
                            }
                            StopKind::Hold => { "On hold " (stop.number) " of " (party) }
                        }
                        " since " (words::local_instant(stop.since_ms, "+00:00")) ": " (stop.reason) "."
                    }
                    @if stop.thing != root {
                        p { "It is made of " (console.labels.line(&stop.thing)) "." }
                    }
                    @if !stop.text.is_empty() { p { (stop.text) } }
                }
            }
        }
    }
}

/// What can be done with a thing.
fn uses(root: &str) -> Markup {
    let path = root.strip_prefix("https://id.gs1.org/");
    html! {
        nav.choices aria-label="Use" {
            a href={ "/fsma204.xlsx?id=" (encoded(root)) } { "FSMA 204 spreadsheet" }
            a href={ "/fsma204.csv?id=" (encoded(root)) } { "as CSV" }
            @if let Some(path) = path {
                a href={ "/" (path) "?linkType=gs1:traceability" } { "Page for everybody" }
                a href={ "/labels?id=" (encoded(root)) } { "Labels" }
            }
            a href=(crate::pages::goods::lens::href(root)) { "All its events" }
            @if !root.starts_with("https://id.gs1.org/41") {
                a href=(suspect_href(root)) { "Suspect this" }
            }
        }
    }
}

fn directions(root: &str, direction: Direction) -> Markup {
    let ways = [
        (Direction::Both, "both", "Whole story"),
        (Direction::Back, "back", "Where it came from"),
        (Direction::Forward, "forward", "What it became"),
    ];
    html! {
        nav.choices aria-label="Direction" {
            @for (way, word, label) in ways {
                a href={ "/trace?id=" (encoded(root)) "&direction=" (word) }
                    aria-current=[(way == direction).then_some("true")] { (label) }
            }
        }
    }
}

fn picture(console: &Console, trace: &Trace, alarms: &graph::Alarms) -> Markup {
    let graph = graph::of(console, trace, alarms);
    if graph.nodes.len() < 2 {
        return html! {};
    }
    html! {
        section.card aria-labelledby="picture" data-zoom {
            header {
                h2 id="picture" { "Way of the goods" }
                div.zoom data-zoom-buttons hidden {
                    button type="button" value="out" aria-label="Smaller" { "−" }
                    button type="button" value="in" aria-label="Larger" { "+" }
                    button type="button" value="fit" aria-label="Fit the width" { "↔" }
                }
            }
            @if !graph.is_readable() {
                p.empty { "Too many things to draw; the timeline below has them." }
            } @else {
                p.legend {
                    span.l-focus { i {} "asked for" }
                    @if !alarms.is_empty() { span.l-alarm { i {} "recalled or found wanting" } }
                    @if trace.nodes.iter().any(|node| node.missing) {
                        span.l-missing { i {} "named, but never recorded" }
                    }
                    span { "→ turned into" } span { "┄ packed into" }
                }
                div.graph tabindex="0" role="region" aria-label="Drawing, scrolls sideways" {
                    (drawing::draw(&graph, "Goods from left to right"))
                }
            }
        }
    }
}
