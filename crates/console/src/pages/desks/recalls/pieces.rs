//! Pieces of the pages of recalls.

use maud::{Markup, html};
use qiao_api::recalls::{Notice, Recall, words as recall};

use super::super::{pieces::act, seat::Seat};
use crate::{console::Console, words};

/// A time in seconds, on hover in full.
pub(super) fn time(seconds: u64) -> Markup {
    let ms = seconds.saturating_mul(1_000);
    html! { time.nowrap datetime=(words::iso(ms)) { (words::instant(ms)) } }
}

/// Until when, and how far off that is.
pub(super) fn until(seconds: u64, now: u64) -> Markup {
    let span = |seconds: u64| words::span(seconds.saturating_mul(1_000));
    html! {
        (time(seconds)) " "
        @if now > seconds { "(" (span(now - seconds)) " ago)" }
        @else { "(in " (span(seconds - now)) ")" }
    }
}

/// How a notice stands, as a tag.
pub(super) fn notice_tag(notice: &Notice) -> Markup {
    html! {
        @match notice.state {
            "overdue" => span.tag.alarm { "overdue" },
            "waiting" => span.tag.warn { "not noted yet" },
            "late" => span.tag.warn { "noted late" },
            _ => span.tag.good { "noted in time" },
        }
    }
}

/// How a recall stands, as a tag.
pub(super) fn recall_tag(recall: &Recall) -> Markup {
    html! {
        @if recall.ended_at.is_some() { span.tag { "closed" } }
        @else if recall.overdue > 0 { span.tag.alarm { (recall.overdue) " overdue" } }
        @else { span.tag.warn { "open" } }
    }
}

/// `Contamination`.
pub(super) fn reason(number: u8) -> String {
    let word = recall::reason(number);
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// A choice of reasons.
pub(super) fn reason_field(id: &str) -> Markup {
    html! {
        label for=(id) { "Why" }
        select id=(id) name="reason" {
            @for (number, word) in recall::REASONS.iter().enumerate().skip(1) {
                option value=(word) selected[*word == "contamination"] { (reason(number as u8)) }
            }
        }
    }
}

/// How far back a level reaches.
pub(super) fn level(word: &str) -> &'static str {
    match word {
        "consumer" => "Back from consumers",
        "retail" => "Back from shops",
        "wholesale" => "Back from wholesale",
        _ => "Unknown level",
    }
}

/// A form that holds a thing back.
pub(super) fn hold_form(seat: &Seat, thing: &str) -> Markup {
    act(
        seat,
        "hold",
        &[],
        html! {
            input type="hidden" name="thing" value=(thing);
            (reason_field("hold-reason"))
            label for="scope" { "For whom" }
            select id="scope" name="scope" {
                option value="own" { "Only " (seat.desk.name) }
                option value="everywhere" { "Everybody, as owner or regulator" }
            }
            label for="note" { "Note" }
            input id="note" name="note" maxlength="512" autocomplete="off";
            button { "Hold it back" }
        },
    )
}

/// A thing with its name, which leads to its trace.
pub(super) fn thing(console: &Console, id: &str) -> Markup {
    let href = format!("/trace?id={}", crate::pages::search::encoded(id));
    html! {
        @if id.starts_with("0x") { span.whole { (id) } }
        @else { a href=(href) { (console.labels.line(id)) } }
    }
}

/// A decimal number with its unit.
pub(super) fn amount(number: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) => format!("{number} {unit}"),
        None => number.to_owned(),
    }
}
