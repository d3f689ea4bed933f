//! Blocks.

use alloy_primitives::B256;
use qiao_types::{Block, FinalizedBlock};
use serde::{Deserialize, Serialize};

use crate::columns::{count, hash, number};
use crate::database::{Connection, Row, sql};
use crate::{Index, IndexError, Page, PageRequest, batch};

/// A block in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedBlock {
    /// Height.
    pub number: u64,
    /// Hash.
    pub hash: B256,
    /// Hash of the block before.
    pub parent_hash: B256,
    /// Milliseconds since the Unix epoch at which the block was proposed.
    pub timestamp_ms: u64,
    /// Number of transactions.
    pub transactions: u32,
    /// Number of events captured.
    pub events: u32,
    /// Gas used.
    pub gas_used: u64,
    /// Network key of the validator that proposed it; zero at genesis.
    pub proposer: B256,
    /// Header and transactions, in bytes.
    pub bytes: u64,
}

const COLUMNS: &str =
    "number, hash, parent_hash, timestamp_ms, transactions, events, gas_used, proposer, bytes";

pub(super) async fn write(
    connection: &mut Connection,
    blocks: &[&FinalizedBlock],
    events: &[u32],
) -> Result<(), IndexError> {
    assert_eq!(blocks.len(), events.len(), "one count of events per block");
    let rows: Vec<(&FinalizedBlock, u32)> =
        blocks.iter().copied().zip(events.iter().copied()).collect();
    let head = format!("INSERT INTO blocks ({COLUMNS})");
    batch::insert(connection, &head, &rows, |row, (finalized, events)| {
        let header = &finalized.block.header;
        row.push_bind(header.number as i64);
        row.push_bind(finalized.hash.as_slice());
        row.push_bind(header.parent_hash.as_slice());
        row.push_bind(finalized.timestamp_ms as i64);
        row.push_bind(finalized.block.transactions.len() as i64);
        row.push_bind(*events);
        row.push_bind(header.gas_used as i64);
        row.push_bind(finalized.proposer.as_slice());
        row.push_bind(bytes_of(&finalized.block) as i64);
    })
    .await?;
    Ok(())
}

fn bytes_of(block: &Block) -> usize {
    let transactions: usize = block.transactions.iter().map(|tx| tx.encoded().len()).sum();
    Block::encode_header(&block.header).len() + transactions
}

impl Index {
    /// The height of the block with this hash.
    pub async fn block_number(&self, hash: B256) -> Result<Option<u64>, IndexError> {
        let number: Option<i64> = sql("SELECT number FROM blocks WHERE hash = ?")
            .bind(hash.as_slice())
            .scalar(&mut self.reader().await?)
            .await?;
        Ok(number.map(|number| number as u64))
    }

    /// The block at this height.
    pub async fn block(&self, number: u64) -> Result<Option<IndexedBlock>, IndexError> {
        let query = format!("SELECT {COLUMNS} FROM blocks WHERE number = ?");
        let row = sql(query)
            .bind(i64::try_from(number).unwrap_or(i64::MAX))
            .fetch_optional(&mut self.reader().await?)
            .await?;
        row.as_ref().map(IndexedBlock::from_row).transpose()
    }

    /// Blocks, newest first.
    pub async fn recent_blocks(
        &self,
        page: &PageRequest,
    ) -> Result<Page<IndexedBlock>, IndexError> {
        let query =
            format!("SELECT {COLUMNS} FROM blocks WHERE number < ? ORDER BY number DESC LIMIT ?");
        let rows = sql(query)
            .bind(page.row()?.unwrap_or(i64::MAX))
            .bind(page.limit() as i64 + 1)
            .fetch_all(&mut self.reader().await?)
            .await?;
        let blocks = rows.iter().map(IndexedBlock::from_row).collect::<Result<_, _>>()?;
        Ok(Page::cut(blocks, page.limit(), |block: &IndexedBlock| block.number.to_string()))
    }
}

impl IndexedBlock {
    fn from_row(row: &Row) -> Result<Self, IndexError> {
        Ok(Self {
            number: number(row, "number")?,
            hash: hash(row, "hash")?,
            parent_hash: hash(row, "parent_hash")?,
            timestamp_ms: number(row, "timestamp_ms")?,
            transactions: count(row, "transactions")?,
            events: count(row, "events")?,
            gas_used: number(row, "gas_used")?,
            proposer: hash(row, "proposer")?,
            bytes: number(row, "bytes")?,
        })
    }
}
