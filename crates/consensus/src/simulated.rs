//! A whole network in one process under one seed: virtual time, a simulated network, faults.
//!
//! The validators are the ones of a node, down to the stores; only the runtime and the network
//! differ. The same seed gives the same history, bit for bit.

use std::{future::Future, sync::Arc, time::Duration};

use commonware_p2p::{
    Manager as _, TrackedPeers,
    simulated::{self, Link, Network, Oracle},
};
use commonware_parallel::Sequential;
use commonware_runtime::{
    Clock as _, Handle, Quota, Runner as _, Spawner as _, Supervisor as _, deterministic,
};
use commonware_utils::{NZU32, NZUsize, Probability, ordered::Set};
use futures::future::BoxFuture;
use qiao_mempool::{Pool, PoolConfig};
use qiao_types::Genesis;
use tokio::sync::oneshot;

use crate::{
    Head,
    engine::{CHANNELS, Channels, Engine, EngineConfig, Timing, message_bytes_max, start},
    keys::ValidatorKeys,
    scheme::{PublicKey, network_identity},
};

/// What the simulated network is like.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// Delay of a message.
    pub latency_ms: u64,
    /// How much the delay varies.
    pub jitter_ms: u64,
    /// Out of a hundred messages, so many arrive.
    pub arriving_percent: u8,
    /// The simulation ends with a failure after this much virtual time.
    pub timeout: Duration,
}

impl Default for Conditions {
    fn default() -> Self {
        let timeout = Duration::from_secs(600);
        Self { latency_ms: 5, jitter_ms: 2, arriving_percent: 100, timeout }
    }
}

/// The result of a simulation and the fingerprint of everything that happened in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<T> {
    /// What the script gave.
    pub value: T,
    /// Two runs with the same fingerprint were the same run.
    pub fingerprint: String,
}

/// Runs validators with these keys under `seed` and lets `script` do things to them.
pub fn simulate<F, T>(
    seed: u64,
    conditions: Conditions,
    genesis: Arc<Genesis>,
    keys: Vec<ValidatorKeys>,
    script: impl FnOnce(Cluster) -> F,
) -> Outcome<T>
where
    F: Future<Output = T>,
{
    let config =
        deterministic::Config::new().with_seed(seed).with_timeout(Some(conditions.timeout));
    deterministic::Runner::new(config).start(|context| async move {
        let auditor = context.auditor();
        let new: BoxFuture<'_, Cluster> =
            Box::pin(Cluster::new(context, conditions, genesis, keys));
        let mut cluster = new.await;
        for index in 0..cluster.size() {
            cluster.start(index).await;
        }
        let value = script(cluster).await;
        Outcome { value, fingerprint: auditor.state() }
    })
}

/// The validators and the wires between them.
pub struct Cluster {
    context: deterministic::Context,
    oracle: Oracle<PublicKey, deterministic::Context>,
    link: Link,
    genesis: Arc<Genesis>,
    keys: Vec<ValidatorKeys>,
    members: Vec<PublicKey>,
    running: Vec<Option<Validator>>,
    starts: usize,
}

struct Validator {
    root: Handle<()>,
    engine: Engine,
    pool: Arc<Pool>,
}

impl Cluster {
    async fn new(
        context: deterministic::Context,
        conditions: Conditions,
        genesis: Arc<Genesis>,
        keys: Vec<ValidatorKeys>,
    ) -> Self {
        let members: Vec<PublicKey> = genesis
            .validators
            .iter()
            .map(|validator| network_identity(validator).expect("the genesis names real keys"))
            .collect();
        let config = simulated::Config {
            max_size: message_bytes_max(&genesis),
            max_peers_per_set: NZUsize!(100),
            disconnect_on_block: true,
            tracked_peer_sets: NZUsize!(1),
        };
        let (network, oracle) = Network::new(context.child("network"), config);
        network.start();
        let everybody = Set::from_iter_dedup(members.iter().cloned());
        oracle.manager().track(0, TrackedPeers::primary(everybody));
        let link = Link {
            latency: Duration::from_millis(conditions.latency_ms),
            jitter: Duration::from_millis(conditions.jitter_ms),
            success_rate: Probability::new(conditions.arriving_percent.min(100).into(), 100)
                .expect("at most all messages arrive"),
        };
        let running = members.iter().map(|_| None).collect();
        let mut cluster =
            Self { context, oracle, link, genesis, keys, members, running, starts: 0 };
        let all: Vec<usize> = (0..cluster.size()).collect();
        cluster.connect(&all, &all).await;
        cluster
    }

