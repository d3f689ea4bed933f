//! What newly waits: each transaction that this node's pool or a block shows for the first time.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use qiao_types::B256;
use tokio::sync::{broadcast, watch};

use crate::{Chain, ChainFailure, chain::Head};

/// The pool is looked at this often at most.
const PAUSE: Duration = Duration::from_millis(100);

/// Transactions of the pool that are looked at.
const LISTED_MAX: usize = 100_000;

/// Blocks that are looked at; whoever was away for longer misses what came and went.
const BLOCKS_MAX: u64 = 256;

/// Batches that wait for a slow listener; it then misses the oldest.
const BATCHES_MAX: usize = 64;

/// Hashes that became known together.
pub(super) type Batch = Arc<Vec<B256>>;

/// Which transactions were shown already.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    pool: BTreeSet<B256>,
    next_block: u64,
}

impl Shown {
    /// From here on: what waits or is final by now is not told.
    pub fn from_here(chain: &dyn Chain) -> Self {
        Self { pool: ready(chain), next_block: chain.head().number.saturating_add(1) }
    }

    /// What is new since the last time, each transaction once.
    ///
    /// Blocks count too: a transaction may enter and leave the pool between two looks.
    pub async fn advance(&mut self, chain: &dyn Chain) -> Result<Vec<B256>, ChainFailure> {
        let waiting = ready(chain);
        let head = chain.head().number;
        let mut told = BTreeSet::new();
        let mut found = Vec::new();
        for number in self.next_block.max(head.saturating_sub(BLOCKS_MAX))..=head {
            let Some(block) = chain.block_by_number(number).await? else { break };
            let hashes = block.block.transactions.iter().map(|transaction| transaction.hash());
            found.extend(hashes.filter(|hash| !self.pool.contains(hash) && told.insert(*hash)));
        }
        let fresh = waiting.iter().filter(|hash| !self.pool.contains(*hash));
        found.extend(fresh.copied().filter(|hash| told.insert(*hash)));
        *self = Self { pool: waiting, next_block: head.saturating_add(1) };
        Ok(found)
    }
}

fn ready(chain: &dyn Chain) -> BTreeSet<B256> {
    let listed = chain.waiting(None, LISTED_MAX).into_iter();
    listed.filter(|one| one.is_ready).map(|one| one.transaction.hash()).collect()
}

/// One look at the pool for all who listen. Nobody looks while nobody listens.
#[derive(Clone)]
pub struct Feed {
    chain: Arc<dyn Chain>,
    running: Arc<Mutex<Option<broadcast::Sender<Batch>>>>,
}

impl Feed {
    /// A feed that nobody listens to yet.
    pub fn new(chain: Arc<dyn Chain>) -> Self {
        Self { chain, running: Arc::default() }
    }

    /// What becomes ready from here on.
    pub fn listen(&self) -> broadcast::Receiver<Batch> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = &*running {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(BATCHES_MAX);
        *running = Some(sender.clone());
        let feed = self.clone();
        let (arrivals, heads) = (self.chain.arrivals(), self.chain.heads());
        let shown = Shown::from_here(&*self.chain);
        tokio::spawn(async move { feed.run(sender, shown, arrivals, heads).await });
        receiver
    }

    async fn run(
        self,
        sender: broadcast::Sender<Batch>,
        mut shown: Shown,
        mut arrivals: watch::Receiver<u64>,
        mut heads: watch::Receiver<Head>,
    ) {
        loop {
            let is_closed = tokio::select! {
                changed = arrivals.changed() => changed.is_err(),
                changed = heads.changed() => changed.is_err(),
            };
            if is_closed || self.ends(&sender) {
                break;
            }
            match shown.advance(&*self.chain).await {
                // Without a listener the next turn ends.
                Ok(found) if !found.is_empty() => drop(sender.send(Arc::new(found))),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "pending transactions are not told"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether nobody listens any more; then the next listener starts anew.
    fn ends(&self, sender: &broadcast::Sender<Batch>) -> bool {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let is_alone = sender.receiver_count() == 0;
        if is_alone {
            *running = None;
        }
        is_alone
    }
}
