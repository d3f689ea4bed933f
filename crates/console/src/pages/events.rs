//! `/events` and `/events/{hash}`: what was captured, readable and raw.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use maud::{Markup, html};
use qiao_api::sharing;
use qiao_epcis::{Event, EventHash, ItemRole, Limits};
use qiao_indexer::{EventQuery, IndexedEvent};
use serde::Deserialize;

use crate::{
    console::{Console, Trouble},
    drawing::temperature,
    pages::{
        sealed::{Members, Opened},
        search::encoded,
    },
    shell::{Page, Section},
    telling::{self, Told},
    words,
};

const PAGE_EVENTS: u32 = 40;
const THINGS_SHOWN_MAX: usize = 60;

#[derive(Debug, Deserialize)]
pub(crate) struct Older {
    token: Option<String>,
}

/// The newest events, for lists on other pages.
pub(crate) async fn recent(console: &Console, count: u32) -> Result<Vec<IndexedEvent>, Trouble> {
    let query = query(None)?.per_page(count);
    Ok(console.chain.index().events(&query).await?.items)
}

fn query(token: Option<&str>) -> Result<EventQuery, Trouble> {
    let mut parameters = vec![("orderBy", "recordTime"), ("orderDirection", "DESC")];
    parameters.extend(token.map(|token| ("nextPageToken", token)));
    EventQuery::parse(parameters).map_err(|problem| Trouble::Unclear(problem.to_string()))
}

/// Events as rows.
pub(crate) fn rows(console: &Console, events: &[IndexedEvent]) -> Markup {
    html! {
        ul.rows {
            @for event in events {
                li {
                    div.main {
                        a href=(href(&event.hash)) { (sentence(console, event)) }
                        span.line {
                            (event.party_name.as_deref().unwrap_or("unknown party"))
                            @if let Some(place) = place(console, event) { " · " (place) }
                        }
                    }
                    div.aside {
                        @if event.withdrawn.is_some() { span.tag.warn { "declared wrong" } }
                        @if sharing::is_sealed(&event.body) { span.tag { "sealed fields" } }
                        @if is_alarm(event.disposition.as_deref()) {
                            span.tag.alarm { (disposition_word(event.disposition.as_deref())) }
                        }
                        span.line {
                            (words::local_short(event.event_time_ms, &event.time_zone))
                        }
                    }
                }
            }
        }
    }
}

/// The address of an event's page.
pub(crate) fn href(hash: &str) -> String {
    match hash.parse::<EventHash>() {
        Ok(hash) => format!("/events/{}", hash.to_hex()),
        Err(_) => format!("/events/{}", encoded(hash)),
    }
}

/// Whether a disposition means trouble.
pub(crate) fn is_alarm(disposition: Option<&str>) -> bool {
    matches!(disposition, Some("recalled" | "non_conformant" | "damaged" | "stolen" | "expired"))
}

/// A disposition in words.
pub(crate) fn disposition_word(disposition: Option<&str>) -> String {
    disposition.unwrap_or_default().replace('_', " ").replace("non conformant", "non-conformant")
}

fn place(console: &Console, event: &IndexedEvent) -> Option<String> {
    let id = event.biz_location.as_deref().or(event.read_point.as_deref())?;
    Some(console.labels.place(id))
}

fn told(event: &IndexedEvent) -> Told<'_> {
    Told {
        kind: &event.kind,
        action: event.action.as_deref(),
        step: event.biz_step.as_deref(),
        disposition: event.disposition.as_deref(),
    }
}

fn sentence(console: &Console, event: &IndexedEvent) -> String {
    match Event::parse(event.body.as_bytes(), &Limits::default()) {
        Ok(parsed) => telling::sentence_of(&console.labels, &parsed),
        Err(_) => telling::verb(told(event)),
    }
}

/// `GET /events`.
pub(crate) async fn list(
    State(console): State<Console>,
    older: Result<Query<Older>, QueryRejection>,
) -> Response {
    let Query(older) = match older {
        Ok(older) => older,
        Err(rejection) => return console.trouble(&rejection.into()),
    };
    let made = listed(&console, older.token.as_deref()).await;
    console.answer(made)
}

