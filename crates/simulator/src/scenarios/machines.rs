//! Faults of the validators' machines.

use qiao_consensus::simulated::Conditions;

use super::{Report, parameters, report, report_under};
use crate::network::{Simulation, VALIDATORS};

/// Validators fall in the middle of a write, with torn files, and start again.
pub fn crash(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 40;
        simulation.reach(2, 30).await;
        for _ in 0..8 {
            let victim = simulation.draw_validator();
            fall(&mut simulation, victim).await;
            let before = simulation.height();
            let away = simulation.draw(8);
            simulation.seconds(away).await;
            let after = simulation.height();
            assert!(away < 5 || after > before, "three of four made no progress");
            rise(&mut simulation, victim).await;
            let goal = simulation.height();
            simulation.reach(goal, 60).await;
        }
        simulation.calm(60).await;
        simulation
    })
}

/// A validator falls in the middle of some write or sync of the next seconds.
async fn fall(simulation: &mut Simulation, victim: usize) {
    let operations = simulation.draw(300);
    simulation.cluster.fall_after(victim, operations);
    for _ in 0..20 {
        simulation.seconds(1).await;
        if !simulation.cluster.is_running(victim) {
            return;
        }
    }
    simulation.cluster.crash(victim).await;
}

/// A validator starts again; sometimes it falls once more while it does.
async fn rise(simulation: &mut Simulation, victim: usize) {
    for _ in 0..2 {
        if simulation.draw(3) == 0 {
            let operations = simulation.draw(60);
            simulation.cluster.fall_after(victim, operations);
        }
        if simulation.cluster.start(victim).await {
            simulation.seconds(2).await;
        }
        if simulation.cluster.is_running(victim) {
            break;
        }
    }
    while !simulation.cluster.is_running(victim) {
        // Nothing is announced any more once it has come.
        simulation.cluster.start(victim).await;
        simulation.seconds(1).await;
    }
    simulation.cluster.fall_after(victim, u64::MAX);
}

/// All validators fall at once, again and again; two of four fall for a while.
pub fn blackout(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 50;
        for _ in 0..5 {
            let seconds = 1 + simulation.draw(6);
            simulation.seconds(seconds).await;
            for index in 0..VALIDATORS {
                simulation.cluster.crash(index).await;
            }
            for index in 0..VALIDATORS {
                assert!(simulation.cluster.start(index).await, "a healthy machine fell");
            }
            simulation.progress(2, 60).await;
        }
        let first = simulation.draw_validator();
        let second = (first + 1) % VALIDATORS;
        simulation.cluster.crash(first).await;
        simulation.cluster.crash(second).await;
        simulation.seconds(2).await;
        let before = simulation.height();
        simulation.seconds(10).await;
        assert_eq!(simulation.height(), before, "two of four made progress");
        assert!(simulation.cluster.start(first).await, "a healthy machine fell");
        simulation.progress(3, 60).await;
        assert!(simulation.cluster.start(second).await, "a healthy machine fell");
        simulation.calm(60).await;
        simulation
    })
}

/// Wall clocks are off by seconds, run ahead and jump back.
pub fn clocks(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 20;
        simulation.reach(3, 30).await;
        // Within what a validator tolerates: the chain goes on. While it is idle, it waits for a
        // leader's clock that is ahead.
        for skew_ms in [4_000, -4_000] {
            let wrong = simulation.draw_validator();
            simulation.cluster.set_clock(wrong, skew_ms);
            simulation.load_percent = 0;
            simulation.seconds(5).await;
            let before = simulation.height();
            simulation.seconds(20).await;
            let blocks = simulation.height() - before;
            assert!(blocks >= 3, "a clock off by {skew_ms} ms: {blocks} blocks in 20 seconds");
            simulation.load_percent = 20;
            simulation.cluster.set_clock(wrong, 0);
            simulation.seconds(5).await;
        }
        // Beyond it: the one with the wrong clock is overruled.
        for skew_ms in [15_000, -15_000, 3_600_000] {
            let wrong = simulation.draw_validator();
            simulation.cluster.set_clock(wrong, skew_ms);
            let before = simulation.height();
            simulation.seconds(20).await;
            let blocks = simulation.height() - before;
            assert!(blocks >= 5, "a clock off by {skew_ms} ms: {blocks} blocks in 20 seconds");
            simulation.cluster.set_clock(wrong, 0);
            let goal = simulation.height();
            simulation.reach(goal, 60).await;
        }
        // Two against two: neither half may call a block invalid that the other has agreed to.
        let (first, second) = (simulation.draw_validator(), simulation.draw_validator());
        simulation.cluster.set_clock(first, 15_000);
        simulation.cluster.set_clock(second, 15_000);
        simulation.seconds(20).await;
        simulation.cluster.set_clock(first, 0);
        simulation.cluster.set_clock(second, 0);
        simulation.calm(60).await;
        simulation
    })
}

/// A validator's disk is full: it stops, gets room, and catches up.
pub fn disk(seed: u64) -> Report {
    let conditions = Conditions { may_stop: true, ..Conditions::default() };
    report_under(seed, conditions, parameters(), |mut simulation| async move {
        simulation.load_percent = 40;
        simulation.reach(3, 30).await;
        for _ in 0..3 {
            let victim = simulation.draw_validator();
            let bytes = simulation.draw(200_000);
            simulation.cluster.set_free_disk(victim, Some(bytes));
            for _ in 0..120 {
                simulation.seconds(1).await;
                if !simulation.cluster.is_running(victim) {
                    break;
                }
            }
            assert!(!simulation.cluster.is_running(victim), "it runs on a full disk");
            simulation.cluster.set_free_disk(victim, None);
            simulation.progress(5, 60).await;
            assert!(simulation.cluster.start(victim).await, "it does not start with room again");
            let goal = simulation.height();
            simulation.reach(goal, 60).await;
        }
        simulation.calm(60).await;
        simulation
    })
}
