//! From validated events to final transactions: events are put into as few transactions as fit,
//! signed with the node's own account, submitted, and followed until they are final.
//!
//! A document is checked as a whole before the first transaction is signed, by the same code that
//! every validator runs, and each transaction is tried out on the newest state. What is refused
//! has therefore written nothing.

mod calls;
mod chunks;
mod jobs;
pub(crate) mod sender;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use alloy_primitives::{Address, B256, TxKind, U256};
use qiao_epcis::{Event, EventHash};
use qiao_modules::traceability;
use qiao_types::{Bytes, FinalizedBlock, SignedTransaction};

pub(crate) use self::calls::{organisation_of, sealing_key};
pub use self::{
    calls::Organisation,
    jobs::{CaptureJob, ErrorBehaviour, JobError, JobId, JobLimits, Jobs},
};
use self::{chunks::Chunk, sender::Sender};
use crate::{Chain, ChainFailure, SubmitError};

/// Why a capture was refused or could not be carried out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CaptureError {
    /// The node has no account of its own.
    #[error("this node has no account to sign captures with")]
    NoSigner,
    /// The node's account belongs to no organisation and no party was named.
    #[error("account `{0}` belongs to no organisation")]
    NoOrganisation(Address),
    /// The node's account may not capture for the party.
    #[error("account `{signer}` may not capture for organisation `{party}`")]
    NotAuthorised {
        /// The account.
        signer: Address,
        /// The organisation.
        party: u64,
    },
    /// The chain's rules refuse the transaction.
    #[error("the chain refuses the capture: {reason}")]
    Refused {
        /// The reason that the chain gives.
        reason: String,
    },
    /// The chain's rules refuse an event that is valid in a document.
    #[error("event `{event}`: {rule} ({code})")]
    EventRefused {
        /// Its position in the document.
        event: usize,
        /// The stable code of the rule.
        code: String,
        /// The field within the event.
        field: String,
        /// The rule.
        rule: String,
    },
    /// One event alone does not fit into a transaction.
    #[error("event `{event}` of {bytes} bytes does not fit into a transaction")]
    EventTooLarge {
        /// Its position in the document.
        event: usize,
        /// Its length as a self-contained event.
        bytes: usize,
    },
    /// The pool did not take the transaction.
    #[error("{0}")]
    Submit(SubmitError),
    /// The transaction was final, but failed.
    #[error("transaction `{transaction}` failed: {reason}")]
    Failed {
        /// The transaction.
        transaction: B256,
        /// The reason that it gave.
        reason: String,
    },
    /// The account's nonce was used by another transaction.
    #[error("transaction `{0}` was displaced by another one of the same account")]
    Displaced(B256),
    /// The node failed.
    #[error(transparent)]
    Chain(#[from] ChainFailure),
}

impl CaptureError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::EventRefused { code, .. } => code,
            Self::NoSigner => "capture.no_signer",
            Self::NoOrganisation(_) => "capture.no_organisation",
            Self::NotAuthorised { .. } => "traceability.not_authorised",
            Self::Refused { .. } => "capture.refused",
            Self::EventTooLarge { .. } => "capture.event_too_large",
            Self::Submit(SubmitError::Refused(refusal)) => refusal.code(),
            Self::Submit(SubmitError::Failure(_)) | Self::Chain(_) => "node.failure",
            Self::Failed { .. } => "capture.failed",
            Self::Displaced(_) => "capture.displaced",
        }
    }
}

/// Captures events through one node.
pub struct Capturer {
    chain: Arc<dyn Chain>,
    sender: Sender,
}

/// A document that was checked, divided into transactions that the chain would take.
#[derive(Debug)]
pub struct Prepared {
    /// The organisation for which the events are captured.
    pub party: u64,
    /// The events' hashes, in the order of the document.
    pub hashes: Vec<EventHash>,
    chunks: Vec<Chunk>,
}

/// What one final transaction of a capture did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured {
    /// The transaction.
    pub transaction: B256,
    /// Events that were new.
    pub captured: usize,
    /// Events that were on the chain before.
    pub duplicates: usize,
}

impl Capturer {
    /// Captures through this chain.
    pub fn new(chain: Arc<dyn Chain>) -> Self {
        Self { sender: Sender::new(Arc::clone(&chain)), chain }
    }

    /// Divides validated events into transactions, and tries each on the newest state.
    pub async fn prepare(
        &self,
        party: Option<u64>,
        events: &[Event],
    ) -> Result<Prepared, CaptureError> {
        let signer = self.chain.signer().ok_or(CaptureError::NoSigner)?.address();
        let party = match party {
            Some(party) => party,
            None => calls::organisation_of(&*self.chain, signer).await?,
        };
        if !calls::may_speak_for(&*self.chain, signer, party).await? {
            return Err(CaptureError::NotAuthorised { signer, party });
        }
        let hashes = events.iter().map(Event::hash).collect();
        let bodies = events.iter().map(|event| Bytes::from(event.to_json().into_bytes())).collect();
        let mut untried = chunks::divide(bodies)?;
        untried.reverse();
        let mut chunks = Vec::new();
        while let Some(mut chunk) = untried.pop() {
            let (calldata, first) = (chunk.calldata(party), chunk.first);
            let trial = match calls::try_capture(&*self.chain, signer, calldata, first).await {
                // What it rests on may be in the transactions before it, which are not made yet.
                Err(CaptureError::EventRefused { code, .. })
                    if !chunks.is_empty() && code.starts_with("lots.") =>
                {
                    calls::Trial::Takes { gas: self.chain.execution().block_gas_limit }
                }
                other => other?,
            };
            match trial {
                calls::Trial::Takes { gas } => {
                    chunk.gas = gas;
                    chunks.push(chunk);
                }
                calls::Trial::TooMuchGas if chunk.events.len() > 1 => {
                    let (first, second) = chunk.halve();
                    untried.push(second);
                    untried.push(first);
                }
                calls::Trial::TooMuchGas => {
                    let (event, bytes) = (chunk.first, chunk.bytes());
                    return Err(CaptureError::EventTooLarge { event, bytes });
                }
            }
        }
        Ok(Prepared { party, hashes, chunks })
    }

    /// Submits what was prepared. Each transaction is told to `sent` when it is in the pool and to
    /// `settled` when it is final. Stops at the first that fails.
    pub async fn carry_out(
        &self,
        prepared: Prepared,
        mut sent: impl FnMut(B256) + Send,
        mut settled: impl FnMut(Captured) + Send,
    ) -> Result<(), CaptureError> {
        let mut waiting = Vec::new();
        for chunk in prepared.chunks {
            let events = chunk.events.len();
            let calldata = chunk.calldata(prepared.party);
            let to = TxKind::Call(traceability::ADDRESS);
            let transaction = self.sender.send(to, U256::ZERO, calldata, chunk.gas).await?;
            sent(transaction.hash());
            waiting.push((transaction, events));
        }
        for (transaction, events) in waiting {
            let (block, position) = self.sender.settle(&transaction).await?;
            settled(outcome(&transaction, &block, position, events)?);
        }
        Ok(())
    }
}

fn outcome(
    transaction: &SignedTransaction,
    block: &FinalizedBlock,
    position: usize,
    events: usize,
) -> Result<Captured, CaptureError> {
    let receipt = &block.receipts[position];
    let transaction = transaction.hash();
    if !receipt.succeeded() {
        let reason = calls::reason(&receipt.output);
        return Err(CaptureError::Failed { transaction, reason });
    }
    let captured = calls::captured(receipt.logs());
    Ok(Captured { transaction, captured, duplicates: events.saturating_sub(captured) })
}
