//! The routes of queries and subscriptions.

use axum::{
    Json,
    body::Body,
    extract::{
        Path, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use tokio::task;
use utoipa::ToSchema;

use super::{
    deliver::after,
    schedule::Schedule,
    socket,
    store::{NamedQuery, StoreError, Subscription},
};
use crate::chain::Head;
use crate::rest::{
    Context,
    answer::Asked,
    body::{self, Format},
    events::{self, Parameters, Question},
    extract, headers, hidden,
    pages::{self, Paging},
    problem::Problem,
    sight::Viewer,
};
use crate::sharing::Sight;

/// The longest name of a query.
const NAME_CHARACTERS_MAX: usize = 100;

/// The longest key of signatures.
const TOKEN_BYTES_MAX: usize = 1024;

/// A query to be named.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::rest) struct NewQuery {
    name: String,
    /// Parameters of `GET /epcis/events`; several values as an array.
    #[schema(value_type = Object)]
    query: Map<String, Value>,
}

/// A subscription to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct NewSubscription {
    /// Where events are posted to.
    dest: String,
    /// A secret of the subscriber: reports are signed with it.
    signature_token: Option<String>,
    /// To report at once; needs no schedule.
    #[serde(default)]
    stream: bool,
    schedule: Option<Schedule>,
    #[serde(default)]
    report_if_empty: bool,
    /// From which time of recording on; from now on if absent.
    initial_record_time: Option<String>,
    /// The profile of the partner that the reports are for; the node's own people if absent.
    partner: Option<String>,
}

/// Names a query.
#[utoipa::path(
    post, path = "/epcis/queries", tag = "queries", request_body = NewQuery,
    responses(
        (status = 201, headers(("Location" = String))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn create(
    State(context): State<Context>,
    request_headers: HeaderMap,
    request_body: Body,
) -> Result<Response, Box<Problem>> {
    let NewQuery { name, query } = read(&context, &request_headers, request_body).await?;
    let is_named = !name.trim().is_empty() && !name.chars().any(|c| c.is_control() || c == '/');
    if !is_named || name.chars().count() > NAME_CHARACTERS_MAX {
        let rule = format!("a name has 1 to {NAME_CHARACTERS_MAX} characters and no `/`");
        return Err(invalid(rule));
    }
    let location = format!("/epcis/queries/{}", pages::encode(&name));
    let query = NamedQuery { name, query, created_at: now() };
    events::read(&parameters(&query)?)?;
    stored(move || context.queries.create(query)).await?;
    Ok(created(location, StatusCode::CREATED.into_response()))
}

/// The named queries.
#[utoipa::path(
    get, path = "/epcis/queries", tag = "queries", params(Paging),
    responses((status = 200, body = Vec<NamedQuery>))
)]
pub(in crate::rest) async fn list(
    State(context): State<Context>,
    request_headers: HeaderMap,
    extract::Parameters(paging): extract::Parameters<Paging>,
) -> Result<Response, Box<Problem>> {
    headers::wish_json(&request_headers)?;
    let length = paging.length(&context.limits)?;
    let after = paging.next_page_token.unwrap_or_default();
    let mut found = context.queries.list(&after, length + 1);
    let is_more = found.len() > length;
    found.truncate(length);
    let next = found.last().filter(|_| is_more).map(|last| last.name.clone());
    let mut response = Json(found).into_response();
    if let Some(next) = next {
        pages::link(&mut response, "/epcis/queries", &[], length, &next);
    }
    Ok(response)
}

