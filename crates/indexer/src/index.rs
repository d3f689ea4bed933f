//! Opening the index, applying blocks, building it again.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::B256;
use futures::{Stream, StreamExt as _};
use qiao_types::{FinalizedBlock, Genesis};
use sqlx::SqliteConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::columns::hash_from;
use crate::{IndexError, chain, contracts, events, members, records, schema};

/// Connections that answer questions.
const READERS_MAX: u32 = 4;

/// Blocks that a rebuild applies in one transaction.
const REBUILD_BATCH: usize = 64;

/// Bytes of each file that readers map into memory; the rest is read through the page cache.
const MAPPED_BYTES: &str = "1073741824";

const GENESIS_FACT: &str = "genesis";

/// The index of one node. Cheap to clone; all clones share the connections.
#[derive(Debug, Clone)]
pub struct Index {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// How far a rebuild has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The newest block in the index.
    pub block: u64,
    /// Blocks applied by this rebuild.
    pub applied: u64,
}

impl Index {
    /// Opens or creates the index at a URL such as `sqlite:/data/index.db` or `sqlite::memory:`.
    ///
    /// An index whose schema is of another version of this program is dropped: it will be empty,
    /// and [`Index::last_block`] says so.
    pub async fn open(url: &str) -> Result<Self, IndexError> {
        let not_sqlite = || IndexError::Url { url: url.to_owned() };
        if !url.starts_with("sqlite:") {
            return Err(not_sqlite());
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|_| not_sqlite())?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(30))
            .pragma("cache_size", "-16384")
            .pragma("journal_size_limit", "1048576")
            .pragma("temp_store", "memory");
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await?;
        let mut connection = writer.acquire().await?;
        schema::prepare(&mut connection).await?;
        drop(connection);
        // A database in memory lives in its one connection.
        let readers = if in_memory {
            writer.clone()
        } else {
            let options = options.pragma("query_only", "on").pragma("mmap_size", MAPPED_BYTES);
            SqlitePoolOptions::new()
                .max_connections(READERS_MAX)
                .max_lifetime(None)
                .connect_lazy_with(options)
        };
        Ok(Self { writer, readers })
    }

    /// What the database finds wrong with itself, if anything.
    pub async fn damage(&self) -> Option<String> {
        let checked = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&self.writer).await;
        match checked {
            Ok(verdict) => Some(verdict).filter(|verdict: &String| verdict != "ok"),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Takes over what exists at block 0: the organisations and their accounts, which leave no
    /// logs. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`IndexError::AnotherGenesis`] if the index was built for another network.
    pub async fn apply_genesis(&self, genesis: &Genesis) -> Result<(), IndexError> {
        let given = genesis.fingerprint();
        let mut transaction = self.writer.begin().await?;
        let indexed: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM facts WHERE name = ?")
            .bind(GENESIS_FACT)
            .fetch_optional(&mut *transaction)
            .await?;
        if let Some(bytes) = indexed {
            let indexed = hash_from(&bytes)?;
            if indexed != given {
                return Err(IndexError::AnotherGenesis { indexed, given });
            }
            return Ok(());
        }
        sqlx::query("INSERT INTO facts (name, value) VALUES (?, ?)")
            .bind(GENESIS_FACT)
            .bind(given.as_slice())
            .execute(&mut *transaction)
            .await?;
        members::write_genesis(&mut transaction, genesis).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes over a block. A block that is already there changes nothing.
    ///
    /// # Errors
    /// [`IndexError::OutOfOrder`] if a block between is missing, [`IndexError::AnotherChain`] if
    /// another block of this height is there.
    pub async fn apply(&self, block: &FinalizedBlock) -> Result<(), IndexError> {
        self.apply_refs(&[block]).await
    }

    /// Takes over consecutive blocks in one transaction.
    ///
    /// # Errors
    /// As [`Index::apply`]; then none of the blocks is taken.
    pub async fn apply_all(&self, blocks: &[Arc<FinalizedBlock>]) -> Result<(), IndexError> {
        let blocks: Vec<&FinalizedBlock> = blocks.iter().map(Arc::as_ref).collect();
        self.apply_refs(&blocks).await
    }

    /// The newest block in the index.
    pub async fn last_block(&self) -> Result<Option<u64>, IndexError> {
        let mut connection = self.readers.acquire().await?;
        last_block(&mut connection).await
    }

    /// Drops the blocks after this height and tells `true`; or drops nothing and tells `false`, if
    /// one of them changed a member or recorded an event: such an index has to be built again.
    ///
    /// Blocks are final on every network. A developer's chain goes back to an earlier one.
    pub async fn forget_after(&self, number: u64) -> Result<bool, IndexError> {
        let mut transaction = self.writer.begin().await?;
        let is_plain = chain::forget_after(&mut transaction, number).await?;
        transaction.commit().await?;
        Ok(is_plain)
    }

    /// Drops all rows.
    pub async fn reset(&self) -> Result<(), IndexError> {
        let mut connection = self.writer.acquire().await?;
        schema::recreate(&mut connection).await?;
        // Gives the space back; a failure costs disk, not correctness.
        if let Err(error) = sqlx::query("VACUUM").execute(&mut *connection).await {
            tracing::warn!(%error, "the space of the dropped index was not given back");
        }
        Ok(())
    }

    /// Drops all rows and builds them again from the genesis and the finalized blocks, in order,
    /// telling how far it is after each batch.
    pub async fn rebuild<E: std::fmt::Display>(
        &self,
        genesis: &Genesis,
        blocks: impl Stream<Item = Result<Arc<FinalizedBlock>, E>>,
        mut progress: impl FnMut(Progress),
    ) -> Result<(), IndexError> {
        self.reset().await?;
        self.apply_genesis(genesis).await?;
        let mut applied = 0;
        let batches = blocks.chunks(REBUILD_BATCH);
        let mut batches = std::pin::pin!(batches);
        while let Some(batch) = batches.next().await {
            let batch = batch
                .into_iter()
                .collect::<Result<Vec<_>, E>>()
                .map_err(|error| IndexError::Blocks(error.to_string()))?;
            self.apply_all(&batch).await?;
            applied += batch.len() as u64;
            if let Some(last) = batch.last() {
                progress(Progress { block: last.block.number(), applied });
            }
        }
        Ok(())
    }

    /// Closes all connections after what they are doing.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    #[cfg(test)]
    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    async fn apply_refs(&self, blocks: &[&FinalizedBlock]) -> Result<(), IndexError> {
        let mut transaction = self.writer.begin().await?;
        let fresh = fresh_blocks(&mut transaction, blocks).await?;
        if fresh.is_empty() {
            return Ok(());
        }
        let captures = events::collect(fresh).await?;
        chain::write(&mut transaction, fresh, &captures.counts).await?;
        records::write(&mut transaction, fresh).await?;
        for block in fresh {
            members::write(&mut transaction, block).await?;
            contracts::write(&mut transaction, block).await?;
        }
        events::write(&mut transaction, &captures).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The blocks that the index does not have yet, after a check that they continue it.
async fn fresh_blocks<'a, 'b>(
    connection: &mut SqliteConnection,
    blocks: &'b [&'a FinalizedBlock],
) -> Result<&'b [&'a FinalizedBlock], IndexError> {
    let mut last = last_block(connection).await?;
    let mut known = 0;
    for block in blocks {
        let number = block.block.number();
        if block.receipts.len() != block.block.transactions.len() {
            let reason = format!(
                "{} transactions but {} receipts",
                block.block.transactions.len(),
                block.receipts.len()
            );
            return Err(IndexError::Impossible { number, reason });
        }
        match last {
            Some(last) if number <= last => {
                check_same(connection, number, block.hash).await?;
                known += 1;
                continue;
            }
            // The chain's first block is the genesis or the one after it.
            None if number <= 1 => {}
            _ => {
                let expected = last.map_or(0, |last| last + 1);
                if number != expected {
                    return Err(IndexError::OutOfOrder { got: number, expected });
                }
            }
        }
        last = Some(number);
    }
    Ok(&blocks[known..])
}

async fn check_same(
    connection: &mut SqliteConnection,
    number: u64,
    given: B256,
) -> Result<(), IndexError> {
    let indexed: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM blocks WHERE number = ?")
        .bind(number as i64)
        .fetch_optional(connection)
        .await?;
    // Block 0 may be absent: an index may begin with block 1.
    let Some(bytes) = indexed else { return Ok(()) };
    let indexed = hash_from(&bytes)?;
    if indexed == given { Ok(()) } else { Err(IndexError::AnotherChain { number, indexed, given }) }
}

async fn last_block(connection: &mut SqliteConnection) -> Result<Option<u64>, IndexError> {
    let number: Option<i64> =
        sqlx::query_scalar("SELECT max(number) FROM blocks").fetch_one(connection).await?;
    Ok(number.map(|number| number as u64))
}
