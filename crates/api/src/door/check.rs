//! Asks every request for its key, and takes the key of a browser into a cookie.

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
};
use qiao_goods::journey::Names;
use serde::Deserialize;
use serde_json::json;

use super::{Granted, Keys, Right, body};
use crate::{goods, rest::Problem, rpc::errors::UNAUTHORISED};

/// What a listener serves, which decides where else than in a header a key may stand, and how a
/// refusal looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// JSON-RPC: the key may stand in the path, as `/key/…`.
    Rpc,
    /// REST and console: the key may stand in a cookie.
    Pages,
}

/// The cookie that holds the key of a browser.
const COOKIE: &str = "qiao_key";

/// A browser keeps it so long.
const COOKIE_SECONDS: u32 = 12 * 60 * 60;

/// Where other members' nodes ask an evaluator.
const EVALUATIONS: &str = "/collateral/evaluations";

/// The form with a key is no longer than this, and arrives within this time.
const FORM_BYTES_MAX: usize = 8 * 1024;
const FORM_TIME_MAX: Duration = Duration::from_secs(10);

/// Where a browser gives its key.
const LOGIN: &str = "/login";

/// Where it gives the key back.
const LOGOUT: &str = "/logout";

/// What a listener with keys goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// What it serves.
    pub(super) kind: Kind,
    /// Whether connections are encrypted.
    pub(super) is_secure: bool,
    /// Whose names the journeys of goods tell to those without a key; `None` where they are not told.
    pub(super) public: Option<Names>,
}

/// What a listener with keys checks.
struct Checker {
    keys: Arc<Keys>,
    rules: Rules,
}

