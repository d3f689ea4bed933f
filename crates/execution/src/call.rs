//! Calls that change nothing: `eth_call` and `eth_estimateGas`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use alloy_eips::{eip2930::AccessList, eip7702::SignedAuthorization};
use alloy_primitives::{Address, Bytes, Log, TxKind, U256, keccak256};
use qiao_types::{AccountState, StateSource};
use revm::{
    context::{CfgEnv, TxEnv, either::Either, result::ExecutionResult},
    primitives::KECCAK_EMPTY,
};

use crate::{
    BlockEnvironment, CallError, ExecutionConfig, Rejection,
    cache::{Cache, Name},
    driver::{self, Setup, Tuning},
    evm::Precompiles,
    transaction::{CacheEvm, Halt, run},
};

/// What a plain transfer costs; the least that an estimate can be.
const TRANSFER_GAS: u64 = 21_000;

/// Gas that a call with value adds for its recipient and gives back if unused.
const CALL_STIPEND: u64 = 2_300;

/// A call, or a transaction that nobody has signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallRequest {
    /// Who calls; the zero account if it does not matter.
    pub from: Address,
    /// Who is called; `None` creates a contract.
    pub to: Option<Address>,
    /// The most gas that it may use; `None`: as much as a block.
    pub gas: Option<u64>,
    /// The sender's nonce; `None`: its next one.
    pub nonce: Option<u64>,
    /// What `GASPRICE` answers.
    pub gas_price: u128,
    /// Wei to transfer.
    pub value: U256,
    /// Calldata, or the code that creates a contract.
    pub data: Bytes,
    /// EIP-2930 access list.
    pub access_list: AccessList,
    /// EIP-7702 authorizations.
    pub authorization_list: Vec<SignedAuthorization>,
    /// Accounts that are otherwise than in the state, for this call only.
    pub overrides: BTreeMap<Address, AccountOverride>,
}

/// How an account differs from the state during one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountOverride {
    /// Another balance.
    pub balance: Option<U256>,
    /// Another nonce.
    pub nonce: Option<u64>,
    /// Other code.
    pub code: Option<Bytes>,
    /// The account's whole storage instead of what is there.
    pub state: Option<BTreeMap<U256, U256>>,
    /// Single slots.
    pub state_diff: BTreeMap<U256, U256>,
    /// Where the precompile of this address is to be found instead.
    pub move_precompile_to: Option<Address>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallStatus {
    /// It returned.
    Success,
    /// It reverted; the output is the revert data.
    Reverted,
    /// It broke a rule of the EVM, for this reason.
    Halted(String),
}

/// What a call gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// How it ended.
    pub status: CallStatus,
    /// Return data, or revert data.
    pub output: Bytes,
    /// Gas that it used.
    pub gas_used: u64,
    /// Logs that it would leave.
    pub logs: Vec<Log>,
}

/// Runs a call on the state behind `source`, as if in the block of `env`. Nothing changes.
pub async fn call(
    config: &ExecutionConfig,
    env: &BlockEnvironment,
    source: &dyn StateSource,
    request: CallRequest,
) -> Result<CallOutcome, CallError> {
    let mut session = Session::start(config, env, source, request).await?;
    let gas = session.gas_max;
    Ok(outcome(session.run(gas).await?))
}

/// The least gas limit with which the call succeeds, at most 1.6 % above it.
pub async fn estimate_gas(
    config: &ExecutionConfig,
    env: &BlockEnvironment,
    source: &dyn StateSource,
    request: CallRequest,
) -> Result<u64, CallError> {
    let mut session = Session::start(config, env, source, request).await?;
    let mut enough = session.gas_max;
    let used = match session.run(enough).await {
        Ok(ExecutionResult::Success { gas, .. }) => gas,
        Ok(failed) => return Err(why_no_estimate(failed, enough)),
        Err(CallError::Rejected(Rejection::IntrinsicGasTooLow { .. })) => {
            return Err(CallError::GasRequiredExceedsAllowance { allowance: enough });
        }
        Err(error) => return Err(error),
    };
    let mut too_little = used.tx_gas_used().saturating_sub(1).max(TRANSFER_GAS - 1);
    // A call passes on at most 63/64 of its gas, and refunds come only at the end: this much
    // suffices for all but contracts that look at the gas they have left.
    let likely = used.total_gas_spent().saturating_add(CALL_STIPEND) / 63 * 64 + 64;
    let mut guess = if session.is_plain_transfer() { TRANSFER_GAS } else { likely };
    while enough - too_little > 1 + enough / 64 {
        if guess <= too_little || guess >= enough {
            guess = too_little + (enough - too_little) / 2;
        }
        match session.run(guess).await {
            Ok(ExecutionResult::Success { .. }) => enough = guess,
            Ok(_) | Err(CallError::Rejected(Rejection::IntrinsicGasTooLow { .. })) => {
                too_little = guess;
            }
            Err(error) => return Err(error),
        }
        guess = too_little + (enough - too_little) / 2;
    }
    Ok(enough)
}

