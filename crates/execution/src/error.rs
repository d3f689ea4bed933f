//! Why a transaction, a block or a call could not be executed.

use alloy_primitives::{Address, B256, Bytes, U256};
use qiao_types::StateUnavailable;

/// Why a transaction may not stand in a block on this parent.
///
/// The sentences are Ethereum's where tools look for them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Cause: the nonce was used before. Remedy: sign again with the next nonce.
    #[error("nonce too low: next nonce {expected}, tx nonce {nonce}")]
    NonceTooLow {
        /// The transaction's nonce.
        nonce: u64,
        /// The account's next nonce.
        expected: u64,
    },
    /// Cause: an earlier transaction of the sender is missing. Remedy: send that one.
    #[error("nonce too high: next nonce {expected}, tx nonce {nonce}")]
    NonceTooHigh {
        /// The transaction's nonce.
        nonce: u64,
        /// The account's next nonce.
        expected: u64,
    },
    /// Cause: the sender has less than the value that the transaction transfers.
    #[error("insufficient funds for transfer: balance {balance}, value {value}")]
    InsufficientFunds {
        /// What the sender has.
        balance: U256,
        /// What the transaction transfers.
        value: U256,
    },
    /// Cause: the sender is not registered, or it or its organisation is frozen.
    #[error("sender {sender} is not an active member account")]
    SenderNotActive {
        /// The sender.
        sender: Address,
    },
    /// Cause: the sender lacks the role Deployer. Remedy: an admin of its organisation grants it.
    #[error("sender {sender} may not create contracts: it lacks the role deployer")]
    MayNotDeploy {
        /// The sender.
        sender: Address,
    },
    /// Cause: signed for another chain, or for any chain (before EIP-155).
    #[error("invalid chain id: this chain is {expected}")]
    WrongChain {
        /// This chain's id.
        expected: u64,
    },
    /// Cause: the block has less gas left than the transaction allows itself.
    #[error("exceeds block gas limit: tx gas limit {gas_limit}, left in the block {remaining}")]
    GasLimitExceedsBlock {
        /// The transaction's gas limit.
        gas_limit: u64,
        /// What the block has left.
        remaining: u64,
    },
    /// Cause: the gas limit is below what the transaction costs before its first instruction.
    #[error("intrinsic gas too low: have {gas_limit}, want {needed}")]
    IntrinsicGasTooLow {
        /// The transaction's gas limit.
        gas_limit: u64,
        /// The least that it needs.
        needed: u64,
    },
    /// Any other of Ethereum's validity rules.
    #[error("{0}")]
    Invalid(String),
}

impl Rejection {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NonceTooLow { .. } => "execution.nonce_too_low",
            Self::NonceTooHigh { .. } => "execution.nonce_too_high",
            Self::InsufficientFunds { .. } => "execution.insufficient_funds",
            Self::SenderNotActive { .. } => "execution.sender_not_active",
            Self::MayNotDeploy { .. } => "execution.may_not_deploy",
            Self::WrongChain { .. } => "execution.wrong_chain",
            Self::GasLimitExceedsBlock { .. } => "execution.gas_limit_exceeds_block",
            Self::IntrinsicGasTooLow { .. } => "execution.intrinsic_gas_too_low",
            Self::Invalid(_) => "execution.invalid_transaction",
        }
    }
}

/// Why a block could not be executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecutionError {
    /// The block is invalid: this transaction may not stand in it.
    #[error("transaction {index} (`{hash}`) is invalid: {reason}")]
    InvalidTransaction {
        /// Its position in the block.
        index: usize,
        /// Its hash.
        hash: B256,
        /// Why.
        reason: Rejection,
    },
    /// The parent state could not be read: nothing is known about the block.
    #[error(transparent)]
    State(#[from] StateUnavailable),
    /// The state contradicts itself, or a native module failed: a bug or a damaged store.
    #[error("execution cannot go on: {0}")]
    Fatal(String),
}

impl ExecutionError {
    /// Whether the block is to blame, rather than this node.
    pub fn is_invalid_block(&self) -> bool {
        matches!(self, Self::InvalidTransaction { .. })
    }
}

/// Why a call or an estimate gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The request breaks a rule that transactions obey.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// An estimate is impossible because the call reverts.
    #[error("execution reverted")]
    Reverted {
        /// The revert data.
        output: Bytes,
    },
    /// An estimate is impossible because the call halts at any gas limit.
    #[error("execution halted: {reason}")]
    Halted {
        /// Why.
        reason: String,
    },
    /// The call does not fit into the gas that it may use.
    #[error("gas required exceeds allowance ({allowance})")]
    GasRequiredExceedsAllowance {
        /// The most that it may use.
        allowance: u64,
    },
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] StateUnavailable),
    /// The state contradicts itself, or a native module failed.
    #[error("execution cannot go on: {0}")]
    Fatal(String),
}

impl From<ExecutionError> for CallError {
    fn from(error: ExecutionError) -> Self {
        match error {
            ExecutionError::InvalidTransaction { reason, .. } => Self::Rejected(reason),
            ExecutionError::State(error) => Self::State(error),
            ExecutionError::Fatal(reason) => Self::Fatal(reason),
        }
    }
}
