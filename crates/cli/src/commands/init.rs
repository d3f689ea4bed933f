//! `qiao init`: the folders of a new network.

use std::path::PathBuf;
use std::process::ExitCode;

use qiao_node::{DEFAULT_CHAIN_ID, InitError, InitOptions};
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, table};

/// Write a new network: one folder per member
///
/// Each folder holds the member's own keys (readable by their owner only), its configuration and
/// the common genesis. Give every member its folder; nobody else needs its keys.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao init --members 4 --out net\n  qiao init --members 7 --out net --base-port 20000"
)]
pub struct Arguments {
    /// How many organisations run a validator.
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    members: usize,
    /// The folder to write; must be empty or new.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Ports of member i begin at PORT + 10 (i - 1) [default: 9400, 8080 and 8545 plus i - 1].
    #[arg(long, value_name = "PORT")]
    base_port: Option<u16>,
    /// EIP-155 chain id.
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_CHAIN_ID)]
    chain_id: u64,
    /// The network's name.
    #[arg(long, value_name = "TEXT", default_value = "qiao")]
    name: String,
}

/// Writes the folders and says how to start the first member.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let plain = InitOptions::plain(arguments.out.clone(), arguments.members, arguments.base_port);
    let options =
        InitOptions { name: arguments.name.clone(), chain_id: arguments.chain_id, ..plain };
    let report = qiao_node::init(&options).map_err(failure)?;
    let genesis = &report.genesis;
    if output.json {
        output.document(&json!({
            "network": genesis.name,
            "chain_id": genesis.chain_id,
            "genesis": genesis.fingerprint(),
            "homes": report.homes,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = report
        .homes
        .iter()
        .zip(&genesis.validators)
        .map(|(home, validator)| {
            vec![
                home.display().to_string(),
                validator.account.to_string(),
                validator.address.clone(),
            ]
        })
        .collect();
    output.line(&table(&["HOME", "ACCOUNT", "ADDRESS"], &rows));
    output.say(&format!("\ngenesis {}, the same for all", genesis.fingerprint()));
    let first = report.homes.first().map(|home| home.display().to_string()).unwrap_or_default();
    output.next(&format!("`qiao start --home {first}`, and so for each member"));
    Ok(ExitCode::SUCCESS)
}

/// A wrong option is usage; a folder that is not empty is the environment.
pub fn failure(error: InitError) -> Failure {
    match error {
        InitError::Home(error) => error.into(),
        InitError::Option { .. } => Failure::usage(error.to_string()),
        InitError::Refused(_) => Failure::refused(error.to_string()),
    }
}
