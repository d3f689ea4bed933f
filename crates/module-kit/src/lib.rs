//! The kit from which industry modules are made: native code of the chain that works on the
//! journal of the EVM, as a contract does, and answers at an address of its own.
//!
//! A module consists of free functions over a [`Context`]. Its interface is a `sol!` block, its
//! storage a list of constants in Solidity's layout ([`storage`]), its refusals are the typed errors
//! of the interface ([`Halt`]). [`Modules`] puts a table of modules into the EVM.
//!
//! On top of that stand pieces that many trades need: divisible positions ([`position`]), assets that
//! are used once ([`uniqueness`]), days ([`calendar`]), currencies
//! ([`money`]) and interest ([`interest`]).
//!
//! Together with `execution` this is the only crate that names revm.

mod abi;
pub mod calendar;
mod context;
mod genesis;
mod halt;
mod identifier;
mod index;
pub mod interest;
mod interface;
mod module;
pub mod money;
mod paging;
pub mod position;
mod provider;
mod refusal;
pub mod storage;
mod stub;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod uniqueness;

#[cfg(test)]
mod tests;

pub use abi::IModule;
pub use alloy_primitives::{Bytes, U256};
pub use context::Context;
pub use genesis::{ModuleStorage, genesis_storage};
pub use halt::{Fatal, Halt, Outcome, ensure};
pub use index::{ColumnKind, Indexed};
pub use interface::{Function, Interface, InterfaceError, Item, Parameter};
pub use module::{
    ADDRESS_PREFIX, Entry, GenesisRefused, GenesisWriter, Module, decode, empty_genesis,
    module_address, reply,
};
pub use paging::{PAGE_MAX, page};
pub use provider::Modules;
pub use refusal::{Refusal, Refusals, SHARED};
pub use stub::{STUB_MESSAGE, reverting_code, stub_code};
