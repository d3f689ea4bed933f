//! Follows the final blocks into the index.

use std::{sync::Arc, time::Duration};

use qiao_api::Head;
use qiao_consensus::{Engine, Ledger};
use qiao_indexer::{Index, IndexError};
use qiao_types::{FinalizedBlock, Genesis};
use tokio::sync::watch;

/// Blocks that go into the index in one transaction of the database.
const BATCH: u64 = 64;

/// Following stopped: the index or the archive failed.
#[derive(Debug, thiserror::Error)]
pub enum IndexingError {
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The archive failed.
    #[error("block {number} cannot be read from the archive: {reason}")]
    Archive {
        /// The block.
        number: u64,
        /// Why.
        reason: String,
    },
}

/// The head that the index has reached, to begin with.
pub async fn indexed_head(index: &Index, ledger: &dyn Ledger) -> Result<Head, IndexingError> {
    let number = index.last_block().await?.unwrap_or(0);
    let block = load(ledger, number).await?;
    Ok(head_of(&block))
}

/// Takes final blocks over as they come; returns only when something fails.
pub async fn follow(
    genesis: &Genesis,
    engine: Engine,
    index: Index,
    heads: watch::Sender<Head>,
) -> Result<(), IndexingError> {
    index.apply_genesis(genesis).await?;
    let mut finals = engine.heads.clone();
    let mut next = index.last_block().await?.map_or(0, |last| last + 1);
    loop {
        let newest = finals.borrow_and_update().number;
        while next <= newest {
            let last = newest.min(next + BATCH - 1);
            let mut blocks = Vec::new();
            for number in next..=last {
                blocks.push(load(engine.ledger.as_ref(), number).await?);
            }
            index.apply_all(&blocks).await?;
            if let Some(block) = blocks.last() {
                heads.send_replace(head_of(block));
            }
            next = last + 1;
        }
        if finals.changed().await.is_err() {
            return Ok(());
        }
    }
}

async fn load(ledger: &dyn Ledger, number: u64) -> Result<Arc<FinalizedBlock>, IndexingError> {
    let archive = |reason: String| IndexingError::Archive { number, reason };
    for _ in 0..LOAD_ATTEMPTS {
        let block = ledger.by_number(number).await.map_err(|error| archive(error.to_string()))?;
        if let Some(block) = block {
            return Ok(block);
        }
        // The archive answers best effort while it is busy.
        tokio::time::sleep(LOAD_PAUSE).await;
    }
    Err(archive("it is final but missing".into()))
}

const LOAD_ATTEMPTS: usize = 50;
const LOAD_PAUSE: Duration = Duration::from_millis(100);

fn head_of(block: &FinalizedBlock) -> Head {
    Head { number: block.block.number(), hash: block.hash, timestamp_ms: block.timestamp_ms }
}
