//! What the transactions do, and how they are signed.

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_eips::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall as _, sol};

use crate::{Accounts, Options};

sol! {
    /// Moves tokens.
    function transfer(address to, uint256 value) external returns (bool);
}

/// Recipients among which transfers go round.
const RECIPIENTS: u64 = 10_000;

/// What the transactions of a run do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkloadKind {
    /// Moves one wei.
    Transfer,
    /// Moves one token of an ERC-20 contract.
    Erc20,
    /// Captures EPCIS events.
    Capture,
}

impl WorkloadKind {
    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Erc20 => "erc20",
            Self::Capture => "capture",
        }
    }
}

/// A signed transaction, ready to be sent.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Its hash.
    pub hash: B256,
    /// Its EIP-2718 bytes.
    pub bytes: Bytes,
}

/// What has to be known to make the transactions of a run.
#[derive(Debug, Clone)]
pub struct Workload {
    /// What they do.
    pub kind: WorkloadKind,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The contract or module that is called.
    pub contract: Address,
    /// The organisation for which events are captured.
    pub party: u64,
    /// Events per transaction.
    pub events: usize,
    /// Gas that a transaction may use.
    pub gas_limit: u64,
    /// The first nonce of each sender.
    pub nonces: Vec<u64>,
    /// Everything random follows from it.
    pub seed: u64,
}

impl Workload {
    /// Signs the transactions of every sender, on all cores, and deals the senders out to the
    /// validators: one queue per validator, senders taking turns.
    pub fn sign(
        &self,
        accounts: &Accounts,
        options: &Options,
        validators: usize,
    ) -> Vec<Vec<Signed>> {
        let signers = accounts.signers();
        let per_sender = options.transactions_max.div_ceil(signers.len());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut by_sender: Vec<Vec<Signed>> = Vec::with_capacity(signers.len());
        let senders: Vec<usize> = (0..signers.len()).collect();
        for chunk in senders.chunks(cores) {
            let signed = std::thread::scope(|scope| {
                let threads: Vec<_> = chunk
                    .iter()
                    .map(|sender| {
                        let sender = *sender;
                        scope.spawn(move || self.sign_sender(&signers[sender], sender, per_sender))
                    })
                    .collect();
                let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<Signed>>| {
                    thread.join().expect("signing does not panic")
                };
                threads.into_iter().map(join).collect::<Vec<_>>()
            });
            by_sender.extend(signed);
        }
        let mut queues = vec![Vec::new(); validators];
        for turn in 0..per_sender {
            for (sender, signed) in by_sender.iter().enumerate() {
                queues[sender % validators].push(signed[turn].clone());
            }
        }
        queues
    }

    fn sign_sender(&self, signer: &PrivateKeySigner, sender: usize, count: usize) -> Vec<Signed> {
        (0..count)
            .map(|index| {
                let number = (sender * count + index) as u64;
                let (to, value, input) = self.action(number);
                let nonce = self.nonces[sender] + index as u64;
                sign(signer, self.chain_id, nonce, TxKind::Call(to), value, input, self.gas_limit)
            })
            .collect()
    }

    /// Recipient, value and input of the transaction with this number.
    pub fn action(&self, number: u64) -> (Address, U256, Bytes) {
        match self.kind {
            WorkloadKind::Transfer => (self.recipient(number), U256::ONE, Bytes::new()),
            WorkloadKind::Erc20 => {
                let call = transferCall { to: self.recipient(number), value: U256::ONE };
                (self.contract, U256::ZERO, call.abi_encode().into())
            }
            WorkloadKind::Capture => {
                let events = self.events as u64;
                let bodies = (0..events)
                    .map(|position| self.event(number * events + position).into_bytes().into())
                    .collect();
                let input = crate::prepare::capture_input(self.party, bodies);
                (self.contract, U256::ZERO, input)
            }
        }
    }

    fn recipient(&self, number: u64) -> Address {
        let hash = keccak256(format!("qiao load recipient {} {}", self.seed, number % RECIPIENTS));
        Address::from_slice(&hash[12..])
    }

    /// A shipping event that differs from every other in its serial numbers.
    pub fn event(&self, number: u64) -> String {
        let (hours, rest) = (number / 3_600 % 24, number % 3_600);
        let (minutes, seconds) = (rest / 60, rest % 60);
        let day = 1 + number / 86_400 % 28;
        let serial = format!("{}{number:09}", self.seed);
        format!(
            "{{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\
             \"type\":\"ObjectEvent\",\"eventTime\":\"2026-01-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.000Z\",\
             \"eventTimeZoneOffset\":\"+00:00\",\"epcList\":[\"urn:epc:id:sgtin:9521141.012345.{serial}\",\
             \"urn:epc:id:sgtin:9521141.012346.{serial}\"],\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\
             \"disposition\":\"in_transit\",\"readPoint\":{{\"id\":\"urn:epc:id:sgln:9521141.12345.400\"}},\
             \"bizTransactionList\":[{{\"type\":\"desadv\",\"bizTransaction\":\"urn:epcglobal:cbv:bt:9521141123450:{serial}\"}}]}}"
        )
    }
}

/// Signs one transaction; gas is metered on this chain, but costs nothing.
pub fn sign(
    signer: &PrivateKeySigner,
    chain_id: u64,
    nonce: u64,
    to: TxKind,
    value: U256,
    input: Bytes,
    gas_limit: u64,
) -> Signed {
    let transaction = TxEip1559 {
        chain_id,
        nonce,
        gas_limit,
        max_fee_per_gas: 0,
        max_priority_fee_per_gas: 0,
        to,
        value,
        access_list: Default::default(),
        input,
    };
    let signature =
        signer.sign_hash_sync(&transaction.signature_hash()).expect("a key in memory signs");
    let envelope = TxEnvelope::from(transaction.into_signed(signature));
    Signed { hash: *envelope.tx_hash(), bytes: envelope.encoded_2718().into() }
}
