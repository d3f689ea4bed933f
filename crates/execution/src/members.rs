//! What an account may do, asked of the `members` module through the EVM like any other view.

use alloy_primitives::{Address, Bytes, KECCAK256_EMPTY, U256, address, map::HashMap};
use alloy_sol_types::{SolCall, sol};
use qiao_types::StateSource;
use revm::{ExecuteEvm as _, SystemCallEvm as _};

use crate::{
    BlockEnvironment, ExecutionConfig, ExecutionError, Rejection,
    driver::{self, Setup},
    transaction::{CacheEvm, Halt, finish},
};

/// The address of the `members` module.
pub(crate) const MEMBERS: Address = address!("0x5169616f00000000000000000000000000000001");

/// The number of the role that may create contracts.
const DEPLOYER: u8 = 5;

sol! {
    function isActive(address account) external view returns (bool);
    function hasRole(address account, uint8 role) external view returns (bool);
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) is_active: bool,
    pub(crate) may_deploy: bool,
}

/// The standings of one block's senders, asked once each.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    known: HashMap<Address, Standing>,
}

impl Standings {
    /// What this account may do by now.
    pub(crate) fn of(
        &mut self,
        evm: &mut CacheEvm<'_>,
        account: Address,
    ) -> Result<Standing, Halt> {
        if let Some(standing) = self.known.get(&account) {
            return Ok(*standing);
        }
        let members = evm.ctx.journaled_state.database.account(MEMBERS)?;
        if members.code_hash == KECCAK256_EMPTY {
            return Ok(Standing { is_active: true, may_deploy: true });
        }
        let is_active = ask(evm, isActiveCall { account })?;
        let may_deploy = is_active && ask(evm, hasRoleCall { account, role: DEPLOYER })?;
        let standing = Standing { is_active, may_deploy };
        self.known.insert(account, standing);
        Ok(standing)
    }

    /// A transaction changed the storage of `members`: everybody may stand differently.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }
}

/// Calls a view of `members`. Anything but a clear yes is a no.
fn ask<C: SolCall<Return = bool>>(evm: &mut CacheEvm<'_>, call: C) -> Result<bool, Halt> {
    let result = evm.system_call_one(MEMBERS, Bytes::from(call.abi_encode()));
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
        let standing = Standings::default().of(evm, sender)?;
        Ok((account, standing))
    };
    let (_, answer) = driver::run(Default::default(), setup, source, job).await?;
    let (account, standing) = answer.map_err(|reason| ExecutionError::Fatal(reason.to_string()))?;
    Ok(SenderStanding {
        nonce: account.nonce,
        balance: account.balance,
        active: standing.is_active,
        may_deploy: standing.may_deploy,
        reason: (!standing.is_active).then_some(Rejection::SenderNotActive { sender }),
    })
}
