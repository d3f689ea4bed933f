//! A whole network in one process under one seed: virtual time, a simulated network, faults.
//!
//! The validators are the ones of a node, down to the stores; only the runtime and the network
//! differ. The same seed gives the same history, bit for bit.

mod disk;
mod faults;
mod machine;
mod replica;
mod spammer;
mod votes;
mod wires;

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use commonware_p2p::{
    Manager as _, TrackedPeers,
    simulated::{self, Link, Network, Oracle},
};
use commonware_parallel::Sequential;
use commonware_runtime::{
    Clock as _, Handle, Runner as _, Spawner as _, Supervisor as _, deterministic,
};
use commonware_utils::{NZUsize, Probability, ordered::Set};
use futures::future::BoxFuture;
use qiao_mempool::{Pool, PoolConfig};
use qiao_types::Genesis;
use rand::RngExt as _;
use tokio::sync::oneshot;

pub use self::{
    disk::Damage,
    replica::Replica,
    votes::certify,
    wires::{Disorder, Withholding},
};
use self::{
    machine::{Hardware, Machine},
    wires::Wires,
};
use crate::{
    Head,
    engine::{Engine, EngineConfig, Timing, message_bytes_max, start},
    keys::ValidatorKeys,
    scheme::{PublicKey, network_identity},
};

/// What the simulated network is like.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// What the wires are like at the beginning.
    pub wire: Wire,
    /// The simulation ends with a failure after this much virtual time.
    pub timeout: Duration,
    /// Whether a validator that cannot go on falls alone, as a process does, instead of failing the
    /// simulation. Only for faults that a node answers by stopping, such as a full disk.
    pub may_stop: bool,
}

/// What a wire is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wire {
    /// Delay of a message.
    pub latency_ms: u64,
    /// How much the delay varies.
    pub jitter_ms: u64,
    /// Out of a hundred messages, so many arrive.
    pub arriving_percent: u8,
}

impl Default for Wire {
    fn default() -> Self {
        Self { latency_ms: 5, jitter_ms: 2, arriving_percent: 100 }
    }
}

impl Default for Conditions {
    fn default() -> Self {
        let timeout = Duration::from_secs(1_800);
        Self { wire: Wire::default(), timeout, may_stop: false }
    }
}

/// The result of a simulation and the fingerprint of everything that happened in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<T> {
    /// What the script gave.
    pub value: T,
    /// Two runs with the same fingerprint were the same run.
    pub fingerprint: String,
    /// How much virtual time passed.
    pub elapsed: Duration,
}

/// The clocks of a simulation begin here, so that a clock may also be behind.
pub const START_MS: u64 = 1_000_000_000;

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
    let began = UNIX_EPOCH + Duration::from_millis(START_MS);
    let config = deterministic::Config::new()
        .with_seed(seed)
        .with_start_time(began)
        .with_catch_panics(conditions.may_stop)
        .with_timeout(Some(conditions.timeout));
    deterministic::Runner::new(config).start(|context| async move {
        let auditor = context.auditor();
        let clock = context.child("stopwatch");
        let new: BoxFuture<'_, Cluster> =
            Box::pin(Cluster::new(context, conditions, genesis, keys));
        let value = script(new.await).await;
        let elapsed = clock.current().duration_since(began).unwrap_or_default();
        Outcome { value, fingerprint: auditor.state(), elapsed }
    })
}

/// The validators and the wires between them. None runs at the beginning.
pub struct Cluster {
    context: deterministic::Context,
    oracle: Oracle<PublicKey, deterministic::Context>,
    wire: Wire,
    genesis: Arc<Genesis>,
    keys: Vec<ValidatorKeys>,
    members: Vec<PublicKey>,
    hardware: Vec<Arc<Hardware>>,
    /// The machines of second copies of the validators.
    twins: Vec<Arc<Hardware>>,
    wires: Vec<Arc<Wires>>,
    running: Vec<Option<Validator>>,
    starts: usize,
    /// When each validator forgot how it had voted.
    forgotten_ms: Vec<Option<u64>>,
    /// Who fetches the state if it has none.
    fetching: Vec<bool>,
}

