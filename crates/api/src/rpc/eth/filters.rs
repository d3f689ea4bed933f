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
    },
};

/// What is new for a filter.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Changes {
    /// Hashes of blocks.
    Blocks(Vec<B256>),
    /// Logs.
    Logs(Vec<Log>),
}

#[rpc(server, namespace = "eth")]
pub(super) trait EthFilters {
    #[method(name = "newFilter")]
    fn new_filter(&self, filter: Filter) -> RpcResult<U64>;

    #[method(name = "newBlockFilter")]
    fn new_block_filter(&self) -> RpcResult<U64>;

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
struct Entry {
    /// What logs to find; `None` asks for blocks.
    logs: Option<Box<Filter>>,
    /// The first block that the client has not seen.
    next_block: u64,
    used: Instant,
}

impl EthFilters {
    pub(super) fn new(chain: Arc<dyn Chain>, limits: Limits) -> Self {
        Self { chain, limits, installed: Mutex::default() }
    }

    fn install(&self, logs: Option<Box<Filter>>, next_block: u64) -> RpcResult<U64> {
        let idle_max = Duration::from_secs(self.limits.filter_idle_seconds_max);
        let mut installed = self.lock();
        installed.filters.retain(|_, entry| entry.used.elapsed() < idle_max);
        if installed.filters.len() >= self.limits.filters_max {
            let message = format!("{} filters are installed already", self.limits.filters_max);
            return Err(error(LIMIT, message));
        }
        installed.next_id += 1;
        let id = installed.next_id;
        installed.filters.insert(id, Entry { logs, next_block, used: Instant::now() });
        Ok(U64::from(id))
    }

    /// Takes the blocks that a filter has not seen yet, and marks them as seen.
    fn advance(&self, id: U64) -> RpcResult<(Entry, u64)> {
        let head = self.chain.head().number;
        let mut installed = self.lock();
        let entry = installed.filters.get_mut(&id.to::<u64>()).ok_or_else(not_found)?;
        entry.used = Instant::now();
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
        let next = self.chain.head().number.saturating_add(1);
        self.install(Some(Box::new(filter)), from.max(next))
    }

    fn new_block_filter(&self) -> RpcResult<U64> {
        self.install(None, self.chain.head().number.saturating_add(1))
    }

    async fn filter_changes(&self, id: U64) -> RpcResult<Changes> {
        let (entry, last) = self.advance(id)?;
        let found = match &entry.logs {
            None => self.hashes(entry.next_block, last).await.map(Changes::Blocks),
            Some(filter) => {
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
        let Some(filter) = entry.logs else { return Err(not_found()) };
        logs::find(&*self.chain, &self.limits, &filter).await
    }

    fn uninstall_filter(&self, id: U64) -> RpcResult<bool> {
        Ok(self.lock().filters.remove(&id.to::<u64>()).is_some())
    }
}

fn not_found() -> jsonrpsee::types::ErrorObjectOwned {
    error(SERVER, "filter not found")
}
