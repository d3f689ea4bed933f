//! Holds: what is held back, by whom and why.

use axum::{Json, body::Body, extract::Path, http::HeaderMap, response::Response};
use qiao_modules::lots::{
    self,
    ILots::{holdBackCall, releaseCall},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::things;
use crate::{
    recalls::{self, Hold, RecallError, words},
    rest::{
        finance::acting::{Acted, Acting, For, json},
        problem::Problem,
    },
};

/// Things that are to be held back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct HoldGiven {
    /// Lots, items, cases, pallets or assets, in any notation; at most 1,000.
    things: Vec<String>,
    /// Whether it counts for all holders: as owner of the products, or as a regulator.
    #[serde(default)]
    everywhere: bool,
    /// Why, as for a recall.
    reason: String,
    /// In words; at most 512 bytes.
    #[serde(default)]
    note: String,
}

/// Why a hold ends.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseGiven {
    /// In words; at most 512 bytes.
    #[serde(default)]
    note: String,
}

/// The holds that are not over, the newest first; at most 200 of them.
#[utoipa::path(
    get,
    operation_id = "holds",
    path = "/holds",
    tag = "recalls",
    params(For),
    responses((status = 200, body = Vec<Hold>))
)]
pub(super) async fn list(acting: Acting) -> Result<Json<Vec<Hold>>, Box<Problem>> {
    let mut holds = recalls::holds(acting.chain(), &acting.names).await?;
    holds.retain(|hold| acting.sees_all(hold.organisation.organisation));
    Ok(Json(holds))
}

/// One hold.
#[utoipa::path(
    get,
    operation_id = "hold",
    path = "/holds/{hold}",
    tag = "recalls",
    params(("hold" = u64, Path), For),
    responses(
        (status = 200, body = Hold),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    acting: Acting,
    Path(number): Path<u64>,
) -> Result<Json<Hold>, Box<Problem>> {
    let hold = recalls::hold(acting.chain(), &acting.names, number).await?;
    match acting.sees_all(hold.organisation.organisation) {
        true => Ok(Json(hold)),
        false => Err(RecallError::Unknown { what: "hold", number }.into()),
    }
}

/// Holds things back: for the desk's organisation alone, or everywhere.
#[utoipa::path(
    post,
    operation_id = "hold_back",
    path = "/holds",
    tag = "recalls",
    params(For),
    request_body(content = HoldGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn hold(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: HoldGiven = json(&acting.context, &headers, body).await?;
    let things = things("things", &given.things)?;
    let call = holdBackCall {
        things: things.iter().map(ToString::to_string).collect(),
        everywhere: given.everywhere,
        reason: words::number(&words::REASONS, "reason", &given.reason)?,
        note: given.note,
    };
    acting.make(lots::ADDRESS, call).await
}

/// Ends a hold. That of a recall ends with the recall.
#[utoipa::path(
    post,
    operation_id = "release_hold",
    path = "/holds/{hold}/release",
    tag = "recalls",
    params(("hold" = u64, Path), For),
    request_body(content = ReleaseGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn release(
    acting: Acting,
    Path(id): Path<u64>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let ReleaseGiven { note } = json(&acting.context, &headers, body).await?;
    acting.act(lots::ADDRESS, releaseCall { id, note }).await
}
