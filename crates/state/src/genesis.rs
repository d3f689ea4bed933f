//! The genesis state: one fixed first batch.

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

/// Computes, in memory, what the genesis changes amount to.
pub fn commit_genesis(changes: &[StateChange]) -> Result<StateCommitment, GenesisStateError> {
    let changes = changes.to_vec();
    deterministic::Runner::default().start(|context| async move {
        let cache = CacheRef::new(PAGE, NZUsize!(1_024));
        let config = database_config("genesis", Sequential, cache);
        Replica::open(context.child("genesis"), config).await?.apply(&changes).await
    })
}

/// Puts the genesis state into an empty store; leaves a store that has content alone, and does not ask
/// for the changes then. Says what the store holds in the end.
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
    let mut replica = Replica::open(context, config).await?;
    if !replica.is_new() {
        return Ok(replica.commitment()?);
    }
    let computed = replica.apply(&changes()?).await?;
    if computed != *stated {
        let (stated, computed) = (stated.root, computed.root);
        return Err(GenesisStateError::RootMismatch { stated, computed }.into());
    }
    Ok(computed)
}
