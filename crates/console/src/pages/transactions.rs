//! `/transactions/{hash}`: who sent what, in words, and what came of it.

use std::sync::Arc;

use alloy_consensus::Transaction as _;
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};
use qiao_epcis::{Event, Limits};
use qiao_types::{Address, B256, ExecutedReceipt, FinalizedBlock, Log, SignedTransaction, U256};

use crate::{
    console::{Console, Trouble},
    decoding::{Decoded, Value, role_name, spelled},
    shell::{Page, Section},
    telling, words,
};

const LOGS_SHOWN_MAX: usize = 200;
const LIST_SHOWN_MAX: usize = 12;
const TEXT_SHOWN_MAX: usize = 400;
const BODY_SHOWN_MAX: usize = 20_000;

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
        return Ok(show(console, &block, position));
    }
    match console.chain.pooled(hash) {
        Some(transaction) => Ok(show_waiting(console, &transaction)),
        None => Err(Trouble::Missing(format!("No transaction {} is known.", words::short(&hash)))),
    }
}

fn show_waiting(console: &Console, transaction: &Arc<SignedTransaction>) -> Response {
    let body = html! {
        div.lead { h1 { (deed(console, transaction)) } }
        div.state.waiting role="status" {
            span.dot {}
            p { "This transaction waits in the pool. It is not final yet." }
        }
        (call(console, transaction))
        (facts(console, transaction, None))
    };
    let page = Page { title: "Transaction", section: Section::Blocks, body };
    page.render(&console.status())
}

fn show(console: &Console, finalized: &FinalizedBlock, position: usize) -> Response {
    let transaction = &finalized.block.transactions[position];
    let receipt = &finalized.receipts[position];
    let number = finalized.block.number();
    let body = html! {
        p.crumb {
            a href="/blocks" { "Blocks" } " / "
            a href={ "/blocks/" (number) } { "Block " (words::number(number)) }
        }
        div.lead {
            h1 { (deed(console, transaction)) }
            p.soft {
                "By " (member(console, transaction.sender())) ", final since "
                (words::instant(finalized.timestamp_ms)) "."
            }
        }
        (result(console, transaction, receipt))
        (call(console, transaction))
        (logs(console, receipt))
        (facts(console, transaction, Some(receipt)))
    };
    let page = Page { title: "Transaction", section: Section::Blocks, body };
    page.render(&console.status())
}

/// Whether it took effect, and if not: why, and what to do.
fn result(console: &Console, transaction: &SignedTransaction, receipt: &ExecutedReceipt) -> Markup {
    if receipt.succeeded() {
        return html! { div.state { span.dot {} p { "Done: it took effect in full." } } };
    }
    let is_out_of_gas = receipt.gas_used >= transaction.gas_limit();
    html! {
        div.state.alarm {
            span.dot {}
            div {
                @match console.decoder.why(&receipt.output) {
                    Some(why) => {
                        p { "Refused: " (words::prose(&why.cause)) }
                        @for (name, value) in &why.arguments {
                            p { (spelled(name)) ": " (value) }
                        }
                        @if !why.remedy.is_empty() { p { "What helps: " (words::prose(&why.remedy)) } }
                        @if let Some(code) = &why.code { p { code { (code) } } }
                    }
                    None if is_out_of_gas => p { "Refused: the gas that it allowed ran out." },
                    None => p { "Refused by the contract, without a reason that can be read." },
                }
                p { "It changed nothing besides the sender's counter." }
            }
        }
    }
}

/// The call of a module with its arguments.
fn call(console: &Console, transaction: &SignedTransaction) -> Markup {
    let envelope = transaction.envelope();
    let call = envelope.to().and_then(|to| console.decoder.call(to, envelope.input()));
    let Some(call) = call else {
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

fn values(console: &Console, decoded: &Decoded<'_>) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in &decoded.values {
                div {
                    dt { (spelled(name)) }
                    dd {
                        @match (*name, value) {
                            ("party" | "organisation", Value::Number(id)) => {
                                (organisation(console, *id))
                            }
                            ("role", Value::Number(role)) => (role_name(*role)),
                            ("eventHash", Value::Hash(hash)) => {
                                a.whole href={ "/events/" (format!("{hash:x}")) } { (hash) }
                            }
                            _ => (value_words(console, value)),
                        }
                    }
                }
            }
        }
    }
}

