//! The search field: finds out what was meant and goes there.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use qiao_api::contracts::contract_state;
use qiao_types::{Address, B256};
use serde::Deserialize;

use crate::{
    console::{Console, Trouble},
    shell::{Page, Section},
};

/// Names that one search shows.
const FOUND_MAX: u32 = 50;

#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
}

/// What was meant.
enum Target {
    /// One page.
    Page(String),
    /// Several: names with their pages.
    Choice(Vec<(String, String)>),
}

/// `GET /search?q=…`: a height, a hash, an address, the name of a member or a contract, or else an
/// identifier to trace.
pub(crate) async fn go(
    State(console): State<Console>,
    search: Result<Query<Search>, QueryRejection>,
) -> Response {
    let Query(search) = match search {
        Ok(search) => search,
        Err(rejection) => return console.trouble(&rejection.into()),
    };
    let wanted = search.q.trim();
    let found = match target(&console, wanted).await {
        Ok(Some(path)) => Ok(Target::Page(path)),
        Ok(None) => named(&console, wanted).await,
        Err(trouble) => Err(trouble),
    };
    console.answer(found.map(|target| match target {
        Target::Page(path) => Redirect::to(&path).into_response(),
        Target::Choice(choice) => choose(&console, wanted, &choice),
    }))
}

fn choose(console: &Console, wanted: &str, choice: &[(String, String)]) -> Response {
    let body = html! {
        div.lead { h1 { "“" (wanted) "” may be" } }
        section.card {
            ul.rows {
                @for (name, path) in choice { li { div.main { a href=(path) { (name) } } } }
            }
        }
        nav.choices aria-label="Something else" {
            a href={ "/trace?id=" (encoded(wanted)) } { "Trace it as an identifier" }
        }
    };
    Page { title: "Search", section: Section::None, body }.render(&console.status())
}

/// Members and contracts whose name contains the text, or whose Global Location Number it is.
async fn named(console: &Console, wanted: &str) -> Result<Target, Trouble> {
    let trace = format!("/trace?id={}", encoded(wanted));
    let small = wanted.to_lowercase();
    let has_words = small.chars().any(char::is_alphabetic) && !small.contains([':', '/', '(']);
    let index = console.chain.index();
    let mut found = Vec::new();
    for organisation in index.organisations().await? {
        let is_gln = organisation.gln.as_deref() == Some(wanted);
        if is_gln || (has_words && organisation.name.to_lowercase().contains(&small)) {
            found.push((organisation.name, format!("/members#member-{}", organisation.id)));
        }
    }
    if has_words {
        for (address, name) in index.contracts_named(wanted, FOUND_MAX).await? {
            found.push((format!("{name}, a contract"), format!("/contracts/{address}")));
        }
        let sources = console.chain.sources().map(|sources| sources.names()).unwrap_or_default();
        for (address, name) in sources {
            let path = format!("/contracts/{address}");
            let is_new = !found.iter().any(|(_, known)| *known == path);
            if is_new && name.to_lowercase().contains(&small) {
                found.push((format!("{name}, a source"), path));
            }
        }
    }
    found.truncate(FOUND_MAX as usize);
    Ok(match found.as_slice() {
        [] => Target::Page(trace),
        [(_, only)] => Target::Page(only.clone()),
        _ => Target::Choice(found),
    })
}

/// Where a height, a hash or an address leads; `None` for anything else.
async fn target(console: &Console, wanted: &str) -> Result<Option<String>, Trouble> {
    if wanted.is_empty() {
        return Ok(Some("/trace".to_owned()));
    }
    let digits: String = wanted.chars().filter(|c| *c != ',').collect();
    if digits.len() < 12 && digits.parse::<u64>().is_ok() {
        return Ok(Some(format!("/blocks/{digits}")));
    }
    if wanted.starts_with("ni:///") {
        return Ok(Some(format!("/events/{}", encoded(wanted))));
    }
    if let Ok(address) = wanted.parse::<Address>() {
        let is_contract = contract_state(&*console.chain, address).await?.is_some();
        let page = if is_contract { "contracts" } else { "accounts" };
        return Ok(Some(format!("/{page}/{address}")));
    }
    if let Ok(hash) = wanted.parse::<B256>() {
        let is_block = console.chain.block_by_hash(hash).await?.is_some();
        let is_event = !is_block && console.chain.transaction(hash).await?.is_none();
        return Ok(Some(match (is_block, is_event) {
            (true, _) => format!("/blocks/{hash}"),
            (_, true) => format!("/events/{hash:x}"),
            _ => format!("/transactions/{hash}"),
        }));
    }
    Ok(None)
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
