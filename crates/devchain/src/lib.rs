//! A chain without consensus, in memory: each transaction that becomes ready is executed at once,
//! in a block of its own making, by the real executor, pool and index.
//!
//! Tests put it behind the real interfaces, and `qiao dev --instant` gives it to developers, with
//! the methods that their test suites need ([`rpc`]): going back to a snapshot, setting the clock,
//! writing balances, sending as anybody. A node has no [`DevChain`], so that none of this can be
//! reached on a network, whatever its configuration says.

mod accounts;
mod blocks;
mod chain;
mod control;
mod history;
pub mod rpc;
mod starting;

pub use accounts::{ACCOUNTS, accounts, genesis};
pub use chain::DevChain;
pub use control::{ControlError, MINED_MAX};
