//! `/blocks` and `/blocks/{number or hash}`.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use maud::{Markup, html};
use qiao_types::{B256, FinalizedBlock};
use serde::Deserialize;

use crate::{
    console::{Console, Trouble},
    pages::transactions,
    shell::{Page, Section},
    words,
};

const PAGE_BLOCKS: usize = 25;
const TRANSACTIONS_SHOWN_MAX: usize = 200;

/// A block in a list.
pub(crate) struct BlockLine {
    pub(crate) number: u64,
    pub(crate) timestamp_ms: u64,
    pub(crate) transactions: u64,
    pub(crate) proposer: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Older {
    before: Option<u64>,
}

/// The newest blocks up to and including height `newest`, newest first.
pub(crate) async fn recent(
    console: &Console,
    newest: u64,
    count: usize,
) -> Result<Vec<BlockLine>, Trouble> {
    let mut lines = Vec::with_capacity(count);
    for number in (0..=newest).rev().take(count) {
        let Some(block) = console.chain.block_by_number(number).await? else { break };
        lines.push(BlockLine {
            number,
            timestamp_ms: block.timestamp_ms,
            transactions: block.block.transactions.len() as u64,
            proposer: proposer(console, &block),
        });
    }
    Ok(lines)
}

/// The organisation whose validator proposed a block.
fn proposer(console: &Console, block: &FinalizedBlock) -> Option<String> {
    let genesis = console.chain.genesis();
    let mut validators = genesis.validators.iter();
    let validator = validators.find(|validator| validator.network_key == block.proposer)?;
    let organisation = genesis.organisation(validator.organisation)?;
    Some(organisation.name.clone())
}

/// `GET /blocks`.
pub(crate) async fn list(
    State(console): State<Console>,
    older: Result<Query<Older>, QueryRejection>,
) -> Response {
    let Query(older) = match older {
        Ok(older) => older,
        Err(rejection) => return console.trouble(&rejection.into()),
    };
    let head = console.chain.head().number;
    let newest = older.before.map_or(head, |before| before.saturating_sub(1).min(head));
    let made = listed(&console, newest).await.map(|list| {
        let body = html! {
            div.lead {
                h1 { "Blocks" }
                p.soft { "Each block is final: agreed by the validators and never changed again." }
            }
            @if older.before.is_none() {
                div.stack data-live="/live?page=blocks" { (list) }
            } @else { div.stack { (list) } }
        };
        Page { title: "Blocks", section: Section::Blocks, body }.render(&console.status())
    });
    console.answer(made)
}

/// The newest blocks, for the page that stays up to date.
pub(crate) async fn changing(console: &Console) -> Result<Markup, Trouble> {
    listed(console, console.chain.head().number).await
}

async fn listed(console: &Console, newest: u64) -> Result<Markup, Trouble> {
    let lines = recent(console, newest, PAGE_BLOCKS).await?;
    let oldest = lines.last().map_or(0, |line| line.number);
    Ok(html! {
        section.card aria-label="Blocks" {
            (rows(&lines))
            nav.pages aria-label="Older and newer blocks" {
                @if newest < console.chain.head().number { a href="/blocks" { "← Newest" } }
                @else { span {} }
                @if oldest > 0 { a href={ "/blocks?before=" (oldest) } { "Older →" } }
            }
        }
    })
}

/// Blocks as rows.
pub(crate) fn rows(lines: &[BlockLine]) -> Markup {
    html! {
        ul.rows {
            @for line in lines {
                li {
                    div.main {
                        a.number href={ "/blocks/" (line.number) } { (words::number(line.number)) }
                        span.line {
                            @if let Some(proposer) = &line.proposer { "by " (proposer) }
                            @else if line.number == 0 { "the agreed beginning" }
                        }
                    }
                    div.aside {
                        (transaction_count(line.transactions))
                        span.line { (words::ago(line.timestamp_ms)) }
                    }
                }
            }
        }
    }
}

fn transaction_count(count: u64) -> Markup {
    html! {
        @if count == 0 { span.soft { "heartbeat" } }
        @else { strong { (words::count(count, "transaction", "transactions")) } }
    }
}

/// `GET /blocks/{number or hash}`.
pub(crate) async fn one(State(console): State<Console>, Path(wanted): Path<String>) -> Response {
    let made = found(&console, &wanted).await.map(|block| show(&console, &block));
    console.answer(made)
}

async fn found(console: &Console, wanted: &str) -> Result<Arc<FinalizedBlock>, Trouble> {
    let block = if let Ok(number) = wanted.parse::<u64>() {
        console.chain.block_by_number(number).await?
    } else if let Ok(hash) = wanted.parse::<B256>() {
        console.chain.block_by_hash(hash).await?
    } else {
        let text = format!("“{wanted}” is neither the height nor the hash of a block.");
        return Err(Trouble::Unclear(text));
    };
    block.ok_or_else(|| {
        let head = words::number(console.chain.head().number);
        Trouble::Missing(format!("There is no block {wanted}; the newest final one is {head}."))
    })
}

fn show(console: &Console, finalized: &FinalizedBlock) -> Response {
    let number = finalized.block.number();
    let title = format!("Block {}", words::number(number));
    let transactions = &finalized.block.transactions;
    let is_newest = number >= console.chain.head().number;
    let body = html! {
        p.crumb { a href="/blocks" { "Blocks" } }
        div.lead {
            h1 { (title) }
            p.soft {
                "Final since " (words::instant(finalized.timestamp_ms)) ", "
                (words::ago(finalized.timestamp_ms)) "."
            }
        }
        (header_facts(console, finalized))
        section.card aria-labelledby="transactions" {
            header {
                h2 id="transactions" {
                    (words::count(transactions.len() as u64, "transaction", "transactions"))
                }
            }
            @if transactions.is_empty() {
                p.empty { "A heartbeat: it shows that the validators agree, and carries nothing." }
            } @else {
                ul.rows {
                    @for (tx, receipt) in
                        transactions.iter().zip(&finalized.receipts).take(TRANSACTIONS_SHOWN_MAX) {
                        (transactions::row(console, tx, receipt))
                    }
                }
                @if transactions.len() > TRANSACTIONS_SHOWN_MAX {
                    p.empty { "The first " (TRANSACTIONS_SHOWN_MAX) " are shown." }
                }
            }
        }
        nav.pages aria-label="Neighbouring blocks" {
            @if number > 0 {
                a href={ "/blocks/" (number - 1) } { "← Block " (words::number(number - 1)) }
            } @else { span {} }
            @if !is_newest {
                a href={ "/blocks/" (number + 1) } { "Block " (words::number(number + 1)) " →" }
            }
        }
    };
    Page { title: &title, section: Section::Blocks, body }.render(&console.status())
}

fn header_facts(console: &Console, finalized: &FinalizedBlock) -> Markup {
    let header = &finalized.block.header;
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let hash = |hash: &B256| html! { span.whole { (hash) } };
    html! {
        section.card aria-label="What the block says" {
            dl.facts {
                (fact("Proposed by", html! {
                    @match proposer(console, finalized) {
                        Some(name) => (name),
                        None => "nobody: this is the agreed beginning",
                    }
                }))
                (fact("Hash", hash(&finalized.hash)))
                @if header.number > 0 {
                    (fact("Parent", html! {
                        a.whole href={ "/blocks/" (header.number - 1) } { (header.parent_hash) }
                    }))
                }
                (fact("State after it", hash(&header.state_root)))
                (fact("Gas used", html! {
                    span.number { (words::number(header.gas_used)) } " of "
                    span.number { (words::number(header.gas_limit)) }
                }))
            }
            div.pad {
                details {
                    summary { "More for engineers" }
                    dl.facts {
                        (fact("Transactions root", hash(&header.transactions_root)))
                        (fact("Receipts root", hash(&header.receipts_root)))
                        (fact("Beneficiary", html! { span.whole { (header.beneficiary) } }))
                        (fact("Timestamp", html! {
                            span.number { (finalized.timestamp_ms) } " ms"
                        }))
                        (fact("Extra data", html! { span.whole { (header.extra_data) } }))
                    }
                }
            }
        }
    }
}
