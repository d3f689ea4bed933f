//! Fills an index with a made-up trade, without a chain that agrees on every block.
//!
//! The blocks carry capture transactions as a network's would, with the logs that the module
//! `traceability` leaves, and go into the index the way every final block does. They are not signed
//! and not executed, and are not kept: what is measured is the index.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use alloy_consensus::{
    Receipt, ReceiptEnvelope, ReceiptWithBloom, SignableTransaction, TxEip1559, TxEnvelope,
};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, Log, Signature, TxKind, U256};
use alloy_sol_types::{SolCall as _, SolEvent as _};
use anyhow::{Context, Result, anyhow};
use qiao_epcis::{Event, Limits};
use qiao_indexer::Index;
use qiao_modules::traceability::{self, ITraceability};
use qiao_types::{
    Block, ExecutedReceipt, FinalizedBlock, Genesis, GenesisOrganisation, Header, Parameters,
    SignedTransaction, StateCommitment,
};
use serde::Serialize;

use crate::trade::{Told, Trade};

/// Events that one transaction captures at most.
const EVENTS_PER_TRANSACTION: usize = 50;

/// Blocks that wait to be indexed, and that go into the index together.
const BLOCKS_AHEAD: usize = 16;

/// 2026-01-01T00:00:00Z, when the first block is recorded.
const FIRST_BLOCK_MS: u64 = 1_767_225_600_000;

/// How often the progress is told.
const TELLING: Duration = Duration::from_secs(10);

/// Who takes part, in the order of their numbers.
const ORGANISATIONS: [&str; 4] = ["Farms", "Processors", "Distribution", "Retail"];

/// What was written.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Filled {
    /// Events.
    pub events: u64,
    /// Lots among their things.
    pub lots: u64,
    /// Blocks.
    pub blocks: u64,
    /// How long it took.
    pub seconds: f64,
    /// Of it, what the index took, in which it read the events and wrote the rows.
    pub index_seconds: f64,
}

/// Writes the trade into the index at a URL. An index that holds a part of the same trade is filled
/// up.
pub fn fill(url: &str, trade: &Trade, say: &dyn Fn(&str)) -> Result<Filled> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let index = runtime.block_on(Index::open(url)).context("the index cannot be used")?;
    runtime.block_on(index.apply_genesis(&genesis()))?;
    let first = runtime.block_on(index.last_block())?.map_or(1, |last| last + 1);
    let (sender, blocks) = sync_channel(BLOCKS_AHEAD);
    let made = *trade;
    let maker = std::thread::spawn(move || {
        let mut parent = B256::ZERO;
        for number in 1..=made.days() {
            // Earlier blocks are made as well where some are there: each names the one before.
            let block = block(number, parent, &made.day(number - 1));
            parent = block.hash;
            if number >= first && sender.send(Arc::new(block)).is_err() {
                return;
            }
        }
    });
    let taken = take(&runtime, &index, &blocks, trade, say);
    drop(blocks);
    maker.join().map_err(|_| anyhow!("the trade cannot be told"))?;
    let filled = taken?;
    runtime.block_on(async {
        index.tell_planner().await?;
        index.close().await;
        Ok::<_, anyhow::Error>(())
    })?;
    Ok(filled)
}

fn take(
    runtime: &tokio::runtime::Runtime,
    index: &Index,
    blocks: &Receiver<Arc<FinalizedBlock>>,
    trade: &Trade,
    say: &dyn Fn(&str),
) -> Result<Filled> {
    let begun = Instant::now();
    let (mut told, mut indexing, mut events) = (Instant::now(), Duration::ZERO, 0);
    while let Ok(first) = blocks.recv() {
        let batch: Vec<_> = std::iter::once(first).chain(blocks.try_iter()).collect();
        let started = Instant::now();
        runtime.block_on(index.apply_all(&batch))?;
        indexing += started.elapsed();
        let logs =
            batch.iter().flat_map(|block| &block.receipts).map(|receipt| receipt.logs().len());
        events += logs.sum::<usize>() as u64;
        if told.elapsed() > TELLING {
            told = Instant::now();
            let rate = events as f64 / begun.elapsed().as_secs_f64();
            say(&format!("{events} of {} events, {rate:.0}/s", trade.events()));
        }
    }
    Ok(Filled {
        events: trade.events(),
        lots: trade.runs() * crate::trade::LOTS_PER_RUN,
        blocks: trade.days(),
        seconds: begun.elapsed().as_secs_f64(),
        index_seconds: indexing.as_secs_f64(),
    })
}

/// The network that the index belongs to: nobody runs it.
fn genesis() -> Genesis {
    let organisation = |(id, name): (u64, &&str)| GenesisOrganisation {
        id,
        name: (*name).to_owned(),
        gln: None,
        accounts: Vec::new(),
    };
    Genesis {
        chain_id: 1,
        name: "made-up trade".into(),
        timestamp_ms: FIRST_BLOCK_MS,
        parameters: Parameters::default(),
        organisations: (1..).zip(&ORGANISATIONS).map(organisation).collect(),
        validators: Vec::new(),
        accounts: Default::default(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

fn block(number: u64, parent: B256, told: &[Told]) -> FinalizedBlock {
    let same_party = told.chunk_by(|a, b| a.party == b.party);
    let chunks = same_party.flat_map(|told| told.chunks(EVENTS_PER_TRANSACTION));
    let captures = chunks.zip(0..).map(|(told, nth)| capture(number << 16 | nth, told));
    let (transactions, receipts) = captures.unzip();
    let timestamp_ms = FIRST_BLOCK_MS + number * 6_000_000;
    let header = Header {
        number,
        parent_hash: parent,
        timestamp: timestamp_ms / 1_000,
        ..Default::default()
    };
    let block = Block { header, transactions };
    FinalizedBlock { hash: block.hash(), block, receipts, timestamp_ms, proposer: B256::ZERO }
}

/// A capture transaction with the receipt that the module would leave.
fn capture(nonce: u64, told: &[Told]) -> (Arc<SignedTransaction>, ExecutedReceipt) {
    let party = told[0].party;
    let capturer = Address::repeat_byte(party as u8);
    let log = |(told, position): (&Told, u32)| {
        let event = Event::parse(told.body.as_bytes(), &Limits::EVENT);
        let event = event.expect("the trade tells valid events");
        let captured = ITraceability::Captured {
            eventHash: event.hash().0.into(),
            party,
            capturer,
            position,
            identifiers: Vec::new(),
        };
        Log { address: traceability::ADDRESS, data: captured.encode_log_data() }
    };
    let logs = told.iter().zip(0..).map(log).collect();
    let events = told.iter().map(|told| Bytes::copy_from_slice(told.body.as_bytes())).collect();
    let transaction = TxEip1559 {
        nonce,
        gas_limit: 10_000_000,
        to: TxKind::Call(traceability::ADDRESS),
        input: ITraceability::captureCall { party, events }.abi_encode().into(),
        ..Default::default()
    };
    let signature = Signature::new(U256::from(1), U256::from(1), false);
    let envelope = TxEnvelope::from(transaction.into_signed(signature));
    let signed = SignedTransaction::decode_with_sender(envelope.encoded_2718().into(), capturer);
    let receipt = Receipt { status: true.into(), cumulative_gas_used: 0, logs };
    let receipt = ExecutedReceipt {
        envelope: ReceiptEnvelope::Eip1559(ReceiptWithBloom::from(receipt)),
        gas_used: 0,
        contract_address: None,
        output: Bytes::new(),
    };
    (Arc::new(signed.expect("what was encoded is decoded")), receipt)
}
