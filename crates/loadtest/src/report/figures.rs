//! The figures of a report, from what was observed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{
    ClientReport, Kill, Latency, Load, Outcome, PerTransaction, ProcessReport, Report, Resolution,
    Restart, SCHEMA, Signatures, Slices,
};
use crate::Options;
use crate::client::Observed;
use crate::histogram::Histogram;
use crate::machine::{Machine, commit};
use crate::run::Measured;
use crate::signatures::recoveries_per_cpu_second;
use crate::subject::Subject;
use crate::timeline::{Timeline, Window};

/// Condenses what was observed.
pub fn summarise(options: &Options, subject: &Subject, measured: &Measured) -> Report {
    let Measured { window, observed, first, second, .. } = measured;
    let mut timeline = Timeline::new(*window);
    observed.iter().for_each(|client| timeline.add(&client.timeline));
    let transactions: u64 = timeline.finals.iter().sum();
    let blocks = Blocks::of(observed);
    let sum = |earlier: &[_], later: &[_]| differences(earlier, later).iter().sum::<f64>();
    let validators_cpu = sum(&first.processes, &second.processes);
    let per_cpu_second =
        (validators_cpu > 0.0).then(|| rounded(transactions as f64 / validators_cpu));
    let per_second = rounded(transactions as f64 / window.length().as_secs_f64());
    let finals: u64 = observed.iter().map(|client| client.finals).sum();
    let is_capture = options.workload.name == "capture";
    Report {
        schema: SCHEMA,
        command: options.command.clone(),
        commit: commit(),
        build: if cfg!(debug_assertions) { "development" } else { "release" },
        started_unix_ms: measured.started_unix_ms,
        seed: options.seed,
        machine: Machine::this(),
        load: load(options, subject, measured),
        transactions,
        tx_per_second: per_second,
        tx_per_cpu_second: per_cpu_second,
        signatures: signatures(subject, per_cpu_second),
        events_per_second: is_capture
            .then(|| rounded(per_second * options.events_per_transaction as f64)),
        finality_ms: latency(&timeline.all_times()),
        resolution: resolution(options, subject, measured),
        longest_gap_ms: blocks.longest_gap_ms(window.start, window.end),
        blocks_with_transactions: blocks.count(window),
        blocks: observed
            .iter()
            .map(|client| client.heights.1 - client.heights.0)
            .max()
            .unwrap_or(0),
        validators_cpu_seconds: rounded(validators_cpu),
        clients_cpu_seconds: rounded(sum(&first.clients, &second.clients)),
        bench_cpu_seconds: rounded(second.bench.cpu_seconds - first.bench.cpu_seconds),
        disk_bytes_per_transaction: disk(measured, finals),
        memory_peak_bytes_max: measured
            .last
            .iter()
            .map(|usage| usage.memory_peak_bytes)
            .max()
            .unwrap_or(0),
        start_seconds: subject.own().map(|own| rounded(own.started_in.as_secs_f64())),
        validators: processes(subject, measured),
        clients: clients(measured),
        outcome: outcome(observed, finals),
        kill: kill(subject, measured, &timeline, &blocks),
        restart: restart(measured, &timeline),
        timeline: Slices::of(&timeline, window.slice.as_secs_f64() * 1_000.0),
    }
}

fn signatures(subject: &Subject, per_cpu_second: Option<f64>) -> Signatures {
    let recoveries = recoveries_per_cpu_second();
    let at_most = subject.own().map(|own| recoveries / own.all().len() as f64);
    Signatures {
        recoveries_per_cpu_second: rounded(recoveries),
        tx_per_cpu_second_at_most: at_most.map(rounded),
        share: at_most.zip(per_cpu_second).map(|(at_most, rate)| rounded(rate / at_most)),
    }
}

fn load(options: &Options, subject: &Subject, measured: &Measured) -> Load {
    let is_open = options.rate.is_some();
    Load {
        workload: options.workload.name.clone(),
        calls: options.workload.actions().iter().map(|action| action.name()).collect(),
        validators: subject.names().len(),
        clients: measured.observed.len(),
        senders: options.senders,
        accounts: options.accounts,
        hot: options.hot,
        events_per_transaction: options.events_per_transaction,
        r#loop: if is_open { "open" } else { "closed" },
        rate: options.rate,
        arrivals: is_open.then(|| options.arrivals.name()),
        in_flight: (!is_open).then_some(options.in_flight),
        warmup_seconds: measured.window.start.as_secs_f64(),
        seconds: measured.window.length().as_secs_f64(),
    }
}

