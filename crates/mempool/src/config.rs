//! The pool's limits, and what it is told about a sender.

use alloy_primitives::U256;
use qiao_types::{Genesis, TRANSACTION_BYTES_MAX};

/// The limits of the pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolConfig {
    /// The chain for which transactions must be signed; `None` takes any.
    pub chain_id: Option<u64>,
    /// The most gas that a transaction may allow itself: what a block may use.
    pub transaction_gas_max: u64,
    /// The longest transaction, in bytes: what a block takes at most.
    pub transaction_bytes_max: usize,
    /// The longest code that creates a contract, in bytes: EIP-3860's, twice the longest contract.
    pub initcode_bytes_max: usize,
    /// Transactions of one sender.
    pub per_sender_max: usize,
    /// Transactions of all senders.
    pub total_max: usize,
    /// Bytes of all transactions, encoded.
    pub total_bytes_max: usize,
    /// How far a nonce may be ahead of the sender's next one.
    pub gap_max: u64,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            chain_id: None,
            transaction_gas_max: u64::MAX,
            transaction_bytes_max: TRANSACTION_BYTES_MAX,
            initcode_bytes_max: 2 * 24_576,
            per_sender_max: 4_096,
            total_max: 65_536,
            total_bytes_max: 256 * 1024 * 1024,
            gap_max: 4_096,
        }
    }
}

impl PoolConfig {
    /// The usual limits, with those that follow from the chain's parameters.
    pub fn of(genesis: &Genesis) -> Self {
        let block_bytes_max = genesis.parameters.block_bytes_max;
        let block_bytes_max = usize::try_from(block_bytes_max).unwrap_or(usize::MAX);
        Self {
            chain_id: Some(genesis.chain_id),
            transaction_gas_max: genesis.parameters.block_gas_limit,
            transaction_bytes_max: block_bytes_max.min(TRANSACTION_BYTES_MAX),
            ..Self::default()
        }
    }
}

/// How a sender stands in the newest final state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The next nonce.
    pub nonce: u64,
    /// The balance in wei.
    pub balance: U256,
    /// Whether it is registered and neither it nor its organisation is frozen.
    pub active: bool,
    /// Whether it has the role Deployer.
    pub may_deploy: bool,
}
