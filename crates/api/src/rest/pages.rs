//! Pages of answers, as the EPCIS binding asks for them: `perPage`, `nextPageToken`, and a `Link`
//! header to the next page, which is absent on the last one.

use std::fmt::Write as _;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Limits, problem::Problem};

/// Entries on a page if the client does not say.
const LENGTH_DEFAULT: usize = 30;

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct Paging {
    /// Entries on a page, 30 if absent.
    pub(super) per_page: Option<usize>,
    /// The token in the `Link` header of the page before.
    pub(super) next_page_token: Option<String>,
}

impl Paging {
    /// Entries on a page, within the limit.
    pub(super) fn length(&self, limits: &Limits) -> Result<usize, Box<Problem>> {
        let length = self.per_page.unwrap_or(LENGTH_DEFAULT);
        if length == 0 {
            let detail = "`perPage` is at least 1";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "rest.per_page", detail));
        }
        Ok(length.min(limits.page_events_max))
    }
}

/// Refuses a `perPage` that is none, where a list has one page all the same.
pub(super) fn check(parameters: &[(String, String)]) -> Result<(), Box<Problem>> {
    let wanted = parameters.iter().filter(|(name, _)| name == "perPage");
    let is_length = |(_, value): &(String, String)| value.parse::<usize>().is_ok_and(|n| n > 0);
    if wanted.clone().all(is_length) && wanted.count() < 2 {
        return Ok(());
    }
    let detail = "`perPage` is a number of at least 1";
    Err(Problem::new(StatusCode::BAD_REQUEST, "rest.per_page", detail))
}

/// Adds the `Link` header to the next page. `kept` are the parameters that the next page needs
/// again.
pub(super) fn link(
    response: &mut Response,
    path: &str,
    kept: &[(String, String)],
    length: usize,
    token: &str,
) {
    let mut target = format!("{path}?");
    for (name, value) in kept {
        let _ = write!(target, "{}={}&", encode(name), encode(value));
    }
    let _ = write!(target, "perPage={length}&nextPageToken={}", encode(token));
    let value = HeaderValue::from_str(&format!("<{target}>; rel=\"next\""));
    let value = value.expect("a percent-encoded target is plain ASCII");
    response.headers_mut().insert(header::LINK, value);
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}
