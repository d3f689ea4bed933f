//! `/desks/{organisation}/loans`: what a desk borrows and lends.

use axum::response::Response;
use maud::{Markup, html};
use qiao_api::finance::{
    loans::{self, Loan},
    vouchers::{self, Part},
    words as finance,
};

use super::{
    pieces::{act, day, money, party_field, sums, tiles},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// `GET /desks/{organisation}/loans`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    let (chain, names, own) = (&*seat.console.chain, &seat.names, seat.desk.organisation);
    let all = loans::loans_of(chain, names, own).await?;
    let (lent, borrowed): (Vec<&Loan>, Vec<&Loan>) =
        all.iter().partition(|loan| loan.bank.organisation == own);
    let held = vouchers::wallet(chain, names, own).await?;
    let body = html! {
        (figures(&lent, &borrowed))
        div.columns.even {
            (list(seat, "borrowed", "You borrow", &borrowed))
            (list(seat, "lent", "You lend", &lent))
        }
        (ask(seat, &held, &borrowed))
    };
    Ok(seat.page("Loans", Tab::Loans, body))
}

fn is_running(loan: &Loan) -> bool {
    matches!(loan.state, "running" | "defaulted")
}

fn figures(lent: &[&Loan], borrowed: &[&Loan]) -> Markup {
    let owed = |loans: &[&Loan]| {
        sums(
            loans
                .iter()
                .filter(|loan| is_running(loan))
                .map(|loan| (loan.currency_number, loan.principal.saturating_add(loan.interest))),
        )
    };
    let late = lent.iter().chain(borrowed).filter(|loan| loan.late > 0).count() as u64;
    let waiting = lent.iter().filter(|loan| loan.state == "asked");
    let waiting = waiting.map(|loan| (loan.currency_number, loan.lent));
    tiles(&[
        ("You owe", owed(borrowed), html! { "with interest until today" }),
        ("Owed to you", owed(lent), html! { "with interest until today" }),
        ("Asked of you", sums(waiting), html! { "not paid out yet" }),
        ("Late", html! { (words::number(late)) }, html! { "loans with a part not paid back" }),
    ])
}

fn list(seat: &Seat, id: &str, title: &str, loans: &[&Loan]) -> Markup {
    let own = seat.desk.organisation;
    html! {
        section.card aria-labelledby=(id) {
            header { h2 id=(id) { (title) } span.soft.small { (loans.len()) } }
            @if loans.is_empty() { p.empty { "Nothing." } }
            ul.rows {
                @for loan in loans {
                    @let other = if loan.bank.organisation == own { &loan.borrower } else { &loan.bank };
                    li {
                        div.main {
                            a href=(seat.path(&format!("loans/{}", loan.loan))) {
                                (money(loan.currency_number, if is_running(loan) { loan.principal } else { loan.lent }))
                            }
                            span.line {
                                @if loan.bank.organisation == own { "to " } @else { "from " }
                                (other.name) ", " (loan.rate) " % a year, until "
                                (day(finance::read_day("maturity", &loan.maturity).unwrap_or(0), seat.today()))
                            }
                        }
                        div.aside { (tag(loan)) span.line { "loan " (loan.loan) } }
                    }
                }
            }
        }
    }
}

/// How a loan stands.
pub(super) fn tag(loan: &Loan) -> Markup {
    let tone = match loan.state {
        "asked" => "warn",
        "running" if loan.late > 0 => "alarm",
        "running" => "accent",
        "repaid" => "good",
        "defaulted" => "alarm",
        _ => "",
    };
    let word = match loan.state {
        "running" if loan.late > 0 => "late",
        state => state,
    };
    html! { span class={ "tag " (tone) } { (word) } }
}

/// How a loan is paid back, in words.
pub(super) fn repayment_words(loan: &Loan) -> String {
    let every = match loan.interest_months {
        1 => "month".to_owned(),
        months => words::count(u64::from(months), "month", "months"),
    };
    match loan.repayment {
        "equal_parts" => format!("in equal parts of the principal, every {every}"),
        "equal_instalments" => format!("in equal instalments, every {every}"),
        _ if loan.interest_months == 0 => "at its end, with the interest".to_owned(),
        _ => format!("at its end; interest every {every}"),
    }
}

/// A form for each part that lies pledged and secures no loan yet.
fn ask(seat: &Seat, held: &[Part], borrowed: &[&Loan]) -> Markup {
    let secures = |part: &Part| {
        borrowed
            .iter()
            .any(|loan| loan.part == part.part && (is_running(loan) || loan.state == "asked"))
    };
    let pledged: Vec<&Part> =
        held.iter().filter(|part| part.state == "pledged" && !secures(part)).collect();
    html! {
        section.card aria-labelledby="ask" {
            header { h2 id="ask" { "Borrow against a part" } }
            @if pledged.is_empty() {
                p.empty {
                    "Open a part that you hold free in your wallet, and pledge it to a bank. Then ask for the loan here."
                }
            }
            @for part in pledged {
                @let bank = part.beneficiary.as_ref().map_or(0, |bank| bank.organisation);
                div.pad {
                    p {
                        (money(part.currency_number, part.amount)) ", owed by " (part.issuer.name) ", pledged to "
                        (seat.names.name(bank))
                    }
                    (form(seat, part, bank))
                }
            }
        }
    }
}

fn form(seat: &Seat, part: &Part, bank: u64) -> Markup {
    let id = |name: &str| format!("{name}-{}", part.part);
    let decimal = finance::money(part.currency_number, part.amount / 10 * 9).replace(',', "");
    act(
        seat,
        "ask-loan",
        &[("part", part.part), ("bank", bank)],
        html! {
            label for=(id("principal")) { "Principal in " (part.currency) }
            input id=(id("principal")) name="principal" inputmode="decimal" required value=(decimal);
            label for=(id("rate")) { "Yearly rate in per cent" }
            input id=(id("rate")) name="rate" inputmode="decimal" required placeholder="4.35";
            label for=(id("maturity")) { "Until" }
            input id=(id("maturity")) name="maturity" type="date" required
                max=(finance::day(part.due_number)) value=(finance::day(part.due_number));
            label for=(id("repayment")) { "Paid back" }
            select id=(id("repayment")) name="repayment" {
                option value="equal_instalments" { "in equal monthly instalments" }
                option value="equal_parts" { "in equal monthly parts of the principal" }
                option value="at_maturity" { "at its end, with the interest" }
            }
            button { "Ask for this loan" }
        },
    )
}

/// A form that pledges a part to a bank.
pub(super) fn pledge(seat: &Seat, part: u64) -> Markup {
    html! {
        details {
            summary { "Borrow against it" }
            p.soft.small { "Pledge it to a bank first; the bank gives it back with your last payment." }
            (act(seat, "pledge", &[("part", part)], html! {
                (party_field(seat, "pledgee", "Bank"))
                button { "Pledge it" }
            }))
        }
    }
}
