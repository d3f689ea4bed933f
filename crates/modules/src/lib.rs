//! The industry modules of the chain and the table that registers them.
//!
//! Each module is a folder of the same files; `docs/guides/new-module.md` walks through them. What a
//! module does not make public in its `mod.rs`, its siblings cannot reach:
//!
//! ```compile_fail
//! use qiao_modules::members::storage;
//! ```

use std::sync::LazyLock;

pub use qiao_module_kit::money;
use qiao_module_kit::{Module, Refusals};

pub mod collateral;
pub mod contracts;
pub mod financing;
pub mod lots;
pub mod members;
pub mod payments;
pub mod recall;
pub mod receivables;
pub mod traceability;

pub mod solidity;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

/// Every module of the chain, by address. Append only: an address is consensus data.
pub const MODULES: &[Module] = &[
    members::MODULE,      // 0x5169616f…0001
    traceability::MODULE, // 0x5169616f…0002
    receivables::MODULE,  // 0x5169616f…0003
    payments::MODULE,     // 0x5169616f…0004
    financing::MODULE,    // 0x5169616f…0005
    collateral::MODULE,   // 0x5169616f…0006
    contracts::MODULE,    // 0x5169616f…0007
    lots::MODULE,         // 0x5169616f…0008
    recall::MODULE,       // 0x5169616f…0009
];

/// The refusals of every module in words, by the selector of their revert data. Read once; it costs
/// some hundred hashes.
pub fn refusals() -> &'static Refusals {
    static REFUSALS: LazyLock<Refusals> = LazyLock::new(|| Refusals::of(MODULES));
    &REFUSALS
}
