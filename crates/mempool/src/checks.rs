//! What can be said about a transaction without looking at the rest of the pool.

use alloy_consensus::Transaction as _;
use qiao_types::SignedTransaction;

use crate::{PoolConfig, Refusal, Standing};

/// Checks the transaction by itself: a block could never take what fails here.
pub(crate) fn check_form(config: &PoolConfig, tx: &SignedTransaction) -> Result<(), Refusal> {
    let envelope = tx.envelope();
    if let Some(want) = config.chain_id {
        match envelope.chain_id() {
            None => return Err(Refusal::NotReplayProtected),
            Some(have) if have != want => return Err(Refusal::WrongChain { have, want }),
            Some(_) => {}
        }
    }
    let (bytes, max) = (tx.encoded().len(), config.transaction_bytes_max);
    if bytes > max {
        return Err(Refusal::TooLarge { bytes, max });
    }
    let (gas_limit, max) = (tx.gas_limit(), config.transaction_gas_max);
    if gas_limit > max {
        return Err(Refusal::GasLimitTooHigh { gas_limit, max });
    }
    let (bytes, max) = (envelope.input().len(), config.initcode_bytes_max);
    if envelope.is_create() && bytes > max {
        return Err(Refusal::InitcodeTooLarge { bytes, max });
    }
    let tip = envelope.max_priority_fee_per_gas().unwrap_or_default();
    if tip > envelope.max_fee_per_gas() {
        return Err(Refusal::TipAboveFeeCap);
    }
    if envelope.authorization_list().is_some_and(|list| list.is_empty()) {
        return Err(Refusal::NoAuthorization);
    }
    let needed = intrinsic_gas(tx);
    if gas_limit < needed {
        return Err(Refusal::IntrinsicGasTooLow { gas_limit, needed });
    }
    Ok(())
}

/// Checks the transaction against what its sender has and may do.
pub(crate) fn check_standing(tx: &SignedTransaction, standing: &Standing) -> Result<(), Refusal> {
    let sender = tx.sender();
    if !standing.active {
        return Err(Refusal::SenderNotActive { sender });
    }
    if tx.envelope().is_create() && !standing.may_deploy {
        return Err(Refusal::MayNotDeploy { sender });
    }
    let (balance, value) = (standing.balance, tx.envelope().value());
    if balance < value {
        return Err(Refusal::InsufficientFunds { balance, value });
    }
    Ok(())
}

/// The gas that a transaction costs before its first instruction: the yellow paper's g0 with
/// EIP-2930, EIP-3860 and EIP-7702, or EIP-7623's floor if that is more.
fn intrinsic_gas(tx: &SignedTransaction) -> u64 {
    let envelope = tx.envelope();
    let input = envelope.input();
    let bytes = input.len() as u64;
    let zeros = input.iter().filter(|byte| **byte == 0).count() as u64;
    let tokens = zeros + 4 * (bytes - zeros);
    let mut gas = 21_000 + 4 * tokens;
    if envelope.is_create() {
        gas += 32_000 + 2 * bytes.div_ceil(32);
    }
    for item in envelope.access_list().into_iter().flat_map(|list| list.iter()) {
        gas += 2_400 + 1_900 * item.storage_keys.len() as u64;
    }
    gas += 25_000 * envelope.authorization_list().map_or(0, |list| list.len()) as u64;
    gas.max(21_000 + 10 * tokens)
}
