//! What the desks of supply-chain finance ask of the chain and have it do: the modules' views, the
//! lists that the index keeps of their events, and calls that an account of the desk's organisation
//! signs. REST routes, the console and the story stand on it.
//!
//! # What a desk sees
//! The chain is open to its members: whoever reads blocks reads amounts and parties. What is shown
//! here is narrower: [`sight`] lets an organisation see what it issued, received, guarantees, holds,
//! passed on or was offered, and the way from there up to the voucher. A regulator sees everything.

pub mod accounts;
pub mod credit;
pub mod desk;
mod error;
pub mod exposure;
pub mod fees;
pub mod history;
pub mod loans;
pub mod movements;
pub mod names;
pub mod papers;
pub mod payables;
pub mod records;
pub mod sight;
pub mod vouchers;
pub mod words;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use qiao_execution::{
    BlockEnvironment, CallError, CallOutcome, CallRequest, CallStatus, call as execute,
};
use qiao_types::StateUnavailable;

pub use self::{
    desk::{Access, Desk, Desks},
    error::{FinanceError, ViewError},
};
use crate::{
    Chain, ChainFailure, calling,
    sending::{Order, SendError, Submitter},
};

/// A call is waited for so long until it is final.
const WAIT: Duration = Duration::from_secs(20);

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<R> {
    /// The transaction.
    pub transaction: B256,
    /// The block in which it is final; `None` where it is not final yet.
    pub block: Option<u64>,
    /// What the call returned; what the trial returned where it is not final yet.
    pub returned: R,
}

/// Asks a module on the newest final state.
pub async fn view<C: SolCall>(
    chain: &dyn Chain,
    module: Address,
    call: C,
) -> Result<C::Return, ViewError> {
    let outcome = calling::at_head(chain, request(module, &call)).await;
    returned::<C>(outcome)
}

/// Asks a module several things on one state, in their order.
pub async fn views<C: SolCall>(
    chain: &dyn Chain,
    module: Address,
    calls: impl IntoIterator<Item = C>,
) -> Result<Vec<C::Return>, ViewError> {
    let requests: Vec<CallRequest> = calls.into_iter().map(|call| request(module, &call)).collect();
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let failed = |error: &dyn std::fmt::Display| ViewError::Failed(error.to_string());
    let head = chain.head().number;
    let block = chain.block_by_number(head).await.map_err(|error| failed(&error))?;
    let unknown = StateUnavailable::Unknown { number: head, head };
    let block = block.ok_or_else(|| failed(&unknown))?;
    let env = BlockEnvironment::of(&block.block.header);
    let source = chain.state_at(head).await.map_err(|error| failed(&error))?;
    let config = *chain.execution();
    let outcomes = calling::apart(async move {
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            outcomes.push(execute(&config, &env, &*source, request).await);
        }
        outcomes
    });
    let outcomes = outcomes.await.map_err(|error| failed(&error))?;
    outcomes.into_iter().map(returned::<C>).collect()
}

fn request(module: Address, call: &impl SolCall) -> CallRequest {
    CallRequest { to: Some(module), data: call.abi_encode().into(), ..CallRequest::default() }
}

fn returned<C: SolCall>(outcome: Result<CallOutcome, CallError>) -> Result<C::Return, ViewError> {
    let outcome = outcome.map_err(|error| match error {
        CallError::Reverted { output } => ViewError::Refused { output },
        other => ViewError::Failed(other.to_string()),
    })?;
    match outcome.status {
        CallStatus::Success => C::abi_decode_returns(&outcome.output)
            .map_err(|error| ViewError::Failed(error.to_string())),
        CallStatus::Reverted => Err(ViewError::Refused { output: outcome.output }),
        CallStatus::Halted(reason) => Err(ViewError::Failed(reason)),
    }
}

/// Has an account call a module, and waits until that is final. It is tried out first: what would be
/// refused is not sent.
pub async fn act<C: SolCall>(
    submitter: &Submitter,
    module: Address,
    call: C,
) -> Result<Done<C::Return>, SendError> {
    let order = Order { to: Some(module), data: call.abi_encode().into(), ..Order::default() };
    let trial = submitter.try_out(&order).await?;
    let transaction = submitter.send(order, trial.gas).await?;
    let settled = submitter.settle(&transaction, WAIT).await?;
    let mut output = trial.output;
    let mut block = None;
    if let Some((found, position)) = settled {
        let receipt = &found.receipts[position];
        if !receipt.succeeded() {
            return Err(SendError::Reverted { output: receipt.output.clone() });
        }
        output = receipt.output.clone();
        block = Some(found.block.number());
    }
    let returned = C::abi_decode_returns(&output)
        .map_err(|error| ChainFailure::Store(format!("a module's answer: {error}")))?;
    Ok(Done { transaction: transaction.hash(), block, returned })
}

/// The organisation for which the node's account acts: the asker, unless a key says otherwise.
pub async fn own_organisation(chain: &Arc<dyn Chain>) -> Result<Option<u64>, ViewError> {
    use qiao_modules::members;
    let Some(signer) = chain.signer() else { return Ok(None) };
    let call = members::IMembers::organisationOfCall { account: signer.address() };
    let organisation = view(&**chain, members::ADDRESS, call).await?;
    Ok((organisation != 0).then_some(organisation))
}
