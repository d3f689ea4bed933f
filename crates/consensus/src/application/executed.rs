//! Blocks that this node has executed and that are not final yet.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use qiao_execution::ExecutedBlock;
use qiao_types::B256;

/// Results of execution by block hash, until the block or a competitor is final.
#[derive(Clone, Default)]
pub struct Executed {
    blocks: Arc<Mutex<BTreeMap<B256, Entry>>>,
}

struct Entry {
    number: u64,
    parent: B256,
    transactions: Vec<B256>,
    result: Arc<ExecutedBlock>,
}

impl Executed {
    /// Remembers what a block gave.
    pub fn insert(
        &self,
        hash: B256,
        number: u64,
        parent: B256,
        transactions: Vec<B256>,
        result: ExecutedBlock,
    ) {
        let entry = Entry { number, parent, transactions, result: Arc::new(result) };
        self.lock().insert(hash, entry);
    }

    /// What a block gave, if this node executed it and it is not yet forgotten.
    pub fn get(&self, hash: &B256) -> Option<Arc<ExecutedBlock>> {
        self.lock().get(hash).map(|entry| entry.result.clone())
    }

    /// The transactions of `tip` and of its ancestors that are not final: a block on top of `tip`
    /// must not repeat them.
    pub fn transactions_since(&self, tip: B256) -> BTreeSet<B256> {
        let blocks = self.lock();
        let mut hashes = BTreeSet::new();
        let mut next = tip;
        while let Some(entry) = blocks.get(&next) {
            hashes.extend(entry.transactions.iter().copied());
            next = entry.parent;
        }
        hashes
    }

    /// Forgets everything at or below a final height.
    pub fn forget_through(&self, number: u64) {
        self.lock().retain(|_, entry| entry.number > number);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<B256, Entry>> {
        self.blocks.lock().expect("no holder of the lock panics")
    }
}
