//! Uniqueness: an invoice, a customs declaration, a parcel of land is used up to its value, once.
//!
//! A module declares a [`Ledger`] in its storage and decides who may act. An asset is known by a key
//! that is a hash of its identity in normal form ([`asset_key`]): two spellings of one invoice
//! number are one asset. Of an asset the ledger tells its value and how much is left, never who used
//! the rest.
//!
//! The state of a chain is open to its members: who sees the transactions can link a claim to its
//! sender. Between parties that must not see each other's business the key has to be made with a
//! secret (an oblivious pseudo-random function, crate `oprf`); the ledger takes any 32 bytes as a key.
//!
//! # Invariants
//! - U1 What is used and reserved of an asset never exceeds its value.
//! - U2 What is used and reserved of an asset is the sum of its live claims.
//! - U3 Only its party uses or releases a claim; a reservation that ran out is released by anybody.
//! - U4 Two spellings of one identity have one key.
//! - U5 A refused act changes nothing.

mod abi;
mod identity;
mod kinds;
mod ledger;
mod types;

#[cfg(test)]
mod tests;

pub use abi::IUniqueness;
pub use identity::{IDENTITY_BYTES_MAX, asset_key, normal_form};
pub use kinds::{KINDS, Kind, KindPart};
pub use ledger::Ledger;
pub use types::{Asset, Claim, ClaimId, ClaimState};

/// The text of the refusals' interface.
pub(crate) const SOURCE: &str = include_str!("abi.rs");
