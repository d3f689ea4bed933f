//! Collateral: assets that are financed up to their value, once, over all banks.
//!
//! # Purpose
//! An exporter takes one customs declaration to two banks; a farmer pledges one field twice. No bank
//! tells another what it finances, so nobody notices until both want their money. Here a registrar
//! says what an asset is worth, every bank reserves its part before it pays, and what exceeds the rest
//! is refused, with the rest and without a name.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `licenseRegistrar`, `appointEvaluators` | a regulator |
//! | `register` | a signer (role 6) of a registrar: customs, a land register, a warehouse, a bank for invoices |
//! | `revise`, `rekey` | a signer of the registrar that registered the asset |
//! | `reserve`, `take`, `release` | a signer of who finances |
//! | `expire`, views | everybody |
//!
//! # Lifecycle
//! A claim is reserved, used, released: at once, in parts, or without having been used. A reservation
//! that ran out is released by anybody.
//!
//! # Invariants
//! - I1 What is reserved and used of an asset never exceeds its value.
//! - I2 Only registrars say what an asset is worth, only the one that registered it says so anew, and never
//!   less than is reserved and used of it.
//! - I3 Only who reserved a part uses and releases it.
//! - I4 No answer and no refusal names who holds the rest.
//! - I5 Two spellings of an identity are one asset.
//! - I6 An asset with a further key is one asset: what is used under one key is used under the other.
//!
//! # Limits
//! Reservations up to seven days; identities of up to 8 parts of 128 bytes. The chain is open to its
//! members: who reads the transactions learns which account made a claim, and of how much. Which asset it
//! is nobody learns from a private key, which nodes make with the appointed evaluators
//! (`docs/concepts/private-keys.md`); whoever guesses an identity can compute its open key. The module
//! takes any 32 bytes. Evaluators are up to 8, their addresses up to 128 bytes. Overlap of parcels, ranks
//! of liens and enforcement are not known here.
//!
//! # Terms
//! - asset (资产): what secures a financing, known by a hash of its identity.
//! - registrar (登记机构): who says what an asset is worth.
//! - evaluator (评估方): who helps to make private keys, without seeing what for.
//! - claim (占用): a part of an asset that somebody reserved or used.
//! - rest (剩余额度): the value of an asset less its claims.
//!
//! # Standards
//! ISO 4217 for currencies; RFC 9497 for private keys. Identities are those of the trade: the number of a customs declaration, of
//! a warehouse receipt, of a title, of a machine.
//!
//! # Example
//! `a_customs_declaration_is_financed_up_to_its_value` in `tests.rs`.

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

pub use abi::ICollateral;
pub use qiao_module_kit::uniqueness::{KINDS, Kind, KindPart};

/// Where the module answers.
pub const ADDRESS: Address = module_address(6);

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: "collateral",
    since: 0,
    requires: &["members"],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(ICollateral::ICollateralCalls) {
    licenseRegistrar => calls::license_registrar,
    register => calls::register,
    revise => calls::revise,
    rekey => calls::rekey,
    appointEvaluators => calls::appoint_evaluators,
    reserve => calls::reserve,
    take => calls::take,
    release => calls::release,
    expire => calls::expire,
    assetKey => views::asset_key,
    asset => views::asset,
    claim => views::claim,
    appointment => views::appointment,
    evaluators => views::evaluators,
    isRegistrar => views::is_registrar,
} }
