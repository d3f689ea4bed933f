//! The desk of a core firm: what it owes, when, and within which limit; payables in as a table.

use std::collections::BTreeMap;

use axum::response::Response;
use maud::{Markup, html};
use qiao_api::finance::{
    exposure::{self, Exposure},
    vouchers::{self, Side, Voucher},
    words as finance,
};

use super::{
    pieces::{MONTHS, day_words, money, sums, tiles, usage, voucher_rows},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// Vouchers that the list shows.
const SHOWN_MAX: usize = 30;
/// Months that the calendar shows.
const MONTHS_SHOWN: usize = 12;

/// `GET /desks/{organisation}/payables`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    let (chain, own) = (&*seat.console.chain, seat.desk.organisation);
    let exposures = exposure::of(chain, &seat.names, own).await?;
    let issued = vouchers::all(chain, &seat.names, Side::Issued(own)).await?;
    let owed: Vec<&Voucher> = issued.iter().filter(|one| one.outstanding > 0).collect();
    let body = html! {
        (figures(seat, &exposures, &owed))
        div.columns.even {
            (upload(seat))
            (limits(&exposures))
        }
        (calendar(seat, &owed))
        section.card aria-labelledby="vouchers" {
            header {
                h2 id="vouchers" { "Vouchers" }
                span.soft.small { (words::number(issued.len() as u64)) " issued" }
            }
            @if issued.is_empty() {
                p.empty { "None yet. Upload a table of payables, and sign it as a whole." }
            }
            (voucher_rows(seat, &issued[..issued.len().min(SHOWN_MAX)], true))
            @if issued.len() > SHOWN_MAX {
                p.empty {
                    "The newest " (SHOWN_MAX) " are shown. All of them: "
                    code { "qiao voucher list --as " (own) }
                }
            }
        }
    };
    Ok(seat.page("Payables", Tab::Payables, body))
}

fn figures(seat: &Seat, exposures: &[Exposure], owed: &[&Voucher]) -> Markup {
    let today = seat.today();
    let soon = |one: &&&Voucher| finance::days_between(today, one.due_number) <= 30;
    let waiting = owed.iter().filter(|one| one.state == "offered").count() as u64;
    let overdue = owed.iter().filter(|one| one.due_number < today).count() as u64;
    let amounts = |one: &&Voucher| (one.currency_number, one.outstanding);
    let all = sums(owed.iter().map(amounts));
    let soon = sums(owed.iter().filter(soon).map(amounts));
    let left = sums(exposures.iter().map(|one| (one.currency_number, one.left)));
    tiles(&[
        ("Owed", all, html! { (words::count(owed.len() as u64, "voucher", "vouchers")) }),
        (
            "Due within 30 days",
            soon,
            html! {
                @if overdue > 0 { (words::count(overdue, "is past its day", "are past their day")) }
                @else { "nothing is past its day" }
            },
        ),
        ("Left of the limit", left, html! { "what may be issued still" }),
        (
            "Not accepted yet",
            html! { (words::number(waiting)) },
            html! { "wait for their suppliers" },
        ),
    ])
}

/// The form for a table.
pub(super) fn upload(seat: &Seat) -> Markup {
    html! {
        section.card aria-labelledby="upload" {
            header {
                h2 id="upload" { "Upload payables" }
                a href="/finance/payables/template.xlsx" { "Table to fill in" }
            }
            div.pad {
                p.soft.small {
                    "XLSX or CSV, a row for each voucher. Every row is checked first; nothing is signed before \
                     you confirm."
                }
                form.fill method="post" enctype="multipart/form-data" action=(seat.path("payables")) {
                    input type="hidden" name="seal" value=(seat.console.seal.word());
                    label for="table" { "Table" }
                    input id="table" type="file" name="table" required
                        accept=".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                    button { "Check it" }
                }
            }
        }
    }
}

fn limits(exposures: &[Exposure]) -> Markup {
    html! {
        section.card aria-labelledby="limit" {
            header { h2 id="limit" { "Limit used" } }
            @if exposures.is_empty() {
                p.empty { "No limit was set for you yet: a regulator does that." }
            }
            ul.bars.pad {
                @for one in exposures {
                    li {
                        span.main { (money(one.currency_number, one.outstanding)) }
                        span.aside { "of " (money(one.currency_number, one.limit)) }
                        (usage(one.outstanding, one.limit, "limit used"))
                    }
                    @if one.overdue_vouchers > 0 {
                        li { span.tag.alarm {
                            (words::count(u64::from(one.overdue_vouchers), "voucher overdue", "vouchers overdue"))
                        } }
                    }
                }
            }
        }
    }
}

/// Amount and count of what is due, by day and currency.
type Days = BTreeMap<(u32, u16), (u64, u64)>;

/// What is due, month by month and day by day.
fn calendar(seat: &Seat, owed: &[&Voucher]) -> Markup {
    let mut months: BTreeMap<u32, Days> = BTreeMap::new();
    for one in owed {
        let days = months.entry(one.due_number / 100).or_default();
        let sum = days.entry((one.due_number, one.currency_number)).or_default();
        sum.0 = sum.0.saturating_add(one.outstanding);
        sum.1 += 1;
    }
    let today = seat.today();
    html! {
        section.card aria-labelledby="calendar" {
            header { h2 id="calendar" { "Maturity calendar" } }
            @if months.is_empty() { p.empty { "Nothing is due." } }
            div.months.pad {
                @for (month, days) in months.iter().take(MONTHS_SHOWN) {
                    div {
                        h3 { (MONTHS[(month % 100).saturating_sub(1) as usize % 12]) " " (month / 100) }
                        p.soft.small {
                            (sums(days.iter().map(|((_, currency), (amount, _))| (*currency, *amount))))
                        }
                        ul.list {
                            @for ((due, currency), (amount, count)) in days {
                                li.past[*due < today] {
                                    span.main { (day_words(*due)) }
                                    " " span.soft { (words::count(*count, "voucher", "vouchers")) ", " }
                                    (money(*currency, *amount))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
