//! Who helps to make private keys.

use std::path::PathBuf;
use std::process::ExitCode;

use alloy_sol_types::SolCall as _;
use qiao_modules::collateral::{ADDRESS, ICollateral};
use qiao_node::evaluators;
use qiao_types::B256;
use serde_json::{Value, json};

use crate::client::NodeArguments;
use crate::commands::contract::{place, send};
use crate::failure::Failure;
use crate::output::{Output, table};

/// List the appointed evaluators
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    node: NodeArguments,
}

/// Appoint evaluators in place of those before, as a regulator
#[derive(Debug, clap::Args)]
pub struct Appoint {
    /// Each evaluator: the number of its organisation, its public key and its address, with commas.
    #[arg(value_name = "ORGANISATION,KEY,URL", required = true, value_parser = evaluator)]
    evaluators: Vec<Evaluator>,
    #[command(flatten)]
    node: NodeArguments,
}

/// Make a secret for this member as an evaluator and print its public key
#[derive(Debug, clap::Args)]
pub struct Key {
    /// The member's home folder.
    #[arg(long, value_name = "DIR")]
    home: PathBuf,
}

#[derive(Debug, Clone)]
struct Evaluator {
    organisation: u64,
    public_key: B256,
    url: String,
}

fn evaluator(text: &str) -> Result<Evaluator, String> {
    let parts: Vec<&str> = text.splitn(3, ',').collect();
    let [organisation, key, url] = parts[..] else {
        return Err("expected ORGANISATION,KEY,URL".to_owned());
    };
    Ok(Evaluator {
        organisation: organisation.parse().map_err(|_| "an organisation is a number".to_owned())?,
        public_key: key.parse().map_err(|_| "a public key has 64 hexadecimal digits".to_owned())?,
        url: url.to_owned(),
    })
}

/// Lists them.
pub fn list(arguments: &List, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let found = client.get("/collateral/evaluators")?;
    if output.json {
        output.document(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let number = found.get("appointment").and_then(Value::as_u64).unwrap_or_default();
    if number == 0 {
        output.line("nobody is appointed: there are open keys only");
        output.next("`qiao collateral appoint` as a regulator");
        return Ok(ExitCode::SUCCESS);
    }
    let cell = |value: &Value, name: &str| match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "–".to_owned(),
    };
    let all = found.get("evaluators").and_then(Value::as_array).cloned().unwrap_or_default();
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|one| ["organisation", "url", "publicKey"].map(|name| cell(one, name)).to_vec())
        .collect();
    output.line(&format!("appointment {number}"));
    output.line(&table(&["ORGANISATION", "URL", "PUBLIC KEY"], &rows));
    Ok(ExitCode::SUCCESS)
}

/// Appoints.
pub fn appoint(arguments: &Appoint, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let evaluators = arguments.evaluators.iter().map(|one| ICollateral::Evaluator {
        organisation: one.organisation,
        publicKey: one.public_key,
        url: one.url.clone(),
    });
    let call = ICollateral::appointEvaluatorsCall { evaluators: evaluators.collect() };
    let sent = send(&client, Some(ADDRESS), call.abi_encode().into())?;
    if output.json {
        output.document(&sent);
    } else {
        output.line(&format!("appointed, {}", place(&sent)));
        output.next("registrars give their assets the keys of the new appointment (`rekey`)");
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a secret.
pub fn key(arguments: &Key, output: &Output) -> Result<ExitCode, Failure> {
    let file = arguments.home.join(evaluators::DEFAULT_FILE);
    let public = evaluators::add(&file)?;
    if output.json {
        output.document(&json!({ "publicKey": public, "file": file }));
    } else {
        output.line(&public.to_string());
        output.say(&format!("the secret is in `{}`", file.display()));
        output.next(&format!(
            "set `evaluator_key_file = \"{}\"`, start the node, and tell the regulator the key",
            evaluators::DEFAULT_FILE
        ));
    }
    Ok(ExitCode::SUCCESS)
}
