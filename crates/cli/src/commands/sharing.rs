//! `qiao sharing`: keys, what is sealed in an event, showing it to others, and what partners see.

use std::path::PathBuf;
use std::process::ExitCode;

use alloy_sol_types::SolCall as _;
use qiao_modules::members::{ADDRESS, IMembers};
use qiao_node::sharing;
use qiao_types::B256;
use serde_json::{Value, json};

use crate::client::{NodeArguments, escape};
use crate::commands::contract::{place, send};
use crate::failure::Failure;
use crate::output::{Output, table};

/// Seal fields for named members, show them to others, and say what partners see
///
/// `qiao capture --seal` and `qiao import --seal` seal. A member that may read sees what was sealed in its
/// place, at its own node.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao sharing key --home net/member-2\n  qiao sharing announce 0x… --url http://127.0.0.1:8081\n  qiao capture delivery.json --seal 'farm:price=2'\n  qiao sharing disclose EVENT farm:price --out price.json\n  qiao verify delivery.proof --genesis genesis.json --disclosure price.json\n  qiao sharing partner acme --shows quantity,bizStep"
)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print the public key of this member's sharing keys; make them if there are none
    Key {
        /// The member's home folder.
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
        /// Add a fresh key; those before stay, for what was sealed for them.
        #[arg(long)]
        fresh: bool,
    },
    /// Announce the key for which others seal what this member may read, as its admin
    Announce {
        /// The public key, as `qiao sharing key` prints it.
        #[arg(value_name = "KEY")]
        announced: B256,
        #[command(flatten)]
        node: NodeArguments,
    },
    /// List the members and their keys
    Members {
        #[command(flatten)]
        node: NodeArguments,
    },
    /// Say what is sealed in an event, by whom and for whom
    Show {
        /// The Event Hash ID.
        #[arg(value_name = "EVENT")]
        event: String,
        #[command(flatten)]
        node: NodeArguments,
    },
    /// Write what was sealed in a field so that others can check it against the chain
    Disclose {
        /// The Event Hash ID.
        #[arg(value_name = "EVENT")]
        event: String,
        /// The field, as the event calls it.
        #[arg(value_name = "FIELD")]
        field: String,
        /// The file to write. Whoever has it can read the field and pass it on.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        node: NodeArguments,
    },
    /// Say which fields of events the keys of a partner see at this node
    Partner {
        /// The name of the profile, which `qiao key add --partner` names.
        #[arg(value_name = "NAME")]
        name: String,
        /// The fields, with commas: `quantity`, `source`, …, `capturer`, or an extension by its whole URI.
        #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
        shows: Vec<String>,
        #[command(flatten)]
        node: NodeArguments,
    },
}

/// Does what was asked.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Key { home, fresh } => key(home, *fresh, output)?,
        Action::Announce { announced, node } => {
            let call = IMembers::announceSealingKeyCall { key: *announced };
            let sent = send(&node.client()?, Some(ADDRESS), call.abi_encode().into())?;
            if output.json {
                output.document(&sent);
            } else {
                output.line(&format!("announced, {}", place(&sent)));
                output.next("others name this member in `--seal FIELD=MEMBER`");
            }
        }
        Action::Members { node } => members(&node.client()?.get("/sharing/keys")?, output),
        Action::Show { event, node } => {
            let found = node.client()?.get(&format!("/sharing/events/{}", escape(event)))?;
            fields(&found, output);
        }
        Action::Disclose { event, field, out, node } => {
            let path = format!("/sharing/disclosures/{}?field={}", escape(event), escape(field));
            // The bytes as they are: a number keeps all its digits.
            let file = node.client()?.file(&path)?;
            std::fs::write(out, file).map_err(|cause| {
                Failure::environment(format!("file `{}` cannot be written: {cause}", out.display()))
            })?;
            if output.json {
                output.document(&json!({ "file": out }));
            } else {
                output.line(&format!("wrote {}", out.display()));
                let proof = "`qiao prove event` gives the proof of the event";
                output.next(&format!("{proof}, `qiao verify --disclosure` checks both"));
            }
        }
        Action::Partner { name, shows, node } => {
            let body = json!({ "shows": shows }).to_string();
            let kept =
                node.client()?.put(&format!("/partners/{}", escape(name)), body.as_bytes())?;
            if output.json {
                output.document(&kept.body);
            } else {
                output.line(&format!("`{name}` sees {}", words(shows)));
                output.next(&format!("`qiao key add NAME --partner {name}` makes a key for it"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn key(home: &std::path::Path, is_fresh: bool, output: &Output) -> Result<(), Failure> {
    let file = home.join(sharing::DEFAULT_FILE);
    let public = sharing::key(&file, is_fresh)?;
    if output.json {
        output.document(&json!({ "publicKey": public, "file": file }));
    } else {
        output.line(&public.to_string());
        output.say(&format!("the secret keys are in `{}`: back them up", file.display()));
        output.next(&format!(
            "`qiao sharing announce {public}`; `sharing_key_file = \"{}\"` names the file to the node",
            sharing::DEFAULT_FILE
        ));
    }
    Ok(())
}

fn members(found: &Value, output: &Output) {
    if output.json {
        return output.document(found);
    }
    let rows = listed(found, &["organisation", "name", "key"]);
    output.line(&table(&["MEMBER", "NAME", "SEALING KEY"], &rows));
}

fn fields(found: &Value, output: &Output) {
    if output.json {
        return output.document(found);
    }
    let rows = listed(found, &["field", "sealedBy", "sealedFor", "state", "commitment"]);
    if rows.is_empty() {
        return output.line("nothing is sealed in this event");
    }
    output.line(&table(&["FIELD", "BY", "FOR", "HERE", "COMMITMENT"], &rows));
}

fn listed(found: &Value, names: &[&str]) -> Vec<Vec<String>> {
    let cell = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            items.iter().map(Value::to_string).collect::<Vec<_>>().join(",")
        }
        Some(other) => other.to_string(),
        None => "–".to_owned(),
    };
    let rows = found.as_array().into_iter().flatten();
    rows.map(|row| names.iter().map(|name| cell(row.get(name))).collect()).collect()
}

fn words(shows: &[String]) -> String {
    match shows {
        [] => "types, times, actions and things, and nothing else".to_owned(),
        fields => fields.join(", "),
    }
}