struct Validator {
    root: Handle<()>,
    // A validator that keeps to no protocol has neither engine nor pool.
    parts: Option<(Engine, Arc<Pool>)>,
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
        let mut cluster = Self {
            oracle,
            wire: conditions.wire,
            genesis,
            keys,
            hardware: members.iter().map(|_| Arc::default()).collect(),
            twins: members.iter().map(|_| Arc::default()).collect(),
            wires: members.iter().map(|_| Arc::default()).collect(),
            running: members.iter().map(|_| None).collect(),
            forgotten_ms: members.iter().map(|_| None).collect(),
            fetching: members.iter().map(|_| false).collect(),
            members,
            starts: 0,
            context,
        };
        let all: Vec<usize> = (0..cluster.size()).collect();
        cluster.connect(&all, &all).await;
        cluster
    }

    /// How many validators there are.
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// The common genesis.
    pub fn genesis(&self) -> &Arc<Genesis> {
        &self.genesis
    }

    /// Lets virtual time pass.
    pub async fn sleep(&self, duration: Duration) {
        self.context.sleep(duration).await;
    }

    /// Milliseconds on a clock that is right.
    pub fn now_ms(&self) -> u64 {
        crate::environment::now_ms(&self.context)
    }

    /// A number below `end`, drawn from the seed.
    pub fn draw(&mut self, end: u64) -> u64 {
        self.context.random_range(0..end.max(1))
    }

    /// A running validator.
    pub fn engine(&self, index: usize) -> &Engine {
        &self.parts(index).0
    }

    /// The pool of a running validator.
    pub fn pool(&self, index: usize) -> &Arc<Pool> {
        &self.parts(index).1
    }

    /// Whether a validator runs and keeps to the protocol.
    pub fn is_running(&self, index: usize) -> bool {
        self.running[index].as_ref().is_some_and(|validator| validator.parts.is_some())
    }

    /// The newest final block of every running validator.
    pub fn heads(&self) -> Vec<Option<Head>> {
        let head = |validator: &Validator| {
            validator.parts.as_ref().map(|(engine, _)| *engine.heads.borrow())
        };
        self.running.iter().map(|running| running.as_ref().and_then(head)).collect()
    }

    /// A store of its own to which blocks are applied one after another.
    pub fn replica(&mut self) -> BoxFuture<'_, Replica> {
        Box::pin(Replica::new(self.context.child("replica"), &self.genesis))
    }

    /// Starts a validator on whatever its storage holds; `false` if its machine fell meanwhile.
    ///
    /// Boxed, so that the whole stack is compiled once, here, and not in every crate that
    /// simulates.
    pub fn start(&mut self, index: usize) -> BoxFuture<'_, bool> {
        Box::pin(self.start_stack(index, false))
    }

    /// Starts two copies of a validator with the same keys: each talks to the validators of its
    /// side only. A validator may be on both sides.
    pub fn start_twins(
        &mut self,
        index: usize,
        first: &[usize],
        second: &[usize],
    ) -> BoxFuture<'_, bool> {
        let side = |side: &[usize]| side.iter().map(|peer| self.members[*peer].clone()).collect();
        self.wires[index].split(Some([side(first), side(second)]));
        Box::pin(self.start_stack(index, true))
    }

    async fn start_stack(&mut self, index: usize, is_double: bool) -> bool {
        self.starts += 1;
        let raw = wires::raw_channels(&self.oracle, &self.members[index]).await;
        let pools = [self.new_pool(), self.new_pool()];
        let config = self.engine_config(index, prefix(index), &pools[0]);
        let second = is_double
            .then(|| self.engine_config(index, format!("validator-{index}-twin"), &pools[1]));
        let (hardware, twin) = (self.hardware[index].clone(), self.twins[index].clone());
        let wires = self.wires[index].clone();
        let (started, starting) = oneshot::channel();
        let context = self
            .context
            .child("validator")
            .with_attribute("index", index)
            .with_attribute("start", self.starts);
        // Everything that the validator runs is a descendant of this task and falls with it.
        let root = context.spawn(move |context| async move {
            let [channels, twins_channels] = wires::channels(&context, &wires, raw);
            let machine = Machine::new(context.child("stack"), hardware);
            let (engine, running) = launched(start(machine, config, channels).await);
            let mut second_running = None;
            if let Some(config) = second {
                let machine = Machine::new(context.child("twin"), twin);
                second_running = Some(launched(start(machine, config, twins_channels).await));
            } else {
                drop(twins_channels);
            }
            if started.send(engine).is_ok() {
                let _ = running.await;
            }
            drop(second_running);
        });
        self.running[index] = Some(Validator { root, parts: None });
        let Some(engine) = self.await_start(index, starting).await else {
            self.crash(index).await;
            return false;
        };
        let [pool, _] = pools;
        if let Some(validator) = &mut self.running[index] {
            validator.parts = Some((engine, pool));
        }
        true
    }

    fn new_pool(&self) -> Arc<Pool> {
        Arc::new(Pool::new(PoolConfig::of(&self.genesis)))
    }

    fn engine_config(
        &self,
        index: usize,
        prefix: String,
        pool: &Arc<Pool>,
    ) -> EngineConfig<Peers, Control, Sequential> {
        let whole = self.genesis.clone();
        EngineConfig {
            prefix,
            genesis: Arc::new(self.genesis.header()),
            whole_genesis: Arc::new(move || Ok(whole.clone())),
            keys: self.keys[index].clone(),
            pool: pool.clone(),
            state_window: 64,
            peers: self.oracle.manager(),
            blocker: self.oracle.control(self.members[index].clone()),
            strategy: Sequential,
            cache_pages: NZUsize!(1_024),
            timing: Timing::standard(),
            version: "simulated".into(),
            votes_forgotten_ms: self.forgotten_ms[index],
            fetches_state: self.fetching[index],
        }
    }

    async fn await_start(
        &self,
        index: usize,
        mut starting: oneshot::Receiver<Engine>,
    ) -> Option<Engine> {
        loop {
            match starting.try_recv() {
                Ok(engine) => return Some(engine),
                Err(oneshot::error::TryRecvError::Closed) => {
                    assert!(self.is_disk_full(index), "a validator that cannot start panics");
                    return None;
                }
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            if self.has_fallen(index) {
                return None;
            }
            self.context.sleep(Duration::from_millis(1)).await;
        }
    }

    /// Lets a validator keep to no protocol: it sends garbage on every channel.
    pub async fn start_spammer(&mut self, index: usize) {
        self.starts += 1;
        let raw = wires::raw_channels(&self.oracle, &self.members[index]).await;
        let peers = self.members.iter().filter(|peer| **peer != self.members[index]);
        let peers: Vec<_> = peers.cloned().collect();
        let bytes_max = message_bytes_max(&self.genesis) as usize;
        let context = self.context.child("spammer").with_attribute("start", self.starts);
        let root = context.spawn(move |context| spammer::spam(context, raw, peers, bytes_max));
        self.running[index] = Some(Validator { root, parts: None });
    }

    /// Makes a validator keep its blocks to itself.
    pub fn withhold(&self, index: usize, what: Withholding) {
        self.wires[index].withhold(what, &self.members);
    }

    /// Makes messages arrive at a validator twice and late.
    pub fn disturb(&self, index: usize, disorder: Disorder) {
        self.wires[index].disturb(disorder);
    }

    /// Cuts every wire between the two groups.
    pub async fn disconnect(&mut self, left: &[usize], right: &[usize]) {
        for (from, to) in pairs(left, right) {
            let (from, to) = (self.members[from].clone(), self.members[to].clone());
            // A wire that is cut already stays so.
            let _ = self.oracle.remove_link(from, to).await;
        }
    }

    /// Mends every wire between the two groups.
    pub async fn connect(&mut self, left: &[usize], right: &[usize]) {
        let wire = self.wire;
        self.rewire(left, right, wire).await;
    }

    /// Gives the wires between the two groups other properties; mends those that were cut.
    pub async fn rewire(&mut self, left: &[usize], right: &[usize], wire: Wire) {
        let link = Link {
            latency: Duration::from_millis(wire.latency_ms),
            jitter: Duration::from_millis(wire.jitter_ms),
            success_rate: Probability::new(wire.arriving_percent.min(100).into(), 100)
                .expect("at most all messages arrive"),
        };
        for (from, to) in pairs(left, right) {
            let (from, to) = (self.members[from].clone(), self.members[to].clone());
            let _ = self.oracle.remove_link(from.clone(), to.clone()).await;
            let linked = self.oracle.add_link(from, to, link.clone()).await;
            linked.expect("the wire was taken away just above");
        }
    }

    /// How many validators refuse to talk to this one, because it broke the protocol.
    pub async fn blocked_by(&self, index: usize) -> usize {
        let blocked = self.oracle.blocked().await.expect("the simulated network runs");
        blocked.iter().filter(|(_, peer)| *peer == self.members[index]).count()
    }

    /// Everybody talks to this validator again.
    pub async fn forgive(&mut self, index: usize) {
        let blocked = self.oracle.blocked().await.expect("the simulated network runs");
        for (from, to) in blocked.into_iter().filter(|(_, to)| *to == self.members[index]) {
            let lifted = self.oracle.unblock(from, to).await;
            lifted.expect("the simulated network runs");
        }
        let all: Vec<usize> = (0..self.size()).collect();
        self.connect(&[index], &all).await;
    }

    fn parts(&self, index: usize) -> &(Engine, Arc<Pool>) {
        let parts = self.running[index].as_ref().and_then(|validator| validator.parts.as_ref());
        parts.expect("the script uses validators that run")
    }
}

/// Names the stores of a validator.
fn prefix(index: usize) -> String {
    format!("validator-{index}")
}

type Control = simulated::Control<PublicKey, deterministic::Context>;
type Peers = simulated::Manager<PublicKey, deterministic::Context>;

fn launched<T>(started: Result<T, crate::EngineError>) -> T {
    started.unwrap_or_else(|error| panic!("validator: {error}"))
}

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