/// The quantiles of a histogram.
pub fn latency(times: &Histogram) -> Latency {
    Latency {
        count: times.count(),
        p50: times.quantile_ms(500),
        p90: times.quantile_ms(900),
        p99: times.quantile_ms(990),
        p999: times.quantile_ms(999),
        max: times.max_ms(),
    }
}

fn resolution(options: &Options, subject: &Subject, measured: &Measured) -> Resolution {
    let can_wait = subject.own().is_some();
    let slowest = measured.ready.iter().map(|ready| ready.round_trip_ms).fold(0.0, f64::max);
    Resolution {
        heads: if can_wait { "wait" } else { "poll" },
        poll_ms: (!can_wait).then_some(options.poll.as_secs_f64() * 1_000.0),
        round_trip_ms: slowest,
        histogram_percent: 0.8,
    }
}

fn disk(measured: &Measured, finals: u64) -> Option<PerTransaction> {
    let (before, after) = measured.disks.as_ref()?;
    let growth = |size: fn(&crate::usage::Disk) -> u64| {
        let before: u64 = before.iter().map(size).sum();
        let after: u64 = after.iter().map(size).sum();
        (after as f64 - before as f64) / measured.last.len().max(1) as f64 / finals.max(1) as f64
    };
    Some(PerTransaction {
        apparent: rounded(growth(|disk| disk.apparent_bytes)),
        allocated: rounded(growth(|disk| disk.allocated_bytes)),
    })
}

fn processes(subject: &Subject, measured: &Measured) -> Vec<ProcessReport> {
    let Measured { first, second, .. } = measured;
    let cpu = differences(&first.processes, &second.processes);
    let ports = subject.client_ports();
    let report = |(position, name): (usize, String)| {
        let disk = |disks: fn(&(Vec<_>, Vec<_>)) -> &Vec<_>| {
            Some(disks(measured.disks.as_ref()?)[position])
        };
        let process = second.process_ids[position];
        // What a process sent that is gone cannot be seen any more.
        let is_same = process != 0 && process == first.process_ids[position];
        let sent = |to_clients| {
            let ports = &ports.as_ref()?[position];
            let (earlier, later) = (first.sockets.as_ref()?, second.sockets.as_ref()?);
            is_same.then(|| later.sent_since(earlier, process, ports, to_clients))
        };
        let written = |usage: &crate::usage::Usage| usage.written_bytes;
        ProcessReport {
            name,
            cpu_seconds: rounded(cpu[position]),
            memory_peak_bytes: measured.last[position].memory_peak_bytes,
            storage_written_bytes: written(&second.processes[position])
                .saturating_sub(written(&first.processes[position])),
            sent_to_validators_bytes: sent(false),
            sent_to_clients_bytes: sent(true),
            disk_before: disk(|disks| &disks.0),
            disk_after: disk(|disks| &disks.1),
        }
    };
    subject.names().into_iter().enumerate().map(report).collect()
}

fn clients(measured: &Measured) -> Vec<ClientReport> {
    let Measured { window, first, second, .. } = measured;
    let cpu = differences(&first.clients, &second.clients);
    let report = |(position, client): (usize, &Observed)| ClientReport {
        signed: measured.ready[position].signed,
        transactions: client.timeline.finals.iter().sum(),
        cpu_seconds: rounded(cpu[position]),
        memory_peak_bytes: second.clients[position].memory_peak_bytes,
        failovers_at_seconds: client
            .failovers
            .iter()
            .map(|at| rounded(at.as_secs_f64() - window.start.as_secs_f64()))
            .collect(),
    };
    measured.observed.iter().enumerate().map(report).collect()
}

