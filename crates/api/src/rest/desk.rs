//! `/watched` and `/covered`: what quality assurance and retailers look at.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Context, events::index_error, extract::Parameters, imports::sheet_file, problem::Problem,
};
use crate::goods::{self, Names, Span};

/// Which events.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct Wanted {
    /// From this time on, in milliseconds since the Unix epoch.
    from_ms: Option<i64>,
    /// Before this time.
    until_ms: Option<i64>,
    /// Only the gaps of this supplier.
    supplier: Option<String>,
}

impl Wanted {
    fn span(&self) -> Span {
        Span { from_ms: self.from_ms, until_ms: self.until_ms }
    }
}

/// Temperatures out of the bounds of products and what events call held back or recalled, among the newest
/// events of a span of time; and the holds and recalls that are in force on the chain.
#[utoipa::path(
    get,
    path = "/watched",
    tag = "goods",
    params(Wanted),
    responses((status = 200, body = serde_json::Value))
)]
pub(super) async fn watched(
    State(context): State<Context>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Box<Problem>> {
    let watched = goods::watched(&*context.chain, wanted.span()).await?;
    Ok(Json(watched).into_response())
}

/// What is missing in the events of suppliers, and coverage by category, among the newest events of a span
/// of time. With `Accept: text/csv` the gaps as a table.
#[utoipa::path(
    get,
    path = "/covered",
    tag = "goods",
    params(Wanted),
    responses((status = 200, body = serde_json::Value))
)]
pub(super) async fn covered(
    State(context): State<Context>,
    Parameters(wanted): Parameters<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Box<Problem>> {
    let names = Names(&*context.chain);
    let answer = goods::covered(&*context.chain, wanted.span(), &names).await;
    let (coverage, is_cut) = answer.map_err(index_error)?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.starts_with("text/csv")) {
        let sheet = goods::gaps_sheet(&coverage, wanted.supplier.as_deref());
        return Ok(sheet_file(&sheet, "missing-data.csv"));
    }
    let body = serde_json::json!({ "coverage": coverage, "isCut": is_cut });
    Ok(Json(body).into_response())
}
