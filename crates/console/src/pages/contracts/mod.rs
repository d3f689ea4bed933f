//! `/contracts` and `/contracts/{address}`: whose contracts are, whether they run, what they say.

pub(crate) mod deploy;
mod functions;
pub(crate) mod signing;

use std::sync::Arc;

use axum::{
    extract::{Path, Query, RawQuery, State, rejection::QueryRejection},
    response::Response,
};
use maud::{Markup, html};
use qiao_api::contracts::{ContractState, Match, Verified, contract_state};
use qiao_indexer::PageRequest;
use qiao_modules::{MODULES, contracts as module};
use qiao_types::Address;
use serde::Deserialize;
use tokio::task;

use super::{told::cut_to, transactions};
use crate::{
    console::{Console, Trouble},
    forms::Fields,
    interfaces::{Interfaces, interface_of},
    pages::search::encoded,
    shell::{Page, Section},
    words,
};

const PAGE_CONTRACTS: u32 = 25;
const EVENTS_SHOWN_MAX: u32 = 20;
const SOURCE_LETTERS_MAX: usize = 400_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Older {
    token: Option<String>,
}

/// `GET /contracts`.
pub(crate) async fn list(
    State(console): State<Console>,
    older: Result<Query<Older>, QueryRejection>,
) -> Response {
    let made = match older {
        Ok(Query(older)) => listed(&console, older.token).await,
        Err(rejection) => Err(rejection.into()),
    };
    console.answer(made)
}

async fn listed(console: &Console, token: Option<String>) -> Result<Response, Trouble> {
    let is_first = token.is_none();
    let request = PageRequest { token, limit: PAGE_CONTRACTS };
    let page = console.chain.index().deployments(&request).await?;
    let mut contracts = Vec::new();
    for address in page.items {
        contracts.extend(contract_state(&*console.chain, address).await?);
    }
    let body = html! {
        div.lead {
            h1 { "Contracts" }
            p.soft {
                "A contract belongs to the organisation whose account created it. Its owner, a regulator or "
                "more than half of the validators' organisations can stop it."
            }
        }
        nav.choices aria-label="What to do" { a href="/contracts/deploy" { "Deploy a contract" } }
        section.card aria-labelledby="deployed" {
            header { h2 id="deployed" { "Deployed by members" } }
            @if contracts.is_empty() { p.empty { "No transaction created a contract yet." } }
            ul.rows { @for contract in &contracts { (row(console, contract)) } }
            nav.pages aria-label="Older and newer contracts" {
                @if is_first { span {} } @else { a href="/contracts" { "← Newest" } }
                @if let Some(next) = &page.next {
                    a href={ "/contracts?token=" (encoded(next)) } { "Older →" }
                }
            }
        }
        @if is_first { (modules()) }
    };
    let page = Page { title: "Contracts", section: Section::Contracts, body };
    Ok(page.render(&console.status()))
}

fn row(console: &Console, contract: &ContractState) -> Markup {
    let source = source_name(console, contract);
    let name = contract.name.clone().or(source.clone());
    html! {
        li {
            div.main {
                a href={ "/contracts/" (contract.address) } {
                    @match &name {
                        Some(name) => (name),
                        None => { "Contract " (words::short_address(&contract.address)) }
                    }
                }
                span.line {
                    (organisation(console, contract.organisation))
                    @if name.is_some() { " · " span.hash { (words::short_address(&contract.address)) } }
                }
            }
            div.aside { (tags(contract, source.is_some())) }
        }
    }
}

fn modules() -> Markup {
    html! {
        section.card aria-labelledby="modules" {
            header { h2 id="modules" { "Modules of the chain" } }
            ul.rows {
                @for module in MODULES {
                    li {
                        div.main {
                            a href={ "/contracts/" (module.address) } { (module.name) }
                            span.line { (first_sentence(module.source)) }
                        }
                    }
                }
            }
        }
    }
}

/// What the interface says of itself, up to its first full stop.
fn first_sentence(source: &str) -> String {
    let interface = qiao_module_kit::Interface::read(source);
    let doc = interface.map(|interface| interface.doc).unwrap_or_default();
    let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    doc.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned()
}

