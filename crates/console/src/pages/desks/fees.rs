//! What is charged: everybody's tariffs, those of the desk, and what a part costs by them.

use axum::response::Response;
use maud::{Markup, html};
use qiao_api::finance::{
    accounts::{self, Account},
    fees::{self, Charge, FeeLimit, PartFees, Tariff},
    sight::Seen,
    words as finance,
};

use super::{
    pieces::{act, money, money_words},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// `GET /desks/{organisation}/tariffs`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    let chain = &*seat.console.chain;
    let tariffs = fees::tariffs(chain, &seat.names, None).await?;
    let limits = fees::limits(chain).await?;
    let body = html! {
        div.columns.even {
            (published(seat, &tariffs))
            div.stack {
                @if seat.desk.is_regulator { (limit_them(seat)) } @else { (publish(seat)) }
                (rules(&limits))
            }
        }
    };
    Ok(seat.page("Fees", Tab::Tariffs, body))
}

/// What a tariff asks for, in words.
pub(super) fn price_words(currency: u16, flat: u64, basis_points: u32) -> String {
    let share = format!("{} %", finance::per_cent(u64::from(basis_points)));
    match (flat, basis_points) {
        (0, 0) => "free".to_owned(),
        (0, _) => share,
        (_, 0) => money_words(currency, flat),
        _ => format!("{} and {share}", money_words(currency, flat)),
    }
}

fn published(seat: &Seat, tariffs: &[Tariff]) -> Markup {
    let own = seat.desk.organisation;
    html! {
        section.card aria-labelledby="tariffs" {
            header { h2 id="tariffs" { "Published" } span.soft.small { (tariffs.len()) } }
            @if tariffs.is_empty() { p.empty { "Nobody charges anything." } }
            ul.rows {
                @for one in tariffs {
                    li {
                        div.main {
                            strong { (one.provider.name) }
                            @if one.provider.organisation == own { " " span.tag.accent { "yours" } }
                            span.line {
                                (one.service) ", since block "
                                a href={ "/blocks/" (one.block) } { (words::number(one.block)) }
                            }
                        }
                        div.aside {
                            (price_words(one.currency_number, one.flat, one.basis_points))
                            span.line { "for each part" }
                        }
                    }
                }
            }
        }
    }
}

fn publish(seat: &Seat) -> Markup {
    html! {
        section.card aria-labelledby="publish" {
            header { h2 id="publish" { "What you charge" } }
            div.pad {
                (act(seat, "tariff", &[], html! {
                    label for="service" { "For" }
                    select id="service" name="service" {
                        @for service in finance::FEE_SERVICES { option value=(service) { (service) } }
                    }
                    label for="flat" { "So much for each part" }
                    input id="flat" name="flat" inputmode="decimal" value="0" required;
                    label for="percent" { "And so many per cent of what is owed on it" }
                    input id="percent" name="percent" inputmode="decimal" value="0" required;
                    label for="currency" { "Currency" }
                    input id="currency" name="currency" value="CNY" required maxlength="3";
                    button { "Publish it" }
                }))
                p.soft.small { "Everybody reads it. Nothing and nothing says that it is free." }
            }
        }
    }
}

fn limit_them(seat: &Seat) -> Markup {
    html! {
        section.card aria-labelledby="limit" {
            header { h2 id="limit" { "Limit the fees of a part" } }
            div.pad {
                (act(seat, "fee-limit", &[], html! {
                    label for="pack" { "Under" }
                    select id="pack" name="pack" {
                        @for (number, pack) in qiao_modules::receivables::PACKS.iter().enumerate() {
                            option value=(number) selected[number == 1] { (pack.name) }
                        }
                    }
                    label for="percent" { "Per cent of what is owed on it; nothing for no limit" }
                    input id="percent" name="percent" inputmode="decimal" placeholder="0.50";
                    button { "Set it" }
                }))
            }
        }
    }
}

