//! The modules of finance under load and faults.

use std::sync::Arc;

use alloy_primitives::{TxKind, U256};

use super::{Report, parameters, report};
use crate::{
    network::{Simulation, VALIDATORS},
    trade::{Deal, credits, licenses},
};

/// Clients open accounts, pay, pass debts on and claim assets while validators fall and are cut off.
pub fn trade(seed: u64) -> Report {
    report(seed, parameters(), |mut simulation| async move {
        simulation.reach(1, 30).await;
        prepare(&mut simulation).await;
        simulation.clients.are_traders = true;
        simulation.load_percent = 90;
        for _ in 0..6 {
            simulation.seconds(4).await;
            let victim = simulation.draw_validator();
            let others: Vec<usize> = (0..VALIDATORS).filter(|index| *index != victim).collect();
            match simulation.draw(3) {
                0 => simulation.cluster.crash(victim).await,
                1 => {
                    let operations = simulation.draw(200);
                    simulation.cluster.fall_after(victim, operations);
                }
                _ => simulation.cluster.disconnect(&[victim], &others).await,
            }
            simulation.seconds(4).await;
            simulation.cluster.connect(&[victim], &others).await;
            simulation.bury().await;
            simulation.cluster.fall_after(victim, u64::MAX);
            if !simulation.cluster.is_running(victim) {
                assert!(simulation.cluster.start(victim).await, "a healthy machine fell");
            }
        }
        simulation.calm(120).await;
        let deals = simulation.reference.book.counts();
        assert!(deals.iter().all(|count| *count > 0), "nothing was traded: {deals:?}");
        simulation
    })
}

/// The regulator allows everything, and the banks trust each other a little.
async fn prepare(simulation: &mut Simulation) {
    for license in licenses() {
        send(simulation, 0, license).await;
    }
    for client in 0..simulation.clients.count() {
        for credit in credits(client as u64 + 1) {
            send(simulation, client, credit).await;
        }
    }
    simulation.calm(60).await;
}

async fn send(simulation: &mut Simulation, client: usize, deal: Deal) {
    let to = TxKind::Call(deal.to);
    let transaction = simulation.clients.sign(client, to, U256::ZERO, deal.input);
    simulation.submit(&Arc::clone(&transaction), client).await;
}
