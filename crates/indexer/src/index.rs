//! Opening the index, applying blocks, building it again.

use std::sync::Arc;

use alloy_primitives::B256;
use futures::{Stream, StreamExt as _};
use qiao_types::{FinalizedBlock, Genesis};

use crate::columns::hash_from;
use crate::database::{Connection, Database, postgres, sql, sqlite};
use crate::{IndexError, chain, contracts, events, members, records, schema};

/// Blocks that a rebuild applies in one transaction.
const REBUILD_BATCH: usize = 64;

const GENESIS_FACT: &str = "genesis";

/// The index of one node. Cheap to clone; all clones share the connections.
#[derive(Debug, Clone)]
pub struct Index {
    database: Database,
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
    /// Opens or creates the index at a URL such as `sqlite:/data/index.db`, `sqlite::memory:` or
    /// `postgres://qiao@db.example/trade?password_file=/run/secrets/db`.
    ///
    /// An index whose schema is of another version of this program is dropped: it will be empty,
    /// and [`Index::last_block`] says so.
    pub async fn open(url: &str) -> Result<Self, IndexError> {
        let database = Database::open(url).await?;
        schema::prepare(&database).await?;
        Ok(Self { database })
    }

    /// What the database finds wrong with itself, if anything.
    pub async fn damage(&self) -> Option<String> {
        let mut connection = match self.database.writer.acquire().await {
            Ok(connection) => connection,
            Err(error) => return Some(error.to_string()),
        };
        // PostgreSQL is looked after by whoever runs it.
        let Connection::Sqlite(_) = connection else { return None };
        let checked = sql("PRAGMA integrity_check(1)").scalar::<String>(&mut connection).await;
        match checked {
            Ok(verdict) => verdict.filter(|verdict| verdict != "ok"),
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
        let mut transaction = self.database.write().await?;
        let indexed: Option<Vec<u8>> = sql("SELECT value FROM facts WHERE name = ?")
            .bind(GENESIS_FACT)
            .scalar(&mut transaction)
            .await?;
        if let Some(bytes) = indexed {
            let indexed = hash_from(&bytes)?;
            if indexed != given {
                return Err(IndexError::AnotherGenesis { indexed, given });
            }
            return Ok(());
        }
        sql("INSERT INTO facts (name, value) VALUES (?, ?)")
            .bind(GENESIS_FACT)
            .bind(given.as_slice())
            .execute(&mut transaction)
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
        last_block(&mut self.reader().await?).await
    }

    /// Drops the blocks after this height and tells `true`; or drops nothing and tells `false`, if
    /// one of them changed a member or recorded an event: such an index has to be built again.
    ///
    /// Blocks are final on every network. A developer's chain goes back to an earlier one.
    pub async fn forget_after(&self, number: u64) -> Result<bool, IndexError> {
        let mut transaction = self.database.write().await?;
        let is_plain = chain::forget_after(&mut transaction, number).await?;
        transaction.commit().await?;
        Ok(is_plain)
    }

    /// Drops all rows.
    pub async fn reset(&self) -> Result<(), IndexError> {
        schema::recreate(&self.database).await?;
        let mut connection = self.database.writer.acquire().await?;
        if let Connection::Sqlite(_) = connection {
            sqlite::shrink(&mut connection).await;
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
        self.tell_planner().await
    }

    /// Lets the database plan by what its tables hold, after many rows were written at once.
    pub async fn tell_planner(&self) -> Result<(), IndexError> {
        let mut connection = self.database.writer.acquire().await?;
        if let Connection::Postgres(_) = connection {
            postgres::analyse(&mut connection).await;
        }
        Ok(())
    }

    /// Closes all connections after what they are doing.
    pub async fn close(&self) {
        self.database.readers.close().await;
        self.database.writer.close().await;
    }

    /// A connection that answers questions.
    pub(crate) async fn reader(&self) -> Result<Connection, IndexError> {
        Ok(self.database.readers.acquire().await?)
    }

    /// A connection whose answers are all of the same block.
    pub(crate) async fn snapshot(&self) -> Result<Connection, IndexError> {
        Ok(self.database.readers.snapshot().await?)
    }

    #[cfg(test)]
    pub(crate) async fn writer(&self) -> Result<Connection, IndexError> {
        Ok(self.database.writer.acquire().await?)
    }

    async fn apply_refs(&self, blocks: &[&FinalizedBlock]) -> Result<(), IndexError> {
        let mut transaction = self.database.write().await?;
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
    connection: &mut Connection,
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
    connection: &mut Connection,
    number: u64,
    given: B256,
) -> Result<(), IndexError> {
    let indexed: Option<Vec<u8>> = sql("SELECT hash FROM blocks WHERE number = ?")
        .bind(number as i64)
        .scalar(connection)
        .await?;
    // Block 0 may be absent: an index may begin with block 1.
    let Some(bytes) = indexed else { return Ok(()) };
    let indexed = hash_from(&bytes)?;
    if indexed == given { Ok(()) } else { Err(IndexError::AnotherChain { number, indexed, given }) }
}

async fn last_block(connection: &mut Connection) -> Result<Option<u64>, IndexError> {
    let number: Option<i64> = sql("SELECT max(number) FROM blocks").scalar(connection).await?;
    Ok(number.map(|number| number as u64))
}
