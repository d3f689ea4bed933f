//! Looking for what became final.
//!
//! A transaction counts as final at the instant at which the client holds the receipt of one of
//! its transactions of the block. Where the node offers it, the client waits at the node for the
//! next block; elsewhere it asks again and again.

use std::time::Duration;

use alloy_primitives::B256;
use anyhow::Result;
use serde_json::Value;

use super::{SeenBlock, Shared, Waiting};
use crate::rpc::Rpc;
use crate::timeline::Timeline;

/// How long one request waits for the next block.
const WAIT: Duration = Duration::from_millis(500);

/// Between two attempts at a node that does not answer, or does not show what it announced.
const AGAIN: Duration = Duration::from_millis(1);

/// What was seen.
#[derive(Debug)]
pub struct Watched {
    /// Transactions and times of the measured part.
    pub timeline: Timeline,
    /// Transactions of this client that became final.
    pub finals: u64,
    /// Receipts that were read.
    pub receipts: u64,
    /// Those of failed transactions.
    pub receipts_failed: u64,
    /// Blocks with transactions.
    pub blocks: Vec<SeenBlock>,
    /// The next height.
    pub next: u64,
}

/// Follows the final blocks from a height on until told to stop.
pub fn watch(shared: &Shared<'_>, from: u64) -> Watched {
    let mut watched = Watched {
        timeline: Timeline::new(shared.plan.window),
        finals: 0,
        receipts: 0,
        receipts_failed: 0,
        blocks: Vec::new(),
        next: from,
    };
    let mut endpoint = shared.endpoints.current();
    let mut rpc = Rpc::new(&shared.endpoints.get(endpoint).rpc);
    let mut head = 0;
    while !shared.is_stopped() {
        if endpoint != shared.endpoints.current() {
            endpoint = shared.endpoints.current();
            rpc = Rpc::new(&shared.endpoints.get(endpoint).rpc);
            head = 0;
        }
        let rest = shared.endpoints.get(endpoint).rest.as_deref();
        if look(shared, &rpc, rest, &mut head, &mut watched).is_err() {
            shared.endpoints.failed(endpoint, shared.clock.now());
            std::thread::sleep(AGAIN);
        }
    }
    watched
}

/// Takes the next block, or waits for it.
fn look(
    shared: &Shared<'_>,
    rpc: &Rpc,
    rest: Option<&str>,
    head: &mut u64,
    watched: &mut Watched,
) -> Result<()> {
    if let Some(rest) = rest
        && *head < watched.next
    {
        *head = rpc.head_after(rest, watched.next - 1, WAIT)?;
        if *head < watched.next {
            return Ok(());
        }
    }
    let Some(hashes) = rpc.transactions_of(watched.next)? else {
        std::thread::sleep(if rest.is_some() { AGAIN } else { shared.plan.poll });
        return Ok(());
    };
    let own = own_of(shared, &hashes);
    if let Some((hash, _)) = own.last() {
        let succeeded = await_receipt(shared, rpc, *hash)?;
        watched.receipts += 1;
        watched.receipts_failed += u64::from(!succeeded);
    }
    let seen = shared.clock.now();
    if !hashes.is_empty() {
        let (height, transactions) = (watched.next, hashes.len() as u64);
        watched.blocks.push(SeenBlock { height, seen, transactions });
    }
    let mut under_way = shared.under_way();
    for (hash, waiting) in &own {
        under_way.remove(hash);
        watched.finals += 1;
        watched.timeline.finished(waiting.due, seen);
    }
    watched.next += 1;
    Ok(())
}

/// The transactions of this client among those of a block.
fn own_of(shared: &Shared<'_>, hashes: &[B256]) -> Vec<(B256, Waiting)> {
    let under_way = shared.under_way();
    hashes.iter().filter_map(|hash| Some((*hash, *under_way.get(hash)?))).collect()
}

/// Whether the transaction succeeded, once its receipt can be read.
fn await_receipt(shared: &Shared<'_>, rpc: &Rpc, hash: B256) -> Result<bool> {
    loop {
        if let Some(receipt) = rpc.receipt(hash)? {
            return Ok(receipt.get("status").and_then(Value::as_str) == Some("0x1"));
        }
        if shared.is_stopped() {
            return Ok(false);
        }
        std::thread::sleep(AGAIN);
    }
}
