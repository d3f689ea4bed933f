//! One voucher: terms, documents by hash, and the parts that the desk sees.

use axum::{extract::Path, response::Response};
use maud::{Markup, html};
use qiao_api::finance::{
    self, FinanceError, sight,
    vouchers::{self, Part, Voucher},
};
use qiao_modules::receivables::{self, IReceivables};

use super::{
    pieces::{bar, button, money, part_rows},
    seat::{Seat, Tab},
    wallet::standing,
};
use crate::console::Trouble;

/// `GET /desks/{organisation}/vouchers/{voucher}`.
pub(super) async fn page(seat: Seat, Path((_, voucher)): Path<(u64, u64)>) -> Response {
    let made = made(&seat, voucher).await;
    seat.answer(made)
}

async fn made(seat: &Seat, number: u64) -> Result<Response, Trouble> {
    let (chain, names) = (&*seat.console.chain, &seat.names);
    let voucher = sight::voucher(chain, names, &seat.desk, number).await?;
    let own = seat.desk.organisation;
    let owes = voucher.issuer.organisation == own
        || voucher.guarantor.as_ref().is_some_and(|party| party.organisation == own);
    let mut parts = Vec::new();
    for part in vouchers::live_parts(chain, names, number).await? {
        let is_whole = owes || seat.desk.is_regulator;
        if is_whole || sight::part(chain, names, &seat.desk, part.part).await.is_ok() {
            parts.push(part);
        }
    }
    let call = IReceivables::evidenceCall { voucher: number };
    let evidence = finance::view(chain, receivables::ADDRESS, call).await;
    let evidence = evidence.map_err(FinanceError::from)?;
    let body = html! {
        div.columns.even {
            div.stack { (facts(seat, &voucher)) (documents(&evidence)) }
            div.stack {
                @if voucher.state == "offered" { (answer(seat, &voucher)) }
                (held(seat, &voucher, &parts))
            }
        }
    };
    let tab = match (seat.desk.is_regulator, voucher.issuer.organisation == own) {
        (true, _) => Tab::Regulator,
        (_, true) => Tab::Payables,
        _ => Tab::Wallet,
    };
    Ok(seat.page(&format!("Voucher {number}"), tab, body))
}

fn facts(seat: &Seat, voucher: &Voucher) -> Markup {
    let currency = voucher.currency_number;
    let pack = receivables::PACKS.get(usize::from(voucher.pack));
    html! {
        section.card aria-labelledby="facts" {
            header { h2 id="facts" { (money(currency, voucher.amount)) } span { (standing(seat, voucher)) } }
            div.pad { (bar(voucher.repaid, voucher.amount, "paid", false)) }
            dl.facts {
                div { dt { "Owed by" } dd { (voucher.issuer.name) } }
                div { dt { "Issued to" } dd { (voucher.creditor.name) " on " (voucher.issued) } }
                div { dt { "Still owed" } dd { (money(currency, voucher.outstanding)) } }
                @if voucher.repaid > 0 { div { dt { "Paid" } dd { (money(currency, voucher.repaid)) } } }
                @if voucher.written_off > 0 {
                    div { dt { "Written off" } dd { (money(currency, voucher.written_off)) } }
                }
                div { dt { "Guarantor" } dd {
                    @match &voucher.guarantor { Some(party) => (party.name), None => "none" }
                } }
                div { dt { "Recourse" } dd { @if voucher.recourse { "yes" } @else { "none" } } }
                div { dt { "Interest is borne by" } dd { "the " (voucher.interest_bearer) } }
                @if let Some(pack) = pack { div { dt { "Rules" } dd { (pack.name) ": " (pack.citation) } } }
            }
        }
    }
}

fn documents(evidence: &IReceivables::Evidence) -> Markup {
    html! {
        section.card aria-labelledby="documents" {
            header { h2 id="documents" { "Documents" } span.soft.small { "SHA-256 of their files" } }
            dl.facts {
                div { dt { "Contract" } dd.whole { (evidence.purchaseContract) } }
                div { dt { "Invoice" } dd.whole { (evidence.invoice) } }
                div { dt { "Delivery" } dd.whole { (evidence.delivery) } }
            }
        }
    }
}

fn answer(seat: &Seat, voucher: &Voucher) -> Markup {
    let own = seat.desk.organisation;
    html! {
        section.card aria-labelledby="answer" {
            header { h2 id="answer" { "Not accepted yet" } }
            div.pad.acts {
                @if voucher.creditor.organisation == own {
                    (button(seat, "accept", "voucher", voucher.voucher, "Accept"))
                    (button(seat, "decline", "voucher", voucher.voucher, "Decline"))
                } @else if voucher.issuer.organisation == own {
                    (button(seat, "decline", "voucher", voucher.voucher, "Withdraw"))
                } @else { p.soft { "Its supplier has to accept it." } }
            }
        }
    }
}

fn held(seat: &Seat, voucher: &Voucher, parts: &[Part]) -> Markup {
    let hidden = u64::from(voucher.live_parts).saturating_sub(parts.len() as u64);
    html! {
        section.card aria-labelledby="parts" {
            header { h2 id="parts" { "Parts" } span.soft.small { (voucher.live_parts) } }
            @if parts.is_empty() { p.empty { "None that you see." } }
            (part_rows(seat, parts))
            @if hidden > 0 {
                p.empty { (hidden) " more belong to other branches, which are not yours to see." }
            }
        }
    }
}
