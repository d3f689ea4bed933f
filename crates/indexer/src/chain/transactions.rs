//! Transactions.

use alloy_primitives::{Address, B256, FixedBytes};
use qiao_types::{ExecutedReceipt, FinalizedBlock, SignedTransaction};
use serde::{Deserialize, Serialize};

use crate::columns::{address, flag, hash, number, optional_address, optional_bytes};
use crate::database::{Connection, Row, sql};
use crate::{Index, IndexError, Page, PageRequest, batch, keys};

/// Where a transaction lies in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TransactionPlace {
    /// Height of its block.
    pub block: u64,
    /// Its position in the block, from 0.
    pub position: u32,
}

/// What a transaction does, seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionKind {
    /// No input data.
    Transfer,
    /// Input data for an account.
    Call,
    /// Creates a contract.
    Deployment,
}

/// A transaction in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedTransaction {
    /// Hash.
    pub hash: B256,
    /// Where it is.
    #[serde(flatten)]
    pub place: TransactionPlace,
    /// Time of its block, in milliseconds since the Unix epoch.
    pub timestamp_ms: u64,
    /// The account that signed.
    pub sender: Address,
    /// The account that was called; none for a deployment.
    pub recipient: Option<Address>,
    /// The contract that was created, if any.
    pub created: Option<Address>,
    /// What it does.
    pub kind: TransactionKind,
    /// The first four bytes of the input of a call.
    pub selector: Option<FixedBytes<4>>,
    /// Whether it took effect.
    pub succeeded: bool,
    /// Gas used by it alone.
    pub gas_used: u64,
    /// Its encoded length.
    pub bytes: u64,
}

const READ: &str = "SELECT t.place, t.hash, b.timestamp_ms, t.sender, t.recipient, t.created, \
     t.selector, t.kind, t.succeeded, t.gas_used, t.bytes \
     FROM transactions t JOIN blocks b ON b.number = t.place >> 24";

pub(super) async fn write(
    connection: &mut Connection,
    blocks: &[&FinalizedBlock],
) -> Result<(), IndexError> {
    let mut rows: Vec<(i64, &SignedTransaction, &ExecutedReceipt)> = Vec::new();
    for finalized in blocks {
        let pairs = finalized.block.transactions.iter().zip(&finalized.receipts);
        for (position, (transaction, receipt)) in pairs.enumerate() {
            let place = keys::place(finalized.block.number(), position)?;
            rows.push((place, transaction.as_ref(), receipt));
        }
    }
    let head = "INSERT INTO transactions (place, hash, hash_start, sender, recipient, created, \
         selector, kind, succeeded, gas_used, bytes)";
    batch::insert(connection, head, &rows, |row, (place, transaction, receipt)| {
        use alloy_consensus::Transaction as _;
        let envelope = transaction.envelope();
        let hash = envelope.tx_hash();
        row.push_bind(*place);
        row.push_bind(hash.as_slice());
        row.push_bind(keys::hash_start(&hash.0));
        row.push_bind(transaction.sender().to_vec());
        row.push_bind(envelope.to().map(|to| to.to_vec()));
        row.push_bind(receipt.contract_address.map(|created| created.to_vec()));
        row.push_bind(envelope.function_selector().map(|selector| selector.to_vec()));
        row.push_bind(TransactionKind::of(transaction).code());
        row.push_bind(receipt.succeeded());
        row.push_bind(receipt.gas_used as i64);
        row.push_bind(transaction.encoded().len() as i64);
    })
    .await?;
    Ok(())
}

impl TransactionKind {
    fn of(transaction: &SignedTransaction) -> Self {
        use alloy_consensus::Transaction as _;
        let envelope = transaction.envelope();
        match (envelope.to(), envelope.input().is_empty()) {
            (None, _) => Self::Deployment,
            (Some(_), true) => Self::Transfer,
            (Some(_), false) => Self::Call,
        }
    }

    fn code(self) -> i64 {
        match self {
            Self::Transfer => 0,
            Self::Call => 1,
            Self::Deployment => 2,
        }
    }

