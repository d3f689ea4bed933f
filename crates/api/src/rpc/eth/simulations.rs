//! `eth_createAccessList` and `eth_simulateV1`: running what nobody sent.

use std::sync::Arc;

use alloy_eips::{BlockId, eip2930::AccessList};
use alloy_primitives::{Bytes, U64};
use alloy_rpc_types_eth::{
    Log, TransactionRequest,
    simulate::{SimBlock, SimCallResult, SimulateError, SimulatePayload, SimulatedBlock},
    state::StateOverride,
};
use jsonrpsee::{
    Methods,
    core::{RpcResult, async_trait},
    proc_macros::rpc,
    types::ErrorObjectOwned,
};
use qiao_execution::{
    CallOutcome, CallStatus, Rejection, Simulated, Simulation, SimulationBlock, SimulationError,
    SimulationRefused, access_list, simulate,
};
use qiao_types::FinalizedBlock;
use serde::Serialize;

use super::{
    calls::{accounts, call_error, in_block, translate},
    state,
    view::{self, RpcBlock},
};
use crate::{
    Chain, calling, reverts,
    rpc::errors::{INVALID_PARAMS, error},
};

/// The places that a call touches, and what it costs with them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessListAnswer {
    access_list: AccessList,
    gas_used: U64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[rpc(server, namespace = "eth")]
trait EthSimulations {
    #[method(name = "createAccessList")]
    async fn create_access_list(
        &self,
        request: TransactionRequest,
        block: Option<BlockId>,
        overrides: Option<StateOverride>,
    ) -> RpcResult<AccessListAnswer>;

    #[method(name = "simulateV1")]
    async fn simulate(
        &self,
        payload: SimulatePayload,
        block: Option<BlockId>,
    ) -> RpcResult<Vec<SimulatedBlock<RpcBlock>>>;
}

struct EthSimulations(Arc<dyn Chain>);

/// The methods that run what nobody sent.
pub(super) fn methods(chain: Arc<dyn Chain>) -> Methods {
    EthSimulations(chain).into_rpc().into()
}

#[async_trait]
impl EthSimulationsServer for EthSimulations {
    async fn create_access_list(
        &self,
        request: TransactionRequest,
        block: Option<BlockId>,
        overrides: Option<StateOverride>,
    ) -> RpcResult<AccessListAnswer> {
        let chain = &*self.0;
        let request = translate(request, overrides)?;
        let block = state::existing(chain, block).await?;
        let env = in_block(chain, &block, false, None)?;
        let source = state::of_block(chain, &block).await?;
        let config = *chain.execution();
        let found =
            calling::apart(async move { access_list(&config, &env, &*source, request).await });
        let found = found.await.and_then(|found| found).map_err(call_error)?;
        Ok(AccessListAnswer {
            access_list: found.access_list,
            gas_used: U64::from(found.outcome.gas_used),
            error: words(&found.outcome),
        })
    }

    async fn simulate(
        &self,
        payload: SimulatePayload,
        block: Option<BlockId>,
    ) -> RpcResult<Vec<SimulatedBlock<RpcBlock>>> {
        let chain = &*self.0;
        if payload.block_state_calls.is_empty() {
            return Err(error(INVALID_PARAMS, "empty input"));
        }
        let is_full = payload.return_full_transactions;
        let simulation = Simulation {
            logs_transfers: payload.trace_transfers,
            validates: payload.validation,
            blocks: payload
                .block_state_calls
                .into_iter()
                .map(block_of)
                .collect::<RpcResult<Vec<_>>>()?,
        };
        let parent = state::existing(chain, block).await?;
        let source = state::of_block(chain, &parent).await?;
        let (config, header) = (*chain.execution(), parent.block.header.clone());
        let done =
            calling::apart(async move { simulate(&config, &header, &*source, simulation).await });
        let done = done.await.map_err(call_error)?.map_err(simulation_error)?;
        Ok(done.into_iter().map(|block| shown(block, is_full)).collect())
    }
}

