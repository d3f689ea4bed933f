//! The search field: finds out what was meant and goes there.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use qiao_types::B256;
use serde::Deserialize;

use crate::console::{Console, Trouble};

#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
}

/// `GET /search?q=…`: a height, a hash, or else an identifier to trace.
pub(crate) async fn go(
    State(console): State<Console>,
    search: Result<Query<Search>, QueryRejection>,
) -> Response {
    let Query(search) = match search {
        Ok(search) => search,
        Err(rejection) => return console.trouble(&rejection.into()),
    };
    let found = target(&console, search.q.trim()).await;
    console.answer(found.map(|path| Redirect::to(&path).into_response()))
}

async fn target(console: &Console, wanted: &str) -> Result<String, Trouble> {
    if wanted.is_empty() {
        return Ok("/trace".to_owned());
    }
    let digits: String = wanted.chars().filter(|c| *c != ',').collect();
    if digits.len() < 12 && digits.parse::<u64>().is_ok() {
        return Ok(format!("/blocks/{digits}"));
    }
    if wanted.starts_with("ni:///") {
        return Ok(format!("/events/{}", encoded(wanted)));
    }
    if let Ok(hash) = wanted.parse::<B256>() {
        let is_block = console.chain.block_by_hash(hash).await?.is_some();
        let is_event = !is_block && console.chain.transaction(hash).await?.is_none();
        return Ok(match (is_block, is_event) {
            (true, _) => format!("/blocks/{hash}"),
            (_, true) => format!("/events/{hash:x}"),
            _ => format!("/transactions/{hash}"),
        });
    }
    Ok(format!("/trace?id={}", encoded(wanted)))
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
