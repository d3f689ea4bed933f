//! Transactions that the node's own account signs: tried out first, then sent and followed.

use std::{sync::Arc, time::Duration};

use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_signer_local::PrivateKeySigner;
use qiao_execution::{CallError, CallRequest, CallStatus};
use qiao_types::{FinalizedBlock, SignedTransaction, StateUnavailable};
use tokio::time;

use crate::{
    Chain, ChainFailure, SubmitError, calling,
    capture::{CaptureError, sender::Sender},
    reverts,
};

/// Gas beyond what the trial used, as a share: states may differ when the transaction executes.
const GAS_MARGIN_DIVISOR: u64 = 4;

/// Gas on top of that.
const GAS_MARGIN: u64 = 50_000;

/// What is to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Whom it calls; `None` creates a contract.
    pub to: Option<Address>,
    /// Calldata, or the code that creates a contract.
    pub data: Bytes,
    /// Wei to transfer.
    pub value: U256,
}

/// Why a transaction was not sent, or was lost.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The node has no account of its own.
    #[error("this node has no account to sign transactions with")]
    NoSigner,
    /// The trial reverted: it would be refused on the chain, too.
    #[error("{}", reverts::words(.output).unwrap_or_else(|| "the contract refuses the call".to_owned()))]
    Reverted {
        /// The revert data.
        output: Bytes,
    },
    /// It cannot be executed.
    #[error("{0}")]
    Invalid(String),
    /// The pool did not take it.
    #[error("{0}")]
    Submit(SubmitError),
    /// The account's nonce was used by another transaction.
    #[error("transaction `{0}` was displaced by another one of the same account")]
    Displaced(B256),
    /// The node failed.
    #[error(transparent)]
    Chain(#[from] ChainFailure),
}

impl SendError {
    /// The stable code; that of the module where one refused.
    pub fn code(&self) -> &str {
        match self {
            Self::NoSigner => "transactions.no_signer",
            Self::Reverted { output } => qiao_modules::refusals()
                .find(output)
                .map_or("transactions.reverted", |refusal| refusal.code.as_str()),
            Self::Invalid(_) => "transactions.invalid",
            Self::Submit(SubmitError::Refused(refusal)) => refusal.code(),
            Self::Submit(SubmitError::Failure(_)) | Self::Chain(_) => "node.failure",
            Self::Displaced(_) => "transactions.displaced",
        }
    }
}

/// How a trial ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The account that would sign.
    pub account: Address,
    /// The gas limit that the transaction would have.
    pub gas: u64,
    /// What the call returned.
    pub output: Bytes,
}

/// Signs and sends with one account: the node's, or one that it keeps for somebody.
pub struct Submitter {
    chain: Arc<dyn Chain>,
    sender: Sender,
}

impl Submitter {
    /// Sends through this chain.
    pub fn new(chain: Arc<dyn Chain>) -> Self {
        Self { sender: Sender::new(Arc::clone(&chain)), chain }
    }

    /// Sends through this chain with an account that the node keeps for somebody.
    pub fn with(chain: Arc<dyn Chain>, signer: PrivateKeySigner) -> Self {
        Self { sender: Sender::with(Arc::clone(&chain), signer), chain }
    }

    /// Executes an order on the newest state without changing it.
    ///
    /// # Errors
    /// It would not succeed, or the node cannot tell.
    pub async fn try_out(&self, order: &Order) -> Result<Trial, SendError> {
        let account = self.sender.account().ok_or(SendError::NoSigner)?;
        let request = CallRequest {
            from: account,
            to: order.to,
            value: order.value,
            data: order.data.clone(),
            ..CallRequest::default()
        };
        let head = self.chain.head().number;
        let block = self.chain.block_by_number(head).await?;
        let unknown = || ChainFailure::State(StateUnavailable::Unknown { number: head, head });
        let block = block.ok_or_else(unknown)?;
        // The transaction will be in a block after this one: what the head made is earlier for it.
        let env = self.chain.next_environment(&block);
        let trial = calling::in_environment(&*self.chain, &block, env, request.clone());
        let outcome = trial.await.map_err(failed)?;
        match outcome.status {
            CallStatus::Success => {}
            CallStatus::Reverted => return Err(SendError::Reverted { output: outcome.output }),
            CallStatus::Halted(reason) => return Err(SendError::Invalid(reason)),
        }
        // A call passes on 63/64 of its gas at each step, so what it used may not be enough.
        let needed = calling::estimate(&*self.chain, &block, env, request).await.map_err(failed)?;
        let gas = needed.saturating_add(needed / GAS_MARGIN_DIVISOR).saturating_add(GAS_MARGIN);
        let gas = gas.min(self.chain.execution().block_gas_limit);
        Ok(Trial { account, gas, output: outcome.output })
    }

    /// Signs an order and puts it into the pool.
    ///
    /// # Errors
    /// The pool does not take it, or the node cannot tell.
    pub async fn send(&self, order: Order, gas: u64) -> Result<Arc<SignedTransaction>, SendError> {
        let to = order.to.map_or(TxKind::Create, TxKind::Call);
        Ok(self.sender.send(to, order.value, order.data, gas).await?)
    }

    /// Waits until a transaction is final; `None` if that takes longer than `patience`.
    ///
    /// # Errors
    /// It was lost, or the node cannot tell.
    pub async fn settle(
        &self,
        transaction: &Arc<SignedTransaction>,
        patience: Duration,
    ) -> Result<Option<(Arc<FinalizedBlock>, usize)>, SendError> {
        match time::timeout(patience, self.sender.settle(transaction)).await {
            Ok(found) => Ok(Some(found?)),
            Err(_) => Ok(None),
        }
    }
}

fn failed(error: CallError) -> SendError {
    match error {
        CallError::Reverted { output } => SendError::Reverted { output },
        CallError::State(unavailable) => ChainFailure::State(unavailable).into(),
        other => SendError::Invalid(other.to_string()),
    }
}

impl From<CaptureError> for SendError {
    fn from(error: CaptureError) -> Self {
        match error {
            CaptureError::NoSigner => Self::NoSigner,
            CaptureError::Submit(refused) => Self::Submit(refused),
            CaptureError::Displaced(hash) => Self::Displaced(hash),
            CaptureError::Chain(failure) => Self::Chain(failure),
            other => Self::Invalid(other.to_string()),
        }
    }
}