fn why_no_estimate(failed: ExecutionResult, allowance: u64) -> CallError {
    match failed {
        ExecutionResult::Revert { output, .. } => CallError::Reverted { output },
        ExecutionResult::Halt { reason, .. } => {
            let reason = reason.to_string();
            if reason.starts_with("out of gas") {
                return CallError::GasRequiredExceedsAllowance { allowance };
            }
            CallError::Halted { reason }
        }
        ExecutionResult::Success { .. } => unreachable!("only failures are asked about"),
    }
}

pub(crate) fn outcome(result: ExecutionResult) -> CallOutcome {
    let gas_used = result.tx_gas_used();
    let (status, logs, output) = match result {
        ExecutionResult::Success { logs, output, .. } => {
            (CallStatus::Success, logs, output.into_data())
        }
        ExecutionResult::Revert { output, .. } => (CallStatus::Reverted, Vec::new(), output),
        ExecutionResult::Halt { reason, .. } => {
            (CallStatus::Halted(reason.to_string()), Vec::new(), Bytes::new())
        }
    };
    CallOutcome { status, output, gas_used, logs }
}

/// A call that may be run several times with different gas limits.
pub(crate) struct Session<'a> {
    setup: Setup,
    source: &'a dyn StateSource,
    cache: Cache,
    tx: TxEnv,
    pub(crate) gas_max: u64,
    has_code: bool,
    overrides: Arc<BTreeMap<Address, AccountOverride>>,
}

impl<'a> Session<'a> {
    pub(crate) async fn start(
        config: &ExecutionConfig,
        env: &BlockEnvironment,
        source: &'a dyn StateSource,
        request: CallRequest,
    ) -> Result<Self, CallError> {
        let gas_max = request.gas.unwrap_or(u64::MAX).min(config.block_gas_limit);
        let mut cache = Cache::default();
        driver::begin_block(&mut cache, source, env).await?;
        apply(&mut cache, source, &request.overrides).await?;
        let mut names = vec![Name::Account(request.from)];
        names.extend(request.to.map(Name::Account));
        driver::load(&mut cache, source, names).await?;
        let codes = cache.codes_wanted(request.to.into_iter());
        driver::load(&mut cache, source, codes).await?;
        let loaded = "the account was loaded above";
        let (balance, value) = (cache.account(request.from).expect(loaded).balance, request.value);
        if balance < value {
            return Err(Rejection::InsufficientFunds { balance, value }.into());
        }
        let has_code =
            request.to.is_some_and(|to| cache.account(to).expect(loaded).code_hash != KECCAK_EMPTY);
        let overrides = Arc::new(request.overrides.clone());
        let tx = tx_env(config, request);
        let setup = Setup { config: *config, env: *env };
        Ok(Self { setup, source, cache, tx, gas_max, has_code, overrides })
    }

    async fn run(&mut self, gas_limit: u64) -> Result<ExecutionResult, CallError> {
        let tx = TxEnv { gas_limit, ..self.tx.clone() };
        let overrides = Arc::clone(&self.overrides);
        let job = move |evm: &mut CacheEvm<'_>| -> Result<ExecutionResult, Halt> {
            lift_limits(&mut evm.ctx.cfg);
            relocate(&mut evm.precompiles, &overrides)?;
            run(evm, tx.clone())
        };
        let cache = std::mem::take(&mut self.cache);
        let interruptions_max = Tuning::default().interruptions_max(&self.tx.data, gas_limit);
        let (cache, result) =
            driver::run(cache, self.setup, self.source, interruptions_max, job).await?;
        self.cache = cache;
        result.map_err(CallError::Rejected)
    }

    /// Runs a job with the call as a transaction, once, on a thread that waits for each value.
    pub(crate) async fn watch<T, J>(self, job: J) -> Result<T, CallError>
    where
        T: Send + 'static,
        J: FnOnce(&mut CacheEvm<'_>, TxEnv) -> Result<T, Halt> + Send + 'static,
    {
        let tx = TxEnv { gas_limit: self.gas_max, ..self.tx };
        let overrides = self.overrides;
        let job = move |evm: &mut CacheEvm<'_>| {
            lift_limits(&mut evm.ctx.cfg);
            relocate(&mut evm.precompiles, &overrides)?;
            job(evm, tx)
        };
        let (_, ended) = driver::run_waiting(self.cache, self.setup, self.source, job).await?;
        Ok(driver::rejection(ended)??)
    }

    fn is_plain_transfer(&self) -> bool {
        self.tx.kind.is_call() && self.tx.data.is_empty() && !self.has_code
    }
}

