//! What must be on the chain before the load starts: the contract, and what the senders spend.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall as _;
use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::rpc::{Rpc, Sent};
use crate::workload::{Call, Fees, Scene, Sender, Signed, cost, creation_code, sign, transferCall};
use crate::{Accounts, Options};

/// How long a transaction may take before the preparation gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tokens of each sender.
const TOKENS: u64 = 1_000_000_000;

/// Gas of a transaction that undoes what an earlier run left.
const SETTLE_GAS: u64 = 200_000;

/// Transactions that wait at one time.
const CHUNK: usize = 100;

/// The stage and who acts on it.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The stage.
    pub scene: Scene,
    /// The senders.
    pub senders: Vec<Sender>,
}

/// A network of our own: the genesis holds the contract and the senders.
pub fn own(
    options: &Options,
    url: &str,
    accounts: &Accounts,
    token: Address,
    party: u64,
) -> Result<Prepared> {
    let rpc = Rpc::new(url);
    let mut scene = scene(options, &rpc, Fees::Dynamic(0))?;
    (scene.token, scene.party) = (token, party);
    finish(options, &rpc, scene, accounts)
}

/// A network that somebody else runs: the first key deploys the contract and pays for the senders.
pub fn foreign(
    options: &Options,
    url: &str,
    keys: &[B256],
    say: &dyn Fn(&str),
) -> Result<Prepared> {
    let rpc = Rpc::new(url);
    let (price, has_base_fee) = rpc.gas_price()?;
    // Twice the price: the base fee may rise while the run lasts.
    let fees = if has_base_fee { Fees::Dynamic(price * 2) } else { Fees::Legacy(price) };
    let mut scene = scene(options, &rpc, fees)?;
    let given = Accounts::of(keys).context("the file holds something that is no private key")?;
    let mut payer = Payer::new(&rpc, &given.signers()[0])?;
    let is_funding = keys.len() == 1 && options.senders > 1;
    let senders =
        if is_funding { Accounts::new(options.seed, options.senders) } else { given.clone() };
    if options.workload.actions().iter().any(|action| action.name() == "erc20") {
        say("deploying the ERC-20 contract and handing out tokens");
        scene.token = payer.deploy(&scene)?;
        payer.hand_out(&scene, &senders)?;
    }
    if is_funding {
        say("paying for the senders");
        payer.fund(&scene, &senders, options.transactions.div_ceil(options.senders) as u64)?;
    }
    finish(options, &rpc, scene, &senders)
}

fn scene(options: &Options, rpc: &Rpc, fees: Fees) -> Result<Scene> {
    Ok(Scene {
        chain_id: rpc.chain_id()?,
        token: Address::ZERO,
        party: 0,
        events: options.events_per_transaction,
        accounts: options.accounts,
        hot: options.hot,
        seed: options.seed,
        now_unix: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        fees,
        gas: Default::default(),
    })
}

/// Looks up nonces, and measures the gas of each kind of call.
fn finish(options: &Options, rpc: &Rpc, mut scene: Scene, accounts: &Accounts) -> Result<Prepared> {
    let mut senders = Vec::new();
    for (number, signer) in (0..).zip(accounts.signers()) {
        let first_nonce = rpc.next_nonce(signer.address())?;
        senders.push(Sender { number, key: signer.to_bytes(), first_nonce });
    }
    set_the_stage(options, rpc, &scene, accounts, &mut senders[0])?;
    settle(options, rpc, &scene, accounts, &mut senders)?;
    for action in options.workload.actions() {
        // The first turn of the first sender in which it makes this call.
        let turns = (0..).map(|index| options.workload.turn(0, senders[0].first_nonce, index));
        let turn = turns.into_iter().find(|(found, _)| found.name() == action.name());
        let (_, turn) = turn.expect("the action is one of the round");
        let call = action.call(&scene, &turn);
        let gas = match call.input.is_empty() {
            true => 21_000,
            // A first write to a slot costs more than a later one; others may come first.
            false => {
                let from = accounts.addresses()[0];
                let gas = rpc.estimate_gas(from, call.to, &call.input)?;
                gas + gas / 4 + 30_000
            }
        };
        scene.gas.insert(action.name().to_string(), gas);
    }
    Ok(Prepared { scene, senders })
}

/// What the kinds of call need before the first of them, by the first sender.
fn set_the_stage(
    options: &Options,
    rpc: &Rpc,
    scene: &Scene,
    accounts: &Accounts,
    first: &mut Sender,
) -> Result<()> {
    let signer = &accounts.signers()[0];
    for action in options.workload.actions() {
        for call in action.prepare(scene) {
            let to = TxKind::Call(call.to);
            let signed = sign(signer, scene, first.first_nonce, to, call, SETTLE_GAS);
            first.first_nonce += 1;
            for transaction in submit(rpc, &[signed])? {
                let name = action.name();
                await_receipt(rpc, transaction)
                    .with_context(|| format!("the stage for `{name}` cannot be set"))?;
            }
        }
    }
    Ok(())
}

