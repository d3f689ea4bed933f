//! The authenticated state: an ordered key-value store whose root is in every header.
//!
//! This crate and `consensus` are the only ones that name commonware. Everybody above reads through
//! [`qiao_types::StateSource`].
//!
//! # Invariants
//! - The root depends on the order of history, not only on the contents: the genesis state is put
//!   in by fixed batches ([`install_genesis`]).
//! - A key of the state is SHA-256 of a name, so the ordered index is balanced and absence can be
//!   proved.
//! - Past states within the window of [`History`] read exactly as they were; older ones are refused.

mod batch;
mod database;
mod finalized;
mod genesis;
mod history;
mod proof;
mod replica;
mod sync;
mod value;

#[cfg(test)]
mod tests;

pub use batch::{Speculative, seal};
pub use database::{
    Batch, Database, Databases, Family, PAGE, Sealed, StateConfig, SyncTarget, commitment,
    config_for_opening, database_config, held, sync_target,
};
pub use finalized::{FinalizedStates, StateWindow};
pub use genesis::{GenesisStateError, commit_genesis, install_genesis};
pub use history::History;
pub use proof::{PathError, verify_entry};
pub use replica::{Replica, remove_store};
pub use sync::{OPERATION_BYTES_MAX, PeerStates, SentOperation, ServedState, StateExchange};
pub use value::{StateValue, VALUE_BYTES_MAX};
