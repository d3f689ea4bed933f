//! Finds the events of a block: the `Captured` logs say which are new, the calldata has them.

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::{SolCall as _, SolEvent as _};
use qiao_epcis::{Event, Limits};
use qiao_modules::traceability::{
    self,
    ITraceability::{Captured, captureCall},
};
use qiao_types::{ExecutedReceipt, FinalizedBlock, SignedTransaction};

use crate::{IndexError, keys};

/// An event that a block recorded for the first time.
#[derive(Debug)]
pub(crate) struct NewEvent {
    pub(crate) hash: B256,
    pub(crate) party: u64,
    pub(crate) capturer: Address,
    pub(crate) transaction_place: i64,
    pub(crate) position: u32,
    pub(crate) record_time_ms: u64,
    pub(crate) body: String,
    pub(crate) event: Event,
}

/// A body that repeats a recorded event and declares it wrong.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) hash: B256,
    pub(crate) party: u64,
    pub(crate) declared_ms: i64,
    pub(crate) reason: Option<String>,
}

/// What the captures of some blocks brought, in the order of the chain.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    pub(crate) events: Vec<NewEvent>,
    pub(crate) declarations: Vec<Declaration>,
    /// New events per block.
    pub(crate) counts: Vec<u32>,
}

/// A capture transaction: its bodies, and which of them are new.
struct Capture {
    party: u64,
    bodies: Vec<Bytes>,
    logs: Vec<Captured>,
    transaction_place: i64,
    record_time_ms: u64,
    /// Index of the block among those collected.
    nth_block: usize,
}

/// Reads the captures of these blocks. Parsing is work for a processor, so it happens aside.
pub(crate) async fn collect(blocks: &[&FinalizedBlock]) -> Result<Captures, IndexError> {
    let mut captures = Vec::new();
    for (nth_block, block) in blocks.iter().enumerate() {
        let pairs = block.block.transactions.iter().zip(&block.receipts);
        for (position, (transaction, receipt)) in pairs.enumerate() {
            if let Some((call, logs)) = capture_of(transaction, receipt) {
                captures.push(Capture {
                    party: call.party,
                    bodies: call.events,
                    logs,
                    transaction_place: keys::place(block.block.number(), position)?,
                    record_time_ms: block.timestamp_ms,
                    nth_block,
                });
            }
        }
    }
    let blocks = blocks.len();
    if captures.is_empty() {
        return Ok(Captures { counts: vec![0; blocks], ..Captures::default() });
    }
    tokio::task::spawn_blocking(move || parse(captures, blocks))
        .await
        .map_err(|failure| IndexError::Damaged(format!("reading events stopped: {failure}")))
}

fn capture_of(
    transaction: &SignedTransaction,
    receipt: &ExecutedReceipt,
) -> Option<(captureCall, Vec<Captured>)> {
    if transaction.envelope().to() != Some(traceability::ADDRESS) || !receipt.succeeded() {
        return None;
    }
    let call = captureCall::abi_decode(transaction.envelope().input()).ok()?;
    let own = receipt.logs().iter().filter(|log| log.address == traceability::ADDRESS);
    let logs = own.filter_map(|log| Captured::decode_log_data(log).ok()).collect();
    Some((call, logs))
}

fn parse(captures: Vec<Capture>, blocks: usize) -> Captures {
    let mut found = Captures { counts: vec![0; blocks], ..Captures::default() };
    for capture in captures {
        let mut is_new = vec![false; capture.bodies.len()];
        for log in &capture.logs {
            let Some(body) = capture.bodies.get(log.position as usize) else { continue };
            is_new[log.position as usize] = true;
            if let Some(event) = parse_new(log, body, &capture) {
                declare(&mut found, log.eventHash, capture.party, &event.event);
                found.events.push(event);
                found.counts[capture.nth_block] += 1;
            }
        }
        for (body, _) in capture.bodies.iter().zip(&is_new).filter(|(_, is_new)| !**is_new) {
            if mentions_declaration(body)
                && let Ok(event) = Event::parse(body, &Limits::EVENT)
            {
                declare(&mut found, event.hash().0.into(), capture.party, &event);
            }
        }
    }
    found
}

fn parse_new(log: &Captured, body: &Bytes, capture: &Capture) -> Option<NewEvent> {
    let event = match Event::parse(body, &Limits::EVENT) {
        Ok(event) => event,
        Err(problems) => {
            // The chain took it under the rules of its time; the log remains to be found.
            let problem = problems.first().map(ToString::to_string);
            tracing::error!(hash = %log.eventHash, problem, "a recorded event cannot be read");
            return None;
        }
    };
    Some(NewEvent {
        hash: log.eventHash,
        party: log.party,
        capturer: log.capturer,
        transaction_place: capture.transaction_place,
        position: log.position,
        record_time_ms: capture.record_time_ms,
        body: String::from_utf8_lossy(body).into_owned(),
        event,
    })
}

fn declare(found: &mut Captures, hash: B256, party: u64, event: &Event) {
    if let Some(declaration) = event.corrects() {
        found.declarations.push(Declaration {
            hash,
            party,
            declared_ms: declaration.declaration_time_ms,
            reason: declaration.reason.clone(),
        });
    }
}

/// Whether it is worth parsing a repeated body: most repetitions are mere retries.
fn mentions_declaration(body: &[u8]) -> bool {
    const FIELD: &[u8] = b"errorDeclaration";
    body.windows(FIELD.len()).any(|window| window == FIELD)
}
