//! `/desks/{organisation}/money`: accounts of money on the chain, what moved on them, and where a payment is.

use axum::response::Response;
use maud::{Markup, html};
use qiao_api::finance::{
    accounts::{self, Account, Payment},
    movements::{self, Movement},
    words as finance,
};

use super::{
    pieces::{money, sums, tiles},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// Movements that the page shows of each account.
const MOVEMENTS: u32 = 10;
/// Accounts of which it shows the movements.
const ACCOUNTS: usize = 10;
/// Accounts of customers that it shows.
const CUSTOMERS: usize = 50;

/// `GET /desks/{organisation}/money`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    let (chain, names, own) = (&*seat.console.chain, &seat.names, seat.desk.organisation);
    let owned = accounts::owned(chain, names, own).await?;
    let kept = accounts::kept(chain, names, own).await?;
    let customers: Vec<&Account> =
        kept.iter().filter(|account| account.owner.organisation != own).collect();
    let mut shown = Vec::new();
    for account in owned.iter().take(ACCOUNTS) {
        shown.push((account, movements::newest(chain, account.account, MOVEMENTS).await?));
    }
    let asked = seat.query.get("uetr").map(str::trim).filter(|uetr| !uetr.is_empty());
    let tracked = match asked {
        Some(uetr) => {
            let number = finance::read_uetr("uetr", uetr)?;
            Some(accounts::payment(chain, names, &seat.desk, number).await)
        }
        None => None,
    };
    let amount = |account: &&Account| (account.currency_number, account.balance);
    let body = html! {
        (tiles(&[
            ("Yours", sums(owned.iter().map(|one| amount(&one))), html! {
                (words::count(owned.len() as u64, "account", "accounts"))
            }),
            ("Your customers'", sums(customers.iter().map(amount)), html! {
                (words::count(customers.len() as u64, "account", "accounts")) " that you keep"
            }),
        ]))
        div.columns.even {
            div.stack {
                @if owned.is_empty() {
                    section.card { p.empty { "You have no account of money on the chain. A bank opens one for you." } }
                }
                @for (account, movements) in &shown { (card(account, movements)) }
            }
            div.stack {
                (track(asked.unwrap_or_default(), tracked.map(Result::ok)))
                @if !customers.is_empty() { (kept_for(&customers)) }
            }
        }
    };
    Ok(seat.page("Money", Tab::Money, body))
}

fn card(account: &Account, movements: &[Movement]) -> Markup {
    let currency = account.currency_number;
    let id = format!("account-{}", account.account);
    html! {
        section.card aria-labelledby=(id) {
            header {
                h2 id=(id) { (money(currency, account.balance)) }
                span.soft.small { "account " (account.account) " at " (account.bank.name) }
            }
            @if account.state != "open" { p.pad-line { span.tag.alarm { (account.state) } } }
            @if movements.is_empty() { p.empty { "Nothing moved yet." } }
            ul.rows {
                @for one in movements {
                    li {
                        div.main {
                            a href={ "/transactions/" (one.transaction) } {
                                @if one.is_credit { "+ " } @else { "− " } (money(currency, one.amount))
                            }
                            span.line { (one.remittance) }
                            @if let Some(uetr) = &one.uetr { span.line.whole { (uetr) } }
                        }
                        div.aside {
                            @match one.other {
                                Some(other) if one.is_credit => { "from account " (other) },
                                Some(other) => { "to account " (other) },
                                None if one.is_credit => "brought",
                                None => "taken",
                            }
                            span.line { (words::instant(one.time_ms)) }
                        }
                    }
                }
            }
        }
    }
}

/// Where a payment is: outer `None` where nobody asked, inner where the desk sees none.
fn track(asked: &str, found: Option<Option<Payment>>) -> Markup {
    html! {
        section.card aria-labelledby="track" {
            header { h2 id="track" { "Where is a payment?" } }
            div.pad {
                form.fill method="get" {
                    label for="uetr" { "Its UETR" }
                    input id="uetr" name="uetr" required autocomplete="off" value=(asked)
                        placeholder="97ed4827-7b6f-4491-a06f-b548d5a7512d";
                    button.plain { "Track it" }
                }
                @match found {
                    None => {},
                    Some(None) => p.alarm { "There is no payment with this number in which this desk takes part." },
                    Some(Some(payment)) => p.verdict.good {
                        "Settled on " (words::instant(payment.time * 1_000)) ", from account " (payment.payer)
                        " to account " (payment.payee) ". On the chain a payment is final or does not exist."
                    },
                }
            }
        }
    }
}

fn kept_for(customers: &[&Account]) -> Markup {
    html! {
        section.card aria-labelledby="customers" {
            header { h2 id="customers" { "Accounts that you keep" } span.soft.small { (customers.len()) } }
            ul.rows {
                @for one in customers.iter().take(CUSTOMERS) {
                    li {
                        div.main {
                            strong { (one.owner.name) }
                            span.line { "account " (one.account) }
                        }
                        div.aside {
                            (money(one.currency_number, one.balance))
                            @if one.state != "open" { span.line { (one.state) } }
                        }
                    }
                }
            }
            @if customers.len() > CUSTOMERS { p.empty { "The first " (CUSTOMERS) " are shown." } }
        }
    }
}
