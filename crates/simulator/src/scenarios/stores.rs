//! Faults of what lies on the validators' disks.

use qiao_consensus::simulated::{Conditions, Damage};
use qiao_types::Parameters;

use super::{Report, parameters, report_under};
use crate::network::{Simulation, VALIDATORS};

/// Stores in which damage is found by reading them; a torn journal of votes looks like one that a
/// power cut tore, and marshal keeps everything twice.
const READ: [&str; 4] = ["-blocks-", "-certificates-", "-receipts-", "-state-"];

/// Bits flip and ends of files vanish on the disk of a validator that stands still. What is found is
/// given up and made again; whatever happens, nothing wrong is ever shown.
pub fn damage(seed: u64) -> Report {
    let conditions = Conditions { may_stop: true, ..Conditions::default() };
    report_under(seed, conditions, parameters(), |mut simulation| async move {
        simulation.load_percent = 50;
        simulation.reach(5, 30).await;
        for _ in 0..4 {
            let seconds = 2 + simulation.draw(6);
            simulation.seconds(seconds).await;
            let victim = simulation.draw_validator();
            simulation.cluster.crash(victim).await;
            for _ in 0..=simulation.draw(3) {
                damage_something(&mut simulation, victim).await;
            }
            let found = simulation.cluster.examine(victim).await;
            // A library that gave up over the damage leaves the operator no choice.
            if found.as_ref().is_none_or(|found| !found.is_sound()) {
                simulation.cluster.give_up(victim, found.as_ref()).await;
            }
            assert!(simulation.cluster.start(victim).await, "a repaired validator does not start");
            let goal = simulation.height();
            simulation.reach(goal, 120).await;
            simulation.progress(2, 60).await;
        }
        simulation.calm(120).await;
        simulation
    })
}

async fn damage_something(simulation: &mut Simulation, victim: usize) {
    let mut partitions = simulation.cluster.partitions(victim);
    partitions.retain(|partition| READ.iter().any(|store| partition.contains(store)));
    let drawn = simulation.draw(partitions.len() as u64) as usize;
    let how = if simulation.draw(2) == 0 { Damage::Flip } else { Damage::Cut };
    let done = simulation.cluster.damage(victim, &partitions[drawn], how).await;
    tracing::info!(victim, partition = partitions[drawn], ?how, done, "damaged");
}

/// Seconds for which a validator that lost its votes must not vote, and after which it must.
const SILENT: (u64, u64) = (25, 60);

/// A validator loses everything on its disk. It fetches all blocks, and votes again only when its old
/// votes cannot matter any more.
pub fn amnesia(seed: u64) -> Report {
    let conditions = Conditions::default();
    report_under(seed, conditions, parameters(), |mut simulation| async move {
        simulation.load_percent = 30;
        simulation.reach(5, 30).await;
        for round in 0..3 {
            let victim = simulation.draw_validator();
            let other = (victim + 1) % VALIDATORS;
            simulation.cluster.crash(victim).await;
            let seconds = simulation.draw(20);
            simulation.seconds(seconds).await;
            simulation.cluster.give_up(victim, None).await;
            let lost_ms = simulation.cluster.now_ms();
            assert!(simulation.cluster.start(victim).await, "a healthy machine fell");
            let goal = simulation.height();
            simulation.reach(goal, 120).await;
            let rest = SILENT.0 - simulation.draw(10);
            let passed = (simulation.cluster.now_ms() - lost_ms) / 1_000;
            simulation.seconds(rest.saturating_sub(passed)).await;
            // A vote that was under way when it fell may still have arrived.
            let voted_ms = simulation.cluster.last_vote_ms(other, victim);
            assert!(voted_ms <= lost_ms, "round {round}: it voted although it forgot its votes");
            // It may fall again meanwhile.
            if simulation.draw(2) == 0 {
                simulation.cluster.crash(victim).await;
                assert!(simulation.cluster.start(victim).await, "a healthy machine fell");
            }
            simulation.seconds(SILENT.1 - rest).await;
            let voted_ms = simulation.cluster.last_vote_ms(other, victim);
            let now_ms = simulation.cluster.now_ms();
            assert!(voted_ms + 5_000 > now_ms, "round {round}: it does not vote again");
        }
        simulation.calm(120).await;
        simulation
    })
}

/// A validator loses everything on its disk and fetches the state instead of all blocks; those come
/// later. It may fall while it does either; then it goes on, on whatever its disk holds.
pub fn fetch(seed: u64) -> Report {
    let conditions = Conditions::default();
    // Some states are fetched across the end of an epoch.
    let parameters = Parameters { heartbeat_ms: 200, epoch_blocks: 20, ..Parameters::default() };
    report_under(seed, conditions, parameters, |mut simulation| async move {
        simulation.load_percent = 60;
        simulation.reach(10, 60).await;
        for round in 0..4 {
            let victim = simulation.draw_validator();
            simulation.cluster.crash(victim).await;
            let seconds = simulation.draw(10);
            simulation.seconds(seconds).await;
            simulation.cluster.give_up(victim, None).await;
            simulation.cluster.fetch_state(victim);
            let behind = simulation.height();
            fall(&mut simulation, victim, 400).await;
            assert!(simulation.cluster.start(victim).await, "a healthy machine fell");
            if let Some(missing) = simulation.cluster.engine(victim).ledger.missing() {
                assert!(
                    *missing.end() + 1 >= behind,
                    "round {round}: it executed old blocks first"
                );
            }
            let goal = simulation.height();
            simulation.reach(goal, 60).await;
            fall(&mut simulation, victim, 4_000).await;
            if !simulation.cluster.is_running(victim) {
                assert!(simulation.cluster.start(victim).await, "a healthy machine fell");
            }
            // Until the votes that it forgot cannot matter any more.
            simulation.seconds(SILENT.1).await;
            while simulation.cluster.engine(victim).ledger.missing().is_some() {
                simulation.seconds(1).await;
            }
            simulation.progress(2, 60).await;
        }
        simulation.calm(120).await;
        simulation
    })
}

/// A validator falls up to twice, each time within so many writes.
async fn fall(simulation: &mut Simulation, victim: usize, operations_max: u64) {
    for _ in 0..simulation.draw(3) {
        let operations = simulation.draw(operations_max);
        simulation.cluster.fall_after(victim, operations);
        if !simulation.cluster.is_running(victim) {
            simulation.cluster.start(victim).await;
        }
        let seconds = 1 + simulation.draw(3);
        simulation.seconds(seconds).await;
        simulation.cluster.crash(victim).await;
    }
}
