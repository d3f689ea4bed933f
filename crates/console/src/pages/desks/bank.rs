//! The desk of a bank: who asks, what was accepted, what is to be paid, what is held and when it is due.

use std::collections::BTreeMap;

use axum::response::Response;
use maud::{Markup, html};
use qiao_api::finance::{
    accounts::{self, Position},
    credit::{self, CreditLine, Financing, Request, Sale},
    exposure,
};

use super::{
    pieces::{act, buckets, day, money, party_field, sums, tiles, usage},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// Financings that the list shows.
const SHOWN_MAX: usize = 20;

/// `GET /desks/{organisation}/bank`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    let (chain, names, own) = (&*seat.console.chain, &seat.names, seat.desk.organisation);
    let lines = credit::lines(chain, names, "bank", own).await?;
    let requests = credit::requests_for(chain, names, own).await?;
    let open: Vec<&Request> = requests.iter().filter(|one| one.state == "open").collect();
    let offers = credit::sales(chain, names, "buyer", own).await?;
    let bought = credit::financings(chain, names, "buyer", own).await?;
    let held: Vec<&Financing> =
        bought.iter().filter(|one| one.part.holder.organisation == own && one.left > 0).collect();
    let books = accounts::positions(chain, names, own).await?;
    let body = html! {
        (figures(&lines, &open, &offers, &held))
        div.columns.even {
            (pipeline(seat, &open, own))
            div.stack { (to_pay(seat, &offers)) (credit_lines(seat, &lines)) }
        }
        div.columns.even {
            (ageing(seat, &held))
            (positions(&books))
        }
        (financed(seat, &bought))
    };
    Ok(seat.page("Bank", Tab::Bank, body))
}

fn figures(
    lines: &[CreditLine],
    open: &[&Request],
    offers: &[Sale],
    held: &[&Financing],
) -> Markup {
    let to_pay = offers.iter().filter(|sale| sale.accepted);
    let to_pay = to_pay.map(|sale| (sale.part.currency_number, sale.price));
    let waiting = offers.iter().filter(|sale| !sale.accepted).count() as u64;
    tiles(&[
        (
            "Asked for",
            sums(open.iter().map(|one| (one.part.currency_number, one.amount))),
            html! {
                (words::count(open.len() as u64, "request takes bids", "requests take bids"))
            },
        ),
        ("To pay", sums(to_pay), html! { (words::count(waiting, "offer waits", "offers wait")) }),
        (
            "Held",
            sums(held.iter().map(|one| (one.part.currency_number, one.left))),
            html! {
                (words::count(held.len() as u64, "part", "parts"))
            },
        ),
        (
            "Left of lines",
            sums(lines.iter().map(|one| (one.currency_number, one.left))),
            html! {
                (words::count(lines.len() as u64, "line", "lines"))
            },
        ),
    ])
}

fn pipeline(seat: &Seat, open: &[&Request], own: u64) -> Markup {
    html! {
        section.card aria-labelledby="pipeline" {
            header { h2 id="pipeline" { "Pipeline" } }
            @if open.is_empty() {
                p.empty { "Nobody asks. You see requests for debts of issuers for which you set a line." }
            }
            ul.rows {
                @for one in open {
                    @let mine = one.bids.iter().find(|bid| bid.bank.organisation == own);
                    li {
                        div.main {
                            a href=(seat.path(&format!("requests/{}", one.request))) {
                                (money(one.part.currency_number, one.amount))
                            }
                            span.line {
                                (one.seller.name) ", owed by " (one.part.issuer.name) ", due "
                                (day(one.part.due_number, seat.today()))
                            }
                        }
                        div.aside {
                            @match (mine, &one.best) {
                                (Some(bid), Some(best)) if best.bank == bid.bank => {
                                    span.tag.good { "yours is best" }
                                }
                                (Some(_), _) => span.tag.warn { "another is better" },
                                (None, Some(_)) => span.tag { (words::count(one.bids.len() as u64, "bid", "bids")) },
                                (None, None) => span.tag.accent { "no bid yet" },
                            }
                        }
                    }
                }
            }
        }
    }
}