fn organisation(console: &Console, id: U256) -> Markup {
    let number = u64::try_from(id).ok();
    let known = number.and_then(|number| console.chain.genesis().organisation(number));
    html! {
        @match known {
            Some(organisation) => { (organisation.name) }
            None => { "organisation " (id) }
        }
    }
}

/// A value as people read it.
fn value_words(console: &Console, value: &Value) -> Markup {
    match value {
        Value::Number(number) => html! { span.number { (number) } },
        Value::Truth(truth) => html! { @if *truth { "yes" } @else { "no" } },
        Value::Account(account) => html! {
            @if let Some(name) = console.organisation_of(*account) { (name) " " }
            span.whole.soft { (account) }
        },
        Value::Hash(hash) => html! { span.whole { (hash) } },
        Value::Text(text) => html! { (cut(text)) },
        Value::Bytes(bytes) => body(console, bytes),
        Value::List(list) => html! {
            @if list.is_empty() { "none" }
            ol.list {
                @for value in list.iter().take(LIST_SHOWN_MAX) {
                    li { (value_words(console, value)) }
                }
            }
            @if list.len() > LIST_SHOWN_MAX {
                p.soft { "and " (words::number((list.len() - LIST_SHOWN_MAX) as u64)) " more" }
            }
        },
    }
}

/// Bytes: an EPCIS event as its sentence, text as text, anything else in hexadecimal.
fn body(console: &Console, bytes: &[u8]) -> Markup {
    if let Ok(event) = Event::parse(bytes, &Limits::default()) {
        let text = String::from_utf8_lossy(bytes);
        return html! {
            a href={ "/events/" (event.hash().to_hex()) } {
                (telling::sentence_of(&console.labels, &event))
            }
            details {
                summary { "As it was sent, " (words::bytes(bytes.len() as u64)) }
                pre { code { (cut_to(&text, BODY_SHOWN_MAX)) } }
            }
        };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.contains('\0') => html! { (cut(text)) },
        _ => raw(bytes),
    }
}

fn raw(bytes: &[u8]) -> Markup {
    let shown = &bytes[..bytes.len().min(TEXT_SHOWN_MAX)];
    html! {
        span.whole { "0x" (alloy_primitives::hex::encode(shown)) }
        @if bytes.len() > shown.len() {
            span.soft { " … " (words::bytes(bytes.len() as u64)) " in all" }
        }
    }
}

fn cut(text: &str) -> String {
    cut_to(text, TEXT_SHOWN_MAX)
}

fn cut_to(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters).chain(['…']).collect()
}

/// What the modules and contracts told while it ran.
fn logs(console: &Console, receipt: &ExecutedReceipt) -> Markup {
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
                @for log in logs.iter().take(LOGS_SHOWN_MAX) { li { (log_line(console, log)) } }
            }
            @if logs.len() > LOGS_SHOWN_MAX {
                p.empty { "The first " (LOGS_SHOWN_MAX) " are shown." }
            }
        }
    }
}

fn log_line(console: &Console, log: &Log) -> Markup {
    let topics = log.data.topics();
    let Some(event) = console.decoder.event(log.address, topics, &log.data.data) else {
        return html! {
            div.main {
                strong { "Log of contract " (words::short_address(&log.address)) }
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
                    span.whole.soft { (transaction.sender()) }
                }))
                @if let Some(to) = envelope.to() {
                    (fact("To", html! {
                        @if let Some(module) = console.decoder.module(to) {
                            "module " (module.name) " "
                        }
                        span.whole.soft { (to) }
                    }))
                }
                @if envelope.value() > U256::ZERO {
                    (fact("Value", html! { (words::coins(envelope.value())) }))
                }
                @if let Some(receipt) = receipt {
                    @if let Some(created) = receipt.contract_address {
                        (fact("Contract made", html! { span.whole { (created) } }))
                    }
                    (fact("Gas used", html! {
                        span.number { (words::number(receipt.gas_used)) } " of "
                        span.number { (words::number(transaction.gas_limit())) } " allowed; free"
                    }))
                }
                (fact("Counter (nonce)", html! { span.number { (transaction.nonce()) } }))
                (fact("Size", html! { (words::bytes(transaction.encoded().len() as u64)) }))
            }
        }
    }
}
