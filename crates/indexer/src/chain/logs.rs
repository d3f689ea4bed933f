//! Logs, for `eth_getLogs`.
//!
//! The index holds where a log is and its topics; the data stays in the block's receipt.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Log};
use qiao_types::FinalizedBlock;
use serde::{Deserialize, Serialize};

use crate::columns::{address, count, hash, number, optional_bytes};
use crate::database::{Connection, Row, Sql, sql};
use crate::{Index, IndexError, batch, keys};

/// Which logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter {
    /// First block.
    pub from_block: u64,
    /// Last block, included.
    pub to_block: u64,
    /// Emitters; any if empty.
    pub addresses: Vec<Address>,
    /// Per topic the values that match; any if empty.
    pub topics: [Vec<B256>; 4],
    /// More results than this are an error.
    pub limit: u32,
}

/// A log's place and topics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedLog {
    /// Height of its block.
    pub block: u64,
    /// Hash of its block.
    pub block_hash: B256,
    /// Time of its block, in milliseconds since the Unix epoch.
    pub timestamp_ms: u64,
    /// Hash of its transaction.
    pub transaction: B256,
    /// Position of its transaction in the block.
    pub position: u32,
    /// Its number among the logs of the block.
    pub log_index: u32,
    /// Its number among the logs of the transaction's receipt.
    pub index_in_receipt: u32,
    /// The emitter.
    pub address: Address,
    /// The topics.
    pub topics: Vec<B256>,
}

/// Where a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPlace {
    /// Height of its block.
    pub block: u64,
    /// Position of its transaction in the block.
    pub position: u32,
    /// Its number among the logs of the transaction's receipt.
    pub index_in_receipt: u32,
}

/// Kinds of logs of one contract that are looked at for its newest ones.
const KINDS_MAX: i64 = 64;

struct NewLog<'a> {
    place: i64,
    position: u32,
    nth: u32,
    log: &'a Log,
}

type Kind = (Address, Option<B256>);

pub(super) async fn write(
    connection: &mut Connection,
    blocks: &[&FinalizedBlock],
) -> Result<(), IndexError> {
    let mut rows = Vec::new();
    for finalized in blocks {
        let mut index = 0;
        for (position, receipt) in finalized.receipts.iter().enumerate() {
            for (nth, log) in receipt.logs().iter().enumerate() {
                let place = keys::place(finalized.block.number(), index)?;
                rows.push(NewLog { place, position: position as u32, nth: nth as u32, log });
                index += 1;
            }
        }
    }
    let wanted: BTreeSet<Kind> = rows.iter().map(|row| kind_of(row.log)).collect();
    let kinds = kind_ids(connection, &wanted).await?;
    let head = "INSERT INTO logs (place, position, nth, kind, topic1, topic2, topic3)";
    batch::insert(connection, head, &rows, |row, new| {
        let topics = new.log.topics();
        row.push_bind(new.place);
        row.push_bind(new.position);
        row.push_bind(new.nth);
        row.push_bind(kinds[&kind_of(new.log)]);
        for nth in 1..4 {
            row.push_bind(topics.get(nth).map(shortened));
        }
    })
    .await?;
    Ok(())
}

fn kind_of(log: &Log) -> Kind {
    (log.address, log.topics().first().copied())
}

async fn kind_ids(
    connection: &mut Connection,
    wanted: &BTreeSet<Kind>,
) -> Result<BTreeMap<Kind, i64>, IndexError> {
    let mut ids = BTreeMap::new();
    for kind in wanted {
        let found: Option<i64> =
            sql("SELECT id FROM log_kinds WHERE address = ? AND topic0 IS NOT DISTINCT FROM ?")
                .bind(kind.0.as_slice())
                .bind(kind.1.as_ref().map(|topic| topic.as_slice()))
                .scalar(connection)
                .await?;
        let id = match found {
            Some(id) => id,
            None => add_kind(connection, kind).await?,
        };
        ids.insert(*kind, id);
    }
    Ok(ids)
}

async fn add_kind(connection: &mut Connection, kind: &Kind) -> Result<i64, IndexError> {
    let last: Option<i64> = sql("SELECT max(id) FROM log_kinds").scalar(connection).await?;
    let id = last.unwrap_or(0) + 1;
    sql("INSERT INTO log_kinds (id, address, topic0) VALUES (?, ?, ?)")
        .bind(id)
        .bind(kind.0.as_slice())
        .bind(kind.1.as_ref().map(|topic| topic.as_slice()))
        .execute(connection)
        .await?;
    Ok(id)
}

/// A topic without its leading zeros; most are addresses or small numbers.
fn shortened(topic: &B256) -> &[u8] {
    let zeros = topic.iter().take_while(|byte| **byte == 0).count();
    &topic[zeros..]
}

