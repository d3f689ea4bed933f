//! What a run says: as JSON for a program, as text for a person, as a picture.
//!
//! The names of the JSON are an interface; `docs/reference/bench.md` explains each.

mod compare;
mod figures;
mod picture;
mod text;

use serde::Serialize;

pub use compare::compare;
pub(crate) use figures::summarise;
#[cfg(test)]
pub(crate) use figures::{Blocks, latency, rate};

use crate::machine::Machine;
use crate::timeline::Timeline;
use crate::usage::Disk;

/// The form of the report: a field may be added to it, but none changed or taken away.
pub const SCHEMA: &str = "qiao-bench/1";

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The command line.
    pub command: String,
    /// The source that was measured, if it was run in its folder.
    pub commit: Option<String>,
    /// `release` or `development`.
    pub build: &'static str,
    /// When the load started: milliseconds since the Unix epoch.
    pub started_unix_ms: u64,
    /// Everything random followed from it.
    pub seed: u64,
    /// The machine.
    pub machine: Machine,
    /// What was asked for.
    pub load: Load,
    /// Transactions that became final within the measured part.
    pub transactions: u64,
    /// Per second of wall clock.
    pub tx_per_second: f64,
    /// Per second of processor time of all validators together; absent where none was watched.
    pub tx_per_cpu_second: Option<f64>,
    /// What the machine can do of the least that a transaction needs.
    pub signatures: Signatures,
    /// Events per second of wall clock, for the workload *capture*.
    pub events_per_second: Option<f64>,
    /// From due to final, of the transactions that were due within the measured part.
    pub finality_ms: Latency,
    /// How finely these times are measured.
    pub resolution: Resolution,
    /// The longest time within the measured part without a block that carried transactions.
    pub longest_gap_ms: f64,
    /// Blocks of the measured part with transactions.
    pub blocks_with_transactions: u64,
    /// Blocks of the whole run.
    pub blocks: u64,
    /// Processor seconds of all validators within the measured part.
    pub validators_cpu_seconds: f64,
    /// Processor seconds of all clients within the measured part.
    pub clients_cpu_seconds: f64,
    /// Processor seconds of the process that measures, within the measured part.
    pub bench_cpu_seconds: f64,
    /// Growth of the data per transaction and validator over the whole run; absent where the data
    /// is not known.
    pub disk_bytes_per_transaction: Option<PerTransaction>,
    /// The most memory that a validator held.
    pub memory_peak_bytes_max: u64,
    /// From the start of the first process until all validators had a final block.
    pub start_seconds: Option<f64>,
    /// Each validator, or each process that was watched.
    pub validators: Vec<ProcessReport>,
    /// Each client.
    pub clients: Vec<ClientReport>,
    /// What became of the transactions of the whole run.
    pub outcome: Outcome,
    /// The validator that was killed.
    pub kill: Option<Kill>,
    /// How it came back.
    pub restart: Option<Restart>,
    /// The measured part in slices.
    pub timeline: Slices,
}

/// The senders that the machine recovers, and what they took of the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Signatures {
    /// Per second of processor time, all cores busy, measured after the load.
    pub recoveries_per_cpu_second: f64,
    /// Transactions per second of processor time of all validators, if they did nothing but recover each
    /// sender once; absent where the processes are not our validators.
    pub tx_per_cpu_second_at_most: Option<f64>,
    /// `tx_per_cpu_second` as a part of it.
    pub share: Option<f64>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// The workload.
    pub workload: String,
    /// The kinds of calls in it.
    pub calls: Vec<&'static str>,
    /// Validators, or processes that were watched.
    pub validators: usize,
    /// Client processes.
    pub clients: usize,
    /// Accounts that sent.
    pub senders: usize,
    /// Accounts among which the recipients were.
    pub accounts: u64,
    /// Accounts of these that nine of ten transfers went to; 0 for none.
    pub hot: u64,
    /// Events in each capture.
    pub events_per_transaction: u64,
    /// `open` with a rate, or `closed`.
    pub r#loop: &'static str,
    /// Transactions per second that were asked for.
    pub rate: Option<u64>,
    /// How they were spread: `random` or `even`.
    pub arrivals: Option<&'static str>,
    /// Transactions under way per client in a closed loop.
    pub in_flight: Option<usize>,
    /// Seconds of load before the measured part.
    pub warmup_seconds: f64,
    /// Length of the measured part in seconds.
    pub seconds: f64,
}

