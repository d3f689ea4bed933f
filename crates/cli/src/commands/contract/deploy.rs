//! From a compiler's artifact to a contract on the chain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qiao_api::contracts::{Abi, Artifact};
use qiao_types::{Address, Bytes};

use super::act::{place, send};
use crate::client::NodeArguments;
use crate::commands::event_hash::read;
use crate::failure::Failure;
use crate::output::Output;

/// Create a contract from an artifact of Foundry or Hardhat
///
/// Arguments are written as in Solidity: numbers, true and false, addresses, 0x… for bytes,
/// `[1,2]` for arrays, `(1,2)` for structs; a text is written as it is.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The artifact: a JSON file with `abi` and `bytecode`.
    artifact: PathBuf,
    /// The constructor's arguments, in order.
    #[arg(value_name = "ARGUMENT", allow_negative_numbers = true)]
    arguments: Vec<String>,
    /// Where a library is deployed: `Math=0x…`; once for each that the contract needs.
    #[arg(long, value_name = "NAME=ADDRESS", value_parser = library)]
    library: Vec<(String, Address)>,
    #[command(flatten)]
    node: NodeArguments,
}

fn library(text: &str) -> Result<(String, Address), String> {
    let (name, address) = text.split_once('=').ok_or("no `=` in it")?;
    let address = address.parse().map_err(|error| format!("`{address}`: {error}"))?;
    Ok((name.to_owned(), address))
}

/// Deploys and tells the address.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let code = creation(&arguments.artifact, &arguments.library, &arguments.arguments)?;
    let sent = send(&arguments.node.client()?, None, code)?;
    let contract = sent.get("contract").and_then(|value| value.as_str()).unwrap_or_default();
    if output.json {
        output.document(&sent);
    } else {
        output.line(contract);
        output.say(&place(&sent));
        output.next(&format!("`qiao contract declare {contract} NAME` says what it is"));
    }
    Ok(ExitCode::SUCCESS)
}

fn creation(
    path: &Path,
    libraries: &[(String, Address)],
    arguments: &[String],
) -> Result<Bytes, Failure> {
    let refused =
        |error: &dyn std::fmt::Display| Failure::refused(format!("`{}`: {error}", path.display()));
    let text = read(path)?;
    let value = serde_json::from_slice(&text).map_err(|error| refused(&error))?;
    let artifact = Artifact::read(&value).map_err(|error| refused(&error))?;
    let libraries: BTreeMap<String, Address> = libraries.iter().cloned().collect();
    let code = artifact.linked(&libraries).map_err(|error| {
        refused(&error).with_hint("`--library NAME=ADDRESS` says where it is deployed")
    })?;
    let abi = Abi::read(&artifact.abi).map_err(|error| refused(&error))?;
    let encoded = abi.encode_constructor(arguments).map_err(|error| {
        let takes: Vec<String> =
            abi.constructor().iter().map(|one| format!("{} {}", one.kind, one.name)).collect();
        refused(&error).with_hint(format!("the constructor takes ({})", takes.join(", ")))
    })?;
    Ok([code.as_ref(), encoded.as_ref()].concat().into())
}
