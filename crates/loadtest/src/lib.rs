//! Load against real validator processes, measured from outside.
//!
//! The clients are threads of this process; they sign before the clock starts. The validators are
//! processes of their own, and what they cost is read from `/proc`. Times are the client's: from
//! the instant at which a transaction was due until the client sees it in a final block at the
//! node to which it was sent. A late send counts from when it was due, so a stalled chain cannot
//! hide behind a client that waits for it.

mod accounts;
mod load;
mod machine;
mod network;
mod prepare;
mod report;
mod rpc;
mod watch;
mod workload;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

pub use accounts::Accounts;
pub use report::{Latency, Report};
pub use workload::WorkloadKind;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the transactions do.
    pub kind: WorkloadKind,
    /// How long the measured part takes.
    pub duration: Duration,
    /// How long the load runs before anything is measured.
    pub warmup: Duration,
    /// Transactions per second in all; `None` sends as fast as blocks become final.
    pub rate: Option<u64>,
    /// Transactions that may be under way per validator when there is no rate.
    pub in_flight: usize,
    /// Accounts that send.
    pub senders: usize,
    /// Events per transaction of the capture workload.
    pub events_per_transaction: usize,
    /// Transactions that are signed before the clock starts.
    pub transactions_max: usize,
    /// Everything random follows from it.
    pub seed: u64,
    /// The command line, for the report.
    pub command: String,
}

/// The network under load: as `qiao init` wrote it.
#[derive(Debug, Clone)]
pub struct Target {
    /// The program that runs a validator.
    pub binary: PathBuf,
    /// The home folder of each validator.
    pub homes: Vec<PathBuf>,
    /// The data folder of each validator.
    pub data: Vec<PathBuf>,
    /// The JSON-RPC address of each validator.
    pub rpc: Vec<String>,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The organisation of the load accounts.
    pub party: u64,
}

/// Starts the validators, loads them, and reports; stops them again.
///
/// `say` receives a line of narration now and then.
pub fn run(options: &Options, target: &Target, say: &dyn Fn(&str)) -> Result<Report> {
    say(&format!("starting {} validator processes", target.homes.len()));
    let network = network::Network::start(target)?;
    let accounts = Accounts::new(options.seed, options.senders);
    let workload = prepare::prepare(options, target, &accounts, say)?;
    say(&format!("signing up to {} transactions", options.transactions_max));
    let signed = workload.sign(&accounts, options, target.homes.len());
    say(&format!("sending for {} s", (options.warmup + options.duration).as_secs()));
    let measured = load::run(options, target, &network, signed)?;
    Ok(report::summarise(options, target, measured))
}
