//! The style sheet, the script and the icon, embedded in the binary and cached for good under a
//! name that changes with their content.

use std::sync::LazyLock;

use alloy_primitives::keccak256;
use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
    routing::{MethodRouter, get},
};
use maud::{Markup, PreEscaped};

const STYLE: &str = include_str!("../assets/console.css");
const SCRIPT: &str = include_str!("../assets/console.js");
const IMPORT: &str = include_str!("../assets/import.js");
const PHONE: &str = include_str!("../assets/phone.js");
const PHONE_WORKER: &str = include_str!("../assets/phone-worker.js");
const ICON: &str = include_str!("../assets/icon.svg");

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| named("css", STYLE));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| named("js", SCRIPT));
static IMPORT_PATH: LazyLock<String> = LazyLock::new(|| named("js", IMPORT));
static PHONE_PATH: LazyLock<String> = LazyLock::new(|| named("js", PHONE));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| named("svg", ICON));

fn named(extension: &str, content: &str) -> String {
    let hash = keccak256(content);
    format!(
        "/assets/console-{:x}.{extension}",
        alloy_primitives::FixedBytes::<6>::from_slice(&hash[..6])
    )
}

pub(crate) fn style_path() -> &'static str {
    &STYLE_PATH
}

pub(crate) fn script_path() -> &'static str {
    &SCRIPT_PATH
}

pub(crate) fn import_path() -> &'static str {
    &IMPORT_PATH
}

pub(crate) fn phone_path() -> &'static str {
    &PHONE_PATH
}

pub(crate) fn icon_path() -> &'static str {
    &ICON_PATH
}

/// The bridge, drawn in the current colour.
pub(crate) fn mark() -> Markup {
    PreEscaped(
        "<svg viewBox=\"0 0 32 32\" aria-hidden=\"true\"><path d=\"M2 23h28M5 23a11 11 0 0 1 22 0\
         M10.5 23v-9M16 23V12M21.5 23v-9\" fill=\"none\" stroke=\"currentColor\" \
         stroke-width=\"2.4\" stroke-linecap=\"round\"/></svg>"
            .to_owned(),
    )
}

/// The routes of the embedded files.
pub(crate) fn routes() -> Router {
    let file = |kind: &'static str, content: &'static str| {
        get(move || async move {
            let headers =
                [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, content).into_response()
        })
    };
    Router::new()
        .route(style_path(), file("text/css; charset=utf-8", STYLE))
        .route(script_path(), file("text/javascript; charset=utf-8", SCRIPT))
        .route(import_path(), file("text/javascript; charset=utf-8", IMPORT))
        .route(phone_path(), file("text/javascript; charset=utf-8", PHONE))
        .route("/phone-worker.js", worker())
        .route(icon_path(), file("image/svg+xml", ICON))
}

/// The worker that keeps the capture page on a phone. Its name stays, because browsers look for a newer
/// one under it; it is not cached.
fn worker() -> MethodRouter {
    get(|| async {
        let headers =
            [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
        (headers, PHONE_WORKER).into_response()
    })
}
