//! `qiao config`: what is in effect, who set it, and what could be set.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use qiao_node::config::{self, Config};
use serde_json::json;

use crate::failure::Failure;
use crate::output::{Output, table};

/// Show the configuration in effect, or an annotated sample
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao config show --home net/member-1\n  qiao config sample > qiao.toml"
)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print each key with its value and who set it
    Show {
        /// The member's home folder.
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
    },
    /// Print a configuration file with every key explained
    Sample,
}

/// Prints the keys.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Sample => output.line(config::annotated(&BTreeMap::new()).trim_end()),
        Action::Show { home } => {
            let environment = |name: &str| std::env::var(name).ok();
            let (_, effective) = Config::load(home, &environment, &BTreeMap::new())?;
            if output.json {
                let keys: Vec<_> = effective
                    .iter()
                    .map(|key| {
                        let origin = key.origin.to_string();
                        json!({ "key": key.key, "value": key.value, "origin": origin })
                    })
                    .collect();
                output.document(&keys);
            } else {
                let rows: Vec<Vec<String>> = effective
                    .iter()
                    .map(|key| vec![key.key.into(), key.value.clone(), key.origin.to_string()])
                    .collect();
                output.line(&table(&["KEY", "VALUE", "ORIGIN"], &rows));
                output.next("`qiao config sample` explains each key");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
