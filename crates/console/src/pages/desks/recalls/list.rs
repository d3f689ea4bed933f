//! All recalls, what waits for the desk, and its holds.

use axum::response::Response;
use maud::{Markup, html};
use qiao_api::recalls::{self, Hold, Notice, Recall};

use super::{
    super::{pieces::act, seat::Seat},
    pieces::{notice_tag, reason, recall_tag, thing, time, until},
};
use crate::console::Trouble;

/// Recalls on one page.
const SHOWN: usize = 30;

/// `GET /desks/{organisation}/recalls`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    let (chain, names) = (&*seat.console.chain, &seat.names);
    let before = seat.query.get("before").and_then(|before| before.parse().ok());
    let page = recalls::list(chain, names, before, SHOWN).await?;
    let own = seat.desk.organisation;
    let mut told: Vec<(Recall, Notice)> = Vec::new();
    for recall in page.recalls.iter().filter(|recall| recall.ended_at.is_none()) {
        let notice = recalls::notice_to(chain, names, recall.recall, own).await?;
        let notice = notice.filter(|one| one.acknowledged_at.is_none() || one.answered < one.lines);
        told.extend(notice.map(|notice| (recall.clone(), notice)));
    }
    let mut holds = recalls::holds(chain, names).await?;
    holds.retain(|hold| hold.organisation.organisation == own && hold.recall.is_none());
    let now = recalls::now(chain).await;
    let body = html! {
        @if !told.is_empty() { (waiting(seat, &told, now)) }
        div.columns.even {
            section.card aria-labelledby="recalls" {
                header { h2 id="recalls" { "Recalls" } span.soft.small { (page.recalls.len()) } }
                @if page.recalls.is_empty() { p.empty { "Nothing was ever recalled on the chain." } }
                ul.rows { @for recall in &page.recalls { (row(seat, recall)) } }
                @if let Some(next) = page.next {
                    nav.pages aria-label="Pages" {
                        span {}
                        a href={ (seat.path("recalls")) "?before=" (next) } { "Older" }
                    }
                }
            }
            div.stack { (begin(seat)) (own_holds(seat, &holds)) }
        }
    };
    Ok(seat.goods_page("Recalls", "recalls", body).await)
}

/// What the desk was told and has not answered.
fn waiting(seat: &Seat, told: &[(Recall, Notice)], now: u64) -> Markup {
    html! {
        section.card aria-labelledby="waiting" {
            header { h2 id="waiting" { "Waiting for you" } }
            ul.rows {
                @for (recall, notice) in told {
                    li {
                        div.main {
                            a href=(seat.path(&format!("recalls/{}", recall.recall))) {
                                "Recall " (recall.recall) " of " (recall.declarer.name)
                            }
                            span.line { (reason(recall.reason_number)) ": " (recall.text) }
                            @if notice.acknowledged_at.is_none() {
                                span.line { "Take note until " (until(recall.deadline, now)) }
                            } @else {
                                span.line { (notice.answered) " of " (notice.lines) " lines answered" }
                            }
                        }
                        div.aside { (notice_tag(notice)) }
                    }
                }
            }
        }
    }
}

fn row(seat: &Seat, recall: &Recall) -> Markup {
    html! {
        li {
            div.main {
                a href=(seat.path(&format!("recalls/{}", recall.recall))) {
                    "Recall " (recall.recall) ": " (reason(recall.reason_number))
                }
                span.line { (recall.declarer.name) ", " (time(recall.declared_at)) }
                span.line {
                    (recall.acknowledged) " of " (recall.notices) " took note, "
                    (recall.answered) " of " (recall.lines) " lines answered"
                }
            }
            div.aside { (recall_tag(recall)) }
        }
    }
}

fn begin(seat: &Seat) -> Markup {
    html! {
        section.card aria-labelledby="begin" {
            header { h2 id="begin" { "Suspect something" } }
            div.pad {
                p.soft { "Shows in one step what has something of it, where, and with whom." }
                form.fill action=(seat.path("recalls/new")) {
                    label for="thing" { "Lot, item, case or pallet" }
                    input id="thing" name="thing" required autocomplete="off"
                        placeholder="(01)09521002000368(10)M0318";
                    button { "Show what is affected" }
                }
            }
        }
    }
}

fn own_holds(seat: &Seat, holds: &[Hold]) -> Markup {
    html! {
        section.card aria-labelledby="holds" {
            header { h2 id="holds" { "Held back by " (seat.desk.name) } span.soft.small { (holds.len()) } }
            @if holds.is_empty() { p.empty { "Nothing." } }
            ul.rows {
                @for hold in holds {
                    li {
                        div.main {
                            @for id in hold.things.iter().take(5) { div { (thing(&seat.console, id)) } }
                            @if hold.things.len() > 5 { span.line { "and " (hold.things.len() - 5) " more" } }
                            span.line {
                                (reason(hold.reason_number))
                                @if !hold.note.is_empty() { ": " (hold.note) }
                            }
                            span.line {
                                "since " (time(hold.since)) ", for "
                                @if hold.kind == "holder" { "its own goods" } @else { "everybody" }
                            }
                        }
                        div.aside {
                            (act(seat, "release", &[("hold", hold.hold)], html! {
                                button.plain { "Release" }
                            }))
                        }
                    }
                }
            }
        }
    }
}
