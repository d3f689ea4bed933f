//! The scenarios, named for what they do.

mod committees;
mod liars;
mod machines;
mod mix;
mod stores;
mod trade;
mod wires;

use std::time::Duration;

pub use self::mix::{FAULTS, mix_of};

use qiao_consensus::simulated::Conditions;
use qiao_types::{B256, Parameters};
use serde::Serialize;

use crate::network::{Setting, Simulation, run};

/// A scenario that can be run under any seed.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// Runs it; panics if something that must hold does not.
    pub run: fn(u64) -> Report,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// The newest final height.
    pub height: u64,
    /// Its block.
    pub hash: B256,
    /// The state after it.
    pub state_root: B256,
    /// Transactions that became final.
    pub transactions: usize,
    /// Events that were captured.
    pub events: u64,
    /// Accounts of money, parts of vouchers and claims on assets.
    pub deals: [u64; 3],
    /// How much virtual time passed.
    pub simulated_ms: u64,
    /// Two runs with the same fingerprint were the same run.
    pub fingerprint: String,
}

/// All scenarios.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "steady",
        about: "clients of four validators send transactions; all become final everywhere",
        run: steady,
    },
    Scenario {
        name: "epochs",
        about: "the chain crosses epoch boundaries while a validator is away",
        run: epochs,
    },
    Scenario {
        name: "four",
        about: "four validators of which one falls under load and comes back",
        run: |seed| committees::as_many_fall_as_may(seed, 4),
    },
    Scenario {
        name: "seven",
        about: "seven validators of which two fall under load and come back",
        run: |seed| committees::as_many_fall_as_may(seed, 7),
    },
    Scenario {
        name: "thirteen",
        about: "thirteen validators of which four fall under load and come back",
        run: |seed| committees::as_many_fall_as_may(seed, 13),
    },
    Scenario {
        name: "partition",
        about: "the network is cut in two in different ways and mended; without a quorum it waits",
        run: wires::partition,
    },
    Scenario {
        name: "loss",
        about: "messages are lost, arrive twice, and overtake each other",
        run: wires::loss,
    },
    Scenario {
        name: "slow",
        about: "some wires take half a second, others change their delay all the time",
        run: wires::slow,
    },
    Scenario {
        name: "crash",
        about: "validators fall in the middle of a write, with torn files, and start again",
        run: machines::crash,
    },
    Scenario {
        name: "blackout",
        about: "all validators fall at once, again and again; two of four fall for a while",
        run: machines::blackout,
    },
    Scenario {
        name: "clocks",
        about: "wall clocks are off by seconds, run ahead and jump back",
        run: machines::clocks,
    },
    Scenario {
        name: "disk",
        about: "a validator's disk is full: it stops, gets room, and catches up",
        run: machines::disk,
    },
    Scenario {
        name: "damage",
        about: "bits flip and ends of files vanish; the operator has it found and made again",
        run: stores::damage,
    },
    Scenario {
        name: "amnesia",
        about: "a validator loses all its data: it listens, fetches everything, and votes again",
        run: stores::amnesia,
    },
    Scenario {
        name: "fetch",
        about: "a validator without data fetches the state of the others, falling on the way",
        run: stores::fetch,
    },
    Scenario {
        name: "spam",
        about: "a validator sends garbage, replays and damaged messages on every channel",
        run: liars::spam,
    },
    Scenario {
        name: "withhold",
        about: "a validator votes and proposes, but keeps its blocks to itself",
        run: liars::withhold,
    },
    Scenario {
        name: "twins",
        about: "two copies of one validator, with the same keys, speak to the two sides",
        run: liars::twins,
    },
    Scenario {
        name: "trade",
        about: "clients open accounts, pay, pass debts on and claim assets while validators fall",
        run: trade::trade,
    },
    Scenario {
        name: "mix",
        about: "all of these, drawn from the seed, several at a time",
        run: mix::mix,
    },
];

/// A lively chain within one epoch.
pub fn parameters() -> Parameters {
    Parameters { heartbeat_ms: 500, epoch_blocks: 1_000, ..Parameters::default() }
}

fn steady(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        for _ in 0..5 {
            for validator in 0..simulation.cluster.size() {
                simulation.send(validator, validator).await;
            }
            simulation.pass(Duration::from_millis(300)).await;
        }
        simulation.calm(20).await;
        simulation
    })
}

fn epochs(seed: u64) -> Report {
    let parameters = Parameters { heartbeat_ms: 200, epoch_blocks: 10, ..Parameters::default() };
    report(seed, parameters, |mut simulation| async move {
        simulation.load_percent = 30;
        simulation.reach(12, 60).await;
        let away = simulation.draw_validator();
        simulation.cluster.crash(away).await;
        simulation.progress(15, 120).await;
        simulation.cluster.start(away).await;
        simulation.progress(5, 120).await;
        simulation.calm(60).await;
        simulation
    })
}

fn report<F>(seed: u64, parameters: Parameters, script: impl FnOnce(Simulation) -> F) -> Report
where
    F: Future<Output = Simulation>,
{
    report_of(seed, Setting::usual(parameters), script)
}

fn report_under<F>(
    seed: u64,
    conditions: Conditions,
    parameters: Parameters,
    script: impl FnOnce(Simulation) -> F,
) -> Report
where
    F: Future<Output = Simulation>,
{
    report_of(seed, Setting { conditions, ..Setting::usual(parameters) }, script)
}

fn report_of<F>(seed: u64, setting: Setting, script: impl FnOnce(Simulation) -> F) -> Report
where
    F: Future<Output = Simulation>,
{
    let outcome = run(seed, setting, |simulation| async move {
        let simulation = script(simulation).await;
        simulation.check_nothing_lost().await;
        let reference = &simulation.reference;
        reference.check_book().await;
        let counts = (reference.transactions(), reference.events(), reference.book.counts());
        (reference.head(), counts)
    });
    let (head, (transactions, events, deals)) = outcome.value;
    Report {
        seed,
        height: head.number,
        hash: head.hash,
        state_root: head.state_root,
        transactions,
        events,
        deals,
        simulated_ms: u64::try_from(outcome.elapsed.as_millis()).unwrap_or(u64::MAX),
        fingerprint: outcome.fingerprint,
    }
}
