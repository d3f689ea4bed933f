//! One part: what it is, the way to it, and what its holder or buyer can do with it.

use axum::{extract::Path, response::Response};
use maud::{Markup, html};
use qiao_api::finance::{
    accounts::{self, Account},
    credit::{Bid, Sale},
    history::Happening,
    sight::{self, Seen},
    words as finance,
};

use super::{
    fees,
    pieces::{act, amount_field, button, day, money, part_tag, party_field},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// The yearly rate that the calculator begins with, in per cent.
const RATE_SHOWN: &str = "4.00";

/// `GET /desks/{organisation}/parts/{part}`.
pub(super) async fn page(seat: Seat, Path((_, part)): Path<(u64, u64)>) -> Response {
    let made = made(&seat, part).await;
    seat.answer(made)
}

async fn made(seat: &Seat, number: u64) -> Result<Response, Trouble> {
    let (chain, names) = (&*seat.console.chain, &seat.names);
    let seen = sight::part(chain, names, &seat.desk, number).await?;
    let own = seat.desk.organisation;
    let part = &seen.part;
    let is_holder = part.holder.organisation == own;
    let is_buyer = part.beneficiary.as_ref().is_some_and(|party| party.organisation == own);
    let sales = qiao_api::finance::credit::sales(chain, names, "seller", part.holder.organisation);
    let sale = match is_buyer || is_holder {
        true => sales.await?.into_iter().find(|sale| sale.part.part == number),
        false => None,
    };
    let money = accounts::owned(chain, names, own).await?;
    let theirs = accounts::owned(chain, names, part.holder.organisation).await?;
    let fees = fees::card(seat, &seen).await?;
    let body = html! {
        div.columns.even {
            div.stack { (facts(seat, &seen)) (way(&seen)) }
            div.stack {
                @if is_holder && part.state == "free" && part.voucher_state == "live" && !part.frozen {
                    (into_money(seat, &seen)) (pay_on(seat, &seen)) (split(seat, &seen))
                }
                @if is_holder && part.state == "pledged" {
                    p { a.button href=(seat.path("loans")) { "Loans against pledged parts" } }
                }
                @if let Some(sale) = &sale { (selling(seat, sale, is_buyer, &money, &theirs)) }
                @if seat.desk.is_regulator { (supervise(seat, &seen)) }
                @if seen.voucher.issuer.organisation == own { (pay(seat, &seen, &money, &theirs)) }
                (fees)
                (papers(seat, &seen))
            }
        }
    };
    let tab = if seat.desk.is_regulator { Tab::Regulator } else { Tab::Wallet };
    Ok(seat.page(&format!("Part {number}"), tab, body))
}

fn facts(seat: &Seat, seen: &Seen) -> Markup {
    let (part, voucher) = (&seen.part, &seen.voucher);
    let currency = part.currency_number;
    html! {
        section.card aria-labelledby="facts" {
            header { h2 id="facts" { (money(currency, part.amount)) } (part_tag(part)) }
            dl.facts {
                div { dt { "Held by" } dd { (part.holder.name) ", tier " (seen.tier) } }
                div { dt { "Owed by" } dd { (voucher.issuer.name) } }
                @if let Some(guarantor) = &voucher.guarantor {
                    div { dt { "Guaranteed by" } dd { (guarantor.name) } }
                }
                div { dt { "Due" } dd { (day(part.due_number, seat.today())) } }
                div { dt { "Recourse" } dd {
                    @if voucher.recourse { "the buyer may return it to who sold it" } @else { "none" }
                } }
                div { dt { "Part of" } dd {
                    a href=(seat.path(&format!("vouchers/{}", part.voucher))) { "voucher " (part.voucher) }
                    ", issued for " (money(currency, voucher.amount))
                } }
            }
        }
    }
}

fn way(seen: &Seen) -> Markup {
    let currency = seen.part.currency_number;
    html! {
        section.card aria-labelledby="way" {
            header { h2 id="way" { "How it came here" } }
            ol.timeline {
                @for one in &seen.history {
                    li.alarm[matches!(one.what, "overdue" | "written_off" | "frozen")] {
                        span.when { (words::instant(one.time_ms)) }
                        div {
                            a.what href={ "/transactions/" (one.transaction) } { (told(one)) }
                            @if let Some(amount) = one.price.or(one.amount) {
                                " " span.soft { (money(currency, amount)) }
                            }
                        }
                        @if let Some(note) = &one.note { span.soft.small { (note) } }
                    }
                }
            }
        }
    }
}

/// Something that happened, in a few words.
fn told(one: &Happening) -> String {
    let name = |party: &Option<qiao_api::finance::names::Party>| {
        party.as_ref().map_or("somebody".to_owned(), |party| party.name.clone())
    };
    let (from, to) = (name(&one.from), name(&one.to));
    match one.what {
        "issued" => format!("{from} issued it to {to}"),
        "accepted" => "Accepted".to_owned(),
        "passed" => format!("{from} paid {to} with it"),
        "split" => "Split off".to_owned(),
        "offered" => format!("{from} offered it to {to}"),
        "offer_accepted" => format!("{to} accepted the offer"),
        "offer_ended" => "The offer ended".to_owned(),
        "financed" => format!("{to} bought it from {from}"),
        "pledged" => format!("Pledged to {to}"),
        "endorsed" => format!("{from} guarantees it"),
        "repaid" => "Paid".to_owned(),
        other => crate::decoding::spelled(other),
    }
}

/// What a sale would bring, and the ways to it.
fn into_money(seat: &Seat, seen: &Seen) -> Markup {
    let part = &seen.part;
    let currency = part.currency_number;
    let typed = seat.query.get("rate").unwrap_or(RATE_SHOWN);
    let rate = finance::read_rate("rate", typed).ok();
    let now = seat.console.chain.head().timestamp_ms.max(words::now_ms());
    let price = rate.map(|rate| finance::discounted(part.amount, rate, now, part.due_number));
    let days = finance::days_between(seat.today(), part.due_number);
    let decimal = price.map(|price| finance::money(currency, price).replace(',', ""));
    html! {
        section.card aria-labelledby="money" {
            header { h2 id="money" { "Turn it into money" } }
            div.pad {
                form.fill method="get" {
                    label for="rate" { "What it costs at a yearly rate of, in per cent" }
                    div.slide {
                        input id="rate" name="rate" inputmode="decimal" value=(typed);
                        button.plain { "Calculate" }
                    }
                }
                @match price {
                    Some(price) => p {
                        "You would receive " strong { (money(currency, price)) } " today; it costs "
                        (money(currency, part.amount.saturating_sub(price))) " for "
                        (words::count(u64::from(days), "day", "days")) "."
                    },
                    None => p.alarm { "A rate is a number of per cent, such as 4.35." },
                }
                h3 { "Let banks compete" }
                (act(seat, "ask", &[("part", part.part)], html! {
                    label for="seconds" { "Bids are taken for" }
                    select id="seconds" name="seconds" {
                        option value="120" { "2 minutes" }
                        option value="3600" selected { "1 hour" }
                        option value="86400" { "1 day" }
                        option value="259200" { "3 days" }
                    }
                    label for="how" { "Bids are" }
                    select id="how" name="how" {
                        option value="open" selected { "open: banks see and outbid each other" }
                        option value="sealed" { "sealed: shown together afterwards, in as much time again" }
                    }
                    button { "Ask for bids" }
                }))
                details {
                    summary { "Offer it to one bank at a price" }
                    (act(seat, "offer", &[("part", part.part)], html! {
                        (party_field(seat, "bank", "Bank"))
                        label for="price" { "Price in " (part.currency) }
                        input id="price" name="price" inputmode="decimal" required value=[decimal];
                        button { "Offer it" }
                    }))
                }
                (super::loans::pledge(seat, part.part))
            }
        }
    }
}

fn pay_on(seat: &Seat, seen: &Seen) -> Markup {
    let part = &seen.part;
    html! {
        section.card aria-labelledby="pay" {
            header { h2 id="pay" { "Pay a supplier with it" } }
            div.pad {
                (act(seat, "pass", &[("part", part.part)], html! {
                    (party_field(seat, "supplier", "Supplier"))
                    (amount_field("pass-amount", part.currency_number, part.amount))
                    button { "Pay with this part" }
                }))
            }
        }
    }
}

fn split(seat: &Seat, seen: &Seen) -> Markup {
    let part = &seen.part;
    html! {
        details.card.pad {
            summary { "Split it" }
            (act(seat, "split", &[("part", part.part)], html! {
                (amount_field("split-amount", part.currency_number, part.amount / 2))
                button { "Split off" }
            }))
        }
    }
}

/// A sale under way, for its seller and its buyer.
fn selling(
    seat: &Seat,
    sale: &Sale,
    is_buyer: bool,
    own: &[Account],
    theirs: &[Account],
) -> Markup {
    let part = &sale.part;
    let currency = part.currency_number;
    let days = finance::days_between(seat.today(), part.due_number);
    let bid = Bid::new(sale.buyer.clone(), sale.price, part.amount, days);
    html! {
        section.card aria-labelledby="sale" {
            header {
                h2 id="sale" { @if is_buyer { "Offered to you" } @else { "For sale" } }
                @if sale.accepted { span.tag.good { "accepted" } }
            }
            dl.facts {
                div { dt { "Price" } dd { (money(currency, sale.price)) } }
                div { dt { "Discount" } dd {
                    (money(currency, bid.cost))
                    @if let Some(rate) = &bid.rate { ", " (rate) " % a year" }
                } }
                @if !sale.registration.is_empty() {
                    div { dt { "Registration" } dd { (sale.registration) } }
                }
            }
            div.pad {
                @if is_buyer { (buying(seat, sale, own, theirs)) }
                @if !is_buyer && sale.accepted {
                    (button(seat, "complete-offer", "part", part.part, "The money has come: deliver it"))
                }
                @if is_buyer || !sale.accepted {
                    (button(seat, "end-offer", "part", part.part, if is_buyer { "Decline" } else { "Withdraw" }))
                }
            }
        }
    }
}

fn buying(seat: &Seat, sale: &Sale, own: &[Account], theirs: &[Account]) -> Markup {
    let part = &sale.part;
    let fits = |account: &&Account| {
        account.state == "open" && account.currency_number == part.currency_number
    };
    let payer = own.iter().find(fits);
    let payee = theirs.iter().find(fits);
    let file = seat.file(&format!("parts/{}/registration.csv", part.part));
    html! {
        @if !sale.accepted {
            p.soft.small {
                "Register the financing first: " a href=(file) { "the file for the registry" }
                " has what it asks for."
            }
            (act(seat, "accept-offer", &[("part", part.part)], html! {
                label for="registration" { "Number of the registration" }
                input id="registration" name="registration" autocomplete="off";
                button { "Accept, and pay by file" }
            }))
        } @else {
            p.soft.small { "It is in your file of disbursements until the seller delivers it." }
        }
        @if let (Some(payer), Some(payee)) = (payer, payee) {
            @let fields = [
                ("part", part.part), ("payer", payer.account), ("payee", payee.account),
                ("nonce", words::now_ms()),
            ];
            (act(seat, "buy", &fields, html! {
                @if !sale.accepted {
                    label for="bought" { "Number of the registration" }
                    input id="bought" name="registration" autocomplete="off";
                }
                button { "Buy it now: money and part move together" }
            }))
        }
    }
}

fn supervise(seat: &Seat, seen: &Seen) -> Markup {
    let part = &seen.part;
    html! {
        section.card aria-labelledby="supervise" {
            header { h2 id="supervise" { "Supervise" } }
            div.pad {
                @if part.frozen {
                    (button(seat, "unfreeze", "part", part.part, "Unfreeze this part"))
                } @else {
                    (act(seat, "freeze", &[("part", part.part)], html! {
                        label for="reason" { "Reason" }
                        input id="reason" name="reason" required;
                        button { "Freeze this part" }
                    }))
                }
            }
        }
    }
}

fn pay(seat: &Seat, seen: &Seen, own: &[Account], theirs: &[Account]) -> Markup {
    let part = &seen.part;
    let fits = |account: &&Account| {
        account.state == "open" && account.currency_number == part.currency_number
    };
    html! {
        @if let (Some(payer), Some(payee)) = (own.iter().find(fits), theirs.iter().find(fits)) {
            @let fields = [
                ("part", part.part), ("payer", payer.account), ("payee", payee.account),
                ("nonce", words::now_ms()),
            ];
            section.card aria-labelledby="repay" {
                header { h2 id="repay" { "Pay it" } }
                div.pad {
                    (act(seat, "pay-part", &fields, html! {
                        (amount_field("repay-amount", part.currency_number, part.amount))
                        button { "Pay " (part.holder.name) }
                    }))
                }
            }
        }
    }
}

fn papers(seat: &Seat, seen: &Seen) -> Markup {
    let number = seen.part.part;
    html! {
        section.card aria-labelledby="papers" {
            header { h2 id="papers" { "Papers" } }
            div.pad {
                p { a href=(seat.file(&format!("parts/{number}/certificate.pdf"))) { "Certificate (PDF)" }
                    span.soft { ", with a code that leads to its proof" } }
            }
        }
    }
}
