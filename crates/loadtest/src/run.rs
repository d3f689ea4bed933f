//! A run: clients and validators side by side, what they used, and what the clients saw.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};

use crate::client::{Endpoint, Observed, Plan, Ready, Start};
use crate::clients::Clients;
use crate::faults::{self, Fault, sleep_until};
use crate::prepare::Prepared;
use crate::subject::Subject;
use crate::timeline::Window;
use crate::usage::{Disk, Sockets, Usage};
use crate::{Options, workload};

/// Between the word to start and the start.
const LEAD: Duration = Duration::from_millis(300);

/// How long the last transactions may take after the measured part has ended.
const DRAIN: Duration = Duration::from_secs(30);

/// What all processes used up to an instant.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The processes under load.
    pub processes: Vec<Usage>,
    /// The clients.
    pub clients: Vec<Usage>,
    /// This process.
    pub bench: Usage,
    /// The ids of the processes under load; 0 where one is down.
    pub process_ids: Vec<u32>,
    /// Their connections, where they can be seen.
    pub sockets: Option<Sockets>,
}

/// What was observed.
#[derive(Debug)]
pub struct Measured {
    /// The measured part.
    pub window: Window,
    /// When the load started: milliseconds since the Unix epoch.
    pub started_unix_ms: u64,
    /// What each client said before the load.
    pub ready: Vec<Ready>,
    /// What each client saw.
    pub observed: Vec<Observed>,
    /// All processes at the start of the measured part.
    pub first: Look,
    /// All processes at the end of the measured part.
    pub second: Look,
    /// What they used up to the end of the run.
    pub last: Vec<Usage>,
    /// The data before the load and after it.
    pub disks: Option<(Vec<Disk>, Vec<Disk>)>,
    /// What was done to a validator.
    pub fault: Option<Fault>,
}

/// Starts the clients, lets them send, and looks at all processes meanwhile.
pub fn run(
    options: &Options,
    binary: &Path,
    subject: &Subject,
    prepared: &Prepared,
    say: &dyn Fn(&str),
) -> Result<Measured> {
    let window = Window::new(options.warmup, options.duration);
    let plans = plans(options, window, &subject.endpoints(), prepared);
    let total: usize = plans.iter().map(|plan| plan.transactions).sum();
    say(&format!("{} client processes sign up to {total} transactions", plans.len()));
    let mut clients = Clients::start(binary, &plans)?;
    let ready = clients.ready()?;
    let disks_before = subject.disks();
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + LEAD;
    let window_start = Instant::now() + LEAD + window.start;
    clients.begin(Start { unix_ns: wall.as_nanos() as u64 })?;
    say(&format!("sending for {} s", window.end.as_secs()));
    sleep_until(window_start);
    let first = look(subject, &clients);
    let (fault, second) = std::thread::scope(|scope| {
        let own = subject.own();
        let faulty =
            own.map(|validators| scope.spawn(|| faults::run(options, validators, window_start)));
        sleep_until(window_start + window.length());
        let second = look(subject, &clients);
        let fault = faulty.map(|thread| thread.join().expect("the fault does not panic"));
        (fault.transpose(), second)
    });
    let observed = clients.finish()?;
    if observed.iter().all(|client| client.finals == 0) {
        let refusals = observed.iter().find_map(|client| client.refusal.clone());
        bail!("no transaction became final: {}", refusals.unwrap_or_else(|| "no refusal".into()));
    }
    Ok(Measured {
        window,
        started_unix_ms: wall.as_millis() as u64,
        ready,
        observed,
        first,
        second,
        last: subject.usage(),
        disks: disks_before.zip(subject.disks()),
        fault: fault?.flatten(),
    })
}

fn look(subject: &Subject, clients: &Clients) -> Look {
    Look {
        processes: subject.usage(),
        clients: clients.usage(),
        bench: Usage::of(std::process::id()),
        process_ids: subject.process_ids(),
        sockets: Sockets::read(),
    }
}

/// Deals senders and nodes out to the clients.
fn plans(
    options: &Options,
    window: Window,
    endpoints: &[Endpoint],
    prepared: &Prepared,
) -> Vec<Plan> {
    let clients = options.clients.clamp(1, prepared.senders.len());
    let plan = |client: usize| {
        let own = |sender: &&workload::Sender| sender.number as usize % clients == client;
        let mut endpoints = endpoints.to_vec();
        let first = client % endpoints.len();
        endpoints.rotate_left(first);
        Plan {
            client,
            clients,
            workload: options.workload.clone(),
            scene: prepared.scene.clone(),
            senders: prepared.senders.iter().filter(own).cloned().collect(),
            transactions: options.transactions.div_ceil(clients),
            rate: options.rate,
            arrivals: options.arrivals,
            in_flight: options.in_flight,
            window,
            endpoints,
            drain: DRAIN,
            poll: options.poll,
        }
    };
    (0..clients).map(plan).collect()
}
