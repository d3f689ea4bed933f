//! What keeps foreign content out of the pages, and foreign pages out of the forms.

use std::hash::{BuildHasher as _, RandomState};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::forms::Fields;

/// Only this listener's own style, script and images; no frames, no plug-ins, no foreign forms.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; worker-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Adds the headers to every answer of the console.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let cache = response.headers_mut().entry(header::CACHE_CONTROL);
    cache.or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A word that only this process and the pages that it makes know. A form that changes something
/// carries it: a page of somebody else's cannot read it, and so cannot make such a form. The listener's
/// check of `Origin` stands before it.
#[derive(Debug)]
pub(crate) struct Seal(String);

impl Seal {
    /// A new word, out of the randomness with which the system seeds hash maps.
    pub(crate) fn new() -> Self {
        let word = || RandomState::new().hash_one(std::process::id());
        Self(format!("{:016x}{:016x}{:016x}", word(), word(), word()))
    }

    /// The word, for a form.
    pub(crate) fn word(&self) -> &str {
        &self.0
    }

    /// Whether a form comes from a page of this process, as far as it and the browser say.
    pub(crate) fn accepts(&self, fields: &Fields, headers: &HeaderMap) -> bool {
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let is_own = site.is_none_or(|site| site == b"same-origin");
        let given = fields.get("seal").unwrap_or_default().as_bytes();
        // Every byte is looked at, so that time tells nothing.
        let differing = given.iter().zip(self.0.as_bytes()).filter(|(a, b)| a != b).count();
        is_own && given.len() == self.0.len() && differing == 0
    }
}