/// What holds for transactions and not for calls.
pub(crate) fn lift_limits(cfg: &mut CfgEnv) {
    cfg.disable_nonce_check = true;
    cfg.disable_eip3607 = true;
    cfg.disable_block_gas_limit = true;
}

fn tx_env(config: &ExecutionConfig, request: CallRequest) -> TxEnv {
    let tx_type = if request.authorization_list.is_empty() { 2 } else { 4 };
    TxEnv {
        tx_type,
        caller: request.from,
        gas_price: request.gas_price,
        kind: request.to.map_or(TxKind::Create, TxKind::Call),
        value: request.value,
        data: request.data,
        chain_id: Some(config.chain_id),
        access_list: request.access_list,
        gas_priority_fee: Some(request.gas_price),
        authorization_list: request.authorization_list.into_iter().map(Either::Left).collect(),
        ..Default::default()
    }
}

/// Puts the overrides into the cache.
async fn apply(
    cache: &mut Cache,
    source: &dyn StateSource,
    overrides: &BTreeMap<Address, AccountOverride>,
) -> Result<(), CallError> {
    let accounts = overrides.keys().map(|address| Name::Account(*address));
    let slots = overrides.iter().filter(|(_, change)| change.state.is_none()).flat_map(
        |(address, change)| change.state_diff.keys().map(|slot| Name::Slot(*address, *slot)),
    );
    driver::load(cache, source, accounts.chain(slots).collect()).await?;
    for (address, change) in overrides {
        apply_one(cache, *address, change).map_err(|error| CallError::Fatal(error.to_string()))?;
    }
    Ok(())
}

pub(crate) fn apply_one(
    cache: &mut Cache,
    address: Address,
    change: &AccountOverride,
) -> Result<(), crate::cache::CacheError> {
    let before = cache.account(address)?;
    let code_hash = match &change.code {
        Some(code) => keccak256(code),
        None => before.code_hash,
    };
    let account = AccountState {
        nonce: change.nonce.unwrap_or(before.nonce),
        balance: change.balance.unwrap_or(before.balance),
        code_hash,
    };
    cache.set_account(address, account, change.code.clone())?;
    if let Some(state) = &change.state {
        cache.replace_storage(address);
        for (slot, value) in state {
            cache.override_slot(address, *slot, *value);
        }
    }
    for (slot, value) in &change.state_diff {
        cache.override_slot(address, *slot, *value);
    }
    Ok(())
}

/// Moves precompiles where the overrides say so, and those moved before back. An account that is otherwise than in the state is
/// no precompile any more.
pub(crate) fn relocate(
    precompiles: &mut Precompiles,
    overrides: &BTreeMap<Address, AccountOverride>,
) -> Result<(), Rejection> {
    precompiles.restore_precompiles();
    let mut taken = BTreeSet::new();
    for (address, change) in overrides {
        if taken.contains(address) {
            let reason = format!("account {address} has already been overridden by a precompile");
            return Err(Rejection::Invalid(reason));
        }
        match change.move_precompile_to {
            None => precompiles.remove_precompile(*address),
            Some(_) if !precompiles.has_precompile(*address) => {
                return Err(Rejection::Invalid(format!("account {address} is not a precompile")));
            }
            Some(to) if overrides.contains_key(&to) => {
                return Err(Rejection::Invalid(format!("account {to} is already overridden")));
            }
            Some(to) => {
                precompiles.move_precompile(*address, to);
                taken.insert(to);
            }
        }
    }
    Ok(())
}
