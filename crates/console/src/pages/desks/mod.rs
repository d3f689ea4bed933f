//! `/desks`: supply-chain finance for people, one desk for each organisation that the node keeps.
//!
//! A desk shows its own branch and nothing else; `qiao_api::finance` decides what that is. Whatever
//! changes something is tried out, shown in words, and signed only after it was confirmed.

mod acts;
mod bank;
mod collateral;
mod fees;
mod loan;
mod loans;
mod money;
mod part;
mod payables;
mod pieces;
mod recalls;
mod regulator;
mod request;
mod seat;
mod upload;
mod voucher;
mod walk;
mod wallet;

use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use maud::html;
use qiao_api::finance::Desk;
use qiao_indexer::{PageRequest, RecordQuery};

use self::seat::{Asker, Seat};
use crate::{
    console::{Console, Trouble},
    shell::{Page, Section},
    words,
};

/// The pages below `/desks`.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/desks", get(list))
        .route("/desks/walk", get(walk::page))
        .route("/desks/walk/payables.xlsx", get(walk::table))
        .route("/desks/{organisation}", get(enter))
        .route("/desks/{organisation}/payables", get(payables::page).post(upload::check))
        .route("/desks/{organisation}/payables/sign", post(upload::sign))
        .route("/desks/{organisation}/payables/errors", post(upload::errors))
        .route("/desks/{organisation}/wallet", get(wallet::page))
        .route("/desks/{organisation}/parts/{part}", get(part::page))
        .route("/desks/{organisation}/vouchers/{voucher}", get(voucher::page))
        .route("/desks/{organisation}/requests/{request}", get(request::page))
        .route("/desks/{organisation}/bank", get(bank::page))
        .route("/desks/{organisation}/money", get(money::page))
        .route("/desks/{organisation}/loans", get(loans::page))
        .route("/desks/{organisation}/loans/{loan}", get(loan::page))
        .route("/desks/{organisation}/collateral", get(collateral::page).post(collateral::check))
        .route("/desks/{organisation}/tariffs", get(fees::page))
        .route("/desks/{organisation}/regulator", get(regulator::page))
        .route("/desks/{organisation}/issuers/{issuer}", get(regulator::issuer))
        .merge(recalls::routes())
        .route("/desks/{organisation}/confirm", post(acts::confirm))
        .route("/desks/{organisation}/sign", post(acts::sign))
}

/// `GET /desks`: the desks that are open to whoever asks.
async fn list(State(console): State<Console>, Asker(access): Asker) -> Response {
    let made = listed(&console, access).await;
    console.answer(made)
}

async fn listed(console: &Console, access: qiao_api::finance::Access) -> Result<Response, Trouble> {
    let desks = console.desks.open_to(access).await?;
    let has_story = walk::has_story(console).await?;
    let mut seats = Vec::new();
    for desk in desks {
        let kind = kind_of(console, &desk).await?;
        seats.push((desk, kind));
    }
    // Those with something on their desk first.
    seats.sort_by_key(|(_, kind)| *kind == Kind::Idle);
    let body = html! {
        div.lead {
            h1 { "Finance" }
            p.soft {
                "A buyer confirms what it owes; suppliers pay with parts of it or turn them into money; banks \
                 finance what nobody else was promised. Each desk shows its own branch only."
            }
        }
        @if has_story {
            p { a.button href="/desks/walk" { "Walk through it in five minutes" } }
        }
        section.card aria-labelledby="desks" {
            header { h2 id="desks" { "Desks of this node" } span.soft.small { (seats.len()) } }
            @if seats.is_empty() {
                p.empty {
                    "There is none for you. The operator of this node can give you a key with "
                    code { "qiao key add NAME --organisation NUMBER" } "."
                }
            }
            ul.rows {
                @for (desk, kind) in &seats {
                    li {
                        div.main {
                            a href={ "/desks/" (desk.organisation) } { (desk.name) }
                            span.line { "No. " (desk.organisation) @if desk.is_own { " · this node's own" } }
                        }
                        div.aside { span.tag.accent[*kind != Kind::Idle] { (kind.word()) } }
                    }
                }
            }
        }
        (confidential())
    };
    let page = Page { title: "Finance", section: Section::Desks, body };
    Ok(page.render(&console.status()))
}

/// What is confidential, and what is not.
fn confidential() -> maud::Markup {
    html! {
        details.card.pad {
            summary { "What others see" }
            p {
                "This node shows a desk its own branch: what it issued, received, holds, passed on or was \
                 offered. The chain itself is open to its members: who runs a node can read every amount, \
                 party and price in the blocks. Files of contracts, invoices and deliveries never leave \
                 their owners; the chain has their hashes."
            }
        }
    }
}

/// What an organisation does, as far as its records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Regulator,
    Bank,
    Issuer,
    Supplier,
    Idle,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Regulator => "regulator",
            Self::Bank => "bank",
            Self::Issuer => "core firm",
            Self::Supplier => "supplier",
            Self::Idle => "nothing yet",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Regulator => "regulator",
            Self::Bank => "bank",
            Self::Issuer => "payables",
            Self::Supplier | Self::Idle => "wallet",
        }
    }
}

pub(super) async fn kind_of(console: &Console, desk: &Desk) -> Result<Kind, Trouble> {
    if desk.is_regulator {
        return Ok(Kind::Regulator);
    }
    let kinds = [
        ("payments_bank_licensed", "bank", Kind::Bank),
        ("financing_line_set", "bank", Kind::Bank),
        ("receivables_vouchers", "issuer", Kind::Issuer),
        ("receivables_vouchers", "creditor", Kind::Supplier),
        ("receivables_passed", "to_party", Kind::Supplier),
    ];
    for (table, column, kind) in kinds {
        let query = RecordQuery::of(table).with(column, desk.organisation);
        if !console.chain.index().records(&query, &PageRequest::first(1)).await?.items.is_empty() {
            return Ok(kind);
        }
    }
    Ok(Kind::Idle)
}

/// `GET /desks/{organisation}`: leads to what the organisation does most.
async fn enter(seat: Seat) -> Response {
    match kind_of(&seat.console, &seat.desk).await {
        Ok(kind) => {
            let path = format!("/desks/{}/{}", seat.desk.organisation, kind.path());
            Redirect::to(&path).into_response()
        }
        Err(trouble) => seat.console.trouble(&trouble),
    }
}

/// How long ago the newest final block was made, for figures that are of that block.
pub(super) fn as_of(console: &Console) -> maud::Markup {
    let head = console.chain.head();
    html! {
        p.soft.small {
            "As of block " a href={ "/blocks/" (head.number) } { (words::number(head.number)) } ", "
            (words::ago(head.timestamp_ms)) "."
        }
    }
}
