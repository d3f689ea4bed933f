//! The load itself: one sending and one watching thread per validator.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use alloy_primitives::Bytes;
use anyhow::{Result, bail};

use crate::network::{Network, cpu_seconds, disk_bytes};
use crate::rpc::{Rpc, Sent};
use crate::watch::{Final, UnderWay};
use crate::workload::Signed;
use crate::{Options, Target};

/// Transactions per request.
const BATCH: usize = 50;

/// Bytes of transactions per request.
const BATCH_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How long the last transactions may take after sending has ended.
const DRAIN_MAX: Duration = Duration::from_secs(30);

/// What was observed.
#[derive(Debug)]
pub struct Measured {
    /// The measured part of the run.
    pub window: (Instant, Instant),
    /// Every transaction that became final, over all validators.
    pub finals: Vec<Final>,
    /// Transactions that the nodes took.
    pub taken: u64,
    /// Refusals; a refused transaction is sent again.
    pub refused: u64,
    /// The first reason for a refusal.
    pub refusal: Option<String>,
    /// Transactions that a node took and that did not become final.
    pub lost: u64,
    /// Blocks of the whole run.
    pub blocks: u64,
    /// CPU seconds of all validators within the window.
    pub validators_cpu: f64,
    /// CPU seconds of this process within the window.
    pub client_cpu: f64,
    /// Bytes by which the data of each validator grew over the whole run.
    pub disk_growth: Vec<u64>,
    /// The most memory that each validator held.
    pub memory_peaks: Vec<u64>,
    /// Whether the signed transactions ran out before the time was over.
    pub ran_out: bool,
}

/// What the sending threads share.
#[derive(Debug, Default)]
struct Tally {
    taken: AtomicU64,
    refused: AtomicU64,
    refusal: Mutex<Option<String>>,
    ran_out: AtomicBool,
}

/// Sends the queues, one per validator, and observes.
pub fn run(
    options: &Options,
    target: &Target,
    network: &Network,
    queues: Vec<Vec<Signed>>,
) -> Result<Measured> {
    let disk_before: Vec<u64> = target.data.iter().map(|folder| disk_bytes(folder)).collect();
    let under_way: Vec<UnderWay> = queues.iter().map(|_| UnderWay::default()).collect();
    let clients: Vec<Rpc> = target.rpc.iter().map(|url| Rpc::new(url)).collect();
    let tally = Tally::default();
    let (stop_sending, stop_watching) = (AtomicBool::new(false), AtomicBool::new(false));
    let mut heights = Vec::new();
    for client in &clients {
        heights.push(client.height()? + 1);
    }
    let start = Instant::now() + Duration::from_millis(50);
    let window = (start + options.warmup, start + options.warmup + options.duration);
    let mut cpu = (0.0, 0.0);
    std::thread::scope(|scope| -> Result<()> {
        let mut watchers = Vec::new();
        for ((client, progress), height) in clients.iter().zip(&under_way).zip(&heights) {
            let stop = &stop_watching;
            watchers.push(scope.spawn(move || progress.watch(client, *height, stop)));
        }
        let validators = queues.len();
        for ((client, progress), queue) in clients.iter().zip(&under_way).zip(&queues) {
            let (tally, stop) = (&tally, &stop_sending);
            let pace = Pace::new(options, validators, start);
            scope.spawn(move || send_all(client, progress, queue, &pace, tally, stop));
        }
        sleep_until(window.0);
        let before = (network.cpu_seconds(), cpu_seconds(std::process::id()));
        sleep_until(window.1);
        let after = (network.cpu_seconds(), cpu_seconds(std::process::id()));
        cpu = (after.0 - before.0, after.1 - before.1);
        stop_sending.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + DRAIN_MAX;
        while under_way.iter().any(|progress| progress.count() > 0) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        stop_watching.store(true, Ordering::Relaxed);
        for watcher in watchers {
            watcher.join().expect("watching does not panic")?;
        }
        Ok(())
    })?;
    let disk_after = target.data.iter().map(|folder| disk_bytes(folder));
    let disk_growth =
        disk_after.zip(&disk_before).map(|(after, before)| after.saturating_sub(*before)).collect();
    let taken = tally.taken.into_inner();
    if taken == 0 {
        let reason = tally.refusal.into_inner().expect("no thread panicked").unwrap_or_default();
        bail!("no transaction was taken: {reason}");
    }
    Ok(Measured {
        window,
        finals: under_way.iter().flat_map(UnderWay::finished).collect(),
        taken,
        refused: tally.refused.into_inner(),
        refusal: tally.refusal.into_inner().expect("no thread panicked"),
        lost: under_way.iter().map(|progress| progress.count() as u64).sum(),
        blocks: under_way.iter().map(UnderWay::blocks).max().unwrap_or(0),
        validators_cpu: cpu.0,
        client_cpu: cpu.1,
        disk_growth,
        memory_peaks: network.memory_peaks(),
        ran_out: tally.ran_out.into_inner(),
    })
}

