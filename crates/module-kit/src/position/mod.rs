//! Divisible positions: an amount that is issued once, split, merged, passed on and redeemed.
//!
//! A module that keeps such positions declares a [`Book`] in its storage and decides who may act;
//! the book decides what is possible. It writes only after it has decided everything: a refused act
//! leaves the book as it was, even without the rollback of the EVM.
//!
//! # Invariants
//! - P1 For every issue, the amounts of its live parts add up to what was issued less what was
//!   redeemed.
//! - P2 The parts of an issue are a tree: each has one parent, split from it, and the issue is the
//!   root.
//! - P3 For every part, what it was born with and what was merged into it is what it holds, what was
//!   split off, what was merged away and what was redeemed.
//! - P4 Only its holder splits, merges, passes on, locks and pledges a position, and only while it is
//!   free.
//! - P5 What is locked or pledged moves to its beneficiary only, and only by that party's act.
//! - P6 What is frozen does not change until it is unfrozen.
//! - P7 What has ended never comes back.
//! - P8 A refused act changes nothing.
//!
//! # Limits
//! [`PARTS_MAX`] parts of one issue; [`DEPTH_MAX`] splits from the issue down to a part. Amounts are
//! 64-bit; sums within an issue never exceed what was issued.

mod abi;
mod book;
mod types;

#[cfg(test)]
mod tests;

pub use abi::IPosition;
pub use book::{Book, DEPTH_MAX, PARTS_MAX};
pub use types::{Issue, Party, Position, PositionId, PositionState};

/// The text of the refusals' interface.
pub(crate) const SOURCE: &str = include_str!("abi.rs");
