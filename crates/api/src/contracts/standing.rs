//! What the chain knows of a contract, at the head.

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY};
use alloy_sol_types::SolCall;
use qiao_execution::{CallError, CallRequest, CallStatus};
use qiao_modules::contracts::{self, Authority, IContracts::*};
use qiao_types::{AccountState, StateKey};

use crate::{Chain, calling};

/// What the chain knows of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractState {
    /// Where it is.
    pub address: Address,
    /// The number of the organisation to which it belongs; 0 for none.
    pub organisation: u64,
    /// The account whose transaction created it; `None` for contracts of the genesis.
    pub creator: Option<Address>,
    /// The block in which it was created.
    pub created_in_block: u64,
    /// What its owner calls it, if it was declared.
    pub name: Option<String>,
    /// Whether its owner may exchange its code.
    pub is_upgradeable: bool,
    /// Who stopped it.
    pub freezes: Vec<Freeze>,
    /// The hash of its true code, frozen or not.
    pub code_hash: B256,
}

/// Who stopped a contract, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// `owner`, `regulator` or `validators`.
    pub authority: &'static str,
    /// The account.
    pub by: Address,
    /// Seconds since the Unix epoch.
    pub since: u64,
    /// Why.
    pub reason: String,
}

/// What the chain knows of the contract at an address; `None` where there is no code.
///
/// # Errors
/// The state cannot be read.
pub async fn contract_state(
    chain: &dyn Chain,
    address: Address,
) -> Result<Option<ContractState>, CallError> {
    let told = ask(chain, contractOfCall { target: address }).await?;
    let mut code_hash = told.codeHash;
    if told.creator.is_zero() {
        code_hash = account(chain, address).await?.code_hash;
        if code_hash == KECCAK256_EMPTY {
            return Ok(None);
        }
    }
    let mut freezes = Vec::new();
    for authority in Authority::ALL {
        if told.frozenBy & (1 << authority.number()) == 0 {
            continue;
        }
        let call = freezeOfCall { target: address, authority: authority.number() };
        let freeze = ask(chain, call).await?;
        freezes.push(Freeze {
            authority: authority_name(authority),
            by: freeze.by,
            since: freeze.since,
            reason: freeze.reason,
        });
    }
    Ok(Some(ContractState {
        address,
        organisation: told.organisation,
        creator: (!told.creator.is_zero()).then_some(told.creator),
        created_in_block: told.createdInBlock,
        name: told.declared.then_some(told.name),
        is_upgradeable: told.upgradeable,
        freezes,
        code_hash,
    }))
}

/// The code with this hash, which is in the state for as long as the chain runs.
///
/// # Errors
/// The state cannot be read.
pub async fn true_code(chain: &dyn Chain, code_hash: B256) -> Result<Bytes, CallError> {
    Ok(read(chain, StateKey::code(code_hash)).await?.unwrap_or_default())
}

fn authority_name(authority: Authority) -> &'static str {
    match authority {
        Authority::Owner => "owner",
        Authority::Regulator => "regulator",
        Authority::Validators => "validators",
    }
}

async fn account(chain: &dyn Chain, address: Address) -> Result<AccountState, CallError> {
    let Some(bytes) = read(chain, StateKey::account(address)).await? else {
        return Ok(AccountState::default());
    };
    AccountState::decode(&bytes).map_err(|error| CallError::Fatal(error.to_string()))
}

async fn read(chain: &dyn Chain, key: StateKey) -> Result<Option<Bytes>, CallError> {
    let source = chain.state_at(chain.head().number).await?;
    let mut values = source.read(&[key]).await?;
    Ok(values.pop().flatten())
}

async fn ask<C: SolCall>(chain: &dyn Chain, call: C) -> Result<C::Return, CallError> {
    let request = CallRequest {
        to: Some(contracts::ADDRESS),
        data: call.abi_encode().into(),
        ..Default::default()
    };
    let outcome = calling::at_head(chain, request).await?;
    if outcome.status != CallStatus::Success {
        return Err(CallError::Reverted { output: outcome.output });
    }
    C::abi_decode_returns(&outcome.output).map_err(|error| CallError::Fatal(error.to_string()))
}
