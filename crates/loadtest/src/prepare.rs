//! What must be on the chain before the load starts: the contract and the senders' tokens.

use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex};
use alloy_sol_types::{SolCall as _, SolValue as _};
use anyhow::{Context, Result, bail};
use qiao_modules::traceability::{self, ITraceability};
use serde_json::Value;

use crate::rpc::{Rpc, Sent};
use crate::workload::{Signed, Workload, WorkloadKind, sign, transferCall};
use crate::{Accounts, Options, Target};

/// The creation code of the ERC-20 contract.
const ERC20: &str = include_str!("../contracts/Erc20.bin");

/// How long a transaction may take before the preparation gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tokens of each sender.
const TOKENS: u64 = 1_000_000_000;

/// The call that captures these events.
pub fn capture_input(party: u64, events: Vec<Bytes>) -> Bytes {
    ITraceability::captureCall { party, events }.abi_encode().into()
}

/// Deploys and distributes what the workload needs, and measures the gas of one transaction.
pub fn prepare(
    options: &Options,
    target: &Target,
    accounts: &Accounts,
    say: &dyn Fn(&str),
) -> Result<Workload> {
    let rpc = Rpc::new(&target.rpc[0]);
    let contract = match options.kind {
        WorkloadKind::Transfer => Address::ZERO,
        WorkloadKind::Erc20 => {
            say("deploying the ERC-20 contract and handing out tokens");
            deploy(&rpc, target.chain_id, accounts)?
        }
        WorkloadKind::Capture => traceability::ADDRESS,
    };
    let nonces = accounts
        .addresses()
        .into_iter()
        .map(|address| rpc.next_nonce(address))
        .collect::<Result<Vec<u64>>>()?;
    let mut workload = Workload {
        kind: options.kind,
        chain_id: target.chain_id,
        contract,
        party: target.party,
        events: options.events_per_transaction,
        gas_limit: 21_000,
        nonces,
        seed: options.seed,
    };
    if options.kind != WorkloadKind::Transfer {
        let (to, _, input) = workload.action(u64::MAX / 1_000_000);
        let gas = rpc.estimate_gas(accounts.deployer().address(), to, &input)?;
        // A first write to a slot costs more than a later one; others may come first.
        workload.gas_limit = gas + gas / 4 + 30_000;
    }
    Ok(workload)
}

/// Deploys the contract and gives every sender its tokens.
fn deploy(rpc: &Rpc, chain_id: u64, accounts: &Accounts) -> Result<Address> {
    let deployer = accounts.deployer();
    let mut code = hex::decode(ERC20.trim()).context("`Erc20.bin` is not hexadecimal")?;
    code.extend(U256::MAX.abi_encode());
    let mut nonce = rpc.next_nonce(deployer.address())?;
    let contract = deployer.address().create(nonce);
    let creation =
        sign(deployer, chain_id, nonce, TxKind::Create, U256::ZERO, code.into(), 3_000_000);
    send(rpc, &[creation])?;
    let mut grants = Vec::new();
    for address in accounts.addresses().into_iter().skip(1) {
        nonce += 1;
        let input = transferCall { to: address, value: U256::from(TOKENS) }.abi_encode().into();
        let to = TxKind::Call(contract);
        grants.push(sign(deployer, chain_id, nonce, to, U256::ZERO, input, 100_000));
    }
    for chunk in grants.chunks(100) {
        send(rpc, chunk)?;
    }
    Ok(contract)
}

/// Sends and waits until all are final and none failed.
fn send(rpc: &Rpc, transactions: &[Signed]) -> Result<()> {
    let bytes: Vec<&Bytes> = transactions.iter().map(|transaction| &transaction.bytes).collect();
    for sent in rpc.send(&bytes)? {
        if let Sent::Refused(reason) = sent {
            bail!("the node refused a transaction of the preparation: {reason}");
        }
    }
    for transaction in transactions {
        await_success(rpc, transaction.hash)?;
    }
    Ok(())
}

fn await_success(rpc: &Rpc, hash: B256) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(receipt) = rpc.receipt(hash)? {
            match receipt.get("status").and_then(Value::as_str) {
                Some("0x1") => return Ok(()),
                _ => bail!("a transaction of the preparation failed: {receipt}"),
            }
        }
        if Instant::now() > deadline {
            bail!("transaction {hash} is not final after {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
