//! Members: the organisations of the consortium, their accounts, roles and freezes.
//!
//! # Purpose
//! A consortium must know who acts. Today that is an annex to a contract and a list of e-mail
//! addresses; who may still sign for whom is asked by telephone. Here every account belongs to one
//! organisation, every right is a role that somebody gave, and both can be read and proved.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `registerOrganisation` | a regulator, or an admin of an organisation that runs a validator |
//! | `addAccount`, `grantRole`, `revokeRole`, `announceSealingKey` | an admin, for its own organisation |
//! | `freezeAccount`, `unfreezeAccount` | a regulator; an admin, for its own organisation |
//! | `freezeOrganisation`, `unfreezeOrganisation` | a regulator |
//! | views | everybody |
//!
//! The roles are 1 admin, 2 validator, 3 capturer, 4 regulator, 5 deployer, 6 signer. Pool and execution ask
//! this module who may send a transaction (`isActive`) and who may deploy (`hasRole(…, 5)`).
//!
//! # Lifecycle
//! The freeze of an account, from `rules::TRANSITIONS`:
//!
//! ```text
//! none        -- admin freezes -------> by admin
//! none        -- regulator freezes ---> by regulator
//! by admin    -- regulator freezes ---> by regulator
//! by admin    -- admin unfreezes -----> none
//! by admin    -- regulator unfreezes -> none
//! by regulator - regulator unfreezes -> none
//! ```
//!
//! # Invariants
//! - I1 An account belongs to one organisation at most, for ever.
//! - I2 Every organisation has an admin.
//! - I3 Organisations are registered by a regulator or an admin of a validator's organisation only.
//! - I4 An admin changes accounts of its own organisation only.
//! - I5 The roles of validators and regulators come from the genesis only.
//! - I6 What a regulator froze, only a regulator unfreezes.
//! - I7 Nobody freezes its own account or organisation.
//! - I8 A frozen account, and an account of a frozen organisation, changes nothing.
//! - I9 A Global Location Number belongs to one organisation.
//! - I10 An organisation's counts of accounts and admins are true after any sequence of calls.
//! - I11 A sealing key is announced by an admin of its organisation only; the newest one counts.
//!
//! # Limits
//! Names 1 to 128 bytes, reasons 1 to 512 bytes, both without control characters; 10,000 accounts
//! per organisation; 100,000 organisations. An account is added without its own signature. A freeze
//! does not remove a validator from consensus.
//!
//! # Terms
//! - organisation (成员单位): a legal person that is a member of the consortium.
//! - account (账户): an Ethereum address that acts for one organisation.
//! - role (角色): a right that an admin or the genesis gave to an account.
//! - sealing key (加密公钥): the public key for which others seal what an organisation may read; it signs
//!   nothing, and who holds an account's key cannot open with it what was sealed.
//! - freeze (冻结): the loss of every right to act, until it is lifted.
//!
//! # Standards
//! GS1 General Specifications: Global Location Number (section 2.4) and check digit (section 7.9). A sealing key
//! is one of X25519 (RFC 7748), for HPKE (RFC 9180).
//!
//! # Example
//! `a_supplier_joins_and_its_clerk_leaves` in `tests.rs`.

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

pub use abi::IMembers;
pub use types::{Freeze, Membership, OrganisationId, Role, Roles};
pub use views::{
    active_member, home_of, is_organisation_active, organisation_name, require_admin,
    require_member, require_regulator, require_signer, require_text, runs_validator,
};

/// Where the module answers.
pub const ADDRESS: Address = module_address(1);

const NAME: &str = "members";

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: NAME,
    since: 0,
    requires: &[],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(IMembers::IMembersCalls) {
    registerOrganisation => calls::register_organisation,
    addAccount => calls::add_account,
    grantRole => calls::grant_role,
    revokeRole => calls::revoke_role,
    freezeAccount => calls::freeze_account,
    unfreezeAccount => calls::unfreeze_account,
    freezeOrganisation => calls::freeze_organisation,
    unfreezeOrganisation => calls::unfreeze_organisation,
    announceSealingKey => calls::announce_sealing_key,
    organisationOf => views::organisation_of,
    organisation => views::organisation,
    organisationByGln => views::organisation_by_gln,
    organisationCount => views::organisation_count,
    account => views::account,
    hasRole => views::has_role,
    isActive => views::is_active,
    sealingKey => views::sealing_key,
} }
