//! Reading a request body within limits: refused before it is read where its length is announced,
//! and never held beyond the limit where it is not.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};

use super::{
    Limits,
    problem::{Problem, UNSUPPORTED_MEDIA_TYPE},
};
use crate::door::body::{BodyError, Budget, Whole, collect};

/// A sender that needs longer than this for its body is cut off, because it holds a place.
const READ_TIME_MAX: Duration = Duration::from_secs(30);

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON or JSON-LD.
    Json,
    /// XML.
    Xml,
}

/// Refuses what is announced to be too long, or is neither JSON nor XML.
pub(super) fn check(headers: &HeaderMap, limits: &Limits) -> Result<Format, Box<Problem>> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|value| value.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits.body_bytes_max as u64) {
        return Err(too_large(limits));
    }
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or("").split(';').next().unwrap_or("").trim();
    let lower = media_type.to_ascii_lowercase();
    match lower.strip_prefix("application/").unwrap_or(&lower) {
        subtype if subtype == "json" || subtype.ends_with("+json") => return Ok(Format::Json),
        subtype if subtype == "xml" || subtype.ends_with("+xml") || subtype == "text/xml" => {
            return Ok(Format::Xml);
        }
        _ => {}
    }
    let detail = match media_type {
        "" => "the request has no `Content-Type`".to_owned(),
        other => format!("media type `{other}` is not read here"),
    };
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED_MEDIA_TYPE, detail)
        .hint("send EPCIS as `application/ld+json`, `application/json` or `application/xml`"))
}

/// Reads the whole body.
pub(super) async fn read(
    body: Body,
    limits: &Limits,
    bodies: &Budget,
) -> Result<Whole, Box<Problem>> {
    let whole = collect(body, limits.body_bytes_max, READ_TIME_MAX, Some(bodies)).await;
    whole.map_err(|error| {
        let code = match error {
            BodyError::TooLarge(_) => return too_large(limits),
            BodyError::TooSlow(_) => "rest.body_too_slow",
            BodyError::Incomplete(_) => "rest.body_incomplete",
            BodyError::Busy => "rest.busy",
        };
        Problem::new(error.status(), code, error.to_string())
    })
}

fn too_large(limits: &Limits) -> Box<Problem> {
    let detail = format!("the body is longer than {} bytes", limits.body_bytes_max);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "rest.body_too_large", detail)
        .hint("divide the document; every event stands for itself")
}
