//! The pool behind its lock.

use std::sync::{Arc, Mutex, MutexGuard};

use alloy_primitives::{Address, B256, map::B256Set};
use qiao_types::SignedTransaction;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    PoolConfig, Refusal, Standing,
    checks::{check_form, check_standing},
    state::State,
};

/// The transactions that wait for a block. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Pool {
    config: PoolConfig,
    state: Mutex<State>,
    arrivals: watch::Sender<u64>,
}

/// What became of a transaction that entered the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Whether it can stand in the next block.
    pub ready: bool,
    /// The transaction that it replaced.
    pub replaced: Option<B256>,
}

/// A waiting transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The transaction.
    pub transaction: Arc<SignedTransaction>,
    /// Whether it can stand in the next block.
    pub is_ready: bool,
}

/// How much waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolCounts {
    /// Transactions that can stand in the next block.
    pub ready: usize,
    /// Transactions that wait for an earlier nonce.
    pub queued: usize,
    /// Bytes of all transactions, encoded.
    pub bytes: usize,
}

impl Pool {
    /// An empty pool.
    pub fn new(config: PoolConfig) -> Self {
        let state = Mutex::new(State::new(&config));
        Self { config, state, arrivals: watch::Sender::new(0) }
    }

    /// Takes a transaction in, or says why not.
    ///
    /// # Errors
    /// Any [`Refusal`].
    pub fn add(&self, tx: Arc<SignedTransaction>, standing: &Standing) -> Result<Added, Refusal> {
        if self.state().get(&tx.hash()).is_some() {
            return Err(Refusal::AlreadyKnown);
        }
        check_form(&self.config, &tx)?;
        check_standing(&tx, standing)?;
        let mut state = self.state();
        let added = state.add(tx, standing.nonce);
        self.announce(state);
        added
    }

    /// A waiting transaction by its hash.
    pub fn get(&self, hash: &B256) -> Option<Arc<SignedTransaction>> {
        self.state().get(hash)
    }

    /// Waiting transactions by their hashes, in that order.
    pub fn get_many(&self, hashes: &[B256]) -> Vec<Option<Arc<SignedTransaction>>> {
        let state = self.state();
        hashes.iter().map(|hash| state.get(hash)).collect()
    }

    /// Takes a transaction out. Later ones of its sender wait for another with its nonce.
    pub fn remove(&self, hash: &B256) -> Option<Arc<SignedTransaction>> {
        self.state().remove(hash)
    }

    /// The nonce after the sender's ready transactions; `None` if none of the sender waits.
    pub fn next_nonce(&self, sender: Address) -> Option<u64> {
        self.state().next_nonce(sender)
    }

    /// The transactions that can stand in the next block, in order of arrival, each sender's
    /// nonces in sequence, up to `bytes_max` encoded bytes. `exclude` stand already in blocks that
    /// are not final yet.
    pub fn ready(&self, bytes_max: u64, exclude: &B256Set) -> Vec<Arc<SignedTransaction>> {
        self.state().ready(bytes_max, exclude)
    }

    /// Whether a transaction that is not in `exclude` can stand in the next block.
    pub fn has_ready(&self, exclude: &B256Set) -> bool {
        self.state().has_ready(exclude)
    }

    /// A block became final: its transactions leave, and so do others with the same nonces.
    pub fn on_finalized(&self, included: impl Iterator<Item = (B256, Address, u64)>) {
        let mut state = self.state();
        for (_, sender, nonce) in included {
            state.advance(sender, nonce.saturating_add(1));
        }
        self.announce(state);
    }

    /// A sender stands differently (it was frozen, lost a role, spent its balance): what it may not
    /// send any more leaves. Returns how many transactions left.
    pub fn restate(&self, sender: Address, standing: &Standing) -> usize {
        let mut state = self.state();
        let before = state.len();
        state.advance(sender, standing.nonce);
        state.retain(sender, |tx| check_standing(tx, standing).is_ok());
        let left = before - state.len();
        self.announce(state);
        left
    }

    /// Everybody who has transactions waiting, in order of address.
    pub fn senders(&self) -> Vec<Address> {
        self.state().senders()
    }

    /// What waits, in order of sender and nonce, of one sender or of all; at most `limit`.
    pub fn content(&self, sender: Option<Address>, limit: usize) -> Vec<Listed> {
        self.state().content(sender, limit)
    }

    /// Counts the transactions that became ready; changes whenever one does.
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }

    /// How much waits.
    pub fn counts(&self) -> PoolCounts {
        self.state().counts()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the pool's lock")
    }

    fn announce(&self, mut state: MutexGuard<'_, State>) {
        let arrived = state.take_arrived();
        if arrived > 0 {
            // Under the lock, so that nobody sees the count without the transactions.
            self.arrivals.send_modify(|count| *count += arrived);
        }
    }
}
