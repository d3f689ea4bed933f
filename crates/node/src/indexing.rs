//! Follows the final blocks into the index.

use std::{sync::Arc, time::Duration};

use qiao_api::Head;
use qiao_consensus::{Engine, Ledger};
use qiao_indexer::{Index, IndexError};
use qiao_types::{FinalizedBlock, Genesis};
use tokio::sync::watch;

use crate::{NodeError, config::Config};

/// Blocks that go into the index in one transaction of the database.
const BATCH: u64 = 64;

/// The first pause before a database that is away is tried again; each further one is twice as long.
const PAUSE_MIN: Duration = Duration::from_millis(250);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

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

/// Opens the index. A database that is away is waited for: meanwhile the validator votes.
pub async fn open(url: &str) -> Result<Index, IndexError> {
    let mut pause = PAUSE_MIN;
    loop {
        let failure = match Index::open(url).await {
            Err(failure) if failure.is_passing() => failure,
            opened => return opened,
        };
        tracing::warn!(
            %failure,
            "the database of the index is away; REST, console and JSON-RPC are served once it answers"
        );
        tokio::time::sleep(pause).await;
        pause = PAUSE_MAX.min(pause * 2);
    }
}

/// Drops the index of a node that does not run, and tells what was dropped: the files of SQLite, or
/// the tables of a PostgreSQL schema.
pub fn drop_index(config: &Config) -> Result<Vec<String>, NodeError> {
    let url = config.index_url();
    let Some(file) = url.strip_prefix("sqlite:") else {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime of one thread starts");
        runtime.block_on(async { Index::open(&url).await?.reset().await })?;
        return Ok(vec!["all tables of its schema".to_owned()]);
    };
    let file = file.trim_start_matches("//");
    let mut removed = Vec::new();
    for name in [file.to_string(), format!("{file}-wal"), format!("{file}-shm")] {
        match std::fs::remove_file(&name) {
            Ok(()) => removed.push(name),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(NodeError::IndexFile { path: name.into(), cause }),
        }
    }
    Ok(removed)
}

/// The head that the index has reached, to begin with.
pub async fn indexed_head(index: &Index, engine: &Engine) -> Result<Head, IndexingError> {
    let indexed = index.last_block().await?.unwrap_or(0);
    // A database that outlived the node's own data is ahead of it.
    let number = indexed.min(engine.heads.borrow().number);
    // Of what is before a state that was fetched, this node has no block yet.
    let is_missing = engine.ledger.missing().is_some_and(|missing| missing.contains(&number));
    let number = if is_missing { 0 } else { number };
    let block = load(engine.ledger.as_ref(), number).await?;
    Ok(head_of(&block))
}

/// Takes final blocks over as they come; returns only when something fails for good. While the
/// database is away, `trouble` says so.
pub async fn follow(
    genesis: &Genesis,
    engine: Engine,
    index: Index,
    heads: watch::Sender<Head>,
    trouble: watch::Sender<Option<String>>,
) -> Result<(), IndexingError> {
    let mut pause = PAUSE_MIN;
    loop {
        match keep_up(genesis, &engine, &index, &heads, &trouble).await {
            Err(IndexingError::Index(failure)) if failure.is_passing() => {
                if trouble.borrow().is_none() {
                    pause = PAUSE_MIN;
                    tracing::warn!(%failure, "the index does not follow; the blocks wait for it");
                }
                trouble.send_replace(Some(failure.to_string()));
                tokio::time::sleep(pause).await;
                pause = PAUSE_MAX.min(pause * 2);
            }
            ended => return ended,
        }
    }
}

async fn keep_up(
    genesis: &Genesis,
    engine: &Engine,
    index: &Index,
    heads: &watch::Sender<Head>,
    trouble: &watch::Sender<Option<String>>,
) -> Result<(), IndexingError> {
    index.apply_genesis(genesis).await?;
    let mut finals = engine.heads.clone();
    // Asked again after every failure: a server that crashed may have lost its newest blocks.
    let mut next = index.last_block().await?.map_or(0, |last| last + 1);
    loop {
        let newest = finals.borrow_and_update().number;
        while next <= newest {
            wait_for(next, engine.ledger.as_ref(), trouble).await;
            let missing = engine.ledger.missing().map_or(u64::MAX, |missing| *missing.start());
            let here = if next < missing { missing - 1 } else { newest };
            let last = newest.min(next + BATCH - 1).min(here);
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
        if trouble.send_replace(None).is_some() {
            tracing::info!(block = next.saturating_sub(1), "the index follows again");
        }
        if finals.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// Waits until a block is here: those before a state that was fetched come one after another.
async fn wait_for(number: u64, ledger: &dyn Ledger, trouble: &watch::Sender<Option<String>>) {
    while let Some(missing) = ledger.missing().filter(|missing| missing.contains(&number)) {
        let (first, last) = (missing.start(), missing.end());
        let reason = format!("blocks {first} to {last} are not executed here yet");
        trouble.send_replace(Some(reason));
        tokio::time::sleep(HISTORY_PAUSE).await;
    }
}

/// How often it is looked whether more of the history is here.
const HISTORY_PAUSE: Duration = Duration::from_millis(100);

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
