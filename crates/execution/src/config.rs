//! What execution needs to know about the chain and about the block.

use alloy_primitives::{Address, B256};
use qiao_types::{Genesis, Header};

/// What execution needs to know about the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecutionConfig {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Gas that one block may use; also the most that a call or an estimate may use.
    pub block_gas_limit: u64,
    /// Who may send transactions and create contracts.
    pub permission: Permission,
    /// The longest code of a contract; code that creates one may be twice as long.
    pub code_bytes_max: usize,
}

/// The longest code of a contract on every network (EIP-170).
pub const CODE_BYTES_MAX: usize = 24_576;

/// Who may send transactions and create contracts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Permission {
    /// Whom the module `members` lets: every network.
    #[default]
    Members,
    /// Everybody, accounts with code included: a developer's chain without consensus only. No
    /// genesis file can ask for it.
    Everybody,
}

impl ExecutionConfig {
    /// The chain that this genesis describes.
    pub fn from_genesis(genesis: &Genesis) -> Self {
        Self {
            chain_id: genesis.chain_id,
            block_gas_limit: genesis.parameters.block_gas_limit,
            permission: Permission::Members,
            code_bytes_max: CODE_BYTES_MAX,
        }
    }
}

/// What execution needs to know about the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockEnvironment {
    /// The block's height.
    pub number: u64,
    /// Seconds since the Unix epoch.
    pub timestamp: u64,
    /// The account of the validator that proposes the block.
    pub beneficiary: Address,
    /// Gas that the block may use.
    pub gas_limit: u64,
    /// The parent's hash; contracts read it as `blockhash(number - 1)`.
    pub parent_hash: B256,
    /// What contracts read as `PREVRANDAO`: on a network the parent's hash.
    pub prev_randao: B256,
}

impl BlockEnvironment {
    /// The environment in which the block of this header was executed.
    pub fn of(header: &Header) -> Self {
        Self {
            number: header.number,
            timestamp: header.timestamp,
            beneficiary: header.beneficiary,
            gas_limit: header.gas_limit,
            parent_hash: header.parent_hash,
            prev_randao: header.mix_hash,
        }
    }
}
