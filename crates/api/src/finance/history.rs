//! What happened to a part, and in which transaction.

use alloy_primitives::B256;
use qiao_indexer::{Record, RecordQuery};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FinanceError,
    names::{Names, Party},
    records, vouchers,
};
use crate::{Chain, ChainFailure, sending::SendError};

/// Something that happened to a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Happening {
    /// The block.
    pub block: u64,
    /// Milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// The transaction.
    #[schema(value_type = String)]
    pub transaction: B256,
    /// `issued`, `passed`, `split`, `financed` and so on.
    pub what: &'static str,
    /// The part.
    pub part: u64,
    /// Who gave, offered or released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Party>,
    /// Who received, or was offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Party>,
    /// How much, in the minor unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// For which price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<u64>,
    /// The number of a registration, or a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How rows of a table are told.
struct Told {
    table: &'static str,
    /// The column with the number of the part.
    part: &'static str,
    what: &'static str,
    from: &'static str,
    to: &'static str,
    amount: &'static str,
    price: &'static str,
    note: &'static str,
}

const fn told(table: &'static str, part: &'static str, what: &'static str) -> Told {
    Told { table, part, what, from: "", to: "", amount: "", price: "", note: "" }
}

impl Told {
    const fn from(self, from: &'static str) -> Self {
        Self { from, ..self }
    }
    const fn to(self, to: &'static str) -> Self {
        Self { to, ..self }
    }
    const fn amount(self, amount: &'static str) -> Self {
        Self { amount, ..self }
    }
    const fn price(self, price: &'static str) -> Self {
        Self { price, ..self }
    }
    const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

const TOLD: &[Told] = &[
    told("receivables_vouchers", "voucher", "issued")
        .from("issuer")
        .to("creditor")
        .amount("amount"),
    told("receivables_accepted", "voucher", "accepted"),
    told("receivables_voided", "voucher", "voided").from("by"),
    told("receivables_endorsed", "voucher", "endorsed").from("guarantor"),
    told("receivables_passed", "part", "passed").from("from_party").to("to_party").amount("amount"),
    told("receivables_split", "part", "split").amount("amount"),
    told("receivables_merged", "into_part", "merged").amount("amount"),
    told("receivables_pledged", "position", "pledged").to("pledgee"),
    told("receivables_pledges_released", "position", "pledge_released").from("pledgee"),
    told("receivables_pledges_enforced", "position", "pledge_enforced").to("pledgee"),
    told("receivables_sales_offered", "position", "offered")
        .from("seller")
        .to("buyer")
        .price("price"),
    told("receivables_sales_ended", "position", "offer_ended").from("by"),
    told("receivables_sales_accepted", "position", "offer_accepted")
        .to("buyer")
        .note("registration"),
    told("receivables_financed", "position", "financed")
        .from("seller")
        .to("buyer")
        .amount("amount")
        .price("price")
        .note("registration"),
    told("receivables_bought_back", "position", "bought_back"),
    told("receivables_repaid", "position", "repaid").amount("amount"),
    told("receivables_guarantor_paid", "position", "guarantor_paid")
        .to("guarantor")
        .amount("amount"),
    told("receivables_overdue", "voucher", "overdue").amount("outstanding"),
    told("receivables_written_off", "position", "written_off").amount("amount").note("reason"),
    told("receivables_closed", "voucher", "closed"),
    told("receivables_frozen", "position", "frozen").note("reason"),
    told("receivables_unfrozen", "position", "unfrozen"),
];

/// What happened to a part and to those from which it was split off, until then; the oldest first.
///
/// # Errors
/// There is no such part.
pub async fn of_part(
    chain: &dyn Chain,
    names: &Names,
    part: u64,
) -> Result<Vec<Happening>, FinanceError> {
    let way = vouchers::lineage(chain, part).await?;
    let mut rows: Vec<(&Told, Record)> = Vec::new();
    let mut born = None;
    // From the part upwards: what its parent went through after the split is another branch.
    for id in way.iter().rev() {
        let mut own = rows_of(chain, *id).await?;
        if let Some(until) = born {
            own.retain(|(_, record)| (record.block, record.log_index) < until);
        }
        let first = own.iter().map(|(_, record)| (record.block, record.log_index)).min();
        born = first.or(born);
        rows.extend(own);
    }
    rows.sort_by_key(|(_, record)| (record.block, record.log_index));
    let mut happenings = Vec::with_capacity(rows.len());
    for (told, record) in rows {
        happenings.push(happening(chain, names, told, &record).await?);
    }
    Ok(happenings)
}

async fn rows_of(
    chain: &dyn Chain,
    part: u64,
) -> Result<Vec<(&'static Told, Record)>, FinanceError> {
    let mut rows = Vec::new();
    for told in TOLD {
        let query = RecordQuery::of(told.table).with(told.part, part);
        rows.extend(records::all(chain, &query).await?.into_iter().map(|record| (told, record)));
    }
    Ok(rows)
}

/// The tier at which a part is held, out of the passes alone: see [`tier`].
///
/// # Errors
/// There is no such part.
pub async fn tier_of(chain: &dyn Chain, part: u64) -> Result<usize, FinanceError> {
    let way = vouchers::lineage(chain, part).await?;
    let mut born = None;
    let mut passes = 0;
    for id in way.iter().rev() {
        let passed = RecordQuery::of("receivables_passed").with("part", *id);
        let mut passed = records::all(chain, &passed).await?;
        let split = RecordQuery::of("receivables_split").with("part", *id);
        let split = records::all(chain, &split).await?;
        let place = |record: &Record| (record.block, record.log_index);
        if let Some(until) = born {
            passed.retain(|record| place(record) < until);
        }
        passes += passed.len();
        born = passed.iter().chain(&split).map(place).min().or(born);
    }
    Ok(1 + passes)
}

/// How many companies stand between the issuer and the holder of a part, the holder included: the
/// creditor of a voucher is tier 1.
pub fn tier(happenings: &[Happening]) -> usize {
    1 + happenings.iter().filter(|one| one.what == "passed").count()
}

async fn happening(
    chain: &dyn Chain,
    names: &Names,
    told: &Told,
    record: &Record,
) -> Result<Happening, FinanceError> {
    let (time_ms, transaction) = place(chain, record).await?;
    let party =
        |column: &str| if column.is_empty() { None } else { names.some(record.number(column)) };
    let number = |column: &str| (!column.is_empty()).then(|| record.number(column));
    let note = Some(record.text(told.note)).filter(|note| !note.is_empty());
    Ok(Happening {
        block: record.block,
        time_ms,
        transaction,
        what: told.what,
        part: record.number(told.part),
        from: party(told.from),
        to: party(told.to),
        amount: number(told.amount),
        price: number(told.price),
        note: note.map(str::to_owned),
    })
}

/// The time of a row's block, and the transaction whose log it was.
pub async fn place(chain: &dyn Chain, record: &Record) -> Result<(u64, B256), FinanceError> {
    let failed = |failure: ChainFailure| FinanceError::Send(SendError::Chain(failure));
    let gone = || failed(ChainFailure::Store(format!("block {} is not there", record.block)));
    let block = chain.block_by_number(record.block).await.map_err(failed)?.ok_or_else(gone)?;
    let mut left = record.log_index as usize;
    for (transaction, receipt) in block.block.transactions.iter().zip(&block.receipts) {
        let logs = receipt.logs().len();
        if left < logs {
            return Ok((block.timestamp_ms, transaction.hash()));
        }
        left -= logs;
    }
    Err(gone())
}
