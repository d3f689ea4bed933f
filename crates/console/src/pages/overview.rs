//! `/`: whether the chain is well, who runs it, and what happened last.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use qiao_api::{NodeStatus, ValidatorStatus};
use qiao_indexer::IndexedEvent;

use crate::{
    console::{Console, Trouble},
    pages::{
        blocks::{self, BlockLine},
        events,
    },
    shell::{Page, Section},
    words,
};

/// Blocks in the strip at the top, and in the list.
const STRIP_BLOCKS: usize = 48;
const LISTED_BLOCKS: usize = 5;
const LISTED_EVENTS: u32 = 9;

/// A validator that voted within so many heartbeats counts as voting.
const SILENT_HEARTBEATS: u64 = 5;

/// `GET /`.
pub(crate) async fn page(State(console): State<Console>) -> Response {
    let made = changing(&console).await.map(|changing| {
        let node = console.status();
        let title = "Overview";
        let body = html! {
            div.lead {
                h1 { (node.network) }
                p.soft {
                    "A record of goods kept by " (words::count(
                        node.validators.len() as u64, "organisation", "organisations"
                    )) " together. No one of them can change what is written."
                }
            }
            form.search.phone-only role="search" action="/search" {
                label.visually-hidden for="trace-id" { "Find a product, block or transaction" }
                input id="trace-id" type="search" name="q" autocomplete="off"
                    placeholder="Product code, block or transaction";
                button { "Find" }
            }
            div.stack data-live="/live?page=overview" { (changing) }
        };
        Page { title, section: Section::Overview, body }.render(&node)
    });
    console.answer(made)
}

/// What changes with every block.
pub(crate) async fn changing(console: &Console) -> Result<Markup, Trouble> {
    let node = console.status();
    let lines = blocks::recent(console, console.chain.head().number, STRIP_BLOCKS).await?;
    let events = events::recent(console, LISTED_EVENTS).await?;
    Ok(html! {
        (state(&node))
        (tiles(&node, &lines))
        div.columns {
            div.stack {
                (validators(console, &node))
                (recent_blocks(&lines))
            }
            (recent_events(console, &events))
        }
    })
}

fn state(node: &NodeStatus) -> Markup {
    if node.is_final_progressing {
        return html! {
            div.state role="status" {
                span.dot {}
                p { "The chain is running. Block " (words::number(node.head.number))
                    " became final " (words::ago(node.head.timestamp_ms)) "." }
            }
        };
    }
    let reason = node.stalled_reason.as_deref().unwrap_or("the reason is not known yet");
    html! {
        div.state.waiting role="status" {
            span.dot {}
            div {
                p { "The chain is waiting: " (reason) "." }
                p { "What is final stays final and can be read. New records wait until enough \
                     validators vote again." }
            }
        }
    }
}

fn tiles(node: &NodeStatus, lines: &[BlockLine]) -> Markup {
    let finality = node.finality_ms.p50.map_or_else(|| "–".to_owned(), words::milliseconds);
    let waiting = node.pool.ready + node.pool.queued;
    html! {
        dl.tiles {
            div.card.tile {
                dt { "Height" }
                dd.value { (words::number(node.head.number)) }
                dd { "a block every " (words::span(node.block_interval_ms)) }
            }
            div.card.tile {
                dt { "Time to final" }
                dd.value { (finality) small { "ms" } }
                dd {
                    @if let Some(p99) = node.finality_ms.p99 {
                        "99 of 100 within " (words::milliseconds(p99)) " ms"
                    } @else { "no block measured yet" }
                }
            }
            div.card.tile {
                dt { "Load" }
                dd.value { (load(node.transactions_per_second)) small { "per second" } }
                dd { "transactions, lately" }
            }
            div.card.tile {
                dt { "Waiting" }
                dd.value { (words::number(waiting)) }
                dd {
                    @if waiting == 0 { "nothing in the pool" }
                    @else { (words::bytes(node.pool.bytes)) " in the pool" }
                }
            }
        }
        @if lines.len() > 1 { (strip(lines)) }
    }
}

