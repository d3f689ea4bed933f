//! What moved on an account lately.

use alloy_primitives::B256;
use qiao_indexer::{PageRequest, RecordQuery};

use super::{FinanceError, history, records, words};
use crate::Chain;

/// Money that came to an account or left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Whether it came.
    pub is_credit: bool,
    /// How much, in the minor unit.
    pub amount: u64,
    /// The other account; none where the money came from outside or left.
    pub other: Option<u64>,
    /// What for.
    pub remittance: String,
    /// The payment's UETR; none for what the owner brought or took.
    pub uetr: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// The transaction.
    pub transaction: B256,
}

/// A table of movements: the column of the account, that of the other one, and whether money came.
const TABLES: [(&str, &str, &str, bool); 5] = [
    ("payments_paid", "payer", "payee", false),
    ("payments_paid", "payee", "payer", true),
    ("payments_deposited", "account", "", true),
    ("payments_arrived", "account", "", true),
    ("payments_withdrawn", "account", "", false),
];

/// The newest movements of an account, the newest first.
///
/// # Errors
/// The node cannot answer.
pub async fn newest(
    chain: &dyn Chain,
    account: u64,
    count: u32,
) -> Result<Vec<Movement>, FinanceError> {
    let mut rows = Vec::new();
    for (table, own, other, is_credit) in TABLES {
        let query = RecordQuery::of(table).with(own, account).newest_first();
        let page = records::page(chain, &query, &PageRequest::first(count)).await?;
        rows.extend(page.items.into_iter().map(|row| (row, other, is_credit)));
    }
    rows.sort_by_key(|(row, ..)| std::cmp::Reverse((row.block, row.log_index)));
    rows.truncate(count as usize);
    let mut found = Vec::with_capacity(rows.len());
    for (row, other, is_credit) in rows {
        let (time_ms, transaction) = history::place(chain, &row).await?;
        found.push(Movement {
            is_credit,
            amount: row.number("amount"),
            other: (!other.is_empty()).then(|| row.number(other)),
            remittance: row.text("remittance").to_owned(),
            uetr: Some(row.wide("uetr")).filter(|uetr| *uetr != 0).map(words::uetr),
            time_ms,
            transaction,
        });
    }
    Ok(found)
}
