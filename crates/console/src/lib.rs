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
    routing::{any, get, post},
};
use qiao_api::{Chain, goods::PRIMARY_KEYS};

use crate::console::Console;
pub use crate::console::Settings;

/// Bytes of a form: an artifact, percent-encoded.
const FORM_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The console's pages with what an operator decides if nobody does.
pub fn router(chain: Arc<dyn Chain>) -> Router {
    router_with(chain, Settings::default())
}

/// What people do with goods.
fn goods_routes() -> Router<Console> {
    use pages::goods::{coverage, hub, import, labels, lens, phone, quality, sheet};
    Router::new()
        .route("/goods", get(hub))
        .route("/phone", get(phone::page))
        .route("/import", get(import::page))
        .route("/labels", get(labels::page))
        .route("/labels.pdf", get(labels::file))
        .route("/labels.zpl", get(labels::file))
        .route("/quality", get(quality::page))
        .route("/coverage", get(coverage::page))
        .route("/coverage.csv", get(coverage::page))
        .route("/coverage.xlsx", get(coverage::page))
        .route("/lens", get(lens::page))
        .route("/lens.csv", get(lens::page))
        .route("/lens.xlsx", get(lens::page))
        .route("/fsma204.csv", get(sheet::fsma))
        .route("/fsma204.xlsx", get(sheet::fsma))
}

/// The console's pages, under `/`. Unknown paths get a page that says so.
pub fn router_with(chain: Arc<dyn Chain>, settings: Settings) -> Router {
    let console = Console::new(chain, settings);
    let mut routes = Router::new();
    for key in PRIMARY_KEYS {
        routes = routes.route(&format!("/{key}/{{*rest}}"), any(pages::product::one));
    }
    routes
        .route("/.well-known/gs1resolver", get(pages::product::described))
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
        .merge(goods_routes())
        .route("/search", get(pages::search::go))
        .route("/live", get(live::stream))
        .route("/login", get(pages::login::page))
        .fallback(console::no_such_page)
        .with_state(console)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .merge(assets::routes())
        .layer(middleware::from_fn(security::headers))
}
