//! The REST routes: capture and query of EPCIS events, traces, and the state of the node.

mod answer;
mod body;
mod capture;
mod collateral;
mod deployments;
mod desk;
mod events;
mod extract;
mod finance;
mod goods;
mod headers;
mod hidden;
mod imports;
mod master;
mod openapi;
pub(crate) mod organisations;
mod pages;
mod payments;
mod problem;
mod proofs;
mod queries;
mod recalls;
mod resources;
mod sharing;
mod sight;
mod status;
mod trace;
mod transactions;

use std::{fmt::Display, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    http::StatusCode,
    middleware,
    response::IntoResponse as _,
    routing::{MethodRouter, delete, get, options, post},
};
use tokio::sync::Semaphore;

pub use self::problem::{EventProblem, Problem};
pub use self::queries::{Origin, Receivers, ReceiversError};
use self::{master::MasterData, queries::Queries};
use crate::{
    Chain,
    capture::{Capturer, JobLimits, Jobs},
    door::Budget,
    finance::Desks,
    sending::Submitter,
};

/// What one client may ask of the REST routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest request body; longer ones are refused with 413 before they are read.
    pub body_bytes_max: usize,
    /// Bytes of long bodies held at one time; more are refused with 503.
    pub bodies_bytes_max: usize,
    /// Documents checked at one time; more wait.
    pub documents_max: usize,
    /// Capture jobs under way at one time; more are refused with 429.
    pub jobs_running_max: usize,
    /// Finished capture jobs that are remembered; the oldest are forgotten first.
    pub jobs_kept_max: usize,
    /// Finished capture jobs are remembered for so long.
    pub job_kept_seconds: u64,
    /// Events on one page of an answer.
    pub page_events_max: usize,
    /// Requests that wait for a block at one time; more are refused with 503.
    pub head_waits_max: usize,
    /// Subscriptions by WebSocket at one time; more are refused with 503.
    pub sockets_max: usize,
    /// Where subscriptions may report to, besides this machine.
    pub receivers: Receivers,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 16 * 1024 * 1024,
            bodies_bytes_max: 128 * 1024 * 1024,
            documents_max: 4,
            jobs_running_max: 64,
            jobs_kept_max: 10_000,
            job_kept_seconds: 24 * 60 * 60,
            page_events_max: 1_000,
            head_waits_max: 1_000,
            sockets_max: 100,
            receivers: Receivers::default(),
        }
    }
}

/// What every handler can reach.
#[derive(Clone)]
struct Context {
    chain: Arc<dyn Chain>,
    limits: Arc<Limits>,
    capturer: Arc<Capturer>,
    submitter: Arc<Submitter>,
    desks: Arc<Desks>,
    jobs: Arc<Jobs>,
    documents: Arc<Semaphore>,
    bodies: Budget,
    waits: Arc<Semaphore>,
    queries: Arc<Queries>,
    sockets: Arc<Semaphore>,
    reporter: ureq::Agent,
    master: Arc<MasterData>,
}

/// The routes with the default limits. The listener puts [`crate::guard::protect`] in front.
pub fn router(chain: Arc<dyn Chain>) -> Router {
    router_with(chain, Limits::default())
}

/// The routes with limits of the operator's choice.
pub fn router_with(chain: Arc<dyn Chain>, limits: Limits) -> Router {
    let jobs = Jobs::new(JobLimits {
        running_max: limits.jobs_running_max,
        kept_max: limits.jobs_kept_max,
        kept_for: Duration::from_secs(limits.job_kept_seconds),
    });
    let context = Context {
        capturer: Arc::new(Capturer::new(Arc::clone(&chain))),
        submitter: Arc::new(Submitter::new(Arc::clone(&chain))),
        desks: Arc::new(Desks::new(Arc::clone(&chain))),
        jobs: Arc::new(jobs),
        documents: Arc::new(Semaphore::new(limits.documents_max)),
        bodies: Budget::new(limits.bodies_bytes_max),
        waits: Arc::new(Semaphore::new(limits.head_waits_max)),
        sockets: Arc::new(Semaphore::new(limits.sockets_max)),
        reporter: limits.receivers.agent(),
        limits: Arc::new(limits),
        queries: Arc::new(Queries::open(data_folder(chain.as_ref()))),
        master: Arc::new(MasterData::open(data_folder(chain.as_ref()))),
        chain,
    };
    queries::start(&context);
    let epcis = Router::new()
        .route("/epcis", discovery("GET, OPTIONS").get(resources::all))
        .route("/epcis/", discovery("GET, OPTIONS").get(resources::all))
        .route(
            "/epcis/capture",
            get(capture::jobs).post(capture::capture).options(headers::discover_capture),
        )
        .route("/epcis/capture/{id}", discovery("GET, OPTIONS").get(capture::job))
        .route(
            "/epcis/events",
            discovery("GET, POST, OPTIONS").get(events::events).post(capture::event),
        )
        .route("/epcis/events/{*id}", discovery("GET, OPTIONS").get(events::event))
        .route("/epcis/eventTypes", discovery("GET, OPTIONS").get(resources::event_types))
        .route("/epcis/{resources}", discovery("GET, OPTIONS").get(resources::list))
        .route("/epcis/{resources}/{name}", discovery("GET, OPTIONS").get(resources::one))
        .route("/epcis/{resources}/{name}/events", discovery("GET, OPTIONS").get(resources::events))
        .route("/epcis/nextPageToken/{token}", delete(queries::forget_page))
        .merge(query_routes())
        .layer(middleware::map_response(headers::versions));
    Router::new()
        .merge(epcis)
        .merge(finance::routes())
        .merge(recalls::routes())
        .route("/trace/{*id}", get(trace::trace))
        .route("/status", get(status::status))
        .route("/status/head", get(status::head))
        .route("/health", get(status::health))
        .route("/organisations", get(organisations::organisations))
        .route("/deployments", get(deployments::list))
        .route("/deployments/{address}", get(deployments::one))
        .route("/deployments/{address}/source", get(deployments::source).put(deployments::verify))
        .route("/transactions", post(transactions::send))
        .merge(goods_routes())
        .merge(collateral_routes())
        .merge(payment_routes())
        .merge(sharing::routes())
        .route("/genesis.json", get(proofs::genesis))
        .route("/proofs/journeys/{*id}", get(proofs::journey))
        .route("/proofs/accounts/{address}", get(proofs::account))
        .route("/proofs/transactions/{hash}", get(proofs::transaction))
        .route("/proofs/events/{*id}", get(proofs::event))
        .route("/openapi.json", get(openapi::document))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::map_response(problem::of_plain_text))
        .with_state(context)
}

