//! `qiao index`: the queryable copy of the chain, which can always be made again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use qiao_node::config::Config;
use qiao_node::home::{self, DataFolder};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// Manage the index, the queryable copy of the chain
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao index rebuild --home net/member-1")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Drop the index of a stopped node; it is made again from the blocks at the next start
    Rebuild {
        /// The member's home folder.
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
    },
}

/// Drops the index while holding the data folder, so that no running node loses it.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let Action::Rebuild { home } = &arguments.action;
    let environment = |name: &str| std::env::var(name).ok();
    let (config, _) = Config::load(home, &environment, &BTreeMap::new())?;
    let genesis = home::read_genesis(&config.genesis)?;
    let _held = DataFolder::open(&config.data_dir, &genesis)?;
    let dropped = qiao_node::drop_index(&config).map_err(crate::commands::start::failure)?;
    if output.json {
        output.document(&json!({ "removed": dropped }));
    } else {
        output.say(&format!("dropped the index: {}", dropped.join(", ")));
        output.next(&format!("`qiao start --home {}` makes it again", home.display()));
    }
    Ok(ExitCode::SUCCESS)
}
