//! The store by itself: opened, changed by finished blocks only, listed. No speculation, no sharing.

use async_trait::async_trait;
use commonware_parallel::Strategy;
use commonware_runtime::Spawner;
use commonware_storage::{Context, qmdb::floor::Proportional};
use futures::{FutureExt as _, StreamExt as _, pin_mut};
use qiao_types::{
    Bytes, ProvedEntries, StateChange, StateCommitment, StateKey, StateSource, StateUnavailable,
};
use tokio::task::unconstrained;

use crate::{
    database::{
        Database, StateConfig, commitment_of, config_for_opening, operations_blobs, to_b256,
        to_digest,
    },
    genesis::GenesisStateError,
    proof::prove,
    value::StateValue,
};

/// A store that one owner changes block by block.
///
/// The engine's store must equal it whatever happened on the way: it is what the simulator compares
/// with, how the genesis state is made, and how a stopped node's state is listed.
pub struct Replica<E: Context + Spawner, S: Strategy> {
    // A change consumes the store and gives it back; `None` after one failed.
    database: Option<Database<E, S>>,
}

impl<E: Context + Spawner, S: Strategy> Replica<E, S> {
    /// Opens the store.
    pub async fn open(context: E, config: StateConfig<S>) -> Result<Self, GenesisStateError> {
        let config = config_for_opening(&context, config).await;
        let database = Database::init(context, config, None).await.map_err(store)?;
        Ok(Self { database: Some(database) })
    }

    /// Whether nothing was ever put into it.
    pub fn is_new(&self) -> bool {
        self.database.as_ref().is_some_and(|database| *database.bounds().end <= 1)
    }

    /// The store itself, as an engine would share it.
    #[cfg(test)]
    pub(crate) fn into_database(self) -> Database<E, S> {
        self.database.expect("no change failed")
    }

    /// Removes all that the store holds.
    pub(crate) async fn destroy(self) -> Result<(), GenesisStateError> {
        match self.database {
            Some(database) => database.destroy().await.map_err(store),
            None => Err(store("an earlier change failed")),
        }
    }

    /// Applies what one block changed, durably, and says what its header commits to.
    pub async fn apply(
        &mut self,
        changes: &[StateChange],
    ) -> Result<StateCommitment, GenesisStateError> {
        let database = self.database.take().ok_or_else(|| store("an earlier change failed"))?;
        let batch = changes.iter().fold(database.new_batch(), |batch, change| {
            let value = change.after.clone().map(|bytes| StateValue(bytes.0));
            batch.write(to_digest(&change.key.0), value)
        });
        let sealed = batch.merkleize(&database, None, &mut Proportional).await.map_err(store)?;
        let applied = database.apply_batch(sealed).await.map_err(store)?;
        self.database = Some(applied.commit().await.map_err(store)?);
        self.commitment()
    }

    /// What a header says of the state as it is.
    pub fn commitment(&self) -> Result<StateCommitment, GenesisStateError> {
        Ok(commitment_of(self.opened()?))
    }

    /// Entries with the paths to the root of the state as it is.
    pub async fn prove(&self, keys: &[StateKey]) -> Result<ProvedEntries, GenesisStateError> {
        prove(self.opened()?, keys).await.map_err(store)
    }

    /// Hands every entry to `visit`, in the order of the keys.
    pub async fn visit(
        &self,
        mut visit: impl FnMut(StateKey, Bytes) -> Result<(), GenesisStateError>,
    ) -> Result<(), GenesisStateError> {
        let entries = self.opened()?.stream_range(..);
        pin_mut!(entries);
        while let Some(entry) = entries.next().await {
            let (key, value) = entry.map_err(store)?;
            visit(StateKey(to_b256(&key)), Bytes::from(value.0))?;
        }
        Ok(())
    }

    async fn get(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, GenesisStateError> {
        let digests: Vec<_> = keys.iter().map(|key| to_digest(&key.0)).collect();
        let wanted: Vec<_> = digests.iter().collect();
        let values = self.opened()?.get_many(&wanted).await.map_err(store)?;
        Ok(values.into_iter().map(|value| value.map(|value| Bytes::from(value.0))).collect())
    }

    fn opened(&self) -> Result<&Database<E, S>, GenesisStateError> {
        self.database.as_ref().ok_or_else(|| store("an earlier change failed"))
    }
}

/// Removes the store with this configuration, if there is one.
pub async fn remove_store<E: Context + Spawner, S: Strategy>(
    context: E,
    config: StateConfig<S>,
) -> Result<(), GenesisStateError> {
    match operations_blobs(&context, &config).await {
        0 => Ok(()),
        _ => Replica::open(context, config).await?.destroy().await,
    }
}

#[async_trait]
impl<E: Context + Spawner, S: Strategy> StateSource for Replica<E, S> {
    async fn read(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, StateUnavailable> {
        self.get(keys).await.map_err(|error| StateUnavailable::Store(error.to_string()))
    }

    fn at_hand(&self, key: &StateKey) -> Option<Option<Bytes>> {
        let read = self.get(std::slice::from_ref(key));
        unconstrained(read).now_or_never()?.ok()?.pop()
    }
}

fn store(error: impl std::fmt::Display) -> GenesisStateError {
    GenesisStateError::Store(error.to_string())
}
