//! `POST /transactions`: a transaction that the node's account signs.

use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U256};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Context, body, problem::Problem};
use crate::{
    reverts,
    sending::{Order, SendError},
};

/// A transaction is waited for so long; then the answer is its hash.
const WAIT: Duration = Duration::from_secs(20);

/// What the node is to sign.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    /// Whom it calls; absent creates a contract.
    #[schema(value_type = Option<String>)]
    to: Option<Address>,
    /// Calldata, or the code that creates a contract, with its arguments.
    #[serde(default)]
    #[schema(value_type = String)]
    data: Bytes,
    /// Wei to transfer, in hexadecimal or decimal.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    value: U256,
}

/// What became of a transaction.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    /// Its hash.
    #[schema(value_type = String)]
    transaction: B256,
    /// The block in which it is final; absent where it is not final yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<u64>,
    /// Whether it took effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    succeeded: Option<bool>,
    /// Why it did not, as far as its output says.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The contract that it created.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    contract: Option<Address>,
    /// Gas that it used.
    #[serde(skip_serializing_if = "Option::is_none")]
    gas_used: Option<u64>,
}

/// Signs a transaction with the node's account, sends it and waits until it is final.
///
/// It is tried out first: what would be refused is not sent.
#[utoipa::path(
    post,
    operation_id = "send_transaction",
    path = "/transactions",
    tag = "contracts",
    request_body(content = Wanted),
    responses(
        (status = 201, description = "Final", body = Sent),
        (status = 202, description = "Not final yet", body = Sent),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn send(
    State(context): State<Context>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Response, Box<Problem>> {
    body::check(&headers, &context.limits)?;
    let whole = body::read(request_body, &context.limits, &context.bodies).await?;
    let wanted: Wanted = serde_json::from_slice(&whole.bytes).map_err(|error| {
        let detail = format!("the transaction cannot be read: {error}");
        Problem::new(StatusCode::BAD_REQUEST, "transactions.malformed", detail)
    })?;
    let order = Order { to: wanted.to, data: wanted.data, value: wanted.value };
    let trial = context.submitter.try_out(&order).await.map_err(|error| refused(&error))?;
    let sent = context.submitter.send(order, trial.gas).await.map_err(|error| refused(&error))?;
    let settled = context.submitter.settle(&sent, WAIT).await.map_err(|error| refused(&error))?;
    let transaction = sent.hash();
    let Some((block, position)) = settled else {
        let sent = Sent {
            transaction,
            block: None,
            succeeded: None,
            reason: None,
            contract: None,
            gas_used: None,
        };
        return Ok((StatusCode::ACCEPTED, Json(sent)).into_response());
    };
    let receipt = &block.receipts[position];
    let sent = Sent {
        transaction,
        block: Some(block.block.number()),
        succeeded: Some(receipt.succeeded()),
        reason: (!receipt.succeeded()).then(|| reverts::words(&receipt.output)).flatten(),
        contract: receipt.contract_address,
        gas_used: Some(receipt.gas_used),
    };
    let mut response = (StatusCode::CREATED, Json(sent)).into_response();
    let location = format!("/transactions/{transaction}");
    let location = HeaderValue::from_str(&location).expect("a hash is plain ASCII");
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

pub(super) fn refused(error: &SendError) -> Box<Problem> {
    let status = match error {
        SendError::NoSigner => StatusCode::NOT_IMPLEMENTED,
        SendError::Invalid(_) => StatusCode::BAD_REQUEST,
        SendError::Reverted { .. } | SendError::Submit(_) | SendError::Displaced(_) => {
            StatusCode::CONFLICT
        }
        SendError::Chain(_) => return super::failed(error),
    };
    let problem = Problem::new(status, error.code(), error.to_string());
    let SendError::Reverted { output } = error else { return problem };
    match qiao_modules::refusals().find(output) {
        Some(refusal) => problem.hint(refusal.remedy.clone()),
        None => problem,
    }
}
