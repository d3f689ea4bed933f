//! How contracts stand.

use std::process::ExitCode;

use qiao_types::Address;
use serde_json::Value;

use crate::client::NodeArguments;
use crate::failure::Failure;
use crate::output::{Output, table};

/// Show whose a contract is, whether it runs, and what it was compiled from
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The contract.
    #[arg(value_name = "ADDRESS")]
    contract: Address,
    #[command(flatten)]
    node: NodeArguments,
}

/// List the contracts that transactions created, newest first
#[derive(Debug, clap::Args)]
pub struct ListArguments {
    /// How many.
    #[arg(long, value_name = "NUMBER", default_value_t = 30)]
    limit: u32,
    #[command(flatten)]
    node: NodeArguments,
}

/// Shows one contract.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let shown = client.get(&format!("/deployments/{}", arguments.contract))?;
    if output.json {
        output.document(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    for (name, value) in facts(&shown) {
        output.line(&format!("{name:<13} {value}"));
    }
    if shown.get("verified").is_none() {
        output.next("`qiao contract verify` compares a source with its code");
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists contracts.
pub fn list(arguments: &ListArguments, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let shown = client.get(&format!("/deployments?perPage={}", arguments.limit))?;
    if output.json {
        output.document(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = shown.as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        output.say("no transaction created a contract yet");
        output.next("`qiao contract deploy ARTIFACT` creates one");
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&table(&["ADDRESS", "NAME", "OWNER", "STATE", "SOURCE"], &rows));
    output.next("`qiao contract show ADDRESS` tells more");
    Ok(ExitCode::SUCCESS)
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn row(one: &Value) -> Vec<String> {
    let or_none = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    vec![
        word(one, "address").to_owned(),
        or_none(word(one, "name")),
        owner(one),
        state(one),
        or_none(word(one, "verified")),
    ]
}

fn owner(one: &Value) -> String {
    match one.get("organisation").and_then(Value::as_u64).unwrap_or_default() {
        0 => "nobody".to_owned(),
        number => format!("organisation {number}"),
    }
}

fn state(one: &Value) -> String {
    let frozen = one.get("frozen").and_then(Value::as_array).map(Vec::len).unwrap_or_default();
    let is_upgradeable = one.get("upgradeable").and_then(Value::as_bool) == Some(true);
    match (frozen > 0, is_upgradeable) {
        (true, _) => "frozen".to_owned(),
        (false, true) => "runs, upgradeable".to_owned(),
        (false, false) => "runs".to_owned(),
    }
}

fn facts(shown: &Value) -> Vec<(&'static str, String)> {
    let mut facts = vec![("address", word(shown, "address").to_owned())];
    let name = word(shown, "name");
    let name = if name.is_empty() { "not declared" } else { name };
    facts.push(("name", name.to_owned()));
    facts.push(("owner", owner(shown)));
    if let Some(creator) = shown.get("creator").and_then(Value::as_str) {
        let block = shown.get("createdInBlock").and_then(Value::as_u64).unwrap_or_default();
        facts.push(("created by", format!("{creator} in block {block}")));
    }
    facts.push(("state", state(shown)));
    for freeze in shown.get("frozen").and_then(Value::as_array).into_iter().flatten() {
        let (authority, by) = (word(freeze, "authority"), word(freeze, "by"));
        facts.push(("frozen by", format!("{authority} ({by}): {}", word(freeze, "reason"))));
    }
    facts.push(("code hash", word(shown, "codeHash").to_owned()));
    let source = word(shown, "verified");
    let source = if source.is_empty() { "not verified" } else { source };
    facts.push(("source", source.to_owned()));
    facts
}
