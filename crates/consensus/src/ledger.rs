//! Final blocks with their receipts, for everybody outside consensus.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use commonware_codec::Encode as _;
use commonware_consensus::types::Height;
use qiao_types::{B256, Bytes, ExecutedReceipt, FinalizedBlock};
use tokio::sync::watch;

use crate::{
    application::Head,
    block::{ConsensusBlock, to_digest},
    environment::Environment,
    history::MissingBlocks,
    orchestrator::Marshal,
    receipts::Receipts,
};

/// Final blocks by height or hash.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// Blocks below the head that are not here yet, because the state was fetched without them.
    fn missing(&self) -> Option<MissingBlocks> {
        None
    }

    /// The final block at a height; `None` above the head, and if it is missing.
    async fn by_number(&self, number: u64) -> Result<Option<Arc<FinalizedBlock>>, LedgerFailure>;

    /// The final block with a hash.
    async fn by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, LedgerFailure>;

    /// The encoded finality certificate of the block at a height, if this node holds it.
    async fn certificate(&self, number: u64) -> Option<Bytes>;
}

/// The archive failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("archive failed: {0}")]
pub struct LedgerFailure(String);

/// Recent blocks are kept in memory: they are what everybody asks for.
const RECENT_BLOCKS: usize = 256;
/// Less of them when they are large.
const RECENT_BYTES: usize = 64 * 1024 * 1024;
/// What a transaction takes besides its bytes: its decoded form and its receipt.
const TRANSACTION_OVERHEAD: usize = 1_024;

/// The newest final blocks in memory; shared by its clones.
#[derive(Clone, Default)]
pub struct RecentBlocks {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    blocks: BTreeMap<u64, Arc<FinalizedBlock>>,
    bytes: usize,
}

impl RecentBlocks {
    /// Keeps a block for a while.
    pub fn remember(&self, block: &Arc<FinalizedBlock>) {
        let mut kept = self.lock();
        kept.bytes += size(block);
        if let Some(same) = kept.blocks.insert(block.block.number(), block.clone()) {
            kept.bytes -= size(&same);
        }
        while kept.blocks.len() > RECENT_BLOCKS || kept.bytes > RECENT_BYTES {
            let Some((_, oldest)) = kept.blocks.pop_first() else { break };
            kept.bytes -= size(&oldest);
        }
    }

    fn get(&self, number: u64) -> Option<Arc<FinalizedBlock>> {
        self.lock().blocks.get(&number).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("no holder of the lock panics")
    }
}

/// About what a block takes in memory.
fn size(block: &FinalizedBlock) -> usize {
    let transactions = block.block.transactions.iter();
    transactions.map(|transaction| transaction.encoded().len() + TRANSACTION_OVERHEAD).sum()
}

/// A final block with the receipts of its transactions.
pub fn finalized_block(block: &ConsensusBlock, receipts: Vec<ExecutedReceipt>) -> FinalizedBlock {
    let is_genesis = block.block().number() == 0;
    let leader = B256::from_slice(block.seal().context.leader.as_ref());
    FinalizedBlock {
        block: block.block().as_ref().clone(),
        hash: block.hash(),
        receipts,
        timestamp_ms: block.seal().timestamp_ms,
        proposer: if is_genesis { B256::ZERO } else { leader },
    }
}

/// The archive of marshal and the store of receipts.
pub struct MarshalLedger<E: Environment> {
    // Block 0 follows from the genesis file; the archive begins at block 1.
    block_zero: ConsensusBlock,
    marshal: Marshal,
    receipts: Receipts<E>,
    heads: watch::Receiver<Head>,
    recent: RecentBlocks,
    missing: watch::Receiver<Option<MissingBlocks>>,
}

impl<E: Environment> MarshalLedger<E> {
    /// Reads from these stores.
    pub fn new(
        block_zero: ConsensusBlock,
        marshal: Marshal,
        receipts: Receipts<E>,
        recent: RecentBlocks,
        heads: watch::Receiver<Head>,
        missing: watch::Receiver<Option<MissingBlocks>>,
    ) -> Self {
        Self { block_zero, marshal, receipts, heads, recent, missing }
    }

    async fn complete(&self, block: &ConsensusBlock) -> Result<Arc<FinalizedBlock>, LedgerFailure> {
        let number = block.block().number();
        let receipts = if number == 0 {
            Vec::new()
        } else {
            let found = self.receipts.get(number).await;
            found
                .map_err(|error| LedgerFailure(error.to_string()))?
                .ok_or_else(|| LedgerFailure(format!("receipts of block {number} are missing")))?
        };
        let finalized = Arc::new(finalized_block(block, receipts));
        self.recent.remember(&finalized);
        Ok(finalized)
    }
}

#[async_trait]
impl<E: Environment> Ledger for MarshalLedger<E> {
    fn missing(&self) -> Option<MissingBlocks> {
        self.missing.borrow().clone()
    }

    async fn by_number(&self, number: u64) -> Result<Option<Arc<FinalizedBlock>>, LedgerFailure> {
        let is_missing = |missing: &MissingBlocks| missing.contains(&number);
        if number > self.heads.borrow().number
            || self.missing.borrow().as_ref().is_some_and(is_missing)
        {
            return Ok(None);
        }
        if let Some(block) = self.recent.get(number) {
            return Ok(Some(block));
        }
        if number == 0 {
            return self.complete(&self.block_zero).await.map(Some);
        }
        match self.marshal.get_block(Height::new(number)).await {
            Some(block) => self.complete(block.inner()).await.map(Some),
            None => Ok(None),
        }
    }

    async fn by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, LedgerFailure> {
        if hash == self.block_zero.hash() {
            return self.by_number(0).await;
        }
        let info = self.marshal.get_info(&to_digest(&hash)).await;
        let Some((height, _)) = info else { return Ok(None) };
        let block = self.by_number(height.get()).await?;
        Ok(block.filter(|block| block.hash == hash))
    }

    async fn certificate(&self, number: u64) -> Option<Bytes> {
        let finalization = self.marshal.get_finalization(Height::new(number)).await?;
        Some(Bytes::from(finalization.encode().to_vec()))
    }
}
