//! What a run says: as a table for a person, as JSON for a program.

use std::time::Duration;

use serde::Serialize;

use crate::load::Measured;
use crate::machine::{Machine, commit};
use crate::workload::WorkloadKind;
use crate::{Options, Target};

/// Milliseconds from when a transaction was due until the client saw it final.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// Half of the transactions took at most this long.
    pub p50: f64,
    /// 90 of 100.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

/// The result of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What the transactions did.
    pub workload: &'static str,
    /// Validator processes, each with its own data folder and durable writes.
    pub validators: usize,
    /// Accounts that sent.
    pub senders: usize,
    /// Transactions per second that were asked for; absent for as fast as possible.
    pub rate: Option<u64>,
    /// Transactions that might be under way per validator, without a rate.
    pub in_flight: usize,
    /// Length of the measured part in seconds.
    pub seconds: f64,
    /// Transactions that became final within it.
    pub transactions: u64,
    /// Per second of wall clock.
    pub transactions_per_second: f64,
    /// Per second of processor time, of all validators together.
    pub transactions_per_cpu_second: f64,
    /// Events per second of wall clock, for the capture workload.
    pub events_per_second: Option<f64>,
    /// From due to final.
    pub finality_ms: Latency,
    /// Resolution of these times: how often the client looks.
    pub poll_ms: f64,
    /// Blocks of the whole run.
    pub blocks: u64,
    /// Processor seconds of all validators within the measured part.
    pub validators_cpu_seconds: f64,
    /// Processor seconds of the clients within the measured part.
    pub client_cpu_seconds: f64,
    /// Growth of the data on disk per transaction and validator, over the whole run.
    pub disk_bytes_per_transaction: f64,
    /// The most memory that a validator held.
    pub memory_bytes_max: u64,
    /// Transactions that the nodes took over the whole run.
    pub taken: u64,
    /// Refusals; each was sent again.
    pub refused: u64,
    /// The first reason for a refusal.
    pub first_refusal: Option<String>,
    /// Taken, but not final when the run ended.
    pub unconfirmed: u64,
    /// The signed transactions ran out before the time was over.
    pub ran_out: bool,
    /// Everything random followed from it.
    pub seed: u64,
    /// The source that was measured, if it was run in its folder.
    pub commit: Option<String>,
    /// The command line.
    pub command: String,
    /// The machine.
    pub machine: Machine,
}

/// Condenses what was observed.
pub fn summarise(options: &Options, target: &Target, measured: Measured) -> Report {
    let (start, end) = measured.window;
    let within = measured.finals.iter().filter(|done| done.seen >= start && done.seen < end);
    let transactions = within.count() as u64;
    let mut waits: Vec<Duration> = measured
        .finals
        .iter()
        .filter(|done| done.due >= start && done.due < end)
        .map(|done| done.seen.saturating_duration_since(done.due))
        .collect();
    waits.sort_unstable();
    let seconds = options.duration.as_secs_f64();
    let rate = transactions as f64 / seconds;
    let confirmed = measured.finals.len().max(1) as f64;
    let growth: u64 = measured.disk_growth.iter().sum();
    let nodes = measured.disk_growth.len().max(1) as f64;
    let events = options.events_per_transaction as f64;
    Report {
        workload: options.kind.name(),
        validators: target.homes.len(),
        senders: options.senders,
        rate: options.rate,
        in_flight: options.in_flight,
        seconds,
        transactions,
        transactions_per_second: rate,
        transactions_per_cpu_second: transactions as f64 / measured.validators_cpu.max(0.01),
        events_per_second: (options.kind == WorkloadKind::Capture).then_some(rate * events),
        finality_ms: latency(&waits),
        poll_ms: crate::watch::POLL.as_secs_f64() * 1_000.0,
        blocks: measured.blocks,
        validators_cpu_seconds: measured.validators_cpu,
        client_cpu_seconds: measured.client_cpu,
        disk_bytes_per_transaction: growth as f64 / nodes / confirmed,
        memory_bytes_max: measured.memory_peaks.into_iter().max().unwrap_or(0),
        taken: measured.taken,
        refused: measured.refused,
        first_refusal: measured.refusal,
        unconfirmed: measured.lost,
        ran_out: measured.ran_out,
        seed: options.seed,
        commit: commit(),
        command: options.command.clone(),
        machine: Machine::this(),
    }
}

/// Quantiles of sorted waits.
pub fn latency(sorted: &[Duration]) -> Latency {
    let at = |quantile: f64| {
        let position = (sorted.len() as f64 * quantile).ceil() as usize;
        let wait = sorted.get(position.saturating_sub(1).min(sorted.len().saturating_sub(1)));
        wait.map_or(0.0, |wait| (wait.as_secs_f64() * 100_000.0).round() / 100.0)
    };
    Latency { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1.0) }
}

impl Report {
    /// The report for a person.
    pub fn table(&self) -> String {
        let pace = match self.rate {
            Some(rate) => format!("{rate} transactions/s asked for"),
            None => format!("up to {} under way per validator", self.in_flight),
        };
        let Latency { p50, p90, p99, max } = self.finality_ms;
        let mut lines = vec![
            format!("workload    {} with {} senders, {pace}", self.workload, self.senders),
            format!("validators  {} processes, {:.0} s measured", self.validators, self.seconds),
            format!("final       {} transactions in {} blocks", self.transactions, self.blocks),
            format!("throughput  {:.0} transactions/s", self.transactions_per_second),
            format!(
                "            {:.0} per CPU-second of all validators",
                self.transactions_per_cpu_second
            ),
            format!(
                "finality    p50 {p50:.1} ms, p90 {p90:.1} ms, p99 {p99:.1} ms, max {max:.1} ms"
            ),
            format!(
                "disk        {:.0} bytes per transaction and validator",
                self.disk_bytes_per_transaction
            ),
            format!(
                "memory      {:.0} MB at most per validator",
                self.memory_bytes_max as f64 / 1e6
            ),
            format!(
                "CPU         validators {:.1} s, clients {:.1} s, {} cores",
                self.validators_cpu_seconds, self.client_cpu_seconds, self.machine.cores
            ),
            format!("refused     {} (sent again), unconfirmed {}", self.refused, self.unconfirmed),
        ];
        if let Some(events) = self.events_per_second {
            lines.insert(4, format!("            {events:.0} events/s"));
        }
        if let Some(reason) = &self.first_refusal {
            lines.push(format!("            first refusal: {reason}"));
        }
        if self.ran_out {
            lines.push("note        the signed transactions ran out; raise --transactions".into());
        }
        lines.join("\n")
    }
}
