//! Calls of the module `contracts`.

use std::process::ExitCode;

use alloy_sol_types::SolCall;
use qiao_modules::contracts::{self, IContracts::*};
use qiao_types::{Address, Bytes};
use serde_json::{Value, json};

use crate::client::{Client, NodeArguments};
use crate::failure::Failure;
use crate::output::{Output, number};

/// Say once what a contract is called and whether its code may be exchanged
#[derive(Debug, clap::Args)]
pub struct Declare {
    /// The contract.
    #[arg(value_name = "ADDRESS")]
    contract: Address,
    /// What it is called.
    name: String,
    /// Whether its code may be exchanged; can be given up later, never taken back.
    #[arg(long)]
    upgradeable: bool,
    #[command(flatten)]
    node: NodeArguments,
}

/// Give up upgrades of a contract for ever
#[derive(Debug, clap::Args)]
pub struct RenounceUpgrades {
    /// The contract.
    #[arg(value_name = "ADDRESS")]
    contract: Address,
    #[command(flatten)]
    node: NodeArguments,
}

/// Give an upgradeable contract the code of another one; its storage stays
#[derive(Debug, clap::Args)]
pub struct Upgrade {
    /// The contract.
    #[arg(value_name = "ADDRESS")]
    contract: Address,
    /// A deployed contract, whose code it gets.
    #[arg(value_name = "ADDRESS")]
    implementation: Address,
    #[command(flatten)]
    node: NodeArguments,
}

/// Stop a contract: every call to it is refused
#[derive(Debug, clap::Args)]
pub struct Freeze {
    /// The contract.
    #[arg(value_name = "ADDRESS")]
    contract: Address,
    /// Why.
    reason: String,
    #[command(flatten)]
    node: NodeArguments,
}

/// Lift the freeze that this account's authority imposed
#[derive(Debug, clap::Args)]
pub struct Unfreeze {
    /// The contract.
    #[arg(value_name = "ADDRESS")]
    contract: Address,
    #[command(flatten)]
    node: NodeArguments,
}

/// Propose to freeze or unfreeze a contract with the validators' authority
#[derive(Debug, clap::Args)]
pub struct Propose {
    /// The contract.
    #[arg(value_name = "ADDRESS")]
    contract: Address,
    /// Why.
    reason: String,
    /// Propose to lift the validators' freeze, rather than to impose one.
    #[arg(long)]
    unfreeze: bool,
    /// Hours in which more than half must have approved.
    #[arg(long, value_name = "NUMBER", default_value_t = 72, value_parser = clap::value_parser!(u64).range(1..=720))]
    hours: u64,
    #[command(flatten)]
    node: NodeArguments,
}

/// Approve a proposal
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// Its number.
    proposal: u64,
    #[command(flatten)]
    node: NodeArguments,
}

/// Withdraw the approval of a proposal
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    /// Its number.
    proposal: u64,
    #[command(flatten)]
    node: NodeArguments,
}

/// Declares a contract.
pub fn declare(arguments: &Declare, output: &Output) -> Result<ExitCode, Failure> {
    let call = declareCall {
        target: arguments.contract,
        name: arguments.name.clone(),
        upgradeable: arguments.upgradeable,
    };
    act(&arguments.node, call, "declared", output)
}

/// Gives up upgrades.
pub fn renounce_upgrades(
    arguments: &RenounceUpgrades,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let call = renounceUpgradesCall { target: arguments.contract };
    act(&arguments.node, call, "upgrades are given up", output)
}

/// Exchanges code.
pub fn upgrade(arguments: &Upgrade, output: &Output) -> Result<ExitCode, Failure> {
    let (target, implementation) = (arguments.contract, arguments.implementation);
    act(&arguments.node, upgradeCall { target, implementation }, "upgraded", output)
}

/// Stops a contract.
pub fn freeze(arguments: &Freeze, output: &Output) -> Result<ExitCode, Failure> {
    let call = freezeCall { target: arguments.contract, reason: arguments.reason.clone() };
    act(&arguments.node, call, "frozen", output)
}

/// Lifts a freeze.
pub fn unfreeze(arguments: &Unfreeze, output: &Output) -> Result<ExitCode, Failure> {
    let call = unfreezeCall { target: arguments.contract };
    act(&arguments.node, call, "the freeze is lifted", output)
}

/// Makes a proposal.
pub fn propose(arguments: &Propose, output: &Output) -> Result<ExitCode, Failure> {
    let call = proposeCall {
        target: arguments.contract,
        freezes: !arguments.unfreeze,
        reason: arguments.reason.clone(),
        voteSeconds: arguments.hours * 60 * 60,
    };
    act(&arguments.node, call, "proposed", output)
}

/// Approves a proposal.
pub fn approve(arguments: &Approve, output: &Output) -> Result<ExitCode, Failure> {
    act(&arguments.node, approveCall { proposal: arguments.proposal }, "approved", output)
}

/// Withdraws an approval.
pub fn withdraw(arguments: &Withdraw, output: &Output) -> Result<ExitCode, Failure> {
    act(&arguments.node, withdrawCall { proposal: arguments.proposal }, "withdrawn", output)
}

fn act(
    node: &NodeArguments,
    call: impl SolCall,
    done: &str,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let client = node.client()?;
    let sent = send(&client, Some(contracts::ADDRESS), call.abi_encode().into())?;
    if output.json {
        output.document(&sent);
    } else {
        output.line(&format!("{done}, {}", place(&sent)));
        output.next("`qiao contract show ADDRESS` tells how a contract stands");
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets the node sign and send a transaction; one that fails becomes a failure.
pub fn send(client: &Client, to: Option<Address>, data: Bytes) -> Result<Value, Failure> {
    let wanted = json!({ "to": to, "data": data });
    let body = wanted.to_string();
    let sent = client.post("/transactions", &[], body.as_bytes())?.body;
    if sent.get("succeeded").and_then(Value::as_bool) == Some(false) {
        let reason = sent.get("reason").and_then(Value::as_str).unwrap_or("without a reason");
        let message = format!("the transaction failed: {reason}");
        return Err(Failure { detail: Some(sent.clone()), ..Failure::refused(message) });
    }
    if sent.get("block").is_none() {
        let message = "the transaction is in the pool, but not final after 20 s";
        let failure = Failure::environment(message).with_hint("`qiao doctor` says why");
        return Err(Failure { detail: Some(sent), ..failure });
    }
    Ok(sent)
}

/// Where a transaction is: its block and hash.
pub fn place(sent: &Value) -> String {
    let block = sent.get("block").and_then(Value::as_u64).unwrap_or_default();
    let hash = sent.get("transaction").and_then(Value::as_str).unwrap_or_default();
    format!("final in block {} ({hash})", number(block))
}
