//! One request for bids: the bids side by side with what each costs, for who asked and for who bids.

use axum::{extract::Path, response::Response};
use maud::{Markup, html};
use qiao_api::finance::{
    FinanceError,
    credit::{self, CreditLine, Request},
};

use super::{
    acts::slip_name,
    pieces::{act, button, day, money},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// `GET /desks/{organisation}/requests/{request}`.
pub(super) async fn page(seat: Seat, Path((_, request)): Path<(u64, u64)>) -> Response {
    let made = made(&seat, request).await;
    seat.answer(made)
}

async fn made(seat: &Seat, number: u64) -> Result<Response, Trouble> {
    let (chain, names, own) = (&*seat.console.chain, &seat.names, seat.desk.organisation);
    let request = credit::request(chain, names, number).await?;
    let lines = credit::lines(chain, names, "bank", own).await?;
    let line = lines.into_iter().find(|line| {
        line.issuer == request.part.issuer && line.currency_number == request.part.currency_number
    });
    let is_seller = request.seller.organisation == own;
    if !is_seller && line.is_none() && !seat.desk.is_regulator {
        return Err(FinanceError::unknown("request", number).into());
    }
    // The chain's time, not this machine's: what the page offers must succeed on the newest block.
    let phase = Phase::of(&request, chain.head().timestamp_ms / 1_000);
    let body = html! {
        div.columns.even {
            (facts(seat, &request, phase))
            div.stack {
                @if let Some(line) = &line { (bid(seat, &request, line, phase)) }
                @if is_seller && request.state == "open" { (decide(seat, &request, phase)) }
            }
        }
        @if request.sealed { (sealed(&request)) }
        (bids(&request, own, is_seller))
    };
    let tab = if is_seller { Tab::Wallet } else { Tab::Bank };
    Ok(seat.page(&format!("Request {number}"), tab, body))
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It takes bids, open ones or hashes.
    Bids,
    /// Sealed bids are shown.
    Reveals,
    /// The seller decides.
    Decision,
    /// It is awarded or taken back.
    Over,
}

impl Phase {
    fn of(request: &Request, now: u64) -> Self {
        match request.state {
            "open" if now <= request.bids_until => Self::Bids,
            "open" if now <= request.reveals_until => Self::Reveals,
            "open" => Self::Decision,
            _ => Self::Over,
        }
    }

    fn word(self, request: &Request) -> &str {
        match self {
            Self::Bids if request.sealed => "takes sealed bids",
            Self::Bids => "takes bids",
            Self::Reveals => "bids are shown",
            Self::Decision => "bids are over",
            Self::Over => request.state,
        }
    }
}

fn facts(seat: &Seat, request: &Request, phase: Phase) -> Markup {
    let part = &request.part;
    html! {
        section.card aria-labelledby="facts" {
            header {
                h2 id="facts" { (money(part.currency_number, request.amount)) }
                span.tag.good[phase == Phase::Bids].accent[phase == Phase::Reveals] { (phase.word(request)) }
            }
            dl.facts {
                div { dt { "Seller" } dd { (request.seller.name) } }
                div { dt { "Owed by" } dd { (part.issuer.name) } }
                div { dt { "Due" } dd { (day(part.due_number, seat.today())) } }
                div { dt { "Recourse" } dd { @if part.recourse { "yes" } @else { "none" } } }
                div { dt { "Bids until" } dd { (time(request.bids_until)) } }
                @if request.sealed {
                    div { dt { "Shown until" } dd { (time(request.reveals_until)) } }
                }
                div { dt { "Part" } dd {
                    a href=(seat.path(&format!("parts/{}", part.part))) { (part.part) }
                    " of voucher " (part.voucher)
                } }
            }
        }
    }
}

fn time(seconds: u64) -> Markup {
    let at = seconds * 1_000;
    html! { time datetime=(words::iso(at)) { (words::instant(at)) } }
}

/// Who committed to a bid, and how many were shown.
fn sealed(request: &Request) -> Markup {
    html! {
        section.card aria-labelledby="sealed" {
            header { h2 id="sealed" { "Under seal" } span.soft.small { (request.sealed_bids.len()) } }
            @if request.sealed_bids.is_empty() { p.empty { "No bank has bid yet." } }
            ul.rows {
                @for sealed in &request.sealed_bids {
                    li {
                        div.main { (sealed.bank.name) }
                        div.aside {
                            @if request.bids.iter().any(|bid| bid.bank == sealed.bank) { span.tag.good { "shown" } }
                            @else { span.tag { "sealed" } }
                        }
                    }
                }
            }
        }
    }
}

/// Thirty-two bytes that nobody guesses.
fn fresh_salt() -> String {
    use rand_core_os::RngCore as _;
    let mut salt = [0u8; 32];
    rand_core_os::OsRng.fill_bytes(&mut salt);
    alloy_primitives::B256::from(salt).to_string()
}

fn bid(seat: &Seat, request: &Request, line: &CreditLine, phase: Phase) -> Markup {
    let own = seat.desk.organisation;
    let has_bid = request.sealed_bids.iter().any(|bid| bid.bank.organisation == own);
    let has_shown = request.bids.iter().any(|bid| bid.bank.organisation == own);
    html! {
        section.card aria-labelledby="bid" {
            header { h2 id="bid" { "Your bid" } span.soft.small { (money(line.currency_number, line.left)) " left of your line" } }
            div.pad {
                @if request.sealed {
                    @match phase {
                        Phase::Bids if !has_bid => (seal(seat, request)),
                        Phase::Bids => p { "Your bid is under seal. Come back to show it after the time above: a bid \
                                            that is not shown counts for nothing." },
                        Phase::Reveals if has_bid && !has_shown => (show(seat, request)),
                        Phase::Reveals if has_shown => p { "Your bid is shown." },
                        _ => p.soft { "It takes no bids any more." },
                    }
                } @else if phase == Phase::Bids {
                    (act(seat, "quote", &[("request", request.request)], html! {
                        label for="rate" { "Yearly rate in per cent" }
                        input id="rate" name="rate" inputmode="decimal" required placeholder="3.85";
                        button { "Bid" }
                    }))
                    p.soft.small { "A lower rate replaces your earlier one." }
                } @else { p.soft { "It takes no bids any more." } }
            }
        }
    }
}

fn seal(seat: &Seat, request: &Request) -> Markup {
    html! {
        form.fill method="post" action=(seat.path("confirm")) {
            input type="hidden" name="seal" value=(seat.console.seal.word());
            input type="hidden" name="act" value="commit";
            input type="hidden" name="request" value=(request.request);
            input type="hidden" name="salt" value=(fresh_salt());
            label for="rate" { "Yearly rate in per cent" }
            input id="rate" name="rate" inputmode="decimal" required placeholder="3.85";
            button { "Bid under seal" }
        }
        p.soft.small { "One bid for each bank. Others see a hash until you show it." }
    }
}

fn show(seat: &Seat, request: &Request) -> Markup {
    let name = slip_name(seat.desk.organisation, request.request);
    act(
        seat,
        "reveal",
        &[("request", request.request)],
        html! {
            label for="slip" { "What you kept: price and salt" }
            input id="slip" name="slip" required autocomplete="off" data-kept=(name);
            button { "Show your bid" }
        },
    )
}

fn decide(seat: &Seat, request: &Request, phase: Phase) -> Markup {
    html! {
        section.card aria-labelledby="decide" {
            header { h2 id="decide" { "Your decision" } }
            div.pad {
                @if matches!(phase, Phase::Bids | Phase::Reveals) {
                    p {
                        @if request.sealed { "Bids come in under seal and are shown in their time; then the best one \
                                              can be taken." }
                        @else { "Bids are taken until the time above; then the best one can be taken." }
                        " Open this page again to see new ones."
                    }
                } @else if request.bids.is_empty() {
                    p { "Nobody bid." }
                } @else {
                    (button(seat, "award", "request", request.request, "Take the best bid"))
                }
                (button(seat, "lapse", "request", request.request, "Take the request back"))
            }
        }
    }
}

fn bids(request: &Request, own: u64, is_seller: bool) -> Markup {
    let currency = request.part.currency_number;
    html! {
        section.card aria-labelledby="bids" {
            header { h2 id="bids" { "Bids" } span.soft.small { (request.bids.len()) } }
            @if request.bids.is_empty() { p.empty { "None yet." } }
            @else {
                ul.rows {
                    @for (place, bid) in request.bids.iter().enumerate() {
                        li {
                            div.main {
                                strong { (bid.bank.name) }
                                @if place == 0 { " " span.tag.good { "best" } }
                                @if bid.bank.organisation == own { " " span.tag.accent { "yours" } }
                                span.line {
                                    @if is_seller { "It costs " } @else { "Discount " } (money(currency, bid.cost))
                                    @if let Some(rate) = &bid.rate { ", " span.nowrap { (rate) " % a year" } }
                                }
                                @if let Some(yearly) = &bid.yearly_cost {
                                    span.line {
                                        @if bid.fees > 0 { "With fees of " (money(currency, bid.fees)) }
                                        @else { "Without fees" }
                                        ": " strong.nowrap { (yearly) " % a year in all" }
                                    }
                                }
                            }
                            div.aside {
                                strong { (money(currency, bid.price)) }
                                span.line { @if is_seller { "You receive" } @else { "Price" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