fn tags(contract: &ContractState, is_verified: bool) -> Markup {
    html! {
        span.tags {
            @if !contract.freezes.is_empty() { span.tag.alarm { "frozen" } }
            @if contract.is_upgradeable { span.tag.warn { "upgradeable" } }
            @if is_verified { span.tag.good { "source verified" } }
            @if contract.name.is_none() { span.tag { "not declared" } }
        }
    }
}

/// What the verified source of a contract's code calls it.
fn source_name(console: &Console, contract: &ContractState) -> Option<String> {
    let full = console.chain.sources()?.name(contract.address, contract.code_hash)?;
    full.rsplit(':').next().map(str::to_owned)
}

/// The name of an organisation.
pub(crate) fn organisation(console: &Console, number: u64) -> String {
    match console.chain.genesis().organisation(number) {
        Some(organisation) => organisation.name.clone(),
        None if number == 0 => "nobody".to_owned(),
        None => format!("organisation {number}"),
    }
}

/// An address as somebody typed it.
pub(crate) fn parsed(text: &str) -> Result<Address, Trouble> {
    let not = || format!("“{text}” is not an address (0x and 40 hexadecimal digits).");
    text.parse().map_err(|_| Trouble::Unclear(not()))
}

/// `GET /contracts/{address}`; `f` and `a` in the query ask a function.
pub(crate) async fn one(
    State(console): State<Console>,
    Path(wanted): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = Fields::read(query.as_deref().unwrap_or_default());
    let made = made(&console, &wanted, &asked).await;
    console.answer(made)
}

async fn made(console: &Console, wanted: &str, asked: &Fields) -> Result<Response, Trouble> {
    let address = parsed(wanted)?;
    let Some(state) = contract_state(&*console.chain, address).await? else {
        return Err(Trouble::Missing(format!("There is no contract at {address}.")));
    };
    let known = interface_of(console, address).await?;
    let chain = Arc::clone(&console.chain);
    let hash = state.code_hash;
    let source = task::spawn_blocking(move || chain.sources()?.get(address, hash)).await;
    let source = source.map_err(|error| Trouble::Failed(error.to_string()))?;
    let is_module = MODULES.iter().any(|module| module.address == address);
    let functions = match &known {
        Some(known) => functions::cards(console, &state, known, asked).await?,
        None => no_interface(&state),
    };
    let title = known.map(|known| known.name).or_else(|| state.name.clone());
    let title = title.unwrap_or_else(|| format!("Contract {}", words::short_address(&address)));
    let events = events(console, address).await?;
    let body = html! {
        p.crumb { a href="/contracts" { "Contracts" } }
        div.lead {
            h1 { (title) }
            @if is_module { p.soft { "Native code of the chain behind a contract's address." } }
            @else { (tags(&state, source.is_some())) }
        }
        (freezes(console, &state))
        (facts(console, &state))
        @if !is_module { (acts(&state)) }
        (functions)
        (events)
        @if let Some(source) = &source { (source_card(source)) }
    };
    let page = Page { title: &title, section: Section::Contracts, body };
    Ok(page.render(&console.status()))
}

fn freezes(console: &Console, state: &ContractState) -> Markup {
    html! {
        @for freeze in &state.freezes {
            div.state.alarm {
                span.dot {}
                div {
                    p { "Frozen by the " (freeze.authority) ": " (freeze.reason) }
                    p {
                        (transactions::member(console, freeze.by)) ", "
                        (words::instant(freeze.since.saturating_mul(1_000)))
                        ". Every call to it is refused until the freeze is lifted."
                    }
                }
            }
        }
    }
}

