//! Load against real validator processes, measured from outside.
//!
//! The clients are processes of their own that sign before the clock starts; the validators are
//! processes of their own, and what each of them costs is read from `/proc`. Times are the
//! client's: from the instant at which a transaction was due until the client holds a receipt of
//! its block. A late send counts from when it was due, and what never became final counts with the
//! time that it waited, so a stalled chain cannot hide behind a client that waits for it.

mod accounts;
mod client;
mod clients;
mod faults;
mod fill;
mod genesis;
mod histogram;
mod lookups;
mod machine;
mod prepare;
mod random;
mod report;
mod requests;
mod rpc;
mod run;
mod schedule;
mod signatures;
mod subject;
mod timeline;
mod trade;
mod usage;
mod validators;
mod workload;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use alloy_primitives::{Address, B256};
use anyhow::Result;

pub use accounts::Accounts;
pub use client::run as run_client;
pub use fill::{Filled, fill};
pub use genesis::{Holding, TOKEN, holdings};
pub use lookups::{LOOKUPS_SCHEMA, LookupReport, Question, ask};
pub use report::{Kill, Latency, Report, Restart, SCHEMA, compare};
pub use requests::{REQUESTS_SCHEMA, RequestReport, run_requests, run_requests_target};
pub use schedule::Arrivals;
pub use trade::Trade;
pub use validators::Validator;
pub use workload::{MODULE_DEFAULT, Workload, clerks};

/// What to measure.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the transactions do.
    pub workload: Workload,
    /// How long the measured part takes.
    pub duration: Duration,
    /// How long the load runs before anything is measured.
    pub warmup: Duration,
    /// Transactions per second in all; `None` sends as fast as transactions become final.
    pub rate: Option<u64>,
    /// How transactions with a rate are spread.
    pub arrivals: Arrivals,
    /// Transactions that may be under way per client when there is no rate.
    pub in_flight: usize,
    /// Client processes.
    pub clients: usize,
    /// Accounts that send.
    pub senders: usize,
    /// Accounts among which the recipients are.
    pub accounts: u64,
    /// The first so many of them receive nine of ten transfers; 0 for none.
    pub hot: u64,
    /// Events per transaction of the workload *capture*.
    pub events_per_transaction: u64,
    /// Transactions that are signed before the clock starts.
    pub transactions: usize,
    /// Everything random follows from it.
    pub seed: u64,
    /// When one validator is killed, from the start of the measured part.
    pub kill: Option<Duration>,
    /// When it is started again.
    pub restart: Option<Duration>,
    /// Between two looks at a node of other software.
    pub poll: Duration,
    /// The command line, for the report.
    pub command: String,
}

/// A network of our own, as `qiao init` wrote it.
#[derive(Debug, Clone)]
pub struct Network {
    /// The validators.
    pub validators: Vec<Validator>,
    /// The ERC-20 contract of the genesis.
    pub token: Address,
    /// The organisation of the senders.
    pub party: u64,
}

/// A network that somebody else runs.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its JSON-RPC addresses.
    pub urls: Vec<String>,
    /// Its processes on this machine whose cost is measured.
    pub processes: Vec<u32>,
    /// Private keys. One pays for senders derived from the seed; several are the senders.
    pub keys: Vec<B256>,
}

/// Starts the validators, loads them, and reports; stops them again. `binary` is this program:
/// validators and clients are processes of it.
///
/// `say` receives a line of narration now and then.
pub fn run(
    options: &Options,
    binary: &Path,
    network: &Network,
    say: &dyn Fn(&str),
) -> Result<Report> {
    say(&format!("starting {} validator processes", network.validators.len()));
    let validators = validators::Validators::start(binary, &network.validators)?;
    let accounts = Accounts::new(options.seed, options.senders);
    let url = &network.validators[0].rpc;
    let prepared = prepare::own(options, url, &accounts, network.token, network.party)?;
    let subject = subject::Subject::Own(validators);
    let measured = run::run(options, binary, &subject, &prepared, say)?;
    Ok(report::summarise(options, &subject, &measured))
}

/// Loads a network that somebody else runs, and reports.
pub fn run_target(
    options: &Options,
    binary: &Path,
    target: &Target,
    say: &dyn Fn(&str),
) -> Result<Report> {
    let (urls, processes) = (target.urls.clone(), target.processes.clone());
    let subject = subject::Subject::Foreign { urls, processes };
    subject.check()?;
    let prepared = prepare::foreign(options, &target.urls[0], &target.keys, say)?;
    let mut options = options.clone();
    options.senders = prepared.senders.len();
    let measured = run::run(&options, binary, &subject, &prepared, say)?;
    Ok(report::summarise(&options, &subject, &measured))
}