async fn listed(console: &Console, token: Option<&str>) -> Result<Response, Trouble> {
    let query = query(token)?.per_page(PAGE_EVENTS);
    let page = console.chain.index().events(&query).await?;
    let body = html! {
        div.lead {
            h1 { "Events" }
            p.soft { "What the members recorded about goods, newest record first." }
        }
        section.card aria-label="Events" {
            @if page.items.is_empty() { p.empty { "Nothing has been captured yet." } }
            (rows(console, &page.items))
            nav.pages aria-label="Older events" {
                @if token.is_some() { a href="/events" { "← Newest" } } @else { span {} }
                @if let Some(next) = &page.next {
                    a href={ "/events?token=" (encoded(next)) } { "Older →" }
                }
            }
        }
    };
    Ok(Page { title: "Events", section: Section::Events, body }.render(&console.status()))
}

/// `GET /events/{hash}`.
pub(crate) async fn one(State(console): State<Console>, Path(wanted): Path<String>) -> Response {
    let made = found(&console, &wanted).await;
    console.answer(made)
}

/// Reads `ni:///sha-256;…`, or its 64 hexadecimal digits.
fn parse_hash(wanted: &str) -> Option<EventHash> {
    let digits = wanted.strip_prefix("0x").unwrap_or(wanted);
    let whole = format!("ni:///sha-256;{digits}?ver=CBV2.0");
    wanted.parse().or_else(|_| whole.parse()).ok()
}

async fn found(console: &Console, wanted: &str) -> Result<Response, Trouble> {
    let hash = parse_hash(wanted).ok_or_else(|| {
        Trouble::Unclear(format!("“{wanted}” is not an Event Hash ID (64 hexadecimal digits)."))
    })?;
    let event = console.chain.index().event(&hash).await?;
    let mut event = event.ok_or_else(|| Trouble::Missing("No event has this hash.".to_owned()))?;
    let opened = Opened::of(console, &mut event).await;
    let members = if opened.is_some() { Members::read(console).await? } else { Members::default() };
    Ok(show(console, &event, opened.as_ref().map(|opened| (opened, &members))))
}

fn show(console: &Console, event: &IndexedEvent, sealed: Option<(&Opened, &Members)>) -> Response {
    let parsed = Event::parse(event.body.as_bytes(), &Limits::default()).ok();
    let party = event.party_name.as_deref().unwrap_or("an unknown party");
    let body = html! {
        p.crumb { a href="/events" { "Events" } }
        div.lead {
            h1 { (sentence(console, event)) }
            p.soft {
                (party)
                @if let Some(place) = place(console, event) { " · " (place) }
                " · " (words::local_instant(event.event_time_ms, &event.time_zone))
            }
        }
        (standing(event))
        div.columns.even {
            div.stack {
                (facts(console, event, parsed.as_ref()))
                @if let Some((opened, members)) = sealed { (opened.card(console, members)) }
                @if let Some(parsed) = &parsed { (readings(parsed)) }
            }
            @if let Some(parsed) = &parsed { (things(console, parsed)) }
        }
        section.card aria-labelledby="raw" {
            header { h2 id="raw" { (raw_title(sealed.is_some())) } }
            div.pad {
                details { summary { "EPCIS 2.0 in JSON" } pre { code { (pretty(&event.body)) } } }
            }
        }
    };
    Page { title: "Event", section: Section::Events, body }.render(&console.status())
}

fn raw_title(is_sealed: bool) -> &'static str {
    if is_sealed { "As this member may read it" } else { "As it was captured" }
}

fn standing(event: &IndexedEvent) -> Markup {
    let number = event.place.block;
    html! {
        @if let Some(withdrawn) = &event.withdrawn {
            div.state.waiting {
                span.dot {}
                div {
                    p {
                        "Its party declared this event wrong on "
                        (words::local_instant(withdrawn.declared_ms, &event.time_zone)) "."
                    }
                    p {
                        "It stays readable; nothing is ever deleted."
                        @if let Some(reason) = &withdrawn.reason {
                            " Reason: " (reason.replace('_', " ")) "."
                        }
                    }
                }
            }
        } @else if is_alarm(event.disposition.as_deref()) {
            div.state.alarm {
                span.dot {}
                p { "The things in this event are "
                    (disposition_word(event.disposition.as_deref())) "." }
            }
        }
        div.state {
            span.dot {}
            div {
                p { "Recorded in block " a href={ "/blocks/" (number) } { (words::number(number)) }
                    " and checked by every validator." }
                p { "Recorded " (words::ago(event.record_time_ms)) ", in "
                    a href={ "/transactions/" (event.transaction) } {
                        "transaction " (words::short(&event.transaction))
                    } "." }
            }
        }
    }
}

