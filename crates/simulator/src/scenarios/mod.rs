//! The scenarios, named for what they do.

use std::time::Duration;

use qiao_types::{B256, Parameters};
use serde::Serialize;

use crate::network::{Simulation, VALIDATORS, run};

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
        name: "partition",
        about: "one validator is cut off and returns; then the network is split in half and mended",
        run: partition,
    },
    Scenario {
        name: "crash",
        about: "validators are killed one after another and restarted on their storage",
        run: crash,
    },
    Scenario {
        name: "epochs",
        about: "the chain crosses epoch boundaries while a validator is away",
        run: epochs,
    },
];

fn parameters() -> Parameters {
    Parameters { heartbeat_ms: 500, epoch_blocks: 1_000, ..Parameters::default() }
}

fn steady(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        let mut sent = Vec::new();
        for _ in 0..5 {
            for validator in 0..VALIDATORS {
                sent.push(simulation.send(validator).await);
            }
            simulation.pass(Duration::from_millis(300)).await;
        }
        simulation.pass(Duration::from_secs(3)).await;
        for hash in sent {
            assert!(simulation.is_final(0, hash).await, "transaction {hash} was lost");
        }
        simulation
    })
}

fn partition(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.reach(3).await;
        // One of four is cut off: the others go on.
        simulation.cluster.disconnect(&[3], &[0, 1, 2]).await;
        let before = simulation.heights()[0].unwrap_or(0);
        simulation.pass(Duration::from_secs(20)).await;
        let after = simulation.heights()[0].unwrap_or(0);
        assert!(after > before + 3, "three of four made no progress: {before} to {after}");
        simulation.cluster.connect(&[3], &[0, 1, 2]).await;
        simulation.reach(after).await;
        // Two and two: nobody may go on.
        simulation.cluster.disconnect(&[0, 1], &[2, 3]).await;
        simulation.pass(Duration::from_secs(2)).await;
        let stopped = simulation.heights();
        simulation.pass(Duration::from_secs(15)).await;
        assert_eq!(simulation.heights(), stopped, "half of the validators made progress");
        simulation.cluster.connect(&[0, 1], &[2, 3]).await;
        let goal = stopped.into_iter().flatten().max().unwrap_or(0) + 5;
        simulation.reach(goal).await;
        simulation
    })
}

fn crash(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.reach(2).await;
        for victim in 0..VALIDATORS {
            let through = (victim + 1) % VALIDATORS;
            let sent = simulation.send(through).await;
            simulation.cluster.crash(victim);
            simulation.pass(Duration::from_secs(10)).await;
            assert!(simulation.is_final(through, sent).await, "a crash held up {sent}");
            simulation.cluster.start(victim).await;
            let goal = simulation.heights()[through].unwrap_or(0);
            simulation.reach(goal).await;
            assert!(simulation.is_final(victim, sent).await, "validator {victim} misses {sent}");
        }
        simulation
    })
}

fn epochs(seed: u64) -> Report {
    let parameters = Parameters { heartbeat_ms: 200, epoch_blocks: 10, ..Parameters::default() };
    report(seed, parameters, |mut simulation| async move {
        simulation.reach(12).await;
        simulation.cluster.crash(2);
        let before = simulation.heights()[0].unwrap_or(0);
        while simulation.heights()[0].unwrap_or(0) < before + 15 {
            simulation.pass(Duration::from_secs(1)).await;
        }
        simulation.cluster.start(2).await;
        let goal = simulation.heights()[0].unwrap_or(0);
        simulation.reach(goal + 5).await;
        simulation
    })
}

fn report<F>(seed: u64, parameters: Parameters, script: impl FnOnce(Simulation) -> F) -> Report
where
    F: Future<Output = Simulation>,
{
    let outcome = run(seed, parameters, |simulation| async move {
        let simulation = script(simulation).await;
        simulation.check_nothing_lost().await;
        let heads = simulation.cluster.heads();
        heads.into_iter().flatten().min_by_key(|head| head.number).expect("somebody runs")
    });
    Report {
        seed,
        height: outcome.value.number,
        hash: outcome.value.hash,
        state_root: outcome.value.state_root,
        fingerprint: outcome.fingerprint,
    }
}
