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
pub async fn sender_standing(
    config: &ExecutionConfig,
    source: &dyn StateSource,
    sender: Address,
) -> Result<SenderStanding, ExecutionError> {
    let env = BlockEnvironment {
        number: 1,
        timestamp: 0,
        beneficiary: Address::ZERO,
        gas_limit: config.block_gas_limit,
        parent_hash: Default::default(),
    };
    let setup = Setup { config: *config, env };
    let job = move |evm: &mut CacheEvm<'_>| {
        let account = evm.ctx.journaled_state.database.account(sender)?;
        if evm.ctx.chain.permission == Permission::Everybody {
            return Ok((account, true, true));
        }
        let mut standings = Standings::default();
        let is_active = standings.is_active(evm, sender)?;
        let may_deploy = is_active && standings.may_deploy(evm, sender)?;
        Ok((account, is_active, may_deploy))
    };
    let mut cache = Cache::default();
    // Read together with the rest, although only the account says which code it has.
    let code = Name::Code(keccak256(stub_code()));
    let names = vec![Name::Account(sender), Name::Account(ADDRESS), code];
    driver::load(&mut cache, source, names).await?;
    let (_, answer) = driver::run(cache, setup, source, INTERRUPTIONS_MAX, job).await?;
    let (account, is_active, may_deploy) =
        answer.map_err(|reason| ExecutionError::Fatal(reason.to_string()))?;
    Ok(SenderStanding {
        nonce: account.nonce,
        balance: account.balance,
        active: is_active,
        may_deploy,
        reason: (!is_active).then_some(Rejection::SenderNotActive { sender }),
    })
}
