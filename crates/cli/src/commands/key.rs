//! `qiao key`: who may come in over REST, console and JSON-RPC.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qiao_node::access::{self, Holder, Rights};
use qiao_node::config::Config;
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, table};

/// Make and take out the API keys of a node
///
/// The file of keys holds a hash of each, so that a key is printed once, when it is made. A running
/// node reads the file again when it changes.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao key add erp --may read,write --home net/member-1 > erp.key\n  qiao status --home net/member-1 --key erp.key\n  qiao key remove erp --home net/member-1"
)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a key and print it, once
    Add {
        /// Whose key it is, without spaces.
        #[arg(value_name = "NAME")]
        name: String,
        /// What it may do: `read`, `write` (capture, send), `debug` (trace), with commas.
        #[arg(long, value_name = "RIGHTS", default_value = "read")]
        may: Rights,
        /// Open the desk of this organisation only, by its number.
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
        organisation: Option<u64>,
        /// Ask for events only, as far as the profile of this name shows them (`qiao sharing partner`).
        #[arg(long, value_name = "PROFILE", conflicts_with = "organisation", value_parser = profile)]
        partner: Option<String>,
        /// The member's home folder.
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
    },
    /// Print the names of the keys and what they may do
    List {
        /// The member's home folder.
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
    },
    /// Take a key out; it opens nothing from then on
    Remove {
        /// Whose key it is.
        #[arg(value_name = "NAME")]
        name: String,
        /// The member's home folder.
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
    },
}

/// Changes or prints the file.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Add { name, may, organisation, partner, home } => {
            let (file, is_used) = file(home)?;
            let holder = match (organisation, partner) {
                (Some(number), _) => Holder::Desk(*number),
                (None, Some(profile)) => Holder::Partner(profile.clone()),
                (None, None) => Holder::Own,
            };
            let key = access::add(&file, name, may, holder).map_err(failure)?;
            if output.json {
                let may = may.to_string();
                let made = json!({
                    "name": name, "may": may, "organisation": organisation, "partner": partner,
                    "key": key,
                });
                output.document(&made);
            } else {
                output.line(&key);
                output.say("this key is not shown again");
                output.next(&if is_used {
                    "give it to its holder; a running node knows it by now".to_string()
                } else {
                    format!(
                        "set `api_keys_file = \"{}\"` in `qiao.toml` and start the node again",
                        access::DEFAULT_FILE
                    )
                });
            }
        }
        Action::List { home } => {
            list(&access::list(&file(home)?.0).map_err(failure)?, output);
        }
        Action::Remove { name, home } => {
            access::remove(&file(home)?.0, name).map_err(failure)?;
            if output.json {
                output.document(&json!({ "removed": name }));
            } else {
                output.say(&format!("`{name}` opens nothing from now on"));
                output.next("`qiao key list` shows who is left");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what there is of keys: never a key.
fn list(keys: &[access::Entry], output: &Output) {
    if output.json {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| {
                let may = key.rights.to_string();
                let (organisation, partner) = bound(&key.holder);
                json!({
                    "name": key.name, "may": may,
                    "organisation": organisation, "partner": partner,
                })
            })
            .collect();
        output.document(&keys);
    } else {
        let rows: Vec<_> = keys
            .iter()
            .map(|key| {
                let (desk, partner) = bound(&key.holder);
                let desk = desk.map_or("-".to_string(), |number| number.to_string());
                let partner = partner.unwrap_or("-").to_string();
                vec![key.name.clone(), key.rights.to_string(), desk, partner]
            })
            .collect();
        output.line(&table(&["NAME", "MAY", "DESK OF", "PARTNER"], &rows));
        output.next("`qiao key add NAME` makes another, `qiao key remove NAME` takes one out");
    }
}

/// The organisation whose desk a key opens, or the profile by which it sees events.
fn bound(holder: &Holder) -> (Option<u64>, Option<&str>) {
    match holder {
        Holder::Own => (None, None),
        Holder::Desk(number) => (Some(*number), None),
        Holder::Partner(profile) => (None, Some(profile)),
    }
}

/// A profile's name stands in the file of keys.
fn profile(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    match !text.is_empty() && text.len() <= 64 && text.chars().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err("a profile's name has 1 to 64 letters, digits and `-_.@`".to_owned()),
    }
}

/// The file of keys of a home, and whether its configuration names it.
fn file(home: &Path) -> Result<(PathBuf, bool), Failure> {
    let environment = |name: &str| std::env::var(name).ok();
    let (config, _) = Config::load(home, &environment, &BTreeMap::new())?;
    Ok(match config.api_keys_file {
        Some(file) => (file, true),
        None => (home.join(access::DEFAULT_FILE), false),
    })
}

fn failure(error: access::AccessError) -> Failure {
    let failure = match error {
        access::AccessError::Name { .. } => Failure::usage(error.to_string()),
        access::AccessError::Taken(_) | access::AccessError::Unknown(_) => {
            Failure::refused(error.to_string())
        }
        access::AccessError::Keys(_) | access::AccessError::File(_) => {
            Failure::environment(error.to_string())
        }
    };
    failure.with_hint(error.hint())
}
