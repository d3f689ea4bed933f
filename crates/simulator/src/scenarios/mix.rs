//! All faults, drawn from the seed, several at a time.

use qiao_consensus::simulated::{Disorder, Wire, Withholding};

use tracing::info;

use super::{Report, parameters, report};
use crate::network::{Simulation, VALIDATORS};

const ALL: [usize; VALIDATORS] = [0, 1, 2, 3];
const ROUNDS: u64 = 16;

/// All of the other scenarios' faults that a network survives, in any order; in the end all are
/// mended, and then everything must become final.
pub fn mix(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 40;
        simulation.reach(1, 30).await;
        for _ in 0..ROUNDS {
            disturb(&mut simulation).await;
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

async fn disturb(simulation: &mut Simulation) {
    let victim = simulation.draw_validator();
    let other = simulation.draw_validator();
    let fault = simulation.draw(9);
    info!(at_ms = simulation.cluster.now_ms(), fault, victim, other, "disturbed");
    match fault {
        0 => simulation.cluster.crash(victim).await,
        1 | 2 => {
            let operations = simulation.draw(200);
            simulation.cluster.fall_after(victim, operations);
        }
        3 => simulation.cluster.disconnect(&[victim], &[other]).await,
        4 => {
            let others: Vec<usize> = ALL.into_iter().filter(|index| *index != victim).collect();
            simulation.cluster.disconnect(&[victim], &others).await;
        }
        5 => {
            let wire = Wire {
                latency_ms: 1 + simulation.draw(400),
                jitter_ms: simulation.draw(100),
                arriving_percent: 60 + simulation.draw(41) as u8,
            };
            simulation.cluster.rewire(&[victim], &ALL, wire).await;
        }
        6 => {
            let disorder = Disorder {
                twice_percent: simulation.draw(50) as u8,
                late_percent: simulation.draw(50) as u8,
                late_ms_max: 1 + simulation.draw(1_000),
            };
            simulation.cluster.disturb(victim, disorder);
        }
        7 => {
            let skew_ms = simulation.draw(40_000) as i64 - 20_000;
            simulation.cluster.set_clock(victim, skew_ms);
        }
        _ => simulation.cluster.withhold(victim, Withholding::AllButOne(other)),
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