    fn from_code(code: i64) -> Result<Self, IndexError> {
        match code {
            0 => Ok(Self::Transfer),
            1 => Ok(Self::Call),
            2 => Ok(Self::Deployment),
            other => Err(IndexError::Damaged(format!("transaction kind {other}"))),
        }
    }
}

impl Index {
    /// Where the transaction with this hash is.
    pub async fn transaction(&self, hash: B256) -> Result<Option<TransactionPlace>, IndexError> {
        let place: Option<i64> =
            sql("SELECT place FROM transactions WHERE hash_start = ? AND hash = ?")
                .bind(keys::hash_start(&hash.0))
                .bind(hash.as_slice())
                .scalar(&mut self.reader().await?)
                .await?;
        Ok(place.map(TransactionPlace::from_number))
    }

    /// Transactions, newest first.
    pub async fn recent_transactions(
        &self,
        page: &PageRequest,
    ) -> Result<Page<IndexedTransaction>, IndexError> {
        let query = format!("{READ} WHERE t.place < ? ORDER BY t.place DESC LIMIT ?");
        let rows = sql(query)
            .bind(page.row()?.unwrap_or(i64::MAX))
            .bind(page.limit() as i64 + 1)
            .fetch_all(&mut self.reader().await?)
            .await?;
        transaction_page(&rows, page)
    }

    /// What an account sent, newest first.
    pub async fn transactions_from(
        &self,
        sender: Address,
        page: &PageRequest,
    ) -> Result<Page<IndexedTransaction>, IndexError> {
        let query = format!(
            "{READ} WHERE substr(t.sender, 1, 4) = ? AND t.sender = ? AND t.place < ? \
             ORDER BY t.place DESC LIMIT ?"
        );
        let rows = sql(query)
            .bind(&sender[..4])
            .bind(sender.as_slice())
            .bind(page.row()?.unwrap_or(i64::MAX))
            .bind(page.limit() as i64 + 1)
            .fetch_all(&mut self.reader().await?)
            .await?;
        transaction_page(&rows, page)
    }

    /// The transactions of one block, in order.
    pub async fn transactions_of(
        &self,
        block: u64,
        page: &PageRequest,
    ) -> Result<Page<IndexedTransaction>, IndexError> {
        let query = format!("{READ} WHERE t.place > ? AND t.place <= ? ORDER BY t.place LIMIT ?");
        let rows = sql(query)
            .bind(page.row()?.unwrap_or(keys::first_place(block) - 1))
            .bind(keys::last_place(block))
            .bind(page.limit() as i64 + 1)
            .fetch_all(&mut self.reader().await?)
            .await?;
        transaction_page(&rows, page)
    }
}

fn transaction_page(
    rows: &[Row],
    page: &PageRequest,
) -> Result<Page<IndexedTransaction>, IndexError> {
    let transactions = rows.iter().map(IndexedTransaction::from_row).collect::<Result<_, _>>()?;
    Ok(Page::cut(transactions, page.limit(), |transaction: &IndexedTransaction| {
        transaction.place.to_number().to_string()
    }))
}

impl TransactionPlace {
    pub(crate) fn from_number(row: i64) -> Self {
        let (block, position) = keys::split(row);
        Self { block, position }
    }

    fn to_number(self) -> i64 {
        keys::first_place(self.block) | i64::from(self.position)
    }
}

impl IndexedTransaction {
    fn from_row(row: &Row) -> Result<Self, IndexError> {
        Ok(Self {
            hash: hash(row, "hash")?,
            place: TransactionPlace::from_number(row.try_get("place")?),
            timestamp_ms: number(row, "timestamp_ms")?,
            sender: address(row, "sender")?,
            recipient: optional_address(row, "recipient")?,
            created: optional_address(row, "created")?,
            kind: TransactionKind::from_code(row.try_get("kind")?)?,
            selector: optional_bytes(row, "selector")?,
            succeeded: flag(row, "succeeded")?,
            gas_used: number(row, "gas_used")?,
            bytes: number(row, "bytes")?,
        })
    }
}