fn facts(console: &Console, event: &IndexedEvent, parsed: Option<&Event>) -> Markup {
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let place = |id: &str| {
        html! {
            (console.labels.place(id))
            @if !id.starts_with("geo:") { span.line.whole { (id) } }
        }
    };
    html! {
        section.card aria-labelledby="facts" {
            header { h2 id="facts" { "Facts" } }
            dl.facts {
                @if let Some(id) = &event.read_point { (fact("Seen at", place(id))) }
                @if let Some(id) = event.biz_location.as_ref().filter(|id| {
                    Some(*id) != event.read_point.as_ref()
                }) { (fact("Afterwards at", place(id))) }
                @if let Some(disposition) = &event.disposition {
                    (fact("State afterwards", html! { (disposition_word(Some(disposition))) }))
                }
                @if let Some(parsed) = parsed { (links(console, parsed)) }
                (fact("Recorded for", html! {
                    (event.party_name.as_deref().unwrap_or("unknown"))
                    span.line.whole { "by account " (event.capturer) }
                }))
                (fact("Event Hash ID", html! { span.whole { (event.hash) } }))
                @if console.is_voted() {
                    (fact("Proof", html! {
                        a href={ "/proofs/transactions/" (event.transaction) } download="proof.json" {
                            "Download"
                        }
                        span.line { "for " code { "qiao verify" } ", which asks nobody" }
                    }))
                }
            }
        }
    }
}

/// Documents, and who handed over to whom.
fn links(console: &Console, event: &Event) -> Markup {
    let parties = |list: &[(String, String)]| {
        let names: Vec<String> = list.iter().map(|(_, id)| console.labels.place(id)).collect();
        names.join(", ")
    };
    html! {
        @for (kind, id) in event.biz_transactions() {
            div {
                dt { (telling::document_kind(kind.as_deref())) }
                dd { (telling::document_number(id)) }
            }
        }
        @if !event.sources().is_empty() { div { dt { "From" } dd { (parties(event.sources())) } } }
        @if !event.destinations().is_empty() {
            div { dt { "To" } dd { (parties(event.destinations())) } }
        }
    }
}

fn things(console: &Console, event: &Event) -> Markup {
    let roles = [
        (ItemRole::Input, "What went in"),
        (ItemRole::Output, "What came out"),
        (ItemRole::Parent, "Container"),
        (ItemRole::Child, "Contents"),
        (ItemRole::Object, "Things"),
    ];
    let total = event.items().len() as u64;
    html! {
        section.card aria-labelledby="things" {
            header {
                h2 id="things" { "Things" }
                span.soft.small { (words::count(total, "identifier", "identifiers")) }
            }
            @for (role, title) in roles {
                @let items: Vec<_> = event.items().iter().filter(|i| i.role == role).collect();
                @if !items.is_empty() {
                    @if role != ItemRole::Object { h3.day { (title) } }
                    ul.rows {
                        @for item in items.iter().take(THINGS_SHOWN_MAX) {
                            @let id = item.id.to_string();
                            @let name = console.labels.thing(&id);
                            li {
                                div.main {
                                    a href={ "/trace?id=" (encoded(&id)) } { (name.kind) }
                                    span.line { (name.number) }
                                }
                                @if let Some(quantity) = &item.quantity {
                                    span.aside {
                                        (quantity) " "
                                        (item.uom.as_deref().map_or("pieces", telling::unit))
                                    }
                                }
                            }
                        }
                    }
                    @if items.len() > THINGS_SHOWN_MAX {
                        p.empty { "and " (items.len() - THINGS_SHOWN_MAX) " more" }
                    }
                }
            }
        }
    }
}

/// Temperatures as a curve with its table.
fn readings(event: &Event) -> Markup {
    let json: serde_json::Value = serde_json::from_str(&event.to_json()).unwrap_or_default();
    let readings = temperature::readings(&json);
    html! {
        @if !readings.is_empty() {
            section.card aria-labelledby="readings" {
                header { h2 id="readings" { "Temperature" } }
                div.pad { (temperature::draw(&readings)) }
            }
        }
    }
}

fn pretty(body: &str) -> String {
    let json: Result<serde_json::Value, _> = serde_json::from_str(body);
    json.and_then(|json| serde_json::to_string_pretty(&json)).unwrap_or_else(|_| body.to_owned())
}
