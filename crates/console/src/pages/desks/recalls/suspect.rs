//! What a suspect thing concerns, and what can be done about it.

use axum::response::Response;
use maud::{Markup, html};
use qiao_api::recalls::{self, Found};
use qiao_indexer::{AffectedLine, ThingState};

use super::{
    super::{pieces::tiles, seat::Seat},
    pieces::{amount, hold_form, level, reason_field, thing as named},
    thing,
};
use crate::{console::Trouble, pages::search::encoded, words};

/// Lines of one holder that the page shows; the file has all.
const SHOWN_MAX: usize = 100;

/// `GET /desks/{organisation}/recalls/new?thing=…`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    let id = thing(&seat.query)?;
    super::check::require_own(seat, &id).await?;
    let found = recalls::affected(&*seat.console.chain, std::slice::from_ref(&id)).await?;
    let query = format!("thing={}", encoded(id.as_str()));
    let body = html! {
        (summary(&found))
        @if found.affected.truncated {
            div.state.alarm role="alert" {
                span.dot {}
                p { "A limit cut the search: more is affected than is listed." }
            }
        }
        div.columns.even {
            (lines(seat, &found, id.as_str()))
            div.stack {
                section.card aria-labelledby="recall" {
                    header { h2 id="recall" { "Recall it" } }
                    div.pad {
                        p.soft { "First as a drill: everything is found, planned, tried out and timed, and \
                                  nothing is published. You may then declare it." }
                        (form(seat, id.as_str()))
                    }
                }
                section.card aria-labelledby="hold" {
                    header { h2 id="hold" { "Or hold it back" } }
                    div.pad {
                        p.soft { "It is not shipped, packed, used or sold until it is released." }
                        (hold_form(seat, id.as_str()))
                    }
                }
            }
        }
    };
    let title = format!("Suspect: {}", seat.console.labels.line(id.as_str()));
    Ok(seat.goods_page(&title, &format!("recalls/new?{query}"), body).await)
}

/// How much is affected, and how soon that was known.
pub(super) fn summary(found: &Found) -> Markup {
    let affected = &found.affected;
    let count = |number: usize| html! { (words::number(number as u64)) };
    tiles(&[
        ("Lots", count(affected.lots as usize), html! { "affected" }),
        ("Items", count(affected.items as usize), html! { "with a number of their own" }),
        (
            "Holders",
            count(affected.holders.len()),
            html! { "some of it at " (words::count(affected.places.len() as u64, "place", "places")) },
        ),
        (
            "Found in",
            html! { (words::span(found.elapsed_ms)) },
            html! { "one step, from the index of this node" },
        ),
    ])
}

fn form(seat: &Seat, id: &str) -> Markup {
    html! {
        form.fill action=(seat.path("recalls/check")) {
            input type="hidden" name="thing" value=(id);
            label for="level" { "How far" }
            select id="level" name="level" {
                @for word in ["consumer", "retail", "wholesale"] { option value=(word) { (level(word)) } }
            }
            (reason_field("reason"))
            label for="hours" { "Hours in which everybody takes note" }
            input id="hours" name="hours" type="number" min="1" max="8784" value="24" required;
            label for="text" { "What those who are told should know and do" }
            textarea id="text" name="text" rows="3" maxlength="1000" required {}
            button { "Drill it, publish nothing" }
        }
    }
}

fn lines(seat: &Seat, found: &Found, id: &str) -> Markup {
    let affected = &found.affected;
    let file = |kind: &str| {
        let own = seat.desk.organisation;
        format!("/recalls/affected.{kind}?lot={}&as={own}", encoded(id))
    };
    html! {
        section.card aria-labelledby="affected" {
            header {
                h2 id="affected" { "What is affected" }
                span { a href=(file("xlsx")) { "XLSX" } " · " a href=(file("csv")) { "CSV" } }
            }
            @for holder in &affected.holders {
                @let own: Vec<&AffectedLine> =
                    affected.lines.iter().filter(|line| line.party == holder.party).collect();
                @let name = holder.name.as_deref().unwrap_or("Nobody is known to have it");
                h3.day { (name) " · " (words::count(own.len() as u64, "line", "lines")) }
                ul.rows { @for line in own.iter().take(5) { (row(seat, line)) } }
                @if own.len() > 5 {
                    details.pad-line {
                        summary { "and " (own.len() - 5) " more" }
                        ul.rows { @for line in own.iter().skip(5).take(SHOWN_MAX) { (row(seat, line)) } }
                        @if own.len() > 5 + SHOWN_MAX { p.empty { "The file has all." } }
                    }
                }
            }
            @if !affected.containers.is_empty() {
                h3.day { "Cases and pallets with something of it in them" }
                ul.rows {
                    @for id in affected.containers.iter().take(SHOWN_MAX) {
                        li { div.main { (named(&seat.console, id)) } }
                    }
                }
            }
        }
    }
}

fn row(seat: &Seat, line: &AffectedLine) -> Markup {
    let (tone, word) = match line.state {
        ThingState::Present => ("warn", "there"),
        ThingState::InTransit => ("warn", "on its way"),
        ThingState::Sold => ("alarm", "sold"),
        ThingState::Consumed => ("", "used up"),
        ThingState::Gone => ("", "destroyed"),
        ThingState::Unknown => ("", "unknown"),
    };
    html! {
        li {
            div.main {
                (named(&seat.console, &line.thing))
                @if let Some(place) = &line.place { span.line { (seat.console.labels.place(place)) } }
            }
            div.aside {
                @if let Some(quantity) = &line.quantity {
                    span.number { (amount(quantity, line.unit.as_deref())) } " "
                }
                span class={ "tag " (tone) } { (word) }
            }
        }
    }
}
