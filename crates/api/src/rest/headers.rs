//! The headers of the EPCIS 2.0 REST binding: what this server speaks, and what a client asks.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Context, problem::Problem};

const EPCIS_VERSION: HeaderName = HeaderName::from_static("gs1-epcis-version");
const CBV_VERSION: HeaderName = HeaderName::from_static("gs1-cbv-version");
const ERROR_BEHAVIOUR: HeaderName = HeaderName::from_static("gs1-capture-error-behaviour");

/// The header that names the organisation for which events are captured.
pub(super) const PARTY: HeaderName = HeaderName::from_static("qiao-party");

/// Adds the headers that every EPCIS answer carries.
pub(super) async fn versions(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(EPCIS_VERSION, HeaderValue::from_static("2.0.0"));
    headers.insert(CBV_VERSION, HeaderValue::from_static("2.0.0"));
    response
}

/// Refuses a client that insists on what this server does not do.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Box<Problem>> {
    for name in [EPCIS_VERSION, CBV_VERSION] {
        let asked = headers.get(&name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        if let Some(asked) = asked.filter(|asked| !is_version_2(asked)) {
            let detail = format!("`{name}: {asked}` is not spoken here; version 2.0.0 is");
            return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, "epcis.version", detail));
        }
    }
    let behaviour = headers.get(ERROR_BEHAVIOUR).map(HeaderValue::as_bytes);
    if behaviour.is_some_and(|asked| !asked.eq_ignore_ascii_case(b"rollback")) {
        let detail = "a document is captured as a whole or not at all: \
                      `GS1-Capture-Error-Behaviour` is `rollback`";
        let problem = Problem::new(StatusCode::NOT_IMPLEMENTED, "capture.error_behaviour", detail);
        return Err(problem.hint("leave the header out, or send valid events by themselves"));
    }
    Ok(())
}

fn is_version_2(asked: &str) -> bool {
    let asked = asked.trim();
    asked == "2" || asked == "2.0" || asked.starts_with("2.0.")
}

/// `OPTIONS /epcis`, `/epcis/events` and below: what this server speaks.
pub(super) async fn discover() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST, OPTIONS"));
    headers.insert("gs1-epcis-min", HeaderValue::from_static("2.0.0"));
    headers.insert("gs1-epcis-max", HeaderValue::from_static("2.0.0"));
    headers.insert("gs1-cbv-min", HeaderValue::from_static("2.0.0"));
    headers.insert("gs1-cbv-max", HeaderValue::from_static("2.0.0"));
    headers.insert("gs1-epc-format", HeaderValue::from_static("No_Preference"));
    headers.insert("gs1-vendor-version", HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    response
}

/// `OPTIONS /epcis/capture`: the limits of a capture besides.
pub(super) async fn discover_capture(State(context): State<Context>) -> Response {
    let mut response = discover().await;
    let headers = response.headers_mut();
    let events = qiao_epcis::Limits::DOCUMENT.events_max;
    let bytes = context.limits.body_bytes_max;
    headers.insert("gs1-epcis-capture-limit", HeaderValue::from(events));
    headers.insert("gs1-epcis-capture-file-size-limit", HeaderValue::from(bytes));
    headers.insert(ERROR_BEHAVIOUR, HeaderValue::from_static("rollback"));
    response
}
