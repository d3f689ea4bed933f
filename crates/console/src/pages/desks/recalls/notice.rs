//! The notice to one organisation: how much of what, and what became of it.

use axum::{extract::Path, response::Response};
use maud::{Markup, html};
use qiao_api::recalls::{self, Line, Notice, Recall, RecallError};

use super::{
    super::{
        pieces::{act, button},
        seat::Seat,
    },
    pieces::{amount, notice_tag, thing, time, until},
};
use crate::{console::Trouble, words};

/// Lines of one form; those that are not answered come first.
const FORM_LINES: usize = 50;

/// What may have become of something.
pub(super) const FATES: [(&str, &str); 4] =
    [("held", "Held"), ("returned", "Returned"), ("destroyed", "Destroyed"), ("sold", "Sold")];

/// `GET /desks/{organisation}/recalls/{recall}/notices/{party}`.
pub(super) async fn page(seat: Seat, Path((_, number, party)): Path<(u64, u64, u64)>) -> Response {
    let made = made(&seat, number, party).await;
    seat.answer(made)
}

async fn made(seat: &Seat, number: u64, party: u64) -> Result<Response, Trouble> {
    let (chain, names) = (&*seat.console.chain, &seat.names);
    let recall = recalls::one(chain, names, number).await?;
    let is_own = party == seat.desk.organisation;
    let is_seen = is_own || seat.sees_all(recall.declarer.organisation);
    let notice = recalls::notice_to(chain, names, number, party).await?.filter(|_| is_seen);
    let unknown = RecallError::Unknown { what: "notice to organisation", number: party };
    let notice = notice.ok_or(unknown)?;
    let lines = recalls::lines(chain, number, party).await?;
    let now = recalls::now(chain).await;
    let may_answer = is_own && recall.ended_at.is_none();
    let body = html! {
        p { a href=(seat.path(&format!("recalls/{number}"))) { "← Recall " (number) } }
        (facts(seat, &recall, &notice, (may_answer, now)))
        @if may_answer { (answer(seat, &recall, &lines)) }
        (table(seat, &lines))
    };
    let title = format!("Recall {number}: {}", notice.party.name);
    Ok(seat.goods_page(&title, &format!("recalls/{number}"), body).await)
}

fn facts(seat: &Seat, recall: &Recall, notice: &Notice, (may_answer, now): (bool, u64)) -> Markup {
    html! {
        section.card aria-labelledby="notice" {
            header { h2 id="notice" { "The notice" } (notice_tag(notice)) }
            dl.facts {
                div { dt { "Told" } dd { (time(notice.sent_at)) } }
                div { dt { "To take note until" } dd { (until(recall.deadline, now)) } }
                @if let Some(at) = notice.acknowledged_at { div { dt { "Took note" } dd { (time(at)) } } }
                div { dt { "Text" } dd { (recall.text) } }
            }
            @if may_answer && notice.acknowledged_at.is_none() {
                div.pad { (button(seat, "recall-acknowledge", "recall", recall.recall, "Take note")) }
            }
        }
    }
}

/// Forms that say what became of the goods: of all of them, or of each.
fn answer(seat: &Seat, recall: &Recall, lines: &[Line]) -> Markup {
    let mut ordered: Vec<&Line> = lines.iter().collect();
    ordered.sort_by_key(|line| line.answered);
    let open = lines.iter().filter(|line| !line.answered).count() as u64;
    html! {
        section.card aria-labelledby="answer" {
            header {
                h2 id="answer" { "What became of it" }
                span.soft.small { (words::count(open, "line", "lines")) " not answered" }
            }
            div.pad {
                @if open > 0 {
                    (act(seat, "recall-answer-all", &[("recall", recall.recall)], html! {
                        label for="all" { "Everything that is not answered yet was wholly" }
                        select id="all" name="fate" {
                            @for (word, label) in FATES { option value=(word) { (label) } }
                        }
                        button { "Answer for all of it" }
                    }))
                }
                details open[open == 0] {
                    summary { "Answer line by line" }
                    (act(seat, "recall-answer", &[("recall", recall.recall)], html! {
                        @for (nth, line) in ordered.iter().take(FORM_LINES).enumerate() {
                            (fieldset(seat, nth, line))
                        }
                        @if ordered.len() > FORM_LINES {
                            p.soft { "These are the first " (FORM_LINES) "; the others come when they are answered." }
                        }
                        button { "Answer" }
                    }))
                }
            }
        }
    }
}

/// The fields of one line: a choice for a single piece, numbers for an amount.
fn fieldset(seat: &Seat, nth: usize, line: &Line) -> Markup {
    let name = seat.console.labels.line(&line.thing);
    let is_piece = line.unit.is_none() && line.affected == "1";
    let value = |fate: &str| match fate {
        "held" => &line.held,
        "returned" => &line.returned,
        "destroyed" => &line.destroyed,
        _ => &line.sold,
    };
    html! {
        fieldset {
            legend { (name) ", " (amount(&line.affected, line.unit)) }
            input type="hidden" name="thing" value=(line.thing);
            @if is_piece {
                label.visually-hidden for={ "fate-" (nth) } { "What became of " (name) }
                select id={ "fate-" (nth) } name="piece" {
                    option value="" { "not answered" }
                    @for (word, label) in FATES {
                        option value=(word) selected[line.answered && value(word) == "1"] { (label) }
                    }
                }
            } @else {
                div.amounts {
                    @for (word, label) in FATES {
                        div {
                            label for={ (word) "-" (nth) } { (label) }
                            input id={ (word) "-" (nth) } name=(word) inputmode="decimal" autocomplete="off"
                                value=(if line.answered { value(word).as_str() } else { "" });
                        }
                    }
                    input type="hidden" name="unit" value=(line.unit.unwrap_or_default());
                }
            }
        }
    }
}

fn table(seat: &Seat, lines: &[Line]) -> Markup {
    html! {
        section.card aria-labelledby="lines" {
            header { h2 id="lines" { "Lines" } span.soft.small { (lines.len()) } }
            ul.rows {
                @for line in lines {
                    li {
                        div.main {
                            (thing(&seat.console, &line.thing))
                            @if line.answered { span.line { (said(line)) } }
                        }
                        div.aside {
                            span.number { (amount(&line.affected, line.unit)) } " "
                            @if line.answered { span.tag.good { "answered" } }
                            @else { span.tag.warn { "open" } }
                        }
                    }
                }
            }
        }
    }
}

/// `5 KGM held, 3 KGM destroyed`.
fn said(line: &Line) -> String {
    let parts = [
        (&line.held, "held"),
        (&line.returned, "returned"),
        (&line.destroyed, "destroyed"),
        (&line.sold, "sold"),
    ];
    let told = parts.iter().filter(|(number, _)| *number != "0");
    let told: Vec<String> =
        told.map(|(number, word)| format!("{} {word}", amount(number, line.unit))).collect();
    if told.is_empty() { "nothing of it".to_owned() } else { told.join(", ") }
}
