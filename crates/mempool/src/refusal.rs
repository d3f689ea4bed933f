//! Why a transaction did not enter the pool.

use alloy_primitives::{Address, U256};

/// Why a transaction did not enter the pool.
///
/// Where tools look for a phrase (ethers and viem search the message), it is geth's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Cause: this very transaction waits already. Remedy: none needed.
    #[error("already known")]
    AlreadyKnown,
    /// Cause: signed for another chain. Remedy: sign with this chain's id.
    #[error("invalid sender: invalid chain id for signer: have {have} want {want}")]
    WrongChain {
        /// The transaction's chain.
        have: u64,
        /// This chain.
        want: u64,
    },
    /// Cause: signed without a chain id. Remedy: sign as EIP-155 says.
    #[error("only replay-protected (EIP-155) transactions allowed")]
    NotReplayProtected,
    /// Cause: longer than a block takes. Remedy: split it.
    #[error("oversized data: transaction of {bytes} bytes, limit {max}")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// Cause: the gas limit is more than a block has. Remedy: lower it.
    #[error("exceeds block gas limit: tx gas limit {gas_limit}, block gas limit {max}")]
    GasLimitTooHigh {
        /// The transaction's gas limit.
        gas_limit: u64,
        /// What a block has.
        max: u64,
    },
    /// Cause: the gas limit is below what the transaction costs before its first instruction.
    /// Remedy: estimate it.
    #[error("intrinsic gas too low: gas {gas_limit}, minimum needed {needed}")]
    IntrinsicGasTooLow {
        /// The transaction's gas limit.
        gas_limit: u64,
        /// The least that it needs.
        needed: u64,
    },
    /// Cause: the creation code is longer than Ethereum allows (EIP-3860).
    #[error("max initcode size exceeded: code size {bytes}, limit {max}")]
    InitcodeTooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// Cause: the tip is above the maximal fee. Remedy: lower it; fees are not charged here.
    #[error("max priority fee per gas higher than max fee per gas")]
    TipAboveFeeCap,
    /// Cause: a type 4 transaction without an authorization.
    #[error("EIP-7702 transaction with empty auth list")]
    NoAuthorization,
    /// Cause: the sender is not registered, or it or its organisation is frozen. Remedy: an admin
    /// of an organisation adds the account.
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
    /// Cause: the nonce was used. Remedy: sign again with the next one.
    #[error("nonce too low: next nonce {next}, tx nonce {nonce}")]
    NonceTooLow {
        /// The transaction's nonce.
        nonce: u64,
        /// The sender's next nonce.
        next: u64,
    },
    /// Cause: the nonce is so far ahead that the pool does not hold it. Remedy: send the earlier
    /// transactions first.
    #[error("nonce too high: next nonce {next}, tx nonce {nonce}, at most {gap_max} ahead")]
    NonceTooHigh {
        /// The transaction's nonce.
        nonce: u64,
        /// The sender's next nonce.
        next: u64,
        /// How far ahead a nonce may be.
        gap_max: u64,
    },
    /// Cause: the sender has less than the value to be transferred.
    #[error("insufficient funds for gas * price + value: balance {balance}, value {value}")]
    InsufficientFunds {
        /// What the sender has.
        balance: U256,
        /// What it wants to transfer.
        value: U256,
    },
    /// Cause: another transaction has this nonce, and its fee is not lower. Remedy: sign with a
    /// `maxFeePerGas` above the old one; it is not charged.
    #[error("replacement transaction underpriced: max fee {fee}, needs more than {replaced}")]
    ReplacementUnderpriced {
        /// The new transaction's maximal fee.
        fee: u128,
        /// The old transaction's maximal fee.
        replaced: u128,
    },
    /// Cause: the sender has as many transactions waiting as it may. Remedy: wait for a block.
    #[error("account limit exceeded: {max} transactions of {sender} wait already")]
    SenderLimit {
        /// The sender.
        sender: Address,
        /// The limit.
        max: usize,
    },
    /// Cause: the pool is full, and nobody has more in it than this sender would. Remedy: wait.
    #[error("txpool is full")]
    Full,
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyKnown => "pool.already_known",
            Self::WrongChain { .. } => "pool.wrong_chain",
            Self::NotReplayProtected => "pool.not_replay_protected",
            Self::TooLarge { .. } => "pool.transaction_too_large",
            Self::GasLimitTooHigh { .. } => "pool.gas_limit_too_high",
            Self::IntrinsicGasTooLow { .. } => "pool.intrinsic_gas_too_low",
            Self::InitcodeTooLarge { .. } => "pool.initcode_too_large",
            Self::TipAboveFeeCap => "pool.tip_above_fee_cap",
            Self::NoAuthorization => "pool.no_authorization",
            Self::SenderNotActive { .. } => "pool.sender_not_active",
            Self::MayNotDeploy { .. } => "pool.may_not_deploy",
            Self::NonceTooLow { .. } => "pool.nonce_too_low",
            Self::NonceTooHigh { .. } => "pool.nonce_too_high",
            Self::InsufficientFunds { .. } => "pool.insufficient_funds",
            Self::ReplacementUnderpriced { .. } => "pool.replacement_underpriced",
            Self::SenderLimit { .. } => "pool.sender_limit",
            Self::Full => "pool.full",
        }
    }
}
