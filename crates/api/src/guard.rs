//! Who may speak to a listener from a browser: the check of `Host` and `Origin`, and CORS.
//!
//! A node on loopback is reachable from every page that its owner opens. Two checks keep such
//! pages out: a request must name a host that is not a foreign domain (DNS rebinding), and a
//! request that changes something must not come from a foreign origin (forged requests). Tools
//! outside browsers send no `Origin` and notice nothing.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

/// Names beyond loopback that a listener accepts.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Host names (without port) under which the listener is reached, besides `localhost` and
    /// every literal IP address.
    pub hosts: Vec<String>,
    /// Origins such as `https://erp.example.com` that may call from a browser, besides pages on
    /// loopback and pages that the listener itself serves.
    pub origins: Vec<String>,
}

/// Puts the checks in front of every route of a router.
pub fn protect(router: Router, guard: Guard) -> Router {
    router.layer(middleware::from_fn_with_state(Arc::new(guard), check))
}

async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let host = host_of(&request);
    if !host.as_deref().is_some_and(|host| guard.allows_host(host)) {
        let message = format!(
            "host `{}` is not served here; add it to the listener's hosts",
            host.as_deref().unwrap_or("")
        );
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = match &origin {
        None => None,
        Some(origin) if guard.allows_origin(origin, request.headers()) => Some(origin.clone()),
        Some(_) if is_harmless(&request) => None,
        Some(origin) => {
            let message = format!("origin `{}` may not call this node", text(origin));
            return (StatusCode::FORBIDDEN, message).into_response();
        }
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &allowed {
        Some(_) if is_preflight => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    if let Some(origin) = allowed {
        allow(response.headers_mut(), origin);
    }
    response
}

/// Whether the request only reads what a foreign page will not see. A WebSocket is opened by `GET`
/// and is not bound by CORS: a page on any site could speak through it.
fn is_harmless(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.headers().contains_key(header::UPGRADE)
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, DELETE, HEAD, OPTIONS"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "Authorization, Content-Type, Qiao-Party, GS1-EPCIS-Version, GS1-EPCIS-Min, GS1-EPCIS-Max, \
             GS1-CBV-Version, GS1-CBV-Min, GS1-CBV-Max, GS1-EPC-Format, GS1-CBV-XML-Format, \
             GS1-Capture-Error-Behaviour, GS1-Extensions",
        ),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("Location, Link, GS1-EPCIS-Version, GS1-CBV-Version"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}

impl Guard {
    fn allows_host(&self, authority: &str) -> bool {
        let name = without_port(authority);
        is_loopback_name(name)
            || name.parse::<IpAddr>().is_ok()
            || self.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
    }

    fn allows_origin(&self, origin: &HeaderValue, headers: &HeaderMap) -> bool {
        let origin = text(origin);
        if self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(&origin)) {
            return true;
        }
        let Ok(uri) = origin.parse::<Uri>() else { return false };
        let Some(authority) = uri.authority() else { return false };
        let name = without_port(authority.as_str());
        let host = headers.get(header::HOST).map(text);
        is_loopback_name(name)
            || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
            || host.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_str()))
    }
}

fn host_of(request: &Request) -> Option<String> {
    let named = request.headers().get(header::HOST).map(text);
    named.or_else(|| request.uri().authority().map(|authority| authority.to_string()))
}

fn without_port(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    authority.split(':').next().unwrap_or(authority)
}

fn is_loopback_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