/// When the next transaction of a validator's queue is due.
#[derive(Debug)]
struct Pace {
    start: Instant,
    /// Between two transactions; `None` sends as fast as earlier ones become final.
    interval: Option<Duration>,
    in_flight: usize,
}

impl Pace {
    fn new(options: &Options, validators: usize, start: Instant) -> Self {
        let seconds = |rate: u64| validators as f64 / rate.max(1) as f64;
        let interval = options.rate.map(|rate| Duration::from_secs_f64(seconds(rate)));
        Self { start, interval, in_flight: options.in_flight.max(1) }
    }

    /// How many transactions, from position `from`, may be sent at this instant.
    fn allowance(&self, from: usize, under_way: usize) -> usize {
        match self.interval {
            None => self.in_flight.saturating_sub(under_way),
            Some(interval) => {
                let elapsed = Instant::now().saturating_duration_since(self.start);
                let due = elapsed.as_secs_f64() / interval.as_secs_f64();
                (due as usize).saturating_sub(from)
            }
        }
    }

    /// When the transaction at this position was due.
    fn due(&self, position: usize) -> Instant {
        match self.interval {
            None => Instant::now(),
            Some(interval) => self.start + interval.mul_f64(position as f64),
        }
    }
}

/// Sends a queue in order; what is refused is sent again, so that no nonce is skipped.
fn send_all(
    client: &Rpc,
    progress: &UnderWay,
    queue: &[Signed],
    pace: &Pace,
    tally: &Tally,
    stop: &AtomicBool,
) {
    sleep_until(pace.start);
    let mut at = 0;
    let mut again: Vec<usize> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let allowed = pace.allowance(at, progress.count()).min(BATCH);
        let mut batch = std::mem::take(&mut again);
        let fresh = at..(at + allowed).min(queue.len());
        if batch.is_empty() {
            let mut bytes = 0;
            for position in fresh {
                bytes += queue[position].bytes.len();
                if bytes > BATCH_BYTES_MAX && !batch.is_empty() {
                    break;
                }
                progress.begin(queue[position].hash, pace.due(position));
                batch.push(position);
                at = position + 1;
            }
        }
        if batch.is_empty() {
            if at == queue.len() {
                tally.ran_out.store(true, Ordering::Relaxed);
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
            continue;
        }
        again = send_batch(client, queue, &batch, tally);
        if !again.is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    for position in again {
        progress.forget(&queue[position].hash);
    }
}

/// Sends one batch; returns what must be sent again.
fn send_batch(client: &Rpc, queue: &[Signed], batch: &[usize], tally: &Tally) -> Vec<usize> {
    let bytes: Vec<&Bytes> = batch.iter().map(|position| &queue[*position].bytes).collect();
    let results = match client.send(&bytes) {
        Ok(results) => results,
        Err(error) => vec![Sent::Refused(format!("{error:#}")); batch.len()],
    };
    let mut again = Vec::new();
    for (position, sent) in batch.iter().zip(results) {
        match sent {
            // A node that broke off may have taken it all the same.
            Sent::Refused(reason) if reason.contains("already known") => {
                tally.taken.fetch_add(1, Ordering::Relaxed);
            }
            Sent::Taken => {
                tally.taken.fetch_add(1, Ordering::Relaxed);
            }
            Sent::Refused(reason) => {
                tally.refused.fetch_add(1, Ordering::Relaxed);
                tally.refusal.lock().expect("no thread panicked").get_or_insert(reason);
                again.push(*position);
            }
        }
    }
    again
}

fn sleep_until(instant: Instant) {
    std::thread::sleep(instant.saturating_duration_since(Instant::now()));
}