/// Puts the check in front of every route.
pub(super) fn require(routes: Router, keys: Arc<Keys>, rules: Rules) -> Router {
    let checker = Arc::new(Checker { keys, rules });
    routes.layer(middleware::from_fn_with_state(checker, check))
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shut {
    Missing,
    Unknown,
    Forbidden(Right),
    /// The key leads to a desk, and this is none of it.
    Elsewhere,
    /// The key is a partner's, and this tells more than events by its profile.
    Unshared,
}

async fn check(State(checker): State<Arc<Checker>>, mut request: Request, next: Next) -> Response {
    if checker.rules.kind == Kind::Pages {
        match (request.method().clone(), request.uri().path()) {
            (Method::POST, LOGIN) => return checker.log_in(request).await,
            (Method::POST, LOGOUT) => return checker.log_out(),
            (Method::GET | Method::HEAD, path) if is_open(path) => return next.run(request).await,
            (Method::GET | Method::HEAD | Method::OPTIONS, path) if checker.is_public(path) => {
                return next.run(request).await;
            }
            // Signed by the account of a member, which is checked instead of a key.
            (Method::POST, EVALUATIONS) => return next.run(request).await,
            _ => {}
        }
    }
    let granted = match checker.admit(request.headers(), request.uri()) {
        Ok(granted) => granted,
        Err(shut) => return checker.refuse(shut, &request),
    };
    if checker.rules.kind == Kind::Pages {
        let right = match *request.method() {
            Method::GET | Method::HEAD | Method::OPTIONS => Right::Read,
            _ => Right::Write,
        };
        if granted.may(right) != Some(true) {
            return checker.refuse(Shut::Forbidden(right), &request);
        }
    }
    let is_bound = granted.organisation().is_some();
    if is_bound && (checker.rules.kind == Kind::Rpc || !is_of_a_desk(request.uri().path())) {
        return checker.refuse(Shut::Elsewhere, &request);
    }
    if granted.partner().is_some()
        && (checker.rules.kind == Kind::Rpc || !is_for_partners(&request))
    {
        return checker.refuse(Shut::Unshared, &request);
    }
    request.extensions_mut().insert(granted);
    next.run(request).await
}

/// What is told to everybody: that the node lives, and the page that asks for a key.
fn is_open(path: &str) -> bool {
    matches!(path, "/health" | LOGIN) || path.starts_with("/assets/")
}

/// Where a key leads that is bound to an organisation: its desk, recalls and holds as its desk sees them,
/// and the proofs that papers of the desk point to.
fn is_of_a_desk(path: &str) -> bool {
    const FOLDERS: [&str; 4] = ["/finance/", "/desks/", "/recalls/", "/holds/"];
    let is_below = FOLDERS.iter().any(|folder| path.starts_with(folder));
    let is_there = matches!(path, "/finance" | "/desks" | "/recalls" | "/holds");
    let is_proof = path.starts_with("/proofs/transactions/") || path == "/genesis.json";
    is_below || is_there || is_proof || path == "/openapi.json"
}

/// Where a partner's key leads: to what goes by its profile, to ask only. What everybody may read, it
/// reads as everybody does.
fn is_for_partners(request: &Request) -> bool {
    const FOLDERS: [&str; 7] = [
        "/epcis/events/",
        "/epcis/epcs/",
        "/epcis/bizSteps/",
        "/epcis/bizLocations/",
        "/epcis/readPoints/",
        "/epcis/dispositions/",
        "/epcis/eventTypes/",
    ];
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let is_of_events = FOLDERS
        .iter()
        .any(|folder| path.starts_with(folder) || path == folder.trim_end_matches('/'));
    // The query itself may be somebody else's secret, its answers are not.
    let is_answer = path.starts_with("/epcis/queries/") && path.ends_with("/events");
    let is_sheet =
        path.starts_with("/trace/") && goods::SHEETS.iter().any(|sheet| path.ends_with(sheet));
    let is_plain = matches!(path, "/epcis" | "/epcis/" | "/openapi.json");
    is_of_events || is_answer || is_sheet || is_plain
}

impl Checker {
    /// Whether a path tells the journey of goods, or what it takes to check it. The genesis file has the
    /// names of all organisations.
    fn is_public(&self, path: &str) -> bool {
        match self.rules.public {
            Some(names) => {
                goods::is_public_path(path) || names == Names::Told && path == "/genesis.json"
            }
            None => false,
        }
    }

    fn admit(&self, headers: &HeaderMap, uri: &Uri) -> Result<Granted, Shut> {
        let key = bearer(headers).map(Cow::Borrowed);
        let key = key.or_else(|| match self.rules.kind {
            Kind::Rpc => in_path(uri).map(Cow::Borrowed),
            Kind::Pages => in_cookie(headers).map(Cow::Owned),
        });
        let key = key.ok_or(Shut::Missing)?;
        self.keys.admit(&key).ok_or(Shut::Unknown)
    }

    fn refuse(&self, shut: Shut, request: &Request) -> Response {
        let is_asking = matches!(*request.method(), Method::GET | Method::HEAD);
        let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let is_browser = accepts.is_some_and(|accepts| accepts.contains("text/html"));
        if self.rules.kind == Kind::Pages && is_asking && is_browser && shut == Shut::Elsewhere {
            return Redirect::to("/desks").into_response();
        }
        if self.rules.kind == Kind::Pages
            && is_asking
            && is_browser
            && !matches!(shut, Shut::Forbidden(Right::Read) | Shut::Unshared)
        {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            return Redirect::to(&format!("{LOGIN}?next={}", encoded(path))).into_response();
        }
        let (status, code, message) = shut.told();
        let hint = hint(code);
        let mut response = match self.rules.kind {
            Kind::Pages => Problem::new(status, code, message).hint(hint).into_response(),
            Kind::Rpc => {
                let data = json!({ "code": code, "hint": hint });
                let error = json!({ "code": UNAUTHORISED, "message": message, "data": data });
                let body = json!({ "jsonrpc": "2.0", "id": null, "error": error });
                (status, Json(body)).into_response()
            }
        };
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }

    /// `POST /login`: a form with the key and the page to go to.
    async fn log_in(&self, request: Request) -> Response {
        let Some(login) = Login::read(request).await else {
            return Redirect::to(LOGIN).into_response();
        };
        let next = login.next.filter(|next| is_local(next)).unwrap_or_else(|| "/".to_owned());
        let key = login.key.trim();
        if self.keys.admit(key).is_none() {
            let again = format!("{LOGIN}?wrong=true&next={}", encoded(&next));
            return Redirect::to(&again).into_response();
        }
        let cookie = self.cookie(key, COOKIE_SECONDS);
        ([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response()
    }

    /// `POST /logout`.
    fn log_out(&self) -> Response {
        ([(header::SET_COOKIE, self.cookie("", 0))], Redirect::to(LOGIN)).into_response()
    }

    /// Out of reach of scripts, and sent by no other site's forms.
    fn cookie(&self, key: &str, seconds: u32) -> String {
        let secure = if self.rules.is_secure { "; Secure" } else { "" };
        format!("{COOKIE}={key}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

#[derive(Debug, Deserialize)]
struct Login {
    key: String,
    next: Option<String>,
}

impl Login {
    /// A form is written as a query is.
    async fn read(request: Request) -> Option<Self> {
        let body = body::collect(request.into_body(), FORM_BYTES_MAX, FORM_TIME_MAX, None).await;
        let form = String::from_utf8(body.ok()?.bytes.to_vec()).ok()?;
        let uri = format!("{LOGIN}?{form}").parse().ok()?;
        Query::try_from_uri(&uri).ok().map(|Query(login)| login)
    }
}

impl Shut {
    fn told(self) -> (StatusCode, &'static str, String) {
        match self {
            Self::Missing => {
                (StatusCode::UNAUTHORIZED, "key.missing", "this node asks for a key".to_owned())
            }
            Self::Unknown => {
                (StatusCode::UNAUTHORIZED, "key.unknown", "this key is not known here".to_owned())
            }
            Self::Forbidden(right) => {
                (StatusCode::FORBIDDEN, "key.not_permitted", not_permitted(right))
            }
            Self::Elsewhere => {
                let message = "this key opens the desk of one organisation, and nothing else";
                (StatusCode::FORBIDDEN, "key.desk_only", message.to_owned())
            }
            Self::Unshared => {
                let message =
                    "this key asks for events as far as its profile shows them, and nothing else";
                (StatusCode::FORBIDDEN, "key.partner_only", message.to_owned())
            }
        }
    }
}

/// What to do about it.
pub(crate) fn hint(code: &str) -> &'static str {
    match code {
        "key.missing" => "send `Authorization: Bearer KEY`; `qiao key add` on the node makes one",
        "key.desk_only" => {
            "ask below `/finance`, `/recalls` and `/desks`, or ask the operator for another key"
        }
        "key.partner_only" => "ask below `/epcis`, or ask the operator for another key",
        "key.unknown" => "ask the operator whether it was taken out; `qiao key list` on the node",
        _ => "ask the operator for a key with this right; `qiao key add NAME --may …`",
    }
}

/// What is said to a key that lacks a right.
pub(crate) fn not_permitted(right: Right) -> String {
    format!("this key may not `{}`", right.word())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn in_path(uri: &Uri) -> Option<&str> {
    let rest = uri.path().strip_prefix("/key/")?;
    Some(rest.split('/').next().unwrap_or(rest))
}

fn in_cookie(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE && !value.is_empty()).then(|| value.to_owned())
    })
}

/// Whether a path leads to this listener and nowhere else.
fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// A text as a value in a query.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
