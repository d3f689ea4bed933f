//! The page of a thing at the path of its GS1 Digital Link, for everybody, and the resolver behind it.

mod page;
mod resolver;
mod shown;

use axum::{
    extract::{OriginalUri, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse as _, Response},
};

use self::resolver::{Asked, Target};
use crate::console::{Console, Trouble};

/// Any method on the path of a Digital Link.
pub(crate) async fn one(
    State(console): State<Console>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    match method {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return resolver::discover(),
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
    let made = answer(&console, &uri, &headers).await;
    let mut response = made.unwrap_or_else(|trouble| page::trouble(&console, &trouble));
    resolver::open_to_all(response.headers_mut());
    response
}

async fn answer(
    console: &Console,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
) -> Result<Response, Trouble> {
    let asked = Asked::read(console, uri, headers)?;
    match asked.target(console)? {
        Target::Linkset(response) | Target::Elsewhere(response) => Ok(response),
        Target::Own => page::show(console, &asked).await,
    }
}

/// `GET /.well-known/gs1resolver`: what this resolver is.
pub(crate) async fn described(State(console): State<Console>, headers: HeaderMap) -> Response {
    let mut response = resolver::description(&console, &headers);
    resolver::open_to_all(response.headers_mut());
    response
}
