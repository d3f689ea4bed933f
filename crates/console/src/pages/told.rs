//! Values, and reasons of refusals, as people read them.

use maud::{Markup, html};
use qiao_api::contracts::{Abi, AbiValue, Told};
use qiao_epcis::{Event, Limits};
use qiao_types::U256;

use crate::{
    console::Console,
    decoding::{Decoded, Value, role_name, spelled},
    telling, words,
};

const LIST_SHOWN_MAX: usize = 12;
const TEXT_SHOWN_MAX: usize = 400;
const BODY_SHOWN_MAX: usize = 20_000;

/// Why a call was refused, as far as its output says.
pub(crate) fn why_words(console: &Console, told: Option<Told>, output: &[u8]) -> Markup {
    if let Some(why) = console.decoder.why(output) {
        return html! {
            p { "Refused: " (words::prose(&why.cause)) }
            @for (name, value) in &why.arguments { p { (spelled(name)) ": " (value) } }
            @if !why.remedy.is_empty() { p { "What helps: " (words::prose(&why.remedy)) } }
            @if let Some(code) = &why.code { p { code { (code) } } }
        };
    }
    match told {
        Some(told) => html! {
            p { "Refused: " (spelled(&told.name)) "." }
            @for (name, value) in &told.values { p { (spelled(name)) ": " (value) } }
        },
        None => html! { p { "Refused by the contract, without a reason that can be read." } },
    }
}

/// Why a call would be refused, as a message of its own.
pub(crate) fn why_card(console: &Console, abi: Option<&Abi>, output: &[u8]) -> Markup {
    let told = abi.and_then(|abi| abi.error(output));
    html! { div.state.alarm { span.dot {} div { (why_words(console, told, output)) } } }
}

/// Values with their names, one per line.
pub(crate) fn told_values(console: &Console, values: Vec<(String, AbiValue)>) -> Markup {
    let values: Vec<(String, Value)> =
        values.into_iter().map(|(name, value)| (name, value.into())).collect();
    html! {
        dl.facts {
            @for (name, value) in &values {
                div { dt { (spelled(name)) } dd { (value_words(console, value)) } }
            }
        }
    }
}

/// Values within a line.
pub(crate) fn told_inline<'a>(values: impl Iterator<Item = (&'a str, &'a Value)>) -> Markup {
    const SHOWN_MAX: usize = 64;
    let words: Vec<String> = values
        .map(|(name, value)| format!("{name} {}", cut_to(&value.to_string(), SHOWN_MAX)))
        .collect();
    html! { @if !words.is_empty() { " (" (cut(&words.join(", "))) ")" } }
}

/// The values of a call or an event of a module, those that it knows in words.
pub(crate) fn values(console: &Console, decoded: &Decoded<'_>) -> Markup {
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
            a.whole href={ "/accounts/" (account) } { (account) }
        },
        Value::Words(words) => html! { span.number { (words) } },
        Value::Record(fields) => html! {
            ul.list {
                @for (name, value) in fields {
                    li { span.soft { (spelled(name)) ": " } (value_words(console, value)) }
                }
            }
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

/// Bytes in hexadecimal.
pub(crate) fn raw(bytes: &[u8]) -> Markup {
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

/// The text, cut to so many letters.
pub(crate) fn cut_to(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters).chain(['…']).collect()
}
