//! `/quality`: temperatures out of bounds, and what is held back or recalled.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use qiao_api::{
    goods::{self, Span, Watched},
    recalls::{self, Hold},
};
use qiao_goods::{
    journey::Standing,
    product_of,
    watch::{ColdAlert, Held},
};

use crate::{
    console::{Console, Trouble},
    pages::{events, search::encoded},
    shell::{Page, Section},
    words,
};

/// Alerts that one page shows.
const SHOWN_MAX: usize = 200;

/// `GET /quality`.
pub(crate) async fn page(State(console): State<Console>) -> Response {
    let made = made(&console).await;
    console.answer(made)
}

async fn made(console: &Console) -> Result<Response, Trouble> {
    let watched = goods::watched(&*console.chain, Span::default()).await?;
    let has_bounds = console.chain.cabinet().is_some_and(|kept| {
        let products = goods::products(kept).into_iter();
        products
            .into_iter()
            .any(|(_, one)| one.max_milli_celsius.or(one.min_milli_celsius).is_some())
    });
    let body = html! {
        p.crumb { a href="/goods" { "Goods" } }
        div.lead {
            h1 { "Alerts and holds" }
            p.soft {
                "Of the newest " (words::number(watched.events as u64)) " events"
                @if watched.is_cut { ", older ones are not looked at" } "."
            }
        }
        (on_chain(console, &watched))
        div.columns.even {
            (alerts(console, &watched, has_bounds))
            (holds(console, &watched))
        }
    };
    Ok(Page { title: "Alerts and holds", section: Section::Goods, body }.render(&console.status()))
}

/// Holds and recalls that the chain enforces.
fn on_chain(console: &Console, watched: &Watched) -> Markup {
    html! {
        section.card aria-labelledby="enforced" {
            header {
                h2 id="enforced" { "On hold on the chain" }
                a href="/quality/recalls" { "Recalls and holds" }
            }
            @if watched.holds.is_empty() {
                p.empty { "Nothing: every validator lets everything pass on." }
            } @else {
                p.empty { "Every validator refuses events that ship, pack, use or sell these." }
            }
            ul.rows { @for hold in watched.holds.iter().take(SHOWN_MAX) { (enforced(console, hold)) } }
        }
    }
}

fn enforced(console: &Console, hold: &Hold) -> Markup {
    let named = |id: &String| {
        html! {
            @if id.starts_with("0x") { span.whole { (id) } }
            @else { a href={ "/trace?id=" (encoded(id)) } { (console.labels.line(id)) } }
        }
    };
    html! {
        li {
            div.main {
                @for id in hold.things.iter().take(3) { div { (named(id)) } }
                @if hold.things.len() > 3 {
                    details {
                        summary { "and " (hold.things.len() - 3) " more" }
                        ul.list { @for id in hold.things.iter().skip(3).take(SHOWN_MAX) { li { (named(id)) } } }
                    }
                }
                span.line {
                    (hold.organisation.name) ": " (recalls::words::reason(hold.reason_number))
                    @if !hold.note.is_empty() && hold.recall.is_none() { ", " (hold.note) }
                }
            }
            div.aside {
                @match (hold.recall, hold.kind) {
                    (Some(recall), _) => a.tag.alarm href={ "/quality/recalls/" (recall) } { "recall " (recall) },
                    (None, "holder") => span.tag.warn { "its own goods" },
                    (None, _) => span.tag.warn { "everybody" },
                }
                span.line { (words::ago(hold.since.saturating_mul(1_000))) }
            }
        }
    }
}

fn alerts(console: &Console, watched: &Watched, has_bounds: bool) -> Markup {
    html! {
        section.card aria-labelledby="cold" {
            header {
                h2 id="cold" { "Cold chain" }
                span.soft.small { (words::count(watched.cold_alerts.len() as u64, "alert", "alerts")) }
            }
            @if !has_bounds {
                p.empty {
                    "No product has bounds yet. " code { "PUT /products/GTIN" } " with "
                    code { "maxMilliCelsius" } " sets them."
                }
            } @else if watched.cold_alerts.is_empty() {
                p.empty { "Every temperature is within the bounds of its product." }
            }
            ul.rows {
                @for alert in watched.cold_alerts.iter().take(SHOWN_MAX) { (cold(console, alert)) }
            }
        }
    }
}

fn cold(console: &Console, alert: &ColdAlert) -> Markup {
    let products: Vec<String> = {
        let mut names: Vec<String> =
            alert.lots.iter().map(|lot| console.labels.thing(product_of(lot)).kind).collect();
        names.sort();
        names.dedup();
        names
    };
    html! {
        li {
            div.main {
                a href=(events::href(&alert.event)) {
                    (celsius(alert.worst.milli_celsius)) " instead of "
                    (celsius(alert.limit_milli_celsius))
                }
                span.line { (products.join(", ")) " · " (console.labels.line(&alert.thing)) }
                span.line {
                    @if let Some(place) = &alert.place { (console.labels.place(place)) " · " }
                    (alert.party.as_deref().unwrap_or("unknown party"))
                }
            }
            div.aside {
                span.tag.alarm { (alert.outside) " of " (alert.readings) }
                span.line { (words::local_short(alert.worst.time_ms, &alert.worst.time_zone)) }
            }
        }
    }
}

/// `5.8 °C`.
fn celsius(milli: i64) -> String {
    format!("{:.1} °C", milli as f64 / 1000.0)
}

fn holds(console: &Console, watched: &Watched) -> Markup {
    let mut products: BTreeMap<String, Vec<&Held>> = BTreeMap::new();
    for held in &watched.held {
        products.entry(console.labels.thing(&held.thing).kind).or_default().push(held);
    }
    html! {
        section.card aria-labelledby="held" {
            header {
                h2 id="held" { "Held back or recalled, by events" }
                span.soft.small { (words::count(watched.held.len() as u64, "thing", "things")) }
            }
            @if products.is_empty() { p.empty { "Nothing is held back." } }
            @for (product, held) in &products {
                h3.day { (product) }
                ul.rows { @for one in held.iter().take(5) { (held_one(console, one)) } }
                @if held.len() > 5 {
                    details.pad-line {
                        summary { "and " (held.len() - 5) " more" }
                        ul.rows { @for one in held.iter().skip(5).take(SHOWN_MAX) { (held_one(console, one)) } }
                    }
                }
            }
        }
    }
}

fn held_one(console: &Console, held: &Held) -> Markup {
    let (tone, word, party, since, zone) = match &held.standing {
        Standing::Alarm { disposition, party, since_ms, time_zone } => {
            ("alarm", disposition.replace('_', " "), party, *since_ms, time_zone.as_str())
        }
        Standing::Held { party, since_ms, time_zone } => {
            ("warn", "held".to_owned(), party, *since_ms, time_zone.as_str())
        }
        Standing::Clear => return html! {},
    };
    let name = console.labels.thing(&held.thing);
    html! {
        li {
            div.main {
                a href={ "/trace?id=" (encoded(&held.thing)) } {
                    @if name.number.is_empty() { (name.kind) } @else { (name.number) }
                }
                span.line { (party.as_deref().unwrap_or("unknown party")) }
            }
            div.aside {
                span class={ "tag " (tone) } { (word) }
                span.line { (words::local_short(since, zone)) }
            }
        }
    }
}
