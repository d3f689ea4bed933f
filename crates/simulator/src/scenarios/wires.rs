//! Faults of the network.

use qiao_consensus::simulated::{Disorder, Wire};

use super::{Report, parameters, report};
use crate::network::{Simulation, VALIDATORS};

const ALL: [usize; VALIDATORS] = [0, 1, 2, 3];

/// The network is cut in two in different ways and mended.
pub fn partition(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 20;
        simulation.reach(3, 30).await;
        // One of four is cut off: the others go on.
        let alone = simulation.draw_validator();
        let others: Vec<usize> = ALL.into_iter().filter(|index| *index != alone).collect();
        simulation.cluster.disconnect(&[alone], &others).await;
        let before = simulation.height();
        simulation.seconds(20).await;
        let after = simulation.height();
        assert!(after > before + 3, "three of four made no progress: {before} to {after}");
        simulation.cluster.connect(&[alone], &others).await;
        simulation.reach(after, 60).await;
        halves(&mut simulation).await;
        // Wires fail one by one, in one direction of the circle.
        for _ in 0..6 {
            let (from, to) = (simulation.draw_validator(), simulation.draw_validator());
            simulation.cluster.disconnect(&[from], &[to]).await;
            simulation.seconds(3).await;
            simulation.cluster.connect(&ALL, &ALL).await;
        }
        simulation.calm(120).await;
        simulation
    })
}

/// Two and two: nobody may go on.
async fn halves(simulation: &mut Simulation) {
    let left = [0, 1 + simulation.draw(3) as usize];
    let right: Vec<usize> = ALL.into_iter().filter(|index| !left.contains(index)).collect();
    simulation.cluster.disconnect(&left, &right).await;
    simulation.seconds(2).await;
    let stopped = simulation.heights();
    simulation.seconds(15).await;
    assert_eq!(simulation.heights(), stopped, "half of the validators made progress");
    simulation.cluster.connect(&left, &right).await;
    simulation.progress(5, 60).await;
}

/// Messages are lost, arrive twice, and overtake each other.
pub fn loss(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 30;
        for _ in 0..3 {
            let arriving_percent = 75 + simulation.draw(21) as u8;
            let wire = Wire { latency_ms: 10, jitter_ms: 8, arriving_percent };
            simulation.cluster.rewire(&ALL, &ALL, wire).await;
            for index in ALL {
                let disorder = Disorder {
                    twice_percent: simulation.draw(30) as u8,
                    late_percent: simulation.draw(30) as u8,
                    late_ms_max: 1 + simulation.draw(300),
                };
                simulation.cluster.disturb(index, disorder);
            }
            let before = simulation.height();
            simulation.seconds(20).await;
            let after = simulation.height();
            assert!(after > before, "no block in twenty seconds at {arriving_percent} %");
        }
        simulation.cluster.connect(&ALL, &ALL).await;
        for index in ALL {
            simulation.cluster.disturb(index, Disorder::default());
        }
        simulation.calm(120).await;
        simulation
    })
}

/// Some wires take half a second, others change their delay all the time.
pub fn slow(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 30;
        let slow = simulation.draw_validator();
        let far = Wire { latency_ms: 500, jitter_ms: 50, arriving_percent: 100 };
        simulation.cluster.rewire(&[slow], &ALL, far).await;
        simulation.progress(10, 120).await;
        for _ in 0..10 {
            let (from, to) = (simulation.draw_validator(), simulation.draw_validator());
            let wire = Wire {
                latency_ms: 1 + simulation.draw(300),
                jitter_ms: simulation.draw(100),
                arriving_percent: 100,
            };
            simulation.cluster.rewire(&[from], &[to], wire).await;
            simulation.seconds(3).await;
        }
        simulation.progress(5, 60).await;
        simulation.cluster.connect(&ALL, &ALL).await;
        simulation.calm(60).await;
        simulation
    })
}