fn to_pay(seat: &Seat, offers: &[Sale]) -> Markup {
    let has_due = offers.iter().any(|sale| sale.accepted);
    html! {
        section.card aria-labelledby="offers" {
            header { h2 id="offers" { "Offered to you" } }
            @if offers.is_empty() { p.empty { "Nothing is offered to you." } }
            ul.rows {
                @for sale in offers {
                    li {
                        div.main {
                            a href=(seat.path(&format!("parts/{}", sale.part.part))) {
                                (money(sale.part.currency_number, sale.price))
                            }
                            span.line {
                                (sale.seller.name) ", for " (money(sale.part.currency_number, sale.part.amount))
                                " owed by " (sale.part.issuer.name)
                            }
                        }
                        div.aside {
                            @if sale.accepted { span.tag.warn { "to pay" } }
                            @else { span.tag.accent { "to accept" } }
                        }
                    }
                }
            }
            @if has_due {
                div.pad.acts {
                    a.button href=(seat.file("disbursements?format=pain.001")) { "Disbursements (pain.001)" }
                    a href=(seat.file("disbursements?format=csv")) { "as CSV" }
                    a href=(seat.file("disbursements?format=xlsx")) { "as XLSX" }
                }
            }
        }
    }
}

fn credit_lines(seat: &Seat, lines: &[CreditLine]) -> Markup {
    html! {
        section.card aria-labelledby="lines" {
            header { h2 id="lines" { "Credit lines" } }
            ul.bars.pad {
                @for line in lines {
                    li {
                        span.main { (line.issuer.name) }
                        span.aside {
                            (money(line.currency_number, line.drawn)) " of " (money(line.currency_number, line.limit))
                        }
                        (usage(line.drawn, line.limit, "line used"))
                    }
                }
            }
            details.pad {
                summary { "Set a line" }
                (act(seat, "line", &[], html! {
                    (party_field(seat, "issuer", "Issuer"))
                    label for="currency" { "Currency" }
                    input id="currency" name="currency" value="CNY" required maxlength="3";
                    label for="limit" { "Up to" }
                    input id="limit" name="limit" inputmode="decimal" required placeholder="5000000.00";
                    button { "Set it" }
                }))
            }
        }
    }
}

fn ageing(seat: &Seat, held: &[&Financing]) -> Markup {
    let mut amounts: BTreeMap<u16, Vec<(u32, u64)>> = BTreeMap::new();
    for one in held {
        amounts.entry(one.part.currency_number).or_default().push((one.part.due_number, one.left));
    }
    html! {
        section.card aria-labelledby="ageing" {
            header { h2 id="ageing" { "Ageing" } span.soft.small { "what you hold, by its day" } }
            @if amounts.is_empty() { p.empty { "You hold nothing." } }
            @for (currency, amounts) in &amounts {
                div.pad { (buckets(*currency, &exposure::ageing(amounts, seat.today()))) }
            }
        }
    }
}

fn positions(books: &[Position]) -> Markup {
    html! {
        section.card aria-labelledby="books" {
            header { h2 id="books" { "Books" } span.soft.small { "money on the chain" } }
            @if books.is_empty() { p.empty { "You keep no accounts: a regulator licenses banks." } }
            @for book in books {
                @let currency = book.currency_number;
                dl.facts {
                    div { dt { "Owed to customers" } dd { (money(currency, book.balances)) } }
                    div { dt { "Brought by customers" } dd { (money(currency, book.deposited)) } }
                    div { dt { "Taken by customers" } dd { (money(currency, book.withdrawn)) } }
                    div { dt { "Owed by other banks" } dd { (money(currency, book.claims)) } }
                    div { dt { "Owed to other banks" } dd { (money(currency, book.debts)) } }
                }
            }
        }
    }
}

fn financed(seat: &Seat, bought: &[Financing]) -> Markup {
    html! {
        section.card aria-labelledby="financed" {
            header { h2 id="financed" { "Financed" } span.soft.small { (bought.len()) } }
            @if bought.is_empty() { p.empty { "Nothing yet." } }
            @else {
                div.scroll { table {
                    thead { tr {
                        th { "Part" } th { "Seller" } th.wide { "Owed by" } th.right { "Amount" }
                        th.right { "Price" } th.wide { "Registration" } th { "Due" }
                    } }
                    tbody { @for one in bought.iter().take(SHOWN_MAX) {
                        @let currency = one.part.currency_number;
                        tr {
                            td { a href=(seat.path(&format!("parts/{}", one.part.part))) { (one.part.part) } }
                            td { (one.seller.name) }
                            td.wide { (one.part.issuer.name) }
                            td.right { (money(currency, one.amount)) }
                            td.right { (money(currency, one.price)) }
                            td.wide { (one.registration) }
                            td { (day(one.part.due_number, seat.today())) }
                        }
                    } }
                } }
            }
            @if bought.len() > SHOWN_MAX { p.empty { "The newest " (SHOWN_MAX) " are shown." } }
        }
    }
}
