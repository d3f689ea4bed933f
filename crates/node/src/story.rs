//! Capturing the sample trade: each party signs its own events.

pub mod credit;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_primitives::TxKind;
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall as _;
use qiao_api::{
    Chain,
    goods::{CabinetError, Drawer},
};
use qiao_epcis::{Limits, parse};
use qiao_goods::{Place, Product};
use qiao_modules::{
    lots::{self, ILots},
    members::{self, IMembers},
    traceability::{self, ITraceability, event_gas},
};
use qiao_types::{Address, B256, SignedTransaction};

use crate::status::now_ms;

/// The sample trade could not be captured.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct StoryError(String);

/// The sample trade is on the chain.
#[derive(Debug, Clone)]
pub struct StoryReport {
    /// Events that are on the chain.
    pub events: usize,
    /// Parties that captured them.
    pub parties: usize,
    /// The transactions that carried them.
    pub transactions: usize,
    /// The block that holds the last of them.
    pub block: u64,
    /// Milliseconds from the first to the last.
    pub elapsed_ms: u64,
    /// The lot to trace.
    pub suspect_lot: String,
    /// A pack that a shopper bought.
    pub shopper_pack: String,
    /// Whether this run captured it, or an earlier one did.
    pub is_new: bool,
}

/// Gas beyond what the events take: the transaction itself, and what a record costs.
const TRANSACTION_GAS: u64 = 200_000;
const RECORD_GAS: u64 = 120_000;
/// Gas of a call that registers a prefix.
const PREFIX_GAS: u64 = 500_000;
/// EIP-7623: a byte of calldata costs at most this.
const CALLDATA_GAS: u64 = 40;

/// Captures the sample trade, unless it is on the chain already.
pub async fn capture(
    chain: Arc<dyn Chain>,
    accounts: &[PrivateKeySigner],
) -> Result<StoryReport, StoryError> {
    let began = now_ms();
    let now = i64::try_from(began).unwrap_or(i64::MAX);
    let trade = qiao_sample::trade(qiao_sample::start_before(now));
    let mut report = StoryReport {
        events: trade.documents.iter().map(|step| step.events).sum(),
        parties: trade.parties.len(),
        transactions: trade.documents.len(),
        block: chain.head().number,
        elapsed_ms: 0,
        suspect_lot: trade.suspect_lot.clone(),
        shopper_pack: trade.shopper_pack.clone(),
        is_new: false,
    };
    describe(chain.as_ref())?;
    let first = trade.documents.first().map_or(0, |step| step.party_index);
    let address = accounts[first].address();
    if chain.next_nonce(address).await.map_err(|error| StoryError(error.to_string()))? > 0 {
        return Ok(report);
    }
    let mut nonces: BTreeMap<Address, u64> = BTreeMap::new();
    let mut last = Vec::new();
    for step in &trade.documents {
        let account = &accounts[step.party_index];
        let nonce = nonces.entry(account.address()).or_default();
        let party = step.party_index as u64 + 1;
        let transaction = sign(&chain, account, *nonce, party, &step.document_json)?;
        *nonce += 1;
        last.push(transaction.hash());
        chain.submit(transaction).await.map_err(|error| StoryError(error.to_string()))?;
    }
    last.extend(register(&chain, accounts, &mut nonces).await?);
    for hash in last {
        report.block = report.block.max(wait(chain.as_ref(), hash).await?);
    }
    report.is_new = true;
    report.elapsed_ms = now_ms().saturating_sub(began);
    Ok(report)
}

/// The regulator says on the chain to whom the company prefixes belong, so that owners can recall.
async fn register(
    chain: &Arc<dyn Chain>,
    accounts: &[PrivateKeySigner],
    nonces: &mut BTreeMap<Address, u64>,
) -> Result<Vec<B256>, StoryError> {
    let parties = qiao_sample::parties();
    let supervises = |party: &qiao_sample::Party| party.kind == qiao_sample::PartyKind::Regulator;
    let Some(regulator) = parties.iter().position(supervises) else { return Ok(Vec::new()) };
    let account = &accounts[regulator];
    let mut sent = Vec::new();
    for (party, organisation) in parties.iter().zip(1..) {
        let prefix = party.company_prefix.to_string();
        let call = ILots::registerPrefixCall { prefix, organisation }.abi_encode();
        let nonce = nonces.entry(account.address()).or_default();
        let transaction = signed(chain, account, *nonce, lots::ADDRESS, call, PREFIX_GAS)?;
        *nonce += 1;
        sent.push(transaction.hash());
        chain.submit(transaction).await.map_err(|error| StoryError(error.to_string()))?;
    }
    Ok(sent)
}

