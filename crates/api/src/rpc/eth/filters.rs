//! Filters: what is new since a client asked last. All blocks are final, so that a filter is a
//! height and nothing is ever taken back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use alloy_primitives::{B256, U64};
use alloy_rpc_types_eth::{Filter, Log};
use jsonrpsee::{
    core::{RpcResult, async_trait},
    proc_macros::rpc,
};
use serde::Serialize;

use super::logs;
use crate::{
    Chain,
    rpc::{
        Limits,
        errors::{self, LIMIT, SERVER, error},
        pending::Shown,
    },
};

/// What is new for a filter.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Changes {
    /// Hashes of blocks or of transactions.
    Hashes(Vec<B256>),
    /// Logs.
    Logs(Vec<Log>),
}

#[rpc(server, namespace = "eth")]
pub(super) trait EthFilters {
    #[method(name = "newFilter")]
    fn new_filter(&self, filter: Filter) -> RpcResult<U64>;

    #[method(name = "newBlockFilter")]
    fn new_block_filter(&self) -> RpcResult<U64>;

    #[method(name = "newPendingTransactionFilter")]
    fn new_pending_filter(&self) -> RpcResult<U64>;

    #[method(name = "getFilterChanges")]
    async fn filter_changes(&self, id: U64) -> RpcResult<Changes>;

    #[method(name = "getFilterLogs")]
    async fn filter_logs(&self, id: U64) -> RpcResult<Vec<Log>>;

    #[method(name = "uninstallFilter")]
    fn uninstall_filter(&self, id: U64) -> RpcResult<bool>;
}

pub(super) struct EthFilters {
    chain: Arc<dyn Chain>,
    limits: Limits,
    installed: Mutex<Installed>,
}

#[derive(Default)]
struct Installed {
    next_id: u64,
    filters: BTreeMap<u64, Entry>,
}

#[derive(Clone)]
enum Asked {
    Logs(Box<Filter>),
    Blocks,
    Pending(Shown),
}

#[derive(Clone)]
struct Entry {
    asked: Asked,
    /// The first block that it is about if that one was still to come; 0 otherwise.
    first_block: u64,
    /// The first block that the client has not seen.
    next_block: u64,
    used: Instant,
}

impl EthFilters {
    pub(super) fn new(chain: Arc<dyn Chain>, limits: Limits) -> Self {
        Self { chain, limits, installed: Mutex::default() }
    }

    fn install(&self, asked: Asked, first_block: u64) -> RpcResult<U64> {
        let idle_max = Duration::from_secs(self.limits.filter_idle_seconds_max);
        let mut installed = self.lock();
        installed.filters.retain(|_, entry| entry.used.elapsed() < idle_max);
        if installed.filters.len() >= self.limits.filters_max {
            let message = format!("{} filters are installed already", self.limits.filters_max);
            return Err(error(LIMIT, message));
        }
        installed.next_id += 1;
        let id = installed.next_id;
        let head = self.chain.head().number;
        let first_block = if first_block > head { first_block } else { 0 };
        let next_block = first_block.max(head.saturating_add(1));
        let entry = Entry { asked, first_block, next_block, used: Instant::now() };
        installed.filters.insert(id, entry);
        Ok(U64::from(id))
    }

    /// Takes the blocks that a filter has not seen yet, and marks them as seen.
    fn advance(&self, id: U64) -> RpcResult<(Entry, u64)> {
        let head = self.chain.head().number;
        let mut installed = self.lock();
        let entry = installed.filters.get_mut(&id.to::<u64>()).ok_or_else(not_found)?;
        entry.used = Instant::now();
        // Only a developer's chain goes back; a filter follows it.
        entry.next_block = entry.next_block.min(head.saturating_add(1)).max(entry.first_block);
        let before = entry.clone();
        // A client that was away for long is brought up to the head in several answers.
        let last = head.min(before.next_block.saturating_add(self.limits.log_blocks_max - 1));
        entry.next_block = before.next_block.max(last + 1);
        Ok((before, last))
    }

    fn rewind(&self, id: U64, next_block: u64) {
        if let Some(entry) = self.lock().filters.get_mut(&id.to::<u64>()) {
            entry.next_block = next_block;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Installed> {
        // A panic elsewhere leaves the map whole: each change is one assignment.
        self.installed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pending(&self, id: U64, mut shown: Shown) -> RpcResult<Vec<B256>> {
        let found = shown.advance(&*self.chain).await;
        let found = found.map_err(|failure| errors::failure(&failure))?;
        if let Some(entry) = self.lock().filters.get_mut(&id.to::<u64>()) {
            entry.asked = Asked::Pending(shown);
        }
        Ok(found)
    }

    async fn hashes(&self, from: u64, to: u64) -> RpcResult<Vec<B256>> {
        let mut hashes = Vec::new();
        for number in from..=to {
            let block = self.chain.block_by_number(number).await;
            match block.map_err(|failure| errors::failure(&failure))? {
                Some(block) => hashes.push(block.hash),
                None => break,
            }
        }
        Ok(hashes)
    }
}

#[async_trait]
impl EthFiltersServer for EthFilters {
    fn new_filter(&self, filter: Filter) -> RpcResult<U64> {
        let (from, _) = logs::range(&*self.chain, &filter)?;
        self.install(Asked::Logs(Box::new(filter)), from)
    }

    fn new_block_filter(&self) -> RpcResult<U64> {
        self.install(Asked::Blocks, 0)
    }

    fn new_pending_filter(&self) -> RpcResult<U64> {
        self.install(Asked::Pending(Shown::from_here(&*self.chain)), 0)
    }

    async fn filter_changes(&self, id: U64) -> RpcResult<Changes> {
        let (entry, last) = self.advance(id)?;
        let found = match &entry.asked {
            Asked::Pending(shown) => self.pending(id, shown.clone()).await.map(Changes::Hashes),
            Asked::Blocks => self.hashes(entry.next_block, last).await.map(Changes::Hashes),
            Asked::Logs(filter) => {
                let until = filter.get_to_block().map_or(last, |to| last.min(to));
                logs::between(&*self.chain, &self.limits, filter, entry.next_block, until)
                    .await
                    .map(Changes::Logs)
            }
        };
        if found.is_err() {
            self.rewind(id, entry.next_block);
        }
        found
    }

    async fn filter_logs(&self, id: U64) -> RpcResult<Vec<Log>> {
        let entry = self.lock().filters.get(&id.to::<u64>()).cloned().ok_or_else(not_found)?;
        let Asked::Logs(filter) = entry.asked else { return Err(not_found()) };
        logs::find(&*self.chain, &self.limits, &filter).await
    }

    fn uninstall_filter(&self, id: U64) -> RpcResult<bool> {
        Ok(self.lock().filters.remove(&id.to::<u64>()).is_some())
    }
}

fn not_found() -> jsonrpsee::types::ErrorObjectOwned {
    error(SERVER, "filter not found")
}
