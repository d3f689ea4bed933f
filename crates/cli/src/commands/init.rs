//! `qiao init`: the folders of a new network.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qiao_node::{DEFAULT_CHAIN_ID, InitError, InitOptions};
use serde_json::json;

use super::export;
use crate::failure::Failure;
use crate::output::{Output, table};

/// Write a new network: one folder per member
///
/// Each folder holds the member's own keys (readable by their owner only), its configuration and
/// the common genesis. Give every member its folder; nobody else needs its keys. With --from-export,
/// one member's home of a network that goes on from an exported state: the same genesis at all.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao init --members 4 --out net\n  qiao init --members 7 --out net --base-port 20000\n  qiao init --out net --member 'Harbour Bank=10.0.0.1:9400' --member 'Linden Farms=10.0.0.2:9400' \\\n    --member 'Grey Carriers=10.0.0.3:9400' --member 'Food Office=10.0.0.4:9400'\n  qiao init --from-export network.export --home net/member-1 --out new/member-1"
)]
pub struct Arguments {
    /// How many organisations run a validator.
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    members: usize,
    /// NAME, or NAME=HOST:PORT for others to reach it; one for each member, the first supervises.
    #[arg(long, value_name = "MEMBER", conflicts_with = "members")]
    member: Vec<String>,
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
    /// Begin with the state in this file, as `qiao export` wrote it.
    #[arg(long, value_name = "FILE", requires = "home", conflicts_with_all = ["members", "member", "base_port", "chain_id", "name"])]
    from_export: Option<PathBuf>,
    /// The member's home in the network that was exported: its keys and configuration go over.
    #[arg(long, value_name = "DIR", requires = "from_export")]
    home: Option<PathBuf>,
}

/// Writes the folders and says how to start the first member.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    if let (Some(file), Some(home)) = (&arguments.from_export, &arguments.home) {
        return go_on(file, home, &arguments.out, output);
    }
    let named = !arguments.member.is_empty();
    let count = if named { arguments.member.len() } else { arguments.members };
    let plain = InitOptions::plain(arguments.out.clone(), count, arguments.base_port);
    let mut options =
        InitOptions { name: arguments.name.clone(), chain_id: arguments.chain_id, ..plain };
    for (member, told) in options.members.iter_mut().zip(&arguments.member) {
        let (name, address) = told
            .split_once('=')
            .map_or((told.as_str(), None), |(name, address)| (name, Some(address.to_string())));
        member.organisation.name = name.to_string();
        member.address = address;
    }
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

/// Writes one member's home of a network that goes on from an exported state.
fn go_on(file: &Path, home: &Path, out: &Path, output: &Output) -> Result<ExitCode, Failure> {
    let continued = qiao_node::init_from_export(file, home, out).map_err(export::failure)?;
    let (manifest, genesis) = (&continued.manifest, continued.genesis.fingerprint());
    if output.json {
        output.document(&json!({
            "home": out,
            "genesis": genesis,
            "number": manifest.number,
            "entries": manifest.entries,
            "is_own_state": continued.is_own_state,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&format!("{} entries of block {}", manifest.entries, manifest.number));
    output.line(&format!("signed by {}", manifest.exporter));
    output.line(if continued.is_own_state {
        "the same as in this member's own store"
    } else {
        "not compared with this member's own store, which is at another height"
    });
    output.say(&format!("\ngenesis {genesis}, the same for all"));
    output.next(&format!(
        "`qiao start --home {}`, when every member has done the same",
        out.display()
    ));
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
