//! One request for bids: the bids side by side with what each costs, for who asked and for who bids.

use axum::{extract::Path, response::Response};
use maud::{Markup, html};
use qiao_api::finance::{
    FinanceError,
    credit::{self, CreditLine, Request},
};

use super::{
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
    let is_taking = words::now_ms() / 1_000 <= request.bids_until;
    let body = html! {
        div.columns.even {
            (facts(seat, &request, is_taking))
            div.stack {
                @if let Some(line) = &line { (bid(seat, &request, line, is_taking)) }
                @if is_seller && request.state == "open" { (decide(seat, &request, is_taking)) }
            }
        }
        (bids(&request, own, is_seller))
    };
    let tab = if is_seller { Tab::Wallet } else { Tab::Bank };
    Ok(seat.page(&format!("Request {number}"), tab, body))
}

fn facts(seat: &Seat, request: &Request, is_taking: bool) -> Markup {
    let part = &request.part;
    html! {
        section.card aria-labelledby="facts" {
            header {
                h2 id="facts" { (money(part.currency_number, request.amount)) }
                span.tag.good[is_taking && request.state == "open"] {
                    @if request.state != "open" { (request.state) }
                    @else if is_taking { "takes bids" }
                    @else { "bids are over" }
                }
            }
            dl.facts {
                div { dt { "Seller" } dd { (request.seller.name) } }
                div { dt { "Owed by" } dd { (part.issuer.name) } }
                div { dt { "Due" } dd { (day(part.due_number, seat.today())) } }
                div { dt { "Recourse" } dd { @if part.recourse { "yes" } @else { "none" } } }
                div { dt { "Bids until" } dd {
                    time datetime=(words::iso(request.bids_until * 1_000)) {
                        (words::instant(request.bids_until * 1_000))
                    }
                } }
                div { dt { "Part" } dd {
                    a href=(seat.path(&format!("parts/{}", part.part))) { (part.part) }
                    " of voucher " (part.voucher)
                } }
            }
        }
    }
}

fn bid(seat: &Seat, request: &Request, line: &CreditLine, is_taking: bool) -> Markup {
    html! {
        section.card aria-labelledby="bid" {
            header { h2 id="bid" { "Your bid" } span.soft.small { (money(line.currency_number, line.left)) " left of your line" } }
            div.pad {
                @if is_taking && request.state == "open" {
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

fn decide(seat: &Seat, request: &Request, is_taking: bool) -> Markup {
    html! {
        section.card aria-labelledby="decide" {
            header { h2 id="decide" { "Your decision" } }
            div.pad {
                @if is_taking {
                    p { "Bids are taken until the time above; then the best one can be taken. Open this page \
                         again to see new ones." }
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
                div.scroll {
                    table {
                        thead { tr {
                            th { "Bank" }
                            th.right { @if is_seller { "You receive" } @else { "Price" } }
                            th.right { @if is_seller { "It costs" } @else { "Discount" } }
                            th.right { "A year" }
                        } }
                        tbody {
                            @for (place, bid) in request.bids.iter().enumerate() {
                                tr {
                                    td {
                                        (bid.bank.name)
                                        @if place == 0 { " " span.tag.good { "best" } }
                                        @if bid.bank.organisation == own { " " span.tag.accent { "yours" } }
                                    }
                                    td.right { (money(currency, bid.price)) }
                                    td.right { (money(currency, bid.cost)) }
                                    td.right { @match &bid.rate { Some(rate) => { (rate) " %" }, None => "–" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
