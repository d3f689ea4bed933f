//! `qiao repair`: a stopped node's stores examined, and what is damaged begun anew.

use std::collections::BTreeMap;
use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;

use qiao_node::config::Config;
use qiao_node::{Repair, RepairError, RepairOptions};
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, table};

/// Examine the stores of a stopped node, and put aside what is damaged
///
/// Reads every block, certificate, receipt and entry of the state and checks it against hashes, roots
/// and signatures. What is damaged goes to a folder beside the data, with everything that was made
/// from it; the next start makes it again: state, receipts and index from the node's own blocks,
/// blocks from the other validators.
///
/// A validator that has lost its data does not know how it voted. After the repair it only listens,
/// until a block is final that was proposed after the repair; then it votes again.
///
/// Executing a long chain takes its time. `--fetch-state` has the next start fetch the newest state
/// instead, checked against a final block: the validator takes part at once, and executes the old blocks
/// while it does. What it answers lags behind until it has.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao repair --home net/member-1 --check\n  qiao repair --home net/member-1"
)]
pub struct Arguments {
    /// The member's home folder; its node must be stopped.
    #[arg(long, value_name = "DIR")]
    home: PathBuf,
    /// Only look; exit code 1 if something is damaged.
    #[arg(long)]
    check: bool,
    /// Begin the journal of this validator's votes anew, because it is damaged or an old copy.
    #[arg(long)]
    forget_votes: bool,
    /// Vote at once although the votes are lost, where the chain stands still without this validator.
    #[arg(long)]
    vote_at_once: bool,
    /// Put everything aside but the votes, and fetch the newest state from the other validators.
    #[arg(long)]
    fetch_state: bool,
}

/// Examines, puts aside, and says what comes next.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let environment = |name: &str| std::env::var(name).ok();
    let (config, _) = Config::load(&arguments.home, &environment, &BTreeMap::new())?;
    let options = RepairOptions {
        is_check: arguments.check,
        forgets_votes: arguments.forget_votes,
        votes_at_once: arguments.vote_at_once,
        fetches_state: arguments.fetch_state,
    };
    // What a library says of damaged bytes is in the table.
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let repaired = qiao_node::repair(&config, options);
    panic::set_hook(usual);
    let repair = repaired.map_err(failure)?;
    if output.json {
        output.document(&json!({ "sound": repair.is_sound(), "repair": repair }));
    } else {
        show(&repair, arguments, output);
    }
    let is_refused = arguments.check && !repair.is_sound();
    Ok(if is_refused { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn show(repair: &Repair, arguments: &Arguments, output: &Output) {
    if !repair.stores.is_empty() {
        let rows: Vec<_> = repair
            .stores
            .iter()
            .map(|store| {
                let entries = store.entries.map_or_else(String::new, |entries| entries.to_string());
                let verdict = store.damage.clone().unwrap_or_else(|| "sound".into());
                vec![store.store.to_string(), entries, verdict]
            })
            .collect();
        output.line(&table(&["STORE", "ENTRIES", "FOUND"], &rows));
    }
    if repair.was_lost {
        output.say("the data of this validator is gone: everything comes from the others");
    }
    if repair.fetches_state {
        output.say("the next start fetches the state of the others; old blocks are executed later");
    }
    if let Some(folder) = repair.put_aside.first().and_then(|path| path.parent()) {
        let count = repair.put_aside.len();
        output.say(&format!("put aside in `{}`: {count} files and folders", folder.display()));
    }
    if repair.listens_first && !arguments.check {
        output.say("it will vote again after a block that is proposed half a minute from now");
    }
    let home = arguments.home.display();
    if arguments.check && !repair.is_sound() {
        output.next(&format!("`qiao repair --home {home}`"));
    } else {
        output.next(&format!("`qiao start --home {home}`"));
    }
}

fn failure(error: RepairError) -> Failure {
    let hint = error.hint();
    let failure = match &error {
        RepairError::Home(_) => Failure::environment(error.to_string()),
        RepairError::Alone | RepairError::NobodyHasState => Failure::refused(error.to_string()),
    };
    failure.with_hint(hint)
}
