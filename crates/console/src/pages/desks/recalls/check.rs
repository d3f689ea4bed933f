//! The drill of a recall, which is also what is confirmed before it is declared.

use axum::{
    http::HeaderMap,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use qiao_api::{
    finance::{Access, FinanceError, view},
    recalls::{self, Asked, Drilled, RecallError, words as recall},
};
use qiao_epcis::Identifier;
use qiao_modules::lots::{self, ILots};

use super::{
    super::seat::Seat,
    pieces::{amount, level, reason, thing as named},
    suspect::summary,
    thing,
};
use crate::{
    console::Trouble, forms::Fields, pages::contracts::signing::require_own as require_own_form,
    words,
};

/// Lines and things of one list that the page shows.
const SHOWN_MAX: usize = 60;

/// A key that is bound to one organisation asks about its own goods.
pub(super) async fn require_own(seat: &Seat, id: &Identifier) -> Result<(), Trouble> {
    if !matches!(seat.access, Access::Only(_)) || seat.desk.is_regulator {
        return Ok(());
    }
    let call = ILots::ownerOfCall { id: id.as_str().to_owned() };
    let owner =
        view(&*seat.console.chain, lots::ADDRESS, call).await.map_err(FinanceError::from)?;
    if owner == seat.desk.organisation {
        return Ok(());
    }
    Err(RecallError::NotOwn { thing: id.to_string() }.into())
}

fn asked(fields: &Fields) -> Result<Asked, Trouble> {
    let text = |name: &str| fields.get(name).map(str::trim).unwrap_or_default();
    let hours: u64 =
        text("hours").parse().map_err(|_| RecallError::input("hours", "must be a number"))?;
    let words = text("text").to_owned();
    if words.is_empty() || words.len() > recalls::TEXT_BYTES_MAX {
        let rule = format!("has 1 to {} bytes", recalls::TEXT_BYTES_MAX);
        return Err(RecallError::input("text", rule).into());
    }
    Ok(Asked {
        suspects: vec![thing(fields)?],
        level: recall::number(&recall::LEVELS, "level", text("level"))?,
        reason: recall::number(&recall::REASONS, "reason", text("reason"))?,
        text: words,
        deadline_seconds: hours.saturating_mul(3_600),
    })
}

/// `GET /desks/{organisation}/recalls/check?…`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = drilled(&seat).await;
    seat.answer(made)
}

async fn drilled(seat: &Seat) -> Result<Response, Trouble> {
    let asked = asked(&seat.query)?;
    for id in &asked.suspects {
        require_own(seat, id).await?;
    }
    let drilled = recalls::drill(&*seat.console.chain, &seat.desk, &asked).await?;
    let body = html! {
        div.state.waiting role="status" {
            span.dot {}
            div {
                p { "This was a drill. Nothing was published." }
                p {
                    @for step in &drilled.steps {
                        (spoken(step.what)) " " (words::span(step.elapsed_ms)) ", "
                    }
                    "all in " (words::span(drilled.elapsed_ms)) "."
                }
            }
        }
        (summary(&drilled.found))
        div.columns.even {
            (called_back(seat, &drilled))
            div.stack { (told(seat, &drilled)) (declare(seat, &asked, &drilled)) }
        }
    };
    Ok(seat.goods_page("Recall drill", "recalls", body).await)
}

fn spoken(step: &str) -> &'static str {
    match step {
        "found" => "Found in",
        "planned" => "planned in",
        _ => "tried on the chain’s state in",
    }
}

fn called_back(seat: &Seat, drilled: &Drilled) -> Markup {
    let plan = &drilled.plan;
    let list = |things: &[String]| {
        html! {
            ul.rows { @for id in things.iter().take(5) { li { div.main { (named(&seat.console, id)) } } } }
            @if things.len() > 5 {
                details.pad-line {
                    summary { "and " (things.len() - 5) " more" }
                    ul.rows {
                        @for id in things.iter().skip(5).take(SHOWN_MAX) {
                            li { div.main { (named(&seat.console, id)) } }
                        }
                    }
                }
            }
        }
    };
    html! {
        section.card aria-labelledby="things" {
            header {
                h2 id="things" { "On hold everywhere" }
                span.soft.small { (words::count(plan.things.len() as u64, "thing", "things")) }
            }
            (list(&plan.things))
            @if !plan.left_out.is_empty() {
                h3.day { "Affected, but not called back with it" }
                p.empty {
                    "Another organisation owns these numbers, or a recall has no more room. Who has some of \
                     it is told all the same."
                }
                (list(&plan.left_out))
            }
        }
    }
}

