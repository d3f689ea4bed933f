//! What every Ethereum chain has: blocks, transactions, logs.

mod blocks;
mod logs;
mod transactions;

#[cfg(test)]
mod tests;

pub use blocks::IndexedBlock;
pub use logs::{IndexedLog, LogFilter, LogPlace};
pub use transactions::{IndexedTransaction, TransactionKind, TransactionPlace};

use qiao_modules::{members, traceability};
use qiao_types::FinalizedBlock;

use crate::database::{Connection, sql};
use crate::{IndexError, keys, records};

/// Writes the rows of these blocks.
pub(crate) async fn write(
    connection: &mut Connection,
    blocks: &[&FinalizedBlock],
    events: &[u32],
) -> Result<(), IndexError> {
    blocks::write(connection, blocks, events).await?;
    transactions::write(connection, blocks).await?;
    logs::write(connection, blocks).await
}

/// Drops the rows of the blocks after this height, if nothing but them came of these blocks.
pub(crate) async fn forget_after(
    connection: &mut Connection,
    number: u64,
) -> Result<bool, IndexError> {
    let first = keys::first_place(number.saturating_add(1));
    // Members and events are written from the logs of these two, and from captures.
    let other: Option<i64> = sql("SELECT l.place FROM logs l JOIN log_kinds k ON k.id = l.kind \
         WHERE l.place >= ? AND k.address IN (?, ?) \
         UNION ALL SELECT place FROM transactions WHERE place >= ? AND recipient = ? LIMIT 1")
    .bind(first)
    .bind(members::ADDRESS.as_slice())
    .bind(traceability::ADDRESS.as_slice())
    .bind(first)
    .bind(traceability::ADDRESS.as_slice())
    .scalar(connection)
    .await?;
    if other.is_some() {
        return Ok(false);
    }
    for rows in ["logs WHERE place >= ?", "transactions WHERE place >= ?"] {
        let query = format!("DELETE FROM {rows}");
        sql(query).bind(first).execute(connection).await?;
    }
    records::forget_from(connection, first).await?;
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    sql("DELETE FROM blocks WHERE number > ?").bind(number).execute(connection).await?;
    Ok(true)
}
