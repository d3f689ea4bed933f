//! A claim against the header of its block.

use alloy_consensus::ReceiptEnvelope;
use alloy_eips::eip2718::Decodable2718 as _;
use qiao_state::verify_entry;
use qiao_types::{
    AccountClaim, AccountState, Address, B256, Bytes, Claim, ClaimedAccount, Header, Log, Proof,
    SignedTransaction, SlotClaim, StateKey, TransactionClaim, U256, is_in_ordered_trie,
};

use crate::error::ProofError;

/// What was found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// After the block, the state holds this.
    Account {
        /// Whose state.
        address: Address,
        /// The account; nothing if it was never used.
        account: Option<ClaimedAccount>,
        /// Slots with their values.
        slots: Vec<(U256, U256)>,
    },
    /// The block holds this transaction, with this outcome.
    Transaction {
        /// Its position in the block.
        index: u64,
        /// The transaction; its sender was recovered from its signature.
        transaction: Box<SignedTransaction>,
        /// Its receipt.
        receipt: Box<ReceiptEnvelope<Log>>,
    },
}

/// Compares every value of a claim with the roots of a header.
pub(crate) fn check(claim: &Claim, header: &Header) -> Result<Fact, ProofError> {
    match claim {
        Claim::Account(claim) => account(claim, header.state_root),
        Claim::Transaction(claim) => transaction(claim, header),
    }
}

fn account(claim: &AccountClaim, root: B256) -> Result<Fact, ProofError> {
    if claim.storage.len() > Proof::SLOTS_MAX {
        let reason = format!("it has {} slots, at most {}", claim.storage.len(), Proof::SLOTS_MAX);
        return Err(wrong("claim.storage", reason));
    }
    let stored = claim.account.map(|account| {
        let ClaimedAccount { nonce, balance, code_hash } = account;
        AccountState { nonce: nonce.to(), balance, code_hash }.encode()
    });
    verify_entry(root, StateKey::account(claim.address), stored.as_ref(), &claim.path)
        .map_err(|cause| ProofError::State { field: "claim.path".to_owned(), cause })?;
    for (position, slot) in claim.storage.iter().enumerate() {
        let key = StateKey::storage(claim.address, slot.slot);
        verify_entry(root, key, stored_slot(slot).as_ref(), &slot.path).map_err(|cause| {
            ProofError::State { field: format!("claim.storage[{position}].path"), cause }
        })?;
    }
    Ok(Fact::Account {
        address: claim.address,
        account: claim.account,
        slots: claim.storage.iter().map(|slot| (slot.slot, slot.value)).collect(),
    })
}

/// What the state holds for a slot: zero has no entry.
fn stored_slot(slot: &SlotClaim) -> Option<Bytes> {
    (!slot.value.is_zero()).then(|| Bytes::from(slot.value.to_be_bytes::<32>()))
}

fn transaction(claim: &TransactionClaim, header: &Header) -> Result<Fact, ProofError> {
    let TransactionClaim { index, transaction, transaction_path, receipt, receipt_path } = claim;
    if !is_in_ordered_trie(header.transactions_root, *index, transaction, transaction_path) {
        return Err(wrong("claim.transactionPath", NOT_IN_TRIE));
    }
    if !is_in_ordered_trie(header.receipts_root, *index, receipt, receipt_path) {
        return Err(wrong("claim.receiptPath", NOT_IN_TRIE));
    }
    let decoded = SignedTransaction::decode(transaction.clone())
        .map_err(|error| wrong("claim.transaction", error))?;
    let mut rest = receipt.as_ref();
    let envelope =
        ReceiptEnvelope::decode_2718(&mut rest).map_err(|error| wrong("claim.receipt", error))?;
    Ok(Fact::Transaction {
        index: *index,
        transaction: Box::new(decoded),
        receipt: Box::new(envelope),
    })
}

const NOT_IN_TRIE: &str =
    "it does not lead from this position and these bytes to the header's root";

fn wrong(field: &str, reason: impl std::fmt::Display) -> ProofError {
    ProofError::Claim { field: field.to_owned(), reason: reason.to_string() }
}
