//! Validators that do not keep to the protocol: one of four, so that the others are a quorum.

use qiao_consensus::simulated::Withholding;

use super::{Report, parameters, report};
use crate::network::VALIDATORS;

/// A validator sends garbage, replays and damaged messages on every channel.
pub fn spam(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 30;
        simulation.reach(2, 30).await;
        let liar = simulation.draw_validator();
        simulation.distrust(liar);
        simulation.cluster.crash(liar).await;
        simulation.cluster.start_spammer(liar).await;
        for _ in 0..4 {
            let before = simulation.height();
            simulation.seconds(12).await;
            let blocks = simulation.height() - before;
            assert!(blocks >= 3, "{blocks} blocks in 12 seconds beside a spammer");
            // The block on a peer ends after a while; then it begins again.
            simulation.cluster.forgive(liar).await;
        }
        simulation.calm(120).await;
        simulation
    })
}

/// A validator votes and proposes, but keeps its blocks to itself.
pub fn withhold(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 30;
        simulation.reach(2, 30).await;
        for _ in 0..5 {
            let liar = simulation.draw_validator();
            let peer = (liar + 1 + simulation.draw(3) as usize) % VALIDATORS;
            let what = match simulation.draw(2) {
                0 => Withholding::Everything,
                _ => Withholding::AllButOne(peer),
            };
            simulation.cluster.withhold(liar, what);
            let before = simulation.height();
            simulation.seconds(12).await;
            let blocks = simulation.height() - before;
            assert!(blocks >= 3, "{blocks} blocks in 12 seconds beside a withholder");
            simulation.cluster.withhold(liar, Withholding::Nothing);
            simulation.seconds(2).await;
        }
        simulation.calm(60).await;
        simulation
    })
}

/// Two copies of one validator, with the same keys, speak to the two sides.
pub fn twins(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.load_percent = 40;
        simulation.reach(2, 30).await;
        let liar = simulation.draw_validator();
        simulation.distrust(liar);
        simulation.cluster.crash(liar).await;
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for peer in (0..VALIDATORS).filter(|peer| *peer != liar) {
            let side = simulation.draw(5);
            if side != 1 && side != 3 {
                first.push(peer);
            }
            if side != 0 && side != 2 {
                second.push(peer);
            }
        }
        assert!(simulation.cluster.start_twins(liar, &first, &second).await);
        for _ in 0..5 {
            let before = simulation.height();
            simulation.seconds(12).await;
            let blocks = simulation.height() - before;
            assert!(blocks >= 3, "{blocks} blocks in 12 seconds beside twins");
            simulation.cluster.forgive(liar).await;
        }
        simulation.calm(120).await;
        simulation
    })
}
