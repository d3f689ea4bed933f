//! The industry modules of the chain and the table that registers them.

use qiao_module_kit::Module;

/// Every module of the chain, by address. Append only: an address is consensus data.
pub const MODULES: &[Module] = &[];
