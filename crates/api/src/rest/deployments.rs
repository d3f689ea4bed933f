//! `GET /deployments`: contracts, whose they are, and their verified sources.

use std::sync::Arc;

use alloy_primitives::{Address, B256};
use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use qiao_execution::CallError;
use qiao_indexer::PageRequest;
use serde::Serialize;
use tokio::task;
use utoipa::ToSchema;

use super::{
    Context, body,
    events::index_error,
    extract::Parameters,
    pages::{self, Paging},
    problem::Problem,
};
use crate::contracts::{
    ContractState, Refused, Sources, Verified, Verifying, contract_state, true_code,
};

/// A contract.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deployment {
    /// Where it is.
    #[schema(value_type = String)]
    address: Address,
    /// The number of the organisation to which it belongs; 0 for none.
    organisation: u64,
    /// The account whose transaction created it; absent for contracts of the genesis.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    creator: Option<Address>,
    /// The block in which it was created.
    created_in_block: u64,
    /// What its owner calls it, if it was declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Whether its owner may exchange its code.
    upgradeable: bool,
    /// Who stopped it; empty while it runs.
    frozen: Vec<Freeze>,
    /// The hash of its true code, frozen or not.
    #[schema(value_type = String)]
    code_hash: B256,
    /// The contract as its verified source calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<String>,
}

/// Who stopped a contract, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Freeze {
    /// `owner`, `regulator` or `validators`.
    authority: &'static str,
    /// The account.
    #[schema(value_type = String)]
    by: Address,
    /// Seconds since the Unix epoch.
    since: u64,
    /// Why.
    reason: String,
}

/// The contracts that transactions created, newest first. Those that a contract created are missing
/// until they are declared.
#[utoipa::path(
    get,
    operation_id = "deployments",
    path = "/deployments",
    tag = "contracts",
    params(Paging),
    responses((status = 200, body = Vec<Deployment>))
)]
pub(super) async fn list(
    State(context): State<Context>,
    Parameters(paging): Parameters<Paging>,
) -> Result<Response, Box<Problem>> {
    let length = paging.length(&context.limits)?;
    let limit = u32::try_from(length).unwrap_or(u32::MAX);
    let request = PageRequest { token: paging.next_page_token.clone(), limit };
    let page = context.chain.index().deployments(&request).await.map_err(index_error)?;
    let mut shown = Vec::new();
    for address in page.items {
        let state = contract_state(&*context.chain, address).await.map_err(unavailable)?;
        shown.extend(state.map(|state| Deployment::new(state, context.chain.sources())));
    }
    let mut response = Json(shown).into_response();
    if let Some(next) = page.next {
        pages::link(&mut response, "/deployments", &[], length, &next);
    }
    Ok(response)
}

/// One contract.
#[utoipa::path(
    get,
    operation_id = "deployment",
    path = "/deployments/{address}",
    tag = "contracts",
    params(("address" = String, Path)),
    responses(
        (status = 200, body = Deployment),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(context): State<Context>,
    Path(address): Path<String>,
) -> Result<Json<Deployment>, Box<Problem>> {
    let state = found(&context, &address).await?;
    Ok(Json(Deployment::new(state, context.chain.sources())))
}