fn told(seat: &Seat, drilled: &Drilled) -> Markup {
    let notices = &drilled.plan.notices;
    html! {
        section.card aria-labelledby="told" {
            header {
                h2 id="told" { "Who is told" }
                span.soft.small { (words::count(notices.len() as u64, "organisation", "organisations")) }
            }
            @if notices.is_empty() { p.empty { "Nobody: nothing of it is left." } }
            ul.rows {
                @for notice in notices {
                    li {
                        div.main {
                            strong { (notice.party.name) }
                            @for line in notice.lines.iter().take(3) {
                                span.line {
                                    (seat.console.labels.line(&line.thing)) ": "
                                    (amount(&line.quantity, line.unit.as_deref()))
                                }
                            }
                            @if notice.lines.len() > 3 { span.line { "and " (notice.lines.len() - 3) " more" } }
                        }
                        div.aside { (words::count(notice.lines.len() as u64, "line", "lines")) }
                    }
                }
            }
        }
    }
}

fn declare(seat: &Seat, asked: &Asked, drilled: &Drilled) -> Markup {
    let fields = ["thing", "level", "reason", "hours", "text"];
    html! {
        section.card aria-labelledby="declare" {
            header { h2 id="declare" { "In earnest" } }
            dl.facts {
                div { dt { "How far" } dd { (level(recall::word(&recall::LEVELS, asked.level))) } }
                div { dt { "Why" } dd { (reason(asked.reason)) } }
                div { dt { "Text" } dd { (asked.text) } }
                div { dt { "Take note within" } dd { (words::count(asked.deadline_seconds / 3_600, "hour", "hours")) } }
                div { dt { "Signed by" } dd { (seat.desk.name) " " span.whole.soft { (seat.desk.account) } } }
            }
            @if let Some(refusal) = &drilled.refusal {
                div.pad {
                    div.state.alarm { span.dot {} div {
                        p { "The chain would refuse it." }
                        p { (words::prose(refusal)) }
                    } }
                }
            } @else {
                form.fill.pad method="post" action=(seat.path("recalls/sign")) {
                    input type="hidden" name="seal" value=(seat.console.seal.word());
                    @for name in fields {
                        input type="hidden" name=(name) value=(seat.query.get(name).unwrap_or_default());
                    }
                    button { "Declare it and tell " (words::count(drilled.plan.notices.len() as u64, "organisation", "organisations")) }
                }
            }
        }
    }
}

/// `POST /desks/{organisation}/recalls/sign`: declares what was drilled.
pub(super) async fn sign(seat: Seat, headers: HeaderMap, body: String) -> Response {
    let fields = Fields::read(&body);
    let made = signed(&seat, &headers, &fields).await;
    seat.answer(made)
}

async fn signed(seat: &Seat, headers: &HeaderMap, fields: &Fields) -> Result<Response, Trouble> {
    require_own_form(&seat.console, headers, fields)?;
    let asked = asked(fields)?;
    for id in &asked.suspects {
        require_own(seat, id).await?;
    }
    let declared = recalls::declare(&*seat.console.chain, &seat.desk, &asked).await?;
    if declared.block.is_none() {
        return Ok(Redirect::to(&format!("/transactions/{}", declared.transaction)).into_response());
    }
    let untold = declared.notices.iter().filter(|notice| !notice.is_final).count();
    let path = format!("recalls/{}?done={}&untold={untold}", declared.recall, declared.transaction);
    Ok(Redirect::to(&seat.path(&path)).into_response())
}
