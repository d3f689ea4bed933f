//! `/accounts/{address}`: whose an account is, what it may do, what it has and sent.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use qiao_api::contracts::contract_state;
use qiao_indexer::{IndexedAccount, PageRequest};
use qiao_modules::MODULES;
use qiao_types::{AccountState, Address, StateKey, U256};
use serde::Deserialize;

use super::{contracts::parsed, search::encoded, transactions};
use crate::{
    console::{Console, Trouble},
    decoding::role_name,
    shell::{Page, Section},
    words,
};

const PAGE_TRANSACTIONS: u32 = 25;

#[derive(Debug, Deserialize)]
pub(crate) struct Older {
    token: Option<String>,
}

/// `GET /accounts/{address}`.
pub(crate) async fn one(
    State(console): State<Console>,
    Path(wanted): Path<String>,
    older: Result<Query<Older>, QueryRejection>,
) -> Response {
    let made = match older {
        Ok(Query(older)) => made(&console, &wanted, older.token).await,
        Err(rejection) => Err(rejection.into()),
    };
    console.answer(made)
}

async fn made(console: &Console, wanted: &str, token: Option<String>) -> Result<Response, Trouble> {
    let address = parsed(wanted)?;
    if MODULES.iter().any(|module| module.address == address) {
        return Ok(Redirect::to(&format!("/contracts/{address}")).into_response());
    }
    let index = console.chain.index();
    let member = index.account(address).await?;
    let organisations = index.organisations().await?;
    let home = member.as_ref().map(|member| member.organisation);
    let home = organisations.into_iter().find(|one| Some(one.id) == home);
    let state = state(console, address).await?;
    let is_contract = contract_state(&*console.chain, address).await?.is_some();
    let sent = sent(console, address, token).await?;
    let frozen = home.as_ref().and_then(|home| home.frozen.clone());
    let body = html! {
        p.crumb { a href="/members" { "Members" } }
        div.lead {
            h1 { "Account " span.hash { (words::short_address(&address)) } }
            p.soft {
                @match &home {
                    Some(home) => { "Of " a href={ "/members#member-" (home.id) } { (home.name) } "." }
                    None => { "It belongs to no organisation, and may send nothing." }
                }
            }
        }
        @if let Some(reason) = member.as_ref().and_then(|member| member.frozen.as_ref()) {
            div.state.alarm { span.dot {} p { "Frozen: " (reason) } }
        }
        @if let Some(reason) = frozen {
            div.state.alarm { span.dot {} p { "Its organisation is frozen: " (reason) } }
        }
        (facts(address, member.as_ref(), &state, is_contract))
        (sent)
    };
    Ok(Page { title: "Account", section: Section::Members, body }.render(&console.status()))
}

fn facts(
    address: Address,
    member: Option<&IndexedAccount>,
    state: &AccountState,
    is_contract: bool,
) -> Markup {
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    html! {
        section.card aria-labelledby="details" {
            header { h2 id="details" { "Details" } }
            dl.facts {
                (fact("Address", html! { span.whole { (address) } }))
                @if let Some(member) = member {
                    (fact("May", html! {
                        span.tags {
                            @for role in &member.roles {
                                span.tag { (role_name(U256::from(*role))) }
                            }
                            @if member.roles.is_empty() { "send transactions; it has no role" }
                        }
                    }))
                    @if member.since_block > 0 {
                        (fact("Member since", html! {
                            a href={ "/blocks/" (member.since_block) } {
                                "block " (words::number(member.since_block))
                            }
                        }))
                    }
                }
                (fact("Balance", html! { (words::coins(state.balance)) }))
                (fact("Counter (nonce)", html! { span.number { (words::number(state.nonce)) } }))
                @if is_contract {
                    (fact("Code", html! {
                        a href={ "/contracts/" (address) } { "It is a contract" }
                    }))
                }
            }
        }
    }
}

async fn state(console: &Console, address: Address) -> Result<AccountState, Trouble> {
    let source = console.chain.state_at(console.chain.head().number).await;
    let source = source.map_err(|error| Trouble::Failed(error.to_string()))?;
    let values = source.read(&[StateKey::account(address)]).await;
    let mut values = values.map_err(|error| Trouble::Failed(error.to_string()))?;
    let Some(bytes) = values.pop().flatten() else { return Ok(AccountState::default()) };
    AccountState::decode(&bytes).map_err(|error| Trouble::Failed(error.to_string()))
}

/// What it sent, newest first.
async fn sent(
    console: &Console,
    address: Address,
    token: Option<String>,
) -> Result<Markup, Trouble> {
    let is_first = token.is_none();
    let request = PageRequest { token, limit: PAGE_TRANSACTIONS };
    let page = console.chain.index().transactions_from(address, &request).await?;
    let mut rows = Vec::new();
    for transaction in &page.items {
        let Some((block, position)) = console.chain.transaction(transaction.hash).await? else {
            continue;
        };
        rows.push(transactions::row(
            console,
            &block.block.transactions[position],
            &block.receipts[position],
        ));
    }
    Ok(html! {
        section.card aria-labelledby="sent" {
            header { h2 id="sent" { "What it sent" } }
            @if rows.is_empty() { p.empty { "Nothing yet." } }
            ul.rows { @for row in &rows { (row) } }
            nav.pages aria-label="Older and newer transactions" {
                @if is_first { span {} } @else { a href={ "/accounts/" (address) } { "← Newest" } }
                @if let Some(next) = &page.next {
                    a href={ "/accounts/" (address) "?token=" (encoded(next)) } { "Older →" }
                }
            }
        }
    })
}
