//! `/recalls` and `/holds`: from a suspect lot to everything affected, and to the end of its recall.
//!
//! Everything is asked and done for one organisation, as below `/finance`: that of the key, else
//! `?as=NUMBER`, else the node's own.

mod declaring;
mod following;
mod holding;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};
use utoipa::OpenApi;

use super::{Context, finance::acting::Acting, problem::Problem};
use crate::{
    finance::{Access, ViewError},
    recalls::{RecallError, identifier},
    sending::SendError,
};

/// The routes of recalls and holds.
#[derive(OpenApi)]
#[openapi(
    paths(
        declaring::affected, declaring::affected_file, declaring::declare, declaring::drill,
        following::list, following::one, following::report, following::report_file,
        following::notice, following::notify, following::acknowledge, following::answer,
        following::close, holding::list, holding::one, holding::hold, holding::release,
    ),
    tags((name = "recalls", description = "Holds, recalls, and how well they work"))
)]
pub(super) struct RecallsApi;

/// The routes below `/recalls` and `/holds`.
pub(super) fn routes() -> Router<Context> {
    Router::new()
        .route("/recalls", get(following::list).post(declaring::declare))
        .route("/recalls/affected", get(declaring::affected))
        .route("/recalls/affected.csv", get(declaring::affected_file))
        .route("/recalls/affected.xlsx", get(declaring::affected_file))
        .route("/recalls/drill", post(declaring::drill))
        .route("/recalls/{recall}", get(following::one))
        .route("/recalls/{recall}/report", get(following::report))
        .route("/recalls/{recall}/report.csv", get(following::report_file))
        .route("/recalls/{recall}/report.xlsx", get(following::report_file))
        .route("/recalls/{recall}/notices/{party}", get(following::notice))
        .route("/recalls/{recall}/notify", post(following::notify))
        .route("/recalls/{recall}/acknowledge", post(following::acknowledge))
        .route("/recalls/{recall}/answer", post(following::answer))
        .route("/recalls/{recall}/close", post(following::close))
        .route("/holds", get(holding::list).post(holding::hold))
        .route("/holds/{hold}", get(holding::one))
        .route("/holds/{hold}/release", post(holding::release))
        .layer(DefaultBodyLimit::disable())
}

/// What went wrong, as a problem document.
fn refused(error: RecallError) -> Box<Problem> {
    let error = match error {
        RecallError::Index(error) => return super::events::index_error(error),
        other => other,
    };
    use RecallError::{Index, Input, NotOwn, NothingKnown, Send, Unknown, View};
    let status = match &error {
        View(ViewError::Failed(_)) | Index(_) | Send(SendError::Chain(_)) => {
            return super::failed(error);
        }
        Send(SendError::NoSigner) => StatusCode::NOT_IMPLEMENTED,
        View(ViewError::Refused { .. }) | Send(_) => StatusCode::CONFLICT,
        Unknown { .. } | NothingKnown { .. } => StatusCode::NOT_FOUND,
        NotOwn { .. } => StatusCode::FORBIDDEN,
        Input { .. } => StatusCode::BAD_REQUEST,
    };
    let mut problem = Problem::new(status, error.code(), super::cut(&error.to_string()));
    if let Some(output) = error.refusal() {
        problem = problem.refusal(output);
    }
    problem.hint = error.hint();
    problem
}

impl From<RecallError> for Box<Problem> {
    fn from(error: RecallError) -> Self {
        refused(error)
    }
}

/// Reads the things that a field of a question names.
fn things(field: &str, texts: &[String]) -> Result<Vec<qiao_epcis::Identifier>, RecallError> {
    let read = |text: &String| {
        let told = |rule| RecallError::input(field, format!("`{}`: {rule}", super::cut(text)));
        identifier(text).map_err(told)
    };
    texts.iter().map(read).collect()
}

impl Acting {
    /// Whether whoever asks sees all of a recall of this declarer: a key that is bound to another
    /// organisation sees its own part.
    fn sees_all(&self, declarer: u64) -> bool {
        let is_bound = matches!(self.access, Access::Only(_));
        !is_bound || self.desk.is_regulator || self.desk.organisation == declarer
    }
}
