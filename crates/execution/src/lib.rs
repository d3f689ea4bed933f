//! Execution: a block and its parent state go in, receipts and state changes come out.
//!
//! The only crate that assembles the EVM. What is Ethereum's and what differs is told in
//! `docs/concepts/execution.md`. Execution is synchronous and state is asynchronous: the EVM reads
//! from a cache and from what its source has at hand; a value that would have to be waited for
//! interrupts the run, the driver loads it and runs again
//! (`docs/decisions/0007-miss-and-retry.md`).
//!
//! # Invariants
//! 1. The same parent state, environment and transactions give the same receipts and the same
//!    changes, whatever the order in which the source gives up its values.
//! 2. `changes` are sorted by key, hold no key twice and nothing that stayed as it was.
//! 3. An empty account and a zero slot have no entry in the state.

mod block;
mod cache;
mod call;
mod config;
mod driver;
mod error;
pub mod evm;
mod genesis;
mod members;
mod predeploys;
mod simulation;
mod tracing;
mod transaction;
mod transfers;

#[cfg(test)]
mod tests;

pub use block::{BuiltBlock, ExecutedBlock, build_block, execute_block};
pub use call::{AccountOverride, CallOutcome, CallRequest, CallStatus, call, estimate_gas};
pub use config::{BlockEnvironment, CODE_BYTES_MAX, ExecutionConfig, Permission};
pub use error::{CallError, ExecutionError, Rejection};
pub use genesis::genesis_changes;
pub use members::{Membership, SenderStanding, membership, sender_standing};
pub use qiao_module_kit::GenesisRefused;
pub use simulation::{
    Simulated, Simulation, SimulationBlock, SimulationError, SimulationRefused, simulate,
};
pub use tracing::{
    AccessListOutcome, Replay, Trace, TraceError, TraceOptions, access_list, trace_call,
    trace_transactions,
};
