//! The words that every other crate speaks: transactions, blocks, receipts, state keys, genesis.
//!
//! Blocks, headers, transactions and receipts are Ethereum's, byte for byte. No I/O, no clock and
//! no randomness here: everything is a value.

mod block;
mod genesis;
mod proof;
mod receipt;
mod state;
mod transaction;
mod trie;

#[cfg(test)]
mod tests;

pub use alloy_consensus::{Header, TxEnvelope};
pub use alloy_primitives::{Address, B256, Bloom, Bytes, Log, U256};
pub use block::{Block, BlockDecodeError, FinalizedBlock};
pub use genesis::{
    Genesis, GenesisAccount, GenesisMember, GenesisOrganisation, GenesisValidator, ImportedState,
    Parameters, RoleName, StateCommitment,
};
pub use proof::{
    AccountClaim, Claim, ClaimedAccount, Proof, ProofNetwork, ProvedEntries, ProvedEntry,
    SlotClaim, TransactionClaim,
};
pub use receipt::{ExecutedReceipt, ReceiptDecodeError};
pub use state::{
    AccountState, MalformedAccount, MemoryState, StateChange, StateKey, StateSource,
    StateUnavailable,
};
pub use transaction::{SignedTransaction, TRANSACTION_BYTES_MAX, TransactionDecodeError};
pub use trie::{is_in_ordered_trie, ordered_path};