fn rules(limits: &[FeeLimit]) -> Markup {
    html! {
        section.card aria-labelledby="rules" {
            header { h2 id="rules" { "What the rules say" } }
            div.pad.stack {
                p { "Who charges publishes it first. Who bears the cost by the terms of the voucher, its holder or its \
                     issuer, agrees to each fee by naming it, and pays that and nothing else, once." }
                p { "Where the law of China was agreed on, the issuer of a voucher takes nothing from its suppliers \
                     for confirming what it owes (Yinfa [2025] No. 77)." }
            }
            dl.facts {
                @for one in limits {
                    div {
                        dt { "All fees of a part, " (one.name) }
                        dd { @match one.basis_points {
                            Some(limit) => { "at most " (finance::per_cent(u64::from(limit))) " %" },
                            None => "no limit",
                        } }
                    }
                }
            }
        }
    }
}

/// What a part costs by the tariffs, with a button for who bears it.
pub(super) async fn card(seat: &Seat, seen: &Seen) -> Result<Markup, Trouble> {
    let (chain, names) = (&*seat.console.chain, &seat.names);
    let found = fees::of_part(chain, names, &seen.part, &seen.voucher).await?;
    if found.charged.is_empty() && found.paid.is_empty() {
        return Ok(html! {});
    }
    let is_bearer = found.bearer.organisation == seat.desk.organisation;
    let is_current = seen.part.voucher_state == "live" && !seen.part.frozen;
    let payer = match is_bearer && is_current {
        true => account(&accounts::owned(chain, names, seat.desk.organisation).await?, seen),
        false => None,
    };
    let mut rows = Vec::new();
    for charge in &found.charged {
        let payee = match payer.is_some() && !charge.is_paid {
            true => {
                account(&accounts::owned(chain, names, charge.provider.organisation).await?, seen)
            }
            false => None,
        };
        rows.push(row(seat, seen, charge, payer.zip(payee)));
    }
    Ok(shown(seen, &found, &rows))
}

fn account(accounts: &[Account], seen: &Seen) -> Option<u64> {
    let fits =
        |one: &&Account| one.state == "open" && one.currency_number == seen.part.currency_number;
    accounts.iter().find(fits).map(|one| one.account)
}

fn row(seat: &Seat, seen: &Seen, charge: &Charge, pair: Option<(u64, u64)>) -> Markup {
    let currency = seen.part.currency_number;
    html! {
        li {
            div.main { (charge.provider.name) span.line { (charge.service) } }
            div.aside {
                (money(currency, charge.amount))
                @if charge.is_paid { span.line { "paid" } }
                @if let Some((payer, payee)) = pair {
                    @let fields = [
                        ("part", seen.part.part), ("provider", charge.provider.organisation),
                        ("service", u64::from(charge.service_number)), ("units", charge.amount),
                        ("payer", payer), ("payee", payee), ("nonce", words::now_ms()),
                    ];
                    (act(seat, "pay-fee", &fields, html! { button.plain { "Pay" } }))
                }
            }
        }
    }
}

fn shown(seen: &Seen, found: &PartFees, rows: &[Markup]) -> Markup {
    let currency = seen.part.currency_number;
    html! {
        section.card aria-labelledby="fees" {
            header { h2 id="fees" { "Fees" } span.soft.small { "borne by " (found.bearer.name) } }
            ul.rows { @for row in rows { (row) } }
            @if !found.paid.is_empty() {
                dl.facts { @for one in &found.paid {
                    div {
                        dt { "Paid to " (one.provider.name) }
                        dd {
                            a href={ "/transactions/" (one.transaction) } { (money(currency, one.amount)) }
                            " for " (one.service) " by " (one.payer.name)
                        }
                    }
                } }
            }
            @if let Some(limit) = found.limit {
                p.soft.small.pad { "All together they may come to " (money(currency, limit)) "." }
            }
        }
    }
}
