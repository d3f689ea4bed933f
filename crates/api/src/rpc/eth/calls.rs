//! `eth_call` and `eth_estimateGas`: Ethereum's requests in the words of the executor.

use std::collections::BTreeMap;

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{Address, Bytes, U256};
use alloy_rpc_types_eth::{
    BlockOverrides, TransactionRequest,
    state::{AccountOverride as RpcAccountOverride, StateOverride},
};
use jsonrpsee::{core::RpcResult, types::ErrorObjectOwned};
use qiao_execution::{AccountOverride, BlockEnvironment, CallError, CallRequest, CallStatus};
use qiao_types::FinalizedBlock;

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
    environment: Option<BlockOverrides>,
) -> RpcResult<Bytes> {
    let request = translate(request, overrides)?;
    let is_next = block == Some(BlockId::Number(BlockNumberOrTag::Pending));
    let block = state::existing(chain, block).await?;
    let env = in_block(chain, &block, is_next, environment)?;
    let outcome = calling::in_environment(chain, &block, env, request).await;
    let outcome = outcome.map_err(call_error)?;
    match outcome.status {
        CallStatus::Success => Ok(outcome.output),
        CallStatus::Reverted => Err(errors::reverted(&outcome.output)),
        CallStatus::Halted(reason) => Err(error(SERVER, reason)),
    }
}

/// Answers `eth_estimateGas`: for the next block, unless an older state is asked for.
pub(super) async fn estimate(
    chain: &dyn Chain,
    request: TransactionRequest,
    block: Option<BlockId>,
    overrides: Option<StateOverride>,
) -> RpcResult<u64> {
    let request = translate(request, overrides)?;
    let is_next = matches!(
        block,
        None | Some(BlockId::Number(BlockNumberOrTag::Pending | BlockNumberOrTag::Latest))
    );
    let block = state::existing(chain, block).await?;
    let env = in_block(chain, &block, is_next, None)?;
    calling::estimate(chain, &block, env, request).await.map_err(call_error)
}

/// The environment of a call on the state after `block`.
pub(in crate::rpc) fn in_block(
    chain: &dyn Chain,
    block: &FinalizedBlock,
    is_next: bool,
    change: Option<BlockOverrides>,
) -> RpcResult<BlockEnvironment> {
    let env = if is_next {
        chain.next_environment(block)
    } else {
        BlockEnvironment::of(&block.block.header)
    };
    let Some(change) = change else { return Ok(env) };
    let unsupported = change.base_fee.is_some_and(|fee| !fee.is_zero())
        || change.blob_base_fee.is_some_and(|fee| !fee.is_zero())
        || change.block_hash.is_some()
        || change.beacon_root.is_some();
    if unsupported {
        let message = "only number, time, gasLimit, feeRecipient and prevRandao can be overridden";
        return Err(error(INVALID_PARAMS, message));
    }
    Ok(BlockEnvironment {
        number: change.number.map_or(env.number, |number| number.saturating_to()),
        timestamp: change.time.unwrap_or(env.timestamp),
        beneficiary: change.coinbase.unwrap_or(env.beneficiary),
        gas_limit: change.gas_limit.unwrap_or(env.gas_limit),
        parent_hash: env.parent_hash,
        prev_randao: change.random.unwrap_or(env.prev_randao),
    })
}

/// Ethereum's request in the words of the executor.
pub(in crate::rpc) fn translate(
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
    Ok(CallRequest {
        from: request.from.unwrap_or_default(),
        to: request.to.and_then(|to| to.to().copied()),
        gas: request.gas,
        nonce: request.nonce,
        gas_price: request.gas_price.or(request.max_fee_per_gas).unwrap_or_default(),
        value: request.value.unwrap_or_default(),
        data,
        access_list: request.access_list.unwrap_or_default(),
        authorization_list: request.authorization_list.unwrap_or_default(),
        overrides: accounts(overrides)?,
    })
}

/// The accounts that are otherwise than in the state.
pub(in crate::rpc) fn accounts(
    overrides: Option<StateOverride>,
) -> RpcResult<BTreeMap<Address, AccountOverride>> {
    let overrides = overrides.unwrap_or_default().into_iter();
    overrides.map(|(address, change)| account(change).map(|change| (address, change))).collect()
}

fn account(change: RpcAccountOverride) -> RpcResult<AccountOverride> {
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
        move_precompile_to: change.move_precompile_to,
    })
}

/// Why a call gave no answer.
pub(in crate::rpc) fn call_error(failed: CallError) -> ErrorObjectOwned {
    match failed {
        CallError::Reverted { output } => errors::reverted(&output),
        CallError::State(unavailable) => errors::state(&unavailable),
        CallError::Fatal(reason) => errors::failure(&crate::ChainFailure::Store(reason)),
        CallError::Halted { reason } => error(SERVER, reason),
        refused => error(SERVER, refused),
    }
}