fn outcome(observed: &[Observed], finals: u64) -> Outcome {
    let sum = |count: fn(&Observed) -> u64| observed.iter().map(count).sum();
    Outcome {
        finals,
        unconfirmed: sum(|client| client.unconfirmed),
        unsent: sum(|client| client.unsent),
        refused: sum(|client| client.refused),
        first_refusal: observed.iter().find_map(|client| client.refusal.clone()),
        receipts_read: sum(|client| client.receipts),
        receipts_failed: sum(|client| client.receipts_failed),
        ran_out: observed.iter().any(|client| client.ran_out),
    }
}

fn kill(
    subject: &Subject,
    measured: &Measured,
    timeline: &Timeline,
    blocks: &Blocks,
) -> Option<Kill> {
    let (fault, window) = (measured.fault.as_ref()?, measured.window);
    let killed = window.start + fault.killed;
    let back = fault.restarted.map_or(window.end, |back| (window.start + back.at).min(window.end));
    let before = rate(timeline, window, window.start, killed);
    let after = rate(timeline, window, killed, back);
    Some(Kill {
        validator: subject.names()[fault.validator].clone(),
        at_seconds: rounded(fault.killed.as_secs_f64()),
        tx_per_second_before: before,
        tx_per_second_after: after,
        ratio: if before > 0.0 { (after / before * 1_000.0).round() / 1_000.0 } else { 0.0 },
        longest_gap_before_ms: blocks.longest_gap_ms(window.start, killed),
        longest_gap_after_ms: blocks.longest_gap_ms(killed, back),
    })
}

fn restart(measured: &Measured, timeline: &Timeline) -> Option<Restart> {
    let (back, window) = (measured.fault.as_ref()?.restarted?, measured.window);
    let seconds = |after: Option<Duration>| after.map(|after| rounded(after.as_secs_f64()));
    Some(Restart {
        at_seconds: rounded(back.at.as_secs_f64()),
        answered_after_seconds: seconds(back.answered_after),
        caught_up_after_seconds: seconds(back.caught_up_after),
        tx_per_second_after: rate(timeline, window, window.start + back.at, window.end),
    })
}

/// Transactions per second between two instants, by the slices: the one in which an instant lies
/// counts in proportion.
pub fn rate(timeline: &Timeline, window: Window, from: Duration, to: Duration) -> f64 {
    let seconds = to.saturating_sub(from).as_secs_f64();
    if seconds <= 0.0 {
        return 0.0;
    }
    let mut transactions = 0.0;
    for (position, count) in timeline.finals.iter().enumerate() {
        let start = window.start + window.slice * u32::try_from(position).unwrap_or(u32::MAX);
        let end = (start + window.slice).min(window.end);
        let shared = end.min(to).saturating_sub(start.max(from)).as_secs_f64();
        transactions += *count as f64 * shared / (end - start).as_secs_f64();
    }
    rounded(transactions / seconds)
}

/// Blocks with transactions, each at the instant at which the first client saw it.
#[derive(Debug, Default)]
pub struct Blocks {
    seen: BTreeMap<u64, Duration>,
}

impl Blocks {
    /// Puts together what the clients saw.
    pub fn of(observed: &[Observed]) -> Self {
        let mut seen = BTreeMap::new();
        for block in observed.iter().flat_map(|client| &client.blocks) {
            let first = seen.entry(block.height).or_insert(block.seen);
            *first = block.seen.min(*first);
        }
        Self { seen }
    }

    /// The longest time without one between two instants, the instants included.
    pub fn longest_gap_ms(&self, from: Duration, to: Duration) -> f64 {
        let mut instants: Vec<_> =
            self.seen.values().copied().filter(|seen| *seen >= from && *seen < to).collect();
        instants.extend([from, to.max(from)]);
        instants.sort_unstable();
        let longest = instants.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
        rounded(longest.as_secs_f64() * 1_000.0)
    }

    fn count(&self, window: &Window) -> u64 {
        self.seen.values().filter(|seen| window.holds(**seen)).count() as u64
    }
}

fn differences(earlier: &[crate::usage::Usage], later: &[crate::usage::Usage]) -> Vec<f64> {
    let pairs = later.iter().zip(earlier);
    pairs.map(|(later, earlier)| later.cpu_seconds - earlier.cpu_seconds).collect()
}

/// Two decimals: more would pretend.
pub fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
