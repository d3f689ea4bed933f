//! One loan: its schedule, what was paid, and what bank and borrower can do with it.

use axum::{extract::Path, response::Response};
use maud::{Markup, html};
use qiao_api::finance::{
    FinanceError,
    accounts::{self, Account},
    fees,
    loans::{self, Flow, Loan, Repaid},
    words as finance,
};

use super::{
    loans::{repayment_words, tag},
    pieces::{act, button, day, day_words, money, tiles},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// `GET /desks/{organisation}/loans/{loan}`.
pub(super) async fn page(seat: Seat, Path((_, loan)): Path<(u64, u64)>) -> Response {
    let made = made(&seat, loan).await;
    seat.answer(made)
}

async fn made(seat: &Seat, number: u64) -> Result<Response, Trouble> {
    let (chain, names, own) = (&*seat.console.chain, &seat.names, seat.desk.organisation);
    let loan = loans::loan(chain, names, number).await?;
    let (is_bank, is_borrower) = (loan.bank.organisation == own, loan.borrower.organisation == own);
    if !is_bank && !is_borrower && !seat.desk.is_regulator {
        return Err(FinanceError::unknown("loan", number).into());
    }
    let schedule = loans::schedule(chain, number).await?;
    let repaid = loans::repaid(chain, number).await?;
    let fees = loans::fees(chain, &loan).await?;
    let yearly = fees::cost_of_loan(&schedule, fees).map(finance::per_cent);
    let banks = accounts::owned(chain, names, loan.bank.organisation).await?;
    let borrowers = accounts::owned(chain, names, loan.borrower.organisation).await?;
    let pair = match is_bank {
        true => (account(&loan, &banks), account(&loan, &borrowers)),
        false => (account(&loan, &borrowers), account(&loan, &banks)),
    };
    let body = html! {
        (figures(seat, &loan, &schedule, &repaid))
        div.columns.even {
            (facts(seat, &loan, fees, yearly.as_deref()))
            div.stack {
                @if is_borrower { (borrower(seat, &loan, pair, next(seat, &schedule, &loan))) }
                @if is_bank { (bank(seat, &loan, pair)) }
            }
        }
        div.columns.even {
            (agreed(seat, &loan, &schedule))
            (waterfall(&loan, &repaid))
        }
    };
    let tab = if seat.desk.is_regulator { Tab::Regulator } else { Tab::Loans };
    Ok(seat.page(&format!("Loan {number}"), tab, body))
}

fn account(loan: &Loan, accounts: &[Account]) -> Option<u64> {
    let fits = |one: &&Account| one.state == "open" && one.currency_number == loan.currency_number;
    accounts.iter().find(fits).map(|one| one.account)
}

/// What is paid on the next day of the schedule; what is late goes along.
fn next(seat: &Seat, schedule: &[Flow], loan: &Loan) -> Option<(u32, u64)> {
    let coming = |flow: &&Flow| flow.kind != "disbursement" && flow.day_number >= seat.today();
    let date = schedule.iter().find(coming)?.day_number;
    let on_it = schedule.iter().filter(|flow| flow.day_number == date);
    let amount: u64 = on_it.map(|flow| flow.amount).sum();
    Some((date, amount.saturating_add(loan.late).min(loan.principal.saturating_add(loan.interest))))
}

fn figures(seat: &Seat, loan: &Loan, schedule: &[Flow], repaid: &[Repaid]) -> Markup {
    let currency = loan.currency_number;
    let paid: u64 = repaid.iter().map(|one| one.interest + one.principal).sum();
    let next = next(seat, schedule, loan).filter(|_| loan.state == "running");
    tiles(&[
        (
            "Principal left",
            html! { (money(currency, loan.principal)) },
            html! {
                "of " (money(currency, loan.lent))
            },
        ),
        (
            "Interest today",
            html! { (money(currency, loan.interest)) },
            html! {
                (loan.rate) " % a year, " (loan.day_count)
            },
        ),
        (
            "Next payment",
            html! {
                @match next { Some((_, amount)) => (money(currency, amount)), None => "–" }
            },
            html! {
                @match next { Some((date, _)) => { "on " (day_words(date)) }, None => "nothing is due" }
            },
        ),
        (
            "Paid so far",
            html! { (money(currency, paid)) },
            html! {
                (words::count(repaid.len() as u64, "payment", "payments"))
            },
        ),
    ])
}

fn facts(seat: &Seat, loan: &Loan, fees: u64, yearly: Option<&str>) -> Markup {
    let number = |text: &str| finance::read_day("day", text).unwrap_or(0);
    html! {
        section.card aria-labelledby="facts" {
            header { h2 id="facts" { (money(loan.currency_number, loan.lent)) } (tag(loan)) }
            dl.facts {
                div { dt { "Bank" } dd { (loan.bank.name) } }
                div { dt { "Borrower" } dd { (loan.borrower.name) } }
                div { dt { "Paid back" } dd { (repayment_words(loan)) } }
                @if let Some(yearly) = yearly {
                    div { dt { "Yearly cost" } dd {
                        strong { (yearly) " %" } " of interest"
                        @if fees > 0 { " and fees of " (money(loan.currency_number, fees)) } @else { "; no fees" }
                    } }
                }
                @if !loan.starts.is_empty() {
                    div { dt { "Paid out" } dd { (day(number(&loan.starts), seat.today())) } }
                }
                div { dt { "Until" } dd { (day(number(&loan.maturity), seat.today())) } }
                @if loan.late > 0 {
                    div { dt { "Late" } dd { (money(loan.currency_number, loan.late)) " of the principal" } }
                }
                div { dt { "Secured by" } dd {
                    a href=(seat.path(&format!("parts/{}", loan.part))) { "part " (loan.part) }
                } }
            }
        }
    }
}

/// The accounts of payer and payee: none where one of them has no account in the currency.
type Pair = (Option<u64>, Option<u64>);

fn without_accounts() -> Markup {
    html! { p.soft { "Both need an open account of this currency on the chain." } }
}

fn borrower(seat: &Seat, loan: &Loan, pair: Pair, next: Option<(u32, u64)>) -> Markup {
    let owed = loan.principal.saturating_add(loan.interest);
    let amount = next.map_or(owed, |(_, amount)| amount);
    let decimal = finance::money(loan.currency_number, amount).replace(',', "");
    html! {
        @if loan.state == "asked" {
            section.card aria-labelledby="asked" {
                header { h2 id="asked" { "The bank decides" } }
                div.pad { (button(seat, "refuse-loan", "loan", loan.loan, "Take it back")) }
            }
        }
        @if matches!(loan.state, "running" | "defaulted") {
            section.card aria-labelledby="repay" {
                header { h2 id="repay" { "Pay on it" } span.soft.small { (money(loan.currency_number, owed)) " owed today" } }
                div.pad {
                    @match pair {
                        (Some(payer), Some(payee)) => {
                            @let fields = [
                                ("loan", loan.loan), ("payer", payer), ("payee", payee), ("nonce", words::now_ms()),
                            ];
                            (act(seat, "repay", &fields, html! {
                                label for="amount" { "Amount in " (loan.currency) }
                                input id="amount" name="amount" inputmode="decimal" required value=(decimal);
                                button { "Pay" }
                            }))
                            p.soft.small { "Interest is paid first, then principal." }
                        },
                        _ => (without_accounts()),
                    }
                }
            }
        }
    }
}

fn bank(seat: &Seat, loan: &Loan, pair: Pair) -> Markup {
    html! {
        @if loan.state == "asked" {
            section.card aria-labelledby="decide" {
                header { h2 id="decide" { "Your decision" } }
                div.pad {
                    @match pair {
                        (Some(payer), Some(payee)) => {
                            @let fields = [
                                ("loan", loan.loan), ("payer", payer), ("payee", payee), ("nonce", words::now_ms()),
                            ];
                            (act(seat, "disburse", &fields, html! { button { "Pay it out" } }))
                        },
                        _ => (without_accounts()),
                    }
                    (button(seat, "refuse-loan", "loan", loan.loan, "Decline"))
                }
            }
        }
        @if loan.state == "running" && loan.late > 0 {
            section.card aria-labelledby="late" {
                header { h2 id="late" { "It is late" } }
                div.pad {
                    p.soft.small {
                        "In default the pledge can be taken once the voucher itself is due. The borrower may still pay."
                    }
                    (button(seat, "mark-defaulted", "loan", loan.loan, "Note the default"))
                }
            }
        }
    }
}

fn agreed(seat: &Seat, loan: &Loan, schedule: &[Flow]) -> Markup {
    let kind = |flow: &Flow| match flow.kind {
        "disbursement" => "Paid out",
        "interest" => "Interest",
        "principal" => "Principal",
        "maturity" => "Rest of the principal",
        other => other,
    };
    html! {
        section.card aria-labelledby="schedule" {
            header { h2 id="schedule" { "Schedule" } span.soft.small { "as it was agreed" } }
            div.scroll { table {
                thead { tr { th { "Day" } th { "What" } th.right { "Amount" } } }
                tbody { @for flow in schedule {
                    tr {
                        td { (day(flow.day_number, seat.today())) }
                        td { (kind(flow)) }
                        td.right { (money(loan.currency_number, flow.amount)) }
                    }
                } }
            } }
        }
    }
}

fn waterfall(loan: &Loan, repaid: &[Repaid]) -> Markup {
    let currency = loan.currency_number;
    html! {
        section.card aria-labelledby="paid" {
            header { h2 id="paid" { "Payments" } span.soft.small { "to interest first" } }
            @if repaid.is_empty() { p.empty { "None yet." } }
            @else { div.scroll { table {
                thead { tr {
                    th { "When" } th.right { "Interest" } th.right { "Principal" } th.right.wide { "Owed then" }
                } }
                tbody { @for one in repaid {
                    tr {
                        td { a href={ "/transactions/" (one.transaction) } { (words::instant(one.time_ms)) } }
                        td.right { (money(currency, one.interest)) }
                        td.right { (money(currency, one.principal)) }
                        td.right.wide { (money(currency, one.left)) }
                    }
                } }
            } } }
        }
    }
}
