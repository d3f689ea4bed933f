//! What an account may do, asked of the `members` module through the EVM like any other view.

use alloy_primitives::{Address, Bytes, U256, keccak256, map::HashMap};
use alloy_sol_types::SolCall;
use qiao_module_kit::stub_code;
use qiao_modules::members::{
    ADDRESS,
    IMembers::{hasRoleCall, isActiveCall},
    Role,
};
use qiao_types::StateSource;
use revm::{ExecuteEvm as _, SystemCallEvm as _};

use crate::{
    BlockEnvironment, ExecutionConfig, ExecutionError, Permission, Rejection,
    cache::{Cache, Name},
    driver::{self, Setup},
    transaction::{CacheEvm, Halt, finish},
};

/// Asking `members` takes microseconds: always cheaper to repeat than to wait for.
const INTERRUPTIONS_MAX: usize = 16;

/// The standings of one block's senders, asked once each.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    active: HashMap<Address, bool>,
    deployers: HashMap<Address, bool>,
}

impl Standings {
    /// Whether this account may send transactions by now.
    pub(crate) fn is_active(
        &mut self,
        evm: &mut CacheEvm<'_>,
        account: Address,
    ) -> Result<bool, Halt> {
        if let Some(answer) = self.active.get(&account) {
            return Ok(*answer);
        }
        let answer = ask(evm, isActiveCall { account })?;
        self.active.insert(account, answer);
        Ok(answer)
    }

    /// Whether this account has the role Deployer by now.
    pub(crate) fn may_deploy(
        &mut self,
        evm: &mut CacheEvm<'_>,
        account: Address,
    ) -> Result<bool, Halt> {
        if let Some(answer) = self.deployers.get(&account) {
            return Ok(*answer);
        }
        let answer = ask(evm, hasRoleCall { account, role: Role::Deployer as u8 })?;
        self.deployers.insert(account, answer);
        Ok(answer)
    }

    /// A transaction changed the storage of `members`: everybody may stand differently.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Calls a view of `members`. Anything but a clear yes is a no.
fn ask<C: SolCall<Return = bool>>(evm: &mut CacheEvm<'_>, call: C) -> Result<bool, Halt> {
    let result = evm.system_call_one(ADDRESS, Bytes::from(call.abi_encode()));
    let result = finish(evm, result)?;
    evm.finalize();
    if !result.is_success() {
        return Ok(false);
    }
    let output = result.into_output().unwrap_or_default();
    Ok(C::abi_decode_returns(&output).unwrap_or(false))
}

/// What an account may do, apart from what it owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Whether it is registered and neither it nor its organisation is frozen.
    pub active: bool,
    /// Whether it is active and has the role Deployer.
    pub may_deploy: bool,
}

impl Membership {
    fn ask(evm: &mut CacheEvm<'_>, account: Address) -> Result<Self, Halt> {
        if evm.ctx.chain.permission == Permission::Everybody {
            return Ok(Self { active: true, may_deploy: true });
        }
        let mut standings = Standings::default();
        let active = standings.is_active(evm, account)?;
        Ok(Self { active, may_deploy: active && standings.may_deploy(evm, account)? })
    }
}

/// What the `members` module says of this account in the state behind `source`.
///
/// # Errors
/// The state cannot be read or is damaged.
pub async fn membership(
    config: &ExecutionConfig,
    source: &dyn StateSource,
    account: Address,
) -> Result<Membership, ExecutionError> {
    ask_state(config, source, account, move |evm| Membership::ask(evm, account)).await
}

/// What the pool has to know about a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderStanding {
    /// The account's next nonce.
    pub nonce: u64,
    /// Its balance in wei.
    pub balance: U256,
    /// Whether it is registered and neither it nor its organisation is frozen.
    pub active: bool,
    /// Whether it has the role Deployer.
    pub may_deploy: bool,
    /// Why it may not send transactions, if it may not.
    pub reason: Option<Rejection>,
}

/// What this account may do in the state behind `source`.
///
/// # Errors
/// The state cannot be read or is damaged.
pub async fn sender_standing(
    config: &ExecutionConfig,
    source: &dyn StateSource,
    sender: Address,
) -> Result<SenderStanding, ExecutionError> {
    let job = move |evm: &mut CacheEvm<'_>| {
        let account = evm.ctx.journaled_state.database.account(sender)?;
        Ok((account, Membership::ask(evm, sender)?))
    };
    let (account, Membership { active, may_deploy }) =
        ask_state(config, source, sender, job).await?;
    Ok(SenderStanding {
        nonce: account.nonce,
        balance: account.balance,
        active,
        may_deploy,
        reason: (!active).then_some(Rejection::SenderNotActive { sender }),
    })
}

/// Runs a question about an account on a state, outside of any block.
async fn ask_state<T: Send + 'static>(
    config: &ExecutionConfig,
    source: &dyn StateSource,
    account: Address,
    job: impl Fn(&mut CacheEvm<'_>) -> Result<T, Halt> + Send + 'static,
) -> Result<T, ExecutionError> {
    let env = BlockEnvironment {
        number: 1,
        timestamp: 0,
        beneficiary: Address::ZERO,
        gas_limit: config.block_gas_limit,
        parent_hash: Default::default(),
        prev_randao: Default::default(),
    };
    let setup = Setup { config: *config, env };
    let mut cache = Cache::default();
    // Read together with the rest, although only the account says which code it has.
    let code = Name::Code(keccak256(stub_code()));
    let names = vec![Name::Account(account), Name::Account(ADDRESS), code];
    driver::load(&mut cache, source, names).await?;
    let (_, answer) = driver::run(cache, setup, source, INTERRUPTIONS_MAX, job).await?;
    answer.map_err(|reason| ExecutionError::Fatal(reason.to_string()))
}
