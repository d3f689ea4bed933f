//! `/transactions/{hash}`: who sent what, in words, and what came of it.

use std::sync::Arc;

use alloy_consensus::Transaction as _;
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};
use qiao_api::contracts::call_tree;
use qiao_types::{Address, B256, ExecutedReceipt, FinalizedBlock, Log, SignedTransaction, U256};

use crate::{
    console::{Console, Trouble},
    decoding::{Decoded, Value, spelled},
    interfaces::Interfaces,
    pages::{
        calls,
        told::{raw, told_values, values, why_words},
    },
    shell::{Page, Section},
    words,
};

const LOGS_SHOWN_MAX: usize = 200;

/// A transaction in a list.
pub(crate) fn row(
    console: &Console,
    transaction: &SignedTransaction,
    receipt: &ExecutedReceipt,
) -> Markup {
    html! {
        li {
            div.main {
                a href={ "/transactions/" (transaction.hash()) } { (deed(console, transaction)) }
                span.line { "by " (member(console, transaction.sender())) }
            }
            div.aside {
                (outcome(receipt))
                span.line.hash { (words::short(&transaction.hash())) }
            }
        }
    }
}

/// What a transaction does, in a few words.
fn deed(console: &Console, transaction: &SignedTransaction) -> String {
    let envelope = transaction.envelope();
    let Some(to) = envelope.to() else { return "Deploy a contract".to_owned() };
    if let Some(call) = console.decoder.call(to, envelope.input()) {
        return deed_of_call(&call);
    }
    if let Some(module) = console.decoder.module(to) {
        return format!("Call {}", module.name);
    }
    if let Some((recipient, amount)) = token_transfer(envelope.input()) {
        return format!("Send {amount} token units to {}", words::short_address(&recipient));
    }
    if envelope.input().is_empty() {
        let value = words::coins(envelope.value());
        return format!("Send {value} to {}", words::short_address(&to));
    }
    format!("Call contract {}", words::short_address(&to))
}

fn deed_of_call(call: &Decoded<'_>) -> String {
    match (call.name, call.values.as_slice()) {
        ("capture", [_, (_, Value::List(events))]) => {
            format!("Capture {}", words::count(events.len() as u64, "event", "events"))
        }
        (name, _) => spelled(name),
    }
}

/// An ERC-20 `transfer(address,uint256)`.
fn token_transfer(input: &[u8]) -> Option<(Address, U256)> {
    let arguments = input.strip_prefix(&[0xa9, 0x05, 0x9c, 0xbb])?;
    let (recipient, amount) = arguments.split_at_checked(32)?;
    let amount = amount.get(..32)?;
    Some((Address::from_word(B256::from_slice(recipient)), U256::from_be_slice(amount)))
}

fn outcome(receipt: &ExecutedReceipt) -> Markup {
    if receipt.succeeded() {
        html! { span.tag.good { "done" } }
    } else {
        html! { span.tag.alarm { "refused" } }
    }
}

/// The organisation of an account, or the account's number.
pub(crate) fn member(console: &Console, account: Address) -> Markup {
    html! {
        @match console.organisation_of(account) {
            Some(organisation) => span title=(account) { (organisation) },
            None => span.hash title=(account) { (words::short_address(&account)) },
        }
    }
}

/// `GET /transactions/{hash}`.
pub(crate) async fn one(State(console): State<Console>, Path(wanted): Path<String>) -> Response {
    let made = made(&console, &wanted).await;
    console.answer(made)
}

async fn made(console: &Console, wanted: &str) -> Result<Response, Trouble> {
    let Ok(hash) = wanted.parse::<B256>() else {
        let text = format!("“{wanted}” is not a transaction hash (0x and 64 hexadecimal digits).");
        return Err(Trouble::Unclear(text));
    };
    if let Some((block, position)) = console.chain.transaction(hash).await? {
        return show(console, &block, position).await;
    }
    match console.chain.pooled(hash) {
        Some(transaction) => show_waiting(console, &transaction).await,
        None => Err(Trouble::Missing(format!("No transaction {} is known.", words::short(&hash)))),
    }
}

