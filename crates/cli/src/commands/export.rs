//! `qiao export`: the whole state of a stopped node in a file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use qiao_node::ExportError;
use qiao_node::config::Config;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// Write the whole state of a stopped node to a file
///
/// The file holds every entry of the state at the node's last final block, the proof that this
/// block is final, and the member's signature. `qiao init --from-export` begins a network with it,
/// so that no change of how nodes store things strands a network.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao export --home net/member-1 --out network.export\n  qiao init --from-export network.export --home net/member-1 --out new/member-1"
)]
pub struct Arguments {
    /// The member's home folder; its node must be stopped.
    #[arg(long, value_name = "DIR")]
    home: PathBuf,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Writes the file and says what is in it.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let environment = |name: &str| std::env::var(name).ok();
    let (config, _) = Config::load(&arguments.home, &environment, &BTreeMap::new())?;
    let manifest = qiao_node::export(&config, &arguments.out).map_err(failure)?;
    if output.json {
        output.document(&json!({
            "file": arguments.out,
            "chain": manifest.chain,
            "number": manifest.number,
            "hash": manifest.hash,
            "state_root": manifest.state.root,
            "entries": manifest.entries,
            "entries_hash": manifest.entries_hash,
            "exporter": manifest.exporter,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&format!("block {} {}", manifest.number, manifest.hash));
    output.line(&format!("state root {}", manifest.state.root));
    output.line(&format!("{} entries, hash {}", manifest.entries, manifest.entries_hash));
    let file = arguments.out.display();
    output.next(&format!("`qiao init --from-export {file} --home DIR --out DIR` at each member"));
    Ok(ExitCode::SUCCESS)
}

/// A damaged or unproved file is refused; everything else is the environment.
pub fn failure(error: ExportError) -> Failure {
    let hint = error.hint();
    let failure = match &error {
        ExportError::Damaged { .. } | ExportError::NotFinal(_) | ExportError::Differs { .. } => {
            Failure::refused(error.to_string())
        }
        _ => Failure::environment(error.to_string()),
    };
    failure.with_hint(hint)
}