fn block_of(asked: SimBlock) -> RpcResult<SimulationBlock> {
    let change = asked.block_overrides.unwrap_or_default();
    if change.block_hash.is_some() {
        return Err(error(INVALID_PARAMS, "blockHash cannot be overridden here"));
    }
    let calls = asked.calls.into_iter().map(|call| translate(call, None));
    Ok(SimulationBlock {
        number: change.number.map(|number| number.saturating_to()),
        timestamp: change.time,
        gas_limit: change.gas_limit,
        beneficiary: change.coinbase,
        prevrandao: change.random,
        base_fee: change.base_fee.map(|fee| fee.saturating_to()),
        overrides: accounts(asked.state_overrides)?,
        calls: calls.collect::<RpcResult<Vec<_>>>()?,
    })
}

fn shown(simulated: Simulated, is_full: bool) -> SimulatedBlock<RpcBlock> {
    let Simulated { block, receipts, outcomes } = simulated;
    let timestamp_ms = block.header.timestamp.saturating_mul(1_000);
    let proposer = Default::default();
    let block = FinalizedBlock { hash: block.hash(), block, receipts, timestamp_ms, proposer };
    let mut first_log = 0;
    let mut calls = Vec::with_capacity(outcomes.len());
    for (position, outcome) in outcomes.into_iter().enumerate() {
        let count = outcome.logs.len() as u64;
        calls.push(result(&block, position, first_log, outcome));
        first_log += count;
    }
    SimulatedBlock { inner: view::block(&block, is_full), calls }
}

fn result(
    block: &FinalizedBlock,
    position: usize,
    first_log: u64,
    outcome: CallOutcome,
) -> SimCallResult {
    let error = match &outcome.status {
        CallStatus::Success => None,
        CallStatus::Reverted => Some(SimulateError {
            code: SimulateError::EXECUTION_REVERTED_CODE,
            message: words(&outcome).unwrap_or_default(),
            data: Some(outcome.output.clone()),
        }),
        CallStatus::Halted(reason) => Some(SimulateError {
            code: SimulateError::VM_EXECUTION_ERROR_CODE,
            message: reason.clone(),
            data: None,
        }),
    };
    let numbered = outcome.logs.into_iter().zip(first_log..);
    let logs: Vec<Log> =
        numbered.map(|(log, index)| view::log(block, position, index, log)).collect();
    let is_success = error.is_none();
    SimCallResult {
        return_data: if is_success { outcome.output } else { Bytes::new() },
        logs,
        gas_used: outcome.gas_used,
        max_used_gas: None,
        status: is_success,
        error,
    }
}

/// How a call failed, if it did.
fn words(outcome: &CallOutcome) -> Option<String> {
    match &outcome.status {
        CallStatus::Success => None,
        CallStatus::Halted(reason) => Some(reason.clone()),
        CallStatus::Reverted => Some(match reverts::words(&outcome.output) {
            Some(reason) => format!("execution reverted: {reason}"),
            None => "execution reverted".to_owned(),
        }),
    }
}

/// The codes that the specification of `eth_simulateV1` gives.
fn simulation_error(failed: SimulationError) -> ErrorObjectOwned {
    let failed = match failed {
        SimulationError::Refused(refused) => {
            let code = match refused {
                SimulationRefused::Number { .. } => -38020,
                SimulationRefused::Timestamp { .. } => -38021,
                SimulationRefused::TooManyBlocks => -38026,
                SimulationRefused::GasLimit { .. } => -38015,
            };
            return error(code, refused);
        }
        SimulationError::Call(failed) => failed,
    };
    match &failed {
        qiao_execution::CallError::Rejected(rejection) => match rejection {
            Rejection::NonceTooLow { .. } => error(-38010, rejection),
            Rejection::NonceTooHigh { .. } => error(-38011, rejection),
            Rejection::IntrinsicGasTooLow { .. } => error(-38013, rejection),
            Rejection::InsufficientFunds { .. } => error(-38014, rejection),
            _ => call_error(failed),
        },
        _ => call_error(failed),
    }
}
