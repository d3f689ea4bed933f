//! The REST routes: capture and query of EPCIS events, traces, and the state of the node.

mod problem;
mod status;

use std::sync::Arc;

use axum::{Router, routing::get};

pub use self::problem::{EventProblem, Problem};
use crate::Chain;

/// What one client may ask of the REST routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest request body; longer ones are refused with 413 before they are read.
    pub body_bytes_max: usize,
    /// Capture jobs under way at one time; more are refused with 429.
    pub jobs_running_max: usize,
    /// Finished capture jobs that are remembered; the oldest are forgotten first.
    pub jobs_kept_max: usize,
    /// Finished capture jobs are remembered for so long.
    pub job_kept_seconds: u64,
    /// Events on one page of an answer.
    pub page_events_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 16 * 1024 * 1024,
            jobs_running_max: 64,
            jobs_kept_max: 10_000,
            job_kept_seconds: 24 * 60 * 60,
            page_events_max: 1_000,
        }
    }
}

/// What every handler can reach.
#[derive(Clone)]
struct Context {
    chain: Arc<dyn Chain>,
}

/// The routes with the default limits. The listener puts [`crate::guard::protect`] in front.
pub fn router(chain: Arc<dyn Chain>) -> Router {
    router_with(chain, Limits::default())
}

/// The routes with limits of the operator's choice.
pub fn router_with(chain: Arc<dyn Chain>, _limits: Limits) -> Router {
    Router::new()
        .route("/status", get(status::status))
        .route("/health", get(status::health))
        .with_state(Context { chain })
}
