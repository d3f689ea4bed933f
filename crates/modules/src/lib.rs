//! The industry modules of the chain and the table that registers them.
//!
//! Each module is a folder of the same files; `docs/guides/new-module.md` walks through them.

use qiao_module_kit::Module;

pub mod members;
pub mod traceability;

#[cfg(test)]
mod fixtures;

/// Every module of the chain, by address. Append only: an address is consensus data.
pub const MODULES: &[Module] = &[
    members::MODULE,      // 0x5169616f…0001
    traceability::MODULE, // 0x5169616f…0002
];
