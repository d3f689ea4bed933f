//! What happened on accounts, from the logs of the module.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{B256, Log, U256};
use alloy_sol_types::SolEvent;
use qiao_indexer::{IndexedLog, LogFilter};
use qiao_modules::payments::{ADDRESS, IPayments};
use qiao_types::FinalizedBlock;

use super::PaymentsError;
use crate::Chain;

/// Entries of one account, or payments of one message.
pub(super) const ENTRIES_MAX: usize = 100_000;

/// A span of time: from a millisecond of the Unix epoch up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first millisecond.
    pub from_ms: u64,
    /// The first one behind it.
    pub to_ms: u64,
}

impl Period {
    /// Whether it holds a time.
    pub fn holds(self, ms: u64) -> bool {
        (self.from_ms..self.to_ms).contains(&ms)
    }
}

/// One debit or credit of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Movement {
    /// Where it is in the chain.
    pub(super) place: (u64, u32),
    /// When, in milliseconds since the Unix epoch.
    pub(super) time_ms: u64,
    /// The transaction.
    pub(super) transaction: B256,
    /// The UETR; 0 where there is none.
    pub(super) uetr: u128,
    /// The account that paid; 0 from outside.
    pub(super) payer: u64,
    /// The account that was paid; 0 to outside.
    pub(super) payee: u64,
    /// How much.
    pub(super) amount: u64,
    /// What for.
    pub(super) remittance: String,
}

/// The blocks of the logs, each read once.
#[derive(Default)]
struct Blocks(BTreeMap<u64, Arc<FinalizedBlock>>);

/// Everything that ever moved money into or out of an account, in order.
pub(super) async fn of_account(
    chain: &dyn Chain,
    account: u64,
) -> Result<Vec<Movement>, PaymentsError> {
    let account = B256::from(U256::from(account));
    let topics = |event: B256, second: bool, third: bool| {
        let at = |is_it: bool| if is_it { vec![account] } else { Vec::new() };
        let first = !second && !third;
        [vec![event], at(first), at(second), at(third)]
    };
    let paid = IPayments::Paid::SIGNATURE_HASH;
    let mut found = Vec::new();
    for topics in [
        topics(paid, true, false),
        topics(paid, false, true),
        topics(IPayments::Deposited::SIGNATURE_HASH, false, false),
        topics(IPayments::PaymentArrived::SIGNATURE_HASH, true, false),
        topics(IPayments::Withdrawn::SIGNATURE_HASH, false, false),
    ] {
        found.extend(movements(chain, topics).await?);
    }
    found.sort_by_key(|movement| movement.place);
    Ok(found)
}

/// Every payment from account to account, in order.
pub(super) async fn payments(chain: &dyn Chain) -> Result<Vec<Movement>, PaymentsError> {
    let topics = [vec![IPayments::Paid::SIGNATURE_HASH], Vec::new(), Vec::new(), Vec::new()];
    movements(chain, topics).await
}

/// The payment with a UETR.
pub(super) async fn with_uetr(
    chain: &dyn Chain,
    uetr: u128,
) -> Result<Option<Movement>, PaymentsError> {
    let events = vec![IPayments::Paid::SIGNATURE_HASH, IPayments::PaymentArrived::SIGNATURE_HASH];
    let topics = [events, vec![B256::from(U256::from(uetr))], Vec::new(), Vec::new()];
    Ok(movements(chain, topics).await?.into_iter().next())
}

async fn movements(
    chain: &dyn Chain,
    topics: [Vec<B256>; 4],
) -> Result<Vec<Movement>, PaymentsError> {
    let filter = LogFilter {
        from_block: 0,
        to_block: chain.head().number,
        addresses: vec![ADDRESS],
        topics,
        limit: ENTRIES_MAX as u32,
    };
    let logs = chain.index().logs(&filter).await.map_err(|error| match error {
        qiao_indexer::IndexError::TooManyLogs { .. } => PaymentsError::TooMany(ENTRIES_MAX),
        other => PaymentsError::Failed(other.to_string()),
    })?;
    let mut blocks = Blocks::default();
    let mut found = Vec::with_capacity(logs.len());
    for indexed in &logs {
        let log = blocks.log(chain, indexed).await?;
        found.extend(movement(indexed, &log));
    }
    Ok(found)
}

impl Blocks {
    async fn log(&mut self, chain: &dyn Chain, log: &IndexedLog) -> Result<Log, PaymentsError> {
        let missing = || PaymentsError::Failed(format!("block {} is not here", log.block));
        if !self.0.contains_key(&log.block) {
            let block = chain.block_by_number(log.block).await;
            let block = block.map_err(|error| PaymentsError::Failed(error.to_string()))?;
            // The logs come in the order of the chain: only the newest block is asked for again.
            self.0.clear();
            self.0.insert(log.block, block.ok_or_else(missing)?);
        }
        let block = self.0.get(&log.block).ok_or_else(missing)?;
        let receipt = block.receipts.get(log.position as usize);
        let found = receipt.and_then(|one| one.logs().get(log.index_in_receipt as usize));
        found.cloned().ok_or_else(missing)
    }
}

fn movement(indexed: &IndexedLog, log: &Log) -> Option<Movement> {
    let movement = |uetr, payer, payee, amount, remittance| Movement {
        place: (indexed.block, indexed.log_index),
        time_ms: indexed.timestamp_ms,
        transaction: indexed.transaction,
        uetr,
        payer,
        payee,
        amount,
        remittance,
    };
    let event = *log.topics().first()?;
    if event == IPayments::Paid::SIGNATURE_HASH {
        let paid = IPayments::Paid::decode_log_data(&log.data).ok()?;
        Some(movement(paid.uetr, paid.payer, paid.payee, paid.amount, paid.remittance))
    } else if event == IPayments::PaymentArrived::SIGNATURE_HASH {
        let arrived = IPayments::PaymentArrived::decode_log_data(&log.data).ok()?;
        Some(movement(arrived.uetr, 0, arrived.account, arrived.amount, arrived.remittance))
    } else if event == IPayments::Deposited::SIGNATURE_HASH {
        let deposited = IPayments::Deposited::decode_log_data(&log.data).ok()?;
        Some(movement(0, 0, deposited.account, deposited.amount, deposited.remittance))
    } else {
        let withdrawn = IPayments::Withdrawn::decode_log_data(&log.data).ok()?;
        Some(movement(0, withdrawn.account, 0, withdrawn.amount, withdrawn.remittance))
    }
}