/// Announces the keys for which fields of events are sealed, as each member's admin would.
pub async fn announce(
    chain: Arc<dyn Chain>,
    keys: &[(PrivateKeySigner, B256)],
) -> Result<(), StoryError> {
    for (account, key) in keys {
        let nonce = chain.next_nonce(account.address()).await;
        let nonce = nonce.map_err(|error| StoryError(error.to_string()))?;
        let input = IMembers::announceSealingKeyCall { key: *key }.abi_encode();
        let transaction = signed(&chain, account, nonce, members::ADDRESS, input, TRANSACTION_GAS)?;
        chain.submit(transaction).await.map_err(|error| StoryError(error.to_string()))?;
    }
    Ok(())
}

/// Tells the node what its member calls the products and places of the story, as the systems of a member
/// would; what somebody said before stays.
fn describe(chain: &dyn Chain) -> Result<(), StoryError> {
    let Some(cabinet) = chain.cabinet() else { return Ok(()) };
    let failed = |error: CabinetError| StoryError(error.to_string());
    for card in qiao_sample::cards() {
        if cabinet.get::<Product>(Drawer::Products, &card.gtin).is_none() {
            let product = Product {
                name: card.name.to_owned(),
                category: Some(card.category.to_owned()),
                min_milli_celsius: None,
                max_milli_celsius: card.max_milli_celsius,
                is_listed: card.is_listed,
            };
            cabinet.put(Drawer::Products, &card.gtin, &product).map_err(failed)?;
        }
    }
    for party in qiao_sample::parties() {
        for (nth, place) in party.places.iter().enumerate() {
            let id = party.place_id(nth);
            let gln = id.rsplit('/').next().unwrap_or_default();
            if cabinet.get::<Place>(Drawer::Places, gln).is_none() {
                let address = Some(place.town.to_owned());
                let place = Place { name: place.name.to_owned(), address, phone: None };
                cabinet.put(Drawer::Places, gln, &place).map_err(failed)?;
            }
        }
    }
    Ok(())
}

fn sign(
    chain: &Arc<dyn Chain>,
    account: &PrivateKeySigner,
    nonce: u64,
    party: u64,
    document: &str,
) -> Result<Arc<SignedTransaction>, StoryError> {
    let document = parse(document.as_bytes(), &Limits::default())
        .map_err(|problems| StoryError(format!("sample document is invalid: {problems:?}")))?;
    let events: Vec<_> =
        document.events.iter().map(|event| event.to_json().into_bytes().into()).collect();
    let gas: u64 = events.iter().map(|event: &qiao_types::Bytes| event_gas(event)).sum();
    let records = events.len() as u64 * RECORD_GAS;
    let input = ITraceability::captureCall { party, events }.abi_encode();
    signed(chain, account, nonce, traceability::ADDRESS, input, TRANSACTION_GAS + gas + records)
}

/// A call of a module, signed. `gas` is what it takes beyond its calldata.
fn signed(
    chain: &Arc<dyn Chain>,
    account: &PrivateKeySigner,
    nonce: u64,
    module: Address,
    input: Vec<u8>,
    gas: u64,
) -> Result<Arc<SignedTransaction>, StoryError> {
    let transaction = TxEip1559 {
        chain_id: chain.genesis().chain_id,
        nonce,
        gas_limit: gas + CALLDATA_GAS * input.len() as u64,
        to: TxKind::Call(module),
        input: input.into(),
        ..TxEip1559::default()
    };
    let signature = account
        .sign_hash_sync(&transaction.signature_hash())
        .map_err(|error| StoryError(error.to_string()))?;
    let envelope = TxEnvelope::Eip1559(transaction.into_signed(signature));
    let signed = SignedTransaction::from_envelope(envelope);
    signed.map(Arc::new).map_err(|error| StoryError(error.to_string()))
}

/// Waits until a transaction is final and indexed; gives the block that holds it.
async fn wait(chain: &dyn Chain, hash: B256) -> Result<u64, StoryError> {
    let mut heads = chain.heads();
    for _ in 0..WAIT_ATTEMPTS {
        let found = chain.transaction(hash).await.map_err(|error| StoryError(error.to_string()))?;
        if let Some((block, position)) = found {
            let receipt = &block.receipts[position];
            if receipt.succeeded() {
                return Ok(block.block.number());
            }
            return Err(StoryError(format!("transaction {hash} reverted: {}", receipt.output)));
        }
        let _ = tokio::time::timeout(WAIT_STEP, heads.changed()).await;
    }
    Err(StoryError(format!("transaction {hash} did not become final")))
}

const WAIT_ATTEMPTS: usize = 120;
const WAIT_STEP: Duration = Duration::from_millis(500);