async fn show_waiting(
    console: &Console,
    transaction: &Arc<SignedTransaction>,
) -> Result<Response, Trouble> {
    let known = Interfaces::of(console, transaction.envelope().to()).await?;
    let body = html! {
        div.lead { h1 { (deed(console, transaction)) } }
        div.state.waiting role="status" {
            span.dot {}
            p { "This transaction waits in the pool. It is not final yet." }
        }
        (call(console, &known, transaction))
        (facts(console, transaction, None))
    };
    let page = Page { title: "Transaction", section: Section::Blocks, body };
    Ok(page.render(&console.status()))
}

async fn show(
    console: &Console,
    finalized: &FinalizedBlock,
    position: usize,
) -> Result<Response, Trouble> {
    let transaction = &finalized.block.transactions[position];
    let receipt = &finalized.receipts[position];
    let number = finalized.block.number();
    let envelope = transaction.envelope();
    // States that are gone give no tree; the rest of the page does without.
    let tree = call_tree(&*console.chain, finalized, position).await.ok();
    let mut named: Vec<Address> = envelope.to().into_iter().collect();
    named.extend(receipt.logs().iter().map(|log| log.address));
    named.extend(tree.iter().flat_map(calls::addresses));
    let known = Interfaces::of(console, named).await?;
    let of_contract = envelope
        .to()
        .filter(|to| console.decoder.module(*to).is_none())
        .and_then(|to| known.call(to, envelope.input()));
    let body = html! {
        p.crumb {
            a href="/blocks" { "Blocks" } " / "
            a href={ "/blocks/" (number) } { "Block " (words::number(number)) }
        }
        div.lead {
            h1 {
                @match of_contract {
                    Some((name, told)) => { (spelled(&told.name)) " at " (name) }
                    None => (deed(console, transaction)),
                }
            }
            p.soft {
                "By " (member(console, transaction.sender())) ", final since "
                (words::instant(finalized.timestamp_ms)) "."
            }
        }
        (result(console, &known, transaction, receipt))
        (call(console, &known, transaction))
        (logs(console, &known, receipt))
        @if let Some(tree) = &tree { (calls::card(console, &known, tree)) }
        @else {
            p.soft.small { "The calls within it cannot be told any more: the state before it is gone." }
        }
        (facts(console, transaction, Some(receipt)))
    };
    let page = Page { title: "Transaction", section: Section::Blocks, body };
    Ok(page.render(&console.status()))
}

/// Whether it took effect, and if not: why, and what to do.
fn result(
    console: &Console,
    known: &Interfaces,
    transaction: &SignedTransaction,
    receipt: &ExecutedReceipt,
) -> Markup {
    if receipt.succeeded() {
        return html! { div.state { span.dot {} p { "Done: it took effect in full." } } };
    }
    let is_out_of_gas = receipt.gas_used >= transaction.gas_limit();
    let told = known.error(&receipt.output);
    let after = "It changed nothing besides the sender's counter.";
    if is_out_of_gas && told.is_none() && console.decoder.why(&receipt.output).is_none() {
        return html! {
            div.state.alarm { span.dot {} div {
                p { "Refused: the gas that it allowed ran out." } p { (after) }
            } }
        };
    }
    html! {
        div.state.alarm { span.dot {} div {
            (why_words(console, told, &receipt.output)) p { (after) }
        } }
    }
}

/// The call of a module or a contract with its arguments.
fn call(console: &Console, known: &Interfaces, transaction: &SignedTransaction) -> Markup {
    let envelope = transaction.envelope();
    let call = envelope.to().and_then(|to| console.decoder.call(to, envelope.input()));
    let Some(call) = call else {
        let told = envelope.to().and_then(|to| known.call(to, envelope.input()));
        if let Some((name, told)) = told {
            return html! {
                section.card aria-labelledby="call" {
                    header { h2 id="call" { (spelled(&told.name)) } span.tag.accent { (name) } }
                    (told_values(console, told.values))
                }
            };
        }
        return html! {
            @if !envelope.input().is_empty() {
                section.card aria-labelledby="input" {
                    header { h2 id="input" { "Input" } }
                    div.pad { (raw(envelope.input())) }
                }
            }
        };
    };
    html! {
        section.card aria-labelledby="call" {
            header { h2 id="call" { (spelled(call.name)) } (module_tag(&call)) }
            @if !call.about.is_empty() {
                div.pad { p.soft { (words::prose(&call.about)) } }
            }
            (values(console, &call))
        }
    }
}

fn module_tag(decoded: &Decoded<'_>) -> Markup {
    html! { span.tag.accent { (decoded.module) } }
}