fn load(per_second: f64) -> String {
    if per_second < 10.0 { format!("{per_second:.1}") } else { format!("{per_second:.0}") }
}

/// One bar per recent block, as high as it is full.
fn strip(lines: &[BlockLine]) -> Markup {
    let most = lines.iter().map(|line| line.transactions).max().unwrap_or(0).max(4);
    let total: u64 = lines.iter().map(|line| line.transactions).sum();
    let label = format!(
        "{} in the last {}",
        words::count(total, "transaction", "transactions"),
        words::count(lines.len() as u64, "block", "blocks")
    );
    html! {
        section.card aria-label="Recent load" {
            div.pad {
                svg.strip viewBox="0 0 480 64" preserveAspectRatio="none" role="img"
                    aria-label=(label) {
                    @for (i, line) in lines.iter().rev().enumerate() {
                        @let height = 4 + line.transactions * 60 / most;
                        rect.idle[line.transactions == 0] x=(i * 10) y=(64 - height) width="8"
                            height=(height) rx="1.5" {}
                    }
                }
                p.soft.small { (label) }
            }
        }
    }
}

fn validators(console: &Console, node: &NodeStatus) -> Markup {
    let voting = node.validators.iter().filter(|one| standing(console, node, one).0 == "good");
    let voting = voting.count();
    html! {
        section.card aria-labelledby="validators" {
            header {
                h2 id="validators" { "Validators" }
                span.soft.small { (voting) " of " (node.validators.len()) " voting" }
            }
            ul.rows {
                @for one in &node.validators {
                    @let (tone, word) = standing(console, node, one);
                    li {
                        div.main {
                            strong { (one.organisation) }
                            span.line {
                                (one.name)
                                @if one.is_self { " · this node" }
                                @if let Some(height) = one.last_proposed_height {
                                    " · proposed " a href={ "/blocks/" (height) } {
                                        (words::number(height))
                                    }
                                }
                            }
                        }
                        div.aside {
                            span class={ "tag " (tone) } { span.dot {} (word) }
                            @if let Some(ago) = one.last_voted_ago_ms.filter(|_| tone != "good") {
                                span.line { "last vote " (words::span(ago)) " ago" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A validator's standing: the colour and the word for it.
fn standing(
    console: &Console,
    node: &NodeStatus,
    one: &ValidatorStatus,
) -> (&'static str, &'static str) {
    let patience = SILENT_HEARTBEATS * console.chain.genesis().parameters.heartbeat_ms.max(1_000);
    let voted = one.last_voted_ago_ms.is_some_and(|ago| ago <= patience);
    match (one.is_self, one.connected, voted) {
        (true, _, true) => ("good", "voting"),
        (true, _, false) if node.is_final_progressing => ("good", "voting"),
        (true, ..) => ("warn", "waiting"),
        (_, true, true) => ("good", "voting"),
        (_, true, false) if !node.is_final_progressing => ("warn", "waiting"),
        (_, true, false) => ("warn", "not voting"),
        (_, false, true) => ("warn", "connection lost"),
        (_, false, false) => ("alarm", "not reachable"),
    }
}

fn recent_blocks(lines: &[BlockLine]) -> Markup {
    html! {
        section.card aria-labelledby="blocks" {
            header { h2 id="blocks" { "Recent blocks" } a href="/blocks" { "All blocks" } }
            (blocks::rows(&lines[..lines.len().min(LISTED_BLOCKS)]))
        }
    }
}

fn recent_events(console: &Console, events: &[IndexedEvent]) -> Markup {
    html! {
        section.card aria-labelledby="events" {
            header { h2 id="events" { "Recently recorded" } a href="/events" { "All events" } }
            @if events.is_empty() {
                p.empty {
                    "Nothing has been captured yet. A member's system sends EPCIS events to "
                    code { "POST /epcis/capture" } "."
                }
            } @else { (events::rows(console, events)) }
        }
    }
}
