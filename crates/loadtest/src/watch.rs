//! Watches one node's final blocks and notes when transactions under way appear in them.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use alloy_primitives::B256;
use anyhow::Result;

use crate::rpc::Rpc;

/// Time between two looks at the node: the resolution of the measured times.
pub const POLL: Duration = Duration::from_millis(4);

/// A transaction that became final.
#[derive(Debug, Clone, Copy)]
pub struct Final {
    /// When it was due to be sent.
    pub due: Instant,
    /// When the client saw it final.
    pub seen: Instant,
}

/// Transactions under way to one node.
#[derive(Debug, Default)]
pub struct UnderWay {
    due: Mutex<HashMap<B256, Instant>>,
    finished: Mutex<Vec<Final>>,
    blocks: AtomicU64,
}

impl UnderWay {
    /// Notes that a transaction is about to be sent.
    pub fn begin(&self, hash: B256, due: Instant) {
        self.due.lock().expect("no thread panics with the lock").insert(hash, due);
    }

    /// Forgets a transaction that the node refused.
    pub fn forget(&self, hash: &B256) {
        self.due.lock().expect("no thread panics with the lock").remove(hash);
    }

    /// Transactions that were sent and are not final.
    pub fn count(&self) -> usize {
        self.due.lock().expect("no thread panics with the lock").len()
    }

    /// Blocks seen.
    pub fn blocks(&self) -> u64 {
        self.blocks.load(Ordering::Relaxed)
    }

    /// Everything that became final.
    pub fn finished(&self) -> Vec<Final> {
        std::mem::take(&mut self.finished.lock().expect("no thread panics with the lock"))
    }

    /// Follows the node's final blocks until told to stop.
    pub fn watch(&self, rpc: &Rpc, from: u64, stop: &AtomicBool) -> Result<()> {
        let mut next = from;
        while !stop.load(Ordering::Relaxed) {
            match rpc.transactions_of(next)? {
                Some(hashes) => {
                    self.note(&hashes, Instant::now());
                    next += 1;
                }
                None => std::thread::sleep(POLL),
            }
        }
        Ok(())
    }

    fn note(&self, hashes: &[B256], seen: Instant) {
        self.blocks.fetch_add(1, Ordering::Relaxed);
        let mut due = self.due.lock().expect("no thread panics with the lock");
        let known: Vec<Final> = hashes
            .iter()
            .filter_map(|hash| due.remove(hash))
            .map(|due| Final { due, seen })
            .collect();
        drop(due);
        self.finished.lock().expect("no thread panics with the lock").extend(known);
    }
}