/// Undoes what an earlier run left half done; a sender without a nonce was in none.
fn settle(
    options: &Options,
    rpc: &Rpc,
    scene: &Scene,
    accounts: &Accounts,
    senders: &mut [Sender],
) -> Result<()> {
    let mut signed = Vec::new();
    for (sender, signer) in senders.iter_mut().zip(accounts.signers()) {
        if sender.first_nonce == 0 {
            continue;
        }
        for action in options.workload.actions() {
            for call in action.settle(scene, sender.number) {
                let to = TxKind::Call(call.to);
                signed.push(sign(signer, scene, sender.first_nonce, to, call, SETTLE_GAS));
                sender.first_nonce += 1;
            }
        }
    }
    for chunk in signed.chunks(CHUNK) {
        for transaction in submit(rpc, chunk)? {
            await_receipt(rpc, transaction)?;
        }
    }
    Ok(())
}

/// The account that deploys and pays.
struct Payer<'a> {
    rpc: &'a Rpc,
    signer: &'a PrivateKeySigner,
    nonce: u64,
}

impl<'a> Payer<'a> {
    fn new(rpc: &'a Rpc, signer: &'a PrivateKeySigner) -> Result<Self> {
        Ok(Self { rpc, signer, nonce: rpc.next_nonce(signer.address())? })
    }

    /// Deploys the contract.
    fn deploy(&mut self, scene: &Scene) -> Result<Address> {
        let contract = self.signer.address().create(self.nonce);
        let call = Call { to: Address::ZERO, value: U256::ZERO, input: creation_code() };
        let creation = self.sign(scene, TxKind::Create, call, 3_000_000);
        send(self.rpc, &[creation])?;
        Ok(contract)
    }

    /// Gives every sender its tokens.
    fn hand_out(&mut self, scene: &Scene, senders: &Accounts) -> Result<()> {
        let own = self.signer.address();
        let others = senders.addresses().into_iter().filter(|address| *address != own);
        let grant = |to| {
            let input = transferCall { to, value: U256::from(TOKENS) }.abi_encode().into();
            Call { to: scene.token, value: U256::ZERO, input }
        };
        self.send_all(scene, others.map(grant).collect(), 100_000)
    }

    /// Gives every sender what its transactions cost at most.
    fn fund(&mut self, scene: &Scene, senders: &Accounts, transactions: u64) -> Result<()> {
        let value = (cost(scene, 200_000) + U256::ONE) * U256::from(transactions + 1);
        let fund = |to| Call { to, value, input: Bytes::new() };
        self.send_all(scene, senders.addresses().into_iter().map(fund).collect(), 21_000)
    }

    fn send_all(&mut self, scene: &Scene, calls: Vec<Call>, gas: u64) -> Result<()> {
        for chunk in calls.chunks(CHUNK) {
            let signed: Vec<_> = chunk
                .iter()
                .map(|call| self.sign(scene, TxKind::Call(call.to), call.clone(), gas))
                .collect();
            send(self.rpc, &signed)?;
        }
        Ok(())
    }

    fn sign(&mut self, scene: &Scene, to: TxKind, call: Call, gas: u64) -> Signed {
        let signed = sign(self.signer, scene, self.nonce, to, call, gas);
        self.nonce += 1;
        signed
    }
}

/// Sends and waits until all are final and none failed.
fn send(rpc: &Rpc, transactions: &[Signed]) -> Result<()> {
    for hash in submit(rpc, transactions)? {
        let receipt = await_receipt(rpc, hash)?;
        if receipt.get("status").and_then(Value::as_str) != Some("0x1") {
            bail!("a transaction of the preparation failed: {receipt}");
        }
    }
    Ok(())
}

fn submit(rpc: &Rpc, transactions: &[Signed]) -> Result<Vec<B256>> {
    let bytes: Vec<&Bytes> = transactions.iter().map(|transaction| &transaction.bytes).collect();
    for sent in rpc.send(&bytes)? {
        if let Sent::Refused(reason) = sent {
            bail!("the node refused a transaction of the preparation: {reason}");
        }
    }
    Ok(transactions.iter().map(|transaction| transaction.hash).collect())
}

fn await_receipt(rpc: &Rpc, hash: B256) -> Result<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(receipt) = rpc.receipt(hash)? {
            return Ok(receipt);
        }
        if Instant::now() > deadline {
            bail!("transaction {hash} is not final after {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
