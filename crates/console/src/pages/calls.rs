//! The calls within a transaction, as a tree.

use maud::{Markup, html};
use qiao_api::contracts::CallNode;
use qiao_types::{Address, U256};

use super::{told::told_inline, transactions::address_words};
use crate::{
    console::Console,
    decoding::{Value, spelled},
    interfaces::Interfaces,
    words,
};

/// Calls shown of one transaction.
const CALLS_SHOWN_MAX: usize = 200;

/// Deeper calls are not shown.
const DEPTH_SHOWN_MAX: usize = 24;

/// The contracts that a tree names.
pub(crate) fn addresses(tree: &CallNode) -> Vec<Address> {
    let mut addresses = Vec::new();
    let mut waiting = vec![tree];
    while let Some(node) = waiting.pop() {
        addresses.extend(node.to);
        waiting.extend(&node.calls);
        if addresses.len() >= CALLS_SHOWN_MAX {
            break;
        }
    }
    addresses
}

/// The tree as a card; nothing where the transaction called nobody else.
pub(crate) fn card(console: &Console, known: &Interfaces, tree: &CallNode) -> Markup {
    if tree.calls.is_empty() {
        return html! {};
    }
    let mut left = CALLS_SHOWN_MAX;
    html! {
        section.card aria-labelledby="calls" {
            header { h2 id="calls" { "Calls within it" } }
            div.pad.tree {
                ul { (node(console, known, tree, 0, &mut left)) }
                @if left == 0 { p.soft { "The first " (CALLS_SHOWN_MAX) " calls are shown." } }
            }
        }
    }
}

fn node(
    console: &Console,
    known: &Interfaces,
    call: &CallNode,
    depth: usize,
    left: &mut usize,
) -> Markup {
    if *left == 0 {
        return html! {};
    }
    *left -= 1;
    let is_deep = depth == DEPTH_SHOWN_MAX && !call.calls.is_empty();
    html! {
        li.failed[call.error.is_some()] {
            div {
                span.tag { (kind(&call.kind)) } " "
                @if let Some(to) = call.to { (address_words(console, known, to)) " " }
                (deed(console, known, call))
                @if call.value > U256::ZERO { " with " (words::coins(call.value)) }
                " " span.soft.small.nowrap { (words::number(call.gas_used)) " gas" }
                @if let Some(error) = &call.error {
                    span.line.alarm { "failed: " (reason(console, known, call, error)) }
                }
            }
            @if is_deep { p.soft { "deeper calls are not shown" } }
            @else if !call.calls.is_empty() {
                ul {
                    @for inner in &call.calls { (node(console, known, inner, depth + 1, left)) }
                }
            }
        }
    }
}

fn kind(kind: &str) -> &str {
    match kind {
        "CALL" => "call",
        "STATICCALL" => "ask",
        "DELEGATECALL" => "borrow code",
        "CALLCODE" => "borrow code, old",
        "CREATE" | "CREATE2" => "create",
        "SELFDESTRUCT" => "destroy",
        other => other,
    }
}

/// What is called, with its arguments, as far as the interface is known.
fn deed(console: &Console, known: &Interfaces, call: &CallNode) -> Markup {
    if call.kind.starts_with("CREATE") || call.input.is_empty() {
        return html! {};
    }
    let to = call.to.unwrap_or_default();
    if let Some(decoded) = console.decoder.call(to, &call.input) {
        let values = decoded.values.iter().map(|(name, value)| (*name, value));
        return html! { strong { (spelled(decoded.name)) } (told_inline(values)) };
    }
    if let Some((_, told)) = known.call(to, &call.input) {
        let values: Vec<(String, Value)> =
            told.values.into_iter().map(|(name, value)| (name, value.into())).collect();
        let values = values.iter().map(|(name, value)| (name.as_str(), value));
        return html! { strong { (spelled(&told.name)) } (told_inline(values)) };
    }
    let selector = &call.input[..call.input.len().min(4)];
    html! { code { "0x" (alloy_primitives::hex::encode(selector)) } }
}

fn reason(console: &Console, known: &Interfaces, call: &CallNode, error: &str) -> String {
    if let Some(why) = console.decoder.why(&call.output) {
        return why.cause;
    }
    match known.error(&call.output) {
        Some(told) => {
            let values: Vec<String> =
                told.values.iter().map(|(name, value)| format!("{name} {value}")).collect();
            format!("{} ({})", told.name, values.join(", "))
        }
        None => error.to_owned(),
    }
}
