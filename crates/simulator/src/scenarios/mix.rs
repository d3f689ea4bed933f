//! All faults, drawn from the seed, several at a time.

use std::collections::BTreeSet;

use qiao_consensus::simulated::{Disorder, Wire, Withholding};

use tracing::info;

use super::{Report, parameters, report};
use crate::network::{Simulation, VALIDATORS};

const ALL: [usize; VALIDATORS] = [0, 1, 2, 3];
/// Faults of one run.
pub const FAULTS: u64 = 16;

/// All of the other scenarios' faults that a network survives, in any order; in the end all are
/// mended, and then everything must become final.
pub fn mix(seed: u64) -> Report {
    mix_of(seed, &(0..FAULTS).collect())
}

/// The same with some of the faults only. What is drawn from the seed is the same.
pub fn mix_of(seed: u64, faults: &BTreeSet<u64>) -> Report {
    let faults = faults.clone();
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 40;
        simulation.reach(1, 30).await;
        for number in 0..faults.last().map_or(0, |last| last + 1) {
            let fault = draw(&mut simulation);
            if faults.contains(&number) {
                info!(at_ms = simulation.cluster.now_ms(), number, ?fault, "disturbed");
                disturb(&mut simulation, fault).await;
            }
            let seconds = 1 + simulation.draw(6);
            simulation.seconds(seconds).await;
            if simulation.draw(3) == 0 {
                mend(&mut simulation).await;
            }
        }
        mend(&mut simulation).await;
        simulation.calm(180).await;
        simulation
    })
}

/// What happens to a validator or its wires.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Crash(usize),
    FallAfter(usize, u64),
    Disconnect(usize, usize),
    Isolate(usize),
    Rewire(usize, Wire),
    Disturb(usize, Disorder),
    SetClock(usize, i64),
    Withhold(usize, usize),
}

fn draw(simulation: &mut Simulation) -> Fault {
    let victim = simulation.draw_validator();
    let other = simulation.draw_validator();
    match simulation.draw(9) {
        0 => Fault::Crash(victim),
        1 | 2 => Fault::FallAfter(victim, simulation.draw(200)),
        3 => Fault::Disconnect(victim, other),
        4 => Fault::Isolate(victim),
        5 => {
            let wire = Wire {
                latency_ms: 1 + simulation.draw(400),
                jitter_ms: simulation.draw(100),
                arriving_percent: 60 + simulation.draw(41) as u8,
            };
            Fault::Rewire(victim, wire)
        }
        6 => {
            let disorder = Disorder {
                twice_percent: simulation.draw(50) as u8,
                late_percent: simulation.draw(50) as u8,
                late_ms_max: 1 + simulation.draw(1_000),
            };
            Fault::Disturb(victim, disorder)
        }
        7 => Fault::SetClock(victim, simulation.draw(40_000) as i64 - 20_000),
        _ => Fault::Withhold(victim, other),
    }
}

async fn disturb(simulation: &mut Simulation, fault: Fault) {
    let cluster = &mut simulation.cluster;
    match fault {
        Fault::Crash(victim) => cluster.crash(victim).await,
        Fault::FallAfter(victim, operations) => cluster.fall_after(victim, operations),
        Fault::Disconnect(victim, other) => cluster.disconnect(&[victim], &[other]).await,
        Fault::Isolate(victim) => {
            let others: Vec<usize> = ALL.into_iter().filter(|index| *index != victim).collect();
            cluster.disconnect(&[victim], &others).await;
        }
        Fault::Rewire(victim, wire) => cluster.rewire(&[victim], &ALL, wire).await,
        Fault::Disturb(victim, disorder) => cluster.disturb(victim, disorder),
        Fault::SetClock(victim, skew_ms) => cluster.set_clock(victim, skew_ms),
        Fault::Withhold(victim, other) => cluster.withhold(victim, Withholding::AllButOne(other)),
    }
}

async fn mend(simulation: &mut Simulation) {
    info!(at_ms = simulation.cluster.now_ms(), heights = ?simulation.heights(), "mended");
    for index in ALL {
        simulation.cluster.set_clock(index, 0);
        simulation.cluster.disturb(index, Disorder::default());
        simulation.cluster.withhold(index, Withholding::Nothing);
        simulation.cluster.forgive(index).await;
    }
    simulation.cluster.connect(&ALL, &ALL).await;
    simulation.bury().await;
    for index in ALL {
        simulation.cluster.fall_after(index, u64::MAX);
        if !simulation.cluster.is_running(index) {
            assert!(simulation.cluster.start(index).await, "a healthy machine fell");
        }
    }
}
