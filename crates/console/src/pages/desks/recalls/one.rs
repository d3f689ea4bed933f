//! One recall: who was told, who took note and when, and what became of the goods.

use axum::{
    extract::Path,
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use qiao_api::recalls::{self, Notice, Recall, RecallError, Report, Total};

use super::{
    super::{
        pieces::{act, button, tiles},
        seat::Seat,
    },
    pieces::{level, notice_tag, reason, recall_tag, thing, time, until},
};
use crate::{console::Trouble, forms::Fields, pages::contracts::signing::require_own, words};

/// Things that the page shows.
const SHOWN_MAX: usize = 100;

/// `GET /desks/{organisation}/recalls/{recall}`.
pub(super) async fn page(seat: Seat, Path((_, number)): Path<(u64, u64)>) -> Response {
    let made = made(&seat, number).await;
    seat.answer(made)
}

async fn made(seat: &Seat, number: u64) -> Result<Response, Trouble> {
    let (chain, own) = (&*seat.console.chain, seat.desk.organisation);
    let mut report = recalls::report(chain, &seat.names, number).await?;
    let things = recalls::things(chain, number).await?;
    let sees_all = seat.sees_all(report.recall.declarer.organisation);
    let notice = report.notices.iter().find(|notice| notice.party.organisation == own).cloned();
    if !sees_all {
        report.notices.retain(|notice| notice.party.organisation == own);
    }
    let recall = &report.recall;
    let is_open = recall.ended_at.is_none();
    let now = report.as_of;
    let body = html! {
        (untold(seat))
        @if let Some(notice) = notice.as_ref().filter(|_| is_open) { (yours(seat, recall, notice, now)) }
        @if sees_all { (figures(&report)) }
        div.columns.even {
            div.stack {
                (facts(seat, recall, &things, now))
                @if sees_all { (goods(seat, &report)) }
            }
            div.stack {
                (told(seat, &report))
                @if is_open && may_act(seat, recall) { (decide(seat, recall)) }
            }
        }
    };
    Ok(seat.goods_page(&format!("Recall {number}"), &format!("recalls/{number}"), body).await)
}

fn may_act(seat: &Seat, recall: &Recall) -> bool {
    seat.desk.organisation == recall.declarer.organisation || seat.desk.is_regulator
}

/// Notices that did not become final when the recall was declared.
fn untold(seat: &Seat) -> Markup {
    let count = seat.query.get("untold").and_then(|count| count.parse::<u64>().ok()).unwrap_or(0);
    html! {
        @if count > 0 {
            div.state.alarm role="alert" {
                span.dot {}
                p { (words::count(count, "organisation was", "organisations were")) " not told. Tell them below." }
            }
        }
    }
}

/// What the desk itself was told.
fn yours(seat: &Seat, recall: &Recall, notice: &Notice, now: u64) -> Markup {
    let path = format!("recalls/{}/notices/{}", recall.recall, notice.party.organisation);
    html! {
        section.card aria-labelledby="yours" {
            header {
                h2 id="yours" { (seat.desk.name) " was told" }
                (notice_tag(notice))
            }
            div.pad {
                p {
                    (words::count(notice.lines.into(), "line", "lines")) ", "
                    (notice.answered) " answered. "
                    a href=(seat.path(&path)) { "See and answer them" }
                }
                @if notice.acknowledged_at.is_none() {
                    p { "Take note until " (until(recall.deadline, now)) "." }
                    (button(seat, "recall-acknowledge", "recall", recall.recall, "Take note"))
                }
            }
        }
    }
}

fn figures(report: &Report) -> Markup {
    let recall = &report.recall;
    let pair = |part: u32, whole: u32| html! { (part) small { "of " (whole) } };
    let in_time = html! {
        (recall.in_time) " in time"
        @if recall.overdue > 0 { ", " strong { (recall.overdue) " overdue" } }
    };
    // What is least known decides how well a recall works.
    let least = report.totals.iter().map(|total| total.accounted_percent).min().unwrap_or(0);
    let recovered = report.totals.iter().map(|total| total.recovered_percent).min().unwrap_or(0);
    tiles(&[
        ("Took note", pair(recall.acknowledged, recall.notices), in_time),
        (
            "Lines answered",
            pair(recall.answered, recall.lines),
            html! { (report.answered_percent) " %" },
        ),
        (
            "Accounted for",
            html! { (least) small { "%" } },
            html! { "held, returned, destroyed or sold" },
        ),
        ("Recovered", html! { (recovered) small { "%" } }, html! { "held, returned or destroyed" }),
    ])
}

fn facts(seat: &Seat, recall: &Recall, things: &[String], now: u64) -> Markup {
    html! {
        section.card aria-labelledby="facts" {
            header { h2 id="facts" { (reason(recall.reason_number)) } (recall_tag(recall)) }
            dl.facts {
                div { dt { "Declared by" } dd { (recall.declarer.name) @if recall.regulator { ", regulator" } } }
                div { dt { "How far" } dd { (level(recall.level)) } }
                div { dt { "Text" } dd { (recall.text) } }
                div { dt { "Declared" } dd { (time(recall.declared_at)) } }
                div { dt { "Take note until" } dd { (until(recall.deadline, now)) } }
                @if let Some(ended) = recall.ended_at { div { dt { "Closed" } dd { (time(ended)) } } }
                div { dt { "Called back" } dd {
                    @for id in things.iter().take(3) { div { (thing(&seat.console, id)) } }
                    @if things.len() > 3 {
                        details {
                            summary { "and " (things.len() - 3) " more" }
                            ul.list { @for id in things.iter().skip(3).take(SHOWN_MAX) { li { (thing(&seat.console, id)) } } }
                        }
                    }
                } }
                div { dt { "Scope" } dd { span.whole.soft { (recall.scope) } } }
            }
        }
    }
}

/// What became of the goods, by unit.
fn goods(seat: &Seat, report: &Report) -> Markup {
    let file = |kind: &str| {
        let (number, own) = (report.recall.recall, seat.desk.organisation);
        format!("/recalls/{number}/report.{kind}?as={own}")
    };
    html! {
        section.card aria-labelledby="goods" {
            header {
                h2 id="goods" { "What became of the goods" }
                span { a href=(file("xlsx")) { "Report, XLSX" } " · " a href=(file("csv")) { "CSV" } }
            }
            @if report.totals.is_empty() { p.empty { "Nobody was told of an amount." } }
            @for total in &report.totals { (amounts(total)) }
        }
    }
}

fn amounts(total: &Total) -> Markup {
    let unit = total.unit.unwrap_or("pieces");
    let parts = [
        ("Held", &total.held),
        ("Returned", &total.returned),
        ("Destroyed", &total.destroyed),
        ("Sold", &total.sold),
    ];
    html! {
        h3.day { (total.affected) " " (unit) " affected" }
        ul.bars.pad {
            li {
                span.main { "Accounted for" }
                span.aside { (total.accounted) " " (unit) ", " (total.accounted_percent) " %" }
                (known(total.accounted_percent))
            }
            @for (name, amount) in parts {
                li { span.main { (name) } span.aside { (amount) " " (unit) } }
            }
        }
    }
}

/// A bar of what is known of a whole.
fn known(percent: u32) -> Markup {
    html! {
        svg.meter viewBox="0 0 100 8" preserveAspectRatio="none" role="img"
            aria-label={ "accounted for: " (percent) " of 100" } {
            rect.rest x="0" y="0" width="100" height="8" rx="2" {}
            rect x="0" y="0" width=(percent) height="8" rx="2" {}
        }
    }
}

fn told(seat: &Seat, report: &Report) -> Markup {
    html! {
        section.card aria-labelledby="told" {
            header { h2 id="told" { "Who was told" } span.soft.small { (report.notices.len()) } }
            @if report.notices.is_empty() { p.empty { "Nobody." } }
            ul.rows {
                @for notice in &report.notices {
                    @let path = format!("recalls/{}/notices/{}", report.recall.recall, notice.party.organisation);
                    li {
                        div.main {
                            a href=(seat.path(&path)) { (notice.party.name) }
                            span.line { "told " (time(notice.sent_at)) }
                            @if let Some(at) = notice.acknowledged_at { span.line { "took note " (time(at)) } }
                        }
                        div.aside {
                            (notice_tag(notice))
                            span.line { (notice.answered) " of " (words::count(notice.lines.into(), "line", "lines")) }
                        }
                    }
                }
            }
        }
    }
}

fn decide(seat: &Seat, recall: &Recall) -> Markup {
    let notify = seat.path(&format!("recalls/{}/notify", recall.recall));
    html! {
        section.card aria-labelledby="decide" {
            header { h2 id="decide" { "Go on" } }
            div.pad {
                form.fill method="post" action=(notify) {
                    input type="hidden" name="seal" value=(seat.console.seal.word());
                    p.soft { "Goods move, and events come late: look again, and tell those who were not told." }
                    button.plain { "Look again" }
                }
                (act(seat, "recall-end", &[("recall", recall.recall)], html! {
                    label for="end-text" { "Close it: why" }
                    input id="end-text" name="text" required maxlength="1000" autocomplete="off";
                    p.soft.small { "What it holds back is free from then on." }
                    button { "Close the recall" }
                }))
            }
        }
    }
}

/// `POST /desks/{organisation}/recalls/{recall}/notify`.
pub(super) async fn notify(
    seat: Seat,
    Path((_, number)): Path<(u64, u64)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let fields = Fields::read(&body);
    let made = notified(&seat, number, &headers, &fields).await;
    seat.answer(made)
}

async fn notified(
    seat: &Seat,
    number: u64,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Response, Trouble> {
    require_own(&seat.console, headers, fields)?;
    let recall = recalls::one(&*seat.console.chain, &seat.names, number).await?;
    if !may_act(seat, &recall) {
        return Err(RecallError::Unknown { what: "recall", number }.into());
    }
    let sent = recalls::notify(&*seat.console.chain, &seat.desk, number).await?;
    let untold = sent.iter().filter(|notice| !notice.is_final).count();
    let told = sent.len() - untold;
    let path = format!("recalls/{number}?told={told}&untold={untold}");
    Ok(Redirect::to(&seat.path(&path)).into_response())
}
