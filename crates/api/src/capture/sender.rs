//! One account, many captures at once: signing in turn, and following a transaction until it is
//! final.

use std::{sync::Arc, time::Duration};

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use qiao_mempool::Refusal;
use qiao_types::{FinalizedBlock, SignedTransaction};
use tokio::{sync::Mutex, time};

use super::CaptureError;
use crate::{Chain, ChainFailure, SubmitError};

/// A nonce may be taken by somebody who uses the same account elsewhere; so often it is tried
/// again with the next one.
const ATTEMPTS_MAX: usize = 8;

/// A full pool is waited for so long before the capture is given up.
const ROOM_WAIT: Duration = Duration::from_secs(30);

/// Without news of a block the transaction is looked for again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// A transaction whose nonce is used, and which is in no final block for so long, was displaced.
const DISPLACED_AFTER: Duration = Duration::from_secs(10);

/// Signs with one account, one transaction after the other.
pub(crate) struct Sender {
    chain: Arc<dyn Chain>,
    signer: Option<PrivateKeySigner>,
    turn: Mutex<()>,
}

/// What to do about a refusal of the pool.
enum Remedy {
    /// The transaction is in the pool already.
    Nothing,
    /// The nonce was taken meanwhile: sign with the next one.
    NextNonce,
    /// The pool is full: wait for a block.
    Wait,
    /// Nothing helps.
    GiveUp,
}

impl Sender {
    /// With the node's account.
    pub(crate) fn new(chain: Arc<dyn Chain>) -> Self {
        Self { signer: chain.signer().cloned(), chain, turn: Mutex::new(()) }
    }

    /// With this account.
    pub(crate) fn with(chain: Arc<dyn Chain>, signer: PrivateKeySigner) -> Self {
        Self { signer: Some(signer), chain, turn: Mutex::new(()) }
    }

    /// The account that signs.
    pub(crate) fn account(&self) -> Option<Address> {
        self.signer.as_ref().map(PrivateKeySigner::address)
    }

    /// Signs and submits a call. Returns when the transaction is in the pool.
    pub(crate) async fn send(
        &self,
        to: TxKind,
        value: U256,
        calldata: Bytes,
        gas: u64,
    ) -> Result<Arc<SignedTransaction>, CaptureError> {
        let signer = self.signer.as_ref().ok_or(CaptureError::NoSigner)?;
        let _turn = self.turn.lock().await;
        let deadline = time::Instant::now() + ROOM_WAIT;
        let mut attempts = 0;
        loop {
            let nonce = self.chain.next_nonce(signer.address()).await?;
            let chain_id = self.chain.genesis().chain_id;
            let unsigned = TxEip1559 {
                chain_id,
                nonce,
                gas_limit: gas,
                max_fee_per_gas: 0,
                max_priority_fee_per_gas: 0,
                to,
                value,
                access_list: Default::default(),
                input: calldata.clone(),
            };
            let transaction = sign(signer, unsigned)?;
            let mut heads = self.chain.heads();
            let refused = match self.chain.submit(Arc::clone(&transaction)).await {
                Ok(_) => return Ok(transaction),
                Err(refused) => refused,
            };
            attempts += 1;
            match remedy(&refused) {
                Remedy::Nothing => return Ok(transaction),
                Remedy::NextNonce if attempts < ATTEMPTS_MAX => {}
                Remedy::Wait if time::Instant::now() < deadline => {
                    let _ = time::timeout(LOOK_AGAIN, heads.changed()).await;
                }
                _ => return Err(CaptureError::Submit(refused)),
            }
        }
    }

    /// Waits until a submitted transaction is final. There is no time limit: a chain that waits
    /// for its validators goes on, and so does the wait.
    pub(crate) async fn settle(
        &self,
        transaction: &Arc<SignedTransaction>,
    ) -> Result<(Arc<FinalizedBlock>, usize), CaptureError> {
        let mut heads = self.chain.heads();
        let mut nonce_used_since = None;
        loop {
            heads.borrow_and_update();
            if let Some(found) = self.chain.transaction(transaction.hash()).await? {
                return Ok(found);
            }
            if self.chain.pooled(transaction.hash()).is_none() {
                // Not waiting and not final: in a block that is about to be final, or lost.
                match self.chain.submit(Arc::clone(transaction)).await {
                    Ok(_) => nonce_used_since = None,
                    Err(refused) => match remedy(&refused) {
                        Remedy::NextNonce => {
                            let since = *nonce_used_since.get_or_insert_with(time::Instant::now);
                            if since.elapsed() > DISPLACED_AFTER {
                                return Err(CaptureError::Displaced(transaction.hash()));
                            }
                        }
                        Remedy::Nothing | Remedy::Wait => {}
                        Remedy::GiveUp => return Err(CaptureError::Submit(refused)),
                    },
                }
            }
            let _ = time::timeout(LOOK_AGAIN, heads.changed()).await;
        }
    }
}

fn sign(
    signer: &PrivateKeySigner,
    unsigned: TxEip1559,
) -> Result<Arc<SignedTransaction>, CaptureError> {
    let signature = signer
        .sign_hash_sync(&unsigned.signature_hash())
        .expect("a local key signs any hash without failing");
    let envelope = TxEnvelope::Eip1559(unsigned.into_signed(signature));
    let signed = SignedTransaction::from_envelope(envelope)
        .map_err(|error| CaptureError::Refused { reason: error.to_string() })?;
    Ok(Arc::new(signed))
}

fn remedy(refused: &SubmitError) -> Remedy {
    let refusal = match refused {
        SubmitError::Refused(refusal) => refusal,
        SubmitError::Failure(ChainFailure::Stopping) => return Remedy::GiveUp,
        // The node could not decide this time.
        SubmitError::Failure(_) => return Remedy::Wait,
    };
    match refusal {
        Refusal::AlreadyKnown => Remedy::Nothing,
        Refusal::NonceTooLow { .. } | Refusal::ReplacementUnderpriced { .. } => Remedy::NextNonce,
        Refusal::Full | Refusal::SenderLimit { .. } | Refusal::NonceTooHigh { .. } => Remedy::Wait,
        _ => Remedy::GiveUp,
    }
}
