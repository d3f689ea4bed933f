//! `qiao verify`: proof files against a genesis file, offline.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alloy_consensus::Transaction as _;
use alloy_sol_types::{SolCall as _, SolEvent as _};
use qiao_epcis::{Event, EventHash, Limits};
use qiao_modules::MODULES;
use qiao_modules::traceability::{self, ITraceability};
use qiao_proof::{Fact, Finding, Verifier};
use qiao_sharing::{Disclosure, DisclosureError};
use qiao_types::{Genesis, Log, SignedTransaction};
use serde_json::{Value, json};

use crate::commands::event_hash::read;
use crate::failure::Failure;
use crate::output::Output;

/// Check proof files offline
///
/// Nothing is asked of anybody: the votes in the file are checked against the validators of the
/// genesis file, and the claim against the header that they voted for. Get the genesis file from
/// somebody whom you trust; its fingerprint is printed.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao verify shipment.proof --genesis genesis.json\n  qiao --json verify one.proof two.proof --genesis net/member-1/genesis.json\n  qiao verify delivery.proof --disclosure price.json"
)]
pub struct Arguments {
    /// Proof files, or JSON-RPC answers that hold one; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The network's genesis file.
    #[arg(long, value_name = "FILE", default_value = "genesis.json")]
    genesis: PathBuf,
    /// What was sealed in a field of a proved event: checked against it; may be repeated.
    ///
    /// `qiao sharing disclose` writes it at the node of a member that may read the field.
    #[arg(long, value_name = "FILE")]
    disclosure: Vec<PathBuf>,
}

/// Says what each file proves; the first that proves nothing ends the command.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let genesis = genesis(&arguments.genesis)?;
    let verifier = Verifier::new(&genesis).map_err(|error| {
        Failure::environment(format!("`{}`: {error}", arguments.genesis.display()))
    })?;
    let mut shown = Vec::new();
    let mut events = Vec::new();
    for file in &arguments.files {
        let proof = qiao_proof::read(&read(file)?).and_then(|proof| verifier.verify(&proof));
        let finding = proof.map_err(|error| Failure {
            detail: Some(json!({ "file": file, "code": error.code() })),
            ..Failure::refused(format!("`{}` proves nothing: {error}", file.display()))
        })?;
        if let Fact::Transaction { transaction, receipt, .. } = &finding.fact {
            events.extend(recorded(transaction, receipt.logs()));
        }
        if output.json {
            shown.push(document(file, &genesis, &finding));
        } else {
            print(output, &genesis, &finding);
        }
    }
    for file in &arguments.disclosure {
        let (disclosure, party) = disclosed(file, &events)?;
        let (event, field) = (disclosure.event().to_string(), disclosure.field());
        if output.json {
            let value = |text: String| serde_json::from_str::<Value>(&text).unwrap_or_default();
            let values = disclosure.values().into_iter().map(|(at, text)| (at, value(text)));
            let values: serde_json::Map<String, Value> = values.collect();
            shown.push(json!({
                "file": file, "event": event, "party": party, "field": field, "values": values,
            }));
            continue;
        }
        output.line(&format!("disclosed: `{field}` of event {event}"));
        for (at, text) in disclosure.values() {
            output.line(&format!("  {at} {text}"));
        }
        output.line(&format!("  committed to by organisation {party} when it was captured"));
    }
    if output.json {
        output.document(&shown);
    }
    Ok(ExitCode::SUCCESS)
}

/// A disclosure to which one of the proved events commits, and for whom the event was captured.
fn disclosed(file: &Path, events: &[Recorded]) -> Result<(Disclosure, u64), Failure> {
    let refused = |error: DisclosureError| {
        Failure::refused(format!("`{}` shows nothing: {error}", file.display()))
    };
    let disclosure = Disclosure::parse(&read(file)?).map_err(refused)?;
    let event = events.iter().find(|event| event.hash == disclosure.event()).ok_or_else(|| {
        let message = format!("`{}` is about event {}", file.display(), disclosure.event());
        Failure::refused(message).with_hint("name its proof too: `qiao prove event`")
    })?;
    let body = event.body.as_deref().unwrap_or_default();
    let parsed = Event::parse(body.as_bytes(), &Limits::EVENT)
        .map_err(|_| refused(DisclosureError::OtherEvent(event.hash)))?;
    disclosure.check(&parsed).map_err(refused)?;
    Ok((disclosure, event.party))
}

fn genesis(file: &Path) -> Result<Genesis, Failure> {
    let hint = "every member's home folder has it, and every node serves it at `/genesis.json`; compare \
                its fingerprint with what somebody says whom you trust";
    serde_json::from_slice(&read(file).map_err(|failure| failure.with_hint(hint))?).map_err(
        |error| {
            let message = format!("`{}` is no genesis file: {error}", file.display());
            Failure::environment(message).with_hint(hint)
        },
    )
}

