//! A client: a process of its own that signs, sends, and looks for what became final.
//!
//! It reads its [`Plan`] from stdin, signs, says that it is ready, waits for the instant at which
//! the load starts, and prints what it saw as one line of JSON.

mod endpoints;
mod pace;
mod send;
mod watch;

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alloy_primitives::B256;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

pub(crate) use endpoints::Endpoint;
use endpoints::Endpoints;

use crate::rpc::Rpc;
use crate::schedule::Arrivals;
use crate::timeline::{Timeline, Window};
use crate::workload::{Scene, Sender, Signed, Workload, sign_all};

/// Questions from which the time of one question and answer is taken.
const PROBES: usize = 20;

/// What a client is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// Its number among the clients.
    pub client: usize,
    /// How many clients there are.
    pub clients: usize,
    /// What it sends.
    pub workload: Workload,
    /// On which accounts.
    pub scene: Scene,
    /// Its own senders; no other client has them.
    pub senders: Vec<Sender>,
    /// How many transactions it signs beforehand.
    pub transactions: usize,
    /// Transactions per second of all clients; `None` for a closed loop.
    pub rate: Option<u64>,
    /// How an open loop is spread.
    pub arrivals: Arrivals,
    /// Transactions that may be under way in a closed loop.
    pub in_flight: usize,
    /// When it sends and what is measured.
    pub window: Window,
    /// The nodes, its own first; the others where that one does not answer.
    pub endpoints: Vec<Endpoint>,
    /// How long the last transactions may take after the measured part has ended.
    pub drain: Duration,
    /// Between two looks at a node that cannot be waited at.
    pub poll: Duration,
}

/// The line by which a client says that it can start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    /// Transactions that it signed.
    pub signed: usize,
    /// Half of its questions were answered within so many milliseconds, before there was load.
    pub round_trip_ms: f64,
}

/// The line by which a client is told to start.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Start {
    /// When the load starts: nanoseconds since the Unix epoch.
    pub unix_ns: u64,
}

/// A block with transactions, as a client saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenBlock {
    /// Its height.
    pub height: u64,
    /// When it was seen, from the start of the load.
    pub seen: Duration,
    /// Its transactions, of all clients.
    pub transactions: u64,
}

/// What a client saw.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Observed {
    /// Transactions and times of the measured part.
    pub timeline: Timeline,
    /// Transactions that became final over the whole run.
    pub finals: u64,
    /// Transactions that a node took and that were not final at the end.
    pub unconfirmed: u64,
    /// Transactions that were due within the measured part and that no node took.
    pub unsent: u64,
    /// Refusals; what is refused is sent again.
    pub refused: u64,
    /// The first reason for a refusal.
    pub refusal: Option<String>,
    /// Receipts that were read: one for each block with transactions of this client.
    pub receipts: u64,
    /// Receipts of failed transactions among them.
    pub receipts_failed: u64,
    /// Every block with transactions.
    pub blocks: Vec<SeenBlock>,
    /// The heights that were looked at: the first and one past the last.
    pub heights: (u64, u64),
    /// When the client turned to another node.
    pub failovers: Vec<Duration>,
    /// Whether the signed transactions ran out before the end.
    pub ran_out: bool,
}

/// Runs a client between two pipes.
pub fn run(mut input: impl BufRead + Send + 'static, mut output: impl Write) -> Result<()> {
    let plan: Plan = read_line(&mut input)?.context("no plan was given")?;
    if plan.senders.is_empty() || plan.endpoints.is_empty() {
        bail!("a plan needs a sender and an endpoint");
    }
    let signed = sign_all(&plan.workload, &plan.scene, &plan.senders, plan.transactions);
    let round_trip_ms = round_trip(&Rpc::new(&plan.endpoints[0].rpc))?;
    write_line(&mut output, &Ready { signed: signed.len(), round_trip_ms })?;
    let Some(start) = read_line::<Start>(&mut input)? else { return Ok(()) };
    // Whoever started this process holds the other end: when it is gone, so is this.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut input, &mut std::io::sink());
        std::process::exit(1);
    });
    let observed = observe(&plan, &signed, Clock::starting(start))?;
    write_line(&mut output, &observed)
}

/// The time since the start of the load.
#[derive(Debug, Clone, Copy)]
struct Clock {
    start: Instant,
}

impl Clock {
    fn starting(start: Start) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let start = Duration::from_nanos(start.unix_ns);
        let instant = Instant::now();
        Self { start: instant + start.saturating_sub(now) - now.saturating_sub(start) }
    }

    fn now(&self) -> Duration {
        Instant::now().saturating_duration_since(self.start)
    }

    fn sleep_until_start(&self) {
        std::thread::sleep(self.start.saturating_duration_since(Instant::now()));
    }
}

/// A transaction that was sent, or is about to be.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// Its place among the signed transactions.
    position: usize,
    /// When it was due.
    due: Duration,
}

/// What the sending and the watching thread share.
struct Shared<'a> {
    plan: &'a Plan,
    clock: Clock,
    endpoints: Endpoints,
    under_way: Mutex<HashMap<B256, Waiting>>,
    stop: AtomicBool,
}

impl Shared<'_> {
    fn under_way(&self) -> MutexGuard<'_, HashMap<B256, Waiting>> {
        self.under_way.lock().expect("no thread panics with the lock")
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

fn observe(plan: &Plan, signed: &[Signed], clock: Clock) -> Result<Observed> {
    let from = Rpc::new(&plan.endpoints[0].rpc).height()? + 1;
    let shared = Shared {
        plan,
        clock,
        endpoints: Endpoints::new(&plan.endpoints),
        under_way: Mutex::default(),
        stop: AtomicBool::new(false),
    };
    let (watched, sent) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch::watch(&shared, from));
        let sent = send::send_all(&shared, signed);
        shared.stop.store(true, Ordering::Relaxed);
        (watcher.join().expect("watching does not panic"), sent)
    });
    let mut timeline = watched.timeline;
    let now = clock.now();
    // What did not become final took at least this long: leaving it out would flatter the rest.
    let unconfirmed = shared.under_way().values().copied().collect::<Vec<_>>();
    for due in unconfirmed.iter().map(|waiting| waiting.due).chain(sent.unsent.iter().copied()) {
        timeline.waited(due, now.saturating_sub(due));
    }
    Ok(Observed {
        timeline,
        finals: watched.finals,
        unconfirmed: unconfirmed.len() as u64,
        unsent: sent.unsent.len() as u64,
        refused: sent.refused,
        refusal: sent.refusal,
        receipts: watched.receipts,
        receipts_failed: watched.receipts_failed,
        blocks: watched.blocks,
        heights: (from, watched.next),
        failovers: shared.endpoints.failovers(),
        ran_out: sent.ran_out,
    })
}

fn round_trip(rpc: &Rpc) -> Result<f64> {
    let mut times = Vec::with_capacity(PROBES);
    for _ in 0..PROBES {
        let asked = Instant::now();
        rpc.height()?;
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    Ok((times[PROBES / 2].as_secs_f64() * 100_000.0).round() / 100.0)
}

/// Reads one line of JSON; `None` at the end of the input.
pub fn read_line<T: for<'a> Deserialize<'a>>(input: &mut impl BufRead) -> Result<Option<T>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line).context("not the expected line")?))
}

/// Writes one line of JSON.
pub fn write_line(output: &mut impl Write, value: &impl Serialize) -> Result<()> {
    writeln!(output, "{}", serde_json::to_string(value)?)?;
    Ok(output.flush()?)
}