fn restored(bytes: &[u8]) -> Result<B256, IndexError> {
    if bytes.len() > 32 {
        return Err(IndexError::Damaged(format!("a topic has {} bytes", bytes.len())));
    }
    Ok(B256::left_padding_from(bytes))
}

impl Index {
    /// The newest logs of a contract, newest first.
    pub async fn newest_logs(
        &self,
        address: Address,
        limit: u32,
    ) -> Result<Vec<LogPlace>, IndexError> {
        let mut reader = self.reader().await?;
        let kinds = sql("SELECT id FROM log_kinds WHERE address = ? LIMIT ?")
            .bind(address.as_slice())
            .bind(KINDS_MAX)
            .fetch_all(&mut reader)
            .await?;
        let mut found: Vec<(i64, LogPlace)> = Vec::new();
        for kind in &kinds {
            // One kind after the other, because that is the order of the database's own index.
            let rows = sql(
                "SELECT place, position, nth FROM logs WHERE kind = ? ORDER BY place DESC LIMIT ?",
            )
            .bind(kind.try_get::<i64>("id")?)
            .bind(i64::from(limit))
            .fetch_all(&mut reader)
            .await?;
            for row in &rows {
                let place: i64 = row.try_get("place")?;
                let (block, _) = keys::split(place);
                let (position, nth) = (count(row, "position")?, count(row, "nth")?);
                found.push((place, LogPlace { block, position, index_in_receipt: nth }));
            }
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(limit as usize);
        Ok(found.into_iter().map(|(_, place)| place).collect())
    }

    /// The logs that match, in the order of the chain.
    ///
    /// # Errors
    /// [`IndexError::TooManyLogs`] where more than `filter.limit` match.
    pub async fn logs(&self, filter: &LogFilter) -> Result<Vec<IndexedLog>, IndexError> {
        let query = log_query(filter);
        let rows = query.fetch_all(&mut self.reader().await?).await?;
        if rows.len() > filter.limit as usize {
            return Err(IndexError::TooManyLogs { limit: filter.limit });
        }
        rows.iter().map(IndexedLog::from_row).collect()
    }
}

fn log_query(filter: &LogFilter) -> Sql<'_> {
    let mut query = sql(
        "SELECT l.place, l.position, l.nth, k.address, k.topic0, l.topic1, l.topic2, l.topic3, \
         b.hash AS block_hash, b.timestamp_ms, t.hash AS transaction_hash \
         FROM logs l JOIN log_kinds k ON k.id = l.kind \
         JOIN blocks b ON b.number = l.place >> 24 \
         JOIN transactions t ON t.place = ((l.place >> 24) << 24 | l.position) \
         WHERE l.place BETWEEN ",
    );
    query.push_bind(keys::first_place(filter.from_block));
    query.push(" AND ").push_bind(keys::last_place(filter.to_block));
    let [topic0, later @ ..] = &filter.topics;
    if !filter.addresses.is_empty() || !topic0.is_empty() {
        query.push(" AND l.kind IN (SELECT id FROM log_kinds WHERE TRUE");
        if !filter.addresses.is_empty() {
            let addresses = filter.addresses.iter().map(|address| address.as_slice());
            push_in(&mut query, "address", addresses);
        }
        if !topic0.is_empty() {
            push_in(&mut query, "topic0", topic0.iter().map(|topic| topic.as_slice()));
        }
        query.push(")");
    }
    for (topics, column) in later.iter().zip(["l.topic1", "l.topic2", "l.topic3"]) {
        if !topics.is_empty() {
            push_in(&mut query, column, topics.iter().map(shortened));
        }
    }
    query.push(" ORDER BY l.place LIMIT ").push_bind(i64::from(filter.limit) + 1);
    query
}

fn push_in<'a>(query: &mut Sql<'a>, column: &'static str, values: impl Iterator<Item = &'a [u8]>) {
    query.push(" AND ").push(column).push(" IN (");
    query.push_list(values).push(")");
}

impl IndexedLog {
    fn from_row(row: &Row) -> Result<Self, IndexError> {
        let mut topics = Vec::with_capacity(4);
        topics.extend(optional_bytes::<32>(row, "topic0")?);
        for column in ["topic1", "topic2", "topic3"] {
            let topic: Option<&[u8]> = row.try_get(column)?;
            if let Some(topic) = topic {
                topics.push(restored(topic)?);
            }
        }
        let (block, log_index) = keys::split(row.try_get("place")?);
        Ok(Self {
            block,
            block_hash: hash(row, "block_hash")?,
            timestamp_ms: number(row, "timestamp_ms")?,
            transaction: hash(row, "transaction_hash")?,
            position: count(row, "position")?,
            log_index,
            index_in_receipt: count(row, "nth")?,
            address: address(row, "address")?,
            topics,
        })
    }
}