fn goods_routes() -> Router<Context> {
    Router::new()
        .route("/links", get(goods::anchors))
        .route("/links/{*id}", get(goods::links).put(goods::keep_links).delete(goods::forget_links))
        .route("/products", get(goods::products))
        .route(
            "/products/{gtin}",
            get(goods::product).put(goods::keep_product).delete(goods::forget_product),
        )
        .route(
            "/places/{gln}",
            get(goods::place).put(goods::keep_place).delete(goods::forget_place),
        )
        .route("/imports", post(imports::import))
        .route("/imports/{template}", get(imports::template))
        .route("/mappings", get(imports::mappings))
        .route(
            "/mappings/{name}",
            get(imports::mapping).put(imports::keep_mapping).delete(imports::forget_mapping),
        )
        .route("/attachments", post(imports::attach))
        .route("/attachments/{sha256}", get(imports::attachment))
        .route("/watched", get(desk::watched))
        .route("/covered", get(desk::covered))
        .route("/journeys/{*id}", get(goods::journey))
}

fn collateral_routes() -> Router<Context> {
    Router::new()
        .route("/collateral/checks", post(collateral::check))
        .route("/collateral/assets", post(collateral::register))
        .route("/collateral/claims", post(collateral::reserve))
        .route("/collateral/claims/{claim}", get(collateral::claim))
        .route("/collateral/claims/{claim}/take", post(collateral::take))
        .route("/collateral/claims/{claim}/release", post(collateral::release))
        .route("/collateral/evaluators", get(collateral::evaluators))
        .route("/collateral/evaluations", post(collateral::evaluate))
}

fn payment_routes() -> Router<Context> {
    Router::new()
        .route("/payments/messages", post(payments::import))
        .route("/payments/accounts/{account}/statement", get(payments::statement))
        .route("/payments/accounts/{account}/notification", get(payments::notification))
        .route("/payments/interbank", get(payments::interbank))
        .route("/payments/track/{uetr}", get(payments::track))
}

fn query_routes() -> Router<Context> {
    let query = "/epcis/queries/{name}";
    let all = discovery("GET, POST, OPTIONS");
    let one = discovery("GET, DELETE, OPTIONS");
    Router::new()
        .route("/epcis/queries", all.clone().get(queries::list).post(queries::create))
        .route(query, one.clone().get(queries::one).delete(queries::remove))
        .route(&format!("{query}/events"), discovery("GET, OPTIONS").get(queries::matching))
        .route(
            &format!("{query}/subscriptions"),
            all.get(queries::subscriptions).post(queries::subscribe),
        )
        .route(
            &format!("{query}/subscriptions/{{id}}"),
            one.get(queries::subscription).delete(queries::unsubscribe),
        )
}

fn discovery(methods: &'static str) -> MethodRouter<Context> {
    options(async move || headers::discover(methods))
}

/// Where the node keeps its files; none where it is in memory only.
fn data_folder(chain: &dyn Chain) -> Option<PathBuf> {
    let folder = PathBuf::from(chain.status().data_dir);
    folder.is_dir().then_some(folder)
}

async fn method_not_allowed() -> axum::response::Response {
    let detail = "this resource does not have that method; `OPTIONS` tells which it has";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "rest.method", detail).into_response()
}

/// A failure of the node. What failed goes to the log, not to the asker.
fn failed(cause: impl Display) -> Box<Problem> {
    tracing::error!(%cause, "request failed");
    let detail = "the node could not answer; its log says why";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "node.failure", detail)
}

/// What a client sent, short enough to be shown back.
fn cut(text: &str) -> String {
    const SHOWN_MAX: usize = 200;
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
