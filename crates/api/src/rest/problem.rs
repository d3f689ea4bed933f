//! Errors over REST: RFC 7807 problem documents that name event, field and rule.

use std::collections::BTreeMap;

use axum::{
    Json, body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The code of a body that is not JSON.
pub(super) const UNSUPPORTED_MEDIA_TYPE: &str = "rest.media_type";

/// Errors named in one problem document; further ones are only counted.
pub const EVENT_PROBLEMS_MAX: usize = 100;

/// A refused request (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A URI that names the kind of problem; the EPCIS binding's exception where it has one.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// Stable code, `area.snake_case`.
    pub code: String,
    /// What is wrong with each event, at most 100 entries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<EventProblem>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The rule that says no, as a module quotes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What a module that refuses says besides, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, String>,
}

/// What is wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventProblem {
    /// The event's position in the document, from 0; absent for the document itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<usize>,
    /// The path of the field, such as `eventList[1].action`.
    pub field: String,
    /// Stable code of the rule, `epcis.snake_case`.
    pub code: String,
    /// The rule in words.
    pub rule: String,
}

impl Problem {
    /// A problem with the title that belongs to its EPCIS exception or status.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Box<Self> {
        let (kind, title) = name(status);
        Box::new(Self {
            kind: kind.to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            errors: Vec::new(),
            hint: None,
            rule: None,
            arguments: BTreeMap::new(),
        })
    }

    /// Adds what to do about it.
    pub fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what a module that refuses says: its arguments, and the rule among them.
    pub fn refusal(mut self: Box<Self>, output: &[u8]) -> Box<Self> {
        if let Some(refusal) = qiao_modules::refusals().find(output) {
            self.arguments = refusal.arguments(output).into_iter().collect();
            self.rule = self.arguments.remove("rule");
        }
        self
    }

    /// Names the kind of problem more exactly than the status does.
    pub fn kind(mut self: Box<Self>, kind: &str, title: &str) -> Box<Self> {
        self.kind = kind.to_owned();
        self.title = title.to_owned();
        self
    }

    /// Adds what is wrong with each event.
    pub fn errors(mut self: Box<Self>, errors: Vec<EventProblem>) -> Box<Self> {
        self.errors = errors;
        self.errors.truncate(EVENT_PROBLEMS_MAX);
        self
    }
}

/// The exceptions of the EPCIS 2.0 REST binding, by status.
fn name(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => ("epcisException:ValidationException", "invalid request"),
        StatusCode::UNAUTHORIZED => ("epcisException:SecurityException", "a key is needed"),
        StatusCode::FORBIDDEN => ("epcisException:SecurityException", "not permitted"),
        StatusCode::NOT_FOUND => ("epcisException:NoSuchResourceException", "not found"),
        StatusCode::NOT_ACCEPTABLE => ("epcisException:NotAcceptableException", "not acceptable"),
        StatusCode::CONFLICT => ("about:blank", "refused by the chain"),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("epcisException:CaptureLimitExceededException", "request too large")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("epcisException:UnsupportedMediaTypeException", "media type not supported")
        }
        StatusCode::TOO_MANY_REQUESTS => {
            ("epcisException:CaptureLimitExceededException", "too many requests")
        }
        StatusCode::NOT_IMPLEMENTED => {
            ("epcisException:ImplementationException", "not implemented")
        }
        StatusCode::METHOD_NOT_ALLOWED => ("about:blank", "method not allowed"),
        StatusCode::REQUEST_TIMEOUT => ("about:blank", "request timeout"),
        StatusCode::SERVICE_UNAVAILABLE => ("about:blank", "service unavailable"),
        _ => ("epcisException:ImplementationException", "the node failed"),
    }
}

/// Bytes that are read of a refusal in plain text.
const PLAIN_BYTES_MAX: usize = 4 * 1024;

/// A refusal that reached no handler, such as a number in a path that is none: the framework's plain text as
/// a problem document.
pub(super) async fn of_plain_text(response: Response) -> Response {
    let status = response.status();
    let media = response.headers().get(header::CONTENT_TYPE);
    let is_plain = media.is_some_and(|media| media.as_bytes().starts_with(b"text/plain"));
    if !status.is_client_error() || !is_plain {
        return response;
    }
    let text = body::to_bytes(response.into_body(), PLAIN_BYTES_MAX).await.unwrap_or_default();
    let detail = super::cut(&String::from_utf8_lossy(&text));
    Problem::new(status, "rest.malformed", detail).into_response()
}

impl IntoResponse for Box<Problem> {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let media_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        response
    }
}
