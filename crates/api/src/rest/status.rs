//! `GET /status`, `GET /status/head` and `GET /health`.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Context, extract::Parameters, problem::Problem};
use crate::{Head, NodeStatus};

/// The longest that one request for the head waits.
const HEAD_WAIT_MS_MAX: u64 = 30_000;

/// After which block to answer, and how long to wait for it.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HeadQuery {
    /// Answer once there is a final block above this height; at once if absent.
    after: Option<u64>,
    /// Answer with what there is after so many milliseconds; 10,000 if absent, at most 30,000.
    wait_ms: Option<u64>,
}

/// The newest final block whose receipts can be read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct HeadAnswer {
    /// Its height.
    number: u64,
    /// Its hash.
    hash: String,
    /// Milliseconds since the Unix epoch at which it was proposed.
    timestamp_ms: u64,
}

/// Whether the node serves and the chain goes on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`, `stalled` when no blocks become final, `index_away` when the database of the index does not
    /// answer, or old blocks are still executed after the state was fetched.
    status: &'static str,
    /// The newest final block.
    block: u64,
    /// Why the chain or the index does not go on, as far as the node can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What the node is doing: height, finality, validators, pool.
#[utoipa::path(get, path = "/status", tag = "node", responses((status = 200, body = NodeStatus)))]
pub(super) async fn status(State(context): State<Context>) -> Json<NodeStatus> {
    Json(context.chain.status())
}

/// The newest final block, as soon as it is above a height: to follow the chain without asking again
/// and again.
#[utoipa::path(
    get,
    path = "/status/head",
    tag = "node",
    params(HeadQuery),
    responses(
        (status = 200, body = HeadAnswer),
        (status = 503, description = "too many requests wait already", body = Problem)
    )
)]
pub(super) async fn head(
    State(context): State<Context>,
    Parameters(query): Parameters<HeadQuery>,
) -> Result<Json<HeadAnswer>, Box<Problem>> {
    let head = context.chain.head();
    let Some(after) = query.after.filter(|after| head.number <= *after) else {
        return Ok(Json(answer(head)));
    };
    let Ok(_waits) = context.waits.try_acquire() else {
        let detail = "too many requests wait for a block";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "status.busy", detail);
        return Err(problem.hint("ask again later, or without `after`"));
    };
    let wait = Duration::from_millis(query.wait_ms.unwrap_or(10_000).min(HEAD_WAIT_MS_MAX));
    let mut heads = context.chain.heads();
    let newer = heads.wait_for(|head| head.number > after);
    // Whether there is a newer one, the time is over or the node stops: it answers what it has.
    let _ = tokio::time::timeout(wait, newer).await;
    Ok(Json(answer(context.chain.head())))
}

fn answer(head: Head) -> HeadAnswer {
    let Head { number, hash, timestamp_ms } = head;
    HeadAnswer { number, hash: hash.to_string(), timestamp_ms }
}

/// For load balancers and supervisors: 200 while blocks become final and the index takes them, 503
/// otherwise.
#[utoipa::path(
    get,
    path = "/health",
    tag = "node",
    responses((status = 200, body = Health), (status = 503, body = Health))
)]
pub(super) async fn health(State(context): State<Context>) -> (StatusCode, Json<Health>) {
    let status = context.chain.status();
    let block = status.head.number;
    let health = match (status.is_final_progressing, status.index_trouble) {
        (true, None) => {
            return (StatusCode::OK, Json(Health { status: "ok", block, reason: None }));
        }
        (true, reason) => Health { status: "index_away", block, reason },
        (false, _) => Health { status: "stalled", block, reason: status.stalled_reason },
    };
    (StatusCode::SERVICE_UNAVAILABLE, Json(health))
}
