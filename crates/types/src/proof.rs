//! Proof files: what a node hands out so that somebody who trusts none of the members can check an
//! answer against the genesis file alone. The format is JSON, described in
//! `docs/reference/proofs.md`; the crate `proof` checks it.

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use serde::{Deserialize, Serialize};

/// A claim about a block, and why it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proof {
    /// The version of this format: [`Proof::VERSION`].
    pub version: u64,
    /// The network of which the claim is made.
    pub network: ProofNetwork,
    /// What is said, with the paths from it to the first header.
    pub claim: Claim,
    /// RLP of the headers from the block of the claim to the one that the certificate is about:
    /// usually one.
    pub headers: Vec<Bytes>,
    /// The votes that made the last of the headers final, and so all of them.
    pub certificate: Bytes,
}

/// Which network a proof is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProofNetwork {
    /// Its name.
    pub name: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The fingerprint of its genesis file.
    pub genesis: B256,
}

/// What is said of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Claim {
    /// What an account and its slots hold after the block.
    Account(AccountClaim),
    /// That the block holds a transaction, and what came of it.
    Transaction(TransactionClaim),
}

/// What an account and its slots hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountClaim {
    /// Whose state.
    pub address: Address,
    /// What the state holds of it; nothing for an account that was never used.
    pub account: Option<ClaimedAccount>,
    /// From the account, or the gap where it would be, to the state root.
    pub path: Bytes,
    /// Slots of its storage.
    pub storage: Vec<SlotClaim>,
}

/// An account in a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimedAccount {
    /// The number of transactions sent.
    pub nonce: U64,
    /// The balance in wei.
    pub balance: U256,
    /// The hash of the code.
    pub code_hash: B256,
}

/// One slot in a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlotClaim {
    /// Which slot.
    pub slot: U256,
    /// What it holds; zero where the state has no entry for it.
    pub value: U256,
    /// From the slot, or the gap where it would be, to the state root.
    pub path: Bytes,
}

/// A transaction and its receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransactionClaim {
    /// Its position in the block.
    pub index: u64,
    /// The signed transaction (EIP-2718).
    pub transaction: Bytes,
    /// Nodes of the transactions trie, from the root down.
    pub transaction_path: Vec<Bytes>,
    /// The receipt with its logs (EIP-2718).
    pub receipt: Bytes,
    /// Nodes of the receipts trie, from the root down.
    pub receipt_path: Vec<Bytes>,
}

/// Entries of one state with their paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedEntries {
    /// The root of the state that they are of.
    pub root: B256,
    /// One for each key that was asked for, in order.
    pub entries: Vec<ProvedEntry>,
}

/// What the state holds under a key, and the proof of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedEntry {
    /// The value; `None` where there is no entry.
    pub value: Option<Bytes>,
    /// The path to the root, as the state's store encodes it.
    pub path: Bytes,
}

impl Proof {
    /// The version of the format that this software writes and reads.
    pub const VERSION: u64 = 1;
    /// The most slots that one proof holds.
    pub const SLOTS_MAX: usize = 256;
    /// The most headers that one proof holds.
    pub const HEADERS_MAX: usize = 256;
}
