//! Reading and sealing the state of a block that is not final yet.

use async_trait::async_trait;
use commonware_glue::stateful::db::Unmerkleized as _;
use commonware_parallel::Strategy;
use commonware_runtime::Spawner;
use commonware_storage::Context;
use futures::FutureExt as _;
use qiao_types::{Bytes, StateChange, StateKey, StateSource, StateUnavailable};
use tokio::task::unconstrained;

use crate::{
    database::{Batch, Sealed, to_digest},
    value::StateValue,
};

/// The state on which a block executes: its parent's, final or not.
pub struct Speculative<E: Context + Spawner, S: Strategy>(pub Batch<E, S>);

#[async_trait]
impl<E: Context + Spawner, S: Strategy> StateSource for Speculative<E, S> {
    async fn read(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, StateUnavailable> {
        let digests: Vec<_> = keys.iter().map(|key| to_digest(&key.0)).collect();
        let wanted: Vec<_> = digests.iter().collect();
        let values = self
            .0
            .get_many(&wanted)
            .await
            .map_err(|error| StateUnavailable::Store(error.to_string()))?;
        Ok(values.into_iter().map(|value| value.map(|value| Bytes::from(value.0))).collect())
    }

    fn at_hand(&self, key: &StateKey) -> Option<Option<Bytes>> {
        // One poll: pages in memory and layers that are not final answer to it. A lock must not
        // refuse because the task that executes has run for long.
        let value = unconstrained(self.0.get(&to_digest(&key.0))).now_or_never()?.ok()?;
        Some(value.map(|value| Bytes::from(value.0)))
    }
}

/// Writes what a block changed and computes the root.
pub async fn seal<E: Context + Spawner, S: Strategy>(
    speculative: Speculative<E, S>,
    changes: &[StateChange],
) -> Result<Sealed<E, S>, StateUnavailable> {
    let batch = changes.iter().fold(speculative.0, |batch, change| {
        batch.write(to_digest(&change.key.0), change.after.clone().map(|bytes| StateValue(bytes.0)))
    });
    batch.merkleize().await.map_err(|error| StateUnavailable::Store(error.to_string()))
}