/// A named query.
#[utoipa::path(
    get, path = "/epcis/queries/{name}", tag = "queries", params(("name" = String, Path)),
    responses(
        (status = 200, body = NamedQuery),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn one(
    State(context): State<Context>,
    Path(name): Path<String>,
    request_headers: HeaderMap,
) -> Result<Json<NamedQuery>, Box<Problem>> {
    headers::wish_json(&request_headers)?;
    context.queries.get(&name).map(Json).ok_or_else(|| unknown(&name))
}

/// Forgets a query and its subscriptions.
#[utoipa::path(
    delete, path = "/epcis/queries/{name}", tag = "queries", params(("name" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn remove(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<StatusCode, Box<Problem>> {
    stored(move || context.queries.remove(&name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The events that match a named query.
#[utoipa::path(
    get, path = "/epcis/queries/{name}/events", tag = "queries",
    params(("name" = String, Path), Paging),
    responses(
        (status = 200, body = serde_json::Value, description = "An EPCISQueryDocument"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 101, description = "With `Upgrade: websocket`: a subscription by WebSocket"),
    )
)]
pub(in crate::rest) async fn matching(
    State(context): State<Context>,
    viewer: Viewer,
    Path(name): Path<String>,
    request_headers: HeaderMap,
    extract::Parameters(parameters_given): extract::Parameters<Parameters>,
    upgrade: Upgrade,
) -> Result<Response, Box<Problem>> {
    let query = context.queries.get(&name).ok_or_else(|| unknown(&name))?;
    if request_headers.contains_key(header::UPGRADE) {
        return socket::upgrade(context, viewer, query, &parameters_given, asked_for(upgrade)?);
    }
    let is_paging = |name: &str| name == "perPage" || name == "nextPageToken";
    if let Some((other, _)) = parameters_given.iter().find(|(name, _)| !is_paging(name)) {
        let detail = format!("`{}` is no parameter of a named query", crate::rest::cut(other));
        return Err(Problem::new(StatusCode::BAD_REQUEST, "epcis.query_parameter", detail)
            .kind("epcisException:QueryParameterException", "query parameter not understood"));
    }
    let question = Question {
        path: format!("/epcis/queries/{}/events", pages::encode(&name)),
        asked: Asked { query: name, subscription: None },
        fixed: parameters(&query)?,
        parameters: parameters_given,
    };
    let sight = viewer.sight(&*context.chain);
    question.answer(&context, &sight, &request_headers).await
}

/// Subscribes to a named query: matching events are posted to a URL.
#[utoipa::path(
    post, path = "/epcis/queries/{name}/subscriptions", tag = "queries",
    params(("name" = String, Path)), request_body = NewSubscription,
    responses(
        (status = 201, body = Subscription, headers(("Location" = String))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn subscribe(
    State(context): State<Context>,
    Path(name): Path<String>,
    request_headers: HeaderMap,
    request_body: Body,
) -> Result<Response, Box<Problem>> {
    let query = context.queries.get(&name).ok_or_else(|| unknown(&name))?;
    let asked: NewSubscription = read(&context, &request_headers, request_body).await?;
    context.limits.receivers.check(&asked.dest)?;
    controls(asked.stream, asked.schedule.as_ref())?;
    if asked.signature_token.as_ref().is_some_and(|token| token.len() > TOKEN_BYTES_MAX) {
        return Err(invalid(format!("`signatureToken` has at most {TOKEN_BYTES_MAX} bytes")));
    }
    unbounded(&query)?;
    if let Some(partner) = &asked.partner {
        hidden::check(&Sight::of_partner(&*context.chain, partner), &parameters(&query)?)?;
    }
    let initial = initial(asked.initial_record_time.as_deref(), &context.chain.head())?;
    let subscription = Subscription {
        id: String::new(),
        dest: asked.dest,
        signature_token: asked.signature_token,
        stream: asked.stream,
        schedule: asked.schedule,
        report_if_empty: asked.report_if_empty,
        initial_record_time: initial.clone(),
        min_record_time: initial,
        created_at: now(),
        last_notified_at: None,
        partner: asked.partner,
    };
    let path = format!("/epcis/queries/{}/subscriptions", pages::encode(&name));
    let made = stored(move || context.queries.subscribe(&name, subscription)).await?;
    let location = format!("{path}/{}", made.id);
    Ok(created(location, (StatusCode::CREATED, Json(without_token(made))).into_response()))
}

/// What a request to be turned into a WebSocket lacks, or the means to do so.
type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

fn asked_for(upgrade: Upgrade) -> Result<WebSocketUpgrade, Box<Problem>> {
    upgrade.map_err(|rejection| {
        Problem::new(StatusCode::BAD_REQUEST, "rest.websocket", rejection.body_text())
    })
}

/// Refuses a subscription that would never report, or does not know when.
pub(super) fn controls(stream: bool, schedule: Option<&Schedule>) -> Result<(), Box<Problem>> {
    let problem = match schedule {
        Some(_) if stream => Some("`stream` and `schedule` exclude each other".to_owned()),
        Some(schedule) => schedule.problem(),
        None if stream => None,
        None => Some("a subscription has a `schedule`, or `stream` is `true`".to_owned()),
    };
    let Some(problem) = problem else { return Ok(()) };
    Err(invalid(problem).kind(
        "epcisException:SubscriptionControlsException",
        "subscription controls not understood",
    ))
}

/// Refuses subscriptions to a query whose answers are counted.
pub(super) fn unbounded(query: &NamedQuery) -> Result<(), Box<Problem>> {
    let bounded = |name: &str| matches!(name, "eventCountLimit" | "maxEventCount");
    if !query.query.keys().any(|name| bounded(name)) {
        return Ok(());
    }
    let detail = "a query with `eventCountLimit` or `maxEventCount` takes no subscriptions";
    Err(invalid(detail)
        .kind("epcisException:SubscribeNotPermittedException", "subscription not permitted"))
}

/// From which time of recording on events are reported: from the next block on if it is not said.
///
/// Leaders stamp blocks by their own clocks: this node's clock may be before or after them.
pub(super) fn initial(text: Option<&str>, head: &Head) -> Result<String, Box<Problem>> {
    let time = match text {
        None => after(head),
        Some(text) => text.parse().map_err(|_| {
            invalid(format!("`{}` is not a time with an offset", crate::rest::cut(text)))
        })?,
    };
    Ok(format!("{time:.3}"))
}

/// The subscriptions to a named query.
#[utoipa::path(
    get, path = "/epcis/queries/{name}/subscriptions", tag = "queries",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = Vec<Subscription>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 101, description = "With `Upgrade: websocket`: a subscription by WebSocket"),
    )
)]
pub(in crate::rest) async fn subscriptions(
    State(context): State<Context>,
    viewer: Viewer,
    Path(name): Path<String>,
    request_headers: HeaderMap,
    extract::Parameters(parameters_given): extract::Parameters<Parameters>,
    upgrade: Upgrade,
) -> Result<Response, Box<Problem>> {
    if request_headers.contains_key(header::UPGRADE) {
        let query = context.queries.get(&name).ok_or_else(|| unknown(&name))?;
        return socket::upgrade(context, viewer, query, &parameters_given, asked_for(upgrade)?);
    }
    headers::wish_json(&request_headers)?;
    pages::check(&parameters_given)?;
    let found = context.queries.subscriptions(&name).ok_or_else(|| unknown(&name))?;
    let found: Vec<Subscription> = found.into_iter().map(without_token).collect();
    Ok(Json(found).into_response())
}

/// A subscription.
#[utoipa::path(
    get, path = "/epcis/queries/{name}/subscriptions/{id}", tag = "queries",
    params(("name" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, body = Subscription),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn subscription(
    State(context): State<Context>,
    Path((name, id)): Path<(String, String)>,
    request_headers: HeaderMap,
) -> Result<Json<Subscription>, Box<Problem>> {
    headers::wish_json(&request_headers)?;
    let found = context.queries.subscriptions(&name).ok_or_else(|| unknown(&name))?;
    let found = found.into_iter().find(|known| known.id == id);
    found.map(|found| Json(without_token(found))).ok_or_else(|| unknown(&id))
}

/// Ends a subscription.
#[utoipa::path(
    delete, path = "/epcis/queries/{name}/subscriptions/{id}", tag = "queries",
    params(("name" = String, Path), ("id" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn unsubscribe(
    State(context): State<Context>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode, Box<Problem>> {
    stored(move || context.queries.unsubscribe(&name, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /epcis/nextPageToken/{token}`: tokens hold no state that could be given back.
pub(in crate::rest) async fn forget_page() -> Box<Problem> {
    let detail = "tokens of pages hold no state at the node, and need not be given back";
    Problem::new(StatusCode::NOT_IMPLEMENTED, "rest.page_token", detail)
}

/// The parameters of a named query, as they would stand in a URL.
pub(super) fn parameters(query: &NamedQuery) -> Result<Parameters, Box<Problem>> {
    let mut parameters = Parameters::new();
    for (name, value) in &query.query {
        let text = match value {
            // Prefixes of the query's own extensions.
            _ if name == "@context" => continue,
            Value::Array(items) => {
                let texts: Option<Vec<String>> = items.iter().map(scalar).collect();
                texts.map(|texts| texts.join("|"))
            }
            single => scalar(single),
        };
        let text = text.ok_or_else(|| {
            invalid(format!("`{}` is a value or an array of values", crate::rest::cut(name)))
        })?;
        parameters.push((with_namespace(name, query.query.get("@context")), text));
    }
    Ok(parameters)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A name with the namespace in place of a prefix that a `@context` declares.
fn with_namespace(name: &str, context: Option<&Value>) -> String {
    let entries = match context {
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    for (prefix, uri) in entries.iter().filter_map(Value::as_object).flatten() {
        let written = format!("_{prefix}:");
        if let Some(uri) = uri.as_str().filter(|_| name.contains(&written)) {
            return name.replacen(&written, &format!("_{uri}"), 1);
        }
    }
    name.to_owned()
}

fn without_token(subscription: Subscription) -> Subscription {
    Subscription { signature_token: None, ..subscription }
}

/// Reads a JSON body.
async fn read<T: DeserializeOwned>(
    context: &Context,
    request_headers: &HeaderMap,
    request_body: Body,
) -> Result<T, Box<Problem>> {
    let format = body::check(request_headers, &context.limits)?;
    if format == Format::Xml {
        let detail = "queries and subscriptions are written in JSON";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "rest.media_type", detail));
    }
    headers::check(request_headers, format)?;
    let whole = body::read(request_body, &context.limits, &context.bodies).await?;
    serde_json::from_slice(&whole.bytes).map_err(|error| invalid(error.to_string()))
}

/// Changes what is kept, away from the threads that answer.
async fn stored<T: Send + 'static>(
    change: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Box<Problem>> {
    let result = task::spawn_blocking(change).await.map_err(crate::rest::failed)?;
    result.map_err(|error| {
        let detail = error.to_string();
        match error {
            StoreError::Exists(_) => {
                Problem::new(StatusCode::CONFLICT, "rest.query_exists", detail).kind(
                    "epcisException:ResourceAlreadyExistsException",
                    "the resource exists already",
                )
            }
            StoreError::Unknown(name) => unknown(&name),
            StoreError::Full => {
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "rest.too_many_queries", detail)
            }
            StoreError::File(error) => crate::rest::failed(error),
        }
    })
}

fn created(location: String, mut response: Response) -> Response {
    let value = HeaderValue::from_str(&location).expect("an encoded path is plain ASCII");
    response.headers_mut().insert(header::LOCATION, value);
    response
}

fn unknown(name: &str) -> Box<Problem> {
    let detail = format!("`{}` does not exist", crate::rest::cut(name));
    Problem::new(StatusCode::NOT_FOUND, "rest.unknown_query", detail)
        .kind("epcisException:NoSuchNameException", "no such name")
}

pub(super) fn invalid(detail: impl Into<String>) -> Box<Problem> {
    Problem::new(StatusCode::BAD_REQUEST, "rest.query_document", detail)
}

fn now() -> String {
    format!("{:.3}", Timestamp::now())
}