    /// How many validators there are.
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// Lets virtual time pass.
    pub async fn sleep(&self, duration: Duration) {
        self.context.sleep(duration).await;
    }

    /// A running validator.
    pub fn engine(&self, index: usize) -> &Engine {
        &self.validator(index).engine
    }

    /// The pool of a running validator.
    pub fn pool(&self, index: usize) -> &Arc<Pool> {
        &self.validator(index).pool
    }

    /// The newest final block of every running validator.
    pub fn heads(&self) -> Vec<Option<Head>> {
        let head = |validator: &Validator| *validator.engine.heads.borrow();
        self.running.iter().map(|running| running.as_ref().map(head)).collect()
    }

    /// Starts a validator on whatever its storage holds.
    ///
    /// Boxed, so that the whole stack is compiled once, here, and not in every crate that
    /// simulates.
    pub fn start(&mut self, index: usize) -> BoxFuture<'_, ()> {
        Box::pin(self.start_stack(index))
    }

    async fn start_stack(&mut self, index: usize) {
        self.starts += 1;
        let channels = self.channels(index).await;
        let pool = Arc::new(Pool::new(PoolConfig::of(&self.genesis)));
        let control = self.oracle.control(self.members[index].clone());
        let config = EngineConfig {
            prefix: format!("validator-{index}"),
            genesis: self.genesis.clone(),
            keys: self.keys[index].clone(),
            pool: pool.clone(),
            state_window: 64,
            peers: self.oracle.manager(),
            blocker: control,
            strategy: Sequential,
            cache_pages: NZUsize!(1_024),
            timing: Timing::for_heartbeat(self.genesis.parameters.heartbeat_ms),
            version: "simulated".into(),
        };
        let (started, starting) = oneshot::channel();
        let context = self
            .context
            .child("validator")
            .with_attribute("index", index)
            .with_attribute("start", self.starts);
        // Everything that the validator runs is a descendant of this task and falls with it.
        let root = context.spawn(move |context| async move {
            let begun = start(context.child("stack"), config, channels).await;
            let (engine, running) = begun.unwrap_or_else(|error| panic!("validator: {error}"));
            if started.send(engine).is_ok() {
                let _ = running.await;
            }
        });
        let engine = starting.await.expect("a validator that cannot start panics");
        self.running[index] = Some(Validator { root, engine, pool });
    }

    /// Stops a validator at once, as `kill -9` would; its storage stays.
    pub fn crash(&mut self, index: usize) {
        if let Some(validator) = self.running[index].take() {
            validator.root.abort();
        }
    }

    /// Cuts every wire between the two groups.
    pub async fn disconnect(&mut self, left: &[usize], right: &[usize]) {
        for (from, to) in pairs(left, right) {
            let (from, to) = (self.members[from].clone(), self.members[to].clone());
            self.oracle.remove_link(from, to).await.expect("the wire was there");
        }
    }

    /// Mends every wire between the two groups.
    pub async fn connect(&mut self, left: &[usize], right: &[usize]) {
        for (from, to) in pairs(left, right) {
            let (from, to) = (self.members[from].clone(), self.members[to].clone());
            let link = self.link.clone();
            self.oracle.add_link(from, to, link).await.expect("the wire was cut");
        }
    }

    fn validator(&self, index: usize) -> &Validator {
        self.running[index].as_ref().expect("the script uses validators that run")
    }

    async fn channels(&self, index: usize) -> SimulatedChannels {
        let control = self.oracle.control(self.members[index].clone());
        let quota = Quota::per_second(NZU32!(4_096));
        let mut registered = Vec::new();
        for channel in 0..CHANNELS {
            let pair = control.register(channel, quota).await;
            registered.push(pair.expect("the simulated network runs"));
        }
        let mut next = registered.into_iter();
        let mut next = || next.next().expect("one pair for each channel");
        Channels {
            votes: next(),
            certificates: next(),
            resolver: next(),
            backfill: next(),
            broadcast: next(),
            transactions: next(),
            introductions: next(),
        }
    }
}

type SimulatedChannels =
    Channels<simulated::Sender<PublicKey, deterministic::Context>, simulated::Receiver<PublicKey>>;

/// Both directions of every wire between two groups, each once.
fn pairs(left: &[usize], right: &[usize]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<_> = left
        .iter()
        .flat_map(|a| right.iter().flat_map(move |b| [(*a, *b), (*b, *a)]))
        .filter(|(a, b)| a != b)
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}
