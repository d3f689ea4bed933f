//! The genesis state: one fixed first batch.

use commonware_parallel::{Sequential, Strategy};
use commonware_runtime::{
    Runner as _, Spawner, Supervisor as _, buffer::paged::CacheRef, deterministic,
};
use commonware_storage::{Context, qmdb::floor::Proportional};
use commonware_utils::NZUsize;
use qiao_types::{StateChange, StateCommitment};

use crate::{
    database::{Database, PAGE, StateConfig, database_config, to_b256, to_digest},
    value::StateValue,
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
        let database = open(context.child("genesis"), config).await?;
        Ok(commitment_of(&apply(database, &changes).await?))
    })
}

/// Puts the genesis state into an empty store; leaves a store that has content alone.
pub async fn install_genesis<E: Context + Spawner, S: Strategy>(
    context: E,
    config: StateConfig<S>,
    changes: &[StateChange],
    stated: &StateCommitment,
) -> Result<(), GenesisStateError> {
    let database = open(context, config).await?;
    if *database.bounds().end > 1 {
        return Ok(());
    }
    let computed = commitment_of(&apply(database, changes).await?);
    if computed != *stated {
        let (stated, computed) = (stated.root, computed.root);
        return Err(GenesisStateError::RootMismatch { stated, computed });
    }
    Ok(())
}

async fn open<E: Context + Spawner, S: Strategy>(
    context: E,
    config: StateConfig<S>,
) -> Result<Database<E, S>, GenesisStateError> {
    Database::init(context, config, None).await.map_err(store)
}

async fn apply<E: Context + Spawner, S: Strategy>(
    database: Database<E, S>,
    changes: &[StateChange],
) -> Result<Database<E, S>, GenesisStateError> {
    let batch = changes.iter().fold(database.new_batch(), |batch, change| {
        batch.write(to_digest(&change.key.0), change.after.clone().map(|bytes| StateValue(bytes.0)))
    });
    let sealed = batch.merkleize(&database, None, &mut Proportional).await.map_err(store)?;
    database.apply_batch(sealed).await.map_err(store)?.commit().await.map_err(store)
}

fn commitment_of<E: Context + Spawner, S: Strategy>(database: &Database<E, S>) -> StateCommitment {
    StateCommitment {
        root: to_b256(&database.root()),
        operations_root: to_b256(&database.ops_root()),
        operations_start: *database.sync_boundary(),
        operations_end: *database.bounds().end,
    }
}

fn store(error: impl std::fmt::Display) -> GenesisStateError {
    GenesisStateError::Store(error.to_string())
}
