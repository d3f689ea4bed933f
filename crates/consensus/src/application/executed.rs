//! Blocks that this node has executed and that are not final yet.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use alloy_primitives::map::B256Set;
use qiao_execution::ExecutedBlock;
use qiao_types::{B256, Block};

use crate::block::ConsensusBlock;

/// Results of execution by block hash, until the block or a competitor is final.
#[derive(Clone, Default)]
pub struct Executed {
    blocks: Arc<Mutex<BTreeMap<B256, Entry>>>,
}

struct Entry {
    number: u64,
    timestamp_ms: u64,
    parent: B256,
    transactions: Vec<B256>,
    result: Arc<ExecutedBlock>,
}

impl Executed {
    /// Remembers what a block gave.
    pub fn insert(&self, block: &ConsensusBlock, result: ExecutedBlock) {
        let Block { header, transactions } = &**block.block();
        let entry = Entry {
            number: header.number,
            timestamp_ms: block.seal().timestamp_ms,
            parent: header.parent_hash,
            transactions: transactions.iter().map(|transaction| transaction.hash()).collect(),
            result: Arc::new(result),
        };
        self.lock().insert(block.hash(), entry);
    }

    /// What a block gave, if this node executed it and it is not yet forgotten.
    pub fn get(&self, hash: &B256) -> Option<Arc<ExecutedBlock>> {
        self.lock().get(hash).map(|entry| entry.result.clone())
    }

    /// When a block was proposed, if this node executed it and it is not yet forgotten.
    pub fn timestamp_ms(&self, hash: &B256) -> Option<u64> {
        self.lock().get(hash).map(|entry| entry.timestamp_ms)
    }

    /// The transactions of `tip` and of its ancestors that are not final: a block on top of `tip`
    /// must not repeat them.
    pub fn transactions_since(&self, tip: B256) -> B256Set {
        let blocks = self.lock();
        let mut hashes = B256Set::default();
        let mut next = tip;
        while let Some(entry) = blocks.get(&next) {
            hashes.extend(entry.transactions.iter().copied());
            next = entry.parent;
        }
        hashes
    }

    /// How many blocks are remembered.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Forgets everything at or below a final height.
    pub fn forget_through(&self, number: u64) {
        self.lock().retain(|_, entry| entry.number > number);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<B256, Entry>> {
        self.blocks.lock().expect("no holder of the lock panics")
    }
}
