//! A form for every function of a contract: what reads is answered at once, what writes is confirmed
//! and signed by the node's account.

use std::collections::BTreeMap;

use maud::{Markup, html};
use qiao_api::{
    calling,
    contracts::{ContractState, abi::FunctionShown, true_code},
};
use qiao_execution::{AccountOverride, CallRequest, CallStatus};
use qiao_types::U256;

use crate::{
    console::{Console, Trouble},
    decoding::spelled,
    forms::Fields,
    interfaces::Known,
    pages::told::{told_values, why_card},
};

/// Functions shown on one page.
const FUNCTIONS_SHOWN_MAX: usize = 300;

/// What a page was asked for one function.
struct Asked<'a> {
    signature: &'a str,
    arguments: Vec<String>,
    answer: Option<Markup>,
}

/// The functions, in two cards.
pub(super) async fn cards(
    console: &Console,
    state: &ContractState,
    known: &Known,
    fields: &Fields,
) -> Result<Markup, Trouble> {
    let asked = match (fields.get("f"), fields.get("fill")) {
        (Some(signature), _) => Some(Asked {
            signature,
            arguments: fields.all("a"),
            answer: Some(answer(console, state, known, signature, &fields.all("a")).await?),
        }),
        (None, Some(signature)) => {
            Some(Asked { signature, arguments: fields.all("a"), answer: None })
        }
        (None, None) => None,
    };
    let functions = known.abi.functions();
    let (reads, writes): (Vec<_>, Vec<_>) =
        functions.iter().take(FUNCTIONS_SHOWN_MAX).partition(|function| function.is_read);
    let form = |function: &FunctionShown| {
        let asked = asked.as_ref().filter(|asked| asked.signature == function.signature);
        one(console, state, function, asked)
    };
    Ok(html! {
        @if !reads.is_empty() {
            section.card aria-labelledby="reads" {
                header { h2 id="reads" { "Ask" } span.soft.small { "answered at once" } }
                div.pad { @for function in &reads { (form(function)) } }
            }
        }
        @if !writes.is_empty() {
            section.card aria-labelledby="writes" {
                header { h2 id="writes" { "Do" } span.soft.small { "confirmed, then signed" } }
                div.pad {
                    @if console.chain.signer().is_none() {
                        p.soft { "This node has no account to sign with: these can only be looked at." }
                    }
                    @for function in &writes { (form(function)) }
                }
            }
        }
    })
}

/// Where a function stands on the page.
pub(super) fn anchor(signature: &str) -> String {
    let letters = signature.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    format!("f-{}", letters.collect::<String>())
}

fn one(
    console: &Console,
    state: &ContractState,
    function: &FunctionShown,
    asked: Option<&Asked<'_>>,
) -> Markup {
    let id = anchor(&function.signature);
    let page = format!("/contracts/{}", state.address);
    let (method, action) = match function.is_read {
        true => ("get", format!("{page}#{id}")),
        false => ("post", format!("{page}/confirm")),
    };
    let can_send = function.is_read || console.chain.signer().is_some();
    html! {
        details id=(id) open[asked.is_some()] {
            summary { (spelled(&function.name)) }
            form.fill method=(method) action=(action) {
                p.soft.small { code { (function.signature) } (returns(function)) }
                input type="hidden" name="f" value=(function.signature);
                @if !function.is_read {
                    input type="hidden" name="seal" value=(console.seal.word());
                }
                @for (at, input) in function.inputs.iter().enumerate() {
                    (field(&id, at, &input.name, &input.kind, asked))
                }
                @if function.is_payable {
                    label for={ (id) "-value" } { "Wei to send" }
                    input id={ (id) "-value" } name="value" value="0" inputmode="numeric" autocomplete="off";
                }
                @if can_send {
                    button { @if function.is_read { "Ask" } @else { "Try out…" } }
                }
            }
            @if let Some(answer) = asked.and_then(|asked| asked.answer.as_ref()) {
                div.reply role="status" { (answer) }
            }
        }
    }
}

fn field(id: &str, at: usize, name: &str, kind: &str, asked: Option<&Asked<'_>>) -> Markup {
    let id = format!("{id}-{at}");
    let value = asked.and_then(|asked| asked.arguments.get(at)).map_or("", String::as_str);
    let label = if name.is_empty() { format!("Argument {}", at + 1) } else { spelled(name) };
    html! {
        label for=(id) { (label) " " code { (kind) } }
        @if kind == "bool" {
            select id=(id) name="a" {
                option value="false" selected[value != "true"] { "no" }
                option value="true" selected[value == "true"] { "yes" }
            }
        } @else {
            input id=(id) name="a" value=(value) placeholder=(example(kind)) autocomplete="off"
                spellcheck="false";
        }
    }
}

/// How an argument of this type is written.
pub(super) fn example(kind: &str) -> &'static str {
    match kind {
        "address" => "0x…",
        "string" => "text",
        "bytes" => "0x…",
        _ if kind.ends_with(']') => "[1,2]",
        _ if kind.starts_with("bytes") => "0x…",
        _ if kind.starts_with("uint") || kind.starts_with("int") => "0",
        _ if kind.starts_with('(') => "(1,2)",
        _ => "",
    }
}

fn returns(function: &FunctionShown) -> String {
    let kinds: Vec<&str> = function.outputs.iter().map(|output| output.kind.as_str()).collect();
    if kinds.is_empty() { String::new() } else { format!(" answers {}", kinds.join(", ")) }
}

/// Asks a function that reads. A frozen contract is asked with its true code laid over the call.
async fn answer(
    console: &Console,
    state: &ContractState,
    known: &Known,
    signature: &str,
    arguments: &[String],
) -> Result<Markup, Trouble> {
    let wrong = |text: String| Ok(html! { p.alarm { (text) } });
    let data = match known.abi.encode(signature, arguments) {
        Ok(data) => data,
        Err(error) => return wrong(format!("{error}.")),
    };
    if !known.abi.function(signature).is_ok_and(|function| function.is_read) {
        return wrong(
            "This function changes something: it is not asked, but confirmed.".to_owned(),
        );
    }
    let mut overrides = BTreeMap::new();
    if !state.freezes.is_empty() {
        let code = Some(true_code(&*console.chain, state.code_hash).await?);
        overrides.insert(state.address, AccountOverride { code, ..AccountOverride::default() });
    }
    let request = CallRequest {
        from: console.chain.signer().map(|signer| signer.address()).unwrap_or_default(),
        to: Some(state.address),
        data,
        value: U256::ZERO,
        overrides,
        ..CallRequest::default()
    };
    let outcome = calling::at_head(&*console.chain, request).await?;
    Ok(match outcome.status {
        CallStatus::Success => match known.abi.answer(signature, &outcome.output) {
            Some(values) if values.is_empty() => html! { p.soft { "It answered nothing." } },
            Some(mut values) => {
                // A single answer mostly has no name: its number says nothing.
                if let [(name, _)] = values.as_mut_slice()
                    && *name == "1"
                {
                    *name = "answer".to_owned();
                }
                told_values(console, values)
            }
            None => html! { p.alarm { "Its answer does not fit its interface." } },
        },
        CallStatus::Reverted => why_card(console, Some(&known.abi), &outcome.output),
        CallStatus::Halted(reason) => html! { p.alarm { "It could not be executed: " (reason) } },
    })
}
