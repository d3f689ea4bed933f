//! A simulated consortium, its clients, and the checks that hold at all times.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_primitives::TxKind;
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use qiao_consensus::{
    Head, ValidatorKeys,
    simulated::{Cluster, Conditions, Outcome, simulate},
};
use qiao_node::{InitOptions, build_genesis};
use qiao_types::{Address, B256, Genesis, Parameters, SignedTransaction};
use rand::{SeedableRng as _, rngs::StdRng};

/// Validators of a simulated network.
pub const VALIDATORS: usize = 4;

/// A running network and what was seen of it so far.
pub struct Simulation {
    /// The validators and the wires.
    pub cluster: Cluster,
    chain_id: u64,
    clients: Vec<PrivateKeySigner>,
    nonces: Vec<u64>,
    acknowledged: BTreeMap<u64, Head>,
}

/// Runs `script` on a new network under `seed`.
pub fn run<F, T>(
    seed: u64,
    parameters: Parameters,
    script: impl FnOnce(Simulation) -> F,
) -> Outcome<T>
where
    F: Future<Output = T>,
{
    let mut random = StdRng::seed_from_u64(seed);
    let keys: Vec<_> = (0..VALIDATORS).map(|_| ValidatorKeys::generate(&mut random)).collect();
    let clients: Vec<_> = (1..=VALIDATORS as u8)
        .map(|number| {
            let secret = B256::repeat_byte(number);
            PrivateKeySigner::from_bytes(&secret).expect("small numbers are keys")
        })
        .collect();
    let genesis = genesis(parameters, &keys, &clients);
    let chain_id = genesis.chain_id;
    simulate(seed, Conditions::default(), Arc::new(genesis), keys, |cluster| {
        let nonces = vec![0; VALIDATORS];
        let acknowledged = BTreeMap::new();
        script(Simulation { cluster, chain_id, clients, nonces, acknowledged })
    })
}

fn genesis(
    parameters: Parameters,
    keys: &[ValidatorKeys],
    clients: &[PrivateKeySigner],
) -> Genesis {
    let mut options = InitOptions::plain("unused".into(), VALIDATORS, None);
    options.parameters = parameters;
    options.timestamp_ms = Some(0);
    let secrets: Vec<_> = keys.iter().cloned().zip(clients.iter().cloned()).collect();
    build_genesis(&options, &secrets).expect("the plain options are valid")
}

impl Simulation {
    /// Lets time pass and checks agreement.
    pub async fn pass(&mut self, duration: Duration) {
        let step = Duration::from_millis(250);
        let mut left = duration;
        while !left.is_zero() {
            let now = left.min(step);
            self.cluster.sleep(now).await;
            left -= now;
            self.check_agreement().await;
        }
    }

    /// The client of a validator sends a transaction of no value to itself through it.
    pub async fn send(&mut self, validator: usize) -> B256 {
        let client = &self.clients[validator];
        let nonce = self.nonces[validator];
        self.nonces[validator] += 1;
        let transaction = Arc::new(transfer(client, self.chain_id, nonce, client.address()));
        let engine = self.cluster.engine(validator);
        let answers = engine.admission.admit(std::slice::from_ref(&transaction)).await;
        for answer in answers {
            answer.expect("the client's transactions are valid");
        }
        engine.outbox.announce(transaction.clone()).await;
        transaction.hash()
    }

    /// The newest final height of each validator; `None` while it is down.
    pub fn heights(&self) -> Vec<Option<u64>> {
        self.cluster.heads().into_iter().map(|head| head.map(|head| head.number)).collect()
    }

    /// Waits until every running validator has reached a height.
    pub async fn reach(&mut self, height: u64) {
        while self.heights().into_iter().flatten().any(|reached| reached < height) {
            self.pass(Duration::from_millis(250)).await;
        }
    }

    /// Whether a transaction is in a final block of a validator.
    pub async fn is_final(&self, validator: usize, hash: B256) -> bool {
        let engine = self.cluster.engine(validator);
        let head = engine.heads.borrow().number;
        for number in (1..=head).rev() {
            let block = engine.ledger.by_number(number).await.expect("the archive reads");
            let block = block.expect("blocks up to the head are there");
            if block.block.transactions.iter().any(|transaction| transaction.hash() == hash) {
                return true;
            }
        }
        false
    }

    /// No two validators show different blocks at one height, now or earlier.
    async fn check_agreement(&mut self) {
        for head in self.cluster.heads().into_iter().flatten() {
            let seen = *self.acknowledged.entry(head.number).or_insert(head);
            assert_eq!(seen, head, "two blocks are final at height {}", head.number);
        }
    }

    /// What was announced as final is still there, at every running validator that reached it.
    pub async fn check_nothing_lost(&self) {
        for (index, head) in self.cluster.heads().into_iter().enumerate() {
            let Some(head) = head else { continue };
            for (number, seen) in self.acknowledged.range(1..=head.number) {
                let block = self.cluster.engine(index).ledger.by_number(*number).await;
                let block = block.expect("the archive reads").expect("it is below the head");
                assert_eq!(block.hash, seen.hash, "validator {index} lost block {number}");
            }
        }
    }
}

fn transfer(from: &PrivateKeySigner, chain_id: u64, nonce: u64, to: Address) -> SignedTransaction {
    let transaction = TxEip1559 {
        chain_id,
        nonce,
        gas_limit: 100_000,
        to: TxKind::Call(to),
        ..TxEip1559::default()
    };
    let signature = from.sign_hash_sync(&transaction.signature_hash()).expect("local keys sign");
    let envelope = TxEnvelope::Eip1559(transaction.into_signed(signature));
    SignedTransaction::from_envelope(envelope).expect("it was signed just above")
}
