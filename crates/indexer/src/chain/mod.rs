//! What every Ethereum chain has: blocks, transactions, logs.

mod blocks;
mod logs;
mod transactions;

#[cfg(test)]
mod tests;

pub use blocks::IndexedBlock;
pub use logs::{IndexedLog, LogFilter, LogPlace};
pub use transactions::{IndexedTransaction, TransactionKind, TransactionPlace};

use qiao_types::FinalizedBlock;
use sqlx::SqliteConnection;

use crate::IndexError;

/// Writes the rows of these blocks.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    blocks: &[&FinalizedBlock],
    events: &[u32],
) -> Result<(), IndexError> {
    blocks::write(connection, blocks, events).await?;
    transactions::write(connection, blocks).await?;
    logs::write(connection, blocks).await
}
