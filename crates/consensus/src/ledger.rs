//! Final blocks with their receipts, for everybody outside consensus.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
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
    orchestrator::Marshal,
    receipts::Receipts,
};

/// Final blocks by height or hash.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// The final block at a height; `None` above the head.
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
/// Less of them when they are large: so many transactions together.
const RECENT_TRANSACTIONS: usize = 65_536;

/// The newest final blocks in memory; shared by its clones.
#[derive(Clone, Default)]
pub struct RecentBlocks {
    blocks: Arc<Mutex<BTreeMap<u64, Arc<FinalizedBlock>>>>,
}

impl RecentBlocks {
    /// Keeps a block for a while.
    pub fn remember(&self, block: &Arc<FinalizedBlock>) {
        let mut blocks = self.blocks.lock().expect("no holder of the lock panics");
        blocks.insert(block.block.number(), block.clone());
        let size = |block: &Arc<FinalizedBlock>| block.block.transactions.len();
        let mut transactions: usize = blocks.values().map(size).sum();
        while blocks.len() > 1
            && (blocks.len() > RECENT_BLOCKS || transactions > RECENT_TRANSACTIONS)
        {
            let oldest = blocks.pop_first();
            transactions -= oldest.map_or(0, |(_, block)| size(&block));
        }
    }

    fn get(&self, number: u64) -> Option<Arc<FinalizedBlock>> {
        self.blocks.lock().expect("no holder of the lock panics").get(&number).cloned()
    }
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
}

impl<E: Environment> MarshalLedger<E> {
    /// Reads from these stores.
    pub fn new(
        block_zero: ConsensusBlock,
        marshal: Marshal,
        receipts: Receipts<E>,
        recent: RecentBlocks,
        heads: watch::Receiver<Head>,
    ) -> Self {
        Self { block_zero, marshal, receipts, heads, recent }
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
    async fn by_number(&self, number: u64) -> Result<Option<Arc<FinalizedBlock>>, LedgerFailure> {
        if number > self.heads.borrow().number {
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
