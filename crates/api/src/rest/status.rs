//! `GET /status` and `GET /health`.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::Context;
use crate::NodeStatus;

/// Whether the node serves and the chain goes on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`, or `stalled` when no blocks become final.
    status: &'static str,
    /// The newest final block.
    block: u64,
    /// Why the chain does not go on, as far as the node can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What the node is doing: height, finality, validators, pool.
#[utoipa::path(get, path = "/status", tag = "node", responses((status = 200, body = NodeStatus)))]
pub(super) async fn status(State(context): State<Context>) -> Json<NodeStatus> {
    Json(context.chain.status())
}

/// For load balancers and supervisors: 200 while blocks become final, 503 otherwise.
#[utoipa::path(
    get,
    path = "/health",
    tag = "node",
    responses((status = 200, body = Health), (status = 503, body = Health))
)]
pub(super) async fn health(State(context): State<Context>) -> (StatusCode, Json<Health>) {
    let status = context.chain.status();
    let block = status.head.number;
    if status.is_final_progressing {
        return (StatusCode::OK, Json(Health { status: "ok", block, reason: None }));
    }
    let health = Health { status: "stalled", block, reason: status.stalled_reason };
    (StatusCode::SERVICE_UNAVAILABLE, Json(health))
}
