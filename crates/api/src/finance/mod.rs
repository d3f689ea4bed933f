//! What the desks of supply-chain finance ask of the chain and have it do: the modules' views, and
//! calls that the node's account signs. REST routes, the console and the story stand on it.

use std::{sync::Arc, time::Duration};

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use qiao_execution::{CallError, CallRequest, CallStatus};

use crate::{
    Chain, ChainFailure, calling, reverts,
    sending::{Order, SendError, Submitter},
};

/// A call is waited for so long until it is final.
const WAIT: Duration = Duration::from_secs(20);

/// Why a view gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The module refuses: there is no such record, or the page is too long.
    #[error("{}", reverts::words(.output).unwrap_or_else(|| "the module refuses the view".to_owned()))]
    Refused {
        /// The revert data.
        output: alloy_primitives::Bytes,
    },
    /// The node could not answer.
    #[error("{0}")]
    Failed(String),
}

impl ViewError {
    /// The stable code: the module's where it refused.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { output } => qiao_modules::refusals()
                .find(output)
                .map_or("finance.refused", |refusal| refusal.code.as_str()),
            Self::Failed(_) => "node.failure",
        }
    }
}

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
    let request =
        CallRequest { to: Some(module), data: call.abi_encode().into(), ..CallRequest::default() };
    let outcome = calling::at_head(chain, request).await.map_err(|error| match error {
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

/// Has the node's account call a module, and waits until that is final. It is tried out first: what
/// would be refused is not sent.
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
