//! Makes finalized blocks for tests: really signed transactions, logs as given, linked hashes.

mod draft;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use alloy_consensus::{Receipt, ReceiptEnvelope, ReceiptWithBloom, SignableTransaction, TxEip1559};
use alloy_primitives::{Address, B256, Bytes, Log, TxKind};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall as _, SolEvent as _};
use qiao_epcis::{Event, Limits};
use qiao_modules::traceability::{self, ITraceability};
use qiao_types::{Block, ExecutedReceipt, FinalizedBlock, Header, SignedTransaction};

use crate::Index;

pub(crate) use draft::*;

/// The time of block 0.
pub(crate) const GENESIS_MS: u64 = 1_700_000_000_000;

/// The variable with the URL of a PostgreSQL database in which the tests may make schemas: then the
/// same tests run there. `cargo xtask test` starts one.
pub(crate) const POSTGRES: &str = "QIAO_TEST_POSTGRES";

/// The URL of a place for an index that nobody uses: in memory, or a new schema.
pub(crate) fn empty_place() -> String {
    static NTH: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var(POSTGRES) else { return "sqlite::memory:".to_owned() };
    let sign = if server.contains('?') { '&' } else { '?' };
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    format!("{server}{sign}schema=t{}_{}_{nth}", since.as_micros(), std::process::id())
}

/// An empty index.
pub(crate) async fn empty_index() -> Index {
    Index::open(&empty_place()).await.expect("an empty index opens")
}

/// Grows a chain block by block.
pub(crate) struct ChainBuilder {
    number: u64,
    parent: B256,
    nonce: u64,
    signer: PrivateKeySigner,
    recorded: BTreeSet<B256>,
    pending: Vec<(Arc<SignedTransaction>, ExecutedReceipt)>,
}

impl ChainBuilder {
    /// A chain whose first block is block 1.
    pub(crate) fn new() -> Self {
        let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).expect("a valid key");
        Self {
            number: 0,
            parent: B256::ZERO,
            nonce: 0,
            signer,
            recorded: BTreeSet::new(),
            pending: Vec::new(),
        }
    }

    /// The account that signs everything.
    pub(crate) fn sender(&self) -> Address {
        self.signer.address()
    }

    /// Puts a transaction into the next block.
    pub(crate) fn transaction(
        &mut self,
        to: TxKind,
        input: impl Into<Bytes>,
        succeeded: bool,
        logs: Vec<Log>,
    ) -> B256 {
        let transaction = TxEip1559 {
            chain_id: 1,
            nonce: self.nonce,
            gas_limit: 1_000_000,
            to,
            input: input.into(),
            ..Default::default()
        };
        self.nonce += 1;
        let signature =
            self.signer.sign_hash_sync(&transaction.signature_hash()).expect("signing works");
        let signed = SignedTransaction::from_envelope(transaction.into_signed(signature).into())
            .expect("a signed transaction");
        let hash = signed.hash();
        let receipt = Receipt { status: succeeded.into(), cumulative_gas_used: 21_000, logs };
        let receipt = ExecutedReceipt {
            envelope: ReceiptEnvelope::Eip1559(ReceiptWithBloom::from(receipt)),
            gas_used: 21_000,
            contract_address: to.is_create().then(|| Address::repeat_byte(0xcc)),
            output: Bytes::new(),
        };
        self.pending.push((Arc::new(signed), receipt));
        hash
    }

    /// Captures events for a party as the `traceability` module does: an event that was recorded
    /// before leaves no log.
    pub(crate) fn capture(&mut self, party: u64, events: &[Draft]) -> Vec<String> {
        let bodies: Vec<String> = events.iter().map(Draft::json).collect();
        self.capture_bodies(party, &bodies)
    }

    /// Captures events as they are written, and gives their hashes.
    pub(crate) fn capture_bodies(&mut self, party: u64, bodies: &[String]) -> Vec<String> {
        let mut logs = Vec::new();
        let mut hashes = Vec::new();
        for (body, position) in bodies.iter().zip(0..) {
            let event = Event::parse(body.as_bytes(), &Limits::EVENT)
                .unwrap_or_else(|problems| panic!("{problems:?} in {body}"));
            let hash = B256::from(event.hash().0);
            hashes.push(event.hash().to_string());
            if self.recorded.insert(hash) {
                let captured = ITraceability::Captured {
                    eventHash: hash,
                    party,
                    capturer: self.sender(),
                    position,
                    identifiers: Vec::new(),
                };
                logs.push(Log { address: traceability::ADDRESS, data: captured.encode_log_data() });
            }
        }
        let call = ITraceability::captureCall {
            party,
            events: bodies.iter().map(|body| Bytes::copy_from_slice(body.as_bytes())).collect(),
        };
        self.transaction(TxKind::Call(traceability::ADDRESS), call.abi_encode(), true, logs);
        hashes
    }

    /// Closes the next block.
    pub(crate) fn block(&mut self) -> Arc<FinalizedBlock> {
        self.number += 1;
        let (transactions, receipts): (Vec<_>, Vec<_>) = self.pending.drain(..).unzip();
        let timestamp_ms = GENESIS_MS + self.number * 1_000;
        let header = Header {
            number: self.number,
            parent_hash: self.parent,
            timestamp: timestamp_ms / 1_000,
            gas_used: 21_000 * transactions.len() as u64,
            ..Default::default()
        };
        let block = Block { header, transactions };
        self.parent = block.hash();
        Arc::new(FinalizedBlock {
            hash: self.parent,
            block,
            receipts,
            timestamp_ms,
            proposer: B256::repeat_byte(1),
        })
    }
}

/// A log without data.
pub(crate) fn log(address: Address, topics: &[B256]) -> Log {
    Log::new_unchecked(address, topics.to_vec(), Bytes::new())
}
