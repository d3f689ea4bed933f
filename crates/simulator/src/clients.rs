//! The clients of a simulated network: what they send, and what was promised to them.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_primitives::{TxKind, U256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall as _;
use qiao_modules::traceability::{self, ITraceability};
use qiao_types::{Address, B256, Bytes, SignedTransaction};

use crate::trade::Book;

/// Accounts that only receive.
const STRANGERS: u8 = 4;
/// Money of each client at the beginning.
pub const MONEY: U256 = U256::from_limbs([1_000_000_000, 0, 0, 0]);

/// The accounts of all members, and what they have sent.
pub struct Clients {
    chain_id: u64,
    accounts: Vec<Account>,
    sent: u64,
    /// Whether they make deals only.
    pub are_traders: bool,
}

struct Account {
    signer: PrivateKeySigner,
    nonce: u64,
    /// Sent and not yet known to be final.
    waiting: BTreeMap<u64, Arc<SignedTransaction>>,
}

impl Clients {
    /// One client per member.
    pub fn new(chain_id: u64, signers: Vec<PrivateKeySigner>) -> Self {
        let account = |signer| Account { signer, nonce: 0, waiting: BTreeMap::new() };
        Self {
            chain_id,
            accounts: signers.into_iter().map(account).collect(),
            sent: 0,
            are_traders: false,
        }
    }

    /// How many clients there are.
    pub fn count(&self) -> usize {
        self.accounts.len()
    }

    /// Everybody who ever holds money.
    pub fn holders(&self) -> Vec<Address> {
        let clients = self.accounts.iter().map(|account| account.signer.address());
        clients.chain((0..STRANGERS).map(stranger)).collect()
    }

    /// How many transactions were sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// A client pays somebody, captures an event, or makes a deal; `draws` choose.
    pub fn next(
        &mut self,
        client: usize,
        draws: [u64; 2],
        book: &Book,
        now_ms: u64,
    ) -> Arc<SignedTransaction> {
        let (to, value, input) = if self.are_traders || draws[0] % 4 == 1 {
            let deal = book.next(client, self.sent, [draws[0] / 4, draws[1]], now_ms);
            (deal.to, U256::ZERO, deal.input)
        } else if draws[0].is_multiple_of(4) {
            // Some events are captured twice, also by others.
            let event = event(draws[1] % 500);
            let party = client as u64 + 1;
            let call = ITraceability::captureCall { party, events: vec![event] };
            (traceability::ADDRESS, U256::ZERO, call.abi_encode().into())
        } else {
            let holders = self.holders();
            let to = holders[(draws[1] % holders.len() as u64) as usize];
            (to, U256::from(draws[0] % 1_000), Bytes::new())
        };
        self.sign(client, TxKind::Call(to), value, input)
    }

    /// A client signs its next transaction.
    pub fn sign(
        &mut self,
        client: usize,
        to: TxKind,
        value: U256,
        input: Bytes,
    ) -> Arc<SignedTransaction> {
        self.sent += 1;
        let chain_id = self.chain_id;
        let account = &mut self.accounts[client];
        let nonce = account.nonce;
        account.nonce += 1;
        let gas_limit = 2_000_000;
        let transaction =
            TxEip1559 { chain_id, nonce, gas_limit, to, value, input, ..TxEip1559::default() };
        let hash = transaction.signature_hash();
        let signature = account.signer.sign_hash_sync(&hash).expect("local keys sign");
        let envelope = TxEnvelope::Eip1559(transaction.into_signed(signature));
        let signed = SignedTransaction::from_envelope(envelope).expect("it was signed just above");
        let signed = Arc::new(signed);
        account.waiting.insert(nonce, signed.clone());
        signed
    }

    /// What a client has sent and does not yet know to be final.
    pub fn waiting(&self, client: usize) -> Vec<Arc<SignedTransaction>> {
        self.accounts[client].waiting.values().cloned().collect()
    }

    /// How many transactions of all clients are not yet known to be final.
    pub fn waiting_count(&self) -> usize {
        self.accounts.iter().map(|account| account.waiting.len()).sum()
    }

    /// Forgets the transactions that `is_final`.
    pub fn settle(&mut self, is_final: impl Fn(&B256) -> bool) {
        for account in &mut self.accounts {
            account.waiting.retain(|_, transaction| !is_final(&transaction.hash()));
        }
    }
}

fn stranger(number: u8) -> Address {
    Address::repeat_byte(0xe0 + number)
}

fn event(number: u64) -> Bytes {
    let (minutes, seconds) = (number / 60, number % 60);
    format!(
        "{{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\
         \"type\":\"ObjectEvent\",\"eventTime\":\"2026-01-01T10:{minutes:02}:{seconds:02}.000Z\",\
         \"eventTimeZoneOffset\":\"+00:00\",\
         \"epcList\":[\"urn:epc:id:sgtin:9521141.012345.{number}\"],\"action\":\"OBSERVE\",\
         \"bizStep\":\"shipping\",\"disposition\":\"in_transit\"}}"
    )
    .into_bytes()
    .into()
}
