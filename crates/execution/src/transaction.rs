//! One transaction on the EVM: the checks before it, the run, the receipt after it.

use alloy_consensus::{
    Eip658Value, Receipt, ReceiptEnvelope, ReceiptWithBloom, Transaction as _, TxType,
};
use alloy_primitives::Bytes;
use qiao_types::{ExecutedReceipt, SignedTransaction};
use revm::{
    ExecuteEvm as _,
    context::{
        TxEnv,
        either::Either,
        result::{EVMError, ExecutionResult, InvalidTransaction},
    },
};

use crate::{
    Permission, Rejection,
    cache::{CacheError, View},
    evm::QiaoEvm,
    members::Standings,
};

/// Why a run on the EVM gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// A value was missing; the cache knows which.
    Missing,
    /// The transaction is not valid here.
    Rejected(Rejection),
    /// The state contradicts itself or a module failed.
    Fatal(String),
}

impl From<CacheError> for Halt {
    fn from(error: CacheError) -> Self {
        match error {
            CacheError::Missing => Self::Missing,
            CacheError::Corrupt(reason) => Self::Fatal(reason),
        }
    }
}

impl From<Rejection> for Halt {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

pub(crate) type CacheEvm<'a> = QiaoEvm<View<'a>>;

/// The transaction as the EVM takes it.
pub(crate) fn tx_env(tx: &SignedTransaction) -> TxEnv {
    let envelope = tx.envelope();
    TxEnv {
        tx_type: envelope.tx_type() as u8,
        caller: tx.sender(),
        gas_limit: envelope.gas_limit(),
        gas_price: envelope.max_fee_per_gas(),
        kind: envelope.kind(),
        value: envelope.value(),
        data: envelope.input().clone(),
        nonce: envelope.nonce(),
        chain_id: envelope.chain_id(),
        access_list: envelope.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: envelope.max_priority_fee_per_gas(),
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: envelope
            .authorization_list()
            .unwrap_or_default()
            .iter()
            .cloned()
            .map(Either::Left)
            .collect(),
    }
}

/// Checks a transaction and runs it. The changes lie in the EVM's journal when it returns `Ok`,
/// and the journal is empty when it returns `Err`.
///
/// With `is_trial` the run only finds out which values it needs, so nonces are not looked at:
/// an earlier transaction of the sender may not have run yet.
pub(crate) fn attempt(
    evm: &mut CacheEvm<'_>,
    standings: &mut Standings,
    tx: &SignedTransaction,
    gas_remaining: u64,
    is_trial: bool,
) -> Result<ExecutionResult, Halt> {
    check(evm, standings, tx, gas_remaining, is_trial)?;
    evm.ctx.cfg.disable_nonce_check = is_trial;
    run(evm, tx_env(tx))
}

/// Runs a transaction, and empties the journal if the run does not end.
pub(crate) fn run(evm: &mut CacheEvm<'_>, tx: TxEnv) -> Result<ExecutionResult, Halt> {
    let result = evm.transact_one(tx);
    finish(evm, result)
}

/// What a run that ended, or did not, amounts to.
pub(crate) fn finish(
    evm: &mut CacheEvm<'_>,
    result: Result<ExecutionResult, EVMError<CacheError>>,
) -> Result<ExecutionResult, Halt> {
    // A module may have taken a missing value for a refusal of its own: the cache knows better.
    let is_interrupted = evm.ctx.journaled_state.database.is_interrupted();
    let result = match result {
        Ok(result) if !is_interrupted => return Ok(result),
        other => other,
    };
    evm.finalize();
    if is_interrupted {
        return Err(Halt::Missing);
    }
    Err(halt(evm, result.expect_err("a run with a result returned above")))
}

/// Why a run gave no result.
pub(crate) fn halt(evm: &CacheEvm<'_>, error: EVMError<CacheError>) -> Halt {
    match error {
        EVMError::Transaction(reason) => Halt::Rejected(rejection(evm, reason)),
        EVMError::Database(error) => error.into(),
        other => Halt::Fatal(other.to_string()),
    }
}

/// The rules that hold here before Ethereum's: chain, gas left, nonce, value, membership.
fn check(
    evm: &mut CacheEvm<'_>,
    standings: &mut Standings,
    tx: &SignedTransaction,
    gas_remaining: u64,
    is_trial: bool,
) -> Result<(), Halt> {
    let expected = evm.ctx.cfg.chain_id;
    if tx.envelope().chain_id() != Some(expected) {
        return Err(Rejection::WrongChain { expected }.into());
    }
    check_sender(evm, standings, tx, gas_remaining, is_trial)
}

/// The same without the chain: what is final already is not refused for it when it is run again.
pub(crate) fn check_sender(
    evm: &mut CacheEvm<'_>,
    standings: &mut Standings,
    tx: &SignedTransaction,
    gas_remaining: u64,
    is_trial: bool,
) -> Result<(), Halt> {
    if tx.gas_limit() > gas_remaining {
        let (gas_limit, remaining) = (tx.gas_limit(), gas_remaining);
        return Err(Rejection::GasLimitExceedsBlock { gas_limit, remaining }.into());
    }
    let account = evm.ctx.journaled_state.database.account(tx.sender())?;
    let (nonce, expected) = (tx.nonce(), account.nonce);
    if nonce < expected && !is_trial {
        return Err(Rejection::NonceTooLow { nonce, expected }.into());
    }
    if nonce > expected && !is_trial {
        return Err(Rejection::NonceTooHigh { nonce, expected }.into());
    }
    let (balance, value) = (account.balance, tx.envelope().value());
    if balance < value && !is_trial {
        return Err(Rejection::InsufficientFunds { balance, value }.into());
    }
    if evm.ctx.chain.permission == Permission::Everybody {
        return Ok(());
    }
    let sender = tx.sender();
    if !standings.is_active(evm, sender)? {
        return Err(Rejection::SenderNotActive { sender }.into());
    }
    let may_deploy = standings.may_deploy(evm, sender)?;
    if tx.envelope().is_create() && !may_deploy {
        return Err(Rejection::MayNotDeploy { sender }.into());
    }
    evm.ctx.chain.may_deploy = may_deploy;
    Ok(())
}

fn rejection(evm: &CacheEvm<'_>, reason: InvalidTransaction) -> Rejection {
    use InvalidTransaction as Reason;
    match reason {
        Reason::NonceTooLow { tx, state } => Rejection::NonceTooLow { nonce: tx, expected: state },
        Reason::NonceTooHigh { tx, state } => {
            Rejection::NonceTooHigh { nonce: tx, expected: state }
        }
        Reason::CallGasCostMoreThanGasLimit { initial_gas, gas_limit } => {
            Rejection::IntrinsicGasTooLow { gas_limit, needed: initial_gas }
        }
        Reason::GasFloorMoreThanGasLimit { gas_floor, gas_limit } => {
            Rejection::IntrinsicGasTooLow { gas_limit, needed: gas_floor }
        }
        Reason::InvalidChainId | Reason::MissingChainId => {
            Rejection::WrongChain { expected: evm.ctx.cfg.chain_id }
        }
        other => Rejection::Invalid(other.to_string()),
    }
}

/// Ethereum's receipt of a run.
pub(crate) fn receipt(
    tx: &SignedTransaction,
    result: ExecutionResult,
    gas_used_before: u64,
) -> ExecutedReceipt {
    let gas_used = result.tx_gas_used();
    let contract_address = result.created_address();
    let is_success = result.is_success();
    let output = result.output().map(cut).unwrap_or_default();
    // Only what took effect leaves logs.
    let logs = if is_success { result.into_logs() } else { Vec::new() };
    let receipt = ReceiptWithBloom::from(Receipt {
        status: Eip658Value::Eip658(is_success),
        cumulative_gas_used: gas_used_before + gas_used,
        logs,
    });
    let envelope = match tx.envelope().tx_type() {
        TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
        TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
        TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
        TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
        TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
    };
    ExecutedReceipt { envelope, gas_used, contract_address, output }
}

fn cut(output: &Bytes) -> Bytes {
    if output.len() <= ExecutedReceipt::OUTPUT_BYTES_MAX {
        return output.clone();
    }
    Bytes::copy_from_slice(&output[..ExecutedReceipt::OUTPUT_BYTES_MAX])
}
