//! What is affected; the recall of it; the drill.

use axum::{
    Json,
    body::Body,
    extract::OriginalUri,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use qiao_epcis::Identifier;
use qiao_modules::lots::{self, ILots};
use serde::Deserialize;
use utoipa::ToSchema;

use super::things;
use crate::{
    finance::{Access, views},
    recalls::{self, Asked, Declared, Drilled, Found, RecallError, words},
    rest::{
        extract::Parameters,
        finance::acting::{Acting, For, json},
        imports::sheet_file,
        problem::Problem,
    },
};

/// Hours in which everybody is to take note, where nobody says otherwise.
const DEADLINE_HOURS: u64 = 24;

/// A recall that is to be declared, or tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RecallGiven {
    /// The suspect lots, items, cases or pallets, in any notation; at most 50.
    lots: Vec<String>,
    /// How far it reaches: `consumer` (if absent), `retail` or `wholesale`.
    #[serde(default)]
    level: Option<String>,
    /// Why: `quality_check`, `out_of_specification`, `contamination`, `undeclared_allergen`,
    /// `wrong_label`, `temperature`, `expired`, `counterfeit`, `missing_documents` or `order`.
    reason: String,
    /// In words, for those who are told; at most 1,024 bytes.
    #[serde(default)]
    text: String,
    /// Hours in which everybody is to take note: 24 if absent, at least one, at most a year.
    #[serde(default)]
    deadline_hours: Option<u64>,
}

impl RecallGiven {
    fn read(self) -> Result<Asked, RecallError> {
        let level = self.level.as_deref().unwrap_or("consumer");
        let text = self.text.trim().to_owned();
        if text.is_empty() || text.len() > recalls::TEXT_BYTES_MAX {
            let rule = format!("has 1 to {} bytes", recalls::TEXT_BYTES_MAX);
            return Err(RecallError::input("text", rule));
        }
        Ok(Asked {
            suspects: things("lots", &self.lots)?,
            level: words::number(&words::LEVELS, "level", level)?,
            reason: words::number(&words::REASONS, "reason", &self.reason)?,
            text,
            deadline_seconds: self.deadline_hours.unwrap_or(DEADLINE_HOURS).saturating_mul(3_600),
        })
    }
}

/// A key of one organisation asks about goods under its own company prefix.
async fn require_own(acting: &Acting, suspects: &[Identifier]) -> Result<(), RecallError> {
    if !matches!(acting.access, Access::Only(_)) || acting.desk.is_regulator {
        return Ok(());
    }
    let calls = suspects.iter().map(|id| ILots::ownerOfCall { id: id.as_str().to_owned() });
    let owners = views(acting.chain(), lots::ADDRESS, calls).await?;
    let mut all = suspects.iter().zip(owners);
    match all.find(|(_, owner)| *owner != acting.desk.organisation) {
        Some((thing, _)) => Err(RecallError::NotOwn { thing: thing.to_string() }),
        None => Ok(()),
    }
}

async fn found(acting: &Acting, pairs: Vec<(String, String)>) -> Result<Found, Box<Problem>> {
    let lots: Vec<String> =
        pairs.into_iter().filter(|(name, _)| name == "lot").map(|(_, lot)| lot).collect();
    let suspects = things("lot", &lots)?;
    require_own(acting, &suspects).await?;
    Ok(recalls::affected(acting.chain(), &suspects).await?)
}

/// Everything that has something of a suspect lot in it: lots and items, how much of each, where, and
/// with whom.
#[utoipa::path(
    get,
    operation_id = "affected",
    path = "/recalls/affected",
    tag = "recalls",
    params(
        ("lot" = Vec<String>, Query, description = "a lot, item, case or pallet in any notation; may be repeated"),
        For
    ),
    responses(
        (status = 200, body = Found),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn affected(
    acting: Acting,
    Parameters(pairs): Parameters<Vec<(String, String)>>,
) -> Result<Json<Found>, Box<Problem>> {
    found(&acting, pairs).await.map(Json)
}

/// The same as a table: `affected.csv` or `affected.xlsx`.
#[utoipa::path(
    get,
    operation_id = "affected_file",
    path = "/recalls/affected.xlsx",
    tag = "recalls",
    params(("lot" = Vec<String>, Query), For),
    responses(
        (status = 200, description = "the file"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn affected_file(
    acting: Acting,
    OriginalUri(uri): OriginalUri,
    Parameters(pairs): Parameters<Vec<(String, String)>>,
) -> Result<Response, Box<Problem>> {
    let found = found(&acting, pairs).await?;
    let name = uri.path().rsplit('/').next().unwrap_or("affected.xlsx");
    Ok(sheet_file(&recalls::affected_sheet(&found.affected), name))
}

/// Declares a recall: what is affected is on hold everywhere, and everybody that has some of it is told.
#[utoipa::path(
    post,
    operation_id = "declare_recall",
    path = "/recalls",
    tag = "recalls",
    params(For),
    request_body(content = RecallGiven),
    responses(
        (status = 201, description = "Final", body = Declared),
        (status = 202, description = "Not final yet; nobody was told", body = Declared),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn declare(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: RecallGiven = json(&acting.context, &headers, body).await?;
    let asked = given.read()?;
    require_own(&acting, &asked.suspects).await?;
    let declared = recalls::declare(acting.chain(), &acting.desk, &asked).await?;
    let is_final = declared.block.is_some();
    let status = if is_final { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    Ok((status, Json(declared)).into_response())
}

/// Does everything that a recall takes but sending it, and tells how long each step took. Nothing of it
/// reaches the chain or another member.
#[utoipa::path(
    post,
    operation_id = "drill_recall",
    path = "/recalls/drill",
    tag = "recalls",
    params(For),
    request_body(content = RecallGiven),
    responses(
        (status = 200, body = Drilled),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn drill(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Drilled>, Box<Problem>> {
    let given: RecallGiven = json(&acting.context, &headers, body).await?;
    let asked = given.read()?;
    require_own(&acting, &asked.suspects).await?;
    Ok(Json(recalls::drill(acting.chain(), &acting.desk, &asked).await?))
}
