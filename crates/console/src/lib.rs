//! The console: pages about the chain and the goods on it, made on the server.
//!
//! Pages work on a phone, with a keyboard and without scripts; a script of a few lines keeps the
//! overview up to date and zooms drawings. Nothing is loaded from elsewhere. The pages only read, but
//! for transactions that the node's account signs after somebody confirmed them.

mod assets;
mod console;
mod decoding;
mod drawing;
mod forms;
mod interfaces;
mod labels;
mod live;
mod pages;
mod security;
mod shell;
mod telling;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use qiao_api::Chain;

use crate::console::Console;

/// Bytes of a form: an artifact, percent-encoded.
const FORM_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The console's pages, under `/`. Unknown paths get a page that says so.
pub fn router(chain: Arc<dyn Chain>) -> Router {
    let console = Console::new(chain);
    Router::new()
        .route("/", get(pages::overview::page))
        .route("/blocks", get(pages::blocks::list))
        .route("/blocks/{block}", get(pages::blocks::one))
        .route("/transactions/{hash}", get(pages::transactions::one))
        .route("/events", get(pages::events::list))
        .route("/events/{hash}", get(pages::events::one))
        .route("/members", get(pages::members::page))
        .route("/accounts/{address}", get(pages::accounts::one))
        .route("/contracts", get(pages::contracts::list))
        .route(
            "/contracts/deploy",
            get(pages::contracts::deploy::begin).post(pages::contracts::deploy::arguments),
        )
        .route("/contracts/deploy/confirm", post(pages::contracts::deploy::confirm))
        .route("/contracts/{address}", get(pages::contracts::one))
        .route("/contracts/{address}/confirm", post(pages::contracts::signing::confirm))
        .route("/sign", post(pages::contracts::signing::sign))
        .merge(pages::desks::routes())
        .route("/trace", get(pages::trace::page))
        .route("/search", get(pages::search::go))
        .route("/live", get(live::stream))
        .route("/login", get(pages::login::page))
        .fallback(console::no_such_page)
        .with_state(console)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .merge(assets::routes())
        .layer(middleware::from_fn(security::headers))
}
