//! The desk of a supplier: what it was offered, what it holds, what it asked for, what it sold.

use axum::response::Response;
use maud::{Markup, html};
use qiao_api::finance::{
    accounts::{self, Account},
    credit::{self, Financing, Request, Sale},
    vouchers::{self, Part, Side, Voucher},
    words as finance,
};

use super::{
    pieces::{button, day, money, part_rows, sums, tiles, voucher_tag},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// `GET /desks/{organisation}/wallet`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    let (chain, names, own) = (&*seat.console.chain, &seat.names, seat.desk.organisation);
    let held = vouchers::wallet(chain, names, own).await?;
    let received = vouchers::all(chain, names, Side::Received(own)).await?;
    let offered: Vec<&Voucher> = received.iter().filter(|one| one.state == "offered").collect();
    let requests = credit::requests_of(chain, names, own).await?;
    let sales = credit::sales(chain, names, "seller", own).await?;
    let sold = credit::financings(chain, names, "seller", own).await?;
    let money = accounts::owned(chain, names, own).await?;
    let body = html! {
        (figures(seat, &held, &money))
        @if !offered.is_empty() { (waiting(seat, &offered)) }
        div.columns.even {
            section.card aria-labelledby="held" {
                header { h2 id="held" { "What you hold" } span.soft.small { (held.len()) } }
                @if held.is_empty() {
                    p.empty { "Nothing. Vouchers that you accept, and parts that others pay you with, are here." }
                }
                (part_rows(seat, &held))
            }
            div.stack {
                (asked(seat, &requests))
                (for_sale(seat, &sales))
                (financed(seat, &sold))
            }
        }
    };
    Ok(seat.page("Wallet", Tab::Wallet, body))
}

fn figures(seat: &Seat, held: &[Part], money: &[Account]) -> Markup {
    let today = seat.today();
    let amount = |part: &Part| (part.currency_number, part.amount);
    let free = held.iter().filter(|part| part.state == "free").map(amount);
    let promised = held.iter().filter(|part| part.state != "free").count() as u64;
    let soon = held.iter().filter(|part| finance::days_between(today, part.due_number) <= 30);
    let cash = money.iter().map(|one| (one.currency_number, one.balance));
    tiles(&[
        (
            "Held",
            sums(held.iter().map(amount)),
            html! {
                (words::count(held.len() as u64, "part", "parts"))
            },
        ),
        ("Free to use", sums(free), html! { (words::number(promised)) " for sale or pledged" }),
        ("Due within 30 days", sums(soon.map(amount)), html! { "paid to you on the day" }),
        ("Money", sums(cash), html! { (words::count(money.len() as u64, "account", "accounts")) }),
    ])
}

fn waiting(seat: &Seat, offered: &[&Voucher]) -> Markup {
    html! {
        section.card aria-labelledby="offered" {
            header { h2 id="offered" { "Waiting for you" } span.tag.warn { (offered.len()) } }
            ul.rows {
                @for one in offered {
                    li {
                        div.main {
                            a href=(seat.path(&format!("vouchers/{}", one.voucher))) {
                                (money(one.currency_number, one.amount))
                            }
                            span.line {
                                "from " (one.issuer.name) ", due " (day(one.due_number, seat.today()))
                            }
                        }
                        div.aside.acts {
                            (button(seat, "accept", "voucher", one.voucher, "Accept"))
                            (button(seat, "decline", "voucher", one.voucher, "Decline"))
                        }
                    }
                }
            }
        }
    }
}

fn asked(seat: &Seat, requests: &[Request]) -> Markup {
    let open = requests.iter().filter(|one| one.state == "open");
    html! {
        section.card aria-labelledby="requests" {
            header { h2 id="requests" { "Bids for your parts" } }
            ul.rows {
                @for one in open {
                    @let currency = one.part.currency_number;
                    li {
                        div.main {
                            a href=(seat.path(&format!("requests/{}", one.request))) {
                                (money(currency, one.amount))
                            }
                            span.line {
                                @match &one.best {
                                    Some(best) => {
                                        "best: " (best.bank.name) ", you receive " (money(currency, best.price))
                                    }
                                    None => "nobody bid yet",
                                }
                            }
                        }
                        div.aside { span.tag { (words::count(one.bids.len() as u64, "bid", "bids")) } }
                    }
                }
            }
            @if !requests.iter().any(|one| one.state == "open") {
                p.empty { "None is open. Open a part that you hold, and ask banks to bid." }
            }
        }
    }
}

fn for_sale(seat: &Seat, sales: &[Sale]) -> Markup {
    html! {
        @if !sales.is_empty() {
            section.card aria-labelledby="sales" {
                header { h2 id="sales" { "For sale" } }
                ul.rows {
                    @for sale in sales {
                        li {
                            div.main {
                                a href=(seat.path(&format!("parts/{}", sale.part.part))) {
                                    (money(sale.part.currency_number, sale.price))
                                }
                                span.line { "to " (sale.buyer.name) }
                            }
                            div.aside.acts {
                                @if sale.accepted {
                                    (button(seat, "complete-offer", "part", sale.part.part, "The money has come"))
                                } @else { span.tag.warn { "waits for the bank" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn financed(seat: &Seat, sold: &[Financing]) -> Markup {
    const SHOWN_MAX: usize = 10;
    html! {
        @if !sold.is_empty() {
            section.card aria-labelledby="sold" {
                header { h2 id="sold" { "Turned into money" } }
                ul.rows {
                    @for one in sold.iter().take(SHOWN_MAX) {
                        @let currency = one.part.currency_number;
                        li {
                            div.main {
                                a href=(seat.path(&format!("parts/{}", one.part.part))) {
                                    (money(currency, one.price))
                                }
                                span.line {
                                    "from " (one.buyer.name) ", cost "
                                    (money(currency, one.amount.saturating_sub(one.price)))
                                }
                            }
                            div.aside { span.line { (one.day) } }
                        }
                    }
                }
            }
        }
    }
}

/// A voucher's state and day in one line.
pub(super) fn standing(seat: &Seat, voucher: &Voucher) -> Markup {
    html! { (voucher_tag(voucher)) " due " (day(voucher.due_number, seat.today())) }
}
