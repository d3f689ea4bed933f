//! `eth_call` and `eth_estimateGas`: Ethereum's requests in the words of the executor.

use std::collections::BTreeMap;

use alloy_eips::BlockId;
use alloy_primitives::{Address, Bytes, U256};
use alloy_rpc_types_eth::{
    TransactionRequest,
    state::{AccountOverride as RpcAccountOverride, StateOverride},
};
use jsonrpsee::{core::RpcResult, types::ErrorObjectOwned};
use qiao_execution::{AccountOverride, CallError, CallRequest, CallStatus};

use super::state;
use crate::{
    Chain, calling,
    rpc::errors::{self, INVALID_PARAMS, SERVER, error},
};

/// Answers `eth_call`.
pub(super) async fn call(
    chain: &dyn Chain,
    request: TransactionRequest,
    block: Option<BlockId>,
    overrides: Option<StateOverride>,
) -> RpcResult<Bytes> {
    let request = translate(request, overrides)?;
    let block = state::existing(chain, block).await?;
    let outcome = calling::at_block(chain, &block, request).await.map_err(call_error)?;
    match outcome.status {
        CallStatus::Success => Ok(outcome.output),
        CallStatus::Reverted => Err(errors::reverted(&outcome.output)),
        CallStatus::Halted(reason) => Err(error(SERVER, reason)),
    }
}

/// Answers `eth_estimateGas`.
pub(super) async fn estimate(
    chain: &dyn Chain,
    request: TransactionRequest,
    block: Option<BlockId>,
    overrides: Option<StateOverride>,
) -> RpcResult<u64> {
    let request = translate(request, overrides)?;
    let block = state::existing(chain, block).await?;
    calling::estimate(chain, &block, request).await.map_err(call_error)
}

fn translate(
    request: TransactionRequest,
    overrides: Option<StateOverride>,
) -> RpcResult<CallRequest> {
    if request.blob_versioned_hashes.is_some() || request.sidecar.is_some() {
        return Err(error(SERVER, "transaction type not supported: blobs are not accepted here"));
    }
    let data = match (request.input.input, request.input.data) {
        (Some(input), Some(data)) if input != data => {
            let message = "both \"data\" and \"input\" are set and not equal";
            return Err(error(INVALID_PARAMS, message));
        }
        (input, data) => input.or(data).unwrap_or_default(),
    };
    let overrides = overrides.unwrap_or_default();
    let overrides = overrides
        .into_iter()
        .map(|(address, change)| account(change).map(|change| (address, change)));
    Ok(CallRequest {
        from: request.from.unwrap_or_default(),
        to: request.to.and_then(|to| to.to().copied()),
        gas: request.gas,
        gas_price: request.gas_price.or(request.max_fee_per_gas).unwrap_or_default(),
        value: request.value.unwrap_or_default(),
        data,
        access_list: request.access_list.unwrap_or_default(),
        authorization_list: request.authorization_list.unwrap_or_default(),
        overrides: overrides.collect::<RpcResult<BTreeMap<Address, AccountOverride>>>()?,
    })
}

fn account(change: RpcAccountOverride) -> RpcResult<AccountOverride> {
    if change.move_precompile_to.is_some() {
        return Err(error(INVALID_PARAMS, "movePrecompileToAddress is not supported"));
    }
    let slots = |slots: alloy_primitives::map::B256HashMap<_>| {
        slots
            .into_iter()
            .map(|(slot, value): (alloy_primitives::B256, alloy_primitives::B256)| {
                (U256::from_be_bytes(slot.0), U256::from_be_bytes(value.0))
            })
            .collect::<BTreeMap<_, _>>()
    };
    Ok(AccountOverride {
        balance: change.balance,
        nonce: change.nonce,
        code: change.code,
        state: change.state.map(slots),
        state_diff: change.state_diff.map(slots).unwrap_or_default(),
    })
}

fn call_error(failed: CallError) -> ErrorObjectOwned {
    match failed {
        CallError::Reverted { output } => errors::reverted(&output),
        CallError::State(unavailable) => errors::state(&unavailable),
        CallError::Fatal(reason) => errors::failure(&crate::ChainFailure::Store(reason)),
        CallError::Halted { reason } => error(SERVER, reason),
        refused => error(SERVER, refused),
    }
}
