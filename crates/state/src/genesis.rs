//! The genesis state: fixed first batches.

use commonware_parallel::{Sequential, Strategy};
use commonware_runtime::{
    Runner as _, Spawner, Supervisor as _, buffer::paged::CacheRef, deterministic,
};
use commonware_storage::Context;
use commonware_utils::NZUsize;
use qiao_types::{StateChange, StateCommitment};

use crate::{
    database::{PAGE, StateConfig, database_config},
    replica::Replica,
};

/// The genesis state cannot be put into the store.
#[derive(Debug, thiserror::Error)]
pub enum GenesisStateError {
    /// The state that the genesis file describes is not the one that it states.
    #[error(
        "genesis file states the state root `{stated}`, but its contents amount to `{computed}`"
    )]
    RootMismatch {
        /// What the file says.
        stated: qiao_types::B256,
        /// What its contents give.
        computed: qiao_types::B256,
    },
    /// The store failed.
    #[error("state store failed: {0}")]
    Store(String),
}

/// Entries that go into the store at a time: a genesis of millions does not need the memory of all their
/// paths at once. The root is one over the log of all batches, so the number is part of what it means.
pub(crate) const GENESIS_BATCH: usize = 1 << 18;

/// Computes, in memory, what the genesis changes amount to.
pub fn commit_genesis(changes: Vec<StateChange>) -> Result<StateCommitment, GenesisStateError> {
    deterministic::Runner::default().start(|context| async move {
        let cache = CacheRef::new(PAGE, NZUsize!(1_024));
        let config = database_config("genesis", Sequential, cache);
        fill(&mut Replica::open(context.child("genesis"), config).await?, changes).await
    })
}

/// Puts the genesis state into an empty store; leaves a store that has it alone, and does not ask
/// for the changes then. What a process that was killed had put in begins anew. Says what the store
/// holds in the end.
pub async fn install_genesis<E, S, F>(
    context: E,
    config: StateConfig<S>,
    stated: &StateCommitment,
    changes: impl FnOnce() -> Result<Vec<StateChange>, F>,
) -> Result<StateCommitment, F>
where
    E: Context + Spawner,
    S: Strategy,
    F: From<GenesisStateError>,
{
    let mut replica = Replica::open(context.child("found"), config.clone()).await?;
    if !replica.is_new() {
        let held = replica.commitment()?;
        // The log only grows: a shorter one than that of the genesis was never whole.
        if held.operations_end >= stated.operations_end {
            return Ok(held);
        }
        replica.destroy().await?;
        replica = Replica::open(context.child("anew"), config).await?;
    }
    let computed = fill(&mut replica, changes()?).await?;
    if computed != *stated {
        let (stated, computed) = (stated.root, computed.root);
        return Err(GenesisStateError::RootMismatch { stated, computed }.into());
    }
    Ok(computed)
}

async fn fill<E, S>(
    replica: &mut Replica<E, S>,
    changes: Vec<StateChange>,
) -> Result<StateCommitment, GenesisStateError>
where
    E: Context + Spawner,
    S: Strategy,
{
    let mut changes = changes.into_iter();
    loop {
        let batch: Vec<_> = changes.by_ref().take(GENESIS_BATCH).collect();
        let commitment = replica.apply(&batch).await?;
        if changes.len() == 0 {
            return Ok(commitment);
        }
    }
}
