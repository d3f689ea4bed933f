//! Contracts: whose they are, which of them may change, and which are stopped.
//!
//! # Purpose
//! A contract that somebody put on the chain runs for everybody, but nobody can say who answers for
//! it, whether its code may be exchanged tomorrow, or how to stop it when it is found to be broken.
//! Each project solves that anew with proxies and pause switches, and mostly badly. Here every
//! contract belongs to the organisation whose account created it, its owner says once whether it may
//! be upgraded, and it can be stopped by its owner, a regulator or the validators together.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `declare` | the account that created the contract, or an admin of its organisation |
//! | `renounceUpgrades` | an admin of the owner |
//! | `upgrade` | an admin of the owner with role 5, deployer |
//! | `freeze`, `unfreeze` | a regulator; an admin of the owner; each lifts its own freeze only |
//! | `propose`, `approve`, `withdraw` | an admin of an organisation that runs a validator |
//! | views | everybody |
//!
//! # Lifecycle
//! Of a proposal, from `rules::TRANSITIONS`; one that is open past its time can only be replaced by
//! another:
//!
//! ```text
//! none -- proposed -----------------> open
//! open -- approved by too few ------> open
//! open -- approved by more than half > carried
//! open -- withdrawn by one ---------> open
//! open -- withdrawn by the last ----> abandoned
//! ```
//!
//! A contract stands still while the owner, a regulator or the validators hold it, each with a freeze
//! of its own, and runs again when nobody does.
//!
//! # Invariants
//! - I1 A contract belongs to the organisation of the account that sent the transaction that created
//!   it, for ever.
//! - I2 Code changes by `upgrade`, `freeze`, `unfreeze` and a proposal that is carried, and by nothing
//!   else.
//! - I3 Only a contract that is declared upgradeable is upgraded; what was given up stays so.
//! - I4 When the last freeze is lifted, code and storage are what they were before the first.
//! - I5 A freeze is lifted only with the authority that imposed it.
//! - I6 An organisation has one vote per proposal, and only organisations that run validators have one.
//! - I7 A proposal takes effect when more than half of the organisations that run validators approve
//!   it in its time, once.
//! - I8 A frozen contract is not upgraded, and its code is nobody's upgrade.
//!
//! # Limits
//! Names 1 to 128 bytes, reasons 1 to 512 bytes; votes from one minute to 30 days. Contracts of the
//! genesis belong to nobody and can be neither frozen nor upgraded; nor can a contract in the
//! transaction that creates it. Nothing checks that an upgrade understands the storage that it finds.
//! A contract that is not declared may still be declared upgradeable: who relies on one waits for its
//! declaration. Ether reaches a frozen contract where no code runs: as the remains of a contract that
//! destroys itself. A frozen contract answers no reading call either; nodes read it with its true code
//! laid over the call.
//!
//! # Terms
//! - contract (合约): code at an address, put there by a transaction.
//! - owner (所有者): the organisation to which a contract belongs.
//! - freeze (冻结): what stops a contract: every call to it is refused.
//! - proposal (提案): the wish to freeze or unfreeze a contract with the validators' authority.
//!
//! # Standards
//! EIP-170 and EIP-3541 hold for every code that an upgrade can name, because it was deployed before.
//!
//! # Example
//! `a_broken_exchange_is_stopped_repaired_and_goes_on` in `tests.rs`.

mod abi;
mod calls;
mod genesis;
mod index;
mod rules;
mod storage;
mod types;
mod views;

#[cfg(test)]
mod tests;

use alloy_primitives::Address;
use qiao_module_kit::{Module, dispatch, module_address};

pub use abi::IContracts;
pub use storage::creation_slot;
pub use types::{Authority, Creation, ProposalState};

/// Where the module answers.
pub const ADDRESS: Address = module_address(7);

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: "contracts",
    since: 0,
    requires: &["members"],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(IContracts::IContractsCalls) {
    declare => calls::declare,
    renounceUpgrades => calls::renounce_upgrades,
    upgrade => calls::upgrade,
    freeze => calls::freeze,
    unfreeze => calls::unfreeze,
    propose => calls::propose,
    approve => calls::approve,
    withdraw => calls::withdraw,
    contractOf => views::contract_of,
    isFrozen => views::is_frozen,
    freezeOf => views::freeze_of,
    proposal => views::proposal,
    hasApproved => views::has_approved,
    proposalCount => views::proposal_count,
    voterCount => views::voter_count,
} }