/// Milliseconds from when a transaction was due until the client had its receipt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// How many transactions were due within the measured part.
    pub count: u64,
    /// Half of the transactions took at most this long.
    pub p50: Option<f64>,
    /// 90 of 100.
    pub p90: Option<f64>,
    /// 99 of 100.
    pub p99: Option<f64>,
    /// 999 of 1,000.
    pub p999: Option<f64>,
    /// The slowest.
    pub max: f64,
}

/// How finely times are measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Resolution {
    /// `wait`: the node answers when there is a block; `poll`: the client asks again and again.
    pub heads: &'static str,
    /// Between two such questions.
    pub poll_ms: Option<f64>,
    /// Half of the questions of a client were answered within this time, without load.
    pub round_trip_ms: f64,
    /// Quantiles are at most this much too long, in percent.
    pub histogram_percent: f64,
}

/// Bytes per transaction and validator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PerTransaction {
    /// By the lengths of the files.
    pub apparent: f64,
    /// By what the files take on the disk.
    pub allocated: f64,
}

/// A validator, or a process that was watched.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProcessReport {
    /// Its name.
    pub name: String,
    /// User and system time within the measured part.
    pub cpu_seconds: f64,
    /// The most memory that it held since it started.
    pub memory_peak_bytes: u64,
    /// Bytes that it caused to be written to storage within the measured part.
    pub storage_written_bytes: u64,
    /// Bytes sent to other validators within the measured part, over connections that were open at
    /// its end; absent where connections cannot be seen.
    pub sent_to_validators_bytes: Option<u64>,
    /// The same to clients.
    pub sent_to_clients_bytes: Option<u64>,
    /// Its data before the load.
    pub disk_before: Option<Disk>,
    /// Its data after it.
    pub disk_after: Option<Disk>,
}

/// A client process.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientReport {
    /// Transactions that it signed beforehand.
    pub signed: usize,
    /// Its transactions that became final within the measured part.
    pub transactions: u64,
    /// User and system time within the measured part.
    pub cpu_seconds: f64,
    /// The most memory that it held.
    pub memory_peak_bytes: u64,
    /// When it turned to another node, in seconds from the start of the measured part.
    pub failovers_at_seconds: Vec<f64>,
}

/// What became of the transactions of the whole run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Became final.
    pub finals: u64,
    /// Taken by a node, but not final 30 s after the end.
    pub unconfirmed: u64,
    /// Due within the measured part, but taken by no node.
    pub unsent: u64,
    /// Refusals; each was sent again.
    pub refused: u64,
    /// The first reason for one.
    pub first_refusal: Option<String>,
    /// Receipts that were read: one for each client and block.
    pub receipts_read: u64,
    /// Receipts of failed transactions among them.
    pub receipts_failed: u64,
    /// A client ran out of signed transactions before the end.
    pub ran_out: bool,
}

/// The validator that was killed, and the chain before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kill {
    /// Which one.
    pub validator: String,
    /// When, in seconds from the start of the measured part.
    pub at_seconds: f64,
    /// Transactions per second before.
    pub tx_per_second_before: f64,
    /// Transactions per second after, until it was started again.
    pub tx_per_second_after: f64,
    /// The latter by the former.
    pub ratio: f64,
    /// The longest time without a block that carried transactions, before.
    pub longest_gap_before_ms: f64,
    /// The same after.
    pub longest_gap_after_ms: f64,
}

/// How a killed validator came back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Restart {
    /// When it was started, in seconds from the start of the measured part.
    pub at_seconds: f64,
    /// Seconds until it answered.
    pub answered_after_seconds: Option<f64>,
    /// Seconds until it had the newest block.
    pub caught_up_after_seconds: Option<f64>,
    /// Transactions per second from its start on.
    pub tx_per_second_after: f64,
}

/// The measured part in slices of equal length; the last one may be shorter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slices {
    /// The length of a slice.
    pub slice_ms: f64,
    /// Transactions that were seen final in each.
    pub transactions: Vec<u64>,
    /// Half of the transactions due in the slice took at most this long.
    pub p50_ms: Vec<Option<f64>>,
    /// 99 of 100.
    pub p99_ms: Vec<Option<f64>>,
}

impl Slices {
    fn of(timeline: &Timeline, slice_ms: f64) -> Self {
        let quantile =
            |per_mille| timeline.times.iter().map(|times| times.quantile_ms(per_mille)).collect();
        Self {
            slice_ms,
            transactions: timeline.finals.clone(),
            p50_ms: quantile(500),
            p99_ms: quantile(990),
        }
    }
}
