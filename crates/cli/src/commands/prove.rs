//! `qiao prove`: a proof file from a node, checked before it is written.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::client::{NodeArguments, escape};
use crate::failure::Failure;
use crate::output::Output;

/// Fetch a proof that others can check offline
///
/// The file holds the answer, the path to the block's header, and the validators' votes for the
/// block. `qiao verify` checks it with nothing but the network's genesis file.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao prove transaction 0x… --out payment.proof\n  qiao prove event 'ni:///sha-256;…?ver=CBV2.0' --out shipment.proof\n  qiao prove account 0x… --slot 0 --slot 0x2a --out balance.proof"
)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// That a transaction is in a final block, and what came of it
    Transaction {
        /// The transaction's hash.
        #[arg(value_name = "HASH")]
        hash: String,
        #[command(flatten)]
        file: FileArguments,
    },
    /// That an EPCIS event was recorded: the transaction that carried it
    Event {
        /// The Event Hash ID, or the event ID that its sender gave.
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        file: FileArguments,
    },
    /// What an account, and slots of its storage, hold after the newest block
    Account {
        /// The account's address.
        #[arg(value_name = "ADDRESS")]
        address: String,
        /// A slot of its storage; several times for several.
        #[arg(long, value_name = "SLOT")]
        slot: Vec<String>,
        #[command(flatten)]
        file: FileArguments,
    },
}

#[derive(Debug, clap::Args)]
struct FileArguments {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    node: NodeArguments,
}

/// Writes the file and says what is in it.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let (path, file) = match &arguments.what {
        What::Transaction { hash, file } => {
            (format!("/proofs/transactions/{}", escape(hash)), file)
        }
        What::Event { id, file } => (format!("/proofs/events/{}", escape(id)), file),
        What::Account { address, slot, file } => {
            let slots: Vec<String> =
                slot.iter().map(|slot| format!("slot={}", escape(slot))).collect();
            (format!("/proofs/accounts/{}?{}", escape(address), slots.join("&")), file)
        }
    };
    let proof = file.node.client()?.get(&path)?;
    write(&file.out, &proof)?;
    let out = file.out.display();
    if output.json {
        output.document(&json!({ "file": file.out }));
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&format!("wrote {out}"));
    output.next(&format!("`qiao verify {out} --genesis genesis.json` on any machine"));
    Ok(ExitCode::SUCCESS)
}

fn write(out: &Path, proof: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(proof).expect("JSON writes as text");
    std::fs::write(out, text + "\n").map_err(|cause| {
        Failure::environment(format!("file `{}` cannot be written: {cause}", out.display()))
    })
}