/// The verified source of a contract.
#[utoipa::path(
    get,
    operation_id = "source",
    path = "/deployments/{address}/source",
    tag = "contracts",
    params(("address" = String, Path)),
    responses(
        (status = 200, body = Verified),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn source(
    State(context): State<Context>,
    Path(address): Path<String>,
) -> Result<Json<Verified>, Box<Problem>> {
    let state = found(&context, &address).await?;
    let verified = apart(&context, move |sources| sources.get(state.address, state.code_hash));
    let verified = verified.await?.ok_or_else(|| {
        let detail = format!("no source was verified for the code of {}", state.address);
        Problem::new(StatusCode::NOT_FOUND, "contracts.no_source", detail)
            .hint("`qiao contract verify` compiles a source and compares it with the chain's code")
    })?;
    Ok(Json(Verified::clone(&verified)))
}

/// Keeps the source of a contract, after the code that it was compiled to was compared with the
/// chain's. That the source compiles to this code is the sender's word.
#[utoipa::path(
    put,
    operation_id = "verify_source",
    path = "/deployments/{address}/source",
    tag = "contracts",
    params(("address" = String, Path)),
    request_body(content = Verifying),
    responses(
        (status = 200, body = Deployment),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn verify(
    State(context): State<Context>,
    Path(address): Path<String>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Deployment>, Box<Problem>> {
    body::check(&headers, &context.limits)?;
    let whole = body::read(request_body, &context.limits, &context.bodies).await?;
    let given: Verifying = serde_json::from_slice(&whole.bytes).map_err(|error| {
        let detail = format!("the source cannot be read: {error}");
        Problem::new(StatusCode::BAD_REQUEST, "contracts.source_malformed", detail)
    })?;
    let state = found(&context, &address).await?;
    let code = true_code(&*context.chain, state.code_hash).await.map_err(unavailable)?;
    let address = state.address;
    let kept = apart(&context, move |sources| sources.put(address, &code, given)).await?;
    kept.map_err(|refused| not_taken(&refused))?;
    Ok(Json(Deployment::new(state, context.chain.sources())))
}

/// Works on the sources on a thread that may wait for the disk.
async fn apart<T: Send + 'static>(
    context: &Context,
    work: impl FnOnce(&Sources) -> T + Send + 'static,
) -> Result<T, Box<Problem>> {
    let chain = Arc::clone(&context.chain);
    let running = task::spawn_blocking(move || chain.sources().map(work));
    running.await.map_err(super::failed)?.ok_or_else(|| {
        let detail = "this node keeps no sources";
        Problem::new(StatusCode::NOT_IMPLEMENTED, "contracts.no_sources", detail)
    })
}

async fn found(context: &Context, address: &str) -> Result<ContractState, Box<Problem>> {
    let Ok(parsed) = address.parse::<Address>() else {
        let detail = format!("`{}` is not an address", super::cut(address));
        return Err(Problem::new(StatusCode::BAD_REQUEST, "contracts.address", detail));
    };
    let state = contract_state(&*context.chain, parsed).await.map_err(unavailable)?;
    state.ok_or_else(|| {
        let detail = format!("there is no contract at {parsed}");
        Problem::new(StatusCode::NOT_FOUND, "contracts.unknown_contract", detail)
    })
}

fn unavailable(error: CallError) -> Box<Problem> {
    super::failed(error)
}

fn not_taken(refused: &Refused) -> Box<Problem> {
    let status = match refused {
        Refused::Mismatch(_) => StatusCode::CONFLICT,
        Refused::Abi(_) | Refused::Shape(_) => StatusCode::BAD_REQUEST,
        Refused::Full => StatusCode::TOO_MANY_REQUESTS,
        Refused::Disk(_) => return super::failed(refused),
    };
    let problem = Problem::new(status, refused.code(), refused.to_string());
    match refused {
        Refused::Mismatch(_) => {
            problem.hint("compile with the version and settings with which it was deployed")
        }
        _ => problem,
    }
}

impl Deployment {
    fn new(state: ContractState, sources: Option<&Sources>) -> Self {
        let freezes = state.freezes.into_iter().map(|freeze| Freeze {
            authority: freeze.authority,
            by: freeze.by,
            since: freeze.since,
            reason: freeze.reason,
        });
        Self {
            address: state.address,
            organisation: state.organisation,
            creator: state.creator,
            created_in_block: state.created_in_block,
            name: state.name,
            upgradeable: state.is_upgradeable,
            frozen: freezes.collect(),
            code_hash: state.code_hash,
            verified: sources.and_then(|sources| sources.name(state.address, state.code_hash)),
        }
    }
}