/// What the modules and contracts told while it ran.
fn logs(console: &Console, known: &Interfaces, receipt: &ExecutedReceipt) -> Markup {
    let logs = receipt.logs();
    if logs.is_empty() {
        return html! {};
    }
    html! {
        section.card aria-labelledby="logs" {
            header {
                h2 id="logs" { "What it brought about" }
                span.soft.small { (words::count(logs.len() as u64, "record", "records")) }
            }
            ul.rows {
                @for log in logs.iter().take(LOGS_SHOWN_MAX) { li { (log_line(console, known, log)) } }
            }
            @if logs.len() > LOGS_SHOWN_MAX {
                p.empty { "The first " (LOGS_SHOWN_MAX) " are shown." }
            }
        }
    }
}

/// What a log says.
pub(crate) fn log_line(console: &Console, known: &Interfaces, log: &Log) -> Markup {
    let topics = log.data.topics();
    let Some(event) = console.decoder.event(log.address, topics, &log.data.data) else {
        if let Some((name, told)) = known.event(log.address, topics, &log.data.data) {
            return html! {
                div.main {
                    strong { (spelled(&told.name)) } " "
                    a.tag.accent href={ "/contracts/" (log.address) } { (name) }
                    details { summary { "What it says" } (told_values(console, told.values)) }
                }
            };
        }
        return html! {
            div.main {
                strong {
                    "Log of contract "
                    a href={ "/contracts/" (log.address) } { (words::short_address(&log.address)) }
                }
                @for topic in topics { span.line.whole { (topic) } }
            }
        };
    };
    let captured = event.values.iter().find_map(|(name, value)| match value {
        Value::Hash(hash) if *name == "eventHash" => Some(*hash),
        _ => None,
    });
    html! {
        div.main {
            strong { (spelled(event.name)) } " " (module_tag(&event))
            @if let Some(hash) = captured {
                " " a.hash href={ "/events/" (format!("{hash:x}")) } { (words::short(&hash)) }
            }
            details {
                summary { "What it says" }
                (values(console, &event))
            }
        }
    }
}

/// A contract or an account by its name, as far as it has one.
pub(crate) fn address_words(console: &Console, known: &Interfaces, address: Address) -> Markup {
    let name = match known.get(address) {
        Some(known) => Some(known.name.as_str()),
        None => console.organisation_of(address),
    };
    html! {
        a href={ "/accounts/" (address) } title=(address) {
            @match name {
                Some(name) => (name),
                None => span.hash { (words::short_address(&address)) },
            }
        }
    }
}

fn facts(
    console: &Console,
    transaction: &SignedTransaction,
    receipt: Option<&ExecutedReceipt>,
) -> Markup {
    let envelope = transaction.envelope();
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    html! {
        section.card aria-labelledby="details" {
            header { h2 id="details" { "Details" } }
            dl.facts {
                (fact("Hash", html! { span.whole { (transaction.hash()) } }))
                (fact("From", html! {
                    (member(console, transaction.sender())) " "
                    a.whole href={ "/accounts/" (transaction.sender()) } { (transaction.sender()) }
                }))
                @if let Some(to) = envelope.to() {
                    (fact("To", html! {
                        @if let Some(module) = console.decoder.module(to) {
                            "module " (module.name) " "
                        }
                        a.whole href={ "/accounts/" (to) } { (to) }
                    }))
                }
                @if envelope.value() > U256::ZERO {
                    (fact("Value", html! { (words::coins(envelope.value())) }))
                }
                @if let Some(receipt) = receipt {
                    @if let Some(created) = receipt.contract_address {
                        (fact("Contract made", html! {
                            a.whole href={ "/contracts/" (created) } { (created) }
                        }))
                    }
                    (fact("Gas used", html! {
                        span.number { (words::number(receipt.gas_used)) } " of "
                        span.number { (words::number(transaction.gas_limit())) } " allowed; free"
                    }))
                }
                @if receipt.is_some() && console.is_voted() {
                    (fact("Proof", html! {
                        a href={ "/proofs/transactions/" (transaction.hash()) } download="proof.json" {
                            "Download"
                        }
                        span.line { "for " code { "qiao verify" } ", which asks nobody" }
                    }))
                }
                (fact("Counter (nonce)", html! { span.number { (transaction.nonce()) } }))
                (fact("Size", html! { (words::bytes(transaction.encoded().len() as u64)) }))
            }
        }
    }
}
