//! Compiling a source and handing it to the node, which compares it with the chain's code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qiao_types::Address;
use serde_json::{Value, json};

use super::solc::{self, Compiled, Input};
use crate::client::NodeArguments;
use crate::commands::event_hash::read;
use crate::failure::Failure;
use crate::output::Output;

/// Compile a source, compare it with a contract's code, and keep it at the node
///
/// The source is compiled on this machine with the compiler that you give. The node compares the
/// runtime code with the chain's, leaving out immutables and libraries, and keeps source, settings and
/// ABI: the console then shows them, and a form for every function.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao contract verify 0x5fbd… --solc solc src/Token.sol --optimizer-runs 200\n  \
    qiao contract verify 0x5fbd… --solc node_modules/.bin/solcjs --standard-json input.json --contract Token\n  \
    qiao contract verify 0x5fbd… --solc solc --standard-json artifacts/build-info/1a2b….json"
)]
pub struct Arguments {
    /// The contract.
    #[arg(value_name = "ADDRESS")]
    address: Address,
    /// Source files; what they import is found by itself.
    #[arg(value_name = "SOURCE", required_unless_present = "standard_json")]
    sources: Vec<PathBuf>,
    /// The compiler: the program `solc`, or `solcjs` of the npm package `solc`.
    #[arg(long, value_name = "PATH")]
    solc: PathBuf,
    /// The compiler's standard JSON input, or a build-info file of Hardhat or Foundry.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sources", "optimizer_runs", "evm_version", "via_ir", "include"])]
    standard_json: Option<PathBuf>,
    /// The contract's name, where the source has several: `Token` or `src/Token.sol:Token`.
    #[arg(long, value_name = "NAME")]
    contract: Option<String>,
    /// Compile with the optimizer, for so many runs.
    #[arg(long, value_name = "NUMBER")]
    optimizer_runs: Option<u64>,
    /// Compile for this version of the EVM.
    #[arg(long, value_name = "NAME")]
    evm_version: Option<String>,
    /// Compile through the intermediate representation.
    #[arg(long)]
    via_ir: bool,
    /// A folder in which imports are looked for, such as node_modules.
    #[arg(long, value_name = "DIR")]
    include: Vec<PathBuf>,
    #[command(flatten)]
    node: NodeArguments,
}

/// Compiles, sends and tells how well it matches.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let input = match &arguments.standard_json {
        Some(file) => standard_input(file)?,
        None => Input {
            language: "Solidity".to_owned(),
            sources: solc::gather(&arguments.sources, &arguments.include)?,
            settings: settings(arguments),
        },
    };
    let version = solc::version(&arguments.solc)?;
    output.progress(&format!("compiling with {version}"));
    let compiled = solc::compile(&arguments.solc, &input);
    output.progress_done();
    let compiled = chosen(compiled?, arguments)?;
    let source = json!({
        "contract": compiled.contract,
        "compiler": version,
        "settings": input.settings,
        "sources": input.sources,
        "abi": compiled.abi,
        "runtimeBytecode": compiled.runtime,
        "places": compiled.places,
    });
    let path = format!("/deployments/{}/source", arguments.address);
    client.put(&path, source.to_string().as_bytes())?;
    let kept = client.get(&path)?;
    let is_exact = kept.get("match").and_then(Value::as_str) == Some("exact");
    if output.json {
        let matches = kept.get("match");
        output.document(
            &json!({ "contract": compiled.contract, "compiler": version, "match": matches }),
        );
        return Ok(ExitCode::SUCCESS);
    }
    let words = if is_exact { "exact match" } else { "match but for the metadata" };
    output.line(&format!("{}: {words}", compiled.contract));
    if !is_exact {
        output.say("comments, names or paths of files differ from those that were deployed");
    }
    output.next(&format!("open {}/contracts/{}", client.url(), arguments.address));
    Ok(ExitCode::SUCCESS)
}

fn settings(arguments: &Arguments) -> Value {
    let mut settings = json!({ "optimizer": { "enabled": false, "runs": 200 } });
    if let Some(runs) = arguments.optimizer_runs {
        settings["optimizer"] = json!({ "enabled": true, "runs": runs });
    }
    if let Some(version) = &arguments.evm_version {
        settings["evmVersion"] = json!(version);
    }
    if arguments.via_ir {
        settings["viaIR"] = json!(true);
    }
    settings
}

/// Standard JSON input, or the file in which a tool keeps it.
fn standard_input(file: &Path) -> Result<Input, Failure> {
    let wrong = |what: &str| Failure::refused(format!("`{}` {what}", file.display()));
    let value: Value = serde_json::from_slice(&read(file)?)
        .map_err(|error| wrong(&format!("is not JSON: {error}")))?;
    let value = value.get("input").unwrap_or(&value);
    let files = value.get("sources").and_then(Value::as_object);
    let files = files.ok_or_else(|| wrong("has no `sources`: is it standard JSON input?"))?;
    let mut sources = std::collections::BTreeMap::new();
    for (path, source) in files {
        let text = source.get("content").and_then(Value::as_str);
        let text = text.ok_or_else(|| wrong(&format!("names `{path}` without its `content`")))?;
        sources.insert(path.clone(), text.to_owned());
    }
    let mut settings = value.get("settings").cloned().unwrap_or_else(|| json!({}));
    if let Some(settings) = settings.as_object_mut() {
        settings.remove("outputSelection");
    }
    let language = value.get("language").and_then(Value::as_str).unwrap_or("Solidity").to_owned();
    Ok(Input { language, sources, settings })
}

/// The contract that is meant.
fn chosen(compiled: Vec<Compiled>, arguments: &Arguments) -> Result<Compiled, Failure> {
    let is_meant = |one: &Compiled| match &arguments.contract {
        Some(name) if name.contains(':') => one.contract == *name,
        Some(name) => one.contract.rsplit(':').next() == Some(name),
        None => true,
    };
    let names: Vec<String> = compiled.iter().map(|one| one.contract.clone()).collect();
    let mut meant: Vec<Compiled> = compiled.into_iter().filter(is_meant).collect();
    // Sources that were named come before what they import.
    if meant.len() > 1 && arguments.contract.is_none() {
        let given: Vec<String> =
            arguments.sources.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let is_given = |one: &Compiled| {
            let file = one.contract.rsplit_once(':').map_or("", |(file, _)| file);
            given.iter().any(|path| path.trim_start_matches("./") == file)
        };
        if meant.iter().filter(|one| is_given(one)).count() == 1 {
            meant.retain(is_given);
        }
    }
    match meant.len() {
        1 => Ok(meant.remove(0)),
        0 => Err(Failure::usage("the source has no such contract that can be deployed")
            .with_hint(format!("it has {}", names.join(", ")))),
        _ => Err(Failure::usage("the source has several contracts")
            .with_hint(format!("`--contract NAME` says which: {}", names.join(", ")))),
    }
}