fn facts(console: &Console, state: &ContractState) -> Markup {
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    html! {
        section.card aria-labelledby="details" {
            header { h2 id="details" { "Details" } }
            dl.facts {
                (fact("Address", html! { span.whole { (state.address) } }))
                @if let Some(creator) = state.creator {
                    (fact("Owner", html! { (organisation(console, state.organisation)) }))
                    (fact("Created by", html! {
                        a.whole href={ "/accounts/" (creator) } { (creator) }
                        " in " a href={ "/blocks/" (state.created_in_block) } {
                            "block " (words::number(state.created_in_block))
                        }
                    }))
                } @else {
                    (fact("Owner", html! { "nobody: it exists since the chain began" }))
                }
                (fact("Code", html! { span.whole { (state.code_hash) } }))
            }
        }
    }
}

/// Ways to what an owner, a regulator or a validator can do about it.
fn acts(state: &ContractState) -> Markup {
    if state.creator.is_none() {
        return html! {};
    }
    let way = |function: &str| {
        let to = module::ADDRESS;
        let fill = format!("?fill={}&a={}", encoded(function), state.address);
        format!("/contracts/{to}{fill}#{}", functions::anchor(function))
    };
    html! {
        nav.choices aria-label="What can be done about it" {
            @if state.name.is_none() {
                a href=(way("declare(address,string,bool)")) { "Declare" }
            }
            @if state.is_upgradeable {
                a href=(way("upgrade(address,address)")) { "Upgrade" }
            }
            a href=(way("freeze(address,string)")) { "Freeze" }
            @if !state.freezes.is_empty() {
                a href=(way("unfreeze(address)")) { "Lift a freeze" }
            }
            a href=(way("propose(address,bool,string,uint64)")) { "Propose to the validators" }
        }
    }
}

fn no_interface(state: &ContractState) -> Markup {
    html! {
        section.card aria-labelledby="functions" {
            header { h2 id="functions" { "Functions" } }
            p.empty {
                "What it can do is not known here, because no source was verified for its code: "
                code { "qiao contract verify " (state.address) " --solc PATH SOURCE" }
            }
        }
    }
}

/// The newest events of a contract.
async fn events(console: &Console, address: Address) -> Result<Markup, Trouble> {
    let places = console.chain.index().newest_logs(address, EVENTS_SHOWN_MAX).await?;
    let mut rows = Vec::new();
    let known = Interfaces::of(console, [address]).await?;
    for place in places {
        let Some(block) = console.chain.block_by_number(place.block).await? else { continue };
        let position = place.position as usize;
        let Some(receipt) = block.receipts.get(position) else { continue };
        let Some(log) = receipt.logs().get(place.index_in_receipt as usize) else { continue };
        let hash = block.block.transactions[position].hash();
        rows.push(html! {
            li {
                (transactions::log_line(console, &known, log))
                div.aside {
                    a href={ "/transactions/" (hash) } { "block " (words::number(place.block)) }
                }
            }
        });
    }
    Ok(html! {
        @if !rows.is_empty() {
            section.card aria-labelledby="events" {
                header { h2 id="events" { "Newest events" } }
                ul.rows { @for row in &rows { (row) } }
            }
        }
    })
}

fn source_card(source: &Verified) -> Markup {
    let matches = match source.matches {
        Match::Exact => "every byte is the chain's, the compiler's metadata included",
        Match::ExceptMetadata => "all that executes is the chain's; comments or names may differ",
    };
    html! {
        section.card aria-labelledby="source" {
            header {
                h2 id="source" { "Source" }
                span.tag.good { @if source.matches == Match::Exact { "exact" } @else { "match" } }
            }
            div.pad {
                p.soft {
                    (source.contract) ", compiled with " (source.compiler) ": " (matches)
                    ". That the source compiles to this code is the word of who verified it."
                }
                @for (path, text) in &source.sources {
                    details {
                        summary { (path) }
                        pre { code { (cut_to(text, SOURCE_LETTERS_MAX)) } }
                    }
                }
                details {
                    summary { "Compiler settings" }
                    pre { code { (pretty(&source.settings)) } }
                }
                details { summary { "ABI" } pre { code { (pretty(&source.abi)) } } }
            }
        }
    }
}

fn pretty(value: &serde_json::Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    cut_to(&text, SOURCE_LETTERS_MAX)
}
