//! `GET /trace/{id}`: where something came from, what it became, and where it is.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use qiao_epcis::Identifier;
use qiao_indexer::{Direction, TraceLimits};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Context, events::index_error, extract::Parameters, imports, problem::Problem};
use crate::{goods, sharing::Sight};

/// Where GS1 resolves its keys; the plain path of a key is completed with it.
const RESOLVER: &str = "https://id.gs1.org/";

/// Which way to follow.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `back`, `forward` or `both`; both if absent.
    #[param(value_type = Option<String>)]
    #[serde(default)]
    direction: Direction,
}

/// Traces one thing through aggregation, transformation, transaction and association.
///
/// The identifier is an EPC URN, a percent-encoded GS1 Digital Link, or the path of one:
/// `/trace/01/09521321123458/10/LOT7`. With `/fsma204.xlsx` or `/fsma204.csv` behind it, the answer is the
/// electronic sortable spreadsheet of FSMA 204 (21 CFR 1.1455) for the lots of the trace.
#[utoipa::path(
    get,
    path = "/trace/{id}",
    tag = "trace",
    params(("id" = String, Path), Wanted),
    responses(
        (status = 200, body = serde_json::Value, description = "Nodes, links and a timeline"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn trace(
    State(context): State<Context>,
    sight: Sight,
    Path(id): Path<String>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Box<Problem>> {
    if let Some((id, name)) = id.rsplit_once('/').filter(|(_, name)| goods::SHEETS.contains(name)) {
        return sheet(&context, &sight, id, name).await;
    }
    let identifier = identifier(&id)?;
    let index = context.chain.index();
    let trace = index.trace(&identifier, wanted.direction, &TraceLimits::default()).await;
    let trace = trace.map_err(index_error)?;
    if trace.found {
        return Ok(Json(trace).into_response());
    }
    Err(unknown(&trace.root))
}

/// The electronic sortable spreadsheet of FSMA 204.
async fn sheet(
    context: &Context,
    sight: &Sight,
    id: &str,
    name: &str,
) -> Result<Response, Box<Problem>> {
    let identifier = identifier(id)?;
    let names = goods::Names(&*context.chain);
    let rows = goods::fsma_rows(&*context.chain, sight, &identifier, &names).await;
    let rows = rows.map_err(index_error)?.ok_or_else(|| unknown(identifier.as_str()))?;
    Ok(imports::sheet_file(&goods::fsma_sheet(&rows), name))
}

fn unknown(id: &str) -> Box<Problem> {
    let detail = format!("no event names `{}`", super::cut(id));
    Problem::new(StatusCode::NOT_FOUND, "trace.unknown", detail)
        .hint("check the identifier, and whether its event was captured on this network")
}

/// What a path names: a URI as it is, or the path of a Digital Link.
pub(super) fn identifier(id: &str) -> Result<Identifier, Box<Problem>> {
    let is_path = id.trim_start_matches('/').bytes().next().is_some_and(|b| b.is_ascii_digit());
    let id = id.trim_start_matches('/');
    let uri = if is_path { format!("{RESOLVER}{id}") } else { id.to_owned() };
    Identifier::parse(&uri).map_err(|error| {
        let detail = format!("`{}` is not an identifier: {error}", super::cut(&uri));
        Problem::new(StatusCode::BAD_REQUEST, "trace.identifier", detail)
            .hint("for example `urn:epc:id:sscc:9521321.0000000001` or `01/09521321123458/10/LOT7`")
    })
}
