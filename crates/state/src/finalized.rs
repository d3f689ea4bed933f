//! The states of finalized blocks, for everybody outside consensus.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use commonware_parallel::Strategy;
use commonware_runtime::Spawner;
use commonware_storage::Context;
use futures::FutureExt as _;
use qiao_types::{Bytes, ProvedEntries, StateKey, StateSource, StateUnavailable};
use tokio::task::unconstrained;

use crate::{
    database::{Databases, to_digest},
    history::History,
    proof::prove,
};

/// Recent finalized states by block number, whatever runtime and store lie below.
#[async_trait]
pub trait StateWindow: Send + Sync + 'static {
    /// The state after block `number`.
    fn at(&self, number: u64) -> Result<Arc<dyn StateSource>, StateUnavailable>;

    /// Entries of the newest state with the paths to its root. Older states have no paths any more:
    /// the root is of the store as it is.
    async fn prove(&self, keys: &[StateKey]) -> Result<ProvedEntries, StateUnavailable>;
}

/// The store and its history, opened for reading.
pub struct FinalizedStates<E: Context + Spawner, S: Strategy> {
    databases: Databases<E, S>,
    history: Arc<History>,
    head: Arc<AtomicU64>,
}

impl<E: Context + Spawner, S: Strategy> FinalizedStates<E, S> {
    /// Reads `databases`, whose newest block is kept in `head` by the application.
    pub fn new(databases: Databases<E, S>, history: Arc<History>, head: Arc<AtomicU64>) -> Self {
        Self { databases, history, head }
    }
}

#[async_trait]
impl<E: Context + Spawner, S: Strategy> StateWindow for FinalizedStates<E, S> {
    fn at(&self, number: u64) -> Result<Arc<dyn StateSource>, StateUnavailable> {
        self.history.check(number, self.head.load(Ordering::Acquire))?;
        Ok(Arc::new(FinalizedState {
            databases: self.databases.clone(),
            history: self.history.clone(),
            head: self.head.clone(),
            number,
        }))
    }

    async fn prove(&self, keys: &[StateKey]) -> Result<ProvedEntries, StateUnavailable> {
        prove(&*self.databases.read().await, keys).await
    }
}

struct FinalizedState<E: Context + Spawner, S: Strategy> {
    databases: Databases<E, S>,
    history: Arc<History>,
    head: Arc<AtomicU64>,
    number: u64,
}

#[async_trait]
impl<E: Context + Spawner, S: Strategy> StateSource for FinalizedState<E, S> {
    async fn read(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, StateUnavailable> {
        let digests: Vec<_> = keys.iter().map(|key| to_digest(&key.0)).collect();
        let wanted: Vec<_> = digests.iter().collect();
        // The store is read first: a block applied in between has recorded what it replaced
        // before the store changed, so the rewind below undoes it.
        let database = self.databases.read().await;
        let values = database
            .get_many(&wanted)
            .await
            .map_err(|error| StateUnavailable::Store(error.to_string()))?;
        drop(database);
        let mut values: Vec<_> =
            values.into_iter().map(|value| value.map(|value| Bytes::from(value.0))).collect();
        self.history.check(self.number, self.head.load(Ordering::Acquire))?;
        self.history.rewind(self.number, keys, &mut values);
        Ok(values)
    }

    fn at_hand(&self, key: &StateKey) -> Option<Option<Bytes>> {
        let database = unconstrained(self.databases.read()).now_or_never()?;
        let digest = to_digest(&key.0);
        let read = unconstrained(database.get_many(&[&digest])).now_or_never()?.ok()?;
        drop(database);
        let mut values: Vec<_> =
            read.into_iter().map(|value| value.map(|value| Bytes::from(value.0))).collect();
        self.history.check(self.number, self.head.load(Ordering::Acquire)).ok()?;
        self.history.rewind(self.number, std::slice::from_ref(key), &mut values);
        values.pop()
    }
}
