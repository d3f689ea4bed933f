//! `GET /proofs/…`: answers with everything that somebody needs to check them offline, and the
//! genesis file against which they are checked.

use alloy_primitives::{Address, B256, U256};
use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use qiao_types::{Genesis, Proof};

use super::{Context, events, extract, problem::Problem};
use crate::{
    goods,
    proofs::{self, Unproved},
};

/// The header of the file from which the network started: all but its accounts, for which the state root
/// in it stands. Whoever checks proofs against it compares its fingerprint with what another member says.
#[utoipa::path(
    get,
    operation_id = "genesis",
    path = "/genesis.json",
    tag = "proofs",
    responses((status = 200, body = serde_json::Value))
)]
pub(super) async fn genesis(State(context): State<Context>) -> Json<Genesis> {
    Json(context.chain.genesis().header())
}

/// The proof of what an account, and slots of its storage, hold now.
#[utoipa::path(
    get,
    operation_id = "account_proof",
    path = "/proofs/accounts/{address}",
    tag = "proofs",
    params(
        ("address" = String, Path),
        ("slot" = Option<String>, Query, description = "a slot, in hexadecimal or decimal; several times for several"),
    ),
    responses(
        (status = 200, body = serde_json::Value, description = "docs/reference/proofs.md"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 501, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn account(
    State(context): State<Context>,
    Path(address): Path<String>,
    extract::Parameters(parameters): extract::Parameters<Vec<(String, String)>>,
) -> Result<Response, Box<Problem>> {
    let address: Address = address.parse().map_err(|_| not_a("address", &address))?;
    let mut slots = Vec::new();
    for (name, value) in &parameters {
        match name.as_str() {
            "slot" => slots.push(value.parse::<U256>().map_err(|_| not_a("slot", value))?),
            other => return Err(unknown(other)),
        }
    }
    file(proofs::account(&*context.chain, address, &slots, None).await)
}

/// The proof of a transaction and of what came of it.
#[utoipa::path(
    get,
    operation_id = "transaction_proof",
    path = "/proofs/transactions/{hash}",
    tag = "proofs",
    params(("hash" = String, Path)),
    responses(
        (status = 200, body = serde_json::Value, description = "docs/reference/proofs.md"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 501, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn transaction(
    State(context): State<Context>,
    Path(hash): Path<String>,
) -> Result<Response, Box<Problem>> {
    let hash: B256 = hash.parse().map_err(|_| not_a("hash", &hash))?;
    file(proofs::transaction(&*context.chain, hash).await)
}

/// The proof of the transaction that recorded an event, by its Event Hash ID or `eventID`.
#[utoipa::path(
    get,
    operation_id = "event_proof",
    path = "/proofs/events/{eventID}",
    tag = "proofs",
    params(("eventID" = String, Path, description = "percent-encoded; or the 64 hexadecimal digits of the hash")),
    responses(
        (status = 200, body = serde_json::Value, description = "docs/reference/proofs.md"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 501, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn event(
    State(context): State<Context>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Box<Problem>> {
    let event = events::find(&context, &events::whole(id, query)).await?;
    file(proofs::transaction(&*context.chain, event.transaction).await)
}

/// The proof that the events of a journey are recorded. It tells nothing of what they say.
#[utoipa::path(
    get,
    operation_id = "journey_proof",
    path = "/proofs/journeys/{id}",
    tag = "proofs",
    params(("id" = String, Path, description = "a GS1 Digital Link, its path, or an EPC URN")),
    responses(
        (status = 200, body = serde_json::Value, description = "docs/reference/proofs.md"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 501, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn journey(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Response, Box<Problem>> {
    let journey = super::goods::found(&context, &id).await?;
    file(goods::journey_proof(&*context.chain, &journey).await)
}

/// The proof as a file that browsers save.
fn file(proof: Result<Proof, Unproved>) -> Result<Response, Box<Problem>> {
    let proof = proof.map_err(|unproved| refused(&unproved))?;
    let mut response = Json(proof).into_response();
    let disposition = HeaderValue::from_static("attachment; filename=\"proof.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

fn refused(unproved: &Unproved) -> Box<Problem> {
    let status = match unproved {
        Unproved::UnknownTransaction(_) => StatusCode::NOT_FOUND,
        Unproved::TooManySlots { .. } => StatusCode::BAD_REQUEST,
        Unproved::OldState { .. } => StatusCode::CONFLICT,
        Unproved::NoCertificate(_) => StatusCode::SERVICE_UNAVAILABLE,
        Unproved::Chain(crate::ChainFailure::NoProofs) => StatusCode::NOT_IMPLEMENTED,
        Unproved::Chain(failure) => return super::failed(failure),
    };
    Problem::new(status, unproved.code(), unproved.to_string())
}

fn not_a(name: &str, value: &str) -> Box<Problem> {
    let detail = format!("`{name}` is not what it should be: `{}`", super::cut(value));
    Problem::new(StatusCode::BAD_REQUEST, "rest.parameter", detail)
}

fn unknown(name: &str) -> Box<Problem> {
    let detail = format!("parameter `{}` is not known here; `slot` is", super::cut(name));
    Problem::new(StatusCode::BAD_REQUEST, "rest.query", detail)
}