fn print(output: &Output, genesis: &Genesis, finding: &Finding) {
    let time = jiff::Timestamp::from_second(i64::try_from(finding.timestamp).unwrap_or(i64::MAX));
    let time = time.map_or_else(|_| finding.timestamp.to_string(), |time| time.to_string());
    output.line(&format!("proved: {}", words(&finding.fact)));
    for line in details(genesis, &finding.fact) {
        output.line(&format!("  {line}"));
    }
    output.line(&format!("  block {} {}, {time}", finding.number, finding.hash));
    output.line(&format!(
        "  final by the votes of {} of {} validators: {}",
        finding.signers.len(),
        finding.validators,
        finding.signers.join(", ")
    ));
    output.line(&format!("  network {}, genesis {}", genesis.name, genesis.fingerprint()));
}

fn words(fact: &Fact) -> String {
    match fact {
        Fact::Account { address, account: None, .. } => {
            format!("account {address} was never used")
        }
        Fact::Account { address, account: Some(account), .. } => format!(
            "account {address} has sent {} transactions and holds {} wei",
            account.nonce, account.balance
        ),
        Fact::Transaction { transaction, receipt, .. } => {
            let outcome = if receipt.status() { "took effect" } else { "was refused" };
            format!("transaction {} {outcome}", transaction.hash())
        }
    }
}

fn details(genesis: &Genesis, fact: &Fact) -> Vec<String> {
    let (transaction, logs) = match fact {
        Fact::Account { slots, .. } => {
            let line = |(slot, value): &_| format!("slot {slot:#x} holds {value:#x}");
            return slots.iter().map(line).collect();
        }
        Fact::Transaction { transaction, receipt, .. } => (transaction, receipt.logs()),
    };
    let to = transaction.envelope().to().map_or("a new contract".to_owned(), |to| {
        let module = MODULES.iter().find(|module| module.address == to);
        module.map_or_else(|| to.to_string(), |module| format!("module {}", module.name))
    });
    let mut lines = vec![format!("from {} to {to}", transaction.sender())];
    let recorded = recorded(transaction, logs);
    let further = logs.len() - recorded.len();
    lines.extend(recorded.into_iter().map(|event| {
        let name = genesis.organisation(event.party).map_or("unknown", |party| &party.name);
        format!("event {} of organisation {} ({name})", event.hash, event.party)
    }));
    if further > 0 {
        lines.push(format!("further logs: {further} (`--json` shows them)"));
    }
    lines
}

/// An EPCIS event that a transaction recorded.
struct Recorded {
    hash: EventHash,
    party: u64,
    body: Option<String>,
}

/// The EPCIS events of a transaction: what the receipt says, with the bodies that it carried.
fn recorded(transaction: &SignedTransaction, logs: &[Log]) -> Vec<Recorded> {
    let call = ITraceability::captureCall::abi_decode(transaction.envelope().input());
    let bodies = call.map(|call| call.events).unwrap_or_default();
    let of_module = logs.iter().filter(|log| log.address == traceability::ADDRESS);
    let captured = of_module.filter_map(|log| ITraceability::Captured::decode_log(log).ok());
    captured
        .map(|log| Recorded {
            hash: EventHash(log.eventHash.0),
            party: log.party,
            body: bodies
                .get(log.position as usize)
                .and_then(|body| String::from_utf8(body.to_vec()).ok()),
        })
        .collect()
}

fn document(file: &Path, genesis: &Genesis, finding: &Finding) -> Value {
    json!({
        "file": file,
        "network": { "name": genesis.name, "chain_id": genesis.chain_id, "genesis": genesis.fingerprint() },
        "block": { "number": finding.number, "hash": finding.hash, "timestamp": finding.timestamp },
        "signers": finding.signers,
        "validators": finding.validators,
        "fact": fact(&finding.fact),
    })
}

fn fact(fact: &Fact) -> Value {
    match fact {
        Fact::Account { address, account, slots } => {
            let storage = slots.iter().map(|(slot, value)| json!({ "slot": slot, "value": value }));
            let storage: Value = storage.collect();
            json!({ "kind": "account", "address": address, "account": account, "storage": storage })
        }
        Fact::Transaction { index, transaction, receipt } => {
            let recorded = recorded(transaction, receipt.logs()).into_iter();
            let events = recorded.map(|event| {
                let body = event.body.and_then(|body| serde_json::from_str::<Value>(&body).ok());
                json!({ "hash": event.hash.to_string(), "party": event.party, "event": body })
            });
            json!({
                "kind": "transaction",
                "index": index,
                "hash": transaction.hash(),
                "from": transaction.sender(),
                "to": transaction.envelope().to(),
                "input": transaction.envelope().input(),
                "succeeded": receipt.status(),
                "logs": receipt.logs(),
                "events": events.collect::<Value>(),
            })
        }
    }
}
